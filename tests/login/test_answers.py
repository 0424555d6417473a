#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What Cognito may answer in the password flow, in whatever form and how late, and what the person and PAM are told."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import frames  # noqa: E402
from password_login import Login  # noqa: E402


class Answers(Login):
    """What the service may answer, and what the person and PAM are told."""

    def test_http_answers_that_count_for_nothing(self):
        for endpoint in ("InitiateAuth", "RespondToAuthChallenge", "jwks"):
            for behaviour in ("status-500", "status-429", "redirect", "html", "empty", "truncated", "huge", "close",
                              "encoded", "bad-json", "duplicate-member"):
                with self.subTest(endpoint=endpoint, behaviour=behaviour):
                    COGNITO.reset()
                    COGNITO.set_behaviour(endpoint, behaviour)
                    self.configure(options="timeout=5")
                    self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "cannot be reached right now")
                    # Nothing is followed, whatever a redirect says.
                    self.assertNotIn("_redirected", str(COGNITO.log()))

    def test_who_was_asked_is_heard_even_where_nothing_can_be_sent(self):
        secret = {"client_id": "localbroker", "client_secret": "x" * 1200}
        for settings in ({"login": {"password_method": "ropc"}},
                         {"login": {"flows": ["browser"]}, "endpoints": {"redirect_uri": "http://localhost:8400/callback"}}):
            with self.subTest(settings):
                self.configure({"config": secret, **settings})
                self.assert_result(self.host.drive("bob", ("auth",), (lambda: time.sleep(0.3) or "0123456789abcdef",)), "PAM_SERVICE_ERR", "the configuration is wrong")

    def test_an_empty_200_is_a_yes_only_where_cognito_documents_one(self):
        answers = [PASSWORDS["bob"], *["New-Staple-77!"] * 2]
        for behaviour, result in (("empty", "ALLOWED"), ("empty-object", "ALLOWED"), ("empty-html", "HTTP_CONTENT_TYPE"),
                                  ("empty-untyped", "HTTP_CONTENT_TYPE")):
            with self.subTest("ChangePassword", behaviour=behaviour):
                COGNITO.reset()
                COGNITO.set_behaviour("ChangePassword", behaviour)
                said = frames.ask("change", self.config, "bob", "passwd", answers)
                self.assertEqual(said.result, result, said.detail)
        for endpoint in ("ForgotPassword", "ConfirmForgotPassword"):
            for behaviour in ("empty", "empty-html", "empty-untyped"):
                with self.subTest(endpoint, behaviour=behaviour):
                    COGNITO.reset()
                    COGNITO.user("bob", status="RESET_REQUIRED")
                    COGNITO.set_behaviour(endpoint, behaviour)
                    code = lambda: COGNITO.code("bob")
                    outcome = self.host.drive("bob", ("auth",), (PASSWORDS["bob"], "yes", code, *["New-Staple-77!"] * 2))
                    self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL")
                    self.assertNotIn("Your new password is set", outcome.text)

    def test_silence_and_dripping_end_at_the_request_timeout(self):
        self.configure({"network": {"request_timeout": 1}})
        for behaviour in ("silence", "slow"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.set_behaviour("InitiateAuth", behaviour)
                started = time.monotonic()
                self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")
                self.assertLess(time.monotonic() - started, 10)

    def test_tokens_that_prove_nothing(self):
        for behaviour in ("wrong-signature", "alg-none", "expired-token", "other-issuer", "other-audience",
                          "access-as-id"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.set_behaviour("RespondToAuthChallenge", behaviour)
                self.assert_result(self.sign_in(), "PAM_AUTH_ERR", "could not be verified")

    def test_answers_without_tokens(self):
        COGNITO.set_behaviour("RespondToAuthChallenge", "no-token")
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")

    def test_tokens_before_the_password_was_proven(self):
        COGNITO.set_behaviour("InitiateAuth", "no-token")
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")

    def test_the_pool_s_own_no_is_told_in_its_words_and_is_no_wrong_password(self):
        firewall = ("The sign-in service refuses requests from this host.",)
        threat = ("for security reasons. Please contact",)
        for behaviour, words in {
                "lambda": ("error The user pool refused the sign-in: Not from this network.",),
                "lambda-token": ("error The user pool refused the sign-in: Your contract has ended.",),
                "lambda-no-words": ("error The user pool refused the sign-in. Please contact",),
                "security": threat, "security-request": threat, "forbidden": firewall, "forbidden-403": firewall,
                "not-authorized-403": firewall, "status-403": firewall}.items():
            for endpoint in ("InitiateAuth", "RespondToAuthChallenge"):
                with self.subTest(endpoint=endpoint, behaviour=behaviour):
                    COGNITO.reset()
                    COGNITO.set_behaviour(endpoint, behaviour)
                    outcome = self.sign_in()
                    self.assert_result(outcome, "PAM_PERM_DENIED", *words)
                    self.assertNotIn("Incorrect", outcome.errors[0])
                    self.assertEqual(len(COGNITO.requests(endpoint)), 1)

    def test_words_that_would_steer_a_terminal_or_the_log_do_neither(self):
        COGNITO.set_behaviour("InitiateAuth", "lambda-escape")
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_PERM_DENIED", "error The user pool refused the sign-in: ?]0;evil??[2J%s%n login allowed")
        self.assertNotRegex(outcome.text, r"[\x1b\x07\u202e]")
        self.assertEqual(len(outcome.errors), 1)

    def test_a_no_is_one_in_whatever_letters_its_words_are(self):
        for behaviour, result, *words in (
                ("latin-disabled", "PAM_ACCT_EXPIRED", "This account is disabled."),
                ("latin-disabled-header", "PAM_ACCT_EXPIRED", "This account is disabled."),
                ("latin-wrong", "PAM_AUTH_ERR", 'reason="wrong password', "Incorrect username or password. ?"),
                ("latin-lambda", "PAM_PERM_DENIED", "error The user pool refused the sign-in: Acc?s refus?"),
                ("utf16-lambda", "PAM_PERM_DENIED", "error The user pool refused the sign-in: ?=?????"),
                ("cut-lambda", "PAM_PERM_DENIED", "error The user pool refused the sign-in: Acc?")):
            for endpoint in ("InitiateAuth", "RespondToAuthChallenge"):
                with self.subTest(endpoint=endpoint, behaviour=behaviour):
                    COGNITO.reset()
                    COGNITO.set_behaviour(endpoint, behaviour)
                    self.assert_result(self.sign_in(), result, *words)

    def test_what_else_is_not_utf_8_is_an_outage_and_told_as_that(self):
        # A 503 is asked for again, at any time before the deadline.
        self.configure(options="timeout=10")
        for behaviour, phrase in (("latin-page", "unexpected content type"), ("latin-page-400", "unexpected content type"),
                                  ("latin-page-503", "Cognito failed"), ("latin-type", "unexpected content type"),
                                  ("bad-utf8", "answer is not strict JSON")):
            for endpoint in ("InitiateAuth", "RespondToAuthChallenge"):
                with self.subTest(endpoint=endpoint, behaviour=behaviour):
                    COGNITO.reset()
                    COGNITO.set_behaviour(endpoint, behaviour)
                    outcome = self.sign_in()
                    # The answer to the last question may come too late.
                    is_repeated = (endpoint, behaviour) == ("InitiateAuth", "latin-page-503")
                    self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL", 'reason="' + ("" if is_repeated else phrase))
                    self.assertEqual(outcome.errors, ["The sign-in service cannot be reached right now. Please try again later."])

    def test_also_when_a_code_is_asked_for_or_a_password_changed(self):
        COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD")
        answers = (PASSWORDS["bob"], "", *["New-Staple-77!"] * 2)
        # The answer to NEW_PASSWORD_REQUIRED, which is the second.
        COGNITO.set_behaviour("RespondToAuthChallenge", "lambda", after=1)
        self.assert_result(self.host.drive("bob", ("auth",), answers), "PAM_PERM_DENIED", "Not from this network.")
        COGNITO.reset()
        COGNITO.set_behaviour("ChangePassword", "lambda")
        said = frames.ask("change", self.config, "bob", "passwd", [PASSWORDS["bob"], *["New-Staple-77!"] * 2])
        self.assertEqual((said.result, said.message), ("LAMBDA", "The user pool refused the sign-in: Not from this network."))

    def test_a_lambda_that_fails_is_an_outage(self):
        for behaviour in ("lambda-failed", "lambda-odd", "delivery"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.set_behaviour("InitiateAuth", behaviour)
                self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "cannot be reached right now")

    def test_a_session_that_expires_while_the_code_is_looked_for(self):
        COGNITO.pool(auth_session_validity=0)
        outcome = self.sign_in("alice", None, "<wait:1200>", COGNITO.totp("alice"))
        self.assertIn(outcome.results[0], ("PAM_AUTH_ERR",), outcome.text)
        self.assertIn("expired", outcome.text)

    def test_an_unknown_certificate_authority(self):
        empty = self.host.dir / "empty-ca"
        empty.mkdir()
        self.configure({"network": {"ca_path": str(empty)}})
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "TLS")

    def test_a_helper_that_cannot_confine_itself_asks_for_nothing_more(self):
        harness.own_start_alone()
        if harness.SAN:
            self.skipTest("a sanitizer's build is not confined")
        around = [sys.executable, str(harness.ROOT / "tests/login/refusing.py"), "seccomp", "38"]
        before = len(COGNITO.requests())
        outcome = self.sign_in(around=around)
        self.assert_result(outcome, "PAM_SERVICE_ERR", 'reason="the helper cannot confine itself: seccomp: this kernel does not take the filter')
        self.assertEqual(len(COGNITO.requests()), before)

    def test_no_such_host_and_no_such_port(self):
        pool = "/eu-west-1_Local0001/.well-known/jwks.json"
        self.configure({"config": {"certs_url": "https://no-such-host.invalid" + pool}})
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "not resolved")
        self.configure({"config": {"certs_url": "https://localhost:1" + pool}})
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL", "no connection")


class LastSecond(Login):
    """Who answers in the last second gets the answer of the pool and of the rules."""

    def test_a_no_keeps_its_reason(self):
        COGNITO.set_behaviour("RespondToAuthChallenge", "late")
        self.configure({"rules": [{"name": "nobody here", "effect": "deny", "groups": ["linux-users"]}]}, "timeout=5")
        for answer, result, words in (("wrong", "PAM_AUTH_ERR", ["wrong password"]),
                                      (PASSWORDS["bob"], "PAM_PERM_DENIED", ['rule="nobody here"', "sub=7e16fc7a"])):
            outcome = self.host.drive("bob", ("auth",), ("<wait:4500>", answer))
            self.assert_result(outcome, result, *words)

    def test_a_black_hole_is_still_one(self):
        COGNITO.set_behaviour("RespondToAuthChallenge", "silence")
        self.configure(options="timeout=5")
        outcome = self.host.drive("bob", ("auth",), ("<wait:4500>", PASSWORDS["bob"]))
        self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL", "Operation timed out")


if __name__ == "__main__":
    harness.main()
