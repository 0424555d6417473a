#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The endpoints of the user pool domain below /oauth2/, and the documents an issuer serves.

Native Cognito knows no password grant. A client with "ropc" makes the token endpoint stand
for a broker in front of Cognito that does.
"""
import account_api
import proof
import response
from client_auth import authenticate
from errors import ApiError, OAuthError, not_authorized
from login import Login
from parameters import form, needed

def tokens_for(state, login):
    id_token, access_token = state.minter.pair(state.pool, login, state.clock.now())
    answer = {"access_token": access_token, "expires_in": state.pool.access_validity,
              "token_type": "Bearer"}
    # Tokens of the API were granted without scopes and always come with an ID token.
    if login.source == "api" or "openid" in login.scope.split():
        answer = {"id_token": id_token, **answer}
    return answer


def refresh_grant(state, client, fields):
    try:
        grant = state.refresh_tokens.find(needed(fields, "refresh_token"), client)
    except ApiError as error:
        raise OAuthError("invalid_grant") from error
    fresh = state.refresh_tokens.rotate(grant)
    answer = tokens_for(state, grant.login)
    if fresh:
        answer["refresh_token"] = fresh
    return answer


def first_tokens(state, login):
    """The tokens of a sign-in, as opposed to those of a refresh."""
    try:
        state.refresh_tokens.check_user(login.user)
    except ApiError as error:
        raise OAuthError("invalid_grant") from error
    answer = {**tokens_for(state, login), "refresh_token": state.refresh_tokens.issue(login)}
    # The nonce belongs to this answer; refreshed tokens have none.
    login.nonce = None
    return answer


def code_grant(state, client, fields):
    if "code" not in client.oauth_flows:
        raise OAuthError("unauthorized_client")
    login = state.codes.redeem(needed(fields, "code"), client, needed(fields, "redirect_uri"),
                               fields.get("code_verifier"))
    return first_tokens(state, login)


def password_grant(state, client, fields):
    if not client.ropc:
        raise OAuthError("unsupported_grant_type")
    name, password = needed(fields, "username"), needed(fields, "password")
    user = state.pool.find_or_stranger(name)
    try:
        proof.check_password(state, user, lambda: state.pool.password_is(user, password))
        if user.status == "FORCE_CHANGE_PASSWORD":
            raise not_authorized("Account is not fully set up")
    except ApiError as error:
        raise OAuthError("invalid_grant", error.message) from error
    login = Login(user, client, state.clock.now(), "oauth", fields.get("scope", "openid"))
    login.factors.append("pwd")
    return first_tokens(state, login)


GRANTS = {"refresh_token": refresh_grant, "authorization_code": code_grant,
          "password": password_grant}


def exchange(state, request, grants):
    """A token endpoint that knows these grants."""
    try:
        fields = form(request)
        grant = needed(fields, "grant_type")
        client = authenticate(state, request, fields)
        if grant not in grants:
            raise OAuthError("unsupported_grant_type")
        return response.oauth(grants[grant](state, client, fields))
    except OAuthError as error:
        return response.oauth_error(error)


def token(state, request):
    return exchange(state, request, GRANTS)


def revoke(state, request):
    """Unknown and dead tokens are as well revoked as live ones: 200 and no body."""
    try:
        fields = form(request)
        client = authenticate(state, request, fields)
        token_text = needed(fields, "token")
        if token_text.count(".") == 2:
            raise OAuthError("unsupported_token_type")
        grant = state.refresh_tokens.grants.get(token_text)
        if grant is not None and grant.login.client is client:
            state.refresh_tokens.revoke(token_text)
    except OAuthError as error:
        if error.error == "invalid_client":
            error.status = 401
        return response.oauth_error(error)
    return response.cross_origin(response.domain(200))


def user_info(state, request):
    """Refusals have no body; the header has no scheme word, as on the real service."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        return challenge_header(400, "invalid_request",
                                "Bad OAuth2 request at UserInfo Endpoint")
    try:
        return response.oauth(account_api.user_info(state, text))
    except OAuthError:
        return challenge_header(401, "invalid_token", "Access token is expired, disabled, or "
                                "deleted, or the user has globally signed out.")


def challenge_header(status, error, description):
    answer = response.cross_origin(response.domain(status))
    answer.set_header("WWW-Authenticate",
                      f'error="{error}", error_description="{description}"')
    return answer


def jwks(state, _request):
    return response.document(state.keys.jwks())


def discovery(state, _request):
    issuer, domain = state.pool.issuer, state.domain
    return response.document({
        "authorization_endpoint": domain + "/oauth2/authorize",
        "end_session_endpoint": domain + "/logout",
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": f"{state.pool.base}/{state.pool.id}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": domain + "/oauth2/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": domain + "/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": domain + "/oauth2/userInfo"})
