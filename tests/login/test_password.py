#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The password flow through the real module and the real helper, against the local Cognito."""
import json
import os
import pathlib
import re
import secrets
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import answers  # noqa: E402
import base  # noqa: E402
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import frames  # noqa: E402
from password_login import Login  # noqa: E402

RUNS = int(os.environ.get("RUNS", "20"))  # of logins with a random password; make soak has 1,000


class Allowed(Login):
    def test_srp_login_and_account(self):
        outcome = self.sign_in(operations=("auth", "acct", "setcred", "open", "close"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 5, outcome.text)
        self.assertEqual(outcome.hidden, ["Password: "])
        self.assertRegex(outcome.log[0], r'login allowed user=bob service=login rhost= flow=password '
                                         r'sub=[0-9a-f-]{36} rule="shell" reason="allowed" ms=\d+')

    def test_srp_login_with_totp(self):
        outcome = self.sign_in("alice", None, COGNITO.totp("alice"))
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual(outcome.shown, ["Verification code from your authenticator app: "])

    def test_debug_tells_more_but_no_secret(self):
        self.configure(options="debug")
        self.assert_result(self.sign_in("alice", None, COGNITO.totp("alice"), operations=("auth", "acct")),
                           "PAM_SUCCESS", ":account): login allowed")
        self.sign_in("alice", "Wrong-Canary-1!")

    def test_a_code_may_be_typed_with_a_space(self):
        code = COGNITO.totp("alice")
        self.assert_result(self.sign_in("alice", None, code[:3] + " " + code[3:]), "PAM_SUCCESS")

    def test_what_a_paste_puts_into_a_code_is_forgiven(self):
        for form in (" {}-{} ", "{}\u00a0{}", "\u00a0{} {}\u00a0", "{}\u2011{}", "{}\u2009{}", "\ufeff{}\u202f{}\t", "- {} -- {} -"):
            with self.subTest(form):
                code = COGNITO.totp("alice")
                self.assert_result(self.sign_in("alice", None, form.format(code[:3], code[3:])), "PAM_SUCCESS")
                COGNITO.unlock()

    def test_and_nothing_else_is(self):
        for form in ("{}.{}", "{}x{}", "{}\u00e9{}", "{}/{}", "+{}{}", "{}{}0", "{}_{}"):
            with self.subTest(form):
                code = COGNITO.totp("alice")
                COGNITO.reset()
                outcome = self.sign_in("alice", None, form.format(code[:3], code[3:]), "")
                self.assert_result(outcome, "PAM_AUTH_ERR", "That code is wrong.")
                self.assertEqual(len(COGNITO.requests("RespondToAuthChallenge")), 1)

    def test_spaces_around_a_password_are_none_of_it(self):
        rows = {"srp": "6o7h8i9jlocalpublic", "password": "localpassword", "choice": "localchoice"}
        for method, client in rows.items():
            for form in (" {}", "{} ", "\t {} \t"):
                with self.subTest(method=method, form=form):
                    COGNITO.reset()
                    COGNITO.pool(first_factors=["PASSWORD"])
                    self.configure({"config": {"client_id": client}, "login": {"password_method": method}})
                    outcome = self.host.drive("bob", ("auth",), (form.format(PASSWORDS["bob"]),))
                    self.assert_result(outcome, "PAM_SUCCESS")

    def test_spaces_within_a_password_are(self):
        COGNITO.user("bob", password="Two  words 8!")
        self.assert_result(self.sign_in("bob", " Two  words 8! "), "PAM_SUCCESS")
        self.assert_result(self.sign_in("bob", "Two words 8!"), "PAM_AUTH_ERR")

    def test_another_provider_s_password_may_begin_and_end_with_spaces(self):
        self.configure({"config": {"client_id": "localbroker"}, "login": {"password_method": "ropc"}})
        COGNITO.user("bob", password="  spaces-8 ")
        self.assert_result(self.sign_in("bob", "  spaces-8 "), "PAM_SUCCESS")
        self.assert_result(self.sign_in("bob", "spaces-8"), "PAM_AUTH_ERR")

    def test_a_password_of_spaces_is_empty_and_not_sent(self):
        for method, client in (("srp", "6o7h8i9jlocalpublic"), ("password", "localpassword")):
            with self.subTest(method):
                self.configure({"config": {"client_id": client}, "login": {"password_method": method}})
                self.assert_result(self.host.drive("bob", ("auth",), ("  \t ",)), "PAM_AUTH_ERR", "empty password")
        self.assertEqual(COGNITO.requests(), [])

    def test_six_digits_alone_are_a_password_and_no_code_behind_one(self):
        self.configure({"login": {"otp_append": True}})
        self.assert_result(self.host.drive("bob", ("auth",), ("123456",)), "PAM_AUTH_ERR", "wrong password")

    def test_nor_is_one_that_is_empty_or_not_given(self):
        for method, client in (("srp", "6o7h8i9jlocalpublic"), ("password", "localpassword"), ("ropc", "localbroker")):
            self.configure({"config": {"client_id": client}, "login": {"password_method": method}})
            for answer, result, reason in (("", "PAM_AUTH_ERR", "empty password"),
                                           ("<fail>", "PAM_CONV_ERR", 'reason="the host program cannot ask the user"')):
                with self.subTest(method=method, answer=answer):
                    self.assert_result(self.host.drive("bob", ("auth",), (answer,)), result, reason)
            # The module asks no helper about these two.
            for answer, told in (("", "PASSWORD_EMPTY"), (b"\xff" * 8, "NOT_UTF8")):
                with self.subTest(method=method, answer=answer):
                    said = frames.ask("login", self.config, answers=[answer])
                    self.assertEqual((said.result, said.detail), (told, "password"))
        self.assertEqual(COGNITO.requests(), [])

    def test_user_password_auth(self):
        self.configure({"config": {"client_id": "localpassword"}, "login": {"password_method": "password"}})
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def test_app_client_with_a_secret(self):
        client = next(c for c in json.loads((harness.ROOT / "tests/cognito/pool.json").read_text())["clients"]
                      if c["id"] == "localsecret")
        for method in ("srp", "password"):
            with self.subTest(method):
                COGNITO.reset()
                self.configure({"config": {"client_id": client["id"], "client_secret": client["secret"]},
                                "login": {"password_method": method}})
                self.assert_result(self.sign_in("alice", None, COGNITO.totp("alice")), "PAM_SUCCESS")

    def test_ropc_at_another_provider(self):
        client = next(c for c in json.loads((harness.ROOT / "tests/cognito/pool.json").read_text())["clients"]
                      if c.get("ropc"))
        self.configure({"config": {"client_id": client["id"], "client_secret": client.get("secret")},
                        "login": {"password_method": "ropc"}})
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assert_result(self.sign_in("bob", "wrong"), "PAM_AUTH_ERR", "invalid_grant")

    def test_utf8_user_and_password(self):
        self.assert_result(self.sign_in("ålice-ж"), "PAM_SUCCESS")

    def test_random_srp_logins(self):
        alphabet = "abcXYZ019!$%&/()=?äöüЖ漢 字'\"\\"
        for i in range(RUNS):
            password = "Aa1!" + "".join(secrets.choice(alphabet) for _ in range(secrets.randbelow(24) + 4)) + "z"
            COGNITO.user("bob", password=password)
            outcome = self.sign_in("bob", password)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], f"{i} {password!r} {outcome.text}")

    def test_anyone_rule_and_services(self):
        self.configure({"rules": [{"services": ["cron*"], "anyone": True}, {"services": ["login"], "groups": ["x"]}]})
        self.assert_result(self.sign_in("heidi", service="cron"), "PAM_SUCCESS", 'rule="rule 1"')
        self.assert_result(self.sign_in("heidi"), "PAM_PERM_DENIED")

    def test_require_mfa_is_met_by_a_code_of_this_login_and_by_nothing_less(self):
        self.configure({"rules": [{"services": ["login"], "groups": ["linux-users"], "require_mfa": True}]})
        self.assert_result(self.sign_in("bob"), "PAM_PERM_DENIED", "no rule allows it")
        self.assert_result(self.sign_in("alice", None, COGNITO.totp("alice")), "PAM_SUCCESS")

    def test_a_deny_rule_wins_and_hosts_are_this_host(self):
        allow = {"name": "shell", "groups": ["linux-users"], "hosts": [socket.gethostname().split(".")[0].lower()]}
        self.configure({"rules": [allow]})
        self.assert_result(self.sign_in(), "PAM_SUCCESS", 'rule="shell"')
        self.configure({"rules": [{**allow, "hosts": ["prod-*"]}]})
        self.assert_result(self.sign_in(), "PAM_PERM_DENIED")
        self.configure({"rules": [allow, {"name": "not bob", "effect": "deny", "users": ["b*"]}]})
        self.assert_result(self.sign_in(), "PAM_PERM_DENIED", "a rule denies you this service", "a rule denies it")

    def test_map_with_login_and_another_local_name(self):
        self.configure({"users": {"map": {"mallory": {"cognito:username": "bob", "login": "bob"}}}})
        self.assert_result(self.sign_in("mallory", PASSWORDS["bob"]), "PAM_SUCCESS")

    def test_the_other_issuer_form_of_the_pool(self):
        COGNITO.pool(issuer_type="updated")
        other = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Local0001"
        self.configure({"endpoints": {"alternate_issuers": [other]}})
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.configure({"endpoints": {"alternate_issuers": []}})
        self.assert_result(self.sign_in(), "PAM_AUTH_ERR", "iss is not this pool")


