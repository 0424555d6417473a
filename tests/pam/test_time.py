#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who calls, and when: whoever starts a set-uid host can stop it, starve it, answer in the last
second or kill it. A no stays a no, and lost time is nobody's outage."""
import fcntl
import os
import pathlib
import re
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import CODE, ROOT, SCRIPTED, Tickets, harness, result, rotated, ticket  # noqa: E402

CACHE = harness.TEST / "cache-scripted"
# More than the second that may be lost, and past a deadline of 5 seconds.
LONG, PAST = 2.5, 5.5


class Timed(Tickets):
    timeout = 5

    def start(self, operations, options="", answers=(), **settings):
        """A host whose helper has got its request."""
        self.forget()
        self.host.service("login", f"config={self.config} timeout={self.timeout} {options}")
        host = self.host.start("alice", operations, answers, **settings)
        harness.wait_for(self.requests)
        return host

    def end(self, host):
        outcome = harness.Outcome(host.communicate(timeout=120)[0].decode(), host.returncode)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def stopped(self, operations, seconds, **settings):
        host = self.start(operations, **settings)
        host.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        host.send_signal(signal.SIGCONT)
        return self.end(host)


class Stopped(Timed):
    """The helper says its word after a second, while the host is stopped."""

    def test_a_no_keeps_its_reason_and_its_ids(self):
        for name, pam, phrase in (("POLICY", "PERM_DENIED", "no rule allows it"), ("USER_DISABLED", "ACCT_EXPIRED", "disabled"),
                                  ("PASSWORD", "AUTH_ERR", "wrong password"), ("CODE_TRIES", "MAXTRIES", "third wrong answer")):
            with self.subTest(name):
                self.script(login=["sleep 300", "log notice a line", ticket(), result(name)])
                outcome = self.stopped(("auth",), PAST)
                self.assertEqual(outcome.results, ["PAM_" + pam], outcome.text)
                self.assertRegex(outcome.log[-1], f' sub=a-sub rule="rule" reason="{phrase}')

    def test_also_in_account_where_the_token_was_rotated_before(self):
        self.sign_in()
        self.make_old(400)
        self.script(account=["sleep 300", rotated("body-2"), result("REFRESH_REFUSED")])
        outcome = self.stopped(("acct",), PAST)
        self.assertEqual(outcome.results, ["PAM_PERM_DENIED"], outcome.text)
        self.assertIn('reason="Cognito has ended the sign-in', outcome.log[-1])
        self.assertEqual(self.number("refused"), 1)

    def test_a_yes_is_too_old_and_the_host_that_could_not_run_is_named(self):
        self.script(login=["sleep 300", ticket(), result()])
        outcome = self.stopped(("auth",), PAST)
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertRegex(outcome.log[-1], r'reason="stalled: the host program could not run for [45]\d{3} ms"')

    def test_a_helper_that_asks_after_the_deadline_is_not_listened_to(self):
        self.script(login=["sleep 300", "prompt password", ticket(), result()])
        outcome = self.stopped(("auth",), PAST, answers=("secret",))
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_AUTHINFO_UNAVAIL"], []), outcome.text)

    def test_stale_claims_are_no_yes_for_a_host_that_could_not_run(self):
        self.timeout = 60
        own = {"ruid": "1001"} if ROOT else {}
        self.host.users({**harness.USERS, "alice": 1001 if ROOT else os.getuid()})
        for purpose, operations, options in (("account", ("acct",), ""), ("reuse", ("auth",), "reuse")):
            self.script(login=[ticket(), result()])
            self.sign_in()
            self.make_old(400)
            self.script(login=[ticket(), result()], **{purpose: ["sleep 300", ticket(""), "stale", result()]})
            outcome = self.stopped(operations, LONG, options=options, **own)
            self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
            self.assertIn('reason="stalled', outcome.log[-1])
            self.assertEqual(outcome.hidden, [])

    def test_a_fresh_yes_is_one_also_for_a_host_that_was_stopped_meanwhile(self):
        self.timeout = 60
        self.sign_in()
        self.make_old(400)
        self.script(account=["sleep 300", ticket("body-2"), result()])
        self.assertEqual(self.stopped(("acct",), LONG).results, ["PAM_SUCCESS"])

    def test_and_so_is_one_by_young_claims(self):
        self.timeout = 60
        self.sign_in()
        self.make_old(400)
        self.script(account=["sleep 300", ticket(""), result()])
        self.assertEqual(self.stopped(("acct",), LONG).results, ["PAM_SUCCESS"])

    def test_and_less_than_a_second_is_nothing(self):
        self.timeout = 60
        self.sign_in()
        self.make_old(400)
        self.script(account=["sleep 300", ticket(""), "stale", result()])
        self.assertEqual(self.stopped(("acct",), 0.5).results, ["PAM_SUCCESS"])

    def test_who_lets_it_run_a_moment_now_and_then_hides_nothing(self):
        self.script(login=["sleep 60000"])
        for period in (0.119, 0.104, 0.06):
            with self.subTest(period=period):
                host = self.start(("auth",))
                while host.poll() is None:
                    host.send_signal(signal.SIGSTOP)
                    time.sleep(period)
                    host.send_signal(signal.SIGCONT)
                    time.sleep(0.0001)
                outcome = self.end(host)
                self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
                self.assertIn('reason="stalled', outcome.log[-1])

    def test_a_host_that_could_run_all_the_time_blames_the_network(self):
        self.script(login=["sleep 60000"])
        outcome = self.end(self.start(("auth",)))
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertIn('reason="the deadline passed', outcome.log[-1])


