#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""RFC 8628: the device authorization endpoint and the grant that goes with it.

Native Cognito has neither. These stand for a broker in front of it that passes on the pool's
own tokens, issuer and keys; its token endpoint knows the other grants as well.
"""
import secrets

import oauth
import parameters
import response
import scopes
from client_auth import authenticate
from device_codes import DeviceCode
from errors import OAuthError

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 8628 6.1: no vowels, so no words.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"


def new_user_code():
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return letters[:4] + "-" + letters[4:]


def check_client(client):
    if "code" not in client.oauth_flows:
        raise OAuthError("unauthorized_client")


def authorization(state, request):
    try:
        fields = parameters.form(request)
        client = authenticate(state, request, fields)
        check_client(client)
        entry = state.device_codes.add(DeviceCode(
            state, client, scopes.granted(client, fields.get("scope")),
            secrets.token_urlsafe(32), new_user_code()))
    except OAuthError as error:
        return response.oauth_error(error)
    page = state.domain + "/device"
    answer = {"device_code": entry.device_code, "user_code": entry.user_code,
              "verification_uri": page, "expires_in": state.pool.device_code_validity}
    if state.pool.device_complete:
        answer["verification_uri_complete"] = f"{page}?user_code={entry.user_code}"
    if state.pool.device_interval is not None:
        answer["interval"] = entry.interval
    return response.oauth(answer)


def device_grant(state, client, fields):
    check_client(client)
    entry = state.device_codes.find(parameters.needed(fields, "device_code"))
    if entry is None or entry.client is not client or entry.status == "used":
        raise OAuthError("invalid_grant")
    now = state.clock.now()
    if now > entry.expires:
        raise OAuthError("expired_token")
    # Only a code that nobody has answered can be polled too often.
    if entry.status == "pending":
        entry.check_pace(now)
        raise OAuthError("authorization_pending")
    if entry.status == "denied":
        raise OAuthError("access_denied")
    entry.status = "used"
    return oauth.first_tokens(state, entry.login)


GRANTS = {**oauth.GRANTS, GRANT: device_grant}


def token(state, request):
    return oauth.exchange(state, request, GRANTS)