class Refused(Login):
    def test_wrong_password(self):
        outcome = self.sign_in("bob", "wrong")
        self.assert_result(outcome, "PAM_AUTH_ERR")
        self.assertEqual((outcome.errors, outcome.info), ([], []))  # the host tells
        self.assertIn("login denied user=bob", outcome.log[-1])

    def test_a_password_that_is_not_utf8_is_wrong_and_not_sent(self):
        for method, client in (("srp", "6o7h8i9jlocalpublic"), ("password", "localpassword")):
            self.configure({"config": {"client_id": client}, "login": {"password_method": method}})
            self.assert_result(self.host.drive("bob", ("auth",), (b"\xff\xfe",)), "PAM_AUTH_ERR")
        self.assertEqual(COGNITO.requests(), [])

    def test_a_challenge_name_that_is_no_text_is_no_login(self):
        COGNITO.set_behaviour("InitiateAuth", "challenge-null")
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")

    def test_unknown_in_the_pool_reads_like_a_wrong_password(self):
        for setting in (True, False):
            with self.subTest(setting):
                COGNITO.pool(prevent_user_existence_errors=setting)
                outcome = self.sign_in("mallory", "wrong")
                self.assert_result(outcome, "PAM_AUTH_ERR", "wrong password, or user unknown to the pool")
                self.assertEqual((outcome.hidden, outcome.errors), (["Password: "], []))

    def test_right_password_wrong_group(self):
        outcome = self.sign_in("carol")
        self.assert_result(outcome, "PAM_PERM_DENIED", "no rule allows you to use this service")
        self.assertRegex(outcome.log[-1], r"login denied user=carol .* sub=[0-9a-f-]{36} rule=\"\" reason=\"no rule")

    def test_no_groups_at_all(self):
        self.assert_result(self.sign_in("heidi"), "PAM_PERM_DENIED")

    def test_without_rules_nobody(self):
        self.configure({"rules": None})
        self.assert_result(self.sign_in(), "PAM_PERM_DENIED")

    def test_the_token_decides_who_it_is_not_the_typed_name(self):
        self.configure({"users": {"map": {"mallory": {"sub": "somebody-else", "login": "bob"}}}})
        self.assert_result(self.sign_in("mallory", PASSWORDS["bob"]), "PAM_PERM_DENIED", "signed in as")
        COGNITO.pool(alias_email=True)
        COGNITO.user("bob", attributes={"email": "alice", "email_verified": True})
        self.configure()
        outcome = self.sign_in("alice", PASSWORDS["bob"])
        self.assertNotEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_totp_wrong_three_times_on_one_session(self):
        outcome = self.sign_in("alice", None, "000000", "abc", "111111", COGNITO.totp("alice"))
        self.assert_result(outcome, "PAM_MAXTRIES", "Too many wrong answers")
        self.assertEqual(len(outcome.shown), 3)
        self.assertEqual(outcome.errors[:2], ["That code is wrong."] * 2)
        # What is no code at all is not sent.
        self.assertEqual(len(COGNITO.requests("RespondToAuthChallenge")), 3)

    def test_totp_wrong_then_right(self):
        self.assert_result(self.sign_in("alice", None, "000000", COGNITO.totp("alice")), "PAM_SUCCESS")

    def test_a_code_that_is_not_utf8_is_a_wrong_one(self):
        # A no-break space of a terminal with another character set.
        outcome = self.host.drive("alice", ("auth",), (PASSWORDS["alice"], b"123\xa0456", COGNITO.totp("alice")))
        self.assert_result(outcome, "PAM_SUCCESS", "error That code is wrong.")

    def test_totp_cancelled(self):
        self.assert_result(self.sign_in("alice", None, "<null>"), "PAM_AUTH_ERR")
        self.assert_result(self.sign_in("alice", None, ""), "PAM_AUTH_ERR")
        self.assert_result(self.sign_in("alice", None, "<fail>"), "PAM_AUTH_ERR", "error Cancelled.",
                           'reason="cancelled: the host program cannot ask the user"')

    def test_states_of_the_account(self):
        rows = {"dave": ("PAM_ACCT_EXPIRED", "disabled"), "grace": ("PAM_ACCT_EXPIRED", "not confirmed"),
                "frank": ("PAM_CRED_EXPIRED", "must be reset")}
        for user, (result, words) in rows.items():
            with self.subTest(user):
                self.assert_result(self.sign_in(user, None, "no"), result, words)

    def test_a_challenge_that_is_not_known_is_never_a_yes(self):
        COGNITO.set_behaviour("RespondToAuthChallenge", "unknown-challenge")
        self.assert_result(self.sign_in(), "PAM_AUTH_ERR", "SOMETHING_NEW")

    def test_lockout(self):
        for _ in range(6):
            outcome = self.sign_in("bob", "wrong")
        self.assert_result(outcome, "PAM_MAXTRIES", "Too many attempts")

    def test_the_pam_line_forces_a_flow_that_flows_does_not_name(self):
        self.configure({"login": {"flows": ["browser"]},
                        "endpoints": {"redirect_uri": "http://localhost:8400/callback"}}, "flow=password")
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def test_but_none_that_the_configuration_cannot_run(self):
        rows = {"device": {},
                "browser": {"config": {"auth_url": None}},
                "password": {"login": {"flows": ["browser"], "password_method": "srp"},
                             "endpoints": {"provider": "oidc"}}}
        for flow, changes in rows.items():
            with self.subTest(flow=flow):
                self.configure(changes, "flow=" + flow)
                self.assert_result(self.sign_in(), "PAM_SERVICE_ERR", "lacks what this flow needs")
        self.assertEqual(COGNITO.requests(), [])

    def test_flow_not_enabled_for_the_app_client(self):
        self.configure({"login": {"password_method": "password"}})
        self.assert_result(self.sign_in(), "PAM_SERVICE_ERR", "not enabled")

    def test_unknown_app_client_and_missing_secret(self):
        self.configure({"config": {"client_id": "nosuchclient"}})
        self.assert_result(self.sign_in(), "PAM_SERVICE_ERR")
        self.configure({"config": {"client_id": "localsecret"}})
        self.assert_result(self.sign_in(), "PAM_SERVICE_ERR", "secret")

    def test_a_broken_configuration_is_told_to_the_log_not_to_the_person(self):
        config = pathlib.Path(self.config)
        config.write_text('{\n  "config": {"colour": 1}\n}\n')
        outcome = self.sign_in()
        self.assert_result(outcome, "PAM_SERVICE_ERR")
        self.assertRegex(outcome.log[-1], r"config[^:]*\.json:2:\d+: ")
        self.assertEqual(outcome.errors,
                         ["Sign-in is not set up correctly on this host. Please contact your administrator."])


