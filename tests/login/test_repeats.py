#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Throttles and hiccups: what is sent again and what never is, counted at the local Cognito."""
import contextlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
import delay  # noqa: E402
import frames  # noqa: E402

THROTTLES = ("throttle", "throttle-aws", "status-429")
FAILURES = ("status-500", "status-502", "status-503", "internal-error")
GET_TOKENS = "GetTokensFromRefreshToken"


class Repeats(Login):
    # The second repeat may come at any time before the deadline.
    options = "timeout=8"

    def sign_in(self, user="bob", *codes):
        return self.host.drive(user, ("auth",), (PASSWORDS[user], *codes))

    def assert_counted(self, endpoint, behaviour, times, result, requests, user="bob", codes=(), after=0):
        """With this fault so many times, a sign-in ends so after so many requests."""
        with self.subTest(endpoint=endpoint, behaviour=behaviour, times=times):
            COGNITO.reset()
            # Its key set is not kept yet.
            self.configure()
            COGNITO.set_behaviour(endpoint, behaviour, times=times, after=after)
            outcome = self.sign_in(user, *(code() for code in codes))
            self.assert_result(outcome, result)
            self.assertEqual(len(COGNITO.requests(endpoint)), requests, outcome.text)


class SignIn(Repeats):
    def test_one_or_two_throttles_refuse_nobody_and_a_third_does(self):
        for endpoint in ("InitiateAuth", "RespondToAuthChallenge", "jwks"):
            for behaviour in THROTTLES if endpoint != "jwks" else ("status-429",):
                self.assert_counted(endpoint, behaviour, 1, "PAM_SUCCESS", 2)
            self.assert_counted(endpoint, behaviour, 2, "PAM_SUCCESS", 3)
            self.assert_counted(endpoint, behaviour, None, "PAM_AUTHINFO_UNAVAIL", 3)

    def test_a_5xx_to_what_carries_no_password_is_asked_again(self):
        for behaviour in FAILURES:
            self.assert_counted("InitiateAuth", behaviour, 1, "PAM_SUCCESS", 2)
        self.assert_counted("jwks", "status-503", 1, "PAM_SUCCESS", 2)
        self.assert_counted("InitiateAuth", "status-503", 2, "PAM_SUCCESS", 3)
        self.assert_counted("InitiateAuth", "status-503", None, "PAM_AUTHINFO_UNAVAIL", 3)

    def test_a_proof_is_never_sent_twice_after_a_5xx(self):
        for behaviour in FAILURES:
            self.assert_counted("RespondToAuthChallenge", behaviour, 1, "PAM_AUTHINFO_UNAVAIL", 1)

    def test_nor_a_code_but_after_a_throttle_it_is(self):
        codes = (lambda: COGNITO.totp("alice"),)
        answers = "RespondToAuthChallenge"
        self.assert_counted(answers, "status-503", 1, "PAM_AUTHINFO_UNAVAIL", 2, "alice", codes, after=1)
        for behaviour in THROTTLES:
            self.assert_counted(answers, behaviour, 1, "PAM_SUCCESS", 3, "alice", codes, after=1)

    def test_other_answers_are_taken_as_they_are(self):
        for behaviour in ("status-404", "html", "bad-json", "truncated", "unknown-error", "lambda-failed"):
            self.assert_counted("InitiateAuth", behaviour, 1, "PAM_AUTHINFO_UNAVAIL", 1)

    def test_a_held_connection_that_dies_is_made_again_once(self):
        self.assert_counted("RespondToAuthChallenge", "dropped", 1, "PAM_SUCCESS", 2)
        self.assert_counted("RespondToAuthChallenge", "dropped", None, "PAM_AUTHINFO_UNAVAIL", 2)
        # The first one was held while the person typed.
        self.assert_counted("InitiateAuth", "dropped", 1, "PAM_SUCCESS", 2)
        self.assert_counted("InitiateAuth", "dropped", None, "PAM_AUTHINFO_UNAVAIL", 2)

    def test_a_minute_of_typing_is_no_time_that_the_host_could_not_run(self):
        ends = contextlib.ExitStack()
        self.addCleanup(ends.close)
        way = ends.enter_context(delay.Delay(COGNITO.port))
        self.options = "timeout=100"
        self.configure({"endpoints": {"api_url": f"https://localhost:{way.port}/", "issuer": f"{COGNITO.url}/eu-west-1_Local0001"}})

        def answer():
            time.sleep(55)  # the held connection is given up after 50
            ends.close()
            return PASSWORDS["bob"]

        outcome = self.host.drive("bob", ("auth",), (answer,))
        self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL")
        self.assertNotIn("stalled", outcome.text)

    def test_there_is_time_for_both_before_a_short_deadline(self):
        self.options = "timeout=5"
        self.assert_counted("InitiateAuth", "status-429", 2, "PAM_SUCCESS", 3)


class ByPassword(Repeats):
    basis = {"config": {"client_id": "localpassword"}, "login": {"password_method": "password"}}

    def test_a_password_goes_out_again_after_a_throttle_alone(self):
        self.assert_counted("InitiateAuth", "throttle", 1, "PAM_SUCCESS", 2)
        for behaviour in FAILURES:
            self.assert_counted("InitiateAuth", behaviour, 1, "PAM_AUTHINFO_UNAVAIL", 1)


