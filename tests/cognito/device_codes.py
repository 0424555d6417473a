#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Device codes and their user codes: who asked, who has answered what, when the device polls."""
import challenge
from errors import OAuthError
from login import Login

# RFC 8628 3.2: what a device assumes if it is told no interval, and 3.5: what slow_down adds.
DEFAULT_INTERVAL = 5
SLOWER = 5


def plain(user_code):
    """A user code as people may type it."""
    return "".join(c for c in user_code.upper() if c.isalnum())


class DeviceCode:
    """`status` is pending, approved, denied or used."""

    dialect = "rfc8628"

    def __init__(self, state, client, scope, device_code, user_code):
        pool = state.pool
        self.client = client
        self.scope = scope
        self.device_code = device_code
        self.user_code = user_code
        self.expires = state.clock.now() + pool.device_code_validity
        self.interval = DEFAULT_INTERVAL if pool.device_interval is None else pool.device_interval
        self.slow_downs = pool.device_slow_downs
        self.status = "pending"
        self.login = None
        self.polled = None

    def check_pace(self, now):
        """RFC 8628 3.5: too early means five seconds more from now on, for good."""
        early = self.polled is not None and now < self.polled + self.interval
        self.polled = now
        if early or self.slow_downs > 0:
            self.slow_downs -= 1
            self.interval += SLOWER
            raise OAuthError("slow_down")

    def waits(self):
        """Whether somebody can still answer it."""
        return self.status == "pending"

    def begin(self, _state):
        """Somebody has pressed the button and is yet to sign in. Nothing to see for a device."""

    def approve(self, _state, login):
        self.status, self.login = "approved", login

    def deny(self):
        self.status = "denied"

    def as_json(self, now):
        return {"user_code": self.user_code, "client": self.client.id, "scope": self.scope,
                "dialect": self.dialect, "expires_in": int(self.expires - now)}


class DeviceCodes:
    def __init__(self, pool):
        self.pool = pool
        self.by_device_code = {}

    def add(self, entry):
        self.by_device_code[entry.device_code] = entry
        return entry

    def find(self, device_code, dialect="rfc8628"):
        entry = self.by_device_code.get(device_code)
        return entry if entry is not None and entry.dialect == dialect else None

    def waiting(self):
        """Those that a person can still answer."""
        now = self.pool.clock.now()
        return [entry for entry in self.by_device_code.values()
                if entry.waits() and now <= entry.expires]

    def waiting_for(self, user_code, dialect=None):
        for entry in self.waiting():
            if plain(entry.user_code) == plain(user_code) and dialect in (None, entry.dialect):
                return entry
        return None


def sign_in_fully(state, user, client, scope):
    """The sign-in of somebody who has done all that the pages ask."""
    login = Login(user, client, state.clock.now(), "oauth", scope)
    login.factors.append("pwd")
    if user.factors() and state.pool.mfa != "off":
        login.factors.append(challenge.FACTOR_NAMES[user.preferred_mfa or user.factors()[0]])
    return login
