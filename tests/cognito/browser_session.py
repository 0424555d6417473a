#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The cookie that lets a browser pass without credentials for an hour after a sign-in.

The moment of that sign-in stays what it was: tokens of such a visit have an old auth_time.
"""
import http.cookies
import secrets

from errors import ApiError
from login import Login

NAME = "cognito"


def cookies(request):
    """Name to value. What does not parse is not there."""
    jar = http.cookies.SimpleCookie()
    try:
        jar.load(request.headers.get("Cookie", ""))
    except http.cookies.CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


class BrowserSession:
    def __init__(self, login, expires):
        self.user = login.user
        self.auth_time = login.auth_time
        self.factors = list(login.factors)
        self.expires = expires

    def login(self, client, scope):
        """The sign-in of then, for the client of now."""
        login = Login(self.user, client, self.auth_time, "oauth", scope)
        login.factors = list(self.factors)
        return login


class BrowserSessions:
    def __init__(self, pool, refresh_tokens):
        self.pool = pool
        self.refresh_tokens = refresh_tokens
        self.open = {}

    def start(self, login):
        """The value of Set-Cookie."""
        text = secrets.token_urlsafe(32)
        validity = self.pool.browser_session_validity
        self.open[text] = BrowserSession(login, self.pool.clock.now() + validity)
        return f"{NAME}={text}; Path=/; Max-Age={validity}; Secure; HttpOnly; SameSite=Lax"

    def find(self, request, max_age=None):
        """The session of this browser if it counts: alive, of somebody who may still sign in,
        and of a sign-in no older than `max_age`."""
        session = self.open.get(cookies(request).get(NAME))
        now = self.pool.clock.now()
        if session is None or now > session.expires:
            return None
        if max_age is not None and now - session.auth_time > max_age:
            return None
        try:
            self.refresh_tokens.check_user(session.user)
        except ApiError:
            return None
        return session
