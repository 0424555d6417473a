#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The helper's half of tickets: what a sign-in leaves, what account and reuse make of it,
against the local Cognito, frame by frame."""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import frames  # noqa: E402
from recheck_login import SECRET, RULES, GET_TOKENS, Recheck  # noqa: E402


class SignIn(Recheck):
    def test_a_sign_in_leaves_a_ticket_before_its_result(self):
        said = self.sign_in()
        ticket = self.only(said)
        self.assertEqual(said.result, "ALLOWED")
        self.assertEqual([kind for kind in said.order if kind not in ("log", "store")][-1:], ["result"])
        self.assertEqual(ticket.lines, ["login 300 video shell", "sshd 300 video shell"])
        self.assertEqual(ticket.lifetime, "36000")
        self.assertIn("OIDC_CLAIM_cognito_username=bob", ticket.exports)
        self.assertIn("OIDC_CLAIM_cognito_groups=linux-users", ticket.exports)
        content = ticket.content
        self.assertEqual((content["flow"], content["mfa_answered"], content["from"]), ("password", False, "api"))
        self.assertEqual(ticket.claims["sub"], said.sub)

    def test_there_is_no_password_and_no_access_token_in_it(self):
        body = self.only(self.sign_in()).body
        self.assertNotIn(PASSWORDS["bob"].encode(), body)
        self.assertNotIn(b"access", body)

    def test_a_second_factor_is_remembered(self):
        ticket = self.only(self.sign_in("alice", "vault", COGNITO.totp("alice")))
        self.assertTrue(ticket.content["mfa_answered"])
        self.assertIn("vault 300 - vault", ticket.lines)

    def test_a_ticket_is_left_also_when_the_rules_say_no(self):
        said = self.sign_in(service="sudo")
        self.assertEqual(said.result, "POLICY")
        self.assertEqual(self.only(said).lines, ["login 300 video shell", "sshd 300 video shell"])

    def test_none_of_somebody_else_and_none_of_a_wrong_password(self):
        self.configure({"users": {"map": {"alice": {"sub": "somebody-else", "login": "bob"}}}})
        said = frames.ask("login", self.config, "alice", "login", [PASSWORDS["bob"]])
        self.assertEqual((said.result, said.states), ("IDENTITY", []))
        said = frames.ask("login", self.config, "bob", "login", ["wrong"])
        self.assertEqual((said.result, said.states), ("PASSWORD", []))

    def test_none_of_a_password_change(self):
        said = frames.ask("change", self.config, "bob", "passwd", [PASSWORDS["bob"], *["New-Staple-77!"] * 3])
        self.assertEqual((said.result, said.states), ("ALLOWED", []))

    def test_without_keep_refresh_token_it_has_none_and_lives_by_its_lines(self):
        self.configure({"login": {"keep_refresh_token": False, "ticket_lifetime": 5000}})
        ticket = self.only(self.sign_in())
        self.assertNotIn("refresh_token", ticket.content)
        self.assertEqual(ticket.lines[0], "login 5000 video shell")

    def test_lines_end_when_max_auth_age_does(self):
        self.configure({"login": {"recheck": 80000}})
        ticket = self.only(self.sign_in("alice", "sudo", COGNITO.totp("alice")))
        left = next(int(line.split()[1]) for line in ticket.lines if line.startswith("sudo "))
        self.assertTrue(3590 <= left <= 3600, left)

    def test_recheck_0_has_no_line_that_holds(self):
        self.configure({"login": {"recheck": 0}})
        self.assertEqual(self.only(self.sign_in()).lines, ["login 0 video shell", "sshd 0 video shell"])

    def test_root_only_by_an_entry_that_names_sub(self):
        for users, result in (({"map": {"root": {"cognito:username": "bob", "login": "bob"}}}, "IDENTITY"),
                              ({"map": {"root": {"sub": "x", "login": "bob"}}}, "IDENTITY")):
            self.configure({"users": users})
            said = frames.ask("login", self.config, "root", "login", [PASSWORDS["bob"]], root="1")
            self.assertEqual((said.result, said.states), (result, []))
        sub = self.sign_in().sub
        self.configure({"users": {"map": {"root": {"sub": sub, "login": "bob"}}}})
        said = frames.ask("login", self.config, "root", "login", [PASSWORDS["bob"]], root="1")
        self.assertEqual(said.result, "ALLOWED")


class Account(Recheck):
    def test_fresh_claims_are_judged_without_a_request(self):
        ticket = self.only(self.sign_in())
        before = len(COGNITO.requests())
        said = self.account(ticket, 299)
        self.assertEqual((said.result, said.rule, said.flow), ("ALLOWED", "shell", "password"))
        judged = self.only(said, "judged")
        self.assertEqual(judged.body, b"")
        self.assertEqual(judged.lines, ["login 1 video shell", "sshd 1 video shell"])
        self.assertEqual(len(COGNITO.requests()), before)

    def test_older_claims_are_refreshed_once(self):
        ticket = self.only(self.sign_in())
        said = self.account(ticket, 300)
        self.assertEqual((said.result, self.refreshes()), ("ALLOWED", 1))
        fresh = self.only(said)
        self.assertEqual(fresh.content["refresh_token"], ticket.content["refresh_token"])
        self.assertEqual(fresh.claims["auth_time"], ticket.claims["auth_time"])
        self.assertNotEqual(fresh.claims["jti"], ticket.claims["jti"])
        self.assertEqual(fresh.lines[0], "login 300 video shell")

    def test_a_removed_group_denies_now_and_the_claims_are_kept(self):
        ticket = self.only(self.sign_in())
        COGNITO.user("bob", groups=[])
        said = self.account(ticket, 300)
        self.assertEqual(said.result, "POLICY")
        self.assertEqual(self.only(said).lines, [])
        COGNITO.user("bob", groups=["linux-users"])
        self.assertEqual(self.account(said.tickets[0], 300).result, "ALLOWED")

    def test_what_cognito_refuses_marks_the_ticket(self):
        rows = [("USER_DISABLED", {"enabled": False}), ("REFRESH_REFUSED", None)]
        for result, fields in rows:
            with self.subTest(result):
                COGNITO.reset()
                ticket = self.only(self.sign_in())
                if fields:
                    COGNITO.user("bob", **fields)
                else:
                    self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
                said = self.account(ticket, 300)
                self.assertEqual(said.result, result, said.detail)
                refused = self.only(said, "refused")
                self.assertEqual((refused.body, refused.lines, refused.exports), (b"", [], []))

    def test_an_expired_or_unknown_refresh_token_is_refused(self):
        ticket = self.only(self.sign_in())
        COGNITO.clock(31 * 86400)
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("REFRESH_REFUSED", ["refused"]))
        COGNITO.clock(0)
        said = self.account(ticket.changed(refresh_token="eyJj.unknown"), 300)
        self.assertEqual((said.result, said.states), ("REFRESH_REFUSED", ["refused"]))

    def test_what_is_no_answer_marks_nothing(self):
        ticket = self.only(self.sign_in())
        rows = {"status-500": "POOL", "status-503": "POOL", "status-429": "THROTTLED", "throttle": "THROTTLED",
                "limit": "ATTEMPTS", "internal-error": "POOL", "forbidden": "FIREWALL", "status-403": "FIREWALL",
                "lambda-failed": "POOL", "lambda-odd": "POOL", "unknown-error": "POOL_ERROR", "html": "HTTP_CONTENT_TYPE", "bad-json": "JSON", "huge": "TOO_LARGE",
                "duplicate-member": "JSON", "empty-object": "ANSWER", "no-token": "ANSWER", "close": "HTTP",
                "truncated": "HTTP", "redirect": "HTTP_STATUS"}
        for behaviour, result in rows.items():
            with self.subTest(behaviour):
                COGNITO.set_behaviour(GET_TOKENS, behaviour)
                said = self.account(ticket, 300, time_left=4000)
                self.assertEqual((said.result, said.states), (result, []), said.detail)

    def test_nor_is_it_cannot_be_reached_where_the_keys_of_an_access_token_are_no_keys(self):
        self.configure({"login": {"stale_ok": 600}})
        ticket = self.only(self.sign_in())
        COGNITO.set_behaviour(GET_TOKENS, "no-id-token")
        COGNITO.set_behaviour("jwks", "html")
        self.jwks = b""
        said = self.account(ticket, 300, time_left=4000)
        self.assertEqual((said.result, said.states), ("HTTP_CONTENT_TYPE", []), said.detail)

    def test_an_app_client_that_is_gone_is_no_refusal(self):
        ticket = self.only(self.sign_in())
        COGNITO.set_behaviour(GET_TOKENS, None)
        self.configure({"config": {"client_id": "nosuchclient"}})
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("TICKET_NONE", []))

    def test_the_network_may_be_down_for_stale_ok(self):
        ticket = self.only(self.sign_in())
        COGNITO.set_behaviour("*", "close")
        for stale_ok, age, result in ((0, 300, "HTTP"), (60, 359, "ALLOWED"), (60, 360, "HTTP"), (60, 86400, "HTTP")):
            with self.subTest(stale_ok=stale_ok, age=age):
                self.configure({"login": {"stale_ok": stale_ok}})
                said = self.account(ticket, age)
                self.assertEqual(said.result, result, said.detail)
                if result == "ALLOWED":
                    self.assertEqual(self.only(said, "judged").lines[0], "login 0 video shell")
                    self.assertTrue(any("stale: " in text for _, text in said.log), said.log)
                    self.assertTrue(said.stale)
                else:
                    self.assertEqual(said.states, [])

    def test_the_log_says_why_claims_are_stale(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        for behaviour, why in (("only-opaque-token", "answer lacks a required member"),
                               ("no-token", "answer lacks a required member: refresh")):
            COGNITO.set_behaviour(GET_TOKENS, behaviour)
            said = self.account(ticket, 300)
            self.assertIn(("warning", f"stale: {why}; the claims of 300 s ago are believed"), said.log)

    def test_stale_claims_are_judged_not_waved_through(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        COGNITO.set_behaviour("*", "status-500")
        self.assertEqual(self.account(ticket, 400, "bob", "sudo", time_left=4000).result, "POLICY")

    def test_a_refusal_is_not_outlasted_by_stale_ok(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        COGNITO.user("bob", enabled=False)
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("USER_DISABLED", ["refused"]))

    def test_what_the_pool_decides_is_not_outlasted_by_stale_ok(self):
        self.configure({"login": {"stale_ok": 600}})
        rows = {"lambda-token": ("LAMBDA", ["refused"]), "lambda": ("LAMBDA", ["refused"]),
                "security": ("SECURITY", ["refused"]), "security-request": ("SECURITY", ["refused"]),
                # Of the sign-in itself these say nothing: the next recheck asks again.
                "forbidden": ("FIREWALL", []), "forbidden-403": ("FIREWALL", []), "status-403": ("FIREWALL", []),
                # AWS WAF answers with these where it wants a CAPTCHA, or is told to.
                "bare-405": ("HTTP_STATUS", []), "status-404": ("HTTP_STATUS", []), "redirect": ("HTTP_STATUS", []),
                "html": ("HTTP_CONTENT_TYPE", []), "bad-json": ("JSON", []), "huge": ("TOO_LARGE", []),
                "limit": ("ATTEMPTS", []), "unknown-error": ("POOL_ERROR", [])}
        for behaviour, (result, states) in rows.items():
            for purpose in ("account", "reuse"):
                with self.subTest(behaviour, purpose=purpose):
                    COGNITO.reset()
                    ticket = self.only(self.sign_in())
                    COGNITO.set_behaviour(GET_TOKENS, behaviour)
                    said = self.ask(purpose, ticket, 300)
                    self.assertEqual((said.result, said.states), (result, states), said.detail)
                    if behaviour == "lambda-token":
                        self.assertEqual(said.message, "The user pool refused the sign-in: Your contract has ended.")
        for behaviour in ("lambda-failed", "lambda-odd", "internal-error"):
            COGNITO.reset()
            ticket = self.only(self.sign_in())
            COGNITO.set_behaviour(GET_TOKENS, behaviour)
            self.assertEqual(self.account(ticket, 300, time_left=4000).result, "ALLOWED", behaviour)

    def test_silence_ends_before_the_hosts_patience(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        COGNITO.set_behaviour(GET_TOKENS, "silence")
        said = self.account(ticket, 300, time_left=8000)
        self.assertEqual(said.result, "ALLOWED", said.detail)
        self.assertLess(said.seconds, 8)

    def test_nor_does_it_believe_for_a_helper_that_runs_a_moment_now_and_then(self):
        """Whoever starts a set-uid host may stop its helper, too."""
        self.configure({"login": {"stale_ok": 600}})
        ticket = self.only(self.sign_in())
        COGNITO.set_behaviour(GET_TOKENS, "silence")

        def hinder(process):
            while process.poll() is None:
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.119)
                process.send_signal(signal.SIGCONT)
                time.sleep(0.0005)

        said = self.account(ticket, 300, time_left=10000, beside=hinder)
        self.assertNotEqual(said.result, "ALLOWED", said.detail)
        self.assertFalse(said.stale)

    def test_who_waits_until_no_time_is_left_to_ask_is_not_believed_without(self):
        """The time may have gone by waiting for a lock that the same person's stopped sudo held."""
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        COGNITO.user("bob", enabled=False)
        before = len(COGNITO.requests())
        for purpose in ("account", "reuse"):
            for left in (1, 250, 2900):
                said = self.ask(purpose, ticket, 300, time_left=left)
                self.assertEqual((said.result, said.states), ("STALLED", []), said.detail)
        self.assertEqual(len(COGNITO.requests()), before)

    def test_without_a_refresh_token_it_is_believed_for_its_life(self):
        self.configure({"login": {"keep_refresh_token": False, "ticket_lifetime": 5000}})
        ticket = self.only(self.sign_in())
        before = len(COGNITO.requests())
        self.assertEqual(self.account(ticket, 4999).result, "ALLOWED")
        said = self.account(ticket, 5000)
        self.assertEqual((said.result, said.states, len(COGNITO.requests())), ("TICKET_NONE", [], before))

    def test_a_refresh_token_of_before_is_not_used_when_none_is_to_be_kept(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"keep_refresh_token": False}})
        self.assertEqual(self.account(ticket, 36000).result, "TICKET_NONE")
        self.assertEqual(self.refreshes(), 0)

    def test_odd_bodies_and_other_configurations_are_no_ticket(self):
        ticket = self.only(self.sign_in())
        for body in (b"", b"{", b"garbage\0", ticket.body[:-1], ticket.body + b" x", ticket.changed(version=2),
                     ticket.changed(issuer="https://evil.example"), ticket.changed(client_id="other"),
                     ticket.changed(endpoint="https://evil.example/"), ticket.changed(sub="other"),
                     ticket.changed(claims="e30")):
            with self.subTest(body[:40]):
                said = self.account(body, 400)
                self.assertEqual((said.result, said.states), ("TICKET_NONE", []))
        self.assertEqual(self.refreshes(), 0)

    def test_why_it_is_no_ticket_is_told(self):
        ticket = self.only(self.sign_in())
        bare = ticket.changed(**{"from": None, "endpoint": None, "refresh_token": None})
        for body, why in ((b"", "there is none"), (ticket.body[:-1], "it is of another issuer, client or endpoint, or damaged"),
                          (ticket.changed(client_id="other"), "it is of another issuer, client or endpoint, or damaged"),
                          (bare, "it has no refresh token")):
            said = self.account(body, 400)
            self.assertEqual((said.result, said.detail), ("TICKET_NONE", why))

    def test_a_ticket_of_no_age_is_no_request(self):
        ticket = self.only(self.sign_in())
        for age in ("", "x", "-1", "1.5"):
            self.assertEqual(self.account(ticket, age).result, "HELPER_FRAME")

    def test_recheck_0_refreshes_every_time(self):
        self.configure({"login": {"recheck": 0}})
        ticket = self.only(self.sign_in())
        for turn in range(1, 3):
            self.assertEqual((self.account(ticket, 0).result, self.refreshes()), ("ALLOWED", turn))

    def test_another_user_gets_nothing_from_it(self):
        ticket = self.only(self.sign_in())
        said = self.account(ticket, 0, "alice")
        self.assertEqual((said.result, said.states), ("IDENTITY", []))
        said = self.account(ticket, 300, "alice")
        self.assertEqual((said.result, self.only(said).lines), ("IDENTITY", []))

    def test_max_auth_age_and_mfa_want_a_fresh_sign_in(self):
        ticket = self.only(self.sign_in("alice", "sudo", COGNITO.totp("alice")))
        self.assertEqual(self.account(ticket, 300, "alice", "vault").result, "ALLOWED")
        # By the claims alone: the second factor was answered, but not in this ticket.
        body = ticket.changed(mfa_answered=False)
        self.assertEqual(self.account(body, 0, "alice", "vault").result, "FRESH_NEEDED")
        self.assertEqual(self.account(ticket, 0, "alice", "nothing").result, "POLICY")
        self.configure({"rules": [{**RULES[1], "max_auth_age": 0}]})
        time.sleep(1.1)
        self.assertEqual(self.account(ticket, 0, "alice", "sudo").result, "FRESH_NEEDED")
        self.configure({"rules": [{**RULES[1], "max_auth_age": 0},
                                  {"name": "never", "effect": "deny", "users": ["alice"]}]})
        self.assertEqual(self.account(ticket, 0, "alice", "sudo").result, "POLICY_DENY")


