#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One sign-in and what lives on after it: sessions between challenges, refresh tokens."""
import base64
import secrets
import uuid

import tokens
from errors import ApiError, invalid_parameter, not_authorized

# How a real session string begins once it is base64url: "AYABe".
SESSION_HEAD = bytes.fromhex("01800178")


class Login:
    """Who signs in through which client, and by what. `source` is "api" or "oauth"."""

    def __init__(self, user, client, now, source="api", scope=tokens.API_SCOPE):
        self.user = user
        self.client = client
        self.auth_time = int(now)
        self.source = source
        self.scope = scope
        self.nonce = None
        self.origin_jti = str(uuid.uuid4())
        self.event_id = str(uuid.uuid4())
        self.factors = []
        self.device_key = None
        # The keys of a device that was never confirmed, or is forgotten, refresh nothing.
        self.device = None

    def is_for(self, pool, name):
        """Whether the name a later step gives means the person of the first."""
        return (name in (self.user.username, self.user.sub)
                or pool.key(name) == pool.key(self.user.username)
                or pool.find(name) is self.user)


class Session:
    """The state behind one Session string: the challenge it may answer."""

    def __init__(self, login, challenge, facts, expires):
        self.login = login
        self.challenge = challenge
        self.facts = facts
        self.expires = expires
        self.used = False


class Sessions:
    def __init__(self, pool):
        self.pool = pool
        self.open = {}

    def start(self, login, challenge, **facts):
        # 1543 to 1587 characters, as seen on the real service.
        raw = SESSION_HEAD + secrets.token_bytes(1153 + secrets.randbelow(34))
        text = tokens.base64url(raw)
        expires = self.pool.clock.now() + self.pool.auth_session_validity
        self.open[text] = Session(login, challenge, facts, expires)
        return text

    def find(self, text, client, *challenges):
        """The live session for one of these challenges; refuses in Cognito's words."""
        if not isinstance(text, str) or not 20 <= len(text) <= 2048:
            raise invalid_parameter("1 validation error detected: Value at 'session' failed to "
                                    "satisfy constraint: Member must have length between 20 "
                                    "and 2048")
        session = self.open.get(text)
        if session is None or session.login.client is not client:
            raise not_authorized("Invalid session for the user.")
        if session.used:
            raise not_authorized(
                "Invalid session for the user, session can only be used once.")
        if self.pool.clock.now() > session.expires:
            raise not_authorized("Invalid session for the user, session is expired.")
        if session.challenge not in challenges:
            raise not_authorized("Invalid session for the user.")
        return session


class RefreshGrant:
    """What a refresh token stands for. `replaced` is when rotation put another in its place."""

    def __init__(self, login, expires):
        self.login = login
        self.expires = expires
        self.replaced = None


class RefreshTokens:
    def __init__(self, pool):
        self.pool = pool
        self.grants = {}
        self.revoked = set()

    def issue(self, login, expires=None):
        token = tokens.new_refresh_token()
        expires = expires or self.pool.clock.now() + self.pool.refresh_validity
        self.grants[token] = RefreshGrant(login, expires)
        return token

    def find(self, token, client):
        grant = self.grants.get(token)
        now = self.pool.clock.now()
        if grant is None or grant.login.client is not client:
            raise not_authorized("Invalid Refresh Token")
        if grant.login.origin_jti in self.revoked:
            raise not_authorized("Refresh Token has been revoked")
        if now > grant.expires:
            raise not_authorized("Refresh Token has expired")
        if grant.replaced is not None and now >= grant.replaced + client.grace:
            raise ApiError("RefreshTokenReuseException", "Refresh token reuse detected")
        self.check_user(grant.login.user)
        return grant

    def find_for_device(self, token, client, device_key):
        grant = self.find(token, client)
        login = grant.login
        if login.device_key is not None and (login.device_key != device_key or login.device is None):
            raise not_authorized("Invalid Refresh Token")
        return grant

    def check_user(self, user):
        if self.pool.find(user.username) is not user:
            raise ApiError("UserNotFoundException", "User does not exist.")
        if not user.enabled:
            raise not_authorized("User is disabled.")

    def rotate(self, grant):
        """A new token for the rest of the old one's life, or None where it is kept."""
        if not grant.login.client.rotation:
            return None
        if grant.replaced is None:
            grant.replaced = self.pool.clock.now()
        return self.issue(grant.login, grant.expires)

    def revoke(self, token):
        """Ends the token and every access token that came from the same sign-in."""
        if token in self.grants:
            self.revoked.add(self.grants[token].login.origin_jti)

    def login_of(self, origin_jti):
        """The sign-in that an access token came from."""
        return next(g.login for g in self.grants.values() if g.login.origin_jti == origin_jti)

    def revoke_user(self, user):
        for grant in self.grants.values():
            if grant.login.user is user:
                self.revoked.add(grant.login.origin_jti)


def new_secret_block():
    """About 1,290 characters of base64 that only this server understands."""
    return base64.b64encode(secrets.token_bytes(967)).decode()
