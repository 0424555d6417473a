#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device flow through the real module and helper: what the person sees, who may
approve, and the pace at which the provider is asked."""
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

COGNITO = None
CONTROL = harness.ROOT / "tests/cognito/control.py"


def setUpModule():
    global COGNITO
    COGNITO = harness.local_cognito()
    shutil.rmtree(harness.LANE / "cache", ignore_errors=True)


class Device(unittest.TestCase):
    def setUp(self):
        COGNITO.reset()
        COGNITO.pool(device_interval=1)
        self.host = harness.Host()
        self.configure()

    def tearDown(self):
        self.host.close()

    def endpoints(self):
        return COGNITO.device_endpoints()

    def configure(self, overrides=None, options=""):
        changes = self.endpoints()
        changes.setdefault("login", {})["flows"] = ["device"]
        for section, members in (overrides or {}).items():
            changes.setdefault(section, {}).update(members)
        self.host.service("login", f"config={COGNITO.config(changes)} qr=utf8 timeout=20 {options}")
        self.host.service("sudo", f"config={COGNITO.config(changes)} qr=utf8 timeout=20 {options}")

    def start(self, user="bob", answers=(), service="login", **settings):
        command = self.host.command(user, ("auth",), answers, service, **settings)
        return subprocess.Popen(command, env=self.host.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def code(self, timeout=5):
        """The user code that waits, as soon as there is one."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            codes = COGNITO.device_codes()
            if codes:
                return codes[-1]["user_code"] if isinstance(codes[-1], dict) else codes[-1]
            time.sleep(0.02)
        raise AssertionError("no code was asked for")

    def finish(self, process, timeout=40):
        outcome = harness.Outcome(process.communicate(timeout=timeout)[0].decode(), process.returncode)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def sign_in(self, user="bob", by="bob", **settings):
        process = self.start(user, **settings)
        COGNITO.approve(self.code(), by)
        return self.finish(process)

    def assert_result(self, outcome, result, *words):
        self.assertEqual(outcome.results, [result], outcome.text)
        for word in words:
            self.assertIn(word, outcome.text)