class Limits(Login):
    def test_the_limits_of_whoever_starts_the_host_change_nothing(self):
        if os.geteuid() != 0 or harness.SAN:
            self.skipTest("only root may raise limits; a sanitizer needs them raised")
        status = pathlib.Path("/proc/self/status").read_text()
        raises = int(re.search(r"CapEff:\s*(\w+)", status).group(1), 16) >> 24 & 1  # CAP_SYS_RESOURCE
        for limit in ("-v 50000", "-n 110", "-f 0", "-t 1000", "-s 256", "-u 0", "-d 1250"):
            matters = not raises and not harness.WARM and limit.startswith(("-v", "-s", "-d"))
            expected = "PAM_SERVICE_ERR" if matters else "PAM_SUCCESS"
            with self.subTest(limit):
                self.assert_result(self.limited([], limit), expected)

    def test_a_host_that_may_not_raise_them_gets_by_with_lower_ones_that_are_enough(self):
        """dovecot and vsftpd run so. What is not enough is refused by name, not met halfway."""
        if os.geteuid() != 0 or harness.SAN:
            self.skipTest("only root can give up the right; a sanitizer needs more")
        if harness.WARM:
            self.skipTest("the service has limits of its own")
        without = ["setpriv", "--bounding-set", "-sys_resource"]
        for limit, result in (("-v 307200", "PAM_SUCCESS"), ("-v 262144", "PAM_SUCCESS"), ("-v 65536", "PAM_SUCCESS"),
                              ("-v 65000", "PAM_SERVICE_ERR"), ("-d 65536", "PAM_SUCCESS"), ("-d 16000", "PAM_SERVICE_ERR"),
                              ("-s 1024", "PAM_SUCCESS"), ("-s 1000", "PAM_SERVICE_ERR"), ("-t 10", "PAM_SUCCESS"),
                              ("-t 1", "PAM_SERVICE_ERR"), ("-S -v 262144", "PAM_SUCCESS")):
            with self.subTest(limit):
                outcome = self.limited(without, limit)
                self.assert_result(outcome, result, *(["limits lower than needed"] if result != "PAM_SUCCESS" else []))

    def limited(self, without, limit):
        return self.host.drive("bob", ("auth",), (PASSWORDS["bob"],),
                               around=[*without, "bash", "-c", f"ulimit {limit}; exec \"$@\"", "bash"])


