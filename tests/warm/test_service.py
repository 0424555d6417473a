#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The warm helper, through the real module: who serves a login, and what sends the module back to
a helper of its own."""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "login"))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402

SOCKET = harness.TEST / "run-helper/socket"
HELPER = harness.TEST / "libexec/helper"
SERVED = "the warm helper serves this login"
UNUSED = "the warm helper is not used: "


class Service:
    """serve.py, and with it the warm helper of the test build."""

    def __init__(self, *command):
        self.process = subprocess.Popen([sys.executable, str(harness.ROOT / "tests/warm/serve.py"), str(SOCKET),
                                         *(command or (str(HELPER), "--serve"))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout.readline() == "serving\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Warm(Login):
    options = "debug"

    def log_in(self, user="bob"):
        return self.host.drive(user, ("auth",), (PASSWORDS[user],))

    def assert_fallback(self, outcome, why):
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertNotIn(SERVED, outcome.text)
        self.assertEqual(outcome.text.count(UNUSED), 1 if why else 0, outcome.text)
        if why:
            self.assertIn(UNUSED + why, outcome.text)


class Who(Warm):
    def test_the_service_serves(self):
        with Service():
            for _ in range(3):
                self.assert_result(self.log_in(), "PAM_SUCCESS", SERVED)

    def test_without_a_socket_nothing_is_said(self):
        self.assert_fallback(self.log_in(), "")


if __name__ == "__main__":
    harness.main()
