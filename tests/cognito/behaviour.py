#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Faults on demand: three tables, one row per fault. A new fault is a new row.

INSTEAD  answers in place of the endpoint            row: function() -> Response
TWISTS   falsify tokens while they are minted        row: function(use, header, claims, key)
CHANGES  alter the good answer or how it is sent     row: function(response) -> Response
"""
import base64
import json
import random

import response
from errors import ApiError, OAuthError
from tokens import base64url, encode

HTML_TYPE = "text/html; charset=UTF-8"
HUGE = 1024 * 1024
DAY = 86400


def page(status):
    body = f"<html><head><title>{status}</title></head><body>{status}</body></html>".encode()
    return response.Response(status, body, [("Content-Type", HTML_TYPE)])


def redirect():
    return response.Response(302, b"", [("Location", "/_redirected")])


def api_error(kind, message, status=400):
    return lambda: response.api_error(ApiError(kind, message, status))


def oauth_error(name, description=None):
    return lambda: response.oauth_error(OAuthError(name, description))


def bare(status):
    """How the AWS sample refuses."""
    return lambda: response.Response(status, b"", [("Content-Type", "application/json"),
                                                   ("Cache-Control", "no-store")])


def foreign(status, body, content_type="application/x-amz-json-1.1", *headers):
    """An answer whose letters are not UTF-8."""
    return lambda: response.Response(status, body, [("Content-Type", content_type), *headers])


def dropped():
    """The connection ends before anything was done."""
    answer = page(503)
    answer.delivery = "close"
    return answer


INSTEAD = {
    "dropped": dropped,
    "status-500": lambda: page(500),
    "status-502": lambda: page(502),
    "status-503": lambda: page(503),
    "status-429": lambda: page(429),
    "status-403": lambda: page(403),
    "status-404": lambda: page(404),
    "bare-401": bare(401),
    "bare-405": bare(405),
    "bare-500": bare(500),
    "redirect": redirect,
    "no-token": lambda: response.api({"AuthenticationResult": {}}),
    "empty-object": lambda: response.api({}),
    "access-denied": lambda: response.domain(400, b'{"error":"access_denied"}', response.OAUTH_TYPE),
    "unknown-challenge": lambda: response.api({
        "ChallengeName": "SOMETHING_NEW", "Session": "AYABe" + "x" * 1538,
        "ChallengeParameters": {}}),
    "challenge-null": lambda: response.api({
        "ChallengeName": None, "AuthenticationResult": {"IdToken": "a.b.c", "AccessToken": "a.b.c"}}),
    "web-authn": lambda: response.api({
        "ChallengeName": "WEB_AUTHN", "Session": "AYABe" + "x" * 1538,
        "ChallengeParameters": {"CREDENTIAL_REQUEST_OPTIONS": "{}"}}),
    "device-srp": lambda: response.api({
        "ChallengeName": "DEVICE_SRP_AUTH", "Session": "AYABe" + "x" * 1538,
        "ChallengeParameters": {}}),
    "throttle": api_error("TooManyRequestsException", "Rate exceeded"),
    "throttle-aws": api_error("ThrottlingException", "Rate exceeded"),
    "limit": api_error("LimitExceededException",
                       "Attempt limit exceeded, please try after some time."),
    "invalid-parameter": api_error("InvalidParameterException", "1 validation error detected: Value at 'proposedPassword' "
                                   "failed to satisfy constraint: Member must satisfy regular expression pattern"),
    "lambda": api_error("UserLambdaValidationException",
                        "PreAuthentication failed with error Not from this network."),
    "lambda-no-words": api_error("UserLambdaValidationException", "PreAuthentication failed with error ."),
    "lambda-escape": lambda: response.api({
        "__type": "UserLambdaValidationException",
        "message": "PreAuthentication failed with error \x1b]0;evil\x07\x1b[2J%s%n\nlogin allowed user=root\u202e" + "x" * 4000},
                                          400),
    "lambda-token": api_error("UserLambdaValidationException",
                              "PreTokenGeneration failed with error Your contract has ended.."),
    "lambda-failed": api_error("UnexpectedLambdaException", "PreAuthentication failed with error timeout."),
    "lambda-odd": api_error("InvalidLambdaResponseException", "Unrecognizable lambda output"),
    "security": api_error("NotAuthorizedException", "Unable to login because of security reasons."),
    "security-request": api_error("NotAuthorizedException", "Request not allowed due to security reasons."),
    "internal-error": api_error("InternalErrorException", "Something went wrong", 500),
    "delivery": api_error("CodeDeliveryFailureException", "Unable to deliver the code"),
    "forbidden": api_error("ForbiddenException", "Request not allowed due to WAF block."),
    "forbidden-403": api_error("ForbiddenException", "Request not allowed due to WAF block.", 403),
    "not-authorized-403": api_error("NotAuthorizedException", "Incorrect username or password.", 403),
    "oauth-lambda": oauth_error("invalid_grant", "PreTokenGeneration failed with error Your contract has ended."),
    "oauth-something-new": oauth_error("something_new"),
    "oauth-server-error": oauth_error("server_error"),
    # Another provider's, in a Lambda's words
    "oauth-upstream-error": oauth_error("server_error", "Upstream failed with error 502."),
    "oauth-access-denied": oauth_error("access_denied"),
    # RFC 6749 5.2 has 400 for an error: beside tokens, in a 200, it is one all the same.
    "oauth-error-beside-tokens": lambda: response.api({
        "error": "access_denied", "access_token": "a.b.c", "id_token": "a.b.c", "token_type": "Bearer", "expires_in": 3600}),
    "oauth-escape": oauth_error("access_denied", "\x1b]0;evil\x07\x1b[2J"),
    "latin-page": foreign(200, b"<p>Wartung f\xfcr Sie</p>", "text/html; charset=iso-8859-1"),
    "latin-page-400": foreign(400, b"<p>Wartung f\xfcr Sie</p>", "text/html; charset=iso-8859-1"),
    "latin-page-503": foreign(503, b"<p>Wartung f\xfcr Sie</p>", "text/html; charset=iso-8859-1"),
    "latin-type": foreign(200, b"{}", "text/html; charset=\xfcber"),
    "latin-disabled": foreign(400, b'{"__type":"NotAuthorizedException","message":"User is disabled. D\xe9sactiv\xe9."}'),
    "latin-disabled-header": foreign(400, b'{"message":"User is disabled. D\xe9sactiv\xe9"}', "application/x-amz-json-1.1",
                                     ("x-amzn-ErrorType", "NotAuthorizedException:")),
    "latin-wrong": foreign(400, b'{"__type":"NotAuthorizedException","message":"Incorrect username or password. \xff"}'),
    "latin-lambda": foreign(400, b'{"__type":"UserLambdaValidationException",'
                            b'"message":"PreAuthentication failed with error Acc\xe8s refus\xe9."}'),
    "utf16-lambda": foreign(400, b'{"__type":"UserLambdaValidationException",'
                            b'"message":"PreAuthentication failed with error \xd8\x3d\xc0\xaf\xed\xa0\x80."}'),
    "cut-lambda": foreign(400, b'{"__type":"UserLambdaValidationException","message":"PreAuthentication failed with error Acc\xc3"}'),
    "latin-oauth": foreign(400, b'{"error":"invalid_grant","error_description":"PreTokenGeneration failed with error Acc\xe8s refus\xe9."}',
                           "application/json"),
    "latin-pending": foreign(400, b'{"error":"authorization_pending","error_description":"\xc0 approuver"}', "application/json"),
    "code-used": api_error("ExpiredCodeException", "Your code has already been used."),
    "code-expired": api_error("ExpiredCodeException", "Invalid code provided, please request a code again."),
    "code-mismatch": api_error("CodeMismatchException", "Invalid verification code provided, please try again."),
    "unknown-operation": api_error("UnknownOperationException", ""),
    "unsupported-operation": api_error("UnsupportedOperationException", ""),
    # npm's cognito-local
    "unsupported": api_error("CognitoLocal#Unsupported", "Cognito Local unsupported feature", 500),
    "unknown-error": api_error("SomethingNewException", "An error nobody has heard of"),
}


# --- tokens ---

def wrong_signature(_use, header, claims, key):
    text, mark = key.sign(header, claims).rsplit(".", 1)
    raw = bytearray(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    raw[20] ^= 1
    return text + "." + base64url(bytes(raw))


def alg_none(_use, header, claims, _key):
    return encode({**header, "alg": "none"}) + "." + encode(claims) + "."


def with_claims(**changes):
    """A row that sets claims; a value of None removes one."""
    def twist(_use, header, claims, key):
        merged = {**claims, **changes}
        return key.sign(header, {k: v for k, v in merged.items() if v is not None})
    return twist


def with_header(**changes):
    def twist(_use, header, claims, key):
        merged = {**header, **changes}
        return key.sign({k: v for k, v in merged.items() if v is not None}, claims)
    return twist


def shifted(seconds, *names):
    def twist(_use, header, claims, key):
        moved = {name: claims[name] + seconds for name in names}
        return key.sign(header, {**claims, **moved})
    return twist


def renewed_auth_time(_use, header, claims, key):
    """As npm's cognito-local has it: each refresh is a sign-in of now."""
    return key.sign(header, {**claims, "auth_time": claims["iat"]})