class NothingIsSent(Login):
    def test_for_unknown_root_and_low_uids_and_the_stand_in(self):
        self.configure(options="min_uid=1002")
        for user in ("nobody-here", "root", "daemon", "alice"):
            with self.subTest(user):
                self.assertNotEqual(self.sign_in(user, "anything").results, ["PAM_SUCCESS"])
        self.sign_in("bob", "\b\n\r\x7fINCORR")
        self.sign_in("bob", "")
        self.assertEqual(COGNITO.requests(), [])


class Proxy(threading.Thread):
    """Passes CONNECT on to the loopback, whatever host is asked for, and writes that down."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = []
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(4096)
        self.asked.append(request.split()[1].decode())
        server = socket.create_connection(("127.0.0.1", int(self.asked[-1].rsplit(":", 1)[1])))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
        self.copy(client, server)

    @staticmethod
    def copy(source, target):
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class ThroughAProxy(Login):
    def test_only_the_configured_proxy_is_used_and_resolves_the_name(self):
        proxy = Proxy()
        self.configure({"network": {"proxy": f"http://127.0.0.1:{proxy.port}"}})
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(proxy.asked, [f"localhost:{COGNITO.port}"])
        self.configure()
        variables = [f"{name}=http://127.0.0.1:{proxy.port}" for name in
                     ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "http_proxy")]
        self.assert_result(self.host.drive("bob", ("auth",), (PASSWORDS["bob"],), around=["env", *variables]), "PAM_SUCCESS")
        self.assertEqual(len(proxy.asked), 1)

    def test_a_proxy_that_is_not_there(self):
        self.configure({"network": {"proxy": "http://127.0.0.1:1"}})
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")


class SecondFactor(Login):
    """What require_mfa takes for a second factor where only this login can tell."""
    NEW, PHONE = "Brand-New-Pass-7!", "+15550009878"
    acr = False  # does the pool's token tell of factors?

    def setUp(self):
        super().setUp()
        COGNITO.pool(acr=self.acr)
        self.configure()

    def configure(self, overrides=None, options=""):
        rule = {"name": "vault", "groups": ["linux-users"], "require_mfa": True}
        super().configure({**(overrides or {}), "rules": [rule]}, options)

    def choice(self):
        self.configure({"config": {"client_id": "localchoice"}, "login": {"password_method": "choice"}})
        COGNITO.pool(first_factors=["PASSWORD", "EMAIL_OTP", "SMS_OTP"], mfa_after_code=True)

    def person(self, *factors, **fields):
        attributes = {"email": "bob@example.com", "email_verified": True, "phone_number": self.PHONE}
        COGNITO.user("bob", **{"mfa": list(factors), "attributes": attributes, "totp": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", **fields})

    def temporary(self, *factors, **attributes):
        """Somebody new, whom the pool asks for the missing ones of an address and a number."""
        COGNITO.pool(required_attributes=["email", "phone_number"])
        self.person(*factors, status="FORCE_CHANGE_PASSWORD", attributes=attributes)

    def code(self):
        return COGNITO.code("bob")

    def app(self):
        return COGNITO.totp("bob")

    def assert_evidence(self, expected, *answers):
        outcome = self.host.drive("bob", ("auth",), answers)
        self.assert_result(outcome, "PAM_SUCCESS" if expected else "PAM_PERM_DENIED", "login allowed" if expected else "login denied")
        return outcome

    def test_a_password_and_a_code(self):
        for factor, code in (("SOFTWARE_TOKEN_MFA", self.app), ("SMS_MFA", self.code), ("EMAIL_OTP", self.code), ("EMAIL_MFA", self.code)):
            with self.subTest(factor):
                self.person(factor)
                self.assert_evidence(True, PASSWORDS["bob"], code)
        self.person()
        self.assert_evidence(False, PASSWORDS["bob"])

    def test_a_code_to_a_number_typed_in_the_same_login_is_none(self):
        self.temporary("SMS_MFA", email="bob@example.com")
        self.assert_evidence(False, PASSWORDS["bob"], "", self.PHONE, self.NEW, self.NEW, self.code)
        # The next login is as good as any.
        self.assert_evidence(True, self.NEW, self.code)

    def test_nor_is_one_to_a_mailbox_typed_in_the_same_login(self):
        for factor in ("EMAIL_OTP", "EMAIL_MFA"):
            with self.subTest(factor):
                COGNITO.reset()
                self.setUp()
                self.temporary(factor, phone_number=self.PHONE)
                self.assert_evidence(False, PASSWORDS["bob"], "", "bob@example.com", self.NEW, self.NEW, self.code)
                self.assert_evidence(True, self.NEW, self.code)

    def test_nor_one_to_a_number_typed_at_the_second_try(self):
        self.temporary("SMS_MFA", email="bob@example.com")
        self.assert_evidence(False, PASSWORDS["bob"], "", "555", self.NEW, self.NEW, self.PHONE, self.code)

    def test_a_factor_of_before_counts_whatever_else_was_typed(self):
        self.temporary("SOFTWARE_TOKEN_MFA")
        self.assert_evidence(True, PASSWORDS["bob"], "", "bob@example.com", self.PHONE, self.NEW, self.NEW, self.app)
        self.temporary("SMS_MFA", phone_number=self.PHONE)
        self.assert_evidence(True, self.NEW, "", "bob@example.com", self.NEW + "2", self.NEW + "2", self.code)

    def test_an_app_set_up_in_the_same_login_is_none(self):
        COGNITO.pool(mfa="required")
        self.person(totp=None, mfa=None)
        outcome = self.assert_evidence(False, PASSWORDS["bob"], lambda: answers.code(self.host.dir / "prompt"))
        self.assertIn("requires a fresh Cognito sign-in. Sign in again", outcome.text)
        self.assert_evidence(True, PASSWORDS["bob"], self.app)

    def test_without_any_the_person_is_not_sent_to_sign_in_again(self):
        self.person()
        self.assertIn("no rule allows it", self.assert_evidence(False, PASSWORDS["bob"]).text)

    def test_two_codes_to_one_mailbox_or_number_are_one_factor(self):
        for first, second in (("2", "EMAIL_OTP"), ("2", "EMAIL_MFA"), ("3", "SMS_MFA")):
            with self.subTest(second):
                self.choice()
                self.person(second)
                self.assert_evidence(False, first, self.code, self.code)

    def test_codes_of_two_kinds_are_two(self):
        for first, second, code in (("2", "SMS_MFA", self.code), ("3", "EMAIL_OTP", self.code), ("2", "SOFTWARE_TOKEN_MFA", self.app)):
            with self.subTest(second):
                self.choice()
                self.person(second)
                self.assert_evidence(True, first, self.code, code)


class SecondFactorByToken(SecondFactor):
    """The same where the token tells of factors: it decides, but not about what is new."""
    acr = True

    def test_a_rule_about_amr_or_acr_sees_no_new_factor_either(self):
        for claims in ({"amr": ["mfa"]}, {"amr": ["otp"]}, {"acr": ["urn:cognito:loa:4"]}):
            with self.subTest(claims):
                COGNITO.reset()
                COGNITO.pool(mfa="required", acr=True)
                self.person(totp=None, mfa=None)
                base.Login.configure(self, {"rules": [{"name": "vault", "groups": ["linux-users"], "claims": claims}]})
                self.assert_evidence(False, PASSWORDS["bob"], lambda: answers.code(self.host.dir / "prompt"))
                self.assert_evidence(True, PASSWORDS["bob"], self.app)

    def test_a_refresh_does_not_make_it_evidence(self):
        COGNITO.pool(mfa="required")
        self.person(totp=None, mfa=None)
        base.Login.configure(self, {"login": {"recheck": 0}, "rules": [
            {"name": "shell", "services": ["login"], "groups": ["linux-users"]},
            {"name": "vault", "services": ["sudo"], "groups": ["linux-users"], "require_mfa": True}]})
        outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"], lambda: answers.code(self.host.dir / "prompt")))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
        self.assert_result(self.host.drive("bob", ("acct",), service="sudo"), "PAM_PERM_DENIED", "a fresh sign-in is required")
        outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"], self.app))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
        self.assert_result(self.host.drive("bob", ("acct",), service="sudo"), "PAM_SUCCESS")

    def test_what_the_token_does_not_tell_of_is_none(self):
        COGNITO.set_behaviour("RespondToAuthChallenge", "without-mfa")
        self.person("SOFTWARE_TOKEN_MFA")
        self.assert_evidence(False, PASSWORDS["bob"], self.app)


class UsedCode(Login):
    """A code is good for one sign-in: an editor's second connection, sudo right after ssh."""
    TOLD = "That code was used already. Please wait for the next one."

    def used(self):
        """A code of alice's that has been used."""
        code = COGNITO.totp("alice")
        self.assert_result(self.sign_in("alice", None, code), "PAM_SUCCESS")
        return code

    def test_it_is_told_and_the_next_one_is_taken_in_the_same_sign_in(self):
        outcome = self.sign_in("alice", None, self.used(), COGNITO.totp("alice"), service="sudo")
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual(outcome.errors, [self.TOLD])
        self.assertEqual(len(outcome.shown), 2)
        self.assertEqual(len(COGNITO.requests("InitiateAuth")), 2)

    def test_the_first_one_is_no_wrong_answer(self):
        outcome = self.sign_in("alice", None, self.used(), "000000", "000001", COGNITO.totp("alice"))
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertEqual(outcome.errors, [self.TOLD] + ["That code is wrong."] * 2)

    def test_nor_is_it_one_behind_a_wrong_one(self):
        outcome = self.sign_in("alice", None, "000000", self.used(), "000001", COGNITO.totp("alice"))
        self.assert_result(outcome, "PAM_SUCCESS")

    def test_the_second_one_is(self):
        used = self.used()
        outcome = self.sign_in("alice", None, *[used] * 5)
        self.assert_result(outcome, "PAM_MAXTRIES", "Too many wrong answers")
        self.assertEqual((len(outcome.shown), outcome.errors[:-1]), (4, [self.TOLD] * 3))
        outcome = self.sign_in("alice", None, used, "000000", used, "000000")
        self.assert_result(outcome, "PAM_MAXTRIES")
        self.assertEqual(len(outcome.shown), 4)

    def test_cancelling_then_is_cancelling(self):
        self.assert_result(self.sign_in("alice", None, self.used(), ""), "PAM_AUTH_ERR", 'reason="cancelled')

    def test_after_the_set_up_of_an_app_its_first_code_is_used(self):
        COGNITO.pool(mfa="required")
        code = []

        def first():
            code.append(answers.code(self.host.dir / "prompt"))
            return code[0]
        self.assert_result(self.host.drive("bob", ("auth",), (PASSWORDS["bob"], first)), "PAM_SUCCESS")
        outcome = self.sign_in("bob", None, *code, COGNITO.totp("bob"))
        self.assert_result(outcome, "PAM_SUCCESS", self.TOLD)

    def test_typed_after_the_password_it_is_the_same(self):
        used = self.used()
        self.configure({"login": {"otp_append": True}})
        for space in ("", " "):
            outcome = self.host.drive("alice", ("auth",), (PASSWORDS["alice"] + space + used, COGNITO.totp("alice")))
            self.assert_result(outcome, "PAM_SUCCESS", self.TOLD)
            self.assertEqual(len(outcome.shown), 1)

    def test_passwd_asks_for_the_next_one_too(self):
        used, new = self.used(), "Brand-New-Pass-7!"
        outcome = self.host.drive("alice", ("chauthtok",), (PASSWORDS["alice"], used, lambda: COGNITO.totp("alice"), new, new),
                                  ruid="1001")
        self.assert_result(outcome, "PAM_SUCCESS", self.TOLD)