class LateAnswer(Timed):
    """An answer in the last second gets the time that an answer needs."""

    def answer(self, after, *lines, **settings):
        self.script(login=["prompt password", *lines])
        return self.run_host(("auth",), answers=(f"<wait:{after}>", "secret"), **settings)

    def test_a_no_is_told_with_its_reason(self):
        for name, pam in (("PASSWORD", "AUTH_ERR"), ("POLICY", "PERM_DENIED"), ("ATTEMPTS", "MAXTRIES")):
            outcome = self.answer(4600, "sleep 1500", ticket(), result(name))
            self.assertEqual(outcome.results, ["PAM_" + pam], outcome.text)
            self.assertIn(' sub=a-sub rule="rule" ', outcome.log[-1])

    def test_and_a_yes_is_a_yes(self):
        self.assertEqual(self.answer(4600, "sleep 1500", ticket(), result()).results, ["PAM_SUCCESS"])

    def test_but_not_for_ever(self):
        started = time.monotonic()
        outcome = self.answer(4600, "sleep 60000")
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertLess(time.monotonic() - started, 40)

    def test_the_next_question_is_asked_past_the_deadline_in_vain(self):
        self.script(login=["prompt password", "sleep 1000", "prompt echo_on", ticket(), result()])
        outcome = self.run_host(("auth",), answers=("<wait:4600>", "secret", "123456"))
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
        self.assertIn("no answer in time", outcome.log[-1])

    def test_a_slow_person_is_no_outage_whatever_the_helper_says_meanwhile(self):
        for name, pam, phrase in (("CONNECT", "AUTH_ERR", "no answer in time"), ("STALLED", "AUTH_ERR", "no answer in time"),
                                  ("POLICY", "PERM_DENIED", "no rule allows it")):
            self.script(login=["ask echo_on", ticket(), result(name)])
            outcome = self.run_host(("auth",), answers=("<wait:5300>", ""))
            self.assertEqual(outcome.results, ["PAM_" + pam], outcome.text)
            self.assertIn(phrase, outcome.log[-1])


class Reaped(Timed):
    """A host that has no pidfd of its helper reaps it all the same."""

    def test_for_every_reason(self):
        self.timeout = 30
        self.script(login=[ticket(), result()])
        for error in (1, 12, 22, 23, 24, 38):  # EPERM ENOMEM EINVAL ENFILE EMFILE ENOSYS
            with self.subTest(os.strerror(error)):
                around = [sys.executable, str(harness.ROOT / "tests/login/refusing.py"), "pidfd_open", str(error)]
                outcome = self.run_host(("auth",), around=around)
                self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)


