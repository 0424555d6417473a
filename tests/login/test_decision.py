#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The rules are asked once a run: by a sign-in, by a recheck, by explain. The helper and the
command of these tests tell each decision (counted_decide.c)."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import PASSWORDS, Login, harness  # noqa: E402

COUNTED = harness.TEST / "counted"
RULES = {"rules": [
    {"name": "shell", "services": ["login", "sshd"], "groups": ["linux-users"], "grant": ["video"]},
    {"name": "admins", "services": ["sudo"], "groups": ["linux-admins"], "max_auth_age": 3600, "require_mfa": True}]}


class Once(Login):
    def setUp(self):
        super().setUp()
        self.host.module = COUNTED / "pam_cognito_oidc.so"

    def configure_all(self, **login):
        self.configure({**RULES, "login": login})

    def run_host(self, operations, answers=(), service="login"):
        outcome = self.host.drive("bob", operations, answers, service)
        return outcome.results, sum("the rules are asked" in line for line in outcome.log)

    def test_a_sign_in(self):
        self.configure_all()
        self.assertEqual(self.run_host(("auth",), (PASSWORDS["bob"],)), (["PAM_SUCCESS"], 1))

    def test_a_refused_one(self):
        self.configure_all()
        self.assertEqual(self.run_host(("auth",), (PASSWORDS["bob"],), "sudo"), (["PAM_PERM_DENIED"], 1))

    def test_the_account_that_follows_asks_nobody(self):
        self.configure_all()
        self.assertEqual(self.run_host(("auth", "acct"), (PASSWORDS["bob"],)), (["PAM_SUCCESS"] * 2, 1))
        self.assertEqual(self.run_host(("acct",)), (["PAM_SUCCESS"], 0))

    def test_an_account_by_the_claims_of_the_ticket(self):
        self.configure_all()
        self.run_host(("auth", "acct"), (PASSWORDS["bob"],))
        # The file was written again: the ticket's decisions do not hold, its claims do.
        os.utime(self.config, (1, 1))
        self.assertEqual(self.run_host(("acct",)), (["PAM_SUCCESS"], 1))
        # A service that the ticket has no decision for.
        self.assertEqual(self.run_host(("acct",), service="sudo"), (["PAM_PERM_DENIED"], 1))

    def test_a_recheck_that_asks_cognito_also_when_only_a_fresh_sign_in_would_do(self):
        self.configure_all(recheck=0)
        self.run_host(("auth", "acct"), (PASSWORDS["bob"],))
        self.assertEqual(self.run_host(("acct",)), (["PAM_SUCCESS"], 1))
        self.assertEqual(self.run_host(("acct",), service="sudo"), (["PAM_PERM_DENIED"], 1))

    def test_explain(self):
        self.configure_all()
        claims = self.host.dir / "claims.json"
        claims.write_text('{"sub": "x", "cognito:username": "bob", "cognito:groups": ["linux-users"]}')
        for service, code in (("login", 0), ("sudo", 1)):
            done = subprocess.run(
                [str(COUNTED / "command"), "explain", "--config", str(self.config), "--claims", str(claims),
                 "--user", "bob", "--service", service], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
            self.assertEqual((done.returncode, done.stderr.count("the rules are asked")), (code, 1), done.stdout + done.stderr)


if __name__ == "__main__":
    harness.main()
