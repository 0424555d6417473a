#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The local Cognito against published numbers and against the wire it is meant to show.

Real client libraries judge it in tests/interop; here stands what they do not look at.
Ends with the line "N passed, N failed, N skipped".
"""
import base64
import email.utils
import hashlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import behaviour  # noqa: E402
import pool as pools  # noqa: E402
import srp  # noqa: E402
import totp  # noqa: E402
from control import Cognito, merge  # noqa: E402
from wire import JWKS_PATH, POOL_ID, SECRET, TARGET, Wire, claims_of  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# More of the same, by endpoint.
CASES = ("pages_cases", "device_cases", "sample_cases")
VECTORS = pathlib.Path(os.environ.get("VECTORS", ROOT / ".." / "shared" / "vectors"))


@unittest.skipUnless((VECTORS / "cognito-srp.json").exists(), "no vectors here")
class SrpVectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads((VECTORS / "cognito-srp.json").read_text())

    def test_group_and_multiplier(self):
        self.assertEqual(srp.N, int(self.document["N_hex"], 16))
        self.assertEqual(srp.G, self.document["g"])
        self.assertEqual(srp.K, int(self.document["k_hex"], 16))

    def test_x_and_u(self):
        for v in self.document["vectors"]:
            x = srp.private_key(v["pool_name"], v["user_id_for_srp"], v["password"],
                                int(v["SALT_hex"], 16))
            self.assertEqual(x, int(v["x_hex"], 16), v["source"])
            u = srp.scramble(int(v["SRP_A_hex"], 16), int(v["SRP_B_hex"], 16))
            self.assertEqual(u, int(v["u_hex"], 16), v["source"])

    def test_signature_from_the_published_key(self):
        for v in self.document["vectors"]:
            mark = srp.signature(bytes.fromhex(v["hkdf_key_hex"]), v["pool_name"],
                                 v["user_id_for_srp"], base64.b64decode(v["SECRET_BLOCK_b64"]),
                                 v["TIMESTAMP"])
            self.assertEqual(mark, v["PASSWORD_CLAIM_SIGNATURE"], v["source"])

    def test_server_side(self):
        count = 0
        for v in self.document["vectors"]:
            if "b_hex" not in v:
                continue
            count += 1
            b, public_a = int(v["b_hex"], 16), int(v["SRP_A_hex"], 16)
            verifier = srp.verifier(v["pool_name"], v["user_id_for_srp"], v["password"],
                                    int(v["SALT_hex"], 16))
            self.assertEqual(verifier, int(v["verifier_hex"], 16))
            public_b = srp.server_public(b, verifier)
            self.assertEqual(public_b, int(v["SRP_B_hex"], 16))
            key = srp.session_key(public_a, public_b, b, verifier)
            self.assertEqual(key.hex(), v["hkdf_key_hex"])
        self.assertEqual(count, 3)

    def test_secret_hashes(self):
        for v in self.document["vectors"]:
            for name, username in (("SECRET_HASH(test)", "test"),
                                   ("SECRET_HASH(sub)", v["user_id_for_srp"])):
                if name in v:
                    client = pools.Client(None, {"id": v["client_id"],
                                                 "secret": v["client_secret"]})
                    self.assertEqual(client.secret_hash(username), v[name])


class Pieces(unittest.TestCase):
    def test_number_bytes(self):
        for number, expected in ((0, "00"), (1, "01"), (0x7f, "7f"), (0x80, "0080"),
                                 (0x123, "0123"), (0xff00, "00ff00")):
            self.assertEqual(srp.number_bytes(number).hex(), expected)

    def test_timestamps(self):
        self.assertEqual(srp.parse_timestamp("Sat Jan 1 00:00:00 UTC 2022"), 1640995200)
        self.assertIsNotNone(srp.parse_timestamp("Wed Sep 29 06:40:48 UTC 2021"))
        for wrong in ("Sat Jan 01 00:00:00 UTC 2022", "Sat Jan  1 00:00:00 UTC 2022",
                      "Sun Jan 1 00:00:00 UTC 2022", "Sat Jan 1 0:00:00 UTC 2022",
                      "Sat Jan 1 00:00:00 2022", "Sat Jan 1 24:00:00 UTC 2022",
                      "Sa Jan 1 00:00:00 UTC 2022", "Wed Feb 30 00:00:00 UTC 2022",
                      "Sat Jan 1 00:00:00 UTC 2022\n", "", None):
            self.assertIsNone(srp.parse_timestamp(wrong), wrong)

    def test_public_a(self):
        for wrong in ("0", f"{srp.N:x}", f"{2 * srp.N:x}", "xyz", "", "-1", None):
            self.assertIsNone(srp.parse_public_a(wrong), wrong)

    def test_totp_of_rfc_6238(self):
        secret = base64.b32encode(b"12345678901234567890").decode()
        for when, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
            self.assertEqual(totp.code(secret, when), code)

    def test_lockout_doubles_up_to_fifteen_minutes_and_forgets(self):
        class Clock:
            time = 0

            def now(self):
                return self.time

        clock = Clock()
        lockout = pools.Lockout(clock)
        waits = []
        for _ in range(18):
            lockout.failed("x")
            wait = lockout.entries["x"][1] - clock.time
            waits.append(wait)
            clock.time += wait
        self.assertEqual(waits[:8], [0, 0, 0, 0, 1, 2, 4, 8])
        self.assertEqual(waits[-1], 900)
        clock.time += 901
        lockout.failed("x")
        self.assertFalse(lockout.locked("x"))

    def test_merge(self):
        self.assertEqual(merge({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None, "e": 4}}),
                         {"a": {"c": 2, "e": 4}, "d": 3})


class Api(Wire):
    def test_errors_have_body_and_headers(self):
        status, headers, body = self.sign_in(password="wrong")
        self.assertEqual(status, 400)
        self.assertEqual(headers["x-amzn-errortype"], "NotAuthorizedException:")
        self.assertEqual(headers["x-amzn-errormessage"], body["message"])
        self.assertEqual(headers["Content-Type"], "application/x-amz-json-1.1")
        self.assertEqual(len(headers["x-amzn-requestid"]), 36)
        self.assertEqual(body, {"__type": "NotAuthorizedException",
                                "message": "Incorrect username or password."})

    def test_malformed_requests(self):
        for body, target, kind, expected in (
                ("{", "InitiateAuth", "application/x-amz-json-1.1", "SerializationException"),
                ("[]", "InitiateAuth", "application/x-amz-json-1.1", "SerializationException"),
                ("{}", "NoSuchThing", "application/x-amz-json-1.1", "UnknownOperationException"),
                ("{}", "InitiateAuth", "application/json", "UnknownOperationException"),
                ("{}", "InitiateAuth", "application/x-amz-json-1.1", "InvalidParameterException")):
            _, _, answer = self.http("POST", "/", body, {
                "Content-Type": kind, "X-Amz-Target": TARGET + target})
            self.assertEqual(json.loads(answer)["__type"], expected)

    def test_plain_password_is_off_by_default(self):
        _, _, body = self.sign_in(client="6o7h8i9jlocalpublic")
        self.assertEqual(body["message"], "USER_PASSWORD_AUTH flow not enabled for this client")

    def test_sessions_change_and_are_used_up(self):
        first = self.sign_in("alice", "Correct-Horse-9!")[2]["Session"]
        second = self.sign_in("alice", "Correct-Horse-9!")[2]["Session"]
        self.assertNotEqual(first, second)
        code = self.cognito.totp("alice")
        self.assertEqual(self.respond("SMS_MFA", first, SMS_MFA_CODE=code)[2]["message"],
                         "Invalid session for the user.")
        wrong = self.respond("SOFTWARE_TOKEN_MFA", first, SOFTWARE_TOKEN_MFA_CODE="000000")
        self.assertEqual(wrong[2]["__type"], "CodeMismatchException")
        for expected in (200, 400):
            done = self.respond("SOFTWARE_TOKEN_MFA", first, SOFTWARE_TOKEN_MFA_CODE=code)
            self.assertEqual(done[0], expected)
        self.assertEqual(self.respond("SOFTWARE_TOKEN_MFA", "short",
                                      SOFTWARE_TOKEN_MFA_CODE=code)[2]["__type"],
                         "InvalidParameterException")

    def test_wrong_codes_lock(self):
        session = self.sign_in("alice", "Correct-Horse-9!")[2]["Session"]
        messages = [self.respond("SOFTWARE_TOKEN_MFA", session,
                                 SOFTWARE_TOKEN_MFA_CODE="000000")[2]["message"]
                    for _ in range(6)]
        self.assertEqual(messages, ["Invalid code or auth state for the user."] * 5
                         + ["Password attempts exceeded"])

    def test_another_users_session_is_worth_nothing(self):
        session = self.sign_in("alice", "Correct-Horse-9!")[2]["Session"]
        answer = self.respond("SOFTWARE_TOKEN_MFA", session, USERNAME="bob",
                              SOFTWARE_TOKEN_MFA_CODE=self.cognito.totp("alice"))
        self.assertEqual(answer[2]["message"], "Invalid session for the user.")

    def begin_srp(self, username="bob", a=5):
        return self.api("InitiateAuth", {
            "AuthFlow": "USER_SRP_AUTH", "ClientId": "6o7h8i9jlocalpublic",
            "AuthParameters": {"USERNAME": username, "SRP_A": f"{pow(2, a, srp.N):x}"}})

    def test_srp_of_strangers_repeats_itself(self):
        first, second = (self.begin_srp("nobody")[2]["ChallengeParameters"] for _ in "ab")
        other = self.begin_srp("nobody2")[2]["ChallengeParameters"]
        for name in ("SALT", "USER_ID_FOR_SRP"):
            self.assertEqual(first[name], second[name])
            self.assertNotEqual(first[name], other[name])
        self.assertNotEqual(first["SRP_B"], second["SRP_B"])
        self.assertEqual(len(first["USER_ID_FOR_SRP"]), 36)

    def test_srp_proof_must_be_in_time_and_in_form(self):
        for offset, timestamp, kind in (
                (0, "Sat Jan 01 00:00:00 UTC 2022", "InvalidParameterException"),
                (0, "Sat Jan 1 00:00:00 UTC 2022", "NotAuthorizedException"),
                (60, "Sat Jan 1 00:00:00 UTC 2022", "NotAuthorizedException")):
            facts = self.begin_srp()[2]["ChallengeParameters"]
            self.cognito.clock(offset)
            answer = self.api("RespondToAuthChallenge", {
                "ChallengeName": "PASSWORD_VERIFIER", "ClientId": "6o7h8i9jlocalpublic",
                "ChallengeResponses": {
                    "USERNAME": "bob", "PASSWORD_CLAIM_SIGNATURE": "AAAA",
                    "PASSWORD_CLAIM_SECRET_BLOCK": facts["SECRET_BLOCK"],
                    "TIMESTAMP": timestamp}})
            self.assertEqual(answer[2]["__type"], kind)
        self.assertIn("expired", answer[2]["message"])

    def test_a_stranger_is_offered_what_others_are(self):
        def choose(username):
            return self.api("InitiateAuth", {
                "AuthFlow": "USER_AUTH", "ClientId": "localchoice", "AuthParameters": {
                    "USERNAME": username, "PREFERRED_CHALLENGE": "EMAIL_OTP"}})[2]

        for name in ("bob", "nobody"):
            answer = choose(name)
            self.assertEqual(answer["ChallengeName"], "EMAIL_OTP")
            self.assertEqual(answer["AvailableChallenges"],
                             ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"])
        self.assertEqual([line["username"] for line in self.cognito.outbox()], ["bob"])

    def test_groups_are_absent_not_empty(self):
        token = self.tokens(username="heidi", password="Heidi-Groupless-2!")["IdToken"]
        self.assertNotIn("cognito:groups", claims_of(token))

    def test_assurance_claims_where_the_pool_gives_them(self):
        self.cognito.pool(acr=True)
        self.assertEqual(claims_of(self.tokens()["AccessToken"])["amr"], ["pwd"])
        session = self.sign_in("alice", "Correct-Horse-9!")[2]["Session"]
        answer = self.respond("SOFTWARE_TOKEN_MFA", session,
                              SOFTWARE_TOKEN_MFA_CODE=self.cognito.totp("alice"))
        claims = claims_of(answer[2]["AuthenticationResult"]["IdToken"])
        self.assertEqual(claims["amr"], ["pwd", "otp", "mfa"])
        self.assertEqual(claims["acr"], "urn:cognito:loa:4")


class OAuth(Wire):
    def test_token_answers_get_with_405_and_nothing(self):
        status, headers, body = self.http("GET", "/oauth2/token")
        self.assertEqual((status, body, headers["Content-Length"]), (405, b"", "0"))
        self.assertIn("XSRF-TOKEN=", headers["Set-Cookie"])
        self.assertEqual(headers["x-content-type-options"], "nosniff")

    def test_grants_and_refusals(self):
        public = {"client_id": "6o7h8i9jlocalpublic"}
        for fields, error in (
                ({}, "invalid_request"),
                ({"grant_type": "refresh_token"}, "invalid_request"),
                ({"grant_type": "refresh_token", **public}, "invalid_request"),
                ({"grant_type": "password", **public}, "unsupported_grant_type"),
                ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code", **public},
                 "unsupported_grant_type"),
                ({"grant_type": "refresh_token", "client_id": "nobody"}, "invalid_client"),
                ({"grant_type": "refresh_token", "client_id": "localsecret"}, "invalid_client"),
                ({"grant_type": "refresh_token", "refresh_token": "x", **public}, "invalid_grant"),
                ({"grant_type": "authorization_code", "code": "x", "redirect_uri": "y",
                  **public}, "invalid_grant")):
            status, headers, body = self.form("/oauth2/token", **fields)
            self.assertEqual((status, body["error"]), (400, error), fields)
            self.assertEqual(headers["Content-Type"], "application/json;charset=UTF-8")
            self.assertEqual(headers["Access-Control-Allow-Origin"], "*")

    def test_refresh_gives_both_tokens_and_no_refresh_token(self):
        signed_in = self.tokens()
        status, _, body = self.form("/oauth2/token", grant_type="refresh_token",
                                    client_id="localpassword",
                                    refresh_token=signed_in["RefreshToken"])
        self.assertEqual(status, 200)
        self.assertEqual(set(body), {"id_token", "access_token", "expires_in", "token_type"})
        self.assertEqual(claims_of(body["id_token"])["auth_time"],
                         claims_of(signed_in["IdToken"])["auth_time"])

    def test_rotation_and_grace(self):
        self.cognito.client("localrotating", grace=10)
        old = self.tokens(client="localrotating")["RefreshToken"]

        def refresh(token):
            return self.form("/oauth2/token", grant_type="refresh_token",
                             client_id="localrotating", refresh_token=token)[2]

        fresh = refresh(old)["refresh_token"]
        self.assertNotEqual(fresh, old)
        self.assertIn("access_token", refresh(old))
        self.cognito.clock(11)
        self.assertEqual(refresh(old), {"error": "invalid_grant"})
        self.assertIn("access_token", refresh(fresh))

    def test_client_authentication_by_header_and_by_body(self):
        word = base64.b64encode(f"localsecret:{SECRET}".encode()).decode()
        header = {"Authorization": "Basic " + word}
        asked = {"grant_type": "refresh_token", "refresh_token": "x"}
        by_header = self.form("/oauth2/token", header, **asked)
        by_body = self.form("/oauth2/token", client_id="localsecret", client_secret=SECRET,
                            **asked)
        self.assertEqual([by_header[2], by_body[2]], [{"error": "invalid_grant"}] * 2)
        wrong = self.form("/oauth2/token", client_id="localsecret", client_secret="x", **asked)
        self.assertEqual(wrong[2], {"error": "invalid_client"})

    def test_revoke(self):
        token = self.tokens()["RefreshToken"]
        for text in (token, token, "garbage"):
            status, _, body = self.form("/oauth2/revoke", client_id="localpassword", token=text)
            self.assertEqual((status, body), (200, None))
        self.assertEqual(self.form("/oauth2/token", grant_type="refresh_token",
                                   client_id="localpassword", refresh_token=token)[2],
                         {"error": "invalid_grant"})
        self.assertEqual(self.form("/oauth2/revoke", client_id="x", token="y")[0], 401)
        self.assertEqual(self.form("/oauth2/revoke", client_id="localpassword")[2],
                         {"error": "invalid_request"})

    def broker_login(self, password):
        return self.form("/oauth2/token", grant_type="password", client_id="localbroker",
                         username="bob", password=password, scope="openid")

    def test_broker_takes_passwords(self):
        status, _, body = self.broker_login("Battery-Staple-8!")
        self.assertEqual(status, 200)
        claims = claims_of(body["id_token"])
        half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
        self.assertEqual(claims["at_hash"],
                         base64.urlsafe_b64encode(half).decode().rstrip("="))
        self.assertEqual(claims_of(body["access_token"])["version"], 2)
        self.assertEqual(self.broker_login("wrong")[2]["error"], "invalid_grant")

    def test_user_info(self):
        body = self.broker_login("Battery-Staple-8!")[2]
        status, _, text = self.http("GET", "/oauth2/userInfo", headers={
            "Authorization": "Bearer " + body["access_token"]})
        facts = json.loads(text)
        self.assertEqual((status, facts["email_verified"], facts["username"]),
                         (200, "true", "bob"))
        self.assertNotIn("cognito:groups", facts)
        for header, status, error in (({}, 400, "invalid_request"),
                                      ({"Authorization": "Bearer x"}, 401, "invalid_token")):
            got, headers, text = self.http("GET", "/oauth2/userInfo", headers=header)
            self.assertEqual((got, text), (status, b""))
            self.assertTrue(headers["WWW-Authenticate"].startswith(f'error="{error}", '))
        api_token = self.tokens()["AccessToken"]
        self.assertEqual(self.http("GET", "/oauth2/userInfo", headers={
            "Authorization": "Bearer " + api_token})[0], 401)

    def test_documents(self):
        _, _, text = self.http("GET", f"/{POOL_ID}/.well-known/openid-configuration")
        discovery = json.loads(text)
        self.assertEqual(discovery["issuer"], f"{self.cognito.url}/{POOL_ID}")
        self.assertNotIn("device_authorization_endpoint", discovery)
        self.assertNotIn("code_challenge_methods_supported", discovery)
        before = json.loads(self.http("GET", JWKS_PATH)[2])["keys"]
        self.cognito.rotate()
        after = json.loads(self.http("GET", JWKS_PATH)[2])["keys"]
        self.assertEqual(len({key["kid"] for key in before + after}), 4)

    def test_issuer_forms(self):
        self.cognito.pool(issuer_type="updated")
        self.assertEqual(claims_of(self.tokens()["IdToken"])["iss"],
                         f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}")


class Control(Wire):
    def test_openssl_trusts_the_hashed_directory_for_every_name(self):
        for name in ("localhost", "extra.example", "cognito-idp.eu-west-1.amazonaws.com",
                     "issuer-cognito-idp.eu-west-1.amazonaws.com",
                     "acme.auth.eu-west-1.amazoncognito.com"):
            done = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{self.cognito.port}",
                 "-CApath", str(self.cognito.dir / "ca"), "-no-CAfile", "-no-CAstore",
                 "-verify_return_error", "-verify_hostname", name, "-servername", name],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, name)

    def test_anybody_reaches_the_trusted_certificates(self):
        trusted = next((self.cognito.dir / "ca").iterdir())
        for path, wanted in ((self.cognito.dir, 0o111), (trusted.parent, 0o555), (trusted, 0o444)):
            self.assertEqual(path.stat().st_mode & wanted, wanted)

    def test_log_counts_requests_and_connections(self):
        link = http.client.HTTPSConnection("127.0.0.1", self.cognito.port,
                                           context=self.cognito.context())
        for _ in range(3):
            link.request("GET", JWKS_PATH)
            link.getresponse().read()
        link.close()
        self.sign_in()
        self.assertEqual(self.cognito.connections(), 2)
        self.assertEqual(len(self.cognito.requests("jwks")), 3)
        line = self.cognito.requests("InitiateAuth")[0]
        self.assertEqual((line["n"], line["op"], line["status"], line["path"]),
                         (4, "InitiateAuth", 200, "/"))

    def test_config_is_private_and_overridable(self):
        path = self.cognito.config({"config": {"scopes": None}, "login": {"recheck": 0}})
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        value = json.loads(pathlib.Path(path).read_text())
        self.assertNotIn("scopes", value["config"])
        self.assertEqual(value["config"]["token_url"], self.cognito.url + "/oauth2/token")
        self.assertEqual(value["network"]["ca_path"], str(self.cognito.dir / "ca"))

    def test_date_header_follows_the_clock(self):
        self.cognito.clock(86400 * 400)
        year = email.utils.parsedate(self.fetch_jwks()["Date"])[0]
        self.assertGreater(year, time.gmtime().tm_year)

    def fetch_jwks(self):
        return self.http("GET", JWKS_PATH)[1]

    def test_issuer_base_warm_keys_and_the_end_of_input(self):
        base = "https://cognito-idp.eu-west-1.amazonaws.com"
        with Cognito(keys=self.cognito.dir, arguments=["--issuer-base", base]) as other:
            value = json.loads((other.dir / "config.json").read_text())["config"]
            self.assertEqual(value["certs_url"], base + JWKS_PATH)
            self.assertEqual(value["token_url"],
                             "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token")
            self.assertEqual((other.dir / "ca.pem").read_bytes(),
                             (self.cognito.dir / "ca.pem").read_bytes())
            other.process.stdin.close()
            self.assertEqual(other.process.wait(10), 0)
            self.assertFalse((other.dir / "ready").exists())

    def test_reset_undoes_everything(self):
        self.cognito.user("bob", groups=["x"], password="y")
        self.cognito.pool(case_sensitive=True)
        self.cognito.clock(99999)
        self.cognito.set_behaviour("*", "status-500")
        self.cognito.reset()
        self.assertEqual(self.cognito.log(), [])
        claims = claims_of(self.tokens(username="BOB")["IdToken"])
        self.assertEqual(claims["cognito:groups"], ["linux-users"])

    def test_unknown_settings_are_refused(self):
        for call in (lambda: self.cognito.user("bob", shoe_size=9),
                     lambda: self.cognito.pool(colour="red"),
                     lambda: self.cognito.set_behaviour("jwks", "sulk")):
            self.assertRaises(ValueError, call)

    def test_command_line(self):
        def run(*words):
            return subprocess.run(
                ["/usr/bin/python3", str(ROOT / "tests/cognito/control.py"),
                 str(self.cognito.dir), *words], capture_output=True, text=True, timeout=120, check=False)

        self.assertEqual(run("totp", "alice").stdout.strip(), self.cognito.totp("alice"))
        self.assertEqual(run("user", "bob", '{"groups": []}').returncode, 0)
        self.assertNotIn("cognito:groups", claims_of(self.tokens()["IdToken"]))
        self.assertEqual(run("behaviour", "jwks", "sulk").returncode, 1)
        self.assertEqual(run("dance").returncode, 2)


class Faults(Wire):
    def fetch(self, timeout=60):
        return self.http("GET", JWKS_PATH, timeout=timeout)

    def test_every_fault_leaves_the_server_well(self):
        for name in behaviour.ALL:
            if name in ("slow", "silence"):
                continue
            for endpoint, call in (("jwks", self.fetch), ("InitiateAuth", self.sign_in)):
                with self.subTest(f"{endpoint} {name}"):
                    self.cognito.set_behaviour(endpoint, name, times=1)
                    try:
                        call()
                    except (OSError, ValueError, RecursionError, http.client.HTTPException):
                        # Nearly all of them are meant to be indigestible.
                        pass
                    self.assertEqual(self.fetch()[0], 200)

    def test_what_the_wire_shows(self):
        good = self.fetch()[2]
        for name, status, body in (
                ("status-500", 500, None), ("status-429", 429, None), ("status-403", 403, None),
                ("redirect", 302, b""), ("html", 200, good), ("empty", 200, b""),
                ("huge", 200, good + b" " * behaviour.HUGE), ("chunked", 200, good)):
            self.cognito.set_behaviour("jwks", name, times=1)
            got, headers, text = self.fetch()
            self.assertEqual(got, status, name)
            if body is not None:
                self.assertEqual(text, body, name)
            if name == "html":
                self.assertIn("text/html", headers["Content-Type"])
        self.assertEqual(self.fetch()[2], good)

    def test_broken_deliveries(self):
        for name, error in (("truncated", http.client.IncompleteRead), ("close", OSError),
                            ("silence", socket.timeout), ("slow", socket.timeout)):
            self.cognito.set_behaviour("jwks", name, times=1)
            with self.assertRaises(error, msg=name):
                self.fetch(timeout=0.5 if error is socket.timeout else 60)

    def test_false_tokens(self):
        def twisted(name):
            self.cognito.set_behaviour("InitiateAuth", name, times=1)
            return self.tokens()

        self.assertTrue(twisted("alg-none")["IdToken"].endswith("."))
        self.assertEqual(claims_of(twisted("other-audience")["IdToken"])["aud"],
                         "someotherclient")
        self.assertEqual(claims_of(twisted("nul-in-name")["IdToken"])["cognito:username"],
                         "bob\0evil")
        self.assertEqual(claims_of(twisted("access-as-id")["IdToken"])["token_use"], "access")
        self.assertLess(claims_of(twisted("expired-token")["IdToken"])["exp"],
                        claims_of(self.tokens()["IdToken"])["iat"])

    def test_answers_in_place_of_the_api(self):
        for name, expected in (("throttle", "TooManyRequestsException"),
                               ("lambda", "UserLambdaValidationException"),
                               ("internal-error", "InternalErrorException")):
            self.cognito.set_behaviour("InitiateAuth", name, times=1)
            self.assertEqual(self.sign_in()[2]["__type"], expected)
        self.cognito.set_behaviour("InitiateAuth", "unknown-challenge", times=2)
        for _ in "ab":
            self.assertEqual(self.sign_in()[2]["ChallengeName"], "SOMETHING_NEW")
        self.assertIn("AuthenticationResult", self.sign_in()[2])


def main():
    suite = unittest.defaultTestLoader.loadTestsFromNames([__name__, *CASES])
    result = unittest.TextTestRunner(sys.stderr, verbosity=1).run(suite)
    # A test may fail in several subtests and is still one test.
    failed = len({getattr(test, "test_case", test).id()
                  for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
