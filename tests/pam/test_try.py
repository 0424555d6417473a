#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A pending "cognito-oidc enable --try": account notes whom it allowed for which service, and nobody
else; no login fails because of it."""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import Tickets, harness, result  # noqa: E402

STATE = harness.TEST / "run-scripted-state"
NOTES = STATE / "try.allowed"


class Notes(Tickets):
    def setUp(self):
        super().setUp()
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(mode=0o700)
        self.addCleanup(shutil.rmtree, STATE, True)
        self.write("")

    @staticmethod
    def write(text, mode=0o600):
        NOTES.write_text(text)
        NOTES.chmod(mode)

    def test_who_is_allowed_is_noted_with_the_service(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.expect(("acct",), "SUCCESS")
        self.assertEqual(NOTES.read_text(), "login alice\nlogin alice\n")

    def test_auth_alone_is_not_enough(self):
        self.expect(("auth",), "SUCCESS")
        self.assertEqual(NOTES.read_text(), "")

    def test_who_is_refused_is_not(self):
        self.script(login=[result("POLICY")])
        self.run_host(("auth", "acct"), answers=("secret",))
        self.run_host(("acct",))
        self.run_host(("acct",), user="root")
        self.assertEqual(NOTES.read_text(), "")

    def test_without_a_try_nothing_is_made(self):
        NOTES.unlink()
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.assertEqual(list(STATE.iterdir()), [])
        shutil.rmtree(STATE)
        self.expect(("acct",), "SUCCESS")
        self.assertFalse(STATE.exists())

    def test_a_file_that_is_not_root_s_alone_or_full_stays_as_it_is(self):
        for change in (lambda: NOTES.chmod(0o644), lambda: self.write("x" * 65536),
                       lambda: (NOTES.rename(STATE / "other"), NOTES.symlink_to("other")),
                       lambda: (NOTES.unlink(), os.mkfifo(NOTES, 0o600)), lambda: (NOTES.unlink(), NOTES.mkdir())):
            change()
            before = None if not NOTES.is_file() else NOTES.read_text()
            self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
            self.assertEqual(before, None if not NOTES.is_file() else NOTES.read_text())
            if NOTES.is_dir():
                NOTES.rmdir()
            else:
                NOTES.unlink()
            self.write("")

    def test_a_limit_of_the_caller_kills_nobody(self):
        self.sign_in()
        outcome = self.run_host(("acct",), around=("prlimit", "--fsize=0", "--"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(NOTES.read_text(), "login alice\n")


if __name__ == "__main__":
    harness.main()
