#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which names the helper looks up: those of the hosts that its purpose needs. The helper of these
tests tells each name, and finds no address (counted_names.c)."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
import frames  # noqa: E402

HELPER, COUNTED = frames.HELPER, harness.TEST / "counted/helper"
RFC8628 = {"login": {"flows": ["device"]}}
SAMPLE = {"login": {"flows": ["device"]}, "endpoints": {"device_dialect": "aws-sample"},
          "config": {"client_secret": "of the sample's client"}}
BROWSER = {"login": {"flows": ["browser"]}}
ROPC = {"login": {"password_method": "ropc"}, "config": {"client_id": "localbroker"}}


class Names(Login):
    def setUp(self):
        super().setUp()
        frames.HELPER = COUNTED
        self.addCleanup(setattr, frames, "HELPER", HELPER)

    def dead(self, *changes, alive=()):
        """Every endpoint at a name of its own."""
        issuer = f"{COGNITO.url}/eu-west-1_Local0001"
        hosts = {
            "config": {"auth_url": "https://auth.invalid/oauth2/authorize", "token_url": "https://token.invalid/oauth2/token",
                       "certs_url": "https://certs.invalid/jwks.json"},
            "endpoints": {"issuer": issuer, "api_url": "https://api.invalid/",
                          "device_authorization_url": "https://device.invalid/authorize",
                          "revocation_url": "https://revocation.invalid/revoke",
                          "redirect_uri": "http://localhost:8400/callback"}}
        for section, key in alive:
            hosts[section].pop(key)
        self.config = COGNITO.config(hosts, *changes)

    def looked_up(self, purpose, *answers, **fields):
        said = frames.ask(purpose, self.config, "bob", "login", answers, **fields)
        return said, sorted(text.removeprefix("looked up: ").removesuffix(".invalid")
                            for _, text in said.log if "looked up: " in text)

    def ticket(self, *changes):
        """Of a sign-in while every name was alive."""
        frames.HELPER = HELPER
        path = COGNITO.config(*changes)
        said = frames.ask("login", path, "bob", "login", [PASSWORDS["bob"]])
        frames.HELPER = COUNTED
        self.assertEqual(said.result, "ALLOWED", said.detail)
        return said.ticket

    def test_a_sign_in(self):
        for flow, answers, names in (
                ({}, ["x"], ["api", "certs"]), (ROPC, ["x"], ["certs", "token"]), (RFC8628, [], ["certs", "device", "token"]),
                (SAMPLE, [], ["certs", "device"]), (BROWSER, ["x"], ["certs", "token"])):
            with self.subTest(flow):
                self.dead(flow)
                said, found = self.looked_up("login", *answers)
                self.assertEqual((said.result, found), ("RESOLVE", names), said.detail)

    def test_a_changed_password_and_the_key_set(self):
        self.dead()
        self.assertEqual(self.looked_up("change", "x")[1], ["api", "certs"])
        self.assertEqual(self.looked_up("keys")[1], ["certs"])

    def test_a_recheck_and_a_revocation(self):
        for flow, endpoint, refresh, revoke in (({}, "https://api.invalid/", ["api", "certs"], ["api"]),
                                                (ROPC, "https://token.invalid/oauth2/token", ["certs", "token"], ["revocation"])):
            ticket = self.ticket(flow)
            self.dead(flow)
            body = ticket.changed(endpoint=endpoint)
            for purpose, age, names in (("account", 0, []), ("account", 300, refresh), ("reuse", 0, refresh), ("revoke", 0, revoke)):
                with self.subTest(flow, purpose=purpose, age=age):
                    said, found = self.looked_up(purpose, ticket=body, ticket_age=age)
                    self.assertEqual((said.result, found), ("RESOLVE" if names else "ALLOWED", names), said.detail)

    def test_an_expired_ticket_beside_a_sign_in(self):
        body = self.ticket(ROPC).changed(endpoint="https://token.invalid/oauth2/token")
        self.dead(ROPC)
        self.assertEqual(self.looked_up("login", "x", expired=body)[1], ["certs", "revocation", "token"])

    def test_a_dead_name_that_is_not_needed_costs_nothing(self):
        self.dead(alive=[("config", "certs_url"), ("endpoints", "api_url")])
        said, found = self.looked_up("login", PASSWORDS["bob"])
        self.assertEqual((said.result, found), ("ALLOWED", []), said.detail)
        said, found = self.looked_up("account", ticket=said.ticket.body, ticket_age=300, jwks=said.jwks)
        self.assertEqual((said.result, found), ("ALLOWED", []), said.detail)

    @unittest.skipIf(harness.SAN, "a sanitizer looks for leaks when a program ends")
    def test_it_leaves_without_what_libraries_do_at_exit(self):
        self.dead()
        self.assertEqual(self.looked_up("login", "x")[0].status, 0)

    def test_behind_a_proxy_only_its_own(self):
        self.dead({"network": {"proxy": "http://proxy.invalid:3128"}})
        self.assertEqual(self.looked_up("login", "x")[1], ["proxy"])


if __name__ == "__main__":
    harness.main()
