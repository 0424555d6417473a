#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The browser flow through the real module and helper: what the person sees, what may be
pasted, and what only looks as if it might."""
import os
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, Login, harness  # noqa: E402

QUESTION = "Paste the code or the address of the page you landed on: "
OTHER = "The pasted code belongs to another sign-in. Please start again, and open the address that is shown."
NO_CODE = "The pasted text contains no code. Please start again."
NOT_VALID = ("The code is not valid. A code works once, for a few minutes, and only in its own sign-in. "
             "Please start again.")


def swap(old, new):
    return lambda at: at.landed.replace(old.format(**vars(at)), new)


class Browser(Login):
    basis = {"login": {"flows": ["browser"]}}
    options = "timeout=20"
    kept = ""

    def person(self, what="{short}", by="bob"):
        """The answer of somebody who signs in as `by`: a pattern with, or a function of, what
        they have then."""
        def answer():
            landed = harness.Landed(COGNITO, self.host, by)
            return what.format(**vars(landed)) if isinstance(what, str) else what(landed)
        return answer

    def keep(self, text):
        self.kept = text
        return text

    def login(self, *answers, user="bob", service="login", **settings):
        outcome = self.host.drive(user, ("auth", "acct"), answers or (self.person(),), service, **settings)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def paste(self, what, by="bob", **settings):
        return self.login(self.person(what, by), **settings)

    def allowed(self, outcome):
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
        return outcome

    def denied(self, outcome, result, sentence):
        self.assertEqual(outcome.results[0], result, outcome.text)
        # account would go by the ticket of an earlier sign-in under the same configuration.
        self.assertNotIn("PAM_SUCCESS", outcome.results, outcome.text)
        self.assertEqual(outcome.errors[0], sentence, outcome.text)
        return outcome

    def url(self, outcome):
        """The address that was shown, and the fields of its query."""
        address = re.search(r"\\n(https://[^\\ ]+)\\n", outcome.shown[-1]).group(1)
        return address, urllib.parse.parse_qs(urllib.parse.urlsplit(address).query, strict_parsing=True)


class WhatPeopleSee(Browser):
    def test_one_prompt_says_who_asks_for_whom_and_from_where(self):
        outcome = self.allowed(self.login(service="sshd", tty="ssh", rhost="192.0.2.7"))
        self.assertEqual((outcome.info, outcome.hidden, len(outcome.shown)), ([], [], 1))
        host = os.uname().nodename
        self.assertRegex(outcome.shown[0], "^" + re.escape(
            rf"\nsshd on {host[:63]} requests a sign-in for bob from 192.0.2.7.\n"
            r"Use your Local Cognito account.\n" r"Open this address in a browser and sign in there:" r"\n") + r"https://[^ \\]+" + re.escape(
            r"\nIf you did not start this, do not approve it." rf"\n{QUESTION}") + "$")
        self.assertIn("flow=browser", outcome.log[0])

    def test_it_names_the_account_that_is_needed(self):
        for name, words in (("ACME Single Sign-On", r"for bob.\nUse your ACME Single Sign-On account.\nOpen this"), ("Amazon Cognito", r"for bob.\nOpen this")):
            self.configure({"name": name})
            self.assertIn(words, self.allowed(self.login()).shown[0])

    def test_without_a_source_address_none_is_named(self):
        self.assertIn(r" requests a sign-in for bob.\n", self.allowed(self.login()).shown[0])

    def test_nothing_that_moves_a_cursor_is_shown(self):
        outcome = self.login("", rhost="\x1b[2Jevil\u202e.example")
        self.assertIn("from ?[2Jevil?.example.", outcome.shown[0])

    def test_auto_draws_no_code_of_this_size_and_the_rest_always_do(self):
        for style, sign in (("auto", None), ("off", None), ("utf8", "█"), ("ascii", "####")):
            with self.subTest(style):
                self.configure(options=f"qr={style}")
                shown = self.allowed(self.login(service="sshd", tty="ssh")).shown[0]
                if sign is None:
                    self.assertNotRegex(shown, "█|▀|▄|##")
                else:
                    self.assertIn(sign, shown)
                self.assertTrue(shown.startswith("\\n"))

    def test_the_address_has_what_it_must_and_no_more(self):
        address, fields = self.url(self.allowed(self.login()))
        self.assertEqual(sorted(fields), ["client_id", "code_challenge", "code_challenge_method", "login_hint",
                                          "nonce", "redirect_uri", "response_type", "scope", "state"])
        self.assertEqual({name: fields[name] for name in ("response_type", "code_challenge_method", "login_hint",
                                                          "redirect_uri", "scope")},
                         {"response_type": ["code"], "code_challenge_method": ["S256"], "login_hint": ["bob"],
                          "redirect_uri": ["http://localhost:8400/callback"], "scope": ["openid email profile"]})
        for name, length in (("state", 22), ("nonce", 22), ("code_challenge", 43)):
            self.assertRegex(fields[name][0], "^[A-Za-z0-9_-]{%d}$" % length)
        self.assertNotIn("%", address)
        base = COGNITO.domain + "/oauth2/authorize"
        self.assertTrue(address.startswith(base + "?"))
        self.assertLess(len(address) - len(base), 300)

    def test_every_login_has_its_own_secrets(self):
        one, two = (self.url(self.allowed(self.login()))[1] for _ in range(2))
        for name in ("state", "nonce", "code_challenge"):
            self.assertNotEqual(one[name], two[name])
        self.assertEqual(len({one["state"][0], one["nonce"][0], one["code_challenge"][0]}), 3)

    def test_the_login_hint_is_the_name_that_cognito_knows(self):
        self.configure({"users": {"strip_suffix": "@example.com", "claim": "email", "mutable_ok": True}})
        self.assertEqual(self.url(self.allowed(self.login()))[1]["login_hint"], ["bob@example.com"])

    def test_federated_people_are_their_name_behind_the_provider_s(self):
        self.configure({"users": {"strip_prefix": "AcmeSAML_"}})
        COGNITO.user("AcmeSAML_bob", password="Federated-1!", groups=["linux-users"], attributes={"custom:groups": "[ops, devs]"})
        outcome = self.allowed(self.paste("{short}", by="AcmeSAML_bob"))
        self.assertEqual(self.url(outcome)[1]["login_hint"], ["AcmeSAML_bob"])
        for groups, result in ((["devs"], "PAM_SUCCESS"), (["dev", "[ops, devs]"], "PAM_PERM_DENIED")):
            self.configure({"users": {"strip_prefix": "AcmeSAML_"}, "rules": [{"claims": {"custom:groups[]": groups}}]})
            self.assertEqual(self.paste("{short}", by="AcmeSAML_bob").results, [result] * 2)
        self.configure({"users": {"strip_prefix": "AcmeSAML_"}})
        self.assertEqual(self.paste("{short}", by="bob").results, ["PAM_PERM_DENIED"] * 2)

    def test_the_query_that_auth_url_has_stays_in_front(self):
        self.configure({"config": {"auth_url": COGNITO.domain + "/oauth2/authorize?identity_provider=Google&lang=de"}})
        outcome = self.allowed(self.login())
        address, fields = self.url(outcome)
        self.assertIn("/authorize?identity_provider=Google&lang=de&response_type=code&", address)
        self.assertEqual((fields["identity_provider"], fields["lang"]), (["Google"], ["de"]))

    def test_prompt_login_where_a_fresh_sign_in_is_wanted(self):
        rules = [{"groups": ["linux-users"], "services": ["sshd"], "max_auth_age": 600},
                 {"groups": ["linux-users"], "services": ["login", "sudo"]}]
        for configured, service, sent in ((None, "login", None), (None, "sshd", ["login"]), (None, "sudo", ["login"]),
                                          ("select_account", "login", ["select_account"]),
                                          ("select_account", "sudo", ["login select_account"]),
                                          ("consent login", "sudo", ["consent login"]),
                                          ("none", "login", ["none"]), ("none", "sudo", ["login"])):
            with self.subTest(configured=configured, service=service):
                self.configure({"config": {"prompt": configured}, "rules": rules})
                _, fields = self.url(self.login("", service=service))
                self.assertEqual(fields.get("prompt"), sent)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be set-uid")
    def test_sudo_and_its_like_want_one_under_any_name(self):
        self.services = ("login", "sudo", "sudo-cognito", "doas", "su", "su-l")
        self.configure({"rules": [{"groups": ["linux-users"]}]})
        for service in self.services:
            for ruid, sent in (("1002", ["login"]), ("1001", ["login"]), (None, ["login"] if service == "sudo" else None)):
                with self.subTest(service=service, ruid=ruid):
                    settings = {} if ruid is None else {"ruid": ruid}
                    self.assertEqual(self.url(self.login("", service=service, **settings))[1].get("prompt"), sent)

    def test_a_session_that_the_browser_has_is_too_old_for_a_rule(self):
        self.configure({"rules": [{"groups": ["linux-users"], "max_auth_age": 600}]})
        COGNITO.set_behaviour("token", "old-auth-time")
        self.denied(self.login(), "PAM_PERM_DENIED",
                    "Your sign-in is valid, but no rule allows you to use this service on this host. Please contact your administrator.")

    def test_a_choice_of_three_flows(self):
        changes = COGNITO.device_endpoints()
        self.configure({**changes, "login": {"flows": ["password", "device", "browser"]}})
        outcome = self.allowed(self.login("3", self.person()))
        self.assertEqual(outcome.shown[0], r"\nHow do you want to sign in?\n  1) Password\n"
                         r"  2) Another device (phone, browser)\n  3) Browser (then paste a code here)\nNumber: ")
        outcome = self.allowed(self.login("1", "Battery-Staple-8!"))
        self.assertIn("flow=password", outcome.log[0])

    def test_the_pam_line_forces_it(self):
        self.configure({"login": {"flows": ["password", "browser"]}}, "flow=browser")
        self.assertEqual(len(self.allowed(self.login()).shown), 1)
        self.configure({"login": {"flows": ["password"]}}, "flow=browser")
        self.assertEqual(len(self.allowed(self.login()).shown), 1)
        # Without an address to sign in at there is no browser flow.
        self.configure({"login": {"flows": ["password"]}, "config": {"auth_url": None}}, "flow=browser")
        self.assertEqual(self.login().results[0], "PAM_SERVICE_ERR")

    def test_a_host_that_cannot_ask(self):
        self.assertEqual(self.login("<fail>").results[0], "PAM_CONV_ERR")

    def test_whoever_needs_longer_than_the_time_starts_again(self):
        self.options = "timeout=5"
        self.configure()
        self.denied(self.login("<wait:5300>", self.person()), "PAM_AUTH_ERR",
                    "That took too long. Please start again.")


class WhatIsPasted(Browser):
    def test_the_code_the_code_with_its_state_and_the_address(self):
        for what in ("{code}", "{short}", "{landed}", "{landed}#", lambda at: at.landed.split("?")[1],
                     lambda at: at.landed.removeprefix("http://")):
            with self.subTest(what):
                self.allowed(self.paste(what))

    def test_spaces_and_quotes_around_it_are_forgiven(self):
        for what in ("  {code} ", '"{landed}"', "'{short}'", '\t" {short} "\r'):
            with self.subTest(what):
                self.allowed(self.paste(what))

    def test_nothing(self):
        for answer in ("", "   ", '""'):
            with self.subTest(answer):
                self.denied(self.login(answer), "PAM_AUTH_ERR", "Cancelled.")
        self.assertEqual(COGNITO.requests("token"), [])

    def test_more_than_500_bytes(self):
        self.allowed(self.paste(lambda at: (at.landed + "&x=").ljust(500, "y")))
        self.configure()
        self.denied(self.paste(lambda at: (at.landed + "&x=").ljust(501, "y")), "PAM_AUTH_ERR",
                    "That answer is too long. Please start again.")
        self.denied(self.login("".join(chr(97 + i % 25) for i in range(1500))), "PAM_AUTH_ERR",
                    "That answer is too long. Please start again.")
        self.assertEqual(len(COGNITO.requests("token")), 1)

    def test_what_is_no_code(self):
        for what in ("a b{code}", "{code}\x1b[31m", "{code}\x7f", "\x01{short}", "ä{code}", "{landed}&code=x",
                     "{landed}&state={state}", "{url}&code=", "http://localhost:8400/callback", swap("code=", "cod="),
                     swap("code=", "code=%zz"), swap("code=", "code=%00"), swap("code=", "code=%20")):
            with self.subTest(what):
                self.denied(self.paste(what), "PAM_AUTH_ERR", NO_CODE)
        self.denied(self.login(b"\xff\xfe".decode("utf-8", "surrogateescape")), "PAM_AUTH_ERR", NO_CODE)
        self.assertEqual(COGNITO.requests("token"), [])

    def test_the_state_of_another_sign_in_or_none(self):
        for what in ("{code}.AAAAAAAA", swap("state=", "state=x"), lambda at: at.landed[:-1],
                     lambda at: at.landed.split("&state")[0], swap("state={state}", "state=" + "A" * 22),
                     swap("state={state}", "state=")):
            with self.subTest(what):
                self.denied(self.paste(what), "PAM_AUTH_ERR", OTHER)
        self.assertEqual(COGNITO.requests("token"), [])

    def test_a_callback_of_another_session(self):
        for what in ("landed", "short"):
            with self.subTest(what):
                self.denied(self.paste(lambda at, what=what: self.keep(getattr(at, what)) and ""), "PAM_AUTH_ERR", "Cancelled.")
                self.denied(self.login(self.kept), "PAM_AUTH_ERR", OTHER)
        self.assertEqual(COGNITO.requests("token"), [])

    def test_a_bare_code_of_another_session_fails_its_proof(self):
        self.denied(self.paste(lambda at: self.keep(at.code) and ""), "PAM_AUTH_ERR", "Cancelled.")
        self.denied(self.login(self.kept), "PAM_AUTH_ERR", NOT_VALID)

    def test_a_replayed_code(self):
        self.allowed(self.paste(lambda at: self.keep(at.code)))
        self.configure()
        self.denied(self.login(self.kept), "PAM_AUTH_ERR", NOT_VALID)

    def test_a_code_that_is_too_old(self):
        COGNITO.pool(auth_code_validity=-1)
        self.denied(self.login(), "PAM_AUTH_ERR", NOT_VALID)

    def test_a_code_pasted_twice(self):
        for what in ("{code}{code}", "{short}{short}", "{landed}{landed}", "{short} {short}", '"{landed}" "{landed}"'):
            with self.subTest(what):
                self.denied(self.paste(what), "PAM_AUTH_ERR", "You pasted the code twice. Please start again, and paste it once.")
        self.assertEqual(COGNITO.requests("token"), [])

    def test_another_person_signs_in(self):
        outcome = self.denied(self.paste("{short}", by="alice"), "PAM_PERM_DENIED",
                              'Signed in as "alice"; this login is for "bob". Please start again.')
        self.assertIn("flow=browser", outcome.log[0])

    def test_an_error_in_the_address_is_explained(self):
        rows = (("error=access_denied&error_description=User+cancelled%21", "The sign-in was cancelled or refused in "
                 "the browser. Please start again. (access_denied: User cancelled!)"),
                ("error_description=Timeout+occurred&error=server_error", "The sign-in page had a problem. Please try "
                 "again later. (server_error: Timeout occurred)"),
                ("error=something%1b[2J", "The sign-in in the browser failed. Please start again. (something?[2J)"),
                ("error=", "The sign-in in the browser failed. Please start again. ()"),
                ("code=x&error=login_required", "The sign-in page was not allowed to ask you to sign in. Please contact your administrator. (login_required)"))
        for query, sentence in rows:
            with self.subTest(query):
                self.denied(self.paste(f"http://localhost:8400/callback?{query}&state={{state}}"), "PAM_AUTH_ERR", sentence)
        self.assertEqual(COGNITO.requests("token"), [])

    def test_an_authorize_error_of_the_pool_itself(self):
        self.configure({"config": {"scopes": ["openid", "nothing/known"]}})
        self.denied(self.paste("{landed}"), "PAM_AUTH_ERR",
                    "The app client may not request these scopes. Please contact your administrator. (invalid_scope)")
        # No session and none may be made.
        self.configure({"config": {"prompt": "none"}})
        self.denied(self.paste("{landed}"), "PAM_AUTH_ERR",
                    "The sign-in page was not allowed to ask you to sign in. Please contact your administrator. (login_required)")

    def test_the_address_of_cognitos_error_page(self):
        sentence = "The callback URL is not registered with the app client. Please contact your administrator. (redirect_mismatch)"
        self.configure({"endpoints": {"redirect_uri": "https://elsewhere.example/callback.html"}})
        self.denied(self.login(f"{COGNITO.domain}/error?error=redirect_mismatch&client_id=6o7h8i9jlocalpublic"),
                    "PAM_AUTH_ERR", sentence)


class Exchange(Browser):
    def test_the_registered_page_on_the_web(self):
        self.configure({"endpoints": {"redirect_uri": "https://login.example.com/callback.html"}})
        self.allowed(self.paste("{landed}"))

    def test_a_second_factor_on_the_page_counts_by_the_token(self):
        COGNITO.pool(acr=True)
        self.configure({"rules": [{"groups": ["linux-users"], "require_mfa": True}]})
        self.allowed(self.paste("{short}", by="alice", user="alice"))
        self.assertEqual(self.login().results[0], "PAM_PERM_DENIED")

    def test_a_second_factor_by_the_pool_s_own_name_of_it(self):
        COGNITO.pool(acr=True, acr_names={"urn:cognito:loa:4": "gold"}, acr_tells_amr=False)
        rules = [{"groups": ["linux-users"], "require_mfa": True}]
        for login, result in (({}, "PAM_PERM_DENIED"), ({"mfa_acr": ["silver"]}, "PAM_PERM_DENIED"),
                              ({"mfa_acr": ["silver", "gold"]}, "PAM_SUCCESS")):
            self.configure({"rules": rules, "login": {"recheck": 0, **login}})
            self.assertEqual(self.paste("{short}", by="alice", user="alice").results, [result] * 2)

    def test_a_client_with_a_secret(self):
        secret = COGNITO.client("localsecret")["secret"]
        client = {"client_id": "localsecret", "client_secret": secret}
        for pkce in (True, False):
            with self.subTest(pkce=pkce):
                self.configure({"config": {**client, "pkce_enabled": pkce}})
                _, fields = self.url(self.allowed(self.login()))
                self.assertEqual("code_challenge" in fields, pkce)
                self.assertEqual("code_challenge_method" in fields, pkce)
        self.configure({"config": {**client, "client_secret": "0" * 40}})
        self.assertEqual(self.login().results[0], "PAM_SERVICE_ERR")

    def test_a_secret_goes_to_cognito_as_it_is_and_to_others_percent_encoded(self):
        for secret in ("a+b/c=d" * 5, "100%25+1%2B1" * 3, "with:colon and space~!" * 2):
            COGNITO.client("localsecret", secret=secret)
            for provider, encoded in (("cognito", False), ("oidc", True)):
                with self.subTest(secret, provider=provider):
                    endpoints = {"provider": provider, **({} if provider == "cognito" else {"api_url": COGNITO.url})}
                    self.configure({"config": {"client_id": "localsecret", "client_secret": secret}, "endpoints": endpoints,
                                    "login": {"recheck": 0}, "users": {"claim": "cognito:username"}})
                    COGNITO.pool(percent_basic=encoded)
                    # account refreshes by the same header.
                    self.allowed(self.login())
                    COGNITO.pool(percent_basic=not encoded)
                    self.assertEqual(self.login().results[0], "PAM_SERVICE_ERR" if encoded or "%" in secret else "PAM_SUCCESS")

    def test_a_public_client_has_pkce_whatever_the_file_says(self):
        self.configure({"config": {"pkce_enabled": False}})
        self.assertIn("code_challenge", self.url(self.allowed(self.login()))[1])

    def test_whoever_took_the_challenge_out_of_the_address_gains_nothing(self):
        # The code that comes of it has no challenge; Cognito refuses our verifier.
        def code(at):
            stripped = re.sub("&code_challenge(_method)?=[^&]*", "", at.url)
            return urllib.parse.parse_qs(urllib.parse.urlsplit(COGNITO.browse(stripped, "bob")).query)["code"][0]
        self.denied(self.paste(code), "PAM_AUTH_ERR", NOT_VALID)

    def test_the_nonce_and_the_access_tokens_hash(self):
        proof = "The answer of the sign-in service could not be verified, so you are not signed in. Please contact your administrator."
        for behaviour, words in (("wrong-nonce", "nonce does not match"), ("no-nonce", "nonce does not match"),
                                 ("nonce-number", "nonce does not match"), ("wrong-at-hash", "at_hash does not match"),
                                 ("wrong-signature", "signature"), ("expired-token", "exp"),
                                 ("other-audience", "aud")):
            with self.subTest(behaviour):
                COGNITO.set_behaviour("token", behaviour)
                outcome = self.denied(self.login(), "PAM_AUTH_ERR", proof)
                self.assertIn(words, outcome.log[0])
                COGNITO.set_behaviour("token", None)

    def test_no_id_token_is_no_login(self):
        COGNITO.set_behaviour("token", "no-id-token")
        self.assertEqual(self.login().results[0], "PAM_AUTHINFO_UNAVAIL")

    def test_what_the_token_endpoint_does_wrong(self):
        for behaviour, result in (("status-500", "PAM_AUTHINFO_UNAVAIL"), ("status-429", "PAM_AUTHINFO_UNAVAIL"),
                                  ("html", "PAM_AUTHINFO_UNAVAIL"), ("bad-json", "PAM_AUTHINFO_UNAVAIL"),
                                  ("empty-object", "PAM_AUTHINFO_UNAVAIL"), ("truncated", "PAM_AUTHINFO_UNAVAIL"),
                                  ("redirect", "PAM_AUTHINFO_UNAVAIL"), ("access-as-id", "PAM_AUTH_ERR"),
                                  ("error-beside", "PAM_AUTH_ERR")):
            with self.subTest(behaviour):
                COGNITO.reset()
                self.options = "timeout=5"
                self.configure()
                COGNITO.set_behaviour("token", behaviour)
                self.assertEqual(self.login().results[0], result)
                COGNITO.set_behaviour("token", None)

    def test_keys_are_fetched_when_they_are_needed(self):
        self.allowed(self.login())
        kinds = [line["endpoint"] for line in COGNITO.requests() if line["endpoint"] in ("jwks", "token")]
        self.assertEqual(kinds, ["token", "jwks"])

    def test_a_key_set_may_have_its_own_content_type_and_nothing_else(self):
        for endpoint, result in (("jwks", "PAM_SUCCESS"), ("token", "PAM_AUTHINFO_UNAVAIL")):
            with self.subTest(endpoint):
                self.configure()
                COGNITO.set_behaviour(endpoint, "key-set-type")
                self.assertEqual(self.login().results[0], result)
                COGNITO.set_behaviour(endpoint, None)

    def test_no_secret_of_the_login_is_logged(self):
        outcome = self.allowed(self.paste(lambda at: self.keep(at.landed), rhost="192.0.2.7"))
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(self.kept).query)
        for value in (fields["code"][0], fields["state"][0], fields["state"][0][:8]):
            self.assertNotIn(value, " ".join(outcome.log))


if __name__ == "__main__":
    harness.main()