class ByChoice(Repeats):
    basis = {"config": {"client_id": "localchoice"}, "login": {"password_method": "choice"}}

    def setUp(self):
        super().setUp()
        COGNITO.client("localchoice", flows=["ALLOW_USER_AUTH"])

    def test_until_the_password_is_in_it(self):
        for endpoint, behaviour, result, requests in (
                ("InitiateAuth", "status-503", "PAM_SUCCESS", 2), ("InitiateAuth", "throttle", "PAM_SUCCESS", 2),
                # PASSWORD_SRP's SRP_A is repeated, the proof that follows is not.
                ("RespondToAuthChallenge", "status-503", "PAM_SUCCESS", 3)):
            with self.subTest(endpoint=endpoint, behaviour=behaviour):
                COGNITO.reset()
                COGNITO.client("localchoice", flows=["ALLOW_USER_AUTH"])
                COGNITO.user("bob", attributes={})
                COGNITO.set_behaviour(endpoint, behaviour, times=1)
                outcome = self.sign_in()
                self.assert_result(outcome, result)
                self.assertEqual(len(COGNITO.requests(endpoint)), requests, outcome.text)


class ByGrant(Repeats):
    basis = {"config": {"client_id": "localbroker"}, "login": {"password_method": "ropc"}}

    def test_a_password_goes_out_again_after_a_throttle_alone(self):
        self.assert_counted("token", "status-429", 1, "PAM_SUCCESS", 2)
        for behaviour in ("status-500", "status-503"):
            self.assert_counted("token", behaviour, 1, "PAM_AUTHINFO_UNAVAIL", 1)


class Refresh(Login):
    """The same of a refresh: frame by frame, because the ticket matters."""
    endpoint = GET_TOKENS

    def sign_in(self):
        said = frames.ask("login", self.config, "bob", "login", [PASSWORDS["bob"]])
        self.jwks = said.jwks
        return said.ticket

    def ask(self, ticket, purpose="account"):
        return frames.ask(purpose, self.config, "bob", "login", ticket=ticket.body, ticket_age=300, jwks=self.jwks,
                          time_left=8000)

    def with_fault(self, behaviour, times=1, rotation=False, **user):
        COGNITO.reset()
        COGNITO.client(self.basis.get("config", {}).get("client_id", "6o7h8i9jlocalpublic"), rotation=rotation)
        ticket = self.sign_in()
        before = len(COGNITO.requests(self.endpoint))
        COGNITO.set_behaviour(self.endpoint, behaviour, times=times)
        if user:
            COGNITO.user("bob", **user)
        said = self.ask(ticket)
        return said, len(COGNITO.requests(self.endpoint)) - before

    def throttles(self):
        return THROTTLES

    def test_one_or_two_refuse_nobody_and_a_third_does(self):
        # A token that is younger than the request is not one of the future.
        self.configure({"login": {"leeway": 0}})
        for behaviour in (*self.throttles(), "status-500", "status-503"):
            for times, result, requests in ((1, "ALLOWED", 2), (2, "ALLOWED", 3)):
                with self.subTest(behaviour, times=times):
                    said, counted = self.with_fault(behaviour, times)
                    self.assertEqual((said.result, said.states, counted), (result, ["verified"], requests), said.detail)
        said, counted = self.with_fault("status-429", None)
        self.assertEqual((said.result, said.states, counted), ("THROTTLED", [], 3), said.detail)

    def test_a_no_to_a_repeated_refresh_is_no_ticket_and_refuses_nothing(self):
        """The first request may have replaced the token, and the answer got lost."""
        said, counted = self.with_fault("done-but-503", rotation=True)
        self.assertIn(said.result, ("REFRESH_REUSE", "TICKET_NONE"), said.detail)
        self.assertEqual((said.states, counted), ([], 2))
        COGNITO.reset()
        ticket = self.sign_in()
        frames.ask("revoke", self.config, "bob", "login", ticket=ticket.body, ticket_age=0)
        COGNITO.set_behaviour(self.endpoint, "status-503", times=1)
        said = self.ask(ticket)
        self.assertEqual((said.result, said.states), ("TICKET_NONE", []), said.detail)
        # Asked once, the same no is one.
        said = self.ask(ticket)
        self.assertEqual((said.result, said.states), ("REFRESH_REFUSED", ["refused"]), said.detail)

    def test_it_is_revoked_after_a_throttle_or_a_hiccup(self):
        endpoint = "RevokeToken" if self.endpoint == GET_TOKENS else "revoke"
        for behaviour in ("status-429", "status-503"):
            with self.subTest(behaviour):
                COGNITO.reset()
                ticket = self.sign_in()
                COGNITO.set_behaviour(endpoint, behaviour, times=1)
                self.assertEqual(self.ask(ticket, "revoke").result, "ALLOWED")
                self.assertEqual(len(COGNITO.requests(endpoint)), 2)


class RefreshAtTokenUrl(Refresh):
    basis = ByGrant.basis
    endpoint = "token"

    def throttles(self):
        return ("status-429",)


class Device(Login):
    @property
    def basis(self):
        return {**COGNITO.device_endpoints(), "login": {"flows": ["device"]}}

    def test_the_request_for_codes_is_repeated_and_polls_keep_their_pace(self):
        for behaviour in ("status-429", "status-503"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_interval=1)
                COGNITO.set_behaviour("device_authorization", behaviour, times=1)
                COGNITO.set_behaviour("device_token", behaviour, times=1)
                process = self.host.start("bob", ("auth",), terminal="012")
                COGNITO.approve(harness.wait_for(COGNITO.device_codes)[-1]["user_code"], "bob")
                outcome = harness.Outcome(process.communicate(timeout=60)[0].decode(), process.returncode)
                self.assert_result(outcome, "PAM_SUCCESS")
                self.assertEqual(len(COGNITO.requests("device_authorization")), 2)
                times = [line["t"] for line in COGNITO.requests("device_token")]
                self.assertTrue(all(b - a > 0.8 for a, b in zip(times, times[1:])), times)


if __name__ == "__main__":
    harness.main()