class Refreshed(Recheck):
    """What a refreshed token must be."""

    def test_the_same_pool_s_client_s_and_sub_s(self):
        ticket = self.only(self.sign_in())
        for behaviour, result in (("other-sub", "REFRESH_OTHER"), ("new-auth-time", "ALLOWED"),
                                  ("with-mfa", "ALLOWED"), ("wrong-signature", "TOKEN_SIGNATURE"),
                                  ("other-issuer", "CLAIM_ISS"), ("other-audience", "CLAIM_AUD"),
                                  ("expired-token", "CLAIM_EXP"), ("alg-none", "TOKEN_FORM"),
                                  ("access-as-id", "CLAIM_TOKEN_USE"), ("name-root", "IDENTITY"),
                                  ("no-id-token", "ALLOWED"), ("only-opaque-token", "ANSWER"),
                                  ("old-auth-time", "ALLOWED")):
            with self.subTest(behaviour):
                COGNITO.set_behaviour(GET_TOKENS, behaviour)
                said = self.account(ticket, 300)
                self.assertEqual(said.result, result, said.detail)
                kept = result in ("ALLOWED", "IDENTITY")
                self.assertEqual(said.states, ["verified"] if kept else [])

    def test_a_name_that_was_taken_away_is_not_outlasted_by_the_claims_of_before(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 600}})
        COGNITO.set_behaviour(GET_TOKENS, "name-root")
        said = self.account(ticket, 300)
        self.assertEqual(said.result, "IDENTITY")
        renamed = self.only(said)
        self.assertEqual(renamed.lines, [])
        COGNITO.set_behaviour(GET_TOKENS, "status-503")
        self.assertEqual(self.account(ticket, 300, time_left=4000).result, "ALLOWED")
        self.assertEqual(self.account(renamed, 300, time_left=4000).result, "IDENTITY")

    def test_an_access_token_alone_may_be_stale(self):
        ticket = self.only(self.sign_in())
        self.configure({"login": {"stale_ok": 60}})
        COGNITO.set_behaviour(GET_TOKENS, "only-opaque-token")
        self.assertEqual(self.account(ticket, 300).result, "ALLOWED")
        # But what is wrong with an ID token is not outlasted.
        COGNITO.set_behaviour(GET_TOKENS, "other-sub")
        self.assertEqual(self.account(ticket, 300).result, "REFRESH_OTHER")

    def test_new_keys_of_the_pool_are_fetched(self):
        ticket = self.only(self.sign_in())
        COGNITO.rotate()
        self.assertEqual(self.account(ticket, 300).result, "ALLOWED")

    def test_the_age_of_the_sign_in_stays_through_refreshes(self):
        self.configure({"rules": [{**RULES[0], "max_auth_age": 1000}]})
        ticket = self.only(self.sign_in())
        said = self.account(ticket, 300)
        left = int(said.tickets[0].lines[0].split()[1])
        self.assertEqual(left, 300)
        COGNITO.set_behaviour(GET_TOKENS, "old-auth-time")
        self.assertEqual(self.account(said.tickets[0], 300).result, "FRESH_NEEDED")


