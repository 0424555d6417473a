#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The OpenID Foundation's conformance tests for relying parties, those of the code flow, by the names
that they have there (oidcc-client-test-...), against the local Cognito. Of these, the ones about
userinfo, dynamic registration and request objects have no counterpart: the module asks for none.

One of them leaves the choice to the relying party, and ours is the strict one: a token that is signed
with "none" is always refused."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, Login, harness  # noqa: E402

PROOF = "The answer of the sign-in service could not be verified, so you are not signed in. Please contact your administrator."


class Conformance(Login):
    basis = {"login": {"flows": ["browser"]}}
    options = "timeout=20"
    behaviour = None

    def sign_in(self):
        COGNITO.set_behaviour("token", self.behaviour)
        outcome = self.host.drive("bob", ("auth", "acct"), (lambda: harness.Landed(COGNITO, self.host, "bob").short,))
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def assert_refused(self, behaviour, reason):
        self.behaviour = behaviour
        outcome = self.sign_in()
        self.assertNotIn("PAM_SUCCESS", outcome.results, outcome.text)
        self.assertEqual((outcome.results[0], outcome.errors[0]), ("PAM_AUTH_ERR", PROOF), outcome.text)
        self.assertIn(reason, outcome.log[0])

    def assert_accepted(self):
        outcome = self.sign_in()
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)

    def test_oidcc_client_test(self):
        """A code for a token, and the token for a login."""
        self.assert_accepted()
        self.assertEqual(len(COGNITO.requests("token")), 1)

    def test_oidcc_client_test_nonce_invalid(self):
        for behaviour in ("wrong-nonce", "no-nonce", "nonce-number"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "nonce does not match")

    def test_oidcc_client_test_missing_iat(self):
        self.assert_refused("no-iat", "iat")

    def test_oidcc_client_test_missing_sub(self):
        self.assert_refused("no-sub", "sub")

    def test_oidcc_client_test_missing_aud(self):
        self.assert_refused("no-audience", "aud")

    def test_oidcc_client_test_invalid_aud(self):
        for behaviour in ("other-audience", "audience-list"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "aud")

    def test_oidcc_client_test_invalid_iss(self):
        for behaviour in ("other-issuer", "no-issuer"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "iss")

    def test_oidcc_client_test_kid_absent_multiple_jwks(self):
        """Cognito's key sets have two keys. The name for a single key has no test here."""
        self.assert_refused("no-kid", "kid")

    def test_oidcc_client_test_idtoken_sig_rs256(self):
        self.assert_accepted()

    def test_oidcc_client_test_idtoken_sig_none(self):
        self.assert_refused("alg-none", "not a compact JWS")  # it has no signature

    def test_oidcc_client_test_invalid_sig_rs256(self):
        self.assert_refused("wrong-signature", "signature")

    def test_oidcc_client_test_invalid_sig_hs256(self):
        self.assert_refused("alg-hs256", "alg")

    def test_oidcc_client_test_client_secret_basic(self):
        secret = COGNITO.client("localsecret")["secret"]
        self.configure({"config": {"client_id": "localsecret", "client_secret": secret}})
        self.assert_accepted()

    def test_oidcc_client_test_signing_key_rotation_just_before_signing(self):
        self.assert_accepted()
        COGNITO.rotate()
        self.assert_accepted()


if __name__ == "__main__":
    harness.main()
