#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Authorization codes: five minutes, one use, bound to a client, an address and a PKCE secret."""
import hashlib
import uuid

from errors import OAuthError
from tokens import base64url


def challenge_of(verifier):
    """PKCE S256, the only method Cognito knows."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


class Code:
    def __init__(self, login, redirect_uri, challenge, expires):
        self.login = login
        self.redirect_uri = redirect_uri
        self.challenge = challenge
        self.expires = expires

    def proves(self, verifier):
        """A verifier for a code without a challenge is refused too: somebody took the
        challenge out of the request on its way."""
        given = None if verifier is None else challenge_of(verifier)
        return given == self.challenge


class Codes:
    def __init__(self, pool):
        self.pool = pool
        self.open = {}

    def issue(self, login, redirect_uri, challenge=None):
        text = str(uuid.uuid4())
        expires = self.pool.clock.now() + self.pool.auth_code_validity
        self.open[text] = Code(login, redirect_uri, challenge, expires)
        return text

    def redeem(self, text, client, redirect_uri, verifier):
        """The login a code stands for. Its client has one try, right or wrong."""
        code = self.open.get(text)
        if code is None or code.login.client is not client:
            raise OAuthError("invalid_grant")
        del self.open[text]
        if self.pool.clock.now() > code.expires:
            raise OAuthError("invalid_grant")
        if redirect_uri != code.redirect_uri:
            raise OAuthError("unauthorized_client", "invalid_redirect")
        if not code.proves(verifier):
            raise OAuthError("invalid_grant")
        return code.login
