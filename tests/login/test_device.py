#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device flow through the real module and helper: what the person sees, who may
approve, and the pace at which the provider is asked."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, harness  # noqa: E402
from device_login import Device  # noqa: E402


class Rfc8628(Device):
    def test_approved_on_the_other_device_without_enter(self):
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_SUCCESS", "flow=device")
        self.assertEqual((outcome.hidden, outcome.shown), ([], []))
        text = outcome.info[0]
        for words in ("login on ", " requests a sign-in for bob.", "https://", "If you did not start this, do not approve it.",
                      "█"):
            self.assertIn(words, text)

    def test_with_enter_under_sshd_everything_is_one_prompt(self):
        process = self.start(answers=("<wait:1500>", ""), service="sshd", tty="ssh", rhost="192.0.2.7")
        COGNITO.approve(self.code(), "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual((outcome.info, len(outcome.shown)), ([], 1))
        self.assertTrue(outcome.shown[0].startswith("\\n"))
        self.assertIn("from 192.0.2.7", outcome.shown[0])

    def test_the_provider_is_asked_while_the_question_is_open(self):
        process = self.start(answers=("<wait:3500>", ""), service="sshd", tty="ssh")
        COGNITO.approve(self.code(), "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assertLessEqual(len(COGNITO.requests("device_token")), 3)

    def test_enter_asks_at_once(self):
        # By itself the provider would be asked only after the login's time is over.
        COGNITO.pool(device_interval=60)

        def approve():
            COGNITO.approve(self.code(), "bob")
            return ""
        self.assert_result(self.host.drive("bob", ("auth",), (approve,), service="sshd", tty="ssh"), "PAM_SUCCESS")

    def test_somebody_else_approves(self):
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED",
                           'error Signed in as "alice"; this login is for "bob". Please start again.')

    def test_denied_on_the_other_device(self):
        process = self.start()
        COGNITO.deny(self.code())
        self.assert_result(self.finish(process), "PAM_AUTH_ERR", "The sign-in was denied.")

    def test_the_code_expires(self):
        process = self.start()
        self.code()
        COGNITO.clock(7200)
        self.assert_result(self.finish(process), "PAM_AUTH_ERR", "The code has expired")

    def test_nobody_approves_before_the_deadline(self):
        self.options = "timeout=5"
        self.configure()
        started = time.monotonic()
        self.assert_result(self.finish(self.start()), "PAM_AUTH_ERR", "took too long")
        self.assertGreater(time.monotonic() - started, 4)

    def test_requests_are_never_closer_than_the_interval(self):
        process = self.start()
        code = self.code()
        harness.wait_for(lambda: len(COGNITO.requests("device_token")) >= 3)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assert_pace()

    def test_a_provider_that_fails_for_a_while_is_asked_again_later(self):
        for behaviour in ("status-500", "status-429", "status-503"):
            with self.subTest(behaviour):
                self.reset()
                COGNITO.set_behaviour("device_token", behaviour, times=1)
                outcome = self.sign_in()
                self.assert_result(outcome, "PAM_SUCCESS")

    def test_one_connection_and_one_fetch_of_the_keys(self):
        before = COGNITO.connections()
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(COGNITO.connections() - before, 1)
        kinds = [line["endpoint"] for line in COGNITO.requests()]
        self.assertEqual(kinds.count("jwks"), 1)

    def test_a_dead_host_leaves_no_helper_and_asks_no_more(self):
        process = self.start()
        self.code()
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.communicate()
        self.assertNotEqual(bool(children), harness.WARM)
        harness.wait_for(lambda: not any(self.runs(child) for child in children))
        asked = len(COGNITO.requests("device_token"))
        time.sleep(1.5)
        self.assertEqual(len(COGNITO.requests("device_token")), asked)

    @staticmethod
    def runs(pid):
        """A process that has ended and waits for a slow init to reap it does not run."""
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def test_a_choice_of_flows_is_asked_once(self):
        self.configure({"login": {"flows": ["password", "device"]}})
        process = self.start(answers=("2",))
        COGNITO.approve(self.code(), "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertIn("1) Password\\n  2) Another device", outcome.shown[0])
        outcome = self.finish(self.start(answers=("1", "Battery-Staple-8!")))
        self.assert_result(outcome, "PAM_SUCCESS", "flow=password")

    def test_the_pam_line_forces_a_flow(self):
        self.configure({"login": {"flows": ["password", "device"]}}, options="flow=device")
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual(outcome.shown, [])


