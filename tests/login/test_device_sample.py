#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device flow with the AWS sample as its provider, and with each of the sample's faults."""
import concurrent.futures
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, harness  # noqa: E402
from device_login import Device  # noqa: E402
import frames  # noqa: E402


class AwsSample(Device):
    """Its oddities are switched on one by one; what it gets wrong is never a wrong yes."""

    def endpoints(self):
        return COGNITO.sample_endpoints()

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
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED", 'Signed in as "alice"')

    def test_what_it_gets_is_in_the_query_with_colons_as_they_are(self):
        COGNITO.pool(sample_bugs=[])
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        codes, polls = (COGNITO.requests(name) for name in ("sample_codes", "sample_token"))
        self.assertEqual((codes[0]["query"], codes[0]["length"], codes[0]["auth"]), ("client_id=localsecret", 0, "Basic"))
        self.assertRegex(polls[0]["query"], "^client_id=localsecret&device_code=[0-9A-Za-z]{64}"
                         "&grant_type=urn:ietf:params:oauth:grant-type:device_code$")
        self.assertEqual((polls[0]["method"], polls[0]["length"], polls[0]["auth"]), ("POST", 0, "Basic"))
        self.assertGreater(polls[0]["t"] - codes[0]["t"], 0.8)

    def test_it_gets_the_secret_as_it_is_whatever_provider_is_behind_it(self):
        COGNITO.pool(sample_bugs=[])
        secret = "a+b/c=d%2B" * 4
        for endpoints in ({"provider": "cognito"}, {"provider": "oidc", "api_url": COGNITO.url}):
            COGNITO.client("localsecret", secret=secret)
            self.configure({"config": {"client_secret": secret}, "endpoints": endpoints, "users": {"claim": "cognito:username"}})
            self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def test_its_slow_down_means_not_yet(self):
        COGNITO.pool(sample_bugs=[], device_slow_downs=1)
        process = self.start()
        code = self.code()
        harness.wait_for(lambda: COGNITO.requests("sample_token"))
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        times = [line["t"] for line in COGNITO.requests("sample_token")]
        # RFC 8628's slow_down would have made it six seconds.
        self.assertLess(times[1] - times[0], 5.5)

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
        self.options = "timeout=5"
        self.configure()
        COGNITO.pool(sample_bugs=[3])
        process = self.start()
        self.code()
        self.reset(sample_bugs=[3])
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
        self.reset(sample_bugs=[7])
        self.assert_result(self.sign_in(by="alice"), "PAM_PERM_DENIED", 'error Signed in as "alice"')

    def test_fault_8_a_link_that_approves(self):
        outcome = self.with_fault(8, "PAM_SUCCESS")
        self.assertNotIn("authorize=true", outcome.text)
        # 33 modules: the code holds the short address alone.
        self.assertRegex(outcome.info[0].split("\\n")[1], "^.{29,33}$")

    def test_fault_9_to_12_strike_on_its_pages(self):
        for bug in (9, 10, 12):
            with self.subTest(bug):
                self.reset()
                self.with_fault(bug, "PAM_SUCCESS")

    def test_fault_9_the_code_is_shown_as_it_is(self):
        COGNITO.pool(sample_bugs=[9])
        process = self.start()
        code = self.code()
        COGNITO.approve(code, "bob")
        self.assertIn(f"\\nCode  {code}\\n", self.finish(process).info[0])

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

    def test_what_it_says_without_words(self):
        for endpoint, behaviour, result in (
                ("sample_codes", "bare-401", "PAM_SERVICE_ERR"), ("sample_codes", "bare-405", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_codes", "bare-500", "PAM_AUTHINFO_UNAVAIL"), ("sample_codes", "status-502", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_codes", "empty-object", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_token", "bare-401", "PAM_SERVICE_ERR"), ("sample_token", "bare-405", "PAM_AUTHINFO_UNAVAIL"),
                ("sample_token", "empty-object", "PAM_AUTHINFO_UNAVAIL")):
            with self.subTest(endpoint=endpoint, behaviour=behaviour):
                self.reset(sample_bugs=[])
                COGNITO.set_behaviour(endpoint, behaviour)
                self.assert_result(self.finish(self.start()), result)

    def test_502_between_approval_and_code_means_not_yet(self):
        COGNITO.pool(sample_bugs=[2])
        process = self.start()
        code = self.code()
        COGNITO.begin_approval(code)
        harness.wait_for(lambda: 502 in [line["status"] for line in COGNITO.requests()])
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")


class ADay(Device):
    """Behind the sample are Cognito's own tokens, and Cognito refreshes them."""

    def endpoints(self):
        return COGNITO.sample_endpoints()

    def later(self, hours):
        """Both clocks: the pool's, and that of a helper whose clock can be set (later.c)."""
        COGNITO.clock(hours * 3600)
        frames.HELPER, frames.ENVIRONMENT = harness.TEST / "counted/helper", {"LATER": str(hours * 3600)}

    def setUp(self):
        super().setUp()
        for name in ("HELPER", "ENVIRONMENT"):
            self.addCleanup(setattr, frames, name, getattr(frames, name))

    def signed_in(self, tokens):
        COGNITO.pool(sample_bugs=[], sample_tokens=tokens)
        with concurrent.futures.ThreadPoolExecutor(1) as other:
            asked = other.submit(frames.ask, "login", self.config, "bob", "login")
            COGNITO.approve(self.code(), "bob")
            said = asked.result()
        self.assertEqual(said.result, "ALLOWED", said.detail)
        return said

    def test_of_rechecks_for_either_token_set(self):
        for tokens in ("ACCESS+REFRESH", "ID+ACCESS+REFRESH"):
            for rotation in (False, True):
                with self.subTest(tokens, rotation=rotation):
                    self.later(0)
                    self.reset()
                    COGNITO.client("localsecret", rotation=rotation)
                    said = self.signed_in(tokens)
                    ticket, jwks = said.ticket, said.jwks
                    before = len(COGNITO.requests("sample_token"))
                    for hour in range(1, 26):
                        self.later(hour)
                        said = frames.ask("account", self.config, "bob", "login", ticket=ticket.body, ticket_age=3600, jwks=jwks)
                        self.assertEqual((said.result, said.states[-1]), ("ALLOWED", "verified"), said.detail)
                        ticket, jwks = said.ticket, said.jwks or jwks
                    self.assertEqual(len(COGNITO.requests("token")), 25)
                    self.assertEqual(len(COGNITO.requests("sample_token")), before)
                    # And a no is still heard.
                    COGNITO.user("bob", groups=[])
                    said = frames.ask("account", self.config, "bob", "login", ticket=ticket.body, ticket_age=3600, jwks=jwks)
                    self.assertEqual(said.result, "POLICY")

    def test_it_is_revoked_at_cognito(self):
        said = self.signed_in("ACCESS+REFRESH")
        revoked = frames.ask("revoke", self.config, "bob", "login", ticket=said.ticket.body, ticket_age=0)
        self.assertEqual((revoked.result, len(COGNITO.requests("revoke"))), ("ALLOWED", 1))


if __name__ == "__main__":
    harness.main()