class FirstPass(Login):
    def test_try_first_pass_asks_when_the_earlier_password_is_wrong(self):
        first = f"auth optional {self.host.module} config={self.config}\n"
        self.host.service("login", f"config={self.config} try_first_pass", before=first)
        outcome = self.host.drive("bob", ("auth",), ("wrong", PASSWORDS["bob"]))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 2), outcome.text)

    def test_try_first_pass_asks_again_in_a_choice_too(self):
        COGNITO.pool(first_factors=["PASSWORD"], mfa="optional")
        self.configure({"config": {"client_id": "localchoice"}, "login": {"password_method": "choice"}})
        first = f"auth optional {self.host.module} config={self.config}\n"
        self.host.service("login", f"config={self.config} try_first_pass", before=first)
        outcome = self.host.drive("bob", ("auth",), ("wrong", PASSWORDS["bob"]))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 2), outcome.text)

    def test_nor_is_a_password_asked_for_again_that_was_right(self):
        COGNITO.pool(custom_after_password=True)
        first = f"auth optional {self.host.module} config={self.config}\n"
        self.host.service("login", f"config={self.config} try_first_pass", before=first)
        outcome = self.host.drive("bob", ("auth",), (PASSWORDS["bob"], *["wrong"] * 6))
        self.assertEqual((outcome.results, len(outcome.hidden), len(outcome.shown)), (["PAM_AUTH_ERR"], 1, 6), outcome.text)

    def test_use_first_pass_does_not(self):
        first = f"auth optional {self.host.module} config={self.config}\n"
        self.host.service("login", f"config={self.config} use_first_pass", before=first)
        outcome = self.host.drive("bob", ("auth",), ("wrong", PASSWORDS["bob"]))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_AUTH_ERR"], 1), outcome.text)


