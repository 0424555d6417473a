# SPDX-License-Identifier: MIT
"""What the suites of the password flow share: a sign-in by the real module and the real helper."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import base  # noqa: E402
from base import harness  # noqa: E402


def member(name):
    return next(u for u in json.loads((harness.ROOT / "tests/cognito/pool.json").read_text())["users"]
                if u["username"] == name)


class Login(base.Login):
    services = ("login", "sudo", "cron")

    def sign_in(self, user="bob", password=None, *codes, operations=("auth",), **settings):
        password = password if password is not None else member(user)["password"]
        outcome = self.host.drive(user, operations, (password, *codes), **settings)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        # One line a sign-in, and never what was typed.
        told = [line for line in outcome.log if ":auth): login allowed " in line or ":auth): login denied " in line]
        self.assertEqual(len(told), operations.count("auth"), outcome.text)
        for secret in (password, *codes):
            if len(secret) >= 6:
                self.assertNotIn(secret, "\n".join(outcome.log))
        return outcome