class Evidence(Recheck):
    """Nobody signs in at a refresh: by its token a sign-in may look older and weaker, never younger
    or stronger, and nobody is locked out for what is said beyond the sign-in."""
    STRONGER = ("new-auth-time", "renewed-auth-time", "with-mfa", "with-acr")

    def refreshed(self, ticket, behaviour=None, user="bob"):
        """The ticket after a refresh that brought such tokens."""
        COGNITO.set_behaviour(GET_TOKENS, behaviour)
        said = self.account(ticket, 300, user)
        COGNITO.set_behaviour(GET_TOKENS, None)
        self.assertEqual(said.result, "ALLOWED", (behaviour, said.detail))
        return self.only(said)

    def evidence(self, ticket):
        return ticket.content.get("auth_time"), ticket.content["mfa_answered"]

    def test_who_is_said_to_be_younger_or_stronger_stays_in_as_old_and_as_weak_as_before(self):
        ticket = self.only(self.sign_in())
        before = self.evidence(ticket)
        self.assertEqual(before, (ticket.claims["auth_time"], False))
        for behaviour in self.STRONGER:
            with self.subTest(behaviour):
                fresh = self.refreshed(ticket, behaviour)
                self.assertEqual(self.evidence(fresh), before)
                for purpose in ("account", "reuse"):
                    self.assertEqual(self.ask(purpose, fresh, 0, service="vault").result, "FRESH_NEEDED")
                # What the token says now is neither the next refresh's measure.
                self.assertEqual(self.evidence(self.refreshed(fresh, behaviour)), before)
                self.assertEqual(self.evidence(self.refreshed(fresh)), before)

    def test_nor_does_a_rule_about_amr_or_acr_believe_a_refresh(self):
        for claims in ({"amr": ["mfa"]}, {"amr[]": ["otp"]}, {"acr": ["urn:cognito:loa:4"]}):
            rules = [RULES[0], {"name": "strong", "services": ["strong"], "claims": claims}]
            self.configure({"rules": rules})
            ticket = self.only(self.sign_in())
            for behaviour in ("with-mfa", "with-acr"):
                fresh = self.refreshed(ticket, behaviour)
                self.assertEqual(self.account(fresh, 0, service="strong").result, "POLICY")
            COGNITO.set_behaviour("RespondToAuthChallenge", "with-mfa-and-acr")
            ticket = self.only(self.sign_in())
            COGNITO.set_behaviour("RespondToAuthChallenge", None)
            self.assertEqual(self.account(ticket, 0, service="strong").result, "ALLOWED")

    def test_a_pool_that_begins_to_tell_of_factors(self):
        ticket = self.only(self.sign_in())
        COGNITO.pool(acr=True)
        fresh = self.refreshed(ticket)
        self.assertEqual(fresh.claims["amr"], ["pwd"])
        self.assertEqual(self.account(fresh, 0, service="vault").result, "FRESH_NEEDED")
        COGNITO.pool(acr=False)
        ticket = self.only(self.sign_in("alice", "vault", COGNITO.totp("alice")))
        COGNITO.pool(acr=True)
        fresh = self.refreshed(ticket, user="alice")
        self.assertEqual(fresh.claims["acr"], "urn:cognito:loa:4")
        self.assertEqual(self.account(fresh, 300, "alice", "vault").result, "ALLOWED")

    def test_a_pool_that_changes_to_its_other_issuer(self):
        updated = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Local0001"
        self.configure({"endpoints": {"alternate_issuers": [updated]}})
        ticket = self.only(self.sign_in())
        COGNITO.pool(issuer_type="updated")
        fresh = self.refreshed(ticket)
        self.assertEqual(fresh.claims["iss"], updated)
        self.assertEqual(self.reuse(fresh).result, "ALLOWED")
        COGNITO.pool(issuer_type="original")
        self.assertNotEqual(self.refreshed(fresh).claims["iss"], updated)
        # That form must be one of the configuration's.
        self.configure({"endpoints": {"alternate_issuers": []}})
        ticket = self.only(self.sign_in())
        COGNITO.pool(issuer_type="updated")
        self.assertEqual(self.account(ticket, 300).result, "CLAIM_ISS")

    def test_max_auth_age_and_max_age_go_by_the_sign_in(self):
        self.configure({"login": {"leeway": 300}, "rules": [{**RULES[0], "max_auth_age": 100}]})
        COGNITO.set_behaviour("RespondToAuthChallenge", "older-auth-time")
        ticket = self.only(self.sign_in())
        fresh = self.refreshed(ticket, "renewed-auth-time")
        left = int(fresh.lines[0].split()[1])
        self.assertTrue(20 < left <= 40, fresh.lines)
        self.assertEqual(self.reuse(fresh, max_age=50).result, "TICKET_NONE")
        self.assertEqual(self.reuse(fresh, max_age=90).result, "ALLOWED")
        self.configure({"login": {"leeway": 300}, "rules": [{**RULES[0], "max_auth_age": 50}]})
        self.assertEqual(self.account(fresh, 300).result, "FRESH_NEEDED")

    def test_an_age_that_the_sign_in_did_not_have_is_none(self):
        self.configure({"rules": [RULES[0], {**RULES[0], "name": "young", "services": ["young"], "max_auth_age": 1000}]})
        COGNITO.set_behaviour("RespondToAuthChallenge", "no-auth-time")
        ticket = self.only(self.sign_in())
        for behaviour in (None, "renewed-auth-time"):
            fresh = self.refreshed(ticket, behaviour)
            self.assertEqual(self.evidence(fresh), (None, False))
            self.assertEqual(self.account(fresh, 0, service="young").result, "POLICY")
            self.assertEqual(self.reuse(fresh, max_age=1000).result, "TICKET_NONE")

    def test_a_refresh_that_says_nothing_takes_nothing(self):
        ticket = self.only(self.sign_in("alice", "vault", COGNITO.totp("alice")))
        fresh = self.refreshed(ticket, "no-auth-time", "alice")
        self.assertEqual(self.evidence(fresh), (ticket.claims["auth_time"], True))
        for service in ("vault", "sudo"):
            self.assertEqual(self.account(fresh, 0, "alice", service).result, "ALLOWED")

    def test_what_is_said_against_it_stays(self):
        ticket = self.only(self.sign_in("alice", "vault", COGNITO.totp("alice")))
        weaker = self.refreshed(ticket, "without-mfa", "alice")
        older = self.refreshed(weaker, "old-auth-time", "alice")
        again = self.refreshed(older, "with-mfa", "alice")
        self.assertEqual(self.evidence(again), (ticket.claims["auth_time"] - 86400, False))
        for service in ("vault", "sudo"):
            self.assertEqual(self.account(again, 0, "alice", service).result, "FRESH_NEEDED")

    def test_an_evidence_that_is_none_is_no_ticket(self):
        ticket = self.only(self.sign_in())
        for odd in ("1764000000", -1, 1.5, 10 ** 12, True):
            self.assertEqual(self.account(ticket.changed(auth_time=odd), 0).result, "TICKET_NONE")