class WhatIsShown(Device):
    """A provider that says what nobody should see on a terminal."""

    def test_an_answer_that_cannot_be_shown_is_not(self):
        for behaviour in ("user-code-escape", "user-code-long", "uri-escape", "uri-http", "uri-long", "no-uri",
                          "uri-other-name", "no-user-code", "no-device-code", "no-expires", "expires-zero", "expires-text",
                          "interval-text", "interval-fraction", "interval-negative", "interval-huge", "expires-huge",
                          "html", "huge", "duplicate-member", "nul-in-member", "bad-utf8", "truncated"):
            with self.subTest(behaviour):
                COGNITO.set_behaviour("device_authorization", behaviour)
                outcome = self.finish(self.start())
                self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL")
                self.assertEqual((outcome.info, outcome.shown), ([], []))
                self.assertNotIn("\x1b", outcome.text)
        self.assertEqual(COGNITO.requests("device_token"), [])

    def test_the_words_beside_an_error_may_be_in_any_letters(self):
        COGNITO.set_behaviour("device_token", "latin-pending", times=1)
        process = self.start()
        COGNITO.approve(self.code(), "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        COGNITO.reset()
        COGNITO.set_behaviour("device_token", "latin-oauth")
        self.assert_result(self.finish(self.start()), "PAM_PERM_DENIED", "The user pool refused the sign-in: Acc?s refus?")

    def test_an_error_in_escapes_is_printable(self):
        COGNITO.set_behaviour("device_token", "oauth-escape")
        outcome = self.finish(self.start())
        self.assert_result(outcome, "PAM_AUTH_ERR", "The sign-in was denied.")
        self.assertNotIn("\x1b", outcome.text)

    def test_hosts_and_users_in_escapes(self):
        process = self.start(rhost="\x1b]0;evil\x07\u202e.example")
        COGNITO.deny(self.code())
        self.assertIn("from ?]0;evil??.example.", self.finish(process).info[0])

    def test_no_code_or_link_is_logged(self):
        process = self.start(rhost="192.0.2.7")
        code = self.code()
        COGNITO.approve(code, "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertNotIn(code, " ".join(outcome.log))

    def test_a_host_that_cannot_ask(self):
        self.assert_result(self.finish(self.start(answers=("<fail>",), service="sshd", tty="ssh")), "PAM_CONV_ERR")


class WhoIsAsked(Device):
    """prompt=auto: a text without a question is for those who are known to show it."""

    def assert_asked(self, asked, rows, **settings):
        """rows: (service, descriptors that are a terminal). The provider denies every login."""
        processes = []
        for service, terminal in rows:
            self.host.service(service, f"config={self.config} {self.options}")
            known = len(COGNITO.device_codes())
            processes.append(self.start(answers=("<wait:50>", ""), service=service, terminal=terminal, **settings))
            harness.wait_for(lambda known=known: len(COGNITO.device_codes()) > known)
            COGNITO.deny(self.code())
        for (service, terminal), process in zip(rows, processes):
            with self.subTest(service=service, terminal=terminal):
                outcome = self.finish(process)
                self.assert_result(outcome, "PAM_AUTH_ERR", "flow=device")
                seen = [text for text in outcome.shown + outcome.info + outcome.errors if "Code  " in text]
                self.assertEqual((len(outcome.shown), len(seen)), (int(asked), 1), outcome.text)

    def test_login_and_su_on_a_terminal_are_not(self):
        self.assert_asked(False, [(service, terminal) for service in ("login", "su", "su-l") for terminal in ("012", "02")])

    def test_nor_is_anybody_by_the_pam_line(self):
        self.options += " prompt=none"
        self.assert_asked(False, [("doas", "012"), ("login", "")])

    def test_every_other_service_is(self):
        self.assert_asked(True, [(service, "012") for service in (
            "sshd", "sudo", "sudo-i", "sudo-cognito", "doas", "polkit-1", "cockpit", "su-x", "remote", "login2", "other-one")])

    def test_login_and_su_without_a_terminal_are(self):
        self.assert_asked(True, [(service, terminal) for service in ("login", "su", "su-l") for terminal in ("", "0", "2", "1", "01", "12")])

    def test_and_where_the_host_wants_silence(self):
        self.assert_asked(True, [("su", "012"), ("login", "02")], flags="silent")

    def test_by_the_pam_line_even_login_is(self):
        self.options += " prompt=enter"
        self.assert_asked(True, [("login", "012")])

    def test_a_no_that_comes_while_the_question_is_open_is_heard_after_the_answer(self):
        for behaviour, result, words in (("oauth-access-denied", "PAM_AUTH_ERR", "The sign-in was denied."),
                                         ("html", "PAM_AUTHINFO_UNAVAIL", "content type"),
                                         ("status-403", "PAM_PERM_DENIED", "firewall")):
            with self.subTest(behaviour):
                self.reset()
                COGNITO.set_behaviour("device_token", behaviour)

                def enter():
                    harness.wait_for(lambda: COGNITO.requests("device_token"))
                    time.sleep(0.3)
                    return ""

                self.assert_result(self.host.drive("bob", ("auth",), (enter,), "sshd"), result, words)

    def test_what_no_question_follows_stays_out_of_the_output_of_the_command(self):
        # su bob -c COMMAND >FILE: a notice would go to the file.
        for terminal, kind in (("012", "info"), ("02", "errors")):
            process = self.start(service="login", terminal=terminal)
            COGNITO.deny(self.code())
            outcome = self.finish(process)
            self.assertIn("Code  ", getattr(outcome, kind)[0], outcome.text)


class ErrorsAndEnds(Device):
    def test_an_error_ends_it(self):
        for behaviour, result, words in (
                ("oauth-access-denied", "PAM_AUTH_ERR", "The sign-in was denied."),
                ("oauth-something-new", "PAM_AUTHINFO_UNAVAIL", "something_new"),
                ("oauth-server-error", "PAM_AUTHINFO_UNAVAIL", "server_error"),
                ("bad-json", "PAM_AUTHINFO_UNAVAIL", "JSON"), ("html", "PAM_AUTHINFO_UNAVAIL", "content type"),
                ("empty-object", "PAM_AUTHINFO_UNAVAIL", "lacks"), ("status-404", "PAM_AUTHINFO_UNAVAIL", "HTTP status")):
            with self.subTest(behaviour):
                self.reset()
                COGNITO.set_behaviour("device_token", behaviour)
                self.assert_result(self.finish(self.start()), result, words)
                self.assertEqual(len(COGNITO.requests("device_token")), 1)

    def test_a_connection_that_breaks_is_made_again(self):
        for behaviour in ("close", "truncated"):
            with self.subTest(behaviour):
                self.reset()
                COGNITO.set_behaviour("device_token", behaviour, times=1)
                process = self.start()
                code = self.code()
                harness.wait_for(lambda: COGNITO.requests("device_token"))
                COGNITO.approve(code, "bob")
                self.assert_result(self.finish(process), "PAM_SUCCESS")

    def test_the_codes_own_end_when_it_comes_first(self):
        COGNITO.pool(device_code_validity=2, device_interval=60)
        started = time.monotonic()
        self.assert_result(self.finish(self.start()), "PAM_AUTH_ERR", "error The code has expired. Please start again.")
        self.assertTrue(1.9 < time.monotonic() - started < 15)

    def test_an_interval_of_zero_is_a_second(self):
        COGNITO.set_behaviour("device_authorization", "interval-zero")
        process = self.start()
        code = self.code()
        harness.wait_for(lambda: len(COGNITO.requests("device_token")) >= 2)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assert_pace()

    def test_how_a_client_shows_who_it_is(self):
        secret = COGNITO.client("localsecret")["secret"]
        confidential = {"client_id": "localsecret", "client_secret": secret}
        for changes, sent in (({}, ""), ({"config": confidential}, "Basic"),
                              ({"config": confidential, "endpoints": {"client_auth": "body"}}, "")):
            with self.subTest(changes):
                self.reset()
                self.configure(changes)
                self.assert_result(self.sign_in(), "PAM_SUCCESS")
                self.assertEqual({line["auth"] for line in COGNITO.requests()
                                  if line["endpoint"].startswith("device_")}, {sent})
        self.configure({"config": {**confidential, "client_secret": "0" * 40}})
        self.assert_result(self.finish(self.start()), "PAM_SERVICE_ERR", "invalid_client")


if __name__ == "__main__":
    harness.main()
