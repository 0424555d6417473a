# SPDX-License-Identifier: MIT
"""What the login suites share: the local Cognito, and for each test a pool as it was at
first, a PAM host of our own and a configuration."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

PASSWORDS = {"alice": "Correct-Horse-9!", "bob": "Battery-Staple-8!"}
# Runs until the suite that imports this file has ended.
COGNITO = harness.local_cognito()


class Login(unittest.TestCase):
    services = ("login", "sudo", "sshd")
    options = ""  # of every PAM line
    basis = {}  # changes of every configuration
    module = None  # another build's

    def setUp(self):
        COGNITO.reset()
        self.host = harness.Host(self.module)
        self.addCleanup(self.host.close)
        self.configure()

    def configure(self, overrides=None, options=""):
        """Another configuration file: nothing is cached for it yet, neither tickets nor keys."""
        self.config = COGNITO.config(self.basis, overrides)
        for service in self.services:
            self.host.service(service, f"config={self.config} {self.options} {options}")

    def assert_result(self, outcome, result, *words):
        self.assertEqual(outcome.results[0], result, outcome.text)
        for word in words:
            self.assertIn(word, outcome.text)