class Lease(Timed):
    """Who may fetch the key set again has 20 seconds for it; when it is stored, nobody may for five
    minutes. The host may be killed, or the network fail, in between."""
    timeout = 30

    def setUp(self):
        super().setUp()
        self.grants_file = SCRIPTED / "grants"
        self.grants_file.unlink(missing_ok=True)
        for file in CACHE.glob("*"):
            if file.is_dir():
                file.rmdir()
            else:
                file.unlink()

    def grants(self):
        return self.grants_file.read_text().splitlines() if self.grants_file.exists() else []

    def refetch(self, *lines, **settings):
        """What one login is granted, and what it says."""
        self.grants_file.unlink(missing_ok=True)
        self.script(login=["refetch", *lines, ticket(), result()])
        outcome = self.run_host(("auth",), **settings)
        return [line.split(" ", 1) for line in self.grants()], outcome

    def stamp(self, suffix=".refetch"):
        return CACHE / (harness.kept_name(str(self.config)) + suffix)

    def left(self, seconds):
        """As if the stamp ended in so many seconds."""
        os.utime(self.stamp(), (0, time.time() - 300 + seconds))

    def test_what_is_stored_counts_for_five_minutes(self):
        self.assertEqual(self.refetch("store {}")[0], [["1", ""]])
        self.assertEqual(self.refetch()[0], [["0", "{}"]])
        self.left(21.5)
        self.assertEqual(self.refetch()[0], [["0", "{}"]])
        self.left(0)
        self.assertEqual(self.refetch()[0], [["1", ""]])

    def test_a_fetch_that_failed_counts_for_nothing(self):
        for lines in ((), ("result %d x" % CODE["CONNECT"],), ("crash",)):
            self.assertEqual(self.refetch(*lines)[0], [["1", ""]])
        self.assertEqual(self.refetch("store {}")[0], [["1", ""]])

    def test_a_host_that_is_killed_has_had_its_lease(self):
        self.script(login=["refetch", "sleep 60000"])
        host = self.start(("auth",))
        harness.wait_for(self.grants)
        host.kill()
        host.communicate()
        self.left(2.5)
        started = time.monotonic()
        self.assertEqual(self.refetch("store {}")[0], [["1", ""]])
        self.assertGreater(time.monotonic() - started, 0.5)
        self.assertEqual(self.refetch()[0], [["0", "{}"]])

    def test_who_meets_a_lease_waits_for_what_comes_of_it(self):
        for lines, grants in ((["store {}"], ["1 ", "0 {}"]), (["crash"], ["1 ", "1 "])):
            self.setUp()
            self.script(login=["refetch", "sleep 1500", *lines, ticket(), result()])
            first = self.start(("auth",))
            harness.wait_for(self.grants)
            second = self.start(("auth",))
            self.end(first)
            self.end(second)
            self.assertEqual(self.grants(), grants)

    def test_and_is_refused_in_time_to_say_so(self):
        self.refetch("store {}")
        self.left(19)
        self.timeout = 5
        grants, outcome = self.refetch()
        self.assertEqual((grants, outcome.results), ([["0", "{}"]], ["PAM_SUCCESS"]), outcome.text)

    def test_the_lock_of_the_stamp_ends_with_the_claim_whatever_child_another_thread_has_left(self):
        self.assertEqual(self.refetch(linger="yes")[0], [["1", ""]])
        with open(self.stamp(), "r+b") as stamp:
            fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
        grants, outcome = self.refetch("store {}")
        self.assertEqual(grants, [["1", ""]])
        self.assertNotIn("cannot be counted", outcome.text)

    def test_a_stamp_that_somebody_s_stopped_host_holds_is_not_waited_for(self):
        self.refetch("store {}")
        self.left(0)
        with open(self.stamp(), "r+b") as stamp:
            fcntl.flock(stamp, fcntl.LOCK_EX)
            grants, outcome = self.refetch("store []")
        self.assertEqual((grants, outcome.results), ([["1", ""]], ["PAM_SUCCESS"]))
        self.assertIn("the fetch of the key set cannot be counted: Resource temporarily unavailable", outcome.text)

    def test_the_clock_was_set_back(self):
        self.refetch("store {}")
        self.left(400)
        self.assertEqual(self.refetch()[0], [["1", ""]])

    def test_where_it_cannot_be_counted_it_is_granted_and_the_log_says_why(self):
        CACHE.mkdir(mode=0o700, exist_ok=True)
        self.stamp().mkdir()
        grants, outcome = self.refetch("store {}")
        self.assertEqual(grants, [["1", ""]])
        self.assertIn("the fetch of the key set cannot be counted: Is a directory", outcome.text)

    def test_a_key_set_that_cannot_be_kept_costs_the_next_one_a_fetch(self):
        CACHE.mkdir(mode=0o700, exist_ok=True)
        (CACHE / harness.kept_name(str(self.config))).mkdir()
        for _ in range(2):
            grants, outcome = self.refetch("store {}")
            self.assertEqual((grants, outcome.results), ([["1", ""]], ["PAM_SUCCESS"]), outcome.text)
            self.assertIn("the key set could not be cached for the next login: Is a directory", outcome.text)

    @unittest.skipUnless(ROOT, "only root runs set-uid hosts")
    def test_users_cannot_use_up_root_s(self):
        users = {"ruid": "1001"}
        self.assertEqual(self.refetch("store {}", **users)[0], [["1", ""]])
        self.assertEqual(self.refetch(**users)[0], [["0", "{}"]])
        self.assertEqual(self.refetch("store []")[0], [["1", ""]])
        self.assertEqual(self.refetch()[0], [["0", "[]"]])
        os.utime(self.stamp(".refetch-users"), (0, 0))
        self.assertEqual(self.refetch(**users)[0], [["1", ""]])
        self.assertEqual(self.refetch()[0], [["0", "[]"]])

    def test_the_cache_is_not_synced_and_a_ticket_is(self):
        self.script(login=["store {}", ticket(), result()])
        outcome = self.run_host(("auth", "acct"))
        self.assertEqual([re.sub("-.*", "", name) for name in re.findall(r"^sync (\S+)", outcome.text, re.M)], ["ticket"])


if __name__ == "__main__":
    harness.main()
