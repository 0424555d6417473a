#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is revoked at the pool when a ticket ends."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import frames  # noqa: E402
from recheck_login import GET_TOKENS, Recheck  # noqa: E402


class Revoke(Recheck):
    def test_the_api_revokes(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
        self.assertEqual(len(COGNITO.requests("RevokeToken")), 1)
        self.assertEqual(self.account(ticket, 300).result, "REFRESH_REFUSED")

    def test_an_answer_without_a_body_will_do(self):
        ticket = self.only(self.sign_in())
        for behaviour, result in (("empty", "ALLOWED"), ("empty-object", "ALLOWED"), ("empty-html", "HTTP_CONTENT_TYPE"),
                                  ("empty-untyped", "HTTP_CONTENT_TYPE")):
            COGNITO.set_behaviour("RevokeToken", behaviour)
            self.assertEqual(self.ask("revoke", ticket, 0).result, result, behaviour)

    def test_a_refresh_without_a_body_is_none(self):
        ticket = self.only(self.sign_in())
        for behaviour, result in (("empty", "JSON"), ("empty-html", "HTTP_CONTENT_TYPE"), ("empty-object", "ANSWER")):
            COGNITO.set_behaviour(GET_TOKENS, behaviour)
            said = self.account(ticket, 300)
            self.assertEqual((said.result, said.states), (result, []), behaviour)

    def test_nothing_to_revoke_is_told(self):
        ticket = self.only(self.sign_in())
        bare = ticket.changed(**{"from": None, "endpoint": None, "refresh_token": None})
        self.assertEqual(self.ask("revoke", bare, 0).result, "TICKET_NONE")
        self.assertEqual(self.ask("revoke", b"x", 0).result, "TICKET_NONE")
        COGNITO.set_behaviour("RevokeToken", "status-500")
        self.assertEqual(self.ask("revoke", ticket, 0, time_left=4000).result, "POOL")

    def test_an_expired_ticket_is_revoked_by_the_way(self):
        for purpose in ("login", "account"):
            with self.subTest(purpose):
                COGNITO.reset()
                expired = self.only(self.sign_in())
                ticket = self.only(self.sign_in())
                if purpose == "login":
                    said = frames.ask("login", self.config, "bob", "login", [PASSWORDS["bob"]], expired=expired.body)
                    # Only after the decision.
                    names = [entry["op"] for entry in COGNITO.log() if entry.get("op")]
                    self.assertEqual(names[-3:], ["InitiateAuth", "RespondToAuthChallenge", "RevokeToken"])
                else:
                    said = self.account(ticket, 0, expired=expired.body)
                self.assertEqual(said.result, "ALLOWED")
                self.assertEqual(len(COGNITO.requests("RevokeToken")), 1)

    def test_a_revocation_that_hangs_costs_no_verdict(self):
        expired = self.only(self.sign_in())
        COGNITO.set_behaviour("RevokeToken", "silence")
        said = frames.ask("login", self.config, "bob", "login", [PASSWORDS["bob"]], expired=expired.body)
        self.assertEqual(said.result, "ALLOWED")
        self.assertLess(said.seconds, 20)
        self.assertTrue(any("not revoked" in text for _, text in said.log), said.log)
        said = frames.ask("login", self.config, "bob", "login", [PASSWORDS["bob"]], expired=b"garbage")
        self.assertEqual(said.result, "ALLOWED")


if __name__ == "__main__":
    harness.main()
