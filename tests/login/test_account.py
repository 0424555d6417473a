#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tickets as a whole: the module, its helper and the local Cognito. One process signs in,
later ones are asked about the account alone, as sshd does for a public key and sudo for a
timestamp."""
import pathlib
import shutil
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402

SECRET = "local0secret0of0the0confidential0client0000000000001"
GET_TOKENS = "GetTokensFromRefreshToken"
ONCE = "PreferredAuthentications=keyboard-interactive"


class Tickets(Login):
    client = {}

    @property
    def basis(self):
        return {"config": self.client}

    def change(self, **overrides):
        """The same file says something else."""
        shutil.copyfile(COGNITO.config(self.basis, overrides), self.config)

    def sign_in(self, user="bob", *codes, operations=("auth", "acct"), **settings):
        outcome = self.host.drive(user, operations, (PASSWORDS[user], *codes), **settings)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * len(operations), outcome.text)
        return outcome

    def account(self, result, *words, user="bob", service="login", operations=("acct",)):
        outcome = self.host.drive(user, operations, (), service)
        self.assertEqual((outcome.results[0], outcome.host), (result, ["unchanged"]), outcome.text)
        for word in words:
            self.assertIn(word, outcome.text)
        return outcome

    def refreshes(self):
        return len(COGNITO.requests(GET_TOKENS)) + sum(
            request["endpoint"] == "token" for request in COGNITO.requests())


class Account(Tickets):
    def test_without_a_sign_in_there_is_nobody(self):
        self.account("PAM_PERM_DENIED", ONCE)

    def test_an_auth_whose_account_did_not_follow_leaves_nothing(self):
        self.sign_in(operations=("auth",))
        self.account("PAM_PERM_DENIED", ONCE)

    def test_fresh_nothing_is_asked(self):
        self.sign_in()
        before = len(COGNITO.requests())
        self.account("PAM_SUCCESS", "flow=ticket", 'rule="shell"')
        self.account("PAM_PERM_DENIED", service="sudo")
        self.assertEqual(len(COGNITO.requests()), before)

    def test_the_claims_of_the_session(self):
        self.sign_in()
        outcome = self.account("PAM_SUCCESS", operations=("acct", "open"))
        self.assertIn("OIDC_CLAIM_cognito_groups=linux-users", outcome.text)

    def test_older_than_recheck_it_is_refreshed_once_and_then_fresh(self):
        self.configure({"login": {"recheck": 1}})
        self.sign_in()
        time.sleep(1.1)
        self.account("PAM_SUCCESS", "flow=password")
        self.assertEqual(self.refreshes(), 1)

    def test_recheck_0_asks_every_time(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        before = self.refreshes()
        for turn in (1, 2):
            self.account("PAM_SUCCESS")
            self.assertEqual(self.refreshes() - before, turn)

    def test_a_removed_group_denies_at_once(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.user("bob", groups=[])
        self.account("PAM_PERM_DENIED", "no rule allows you to use this service")
        COGNITO.user("bob", groups=["linux-users"])
        self.account("PAM_SUCCESS")

    def test_a_disabled_user_is_denied_and_stays_so(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.user("bob", enabled=False)
        self.account("PAM_ACCT_EXPIRED", "disabled")
        COGNITO.user("bob", enabled=True)
        before = len(COGNITO.requests())
        self.account("PAM_PERM_DENIED", ONCE)
        self.assertEqual(len(COGNITO.requests()), before)
        self.sign_in()
        self.account("PAM_SUCCESS")

    def test_a_sign_in_that_finds_the_user_disabled_ends_the_earlier_one(self):
        self.sign_in()
        self.account("PAM_SUCCESS")
        COGNITO.user("bob", enabled=False)
        outcome = self.host.drive("bob", ("auth",), (PASSWORDS["bob"],))
        self.assertEqual(outcome.results, ["PAM_ACCT_EXPIRED"], outcome.text)
        COGNITO.user("bob", enabled=True)
        self.account("PAM_PERM_DENIED", ONCE)

    def test_a_revoked_token_is_denied(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.set_behaviour(GET_TOKENS, "unknown-error")
        self.account("PAM_AUTHINFO_UNAVAIL")
        COGNITO.clock(31 * 86400)
        COGNITO.set_behaviour(GET_TOKENS, None)
        self.account("PAM_PERM_DENIED", ONCE, "Refresh Token has expired")

    def test_the_pool_s_own_no_is_a_no_with_stale_ok_and_without_a_network_too(self):
        for behaviour, again in (("lambda-token", "PAM_PERM_DENIED"), ("security", "PAM_PERM_DENIED"),
                                 ("status-403", "PAM_SUCCESS")):
            with self.subTest(behaviour):
                COGNITO.reset()
                self.configure({"login": {"recheck": 0, "stale_ok": 600}})
                self.sign_in()
                COGNITO.set_behaviour(GET_TOKENS, behaviour)
                outcome = self.account("PAM_PERM_DENIED", "Please contact" if again == "PAM_SUCCESS" else "user pool refused")
                self.assertNotIn("stale: ", outcome.text)
                # A refused ticket stays refused; a firewall has said nothing about the person.
                COGNITO.set_behaviour(GET_TOKENS, None)
                self.account(again)

    def test_a_pool_that_tracks_devices_keeps_people_in(self):
        COGNITO.pool(device_tracking=True)
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        for _ in range(3):
            self.account("PAM_SUCCESS")
        self.assertEqual(len(COGNITO.remembered()), 1)
        COGNITO.user("bob", enabled=False)
        self.account("PAM_ACCT_EXPIRED")

    def remembered(self, *keys):
        """How many devices the pool remembers, and who still has one of keys."""
        found = [device["key"] for device in COGNITO.remembered()]
        return len(found), [key for key in keys if key in found]

    def test_a_device_is_forgotten_with_the_ticket_that_a_later_sign_in_replaces(self):
        for client in ({}, {"client_id": "localrotating"}):
            COGNITO.reset()
            COGNITO.pool(device_tracking=True)
            self.client = client
            self.configure()
            before = []
            for _ in range(3):
                self.sign_in()
                self.assertEqual(self.remembered(*before), (1, []))
                before += [device["key"] for device in COGNITO.remembered()]
            # The one that is left is this ticket's, and refreshes it.
            self.change(login={"recheck": 0})
            self.account("PAM_SUCCESS")
        self.change(login={"recheck": 300})
        # Until account has said yes, the ticket of before is the one that counts.
        self.sign_in(operations=("auth",))
        self.change(login={"recheck": 0})
        self.account("PAM_SUCCESS")

    def test_nor_does_the_device_of_a_sign_in_that_the_rules_deny_stay(self):
        COGNITO.pool(device_tracking=True)
        self.configure({"rules": [{"name": "shell", "services": ["login"], "groups": ["linux-users"]}]})
        denied = self.host.drive("bob", ("auth",), (PASSWORDS["bob"],), service="sshd")
        self.assertEqual((denied.results, COGNITO.remembered()), (["PAM_PERM_DENIED"], []), denied.text)
        # With a ticket there, the newer claims replace it: one device again, and it is theirs.
        self.sign_in()
        (first,) = COGNITO.remembered()
        denied = self.host.drive("bob", ("auth",), (PASSWORDS["bob"],), service="sshd")
        self.assertEqual(denied.results, ["PAM_PERM_DENIED"], denied.text)
        self.assertEqual(self.remembered(first["key"]), (1, []))
        self.change(login={"recheck": 0}, rules=[{"name": "shell", "services": ["login"], "groups": ["linux-users"]}])
        self.account("PAM_SUCCESS")
        # Where account denies what auth allowed, nobody has the ticket either.
        COGNITO.reset()
        COGNITO.pool(device_tracking=True)
        self.configure({"login": {"recheck": 0}, "rules": [{"groups": ["linux-users"], "max_auth_age": 600}]})
        COGNITO.set_behaviour(GET_TOKENS, "old-auth-time", times=1)
        outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"],))
        self.assertNotEqual(outcome.results[1], "PAM_SUCCESS", outcome.text)
        self.assertEqual(COGNITO.remembered(), [], outcome.text)

    def test_a_pool_that_does_not_forget_delays_nobody_for_long_and_denies_nobody(self):
        for behaviour in ("silence", "status-503", "close", "forbidden"):
            COGNITO.reset()
            COGNITO.pool(device_tracking=True)
            self.configure()
            self.sign_in()
            for endpoint in ("ForgetDevice", GET_TOKENS, "RevokeToken"):
                COGNITO.set_behaviour(endpoint, behaviour)
            with self.subTest(behaviour):
                started = time.monotonic()
                self.sign_in()
                # Two seconds, not the hundred of the login.
                self.assertLess(time.monotonic() - started, 60)

    def test_a_pool_without_devices_is_asked_nothing_more(self):
        for _ in range(2):
            self.sign_in()
        self.host.drive("bob", ("auth",), (PASSWORDS["bob"],), service="sudo")
        self.assertEqual([line["endpoint"] for line in COGNITO.requests() if line["endpoint"] in
                          ("ForgetDevice", "RevokeToken", GET_TOKENS)], [])

    def test_cognito_that_cannot_be_reached(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.set_behaviour("*", "close")
        self.account("PAM_AUTHINFO_UNAVAIL", "cannot be reached right now")
        self.change(login={"recheck": 0, "stale_ok": 600})
        self.account("PAM_SUCCESS", "stale: ")
        # It is not fresh for that: the next is asked again, and what is told then counts.
        COGNITO.set_behaviour("*", None)
        COGNITO.user("bob", groups=[])
        self.account("PAM_PERM_DENIED")

    def test_changed_rules_count_at_once(self):
        self.sign_in()
        self.change(rules=[{"name": "other", "services": ["login"], "groups": ["linux-admins"]}])
        self.account("PAM_PERM_DENIED")
        self.change(rules=[{"name": "new", "services": ["login"], "groups": ["linux-users"]}])
        self.account("PAM_SUCCESS", 'rule="new"')
        self.account("PAM_SUCCESS", 'rule="new"', "flow=ticket")
        self.assertEqual(self.refreshes(), 0)

    def test_another_pool_or_client_is_another_sign_in(self):
        self.sign_in()
        self.client = {"client_id": "localpassword"}
        self.change()
        self.account("PAM_PERM_DENIED", ONCE)

    def test_without_a_refresh_token_it_lives_by_itself(self):
        self.configure({"login": {"keep_refresh_token": False, "ticket_lifetime": 2, "recheck": 0}})
        self.sign_in()
        self.account("PAM_SUCCESS", "flow=ticket")
        time.sleep(2.1)
        self.account("PAM_PERM_DENIED", ONCE)
        self.assertEqual(self.refreshes(), 0)

    def test_max_auth_age_ends_a_line_before_recheck_does(self):
        self.configure({"rules": [{"name": "young", "services": ["login"], "groups": ["linux-users"], "max_auth_age": 2}]})
        self.sign_in()
        self.account("PAM_SUCCESS")
        time.sleep(3.1)
        self.account("PAM_PERM_DENIED", "a fresh sign-in is required")

    def test_a_second_factor_is_still_one_after_a_refresh(self):
        self.configure({"login": {"recheck": 0}, "rules": [{"name": "vault", "groups": ["linux-users"], "require_mfa": True}]})
        self.sign_in("alice", COGNITO.totp("alice"))
        self.account("PAM_SUCCESS", user="alice")

    def test_a_refresh_that_says_more_keeps_the_person_in_and_proves_no_more(self):
        people = {"groups": ["linux-users"]}
        rules = [{**people, "name": "shell", "services": ["login"]},
                 {**people, "name": "young", "services": ["sshd"], "max_auth_age": 3600},
                 {**people, "name": "vault", "services": ["sudo"], "require_mfa": True}]
        self.configure({"login": {"recheck": 0}, "rules": rules})
        COGNITO.set_behaviour("RespondToAuthChallenge", "old-auth-time", times=1)
        self.sign_in()
        for behaviour in ("with-mfa", "with-acr", "renewed-auth-time"):
            COGNITO.set_behaviour(GET_TOKENS, behaviour)
            self.account("PAM_SUCCESS")
            for service in ("sshd", "sudo"):
                self.account("PAM_PERM_DENIED", "a fresh sign-in is required", service=service)

    def test_who_is_in_no_group_is_not_in_the_denied_one(self):
        self.configure({"login": {"recheck": 0}, "rules": [{"name": "friends", "users": ["bob"]},
                                                           {"name": "leavers", "effect": "deny", "groups": ["leavers"]}]})
        COGNITO.user("bob", groups=[])
        self.sign_in()
        self.account("PAM_SUCCESS", 'rule="friends"')
        COGNITO.user("bob", groups=["leavers"])
        self.account("PAM_PERM_DENIED", 'rule="leavers"')

    def test_a_refreshed_token_of_somebody_else(self):
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.set_behaviour(GET_TOKENS, "other-sub")
        self.account("PAM_AUTH_ERR", "belongs to another sign-in")
        COGNITO.set_behaviour(GET_TOKENS, "no-id-token")
        self.account("PAM_SUCCESS")
        COGNITO.set_behaviour(GET_TOKENS, "only-opaque-token")
        self.account("PAM_AUTHINFO_UNAVAIL")


class OtherClients(Tickets):
    def test_the_password_grant_of_another_provider(self):
        self.client = {"client_id": "localbroker"}
        self.configure({"login": {"recheck": 0, "password_method": "ropc"}})
        self.sign_in()
        self.account("PAM_SUCCESS")
        self.assertEqual(COGNITO.requests(GET_TOKENS), [])
        COGNITO.user("bob", enabled=False)
        self.account("PAM_PERM_DENIED", ONCE, "invalid_grant")

    def test_a_confidential_client(self):
        self.client = {"client_id": "localsecret", "client_secret": SECRET}
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        self.account("PAM_SUCCESS")

    def test_a_pool_that_tracks_devices(self):
        COGNITO.pool(device_tracking=True)
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        self.account("PAM_SUCCESS")

    def test_rotation(self):
        self.client = {"client_id": "localrotating"}
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        for _ in range(3):
            self.account("PAM_SUCCESS")

    def test_a_rotated_token_is_on_the_disk_before_the_answer_counts(self):
        self.client = {"client_id": "localrotating"}
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        COGNITO.set_behaviour(GET_TOKENS, "wrong-signature", times=1)
        self.account("PAM_AUTH_ERR")
        self.account("PAM_SUCCESS")

    def test_a_token_that_was_used_elsewhere(self):
        self.client = {"client_id": "localrotating"}
        self.configure({"login": {"recheck": 0}})
        self.sign_in()
        ticket = harness.TEST / "run" / harness.kept_name(self.config).replace("jwks-", "ticket-1002-")
        text = ticket.read_bytes()
        self.account("PAM_SUCCESS")
        ticket.write_bytes(text)
        self.account("PAM_PERM_DENIED", ONCE, "used before")


class Parallel(Tickets):
    def test_twenty_at_once_refresh_one_after_the_other(self):
        self.client = {"client_id": "localrotating"}
        self.configure({"login": {"recheck": 1}})
        self.sign_in()
        time.sleep(1.1)
        outcomes = []
        threads = [threading.Thread(target=lambda: outcomes.append(self.host.drive("bob", ("acct",))))
                   for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([outcome.results for outcome in outcomes], [["PAM_SUCCESS"]] * 20,
                         [outcome.text for outcome in outcomes if outcome.results != ["PAM_SUCCESS"]])
        # With rotation, two refreshes of one token would have ended in RefreshTokenReuse.
        self.account("PAM_SUCCESS")


class LargeMap(Login):
    def test_an_entry_for_each_of_4000_people(self):
        people = {f"user{i:04}": {"sub": f"a1b2c3d4-5678-90ab-cdef-{i:012}", "login": f"first.last-{i:04}@mail.example.com"}
                  for i in range(4000)}
        self.configure({"users": {"map": {**people, "bob": {"cognito:username": "bob"}}}})
        self.assertGreater(pathlib.Path(self.config).stat().st_size, 500000)
        outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"],))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)


if __name__ == "__main__":
    harness.main()