class Rfc8628(Device):
    def test_approved_on_the_other_device_without_enter(self):
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_SUCCESS", "flow=device")
        self.assertEqual((outcome.hidden, outcome.shown), ([], []))
        text = outcome._of("info")[0]
        for words in ("login on ", " requests a sign-in for bob.", "https://", "If you did not start this, do not approve it.",
                      "█"):
            self.assertIn(words, text)

    def test_with_enter_under_sshd_everything_is_one_prompt(self):
        process = self.start(answers=("<wait:1500>", ""), tty="ssh", rhost="192.0.2.7")
        COGNITO.approve(self.code(), "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual((outcome._of("info"), len(outcome.shown)), ([], 1))
        self.assertTrue(outcome.shown[0].startswith("\\n"))
        self.assertIn("from 192.0.2.7", outcome.shown[0])

    def test_the_provider_is_asked_while_the_question_is_open(self):
        process = self.start(answers=("<wait:3500>", ""), tty="ssh")
        COGNITO.approve(self.code(), "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assertLessEqual(len(COGNITO.requests("device_token")), 3)

    def test_enter_asks_at_once(self):
        COGNITO.pool(device_interval=5)
        process = self.start(answers=(f"<sh:/usr/bin/python3 {CONTROL} {COGNITO.dir} "
                                      f"approve $(/usr/bin/python3 {CONTROL} {COGNITO.dir} devices | "
                                      "grep -oE '[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}' | tail -1) bob>",),
                             tty="ssh")
        started = time.monotonic()
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assertLess(time.monotonic() - started, 4)

    def test_under_sudo_enter_is_asked_for(self):
        COGNITO.user("bob", groups=["linux-admins"])
        process = self.start(answers=("<wait:1500>", ""), service="sudo")
        COGNITO.approve(self.code(), "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual(len(outcome.shown), 1)

    def test_somebody_else_approves(self):
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED",
                           'error You signed in as "alice", but this login is for "bob". Please start again.')

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
        self.configure(options="")
        self.host.service("login", f"config={COGNITO.config(self.with_flows())} timeout=5")
        started = time.monotonic()
        self.assert_result(self.finish(self.start()), "PAM_AUTH_ERR", "took too long")
        self.assertLess(abs(time.monotonic() - started - 5), 0.8)

    def with_flows(self):
        changes = self.endpoints()
        changes.setdefault("login", {})["flows"] = ["device"]
        return changes

    def test_requests_are_never_closer_than_the_interval(self):
        process = self.start()
        code = self.code()
        time.sleep(4.5)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        times = [line["t"] for line in COGNITO.requests("device_token")]
        self.assertGreaterEqual(len(times), 4)
        self.assertTrue(all(b - a >= 0.99 for a, b in zip(times, times[1:])), times)

    def test_a_provider_that_fails_for_a_while_is_asked_again_later(self):
        for behaviour in ("status-500", "status-429", "status-503"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                COGNITO.set_behaviour("device_token", behaviour, times=1)
                outcome = self.sign_in()
                self.assert_result(outcome, "PAM_SUCCESS")

    def test_one_connection_and_the_keys_are_fetched_while_waiting(self):
        shutil.rmtree(harness.LANE / "cache", ignore_errors=True)
        before = COGNITO.connections()
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(COGNITO.connections() - before, 1)
        kinds = [line["endpoint"] for line in COGNITO.requests()]
        self.assertLess(kinds.index("jwks"), kinds.index("device_token"))

    def test_a_dead_host_leaves_no_helper_and_asks_no_more(self):
        process = self.start()
        self.code()
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.communicate()
        time.sleep(0.2)
        self.assertTrue(children)
        self.assertFalse(any(self.runs(child) for child in children))
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
                self.assertEqual((outcome._of("info"), outcome.shown), ([], []))
                self.assertNotIn("\x1b", outcome.text)
        self.assertEqual(COGNITO.requests("device_token"), [])

    def test_an_error_in_escapes_is_printable(self):
        COGNITO.set_behaviour("device_token", "oauth-escape")
        outcome = self.finish(self.start())
        self.assert_result(outcome, "PAM_AUTH_ERR", "The sign-in was denied.")
        self.assertNotIn("\x1b", outcome.text)

    def test_hosts_and_users_in_escapes(self):
        process = self.start(rhost="\x1b]0;evil\x07\u202e.example")
        COGNITO.deny(self.code())
        self.assertIn("from ?]0;evil??.example.", self.finish(process)._of("info")[0])

    def test_no_code_or_link_is_logged(self):
        process = self.start(rhost="192.0.2.7")
        code = self.code()
        COGNITO.approve(code, "bob")
        outcome = self.finish(process)
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertNotIn(code, " ".join(outcome.log))

    def test_a_host_that_cannot_ask(self):
        self.assert_result(self.finish(self.start(answers=("<fail>",), tty="ssh")), "PAM_CONV_ERR")


class ErrorsAndEnds(Device):
    def test_an_error_ends_it(self):
        for behaviour, result, words in (
                ("oauth-access-denied", "PAM_AUTH_ERR", "The sign-in was denied."),
                ("oauth-something-new", "PAM_AUTHINFO_UNAVAIL", "something_new"),
                ("oauth-server-error", "PAM_AUTHINFO_UNAVAIL", "server_error"),
                ("bad-json", "PAM_AUTHINFO_UNAVAIL", "JSON"), ("html", "PAM_AUTHINFO_UNAVAIL", "content type"),
                ("empty-object", "PAM_AUTHINFO_UNAVAIL", "lacks"), ("status-404", "PAM_AUTHINFO_UNAVAIL", "HTTP status")):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                COGNITO.set_behaviour("device_token", behaviour)
                self.assert_result(self.finish(self.start()), result, words)
                self.assertEqual(len(COGNITO.requests("device_token")), 1)

    def test_a_connection_that_breaks_is_made_again(self):
        for behaviour in ("close", "truncated"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                COGNITO.set_behaviour("device_token", behaviour, times=1)
                process = self.start()
                code = self.code()
                while not COGNITO.requests("device_token"):
                    time.sleep(0.02)
                COGNITO.approve(code, "bob")
                self.assert_result(self.finish(process), "PAM_SUCCESS")

    def test_the_codes_own_end_when_it_comes_first(self):
        COGNITO.pool(device_code_validity=2, device_interval=60)
        started = time.monotonic()
        self.assert_result(self.finish(self.start()), "PAM_AUTH_ERR", "error The code has expired. Please start again.")
        self.assertLess(abs(time.monotonic() - started - 2), 0.8)

    def test_an_interval_of_zero_is_a_second(self):
        COGNITO.set_behaviour("device_authorization", "interval-zero")
        process = self.start()
        code = self.code()
        time.sleep(2.5)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        times = [line["t"] for line in COGNITO.requests("device_token")]
        self.assertTrue(all(b - a >= 0.99 for a, b in zip(times, times[1:])), times)

    def test_how_a_client_shows_who_it_is(self):
        secret = COGNITO.client("localsecret")["secret"]
        confidential = {"client_id": "localsecret", "client_secret": secret}
        for changes, sent in (({}, ""), ({"config": confidential}, "Basic"),
                              ({"config": confidential, "endpoints": {"client_auth": "body"}}, "")):
            with self.subTest(changes):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                self.configure(changes)
                self.assert_result(self.sign_in(), "PAM_SUCCESS")
                self.assertEqual({line["auth"] for line in COGNITO.requests()
                                  if line["endpoint"].startswith("device_")}, {sent})
        self.configure({"config": {**confidential, "client_secret": "0" * 40}})
        self.assert_result(self.finish(self.start()), "PAM_SERVICE_ERR", "invalid_client")


class AwsSample(Device):
    """Its oddities are switched on one by one; what it gets wrong is never a wrong yes."""

    def endpoints(self):
        changes = COGNITO.sample_endpoints()
        changes["config"]["token_url"] = changes["endpoints"]["device_authorization_url"]
        return changes

    def test_as_it_is_the_access_token_decides(self):
        COGNITO.pool(sample_bugs=[])
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_SUCCESS", "flow=device")
        self.assertNotIn("authorize=true", outcome.text)

    def test_with_an_id_token_that_decides(self):
        COGNITO.pool(sample_bugs=[], sample_tokens="ID+ACCESS+REFRESH")
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def test_denied(self):
        COGNITO.pool(sample_bugs=[])
        process = self.start()
        COGNITO.deny(self.code())
        self.assert_result(self.finish(process), "PAM_AUTH_ERR", "The sign-in was denied.")

    def test_somebody_else(self):
        COGNITO.pool(sample_bugs=[])
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED", 'You signed in as "alice"')

    def test_what_it_gets_is_in_the_query_with_colons_as_they_are(self):
        COGNITO.pool(sample_bugs=[])
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        codes, polls = (COGNITO.requests(name) for name in ("sample_codes", "sample_token"))
        self.assertEqual((codes[0]["query"], codes[0]["length"], codes[0]["auth"]), ("client_id=localsecret", 0, "Basic"))
        self.assertRegex(polls[0]["query"], "^client_id=localsecret&device_code=[0-9A-Za-z]{64}"
                         "&grant_type=urn:ietf:params:oauth:grant-type:device_code$")
        self.assertEqual((polls[0]["method"], polls[0]["length"], polls[0]["auth"]), ("POST", 0, "Basic"))
        self.assertGreaterEqual(polls[0]["t"] - codes[0]["t"], 1)

    def test_its_slow_down_means_not_yet(self):
        COGNITO.pool(sample_bugs=[], device_slow_downs=1)
        process = self.start()
        code = self.code()
        time.sleep(1.5)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        times = [line["t"] for line in COGNITO.requests("sample_token")]
        self.assertLess(times[1] - times[0], 3)

    # Its twelve faults, each alone, made to strike.

    def test_fault_1_a_public_client(self):
        self.configure({"config": {"client_secret": None}})
        self.assert_result(self.finish(self.start()), "PAM_SERVICE_ERR", "knows no public clients")
        # Another secret, or the body: 401 without a word.
        COGNITO.pool(sample_bugs=[1])
        self.configure({"config": {"client_secret": "0" * 40}})
        self.assert_result(self.finish(self.start()), "PAM_SERVICE_ERR", "the app client is misconfigured",
                           "error Sign-in is not set up correctly on this host.")

    def test_fault_2_is_told_apart_below(self):
        self.with_fault(2, "PAM_SUCCESS")

    def test_fault_3_an_unknown_device_code(self):
        self.host.service("login", f"config={self.host_config()} timeout=5")
        COGNITO.pool(sample_bugs=[3])
        process = self.start()
        self.code()
        COGNITO.reset()
        COGNITO.pool(sample_bugs=[3], device_interval=1)
        self.assert_result(self.finish(process), "PAM_AUTH_ERR", "error That took too long. Please start again.")
        self.assertIn(502, [line["status"] for line in COGNITO.requests("sample_token")])

    def test_fault_4_a_broken_challenge(self):
        self.with_fault(4, "PAM_AUTH_ERR", "error The code has expired. Please start again.")

    def test_fault_5_success_without_tokens(self):
        COGNITO.pool(sample_bugs=[4, 5])
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "answer lacks a required member",
                           "error The sign-in service cannot be reached right now.")

    def test_fault_6_many_groups(self):
        COGNITO.user("bob", groups=["linux-users"] + [f"group-{i:04d}-{'x' * 40}" for i in range(200)])
        self.with_fault(6, "PAM_AUTH_ERR", "error The code has expired. Please start again.")
        self.assertIn(502, [line["status"] for line in COGNITO.requests("sample_token")])

    def test_fault_7_codes_that_can_be_foretold(self):
        self.with_fault(7, "PAM_SUCCESS")
        # Who foretells one can only approve as themselves.
        COGNITO.reset()
        COGNITO.pool(sample_bugs=[7], device_interval=1)
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED", 'error You signed in as "alice"')

    def test_fault_8_a_link_that_approves(self):
        outcome = self.with_fault(8, "PAM_SUCCESS")
        self.assertNotIn("authorize=true", outcome.text)
        # 33 modules: the code holds the short address alone.
        self.assertRegex(outcome._of("info")[0].split("\\n")[1], "^.{29,33}$")

    def test_fault_9_to_12_strike_on_its_pages(self):
        for bug in (9, 10, 12):
            with self.subTest(bug):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                self.with_fault(bug, "PAM_SUCCESS")

    def test_fault_9_the_code_is_shown_as_it_is(self):
        COGNITO.pool(sample_bugs=[9])
        process = self.start()
        code = self.code()
        COGNITO.approve(code, "bob")
        self.assertIn(f"\\nCode  {code}\\n", self.finish(process)._of("info")[0])

    def test_fault_11_a_code_that_waited_too_long(self):
        COGNITO.pool(sample_bugs=[11])
        process = self.start()
        COGNITO.approve(self.code(), "bob")
        COGNITO.clock(400)
        self.assert_result(self.finish(process), "PAM_AUTH_ERR", "error The code has expired. Please start again.")

    def with_fault(self, bug, result, *words):
        COGNITO.pool(sample_bugs=[bug])
        outcome = self.sign_in()
        self.assert_result(outcome, result, *words)
        return outcome

    def host_config(self):
        changes = self.endpoints()
        changes.setdefault("login", {})["flows"] = ["device"]
        return COGNITO.config(changes)

    def test_what_it_says_without_words(self):
        for endpoint, behaviour, result in (
                ("sample_codes", "bare-401", "PAM_SERVICE_ERR"), ("sample_codes", "bare-405", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_codes", "bare-500", "PAM_AUTHINFO_UNAVAIL"), ("sample_codes", "status-502", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_codes", "empty-object", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_token", "bare-401", "PAM_SERVICE_ERR"), ("sample_token", "bare-405", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_token", "empty-object", "PAM_AUTHINFO_UNAVAIL")):
            with self.subTest(endpoint=endpoint, behaviour=behaviour):
                COGNITO.reset()
                COGNITO.pool(device_interval=1, sample_bugs=[])
                COGNITO.set_behaviour(endpoint, behaviour)
                self.assert_result(self.finish(self.start()), result)

    def test_502_between_approval_and_code_means_not_yet(self):
        COGNITO.pool(sample_bugs=[2])
        process = self.start()
        code = self.code()
        COGNITO.begin_approval(code)
        time.sleep(1.6)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assertIn(502, [line["status"] for line in COGNITO.requests() if "status" in line])


if __name__ == "__main__":
    harness.main()
