#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The cognito-idp operations beside the sign-in: tokens, the account, its password, TOTP."""
import base64

import challenge
import proof
import srp
import totp
from errors import (ApiError, OAuthError, code_mismatch, invalid_parameter, missing_parameter,
                    not_authorized, user_not_found)


def member(request, name):
    value = request.get(name)
    if not isinstance(value, str) or value == "":
        raise missing_parameter(name)
    return value


def check_secret(client, request):
    """These operations take the secret itself, not a hash."""
    if client.secret is not None and request.get("ClientSecret") is None:
        raise not_authorized(f"Client {client.id} is configured for secret but secret was not "
                             "received")
    if request.get("ClientSecret") not in (None, client.secret):
        raise not_authorized(f"Unable to verify secret for client {client.id}")


def get_tokens_from_refresh_token(state, request):
    client = proof.find_client(state, request)
    check_secret(client, request)
    grant = state.refresh_tokens.find_for_device(member(request, "RefreshToken"), client,
                                                 request.get("DeviceKey"))
    answer = challenge.token_result(state, grant.login, state.refresh_tokens.rotate(grant))
    return {"AuthenticationResult": answer["AuthenticationResult"]}


def revoke_token(state, request):
    client = proof.find_client(state, request)
    check_secret(client, request)
    token = member(request, "Token")
    if token.count(".") == 2:
        raise ApiError("UnsupportedTokenTypeException", "Unsupported token type")
    grant = state.refresh_tokens.grants.get(token)
    if grant is not None and grant.login.client is not client:
        raise ApiError("UnauthorizedException", "Token was issued to another client")
    state.refresh_tokens.revoke(token)
    return {}


def bearer(state, token):
    """The claims of a live access token."""
    claims = state.minter.read_access(token)
    if claims is None:
        raise not_authorized("Invalid Access Token")
    if state.clock.now() > claims["exp"]:
        raise not_authorized("Access Token has expired")
    if claims["origin_jti"] in state.refresh_tokens.revoked:
        raise not_authorized("Access Token has been revoked")
    return claims


def token_user(state, request):
    claims = bearer(state, member(request, "AccessToken"))
    if "aws.cognito.signin.user.admin" not in claims["scope"].split():
        raise not_authorized("Access Token does not have required scopes")
    user = state.pool.find(claims["username"])
    if user is None:
        raise user_not_found()
    if not user.enabled:
        raise not_authorized("User is disabled.")
    return user


def device_login(state, request):
    """The sign-in whose device this request, by its access token, is about."""
    token_user(state, request)
    claims = bearer(state, request["AccessToken"])
    login = state.refresh_tokens.login_of(claims["origin_jti"])
    if member(request, "DeviceKey") != login.device_key:
        raise ApiError("ResourceNotFoundException", "Device does not exist.")
    return login


