#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A pool that tracks devices: the helper confirms one at the sign-in, and has it forgotten with the ticket."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import frames  # noqa: E402
from recheck_login import GET_TOKENS, Recheck  # noqa: E402


class Devices(Recheck):
    def test_the_device_of_the_sign_in_is_named(self):
        COGNITO.pool(device_tracking=True)
        ticket = self.only(self.sign_in())
        self.assertRegex(ticket.content["device_key"], r"^eu-west-1_[0-9a-f-]{36}$")
        said = self.account(ticket, 300)
        self.assertEqual(said.result, "ALLOWED", said.detail)
        self.assertEqual(said.tickets[0].content["device_key"], ticket.content["device_key"])
        self.assertEqual(self.account(ticket.changed(device_key=None), 300).result, "REFRESH_REFUSED")


    def tracked(self, **fields):
        COGNITO.reset()
        COGNITO.pool(device_tracking=True)
        return self.only(self.sign_in(**fields))

    def test_it_is_confirmed_and_the_sign_in_refreshes_day_after_day(self):
        ticket = self.tracked()
        (device,) = COGNITO.remembered()
        self.assertEqual((device["key"], device["username"]), (ticket.content["device_key"], "bob"))
        self.assertEqual(device["name"], os.uname().nodename)
        # 16 bytes without a sign, and a verifier of 3072 bits.
        self.assertEqual(device["salt"].bit_length(), 127)
        self.assertGreater(device["verifier"].bit_length(), 3000)
        for _ in range(5):
            said = self.account(ticket, 300)
            self.assertEqual((said.result, said.states), ("ALLOWED", ["verified"]), said.detail)
            ticket = said.ticket
        self.assertEqual(len(COGNITO.requests("ConfirmDevice")), 1)

    def test_each_sign_in_has_a_secret_of_its_own_that_nobody_keeps(self):
        first = self.tracked()
        second = self.only(self.sign_in())
        a, b = COGNITO.remembered()
        self.assertNotEqual((a["salt"], a["verifier"]), (b["salt"], b["verifier"]))
        self.assertEqual(set(second.content), set(first.content))

    def test_a_pool_that_tracks_none_is_asked_and_told_nothing(self):
        said = self.sign_in()
        self.assertEqual((said.result, [text for level, text in said.log if level != "debug"]), ("ALLOWED", []))
        self.assertEqual(COGNITO.requests("ConfirmDevice"), [])

    def test_no_sign_in_names_a_device(self):
        ticket = self.tracked()
        self.sign_in(expired=ticket.body)
        for line in COGNITO.requests("InitiateAuth") + COGNITO.requests("RespondToAuthChallenge"):
            self.assertFalse(line["device"])
        self.assertEqual(len(COGNITO.requests("ConfirmDevice")), 2)

    def test_rotation_too(self):
        COGNITO.pool(device_tracking=True, rotation=True)
        ticket = self.only(self.sign_in())
        for _ in range(3):
            said = self.account(ticket, 300)
            self.assertEqual((said.result, said.states), ("ALLOWED", ["rotated", "verified"]), said.detail)
            ticket = said.ticket
        self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
        self.assertEqual(COGNITO.remembered(), [])

    def test_it_is_forgotten_when_the_ticket_is_revoked(self):
        ticket = self.tracked()
        self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
        self.assertEqual(COGNITO.remembered(), [])
        self.assertEqual(self.account(ticket, 300).result, "REFRESH_REFUSED")
        # The access token that this took is as dead as the refresh token.
        kinds = [line["endpoint"] for line in COGNITO.requests()][-4:-1]
        self.assertEqual(kinds, [GET_TOKENS, "ForgetDevice", "RevokeToken"])

    def test_also_of_an_expired_ticket_by_the_way(self):
        ticket = self.tracked()
        said = self.sign_in(expired=ticket.body)
        self.assertTrue(said.revoked)
        self.assertEqual([device["key"] for device in COGNITO.remembered()], [self.only(said).content["device_key"]])

    def test_what_cannot_be_forgotten_is_told_and_the_token_revoked_all_the_same(self):
        for behaviour in ("status-404", "empty-html", "forbidden"):
            with self.subTest(behaviour):
                ticket = self.tracked()
                COGNITO.set_behaviour("ForgetDevice", behaviour)
                said = self.ask("revoke", ticket, 0)
                self.assertEqual((said.result, len(COGNITO.requests("RevokeToken"))), ("ALLOWED", 1), said.detail)
                self.assertTrue(any("still remembers the device" in text for _, text in said.log), said.log)
        # A refresh token that is dead refreshes nothing, not even for this.
        ticket = self.tracked()
        COGNITO.set_behaviour(GET_TOKENS, "status-404")
        said = self.ask("revoke", ticket, 0)
        self.assertEqual((said.result, len(COGNITO.requests("RevokeToken"))), ("ALLOWED", 1), said.detail)

    def test_who_cannot_be_confirmed_is_signed_in_and_must_sign_in_again(self):
        for behaviour in ("status-404", "forbidden", "lambda", "no-group"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_tracking=True)
                if behaviour == "no-group":
                    COGNITO.set_behaviour("RespondToAuthChallenge", "no-device-group", after=0)
                else:
                    COGNITO.set_behaviour("ConfirmDevice", behaviour)
                said = self.sign_in()
                self.assertEqual((said.result, said.message), ("ALLOWED", ""), said.detail)
                self.assertTrue(any("was not confirmed" in text for _, text in said.log), said.log)
                self.assertEqual(self.account(said.ticket, 300).result, "REFRESH_REFUSED")

    def test_one_hiccup_does_not_matter(self):
        for behaviour in ("throttle", "status-503", "done-but-503"):
            with self.subTest(behaviour):
                COGNITO.reset()
                COGNITO.pool(device_tracking=True)
                COGNITO.set_behaviour("ConfirmDevice", behaviour, times=1)
                said = self.sign_in()
                self.assertFalse([text for _, text in said.log if "confirmed" in text], said.log)
                self.assertEqual(self.account(said.ticket, 300).result, "ALLOWED")

    def test_where_nothing_is_kept_nothing_is_confirmed(self):
        self.configure({"login": {"keep_refresh_token": False}})
        self.tracked()
        said = frames.ask("change", self.config, "bob", "passwd", [PASSWORDS["bob"], *["New-Staple-77!"] * 2])
        self.assertEqual(said.result, "ALLOWED")
        said = frames.ask("login", self.config, "alice", "login", ["wrong"])
        self.assertEqual(said.result, "PASSWORD")
        self.assertEqual(COGNITO.requests("ConfirmDevice"), [])

    def test_a_ticket_of_a_denied_sign_in_refreshes_as_well(self):
        COGNITO.pool(device_tracking=True)
        said = self.sign_in(service="sudo")
        self.assertEqual(said.result, "POLICY")
        self.assertEqual(self.account(said.ticket, 300).result, "ALLOWED")


if __name__ == "__main__":
    harness.main()
