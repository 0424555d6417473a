#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tickets and account, with a helper that plays a script: who is allowed without it, when it
is asked, and what it may and may not do to a ticket."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import RUN, SENTENCE, Tickets, harness, result, ticket  # noqa: E402


class Unmanaged(Tickets):
    def test_root_and_services_and_local_people_are_ignored_by_account(self):
        for user, options in (("root", ""), ("daemon", ""), ("bob", "local=eve,bob"), ("root", "allow_root")):
            with self.subTest(user=user, options=options):
                # A stack in which every module says PAM_IGNORE is no success.
                outcome = self.expect(("acct",), "PERM_DENIED", user=user, options=options)
                self.assertEqual((outcome.log, outcome.errors), ([], []))

    def test_with_a_module_beside_us_they_pass(self):
        before = "account required pam_permit.so\n"
        self.host.service("cron", f"config={self.config}", before=before)
        self.assertEqual(self.host.drive("root", ("acct",), service="cron").results, ["PAM_SUCCESS"])

    def test_unmanaged_deny_denies_them(self):
        before = "account required pam_permit.so\n"
        for user, words in (("root", "root does not sign in"), ("daemon", "below min_uid"), ("bob", "a local user")):
            self.host.service("cron", f"config={self.config} unmanaged=deny local=bob", before=before)
            outcome = self.host.drive(user, ("acct",), service="cron")
            self.assertEqual(outcome.results, ["PAM_PERM_DENIED"])
            self.assertIn(words, outcome.log[-1])

    def test_unmanaged_ignore_is_the_default_said_aloud(self):
        before = "account required pam_permit.so\n"
        self.host.service("cron", f"config={self.config} unmanaged=ignore", before=before)
        self.assertEqual(self.host.drive("root", ("acct",), service="cron").results, ["PAM_SUCCESS"])

    def test_everyone_else_without_a_ticket_is_denied_and_told_how_to_get_one(self):
        for options in ("", "unmanaged=ignore", "unmanaged=deny"):
            outcome = self.expect(("acct",), "PERM_DENIED", options=options)
            self.assertIn(SENTENCE, outcome.errors[0])
        self.assertEqual(self.requests(), [])

    def test_a_stranger_to_this_host_is_not_unmanaged(self):
        self.expect(("acct",), "USER_UNKNOWN", user="nosuch")

    def test_names_in_local_match_whole_and_exactly(self):
        for names in ("alic", "alicee", "Alice", "bob,alices"):
            outcome = self.expect(("acct",), "PERM_DENIED", options=f"local={names}")
            self.assertIn(SENTENCE, outcome.errors[0])

    def test_auth_refuses_local_people_without_asking_cognito(self):
        outcome = self.expect(("auth",), "PERM_DENIED", options="local=alice", answers=("secret",))
        self.assertEqual((outcome.hidden, self.requests()), (["Password: "], []))
        self.assertIn("a local user", outcome.log[-1])


class AllowRoot(Tickets):
    def test_root_is_refused_without_it(self):
        self.expect(("auth",), "PERM_DENIED", user="root", answers=("secret",))
        self.assertEqual(self.requests(), [])

    def test_the_helper_is_told_that_it_is_root(self):
        self.expect(("auth",), "SUCCESS", user="root", options="allow_root")
        self.expect(("auth",), "SUCCESS")
        self.assertEqual([r["root"] for r in self.requests()], ["1", "0"])

    def test_a_root_that_signed_in_is_allowed_by_account(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS", user="root", options="allow_root unmanaged=deny")

    def test_without_its_own_sign_in_root_is_unmanaged_and_its_ticket_counts_for_nothing(self):
        self.sign_in(user="root", options="allow_root")
        outcome = self.expect(("acct",), "PERM_DENIED", user="root", options="allow_root unmanaged=deny")
        self.assertIn("root does not sign in", outcome.log[-1])

    def test_another_name_for_uid_0_is_root_too(self):
        self.host.users({**harness.USERS, "toor": 0})
        self.expect(("auth",), "PERM_DENIED", user="toor", answers=("secret",))


class FirstSlice(Tickets):
    def test_auth_leaves_nothing_until_account_says_yes(self):
        self.expect(("auth",), "SUCCESS")
        self.assertEqual(self.files(), [])
        self.expect(("auth", "user=bob", "acct"), "SUCCESS", "PERM_DENIED")
        self.assertEqual(self.files(), [])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.assertEqual(len(self.files()), 1)

    def test_the_ticket_is_root_s_alone(self):
        self.sign_in()
        self.assertEqual((self.file().stat().st_mode & 0o7777, RUN.stat().st_mode & 0o7777), (0o600, 0o700))
        self.assertEqual(self.file().stat().st_uid, os.geteuid())

    def test_another_transaction_s_account_allows_by_the_line_and_starts_no_process(self):
        self.sign_in()
        outcome = self.expect(("acct",), "SUCCESS")
        self.assertEqual(self.requests(), [])
        self.assertIn("account allowed user=alice service=login rhost= flow=ticket sub=a-sub rule=\"shell\"",
                      outcome.log[-1])

    def test_the_helper_need_not_even_be_there(self):
        self.sign_in()
        helper = harness.TEST / "scripted/helper"
        away = helper.with_suffix(".away")
        helper.rename(away)
        try:
            self.expect(("acct",), "SUCCESS")
        finally:
            away.rename(helper)

    def test_a_service_without_a_line_is_asked_about(self):
        self.script(login=[ticket(), result()], account=[result("POLICY")])
        self.sign_in()
        self.expect(("acct",), "PERM_DENIED", service="sudo")
        self.assertEqual([(r["purpose"], r["ticket"], r["age"]) for r in self.requests()], [("account", "body-1", "0")])


if __name__ == "__main__":
    harness.main()