def other_audience(use, header, claims, key):
    name = "aud" if use == "id" else "client_id"
    return key.sign(header, {**claims, name: "someotherclient"})


def renamed(change):
    """A row that alters the user name, wherever the kind of token keeps it."""
    def twist(use, header, claims, key):
        name = "cognito:username" if use == "id" else "username"
        return key.sign(header, {**claims, name: change(claims[name])})
    return twist


def duplicate_claim(use, header, claims, key):
    """The user name twice: the first says root, the second is true."""
    name = "cognito:username" if use == "id" else "username"
    body = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
    return key.sign_text(encode(header), base64url(
        ('{"%s":"root",' % name + body[1:]).encode()))


TWISTS = {
    "wrong-signature": wrong_signature,
    "alg-none": alg_none,
    "alg-hs256": with_header(alg="HS256"),
    "crit": with_header(crit=["exp"]),
    "unknown-kid": with_header(kid="bm8gc3VjaCBrZXkgaW4gdGhlIHNldCBvZiB0aGlzIHBvb2w="),
    "no-kid": with_header(kid=None),
    "expired-token": shifted(-2 * DAY, "exp", "iat", "auth_time"),
    "future-token": shifted(DAY, "exp", "iat"),
    "no-exp": with_claims(exp=None),
    "no-iat": with_claims(iat=None),
    "no-sub": with_claims(sub=None),
    "no-issuer": with_claims(iss=None),
    "no-audience": with_claims(aud=None, client_id=None),
    "audience-list": lambda use, header, claims, key: key.sign(header, {**claims, "aud": [claims.get("aud"), "someotherclient"]}),
    "exp-string": with_claims(exp="4102444800"),
    "other-issuer": with_claims(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"),
    "other-audience": other_audience,
    "other-sub": with_claims(sub="00000000-0000-4000-8000-000000000000"),
    "no-token-use": with_claims(token_use=None),
    "machine-token": with_claims(**{"username": None, "cognito:username": None}),
    "name-root": renamed(lambda name: "root"),
    "nul-in-name": renamed(lambda name: name + "\0evil"),
    "duplicate-claim": duplicate_claim,
    "groups-string": with_claims(**{"cognito:groups": "linux-users"}),
    "old-auth-time": shifted(-DAY, "auth_time"),
    "older-auth-time": shifted(-60, "auth_time"),
    "new-auth-time": shifted(20, "auth_time"),
    "renewed-auth-time": renewed_auth_time,
    "no-auth-time": with_claims(auth_time=None),
    "with-mfa": with_claims(amr=["pwd", "otp", "mfa"]),
    "with-mfa-and-acr": with_claims(amr=["pwd", "otp", "mfa"], acr="urn:cognito:loa:4"),
    "with-acr": with_claims(acr="urn:cognito:loa:4"),
    "without-mfa": with_claims(amr=["pwd"], acr="urn:cognito:loa:1"),
    "wrong-nonce": with_claims(nonce="AAAAAAAAAAAAAAAAAAAAAA"),
    "no-nonce": with_claims(nonce=None),
    "nonce-number": with_claims(nonce=1),
    "wrong-at-hash": with_claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "huge-token": with_claims(padding="x" * 65536),
}


# --- answers ---

def with_header_line(name, value):
    def change(answer):
        answer.set_header(name, value)
        return answer
    return change


def with_type(content_type):
    return with_header_line("Content-Type", content_type)


def with_status(status):
    """The service has acted on the request, but its answer got lost on the way."""
    def change(_answer):
        return page(status)
    return change


def with_body(make):
    def change(answer):
        answer.body = make(answer.body)
        return answer
    return change


def empty_of_type(content_type):
    """No body; with None no content type, either."""
    def change(answer):
        answer.body = b""
        answer.headers = [h for h in answer.headers if h[0].lower() != "content-type"]
        if content_type:
            answer.set_header("Content-Type", content_type)
        return answer
    return change


def delivered(way):
    def change(answer):
        answer.delivery = way
        return answer
    return change


def first_member_twice(body):
    members = json.loads(body)
    name, value = next(iter(members.items()))
    return b"{" + response.compact({name: value})[1:-1] + b"," + body[1:]


def access_as_id(answer):
    """Both token slots hold the access token."""
    value = answer.json()
    for holder in (value, value.get("AuthenticationResult", {})):
        for id_name, access_name in (("IdToken", "AccessToken"), ("id_token", "access_token")):
            if id_name in holder:
                holder[id_name] = holder[access_name]
    answer.body = response.compact(value)
    return answer


def without_id_token(answer):
    value = answer.json()
    for holder in (value, value.get("AuthenticationResult", {})):
        holder.pop("IdToken", None)
        holder.pop("id_token", None)
    answer.body = response.compact(value)
    return answer


def only_opaque_token(answer):
    """An access token that is no JWT, and nothing else: legal for OAuth, and no proof."""
    value = without_id_token(answer).json()
    for holder in (value, value.get("AuthenticationResult", {})):
        for name in ("AccessToken", "access_token"):
            if name in holder:
                holder[name] = "opaque-" + "x" * 40
    answer.body = response.compact(value)
    return answer


def without_device_group(answer):
    value = answer.json()
    value.get("AuthenticationResult", {}).get("NewDeviceMetadata", {}).pop("DeviceGroupKey", None)
    answer.body = response.compact(value)
    return answer


def with_members(**members):
    """A row that sets members of the answer; a value of None removes one."""
    def change(answer):
        merged = {**answer.json(), **members}
        answer.body = response.compact({n: v for n, v in merged.items() if v is not None})
        return answer
    return change


CHANGES = {
    # What a device authorization endpoint should not say.
    "interval-zero": with_members(interval=0),
    "interval-negative": with_members(interval=-5),
    "interval-fraction": with_members(interval=1.5),
    "interval-text": with_members(interval="5"),
    "interval-huge": with_members(interval=10 ** 12),
    "expires-zero": with_members(expires_in=0),
    "expires-text": with_members(expires_in="1800"),
    "expires-huge": with_members(expires_in=10 ** 12),
    "no-expires": with_members(expires_in=None),
    "no-device-code": with_members(device_code=None),
    "no-user-code": with_members(user_code=None),
    "no-uri": with_members(verification_uri=None),
    "uri-other-name": with_members(verification_uri=None,
                                   verification_url="https://login.example.com/device"),
    "uri-http": with_members(verification_uri="http://login.example.com/device"),
    "uri-escape": with_members(verification_uri="https://login.example.com/\x1b]8;;https://evil"),
    "uri-long": with_members(verification_uri="https://login.example.com/" + "x" * 16384),
    "user-code-escape": with_members(user_code="\x1b[2JWDJB\u202eMJHT\r"),
    "user-code-long": with_members(user_code="X" * 16384),
    "complete-elsewhere": with_members(
        verification_uri_complete="https://evil.example/device?user_code=X"),
    "done-but-503": with_status(503),
    "html": with_type(HTML_TYPE),
    "encoded": with_header_line("Content-Encoding", "gzip"),
    "key-set-type": with_type("application/jwk-set+json"),
    "empty": with_body(lambda body: b""),
    "empty-html": empty_of_type(HTML_TYPE),
    "empty-untyped": empty_of_type(None),
    "huge": with_body(lambda body: body + b" " * HUGE),
    "bad-json": with_body(lambda body: body[:-1] + b",}"),
    "trailing": with_body(lambda body: body + b"{}"),
    "bad-utf8": with_body(lambda body: body[:-1] + b',"x":"\xff\xfe"}'),
    "deep": with_body(lambda body: body[:-1] + b',"x":' + b"[" * 2000 + b"]" * 2000 + b"}"),
    "duplicate-member": with_body(first_member_twice),
    "nul-in-member": with_body(lambda body: body[:-1] + b',"x\\u0000y":1}'),
    "empty-keys": with_body(lambda body: b'{"keys":[]}'),
    "access-as-id": access_as_id,
    "error-beside": with_members(error="access_denied"),
    "no-device-group": without_device_group,
    "no-id-token": without_id_token,
    "only-opaque-token": only_opaque_token,
    "truncated": delivered("truncated"),
    "slow": delivered("slow"),
    "late": delivered("late"),
    "silence": delivered("silence"),
    "close": delivered("close"),
    "chunked": delivered("chunked"),
}
ALL = {**INSTEAD, **TWISTS, **CHANGES}


class Behaviours:
    """Which fault each endpoint has, after how many more requests, for how many (None: for good), and
    which part of them it strikes."""

    def __init__(self):
        self.active = {}
        self.taken = None  # by the last request

    def set(self, endpoint, name, times=None, after=0, rate=1.0):
        if name is None:
            self.active.pop(endpoint, None)
            return
        if name not in ALL:
            raise ValueError(f"unknown behaviour {name!r}")
        self.active[endpoint] = [name, times, after, rate]

    def take(self, endpoint):
        """The fault for this request, counted down. "*" stands for every endpoint."""
        self.taken = self.find(endpoint)
        return self.taken

    def find(self, endpoint):
        for place in (endpoint, "*"):
            if place in self.active:
                entry = self.active[place]
                if entry[2] > 0:
                    entry[2] -= 1
                    continue
                if random.random() >= entry[3]:
                    return None
                if entry[1] is not None:
                    entry[1] -= 1
                    if entry[1] <= 0:
                        del self.active[place]
                return entry[0]
        return None


def run(state, endpoint, answer):
    """Calls `answer`, an endpoint as a function without arguments, with its fault if it has one."""
    name = state.behaviours.take(endpoint)
    if name in INSTEAD:
        return INSTEAD[name]()
    state.minter.twist = TWISTS.get(name)
    try:
        result = answer()
    finally:
        state.minter.twist = None
    return CHANGES[name](result) if name in CHANGES else result