class Rotation(Recheck):
    client = {"client_id": "localrotating"}

    def test_the_new_token_is_kept_before_anything_is_made_of_it(self):
        ticket = self.only(self.sign_in())
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("ALLOWED", ["rotated", "verified"]))
        rotated, verified = said.tickets
        self.assertNotEqual(rotated.content["refresh_token"], ticket.content["refresh_token"])
        self.assertEqual(rotated.claims, ticket.claims)
        self.assertEqual((rotated.lines, rotated.exports, rotated.lifetime), ([], [], ""))
        self.assertEqual(verified.content["refresh_token"], rotated.content["refresh_token"])
        self.assertEqual(self.account(verified, 300).result, "ALLOWED")

    def test_also_when_the_tokens_then_prove_nothing(self):
        for behaviour in ("other-sub", "wrong-signature", "only-opaque-token"):
            with self.subTest(behaviour):
                COGNITO.reset()
                ticket = self.only(self.sign_in())
                COGNITO.set_behaviour(GET_TOKENS, behaviour)
                said = self.account(ticket, 300)
                self.assertNotEqual(said.result, "ALLOWED")
                self.assertEqual(said.states, ["rotated"])
                rotated = said.rotated[-1]
                COGNITO.set_behaviour(GET_TOKENS, None)
                self.assertEqual(self.account(rotated, 300).result, "ALLOWED")

    def test_a_used_token_is_a_result_of_its_own_and_marks_nothing(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(self.account(ticket, 300).result, "ALLOWED")
        for purpose in ("account", "reuse"):
            said = self.ask(purpose, ticket, 300)
            self.assertEqual((said.result, said.states), ("REFRESH_REUSE", []))


class Secret(Recheck):
    client = {"client_id": "localsecret", "client_secret": SECRET}

    def test_the_secret_goes_along(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(self.account(ticket, 300).result, "ALLOWED")
        self.configure({"config": {"client_id": "localsecret", "client_secret": SECRET[:-1] + "2"}})
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("CLIENT", []), said.detail)

    def test_an_api_of_before_2025_is_asked_the_old_way(self):
        COGNITO.pool(alias_email=True)
        ticket = self.only(self.sign_in())
        for behaviour in ("unknown-operation", "unsupported-operation", "unsupported"):
            before = len(COGNITO.requests("InitiateAuth"))
            COGNITO.set_behaviour(GET_TOKENS, behaviour)
            said = self.account(ticket, 300)
            self.assertEqual(said.result, "ALLOWED", said.detail)
            self.assertEqual(len(COGNITO.requests("InitiateAuth")), before + 1)


class TokenUrl(Recheck):
    """A provider that knows the password grant: its refresh token goes back to it alone."""
    client = {"client_id": "localbroker"}
    login = {"password_method": "ropc"}

    def test_the_token_endpoint_refreshes(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(ticket.content["from"], "token_url")
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("ALLOWED", ["verified"]), said.detail)
        self.assertEqual(COGNITO.requests(GET_TOKENS), [])

    def test_invalid_grant_is_a_refusal_and_nothing_else_is(self):
        ticket = self.only(self.sign_in())
        for behaviour, result in (("oauth-server-error", "ANSWER"), ("oauth-something-new", "POOL_ERROR"),
                                  ("oauth-upstream-error", "ANSWER"),
                                  ("status-403", "FIREWALL"),
                                  ("status-500", "POOL"), ("status-429", "THROTTLED"), ("html", "HTTP_CONTENT_TYPE"),
                                  ("bare-405", "HTTP_STATUS")):
            with self.subTest(behaviour):
                COGNITO.set_behaviour("token", behaviour)
                said = self.account(ticket, 300, time_left=4000)
                self.assertEqual((said.result, said.states), (result, []), said.detail)
        for behaviour in ("oauth-access-denied", "oauth-error-beside-tokens"):
            COGNITO.set_behaviour("token", behaviour)
            self.assertEqual(self.account(ticket, 300).states, ["refused"])
        COGNITO.set_behaviour("token", "oauth-lambda")
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("LAMBDA", ["refused"]))
        self.assertEqual(said.message, "The user pool refused the sign-in: Your contract has ended.")
        COGNITO.set_behaviour("token", None)
        COGNITO.user("bob", enabled=False)
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("REFRESH_REFUSED", ["refused"]))

    def test_rotation_at_the_token_endpoint(self):
        COGNITO.client("localbroker", rotation=True)
        ticket = self.only(self.sign_in())
        said = self.account(ticket, 300)
        self.assertEqual((said.result, said.states), ("ALLOWED", ["rotated", "verified"]))

    def test_another_token_url_never_sees_it(self):
        ticket = self.only(self.sign_in())
        before = len(COGNITO.requests())
        self.configure({"config": {"client_id": "localbroker", "token_url": "https://localhost/elsewhere"}})
        self.assertEqual(self.account(ticket, 300).result, "TICKET_NONE")
        self.assertEqual(len(COGNITO.requests()), before)

    def test_revocation(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
        self.assertEqual(self.ask("revoke", ticket, 0).result, "ALLOWED")
        self.assertEqual(self.account(ticket, 300).result, "REFRESH_REFUSED")


class Reuse(Recheck):
    def test_it_always_refreshes(self):
        ticket = self.only(self.sign_in())
        said = self.reuse(ticket, 0)
        self.assertEqual((said.result, said.states, self.refreshes()), ("ALLOWED", ["verified"], 1))

    def test_policy_is_final(self):
        ticket = self.only(self.sign_in())
        self.assertEqual(self.reuse(ticket, 0, "bob", "sudo").result, "POLICY")
        COGNITO.user("bob", groups=[])
        self.assertEqual(self.reuse(ticket).result, "POLICY")

    def test_what_a_sign_in_could_make_good_asks(self):
        ticket = self.only(self.sign_in("alice", "sudo", COGNITO.totp("alice")))
        self.assertEqual(self.reuse(ticket, 0, "alice", "vault").result, "ALLOWED")
        body = ticket.changed(mfa_answered=False)
        said = self.reuse(body, 0, "alice", "vault")
        self.assertEqual((said.result, said.detail), ("FRESH_NEEDED", ""))
        bare = ticket.changed(**{"from": None, "endpoint": None, "refresh_token": None})
        self.assertEqual(self.reuse(bare, 0, "alice", "sudo").result, "TICKET_NONE")
        self.assertEqual(self.reuse(b"", "", "alice", "sudo").result, "TICKET_NONE")
        self.configure({"login": {"keep_refresh_token": False}})
        self.assertEqual(self.reuse(ticket, 0, "alice", "sudo").result, "TICKET_NONE")

    def test_max_age(self):
        ticket = self.only(self.sign_in())
        time.sleep(1.1)
        said = self.reuse(ticket, 0, max_age=0)
        self.assertEqual((said.result, said.states, self.refreshes()), ("TICKET_NONE", [], 0))
        self.assertIn("max_age", said.detail)
        self.assertEqual(self.reuse(ticket, 0, max_age=3600).result, "ALLOWED")

    def test_max_age_holds_to_its_last_second(self):
        ticket = self.only(self.sign_in())
        for _ in range(20):
            now = int(time.time())
            young, old = (self.reuse(ticket.changed(auth_time=now - age), 0, max_age=1000).result for age in (1000, 1001))
            if int(time.time()) == now:
                self.assertEqual((young, old), ("ALLOWED", "TICKET_NONE"))
                return
        self.skipTest("no second was long enough for two answers")

    def test_a_refusal_of_cognito_marks_the_ticket_and_asks(self):
        ticket = self.only(self.sign_in())
        COGNITO.user("bob", enabled=False)
        said = self.reuse(ticket)
        self.assertEqual((said.result, said.states), ("USER_DISABLED", ["refused"]))
        self.assertIn("User is disabled", said.detail)

    def test_the_network_is_final_but_for_stale_ok(self):
        ticket = self.only(self.sign_in())
        COGNITO.set_behaviour("*", "close")
        self.assertEqual(self.reuse(ticket, 10).result, "HTTP")
        self.configure({"login": {"stale_ok": 60}})
        self.assertEqual(self.reuse(ticket, 10).result, "ALLOWED")
        self.assertEqual(self.reuse(ticket, 400).result, "HTTP")


if __name__ == "__main__":
    harness.main()
