#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""/sample/token: the device flow as the AWS sample cognito-device-grant-flow speaks it.

One endpoint gives out codes and takes polls; it reads the query alone, as bytes, and wants the
client's secret. The pool setting "sample_bugs" lists which of the sample's faults are there:

    1  a client without a secret never gets in
    2  approved before there is an authorization code: a poll in between gets 502
    3  an unknown device code gets 502
    4  the PKCE challenge replaces only the first + and /: such a sign-in fails
    5  what Cognito refuses is answered 200 {}, and the device code is used up
    6  token sets of more than a TLS record get 502
    7  the codes come from a predictable generator
    8  a link with authorize=true approves by itself              (page)
    9  user codes are case sensitive on the page                  (page)
    10 the sign-in is bound to COGNITO as the identity provider   (page; the redirect's query)
    11 the authorization code waits for the poll, five minutes at most
    12 scopes go unescaped into the redirect; openid by default   (page, and the default)

Bug 4 strikes the sample in one sign-in of four. Here it is off by default and strikes each.
"""
import base64
import hashlib
import random
import secrets
import string
import urllib.parse

import behaviour
import client_auth
import device
import oauth
import response
import scopes
from codes import challenge_of
from device_codes import DeviceCode
from errors import OAuthError

# How much arrives at once: the largest TLS record.
CHUNK = 16384
# What the sample calls #aA and #B.
LETTERS = string.digits + string.ascii_letters
USER_LETTERS = string.digits + device.ALPHABET
TOKENS = {"ID": "id_token", "ACCESS": "access_token", "REFRESH": "refresh_token"}


def has_bug(state, number):
    return number in state.pool.sample_bugs


def random_text(state, length, alphabet):
    source = state.sample_random if has_bug(state, 7) else secrets
    return "".join(source.choice(alphabet) for _ in range(length))


def new_random():
    """What bug 7 makes of Math.random(): the same numbers after every start and reset."""
    return random.Random(8628)


def hasty_challenge(verifier):
    """A challenge in which JavaScript's replace() met only the first of each sign."""
    text = base64.b64encode(hashlib.sha256(verifier.encode()).digest()).decode()
    return text.replace("+", "-", 1).replace("/", "_", 1).rstrip("=")


class SampleCode(DeviceCode):
    """`status` is pending, authorized, denied or expired. `code` is Cognito's, once it is
    there."""

    dialect = "aws-sample"

    def __init__(self, state, client, scope):
        super().__init__(state, client, scope, random_text(state, 64, LETTERS),
                         random_text(state, 8, USER_LETTERS))
        self.polled = state.clock.now()
        self.state = None
        self.code = None

    def check_pace(self, now):
        """Counted from the creation on; each early poll starts the wait anew, and the
        interval stays."""
        early = now <= self.polled + self.interval or self.slow_downs > 0
        self.polled = now
        if early:
            self.slow_downs -= 1
            raise OAuthError("slow_down")

    def waits(self):
        return self.status == "pending" or (self.status == "authorized" and self.code is None)

    def begin(self, state):
        """Somebody has pressed the button: off to Cognito with a fresh state and challenge."""
        if has_bug(state, 2):
            self.status = "authorized"
        self.state = random_text(state, 32, LETTERS)
        self.verifier = random_text(state, 32, LETTERS)
        self.challenge = challenge_of(self.verifier)
        if has_bug(state, 4):
            while hasty_challenge(self.verifier) == challenge_of(self.verifier):
                self.verifier = random_text(state, 32, LETTERS)
            self.challenge = hasty_challenge(self.verifier)

    def arrive(self, state, code):
        """Somebody has come back from Cognito."""
        self.status, self.code = "authorized", code
        if not has_bug(state, 11) and code in state.codes.open:
            state.codes.open[code].expires = self.expires

    def approve(self, state, login):
        login.scope = scopes.granted(self.client, urllib.parse.unquote_plus(self.scope))
        if self.state is None:
            self.begin(state)
        code = state.codes.issue(login, state.domain + "/sample/callback", self.challenge)
        self.arrive(state, code)

    def take(self, state):
        """Cognito's answer to the authorization code, or OAuthError."""
        return oauth.code_grant(state, self.client, {
            "code": self.code, "redirect_uri": state.domain + "/sample/callback",
            "code_verifier": self.verifier})


# --- answers ---

def json_answer(status, value=None):
    body = b"" if value is None else response.compact(value)
    return response.Response(status, body, [("Content-Type", "application/json"),
                                            ("Cache-Control", "no-store")])


def crash():
    """The load balancer's page when the function behind it has failed."""
    return behaviour.page(502)


# --- the endpoint ---

def raw_query(request):
    """Parameters as the load balancer hands them on: nothing is decoded."""
    pairs = (part.partition("=") for part in request.query.split("&") if part)
    return {name: value for name, _, value in pairs}


def operation(request):
    """The name of a request to /sample/token for behaviours and the log."""
    return "sample_token" if raw_query(request).get("device_code") else "sample_codes"


def authenticate(state, request, fields):
    """The client, or None."""
    client = state.pool.clients.get(fields["client_id"])
    if client is None:
        return None
    if "Authorization" not in request.headers:
        return client if client.secret is None and not has_bug(state, 1) else None
    try:
        name, secret = client_auth.basic(request.headers["Authorization"])
    except OAuthError:
        return None
    return client if (name, secret) == (client.id, client.secret) else None


def token(state, request):
    fields = raw_query(request)
    if not fields.get("client_id"):
        return json_answer(405)
    client = authenticate(state, request, fields)
    if client is None:
        return json_answer(401)
    code, grant = fields.get("device_code"), fields.get("grant_type")
    if not code and not grant:
        return give_codes(state, client, fields)
    if not code or grant != device.GRANT:
        return json_answer(405)
    try:
        return poll(state, client, code)
    except OAuthError as error:
        return json_answer(400, {"error": error.error})


def give_codes(state, client, fields):
    default = "openid" if has_bug(state, 12) else urllib.parse.quote(" ".join(client.scopes))
    entry = state.device_codes.add(SampleCode(state, client, fields.get("scope") or default))
    page = state.domain + "/sample/device"
    link = f"{page}?code={entry.user_code}"
    return json_answer(200, {
        "device_code": entry.device_code, "user_code": entry.user_code,
        "verification_uri": page,
        "verification_uri_complete": link + ("&authorize=true" if has_bug(state, 8) else ""),
        "interval": entry.interval, "expires_in": state.pool.device_code_validity})


def poll(state, client, device_code):
    entry = state.device_codes.find(device_code, SampleCode.dialect)
    if entry is None and has_bug(state, 3):
        return crash()
    now = state.clock.now()
    if (entry is None or entry.status == "expired" or entry.client is not client
            or now > entry.expires):
        raise OAuthError("expired_token")
    entry.check_pace(now)
    if entry.status == "pending":
        raise OAuthError("authorization_pending")
    if entry.status == "denied":
        raise OAuthError("denied")
    return redeem(state, entry)


def redeem(state, entry):
    if entry.code is None:
        return crash()
    try:
        tokens = entry.take(state)
    except OAuthError as error:
        entry.status = "expired"
        if has_bug(state, 5):
            return json_answer(200, {})
        raise OAuthError("expired_token") from error
    if has_bug(state, 6) and len(response.compact(tokens)) > CHUNK:
        return crash()
    entry.status = "expired"
    wanted = [TOKENS[name] for name in state.pool.sample_tokens.split("+")]
    return json_answer(200, {name: tokens[name] for name in [*wanted, "expires_in"]
                             if name in tokens})