class Hosts(Login):
    def test_one_that_is_gone_before_it_can_be_asked_costs_no_request(self):
        for purpose in ("login", "change"):
            for changes in ({}, {"config": {"client_id": "localpassword"}, "login": {"password_method": "password"}},
                            {"config": {"client_id": "localbroker"}, "login": {"password_method": "ropc"}}):
                with self.subTest(purpose=purpose, **changes):
                    COGNITO.reset()
                    self.assertNotEqual(frames.leave(purpose, COGNITO.config(changes)), 0)
                    self.assertEqual(COGNITO.requests(), [])

    def test_closed_descriptors_and_sigchld_change_nothing(self):
        for closed in ("", "0", "1", "2", "01", "02", "12", "012"):
            for sigchld in (None, "ignore"):
                settings = {"close": closed} if closed else {}
                if sigchld:
                    settings["sigchld"] = sigchld
                with self.subTest(closed=closed, sigchld=sigchld):
                    COGNITO.unlock()
                    self.assert_result(self.sign_in(**settings), "PAM_SUCCESS")
                    self.assert_result(self.sign_in("bob", "wrong", **settings), "PAM_AUTH_ERR")

    def children(self, pid):
        path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        try:
            return [int(child) for child in path.read_text().split()]
        except OSError:
            return []

    def test_a_helper_killed_at_50_random_moments_is_never_a_yes_unless_it_had_said_so(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        for i in range(50):
            process = self.host.start("bob", ("auth",), (PASSWORDS["bob"],))
            harness.wait_for(lambda process=process: self.children(process.pid) or process.poll() is not None)
            time.sleep(secrets.randbelow(20000) / 1e6 * (10 if harness.SAN else 1))
            killed = False
            for child in self.children(process.pid):
                try:
                    os.kill(child, 9)
                    killed = True
                except OSError:
                    pass
            outcome = harness.Outcome(process.communicate(timeout=30)[0].decode(), process.returncode)
            self.assertEqual(outcome.host, ["unchanged"], outcome.text)
            if outcome.results == ["PAM_SUCCESS"]:
                # Only when the verdict had been given: then the log says so too.
                self.assertTrue(not killed or "login allowed" in outcome.text, outcome.text)
            else:
                self.assertIn(outcome.results[0], ("PAM_SERVICE_ERR", "PAM_AUTHINFO_UNAVAIL"), f"{i} {outcome.text}")
        kept = harness.TEST / "cache" / harness.kept_name(self.config)
        self.assertFalse(kept.with_name(kept.name + ".new").exists())


if __name__ == "__main__":
    harness.main()
