#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Everything the local Cognito knows, in one place, so that one reset forgets all of it."""
import json
import secrets
import threading

import pool as pools
import sample
import tokens
from behaviour import Behaviours
from browser_session import BrowserSessions
from codes import Codes
from device_codes import DeviceCodes
from login import RefreshTokens, Sessions


class Outbox:
    """The letters Cognito would send: JSON lines in a file that tests read."""

    def __init__(self, path, clock):
        self.path = path
        self.clock = clock

    def reset(self):
        self.path.write_text("")

    def lines(self):
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def send(self, medium, user, destination, kind, code):
        line = {"t": self.clock.now(), "medium": medium, "username": user.username,
                "destination": destination, "kind": kind, "code": code}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


class RequestLog:
    """One JSON line per request and per TLS connection, on disk before the answer leaves."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        with self.lock:
            self.count = 0
            self.path.write_text("")

    def add(self, entry):
        with self.lock, self.path.open("a") as file:
            if "method" in entry:
                self.count += 1
                entry = {"n": self.count, **entry}
            file.write(json.dumps(entry) + "\n")

    def lines(self):
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class State:
    """`domain` is the base URL of the user pool domain; the issuer's is pool.base."""

    def __init__(self, folder, keys, pool_file):
        self.folder = folder
        self.domain = ""
        self.lock = threading.RLock()
        self.log = RequestLog(folder / "requests.log")
        self.clock = pools.Clock()
        self.pool = pools.load(pool_file, self.clock)
        self.keys = tokens.Keys(keys)
        self.outbox = Outbox(folder / "outbox.log", self.clock)
        self.forget()

    def forget(self):
        self.minter = tokens.Minter(self.keys)
        self.behaviours = Behaviours()
        self.sessions = Sessions(self.pool)
        self.refresh_tokens = RefreshTokens(self.pool)
        self.codes = Codes(self.pool)
        self.device_codes = DeviceCodes(self.pool)
        self.sample_random = sample.new_random()
        self.browser_sessions = BrowserSessions(self.pool, self.refresh_tokens)
        self.exchanges = {}
        self.reset_codes = {}
        self.pool_created = False
        self.outbox.reset()

    def reset(self):
        self.pool.reset()
        self.keys.reset()
        self.forget()

    def new_code(self, digits):
        return "".join(secrets.choice("0123456789") for _ in range(digits))