def java_number(text, least, most):
    """A number as Java writes it in base64: so many bytes, none of them spare, not negative."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raw = b""
    if not least <= len(raw) <= most or raw[0] & 0x80 or (raw[0] == 0 and raw[1] < 0x80):
        raise invalid_parameter("Invalid device secret verifier")
    return int.from_bytes(raw, "big")


def confirm_device(state, request):
    """The verifier is that of a password nobody tells: all that can be said is its form."""
    login = device_login(state, request)
    if login.device is not None:
        raise ApiError("DeviceKeyExistsException", "Device already exists")
    config = request.get("DeviceSecretVerifierConfig") or {}
    verifier = java_number(config.get("PasswordVerifier"), 300, 385)
    if not 1 < verifier < srp.N:
        raise invalid_parameter("Invalid device secret verifier")
    login.device = {"key": login.device_key, "username": login.user.username,
                    "name": request.get("DeviceName", ""), "verifier": verifier,
                    "salt": java_number(config.get("Salt"), 16, 17)}
    return {"UserConfirmationNecessary": False}


def forget_device(state, request):
    """None: an answer without a body."""
    login = device_login(state, request)
    if login.device is None:
        raise ApiError("ResourceNotFoundException", "Device does not exist.")
    login.device = None


def get_user(state, request):
    user = token_user(state, request)
    attributes = {"sub": user.sub, **challenge.attribute_strings(user)}
    answer = {"Username": user.username,
              "UserAttributes": [{"Name": n, "Value": v} for n, v in attributes.items()]}
    if user.factors():
        answer["UserMFASettingList"] = user.factors()
        answer["PreferredMfaSetting"] = user.preferred_mfa or user.factors()[0]
    return answer


def global_sign_out(state, request):
    state.refresh_tokens.revoke_user(token_user(state, request))
    return {}


def change_password(state, request):
    user = token_user(state, request)
    previous = member(request, "PreviousPassword")
    proof.check_password(state, user, lambda: state.pool.password_is(user, previous))
    password = member(request, "ProposedPassword")
    state.pool.check_new_password(user, password)
    user.set_password(password)
    return {}


def forgot_password(state, request):
    """Strangers get an answer of the same form and no letter."""
    client = proof.find_client(state, request)
    name = member(request, "Username")
    proof.check_secret_hash(client, request.get("SecretHash"), name)
    user = state.pool.find_or_stranger(name)
    if not user.exists and not state.pool.prevent_user_existence_errors:
        raise user_not_found()
    medium, destination = challenge.delivery(user, "EMAIL_OTP")
    if user.exists:
        if not user.enabled:
            raise not_authorized("User is disabled.")
        if not user.attributes.get("email_verified"):
            raise invalid_parameter("Cannot reset password for the user as there is no "
                                    "registered/verified email or phone_number")
        code = state.new_code(6)
        state.reset_codes[user.sub] = (code, state.clock.now() + state.pool.code_validity)
        state.outbox.send(medium, user, destination, "FORGOT_PASSWORD", code)
    return {"CodeDeliveryDetails": {"Destination": challenge.mask(destination),
                                    "DeliveryMedium": medium, "AttributeName": "email"}}


def confirm_forgot_password(state, request):
    client = proof.find_client(state, request)
    name = member(request, "Username")
    proof.check_secret_hash(client, request.get("SecretHash"), name)
    user = state.pool.find_or_stranger(name)
    code, expires = state.reset_codes.get(user.sub, (None, 0))
    given, password = member(request, "ConfirmationCode"), member(request, "Password")
    if code is None or state.clock.now() > expires:
        raise ApiError("ExpiredCodeException",
                       "Invalid code provided, please request a code again.")
    if given != code:
        raise code_mismatch("Invalid verification code provided, please try again.")
    state.pool.check_new_password(user, password)
    user.set({"password": password, "status": "CONFIRMED"})
    del state.reset_codes[user.sub]
    return {}


def setup_session(state, request):
    """The MFA_SETUP session of a sign-in, whichever client it belongs to."""
    text = member(request, "Session")
    found = state.sessions.open.get(text)
    client = found.login.client if found else None
    return state.sessions.find(text, client, "MFA_SETUP")


def associate_software_token(state, request):
    """With a Session during sign-in, or with an access token afterwards."""
    secret = totp.new_secret()
    if "AccessToken" in request:
        token_user(state, request).pending_totp = secret
        return {"SecretCode": secret}
    session = setup_session(state, request)
    session.used = True
    text = state.sessions.start(session.login, "MFA_SETUP", secret=secret, verified=False)
    return {"SecretCode": secret, "Session": text}


def verify_software_token(state, request):
    code = member(request, "UserCode")
    if "AccessToken" in request:
        user = token_user(state, request)
        check_setup_code(state, user, user.pending_totp, code)
        user.totp = user.pending_totp
        return {"Status": "SUCCESS"}
    session = setup_session(state, request)
    check_setup_code(state, session.login.user, session.facts["secret"], code)
    session.used = True
    text = state.sessions.start(session.login, "MFA_SETUP", secret=session.facts["secret"],
                                verified=True)
    return {"Status": "SUCCESS", "Session": text}


def check_setup_code(state, user, secret, code):
    if secret is None:
        raise ApiError("SoftwareTokenMFANotFoundException", "Software token was not associated")
    step = totp.matching_step(secret, code, state.clock.now())
    if step is None:
        raise ApiError("EnableSoftwareTokenMFAException", "Code mismatch")
    user.used_codes.add((secret, step))


def user_info(state, token):
    """/oauth2/userInfo: booleans are strings here, groups are absent."""
    try:
        claims = bearer(state, token)
    except ApiError as error:
        raise OAuthError("invalid_token", status=401) from error
    user = state.pool.find(claims["username"])
    if user is None or not user.enabled or "openid" not in claims["scope"].split():
        raise OAuthError("invalid_token", status=401)
    return {"sub": user.sub, **challenge.attribute_strings(user), "username": user.username}
