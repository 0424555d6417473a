#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tickets and account, with a helper that plays a script: who is allowed without it, when it
is asked, and what it may and may not do to a ticket."""
import fcntl
import os
import pathlib
import resource
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import ROOT, RUN, SCRIPTED, SENTENCE, Tickets, boot_clock, harness, result, rotated, ticket, ticket_file  # noqa: E402


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


class Verdict(Tickets):
    def test_it_is_applied_while_the_helper_leaves(self):
        harness.own_start_alone()  # a warm one leaves whenever it likes
        self.sign_in()
        left = SCRIPTED / "left"
        self.script(account=[ticket("body-2"), result(), "sleep 200", "left"])
        for _ in range(20):
            left.unlink(missing_ok=True)
            self.make_old(400)
            self.expect(("acct",), "SUCCESS")
            # A helper that takes half a second to leave, on a busy machine, is killed.
            if left.exists():
                break
        self.assertLess(self.file().stat().st_mtime_ns, left.stat().st_mtime_ns)


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

    def test_a_second_account_of_the_same_transaction_goes_by_the_disk(self):
        self.script(login=[ticket(decisions="login 1 - shell\n"), result()], account=[rotated("body-9"), "crash"])
        self.expect(("auth", "acct", "wait=1100", "acct"), "SUCCESS", "SUCCESS", "SERVICE_ERR")
        self.assertEqual(self.body(), "body-9")

    def test_and_after_one_that_could_not_tell_it_asks_again(self):
        self.script(login=[ticket(decisions="login 0 - shell\n"), result()], account=[result("CONNECT")])
        self.expect(("auth", "acct", "acct"), "SUCCESS", "AUTHINFO_UNAVAIL", "AUTHINFO_UNAVAIL")
        self.assertEqual((self.purposes(), self.files()), (["login", "account", "account"], []))

    def test_the_ticket_is_root_s_alone(self):
        self.sign_in()
        self.assertEqual((self.file().stat().st_mode & 0o7777, RUN.stat().st_mode & 0o7777), (0o600, 0o700))
        self.assertEqual(self.file().stat().st_uid, os.geteuid())

    def test_another_transaction_s_account_allows_by_the_line_and_starts_no_process(self):
        self.sign_in()
        outcome = self.expect(("acct",), "SUCCESS")
        self.assertEqual(self.requests(), [])
        self.assertIn(":account): login allowed user=alice service=login rhost= flow=ticket sub=a-sub rule=\"shell\"",
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
        asked, = self.requests()
        self.assertEqual((asked["purpose"], asked["ticket"]), ("account", "body-1"))
        self.assertLess(int(asked["age"]), 10)


class Whose(Tickets):
    """A ticket belongs to one user name, uid and configuration; for any other there is none."""

    def setUp(self):
        super().setUp()
        self.sign_in()

    def assert_absent(self, **settings):
        outcome = self.expect(("acct",), "PERM_DENIED", **settings)
        self.assertIn(SENTENCE, outcome.errors[0])
        self.assertEqual(self.requests(), [])

    def test_another_person(self):
        self.assert_absent(user="bob")

    def test_a_user_deleted_and_made_again_under_another_name_with_the_same_uid(self):
        self.host.users({"newcomer": 1001})
        self.assert_absent(user="newcomer")

    def test_a_user_deleted_and_made_again_with_another_uid(self):
        self.host.users({"alice": 2001})
        self.assert_absent()

    def test_another_configuration_on_the_same_host(self):
        self.config = self.host.dir / "other.json"
        self.config.write_text("{}")
        self.config.chmod(0o600)
        self.assert_absent()

    def test_a_file_moved_to_where_another_s_is_looked_for(self):
        file = self.file()
        file.rename(file.with_name(file.name.replace("-1001-", "-1002-")))
        self.assert_absent(user="bob")

    def test_another_boot(self):
        self.change(boot="00000000-0000-4000-8000-000000000000")
        self.assert_absent()

    def test_stamps_ahead_of_the_boot_clock(self):
        born, verified = self.number("born"), self.number("verified")
        self.change(verified=verified + 3600000)
        self.assert_absent()
        self.change(born=born + 3600000)
        self.assert_absent()

    def test_verified_before_it_was_born(self):
        self.change(verified=self.number("born") - 1)
        self.assert_absent()

    def test_a_longer_life_than_any(self):
        self.change(until=self.number("born") + 31 * 86400000)
        self.assert_absent()

    def test_its_life_is_over(self):
        self.change(until=self.number("born") + 1)
        self.assert_absent()


class Fingerprint(Tickets):
    """A changed configuration makes the lines worthless, and not the ticket."""

    def setUp(self):
        super().setUp()
        self.sign_in()
        self.script(account=[ticket("body-2"), result()])

    def assert_asked(self):
        self.expect(("acct",), "SUCCESS")
        self.assertEqual([(r["purpose"], r["ticket"]) for r in self.requests()], [("account", "body-1")])
        self.forget()
        self.expect(("acct",), "SUCCESS")
        self.assertEqual((self.requests(), self.body()), ([], "body-2"))

    def test_other_content(self):
        self.config.write_text("{ }")
        self.assert_asked()

    def test_it_ends_with_the_name_of_this_host(self):
        self.assertTrue(self.fields()["fingerprint"].decode().endswith("." + socket.gethostname()))

    def test_another_time_stamp(self):
        os.utime(self.config, (1, 1))
        self.assert_asked()

    def test_another_inode_with_the_same_content_and_time(self):
        copy = self.host.dir / "copy"
        copy.write_text("{}")
        copy.chmod(0o600)
        stamp = self.config.stat()
        os.utime(copy, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        copy.rename(self.config)
        self.assert_asked()

    def test_another_host_name_or_build(self):
        self.change(fingerprint=self.fields()["fingerprint"].decode() + "x")
        self.assert_asked()

    def test_a_configuration_that_cannot_be_trusted_ends_it(self):
        self.config.chmod(0o644)
        self.expect(("acct",), "SERVICE_ERR")
        self.config.unlink()
        self.expect(("acct",), "SERVICE_ERR")
        self.assertEqual(self.requests(), [])


class Validity(Tickets):
    """How long a line holds, whatever the helper says."""

    def test_a_line_holds_as_long_as_the_helper_says_and_no_longer(self):
        self.script(login=[ticket(decisions="login 60 - shell\n"), result()], account=[result("POLICY")])
        self.sign_in()
        self.make_old(50)
        self.expect(("acct",), "SUCCESS")
        self.make_old(15)
        self.expect(("acct",), "PERM_DENIED")
        asked, = self.requests()
        self.assertIn(int(asked["age"]), range(65, 76))

    def test_recheck_0_asks_every_time_also_right_after_auth(self):
        self.script(login=[ticket(decisions="login 0 - shell\n"), result()],
                    account=[ticket("body-2", decisions="login 0 - shell\n"), result()])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.expect(("acct",), "SUCCESS")
        self.assertEqual(self.purposes(), ["login", "account", "account"])
        self.assertEqual(self.body(), "body-2")

    def test_a_no_right_after_auth_replaces_what_an_earlier_sign_in_left(self):
        self.sign_in()
        for answer, wanted, left in (([ticket("body-3", decisions=""), result("POLICY")], "PERM_DENIED", (0, "body-3")),
                                     ([result("USER_DISABLED")], "ACCT_EXPIRED", (1, ""))):
            self.script(login=[ticket("body-2", decisions="login 0 - shell\n"), result()], account=answer)
            self.expect(("auth", "acct"), "SUCCESS", wanted)
            self.assertEqual((self.number("refused"), self.body()), left)

    def test_and_one_that_says_nothing_about_the_person_does_not(self):
        self.sign_in()
        self.script(login=[ticket("body-2", decisions="login 0 - shell\n"), result()], account=[result("CONNECT")])
        self.expect(("auth", "acct"), "SUCCESS", "AUTHINFO_UNAVAIL")
        self.assertEqual(self.body(), "body-1")

    def test_no_decision_is_believed_for_more_than_a_day_and_no_ticket_for_more_than_thirty(self):
        self.script(login=[ticket(decisions="login 99999999 - shell\n", lifetime=99999999), result()], account=[result("POLICY")])
        self.sign_in()
        self.assertEqual(self.number("until") - self.number("born"), 30 * 86400 * 1000)
        # As far back as it is believed: some hosts have not been up for a day.
        self.change(decided=self.number("decided") - 86400 * 1000 + 60000)
        if self.number("decided") >= 0:
            self.expect(("acct",), "SUCCESS")
            self.change(decided=self.number("decided") - 60000)
            self.expect(("acct",), "PERM_DENIED")
            self.assertEqual(self.purposes(), ["account"])

    def test_a_decision_of_the_future_does_not_hold(self):
        self.script(login=[ticket(), result()], account=[result("POLICY")])
        self.sign_in()
        self.change(decided=boot_clock() + 3600000)
        self.expect(("acct",), "PERM_DENIED")
        self.assertEqual(self.purposes(), ["account"])

    def test_only_the_line_of_this_service_counts(self):
        lines = "sshd 300 - a\nsudo 300 - b\nlogi 300 - c\nloginn 300 - d\n"
        self.script(login=[ticket(decisions=lines), result()], account=[result("POLICY")])
        # auth was asked for "login" and said yes, but no line holds: account asks again
        self.expect(("auth", "acct"), "SUCCESS", "PERM_DENIED")
        self.assertEqual((self.purposes(), self.files()), (["login", "account"], []))

    def test_a_refresh_makes_the_ticket_no_older_and_no_younger(self):
        self.script(login=[ticket(), result()], account=[ticket("body-2", lifetime=1000), result()])
        self.sign_in()
        self.make_old(400)
        born = self.number("born")
        self.expect(("acct",), "SUCCESS")
        self.assertEqual((self.number("born"), self.number("until")), (born, born + 1000000))
        self.assertGreaterEqual(self.number("verified"), born + 400000)

    def test_a_refresh_that_tells_of_a_shorter_life_than_it_had_already_is_no_yes(self):
        self.script(login=[ticket(), result()], account=[ticket("body-2", lifetime=400), result()])
        self.sign_in()
        self.make_old(400)
        self.assertIn("it has expired", self.expect(("acct",), "PERM_DENIED").log[-1])
        self.expect(("acct",), "PERM_DENIED")
        self.assertEqual(self.purposes(), ["account"])

    def test_rules_asked_about_known_claims_leave_their_age_as_it_is(self):
        self.script(login=[ticket(decisions="login 60 - shell\n"), result()],
                    account=[ticket("", "login 90 - again\n", ""), result()])
        self.sign_in()
        self.make_old(70)
        verified = self.number("verified")
        self.expect(("acct",), "SUCCESS")
        self.assertEqual((self.number("verified"), self.body()), (verified, "body-1"))
        # Claims that the configuration exports no more are gone from the sessions, too.
        self.assertNotIn(b"OIDC_CLAIM_", self.file().read_bytes())
        self.forget()
        self.assertIn('rule="again"', self.expect(("acct",), "SUCCESS").log[-1])
        self.assertEqual(self.requests(), [])


class Decision(Tickets):
    """What account makes of the helper's answers."""

    def setUp(self):
        super().setUp()
        self.sign_in()
        self.make_old(400)

    def answer(self, *lines):
        self.script(account=lines)

    def meanwhile(self, **changed):
        """An account whose refresh token another process has used, and changed the ticket."""
        self.answer("sleep 2000", result("REFRESH_REUSE"))
        done = []
        thread = threading.Thread(target=lambda: done.append(self.run_host(("acct",))))
        thread.start()
        harness.wait_for(self.requests)
        self.change(**changed)
        self.script(account=[ticket("body-8"), result()])
        thread.join()
        return done[0]

    def test_verified_claims_replace_the_old_ones_also_when_the_verdict_is_no(self):
        self.answer(ticket("body-2", decisions=""), result("POLICY"))
        self.expect(("acct",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-2")
        self.assertEqual(self.purposes(), ["account"])

    def test_the_log_tells_what_the_helper_has_told_and_not_an_older_line(self):
        self.answer(ticket("body-2", decisions="login 300 - of-the-ticket\n"), result())
        self.assertRegex(self.expect(("acct",), "SUCCESS").log[-1], r'flow=password sub=a-sub rule="rule" ')

    def test_a_rotated_token_is_on_the_disk_before_anything_can_fail(self):
        for ending in ("crash", result("CONNECT"), result("POLICY")):
            self.answer(rotated("body-3"), ending)
            self.run_host(("acct",))
            self.assertEqual(self.body(), "body-3")

    def test_a_no_of_cognito_s_that_cannot_be_written_takes_the_ticket_away(self):
        file = self.file()
        for news in ([], [ticket("body-2", decisions="")]):
            # Nothing can be made under the name that a ticket is written by first.
            file.with_name(file.name + ".new").mkdir()
            self.answer(*news, result("REFRESH_REFUSED"))
            self.expect(("acct",), "SERVICE_ERR")
            self.assertEqual(self.files(), [])
            file.with_name(file.name + ".new").rmdir()
            self.script(login=[ticket(), result()])
            self.sign_in()
            self.make_old(400)

    def test_a_ticket_is_as_old_as_the_question_that_brought_it(self):
        """Whoever stops the host while the answer waits does not make it any younger."""
        before = boot_clock()
        self.answer("sleep 1500", ticket("body-2"), result())
        self.expect(("acct",), "SUCCESS")
        self.assertLess(self.number("verified"), before + 1000)

    def test_cognito_s_no_marks_the_ticket_until_a_new_sign_in(self):
        self.answer(result("REFRESH_REFUSED"))
        outcome = self.expect(("acct",), "PERM_DENIED")
        self.assertIn(SENTENCE, outcome.errors[0])
        self.assertEqual((self.number("refused"), self.body()), (1, ""))
        self.forget()
        self.script(login=[ticket("body-5"), result()], account=[ticket("body-4"), result()])
        self.expect(("acct",), "PERM_DENIED")
        self.assertEqual(self.requests(), [])
        self.sign_in()
        self.expect(("acct",), "SUCCESS")
        self.assertEqual((self.number("refused"), self.body()), (0, "body-5"))

    def test_what_the_helper_says_is_the_result(self):
        for name, wanted in (("USER_DISABLED", "ACCT_EXPIRED"), ("CONNECT", "AUTHINFO_UNAVAIL"),
                             ("THROTTLED", "AUTHINFO_UNAVAIL"), ("CLAIM_ISS", "AUTH_ERR"), ("POLICY_DENY", "PERM_DENIED"),
                             ("REFRESH_REFUSED", "PERM_DENIED"), ("TICKET_NONE", "PERM_DENIED")):
            with self.subTest(name):
                self.answer(result(name))
                self.expect(("acct",), wanted)
                # Cognito's own refusal has ended the ticket.
                if self.number("refused"):
                    self.script(login=[ticket(), result()])
                    self.sign_in()
                    self.make_old(400)

    def test_a_yes_about_somebody_else_is_none(self):
        for sub in ("b-sub", "a-subb", "a-su", ""):
            with self.subTest(sub):
                self.answer(ticket("body-2"), result("ALLOWED", sub))
                self.expect(("acct",), "SERVICE_ERR")
                # Nothing of it is believed: the ticket is as it was.
                self.assertEqual((self.number("refused"), self.body()), (0, "body-1"))
                # What it did before is undone: the token of before is dead, if it told the truth.
                self.answer(rotated("body-2"), ticket("body-2"), result("ALLOWED", sub))
                self.expect(("acct",), "SERVICE_ERR")
                self.expect(("acct",), "PERM_DENIED")
                self.assertEqual((self.number("refused"), self.body()), (1, ""))
                self.script(login=[ticket(), result()])
                self.sign_in()
                self.make_old(400)

    def test_a_rotation_that_is_none_ends_the_run_and_what_rotated_before_it_the_ticket(self):
        for body in ("", "b" * (104 * 1024 + 1)):
            for before, left in (([], (0, "body-1")), ([rotated("body-2")], (1, ""))):
                self.answer(*before, rotated(body), ticket("body-3"), result())
                self.expect(("acct",), "SERVICE_ERR")
                self.assertEqual((self.number("refused"), self.body()), left)
            self.script(login=[ticket(), result()])
            self.sign_in()
            self.make_old(400)

    def test_a_yes_whose_decisions_are_malformed_is_none(self):
        self.answer(ticket("body-2", decisions="login 300 a:b shell\n"), result())
        self.expect(("acct",), "SERVICE_ERR")
        self.assertEqual((self.number("refused"), self.body()), (0, "body-1"))

    def test_no_question_is_asked_by_account(self):
        self.answer("prompt password", ticket("body-2"), result())
        outcome = self.expect(("acct",), "SERVICE_ERR", answers=("secret",))
        self.assertEqual(outcome.hidden, [])

    def test_a_helper_that_hangs_is_ended_at_the_deadline(self):
        self.timeout = 5
        self.answer("sleep 40000")
        started = time.monotonic()
        self.expect(("acct",), "AUTHINFO_UNAVAIL")
        self.assertLess(time.monotonic() - started, 30)

    def test_used_before_means_read_again_and_not_refused(self):
        for body in ("body-7", "body-of-another-length"):
            self.forget()
            outcome = self.meanwhile(body=body)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
            self.assertEqual([r["ticket"] for r in self.requests()], ["body-1", body])
            self.assertEqual(self.body(), "body-8")
            self.change(body="body-1")
            self.make_old(400)

    def test_a_newer_one_that_is_refused_by_now_is_not_asked_about(self):
        outcome = self.meanwhile(body="body-7", refused=1)
        self.assertEqual((outcome.results, self.purposes()), (["PAM_PERM_DENIED"], ["account"]), outcome.text)
        self.assertEqual(self.body(), "body-7")

    def test_used_before_and_nothing_newer_is_a_denial_with_the_way_out(self):
        self.answer(result("REFRESH_REUSE"))
        outcome = self.expect(("acct",), "PERM_DENIED")
        self.assertIn(SENTENCE, outcome.errors[0])
        self.assertEqual(len(self.requests()), 1)
        self.assertEqual(self.number("refused"), 0)


class Lock(Tickets):
    """One recheck of a person at a time."""

    def setUp(self):
        super().setUp()
        self.sign_in()
        self.make_old(400)
        self.script(account=[ticket("body-2"), result()])
        self.held = open(str(self.file()) + ".lock", "a", encoding="ascii")  # pylint: disable=consider-using-with
        fcntl.flock(self.held, fcntl.LOCK_EX)

    def tearDown(self):
        self.held.close()
        super().tearDown()

    def release_after(self, seconds, first=None):
        def later():
            time.sleep(seconds)
            if first:
                first()
            fcntl.flock(self.held, fcntl.LOCK_UN)
        thread = threading.Thread(target=later)
        thread.start()
        self.addCleanup(thread.join)

    def test_it_is_waited_for_until_the_deadline_and_never_done_without(self):
        self.timeout = 5
        started = time.monotonic()
        outcome = self.expect(("acct",), "PERM_DENIED")
        self.assertTrue(4.9 < time.monotonic() - started < 30)
        self.assertEqual((self.requests(), self.body()), ([], "body-1"))
        self.assertRegex(outcome.log[-1], ' sub=a-sub .*reason="the ticket\'s lock')

    def test_who_gets_it_too_late_to_ask_is_not_told_that_cognito_is_away(self):
        """Their own stopped program held it."""
        self.timeout = 5
        self.release_after(2.5)
        outcome = self.expect(("acct",), "PERM_DENIED")
        self.assertEqual((self.requests(), self.body()), ([], "body-1"))
        self.assertRegex(outcome.log[-1], ' sub=a-sub .*reason="the ticket\'s lock')

    def test_it_ends_with_the_transaction_whatever_child_another_thread_has_left(self):
        fcntl.flock(self.held, fcntl.LOCK_UN)
        self.expect(("acct",), "SUCCESS", linger="yes")
        self.make_old(400)
        self.timeout = 5
        self.expect(("acct",), "SUCCESS")

    def test_when_it_is_free_the_recheck_goes_on(self):
        self.release_after(0.5)
        self.expect(("acct",), "SUCCESS")
        self.assertEqual(self.purposes(), ["account"])

    def test_the_ticket_is_read_again_under_it(self):
        def refreshed_by_another():
            now = boot_clock()
            self.change(verified=now, decided=now)
        self.release_after(0.5, refreshed_by_another)
        outcome = self.expect(("acct",), "SUCCESS")
        self.assertEqual(self.requests(), [])
        self.assertIn(' flow=ticket sub=a-sub rule="shell" reason="allowed"', outcome.log[-1])

    def test_and_so_is_a_refusal(self):
        self.release_after(0.5, lambda: self.change(refused=1))
        self.expect(("acct",), "PERM_DENIED")
        self.assertEqual(self.requests(), [])

    def test_a_fresh_ticket_needs_no_lock(self):
        self.script(login=[ticket(), result()])
        self.release_after(0)
        self.sign_in()
        fcntl.flock(self.held, fcntl.LOCK_EX)
        self.expect(("acct",), "SUCCESS")

    def test_an_emptied_folder_does_not_let_two_in(self):
        for file in RUN.iterdir():
            file.unlink()
        self.script(login=[ticket(), result()])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")

    def test_twenty_at_once_refresh_once(self):
        fcntl.flock(self.held, fcntl.LOCK_UN)
        self.script(account=["sleep 200", rotated("body-2"), ticket("body-2"), result()])
        for name in ("login",):
            self.host.service(name, f"config={self.config} timeout=60")
        runs = [subprocess.Popen(self.host.command("alice", ("acct",)), env=self.host.environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(20)]
        outputs = [run.communicate(timeout=60)[0].decode() for run in runs]
        self.assertEqual([("acct PAM_SUCCESS" in text) for text in outputs], [True] * 20, outputs)
        self.assertEqual((self.purposes(), self.body()), (["account"], "body-2"))


class Odd(Tickets):
    """Odd content is as good as none; what cannot be written is not believed."""

    def assert_absent(self):
        self.assertIn(SENTENCE, self.expect(("acct",), "PERM_DENIED").errors[0])

    def test_cut_short_anywhere_or_with_more_behind(self):
        self.sign_in()
        whole = self.file().read_bytes()
        for length in list(range(0, len(whole), 17)) + [len(whole) - 1]:
            self.file().write_bytes(whole[:length])
            self.assert_absent()
        self.file().write_bytes(whole + b"\n")
        self.assert_absent()
        self.file().write_bytes(whole)
        self.expect(("acct",), "SUCCESS")

    def test_a_mode_a_link_a_folder_a_fifo(self):
        self.sign_in()
        file = self.file()
        file.chmod(0o640)
        self.assert_absent()
        file.chmod(0o600)
        away = file.with_name("away")
        file.rename(away)
        file.symlink_to(away)
        self.assert_absent()
        file.unlink()
        file.mkdir()
        self.assert_absent()
        file.rmdir()
        os.mkfifo(file, 0o600)
        self.assert_absent()

    @unittest.skipUnless(os.geteuid() == 0, "needs root to give a file away")
    def test_another_owner(self):
        self.sign_in()
        os.chown(self.file(), 65534, 65534)
        self.assert_absent()

    def test_a_lock_that_is_not_ours_alone_is_none(self):
        self.sign_in()
        self.make_old(400)
        lock = pathlib.Path(str(self.file()) + ".lock")
        lock.chmod(0o666)
        self.expect(("acct",), "SERVICE_ERR")
        lock.unlink()
        lock.symlink_to("/dev/null")
        self.expect(("acct",), "SERVICE_ERR")
        self.assertEqual(self.requests(), [])

    def test_a_host_without_standard_descriptors_keeps_and_reads_tickets(self):
        for closed in ("0", "012"):
            self.script(login=[ticket(), result()], account=[ticket("body-2"), result()])
            self.sign_in(close=closed)
            self.make_old(400)
            self.expect(("acct",), "SUCCESS", close=closed)
            self.expect(("acct",), "SUCCESS", close=closed)
            self.assertEqual((self.body(), self.purposes()), ("body-2", ["account"]))
            self.forget()

    def test_a_folder_that_is_not_ours_alone_is_not_used(self):
        RUN.mkdir()
        RUN.chmod(0o755)
        outcome = self.expect(("auth", "acct"), "SUCCESS", "SERVICE_ERR")
        self.assertIn("the ticket cannot be written", outcome.log[-1])
        self.assertEqual(self.files(), [])

    def test_leftovers_of_a_writer_that_died_are_in_nobody_s_way(self):
        self.sign_in()
        file = self.file()
        file.with_name(file.name + ".new").write_text("half a ti")
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.assertEqual(sorted(f.name for f in RUN.iterdir()), [file.name, file.name + ".lock"])

    def limited(self, operations):
        command = self.host.command("alice", operations)
        done = subprocess.run(command, env=self.host.environment(), stdout=subprocess.PIPE, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
        return harness.Outcome(done.stdout.decode(), done.returncode)

    def test_under_a_file_size_limit_nothing_is_refreshed_and_nobody_dies(self):
        self.sign_in()
        self.make_old(400)
        self.script(account=[ticket("body-2"), result()], login=[ticket("b" * 100000), result()])
        # Printed to a pipe: a file would be limited too.
        outcome = self.limited(("acct",))
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
        self.assertEqual((self.requests(), self.body()), ([], "body-1"))
        outcome = self.limited(("auth", "acct"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS", "PAM_SERVICE_ERR"], outcome.text)
        self.assertEqual(self.body(), "body-1")

    def test_a_no_that_cannot_be_written_takes_the_earlier_yes_away(self):
        self.sign_in()
        self.script(login=[ticket("b" * 100000, decisions=""), result("POLICY")])
        outcome = self.limited(("auth",))
        self.assertEqual((outcome.results, self.files()), (["PAM_PERM_DENIED"], []), outcome.text)


class Lies(Tickets):
    """A helper that was taken over is bounded."""

    def test_frames_that_break_the_form_end_the_transaction_and_leave_nothing(self):
        many = "".join(f"s{i} 1 - r\n" for i in range(129))
        rows = {
            "no body": ticket(body=""), "a body too large": ticket(body="b" * (104 * 1024 + 1)),
            "a line without its parts": ticket(decisions="login 300\n"),
            "a line without a service": ticket(decisions=" 300 - shell\n"),
            "a negative time": ticket(decisions="login -1 - shell\n"),
            "a time that is no number": ticket(decisions="login 3e2 - shell\n"),
            "a time beyond all": ticket(decisions="login 9999999999999999 - shell\n"),
            "an empty field": ticket(decisions="\n"), "a service twice": ticket(decisions="login 1 - a\nlogin 300 video b\n"),
            "a control character": ticket(decisions="login 300 - sh\033[2Jell\n"),
            "129 lines": ticket(decisions=many), "a long service": ticket(decisions="s" * 65 + " 300 - shell\n"),
            "a group like an option": ticket(decisions="login 300 -video shell\n"),
            "an empty group": ticket(decisions="login 300 video,,audio shell\n"),
            "a long group": ticket(decisions="login 300 " + "g" * 257 + " shell\n"),
            "a group with a colon": ticket(decisions="login 300 a:b shell\n"),
            "a long rule": ticket(decisions="login 300 - " + "r" * 256 + "\n"),
            "another variable": ticket(exports="LD_PRELOAD=/tmp/x.so\n"),
            "another prefix": ticket(exports="XOIDC_CLAIM_a=b\n"), "no name": ticket(exports="OIDC_CLAIM_=b\n"),
            "a name with a hyphen": ticket(exports="OIDC_CLAIM_a-b=c\n"), "no value": ticket(exports="OIDC_CLAIM_a\n"),
            "a value with a control character": ticket(exports="OIDC_CLAIM_a=b\tc\n"),
            "a value over 4 KiB": ticket(exports="OIDC_CLAIM_a=" + "v" * 4097 + "\n"),
            "65 exports": ticket(exports="".join(f"OIDC_CLAIM_a{i}=b\n" for i in range(65))),
            "no lifetime": ticket(lifetime=""), "a lifetime that is no number": ticket(lifetime="1h"),
            "a rotation of nothing": rotated("body-2"),
        }
        for what, line in rows.items():
            with self.subTest(what):
                self.script(login=[line, result()])
                self.expect(("auth", "acct"), "SERVICE_ERR", "PERM_DENIED")
                self.assertEqual(self.files(), [])

    def test_a_yes_without_a_ticket_is_none(self):
        self.script(login=[result()])
        self.expect(("auth", "acct"), "SERVICE_ERR", "PERM_DENIED")

    def test_at_the_limits_it_is_taken(self):
        lines = "login 300 " + ",".join(["g" * 32] * 31) + " " + "r" * 255 + "\n"
        lines += "".join(f"s{i} 1 - \n" for i in range(127))
        exports = "".join(f"OIDC_CLAIM_a{i}=" + "v" * 4000 + "\n" for i in range(8))
        self.script(login=[ticket("b" * 104 * 1024, lines, exports), result()])
        self.sign_in()
        self.expect(("acct",), "SUCCESS")

    def test_a_run_has_no_end_of_rotations(self):
        self.sign_in()
        self.make_old(400)
        self.script(account=[rotated("body-2")] * 300 + [ticket("body-2"), result()])
        self.expect(("acct",), "SERVICE_ERR")

    def test_a_password_phase_keeps_no_ticket(self):
        self.script(change=[ticket(), result()], check=[result()])
        self.expect(("chauthtok",), "SERVICE_ERR", ruid="1001")


class Tracked(Tickets):
    """At a pool that remembers the device of a sign-in, what nobody has any more is revoked."""

    seen = 0

    def revoked(self):
        """Since it was last asked."""
        found = [r["ticket"] for r in self.requests() if r["purpose"] == "revoke"]
        self.seen, before = len(found), self.seen
        return found[before:]

    def sign_in_with(self, body, *more, sub="a-sub"):
        self.script(login=[ticket(body), *more, result("ALLOWED", sub)], revoke=[result()])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        return self.revoked()

    def test_the_ticket_that_account_replaces(self):
        self.assertEqual(self.sign_in_with("body-1", "tracked"), [])
        self.assertEqual(self.sign_in_with("body-2", "tracked"), ["body-1"])
        self.assertEqual((self.sign_in_with("body-2", "tracked"), self.body()), ([], "body-2"))
        self.assertEqual(self.sign_in_with("body-3"), [])

    def test_not_before_account_has_replaced_it(self):
        self.sign_in_with("body-1", "tracked")
        self.script(login=[ticket("body-2"), "tracked", result()], revoke=[result()])
        self.expect(("auth",), "SUCCESS")
        self.assertEqual((self.revoked(), self.body()), ([], "body-1"))

    def test_a_denied_sign_in_or_the_ticket_that_it_replaces(self):
        denied = [ticket("body-6", decisions=""), "tracked", result("POLICY")]
        self.script(login=denied, revoke=[result()])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual((self.revoked(), self.files()), (["body-6"], []))
        self.sign_in_with("body-1", "tracked")
        self.script(login=denied, revoke=[result()])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual((self.revoked(), self.body()), (["body-1"], "body-6"))
        self.script(login=[ticket("body-7", decisions=""), "tracked", result("POLICY", "b-sub")], revoke=[result()])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual((self.revoked(), self.body()), (["body-7"], "body-6"))

    def test_nor_of_a_ticket_that_cognito_refuses(self):
        self.sign_in_with("body-1", "tracked")
        self.script(login=["tracked", result("USER_DISABLED")], revoke=[result()])
        self.expect(("auth",), "ACCT_EXPIRED")
        self.assertEqual((self.revoked(), self.number("refused")), ([], 1))

    def test_what_comes_of_it_changes_no_verdict(self):
        self.sign_in_with("body-1", "tracked")
        for number, ending in enumerate(([result("CONNECT")], ["crash"], ["sleep 60000"], [ticket("body-9"), result()])):
            with self.subTest(ending=ending):
                self.script(login=[ticket(f"body-{number + 2}"), "tracked", result()], revoke=ending)
                self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
                self.assertEqual((self.revoked(), self.body()), ([f"body-{number + 1}"], f"body-{number + 2}"))


class Login(Tickets):
    """What auth does to a ticket that is there already."""

    def test_a_no_of_the_rules_replaces_the_live_ticket_of_the_same_person(self):
        self.sign_in()
        self.script(login=[ticket("body-6", decisions=""), result("POLICY")], account=[result("POLICY")])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-6")
        self.expect(("acct",), "PERM_DENIED")

    def test_and_leaves_nothing_where_there_was_none(self):
        self.script(login=[ticket("body-6", decisions=""), result("POLICY")])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.files(), [])

    def test_a_ticket_of_another_sub_stays(self):
        self.sign_in()
        self.script(login=[ticket("body-6", decisions=""), result("POLICY", "b-sub")])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-1")

    def test_whoever_signs_in_as_somebody_else_changes_nothing(self):
        self.sign_in()
        for ending in ("IDENTITY", "PASSWORD", "CLAIM_AUD", "CONNECT"):
            self.script(login=[ticket("body-6"), result(ending)])
            self.run_host(("auth",))
            self.assertEqual(self.body(), "body-1")

    def test_cognito_s_no_at_the_sign_in_marks_it_refused(self):
        self.sign_in()
        self.script(login=[result("USER_DISABLED")])
        self.expect(("auth",), "ACCT_EXPIRED")
        self.assertEqual((self.number("refused"), self.body()), (1, ""))
        self.expect(("acct",), "PERM_DENIED")

    def test_every_refusal_of_cognito_s_does(self):
        for name in ("USER_NOT_CONFIRMED", "PASSWORD_EXPIRED", "PASSWORD_RESET"):
            self.script(login=[ticket(), result()])
            self.sign_in()
            self.script(login=[result(name)])
            self.run_host(("auth",))
            self.assertEqual((self.number("refused"), self.body()), (1, ""), name)

    def test_but_an_attempt_that_anybody_can_make_ends_nobody_s(self):
        self.sign_in()
        for name in ("LAMBDA", "SECURITY"):
            with self.subTest(name):
                self.script(login=[result(name)], account=[result(name)])
                self.expect(("auth",), "PERM_DENIED")
                self.assertEqual((self.number("refused"), self.body()), (0, "body-1"))
                self.expect(("acct",), "SUCCESS")

    def test_one_s_own_expired_ticket_goes_along_and_is_removed_when_it_is_revoked(self):
        self.sign_in()
        self.change(until=self.number("born") + 1)
        self.script(login=[ticket("body-9"), "revoked", result()])
        self.expect(("auth",), "SUCCESS")
        self.assertEqual([(r["ticket"], r["expired"]) for r in self.requests()], [("", "body-1")])
        self.assertEqual(self.files(), [])

    def test_of_another_boot_too_and_after_a_refusal(self):
        self.sign_in()
        self.change(boot="00000000-0000-4000-8000-000000000000")
        self.script(login=["revoked", result("PASSWORD")])
        self.expect(("auth",), "AUTH_ERR")
        self.assertEqual([r["expired"] for r in self.requests()], ["body-1"])
        self.assertEqual(self.files(), [])

    def test_it_stays_when_it_could_not_be_revoked(self):
        self.sign_in()
        self.change(until=self.number("born") + 1)
        self.script(login=[result("CONNECT")])
        self.expect(("auth",), "AUTHINFO_UNAVAIL")
        self.assertEqual([r["expired"] for r in self.requests()], ["body-1"])
        self.assertEqual(self.body(), "body-1")

    def test_its_lock_is_not_waited_for(self):
        self.sign_in()
        self.change(until=self.number("born") + 1)
        self.script(login=[ticket("body-9"), "revoked", result()])
        with open(str(self.file()) + ".lock", "a", encoding="ascii") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.expect(("auth",), "SUCCESS")
        self.assertEqual(self.body(), "body-1")

    def test_a_live_ticket_is_not_an_expired_one(self):
        self.sign_in()
        self.script(login=[ticket("body-9"), "revoked", result()])
        self.expect(("auth",), "SUCCESS")
        self.assertEqual([r["expired"] for r in self.requests()], [""])
        self.assertEqual(self.body(), "body-1")

    def test_no_ticket_of_another_user_goes_along(self):
        self.sign_in(user="bob")
        self.change(until=self.number("born") + 1)
        os.utime(self.file(), (1, 1))
        self.script(login=[ticket("body-9"), "revoked", result()])
        for settings in ({}, {"ruid": "1001"}, {"ruid": "1002"}):
            self.expect(("auth",), "SUCCESS", **settings)
        self.assertEqual([(r["ticket"], r["expired"]) for r in self.requests()], [("", "")] * 3)
        self.assertEqual(self.body(), "body-1")

    def test_no_ticket_goes_along_where_another_user_could_stop_the_host_while_it_holds_the_lock(self):
        self.sign_in()
        self.change(until=self.number("born") + 1)
        self.script(login=[ticket("body-9"), "revoked", result()])
        if ROOT:
            self.expect(("auth",), "SUCCESS", ruid="1002")
            self.assertEqual([r["expired"] for r in self.requests()], [""])
            self.assertEqual(self.body(), "body-1")
            self.expect(("auth",), "SUCCESS", ruid="1001")
            self.assertEqual(self.files(), [])

    def test_nor_one_that_lies_where_this_user_s_is_looked_for(self):
        self.sign_in(user="bob")
        self.change(until=self.number("born") + 1)
        self.file().rename(str(self.file()).replace("-1002-", "-1001-"))
        self.expect(("auth",), "SUCCESS")
        self.assertEqual([r["expired"] for r in self.requests()], [""])

    def test_a_ticket_of_the_older_format_is_an_expired_one(self):
        self.sign_in()
        ticket_file.make_older(self.file(), body="older")
        self.assertIn("it has expired", self.expect(("acct",), "PERM_DENIED").log[-1])
        self.script(login=[ticket("body-9"), "revoked", result()])
        self.expect(("auth",), "SUCCESS")
        self.assertEqual([r["expired"] for r in self.requests()], ["older"])
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    harness.main()
