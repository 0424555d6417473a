#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""users.from_accounts: the record of the local account says who it is in the pool, in a pool whose
user names are nobody's local name."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
import frames  # noqa: E402

FOLDER = harness.TEST / "run-userdb"
USER = "dave"  # of this host; the pool knows nobody of this name who can sign in here


class FromAccounts(Login):
    basis = {"users": {"from_accounts": True}, "rules": [{"name": "all", "groups": ["linux-users", "linux-admins"]}]}

    def setUp(self):
        super().setUp()
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(mode=0o755)
        self.addCleanup(shutil.rmtree, FOLDER, True)
        self.sub = COGNITO.control("user", username="bob")["sub"]
        issuer = json.loads(pathlib.Path(self.config).read_text())["config"]["certs_url"].removesuffix("/.well-known/jwks.json")
        self.identity = {"format": 1, "issuer": issuer, "sub": self.sub, "login": "bob", "userName": USER,
                         "uid": harness.USERS[USER]}

    def record(self, locked=False, **changes):
        """Writes it, and returns its private part."""
        private = json.dumps({"privileged": {}, "pam_cognito_oidc": {**self.identity, **changes}})
        for suffix, text, mode in ((".user", json.dumps({"uid": harness.USERS[USER], "locked": locked}), 0o644),
                                   (".user-privileged", private, 0o600)):
            path = FOLDER / (USER + suffix)
            path.write_text(text)
            path.chmod(mode)
        return private.encode()

    def login(self, operations=("auth", "acct"), user=USER, by="bob", **settings):
        return self.host.drive(user, operations, (PASSWORDS[by],), **settings)

    def sent(self):
        return [line["body"].get("AuthParameters", {}).get("USERNAME") for line in COGNITO.requests("InitiateAuth")]

    def assert_allowed(self, outcome):
        self.assertEqual(set(outcome.results), {"PAM_SUCCESS"}, outcome.text)


class SignIn(FromAccounts):
    def test_the_record_s_name_is_sent_and_its_sub_decides(self):
        self.record()
        outcome = self.login(("auth", "acct", "setcred", "open"))
        self.assert_allowed(outcome)
        self.assertIn(f"user={USER} service=login rhost= flow=password sub={self.sub}", "\n".join(outcome.log))
        self.assert_allowed(self.login(("acct",)))

    def test_without_a_record_nothing_is_sent(self):
        outcome = self.login(("auth",))
        self.assert_result(outcome, "PAM_PERM_DENIED", "no record says who the local user is in the pool")
        self.assertEqual(COGNITO.requests("InitiateAuth"), [])

    def test_not_even_for_the_pool_s_own_name(self):
        self.assert_result(self.login(("auth",), user="bob"), "PAM_PERM_DENIED", "no record says")
        self.assertEqual(COGNITO.requests("InitiateAuth"), [])

    def test_another_person_s_sub_or_pool_is_somebody_else(self):
        for changes in ({"sub": "0" * 36}, {"issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"}):
            self.record(**changes)
            self.assert_result(self.login(("auth",)), "PAM_PERM_DENIED", "signed in as a different user")

    def test_a_record_that_is_not_whole_or_another_s_is_none(self):
        for changes in ({"format": 2}, {"userName": "erin"}, {"sub": ""}, {"sub": None}, {"login": 7}, {"issuer": None},
                        {"uid": harness.USERS[USER] + 1}):
            with self.subTest(changes):
                self.record(**changes)
                self.assert_result(self.login(("auth",)), "PAM_PERM_DENIED", "no record says")

    def test_an_entry_of_the_map_comes_first(self):
        self.record(sub="0" * 36)
        self.configure({"users": {"from_accounts": True, "map": {USER: {"sub": self.sub, "login": "bob"}}}})
        self.assert_allowed(self.login())

    def test_a_locked_one_is_not_asked(self):
        self.record()
        self.assert_allowed(self.login())
        self.record(locked=True)
        before = len(COGNITO.requests())
        for operations in (("auth",), ("acct",)):
            self.assert_result(self.login(operations), "PAM_ACCT_EXPIRED", "locked on this host")
        self.assertEqual(len(COGNITO.requests()), before)

    def test_a_person_whose_record_changes_hands_signs_in_anew(self):
        self.record()
        self.assert_allowed(self.login())
        self.record(sub="0" * 36)
        self.assert_result(self.login(("acct",)), "PAM_PERM_DENIED")

    def test_a_password_is_changed_for_the_person_of_the_record(self):
        self.record()
        new = "Brand-New-Pass-7!"
        settings = {"ruid": str(harness.USERS[USER])} if harness.os.geteuid() == 0 else {}
        outcome = self.host.drive(USER, ("chauthtok",), (PASSWORDS["bob"], new, new), **settings)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)


class Helper(FromAccounts):
    """What a recheck does with the record that travels."""

    def ask(self, purpose, account, **fields):
        return frames.ask(purpose, self.config, USER, "login", account=account, **fields)

    def test_a_recheck_asks_it_again(self):
        private = self.record()
        said = self.ask("login", private, answers=[PASSWORDS["bob"]])
        self.assertEqual(said.result, "ALLOWED", said.detail)
        body = said.tickets[-1].body
        for account, result in ((private, "ALLOWED"), (b"", "USER_RECORD"), (b"{}", "USER_RECORD"), (b"{", "USER_RECORD"),
                                (self.record(sub="0" * 36), "IDENTITY"), (self.record(userName="bob"), "USER_RECORD")):
            again = self.ask("account", account, ticket=body, ticket_age=1, jwks=said.jwks)
            self.assertEqual(again.result, result, account)


if __name__ == "__main__":
    harness.main()
