#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The RFC 8628 endpoints and their page, run by test_cognito.py."""
import json
import pathlib
import re
import subprocess

from control import Cognito
from wire import SECRET, Wire, basic, claims_of

CLIENT = "6o7h8i9jlocalpublic"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Device(Wire):
    def ask(self, headers=None, **changes):
        fields = {"client_id": CLIENT, "scope": "openid email", **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        return self.form("/device/authorize", headers, **given)

    def codes(self, **changes):
        return self.ask(**changes)[2]

    def poll(self, device_code, headers=None, **changes):
        fields = {"grant_type": GRANT, "client_id": CLIENT, "device_code": device_code, **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        return self.form("/device/token", headers, **given)

    def error(self, device_code, **changes):
        status, _, body = self.poll(device_code, **changes)
        self.assertEqual((status, set(body)), (400, {"error"}))
        return body["error"]


class Endpoints(Device):
    def test_the_codes(self):
        status, headers, body = self.ask()
        self.assertEqual(status, 200)
        self.assertIn("no-store", headers["Cache-Control"])
        letters = "[BCDFGHJKLMNPQRSTVWXZ]{4}"
        self.assertRegex(body["user_code"], f"^{letters}-{letters}$")
        page = self.cognito.url + "/device"
        self.assertEqual(body, {
            "device_code": body["device_code"], "user_code": body["user_code"],
            "verification_uri": page, "expires_in": 1800, "interval": 5,
            "verification_uri_complete": f"{page}?user_code={body['user_code']}"})
        self.assertGreater(len(body["device_code"]), 32)
        self.assertNotEqual(self.codes()["device_code"], body["device_code"])

    def test_refusals_at_the_start(self):
        for changes, error in (
                ({"client_id": None}, "invalid_request"),
                ({"client_id": "nobody"}, "invalid_client"),
                ({"client_id": "localsecret"}, "invalid_client"),
                ({"client_id": "localpassword", "scope": None}, "unauthorized_client"),
                ({"scope": "openid nonsense"}, "invalid_scope")):
            status, _, body = self.ask(**changes)
            self.assertEqual((status, body), (400, {"error": error}), changes)

    def test_pending_then_tokens_then_nothing(self):
        codes = self.codes()
        self.assertEqual(self.error(codes["device_code"]), "authorization_pending")
        self.cognito.approve(codes["user_code"], "alice")
        status, _, body = self.poll(codes["device_code"])
        self.assertEqual((status, set(body)), (200, {
            "id_token", "access_token", "refresh_token", "expires_in", "token_type"}))
        claims = claims_of(body["id_token"])
        self.assertEqual((claims["cognito:username"], claims["aud"]), ("alice", CLIENT))
        self.assertIn("at_hash", claims)
        self.assertEqual(claims_of(body["access_token"])["scope"], "openid email")
        self.assertEqual(self.error(codes["device_code"]), "invalid_grant")
        self.assertEqual(len(self.cognito.requests("device_token")), 3)
        fresh = self.form("/device/token", grant_type="refresh_token", client_id=CLIENT,
                          refresh_token=body["refresh_token"])
        self.assertEqual(fresh[0], 200)

    def test_denied(self):
        codes = self.codes()
        self.cognito.deny(codes["user_code"])
        self.assertEqual(self.error(codes["device_code"]), "access_denied")

    def test_expired(self):
        codes = self.codes()
        self.cognito.clock(1801)
        self.assertEqual(self.error(codes["device_code"]), "expired_token")
        self.assertRaises(ValueError, self.cognito.approve, codes["user_code"], "bob")
        self.assertEqual(self.cognito.device_codes(), [])

    def test_polling_too_early_slows_down_for_good(self):
        code = self.codes()["device_code"]
        now = 0
        for wait, error in ((0, "authorization_pending"), (6, "authorization_pending"),
                            (4, "slow_down"), (6, "slow_down"), (11, "slow_down"),
                            (21, "authorization_pending"), (21, "authorization_pending"),
                            (10, "slow_down")):
            now += wait
            self.cognito.clock(now)
            self.assertEqual(self.error(code), error, now)

    def test_slow_down_on_demand_and_no_interval(self):
        self.cognito.pool(device_slow_downs=1, device_interval=None, device_complete=False)
        codes = self.codes()
        self.assertEqual(set(codes), {"device_code", "user_code", "verification_uri",
                                      "expires_in"})
        self.assertEqual(self.error(codes["device_code"]), "slow_down")
        self.cognito.clock(9)
        self.assertEqual(self.error(codes["device_code"]), "slow_down")
        self.cognito.clock(9 + 16)
        self.assertEqual(self.error(codes["device_code"]), "authorization_pending")

    def test_other_intervals(self):
        self.cognito.pool(device_interval=1)
        codes = self.codes()
        self.assertEqual(codes["interval"], 1)
        for now in (0, 1.1, 2.2):
            self.cognito.clock(now)
            self.assertEqual(self.error(codes["device_code"]), "authorization_pending")

    def test_a_code_belongs_to_its_client(self):
        codes = self.codes()
        self.cognito.approve(codes["user_code"], "bob")
        self.assertEqual(self.error(codes["device_code"], client_id="localsecret",
                                    client_secret=SECRET), "invalid_grant")
        self.assertEqual(self.error("garbage"), "invalid_grant")
        self.assertEqual(self.error(None), "invalid_request")
        self.assertEqual(self.poll(codes["device_code"])[0], 200)

    def test_client_authentication(self):
        header, body = basic("localsecret", SECRET), {"client_secret": SECRET}
        for headers, secret, status in ((header, {}, 200), (None, body, 200), (None, {}, 400),
                                        (basic("localsecret", "x"), {}, 400)):
            self.assertEqual(self.ask(headers, client_id="localsecret", **secret)[0], status)
        codes = self.codes(client_id="localsecret", **body)
        self.cognito.approve(codes["user_code"], "bob")
        self.assertEqual(self.error(codes["device_code"], client_id="localsecret"),
                         "invalid_client")
        self.assertEqual(self.poll(codes["device_code"], header, client_id=None)[0], 200)

    def test_the_native_endpoint_knows_no_device_grant(self):
        body = self.form("/oauth2/token", grant_type=GRANT, client_id=CLIENT, device_code="x")[2]
        self.assertEqual(body, {"error": "unsupported_grant_type"})

    def test_faults_of_both_endpoints(self):
        for name, member, value in (
                ("interval-text", "interval", "5"), ("no-uri", "verification_uri", None),
                ("user-code-escape", "user_code", "\x1b[2JWDJB\u202eMJHT\r")):
            self.cognito.set_behaviour("device_authorization", name, times=1)
            self.assertEqual(self.codes().get(member), value)
        code = self.codes()["device_code"]
        for name, body in (("oauth-something-new", "something_new"), ("oauth-access-denied", "access_denied")):
            self.cognito.set_behaviour("device_token", name, times=1)
            self.assertEqual(self.error(code), body)
        self.cognito.set_behaviour("device_token", "bare-500", times=1)
        self.assertEqual(self.poll(code)[::2], (500, None))
        self.assertEqual(self.error(code), "authorization_pending")

    def test_who_is_disabled_in_between_gets_nothing(self):
        codes = self.codes()
        self.cognito.approve(codes["user_code"], "bob")
        self.cognito.user("bob", enabled=False)
        self.assertEqual(self.error(codes["device_code"]), "invalid_grant")

    def test_control(self):
        first, second = self.codes()["user_code"], self.codes()["user_code"]
        self.assertEqual([c["user_code"] for c in self.cognito.device_codes()], [first, second])
        self.cognito.approve(first.replace("-", " ").lower(), "bob")
        self.assertRaises(ValueError, self.cognito.approve, first, "bob")
        self.assertRaises(ValueError, self.cognito.approve, second, "nobody")
        self.assertRaises(ValueError, self.cognito.deny, "BBBB-BBBB")
        self.assertEqual([c["user_code"] for c in self.cognito.device_codes()], [second])

    def test_the_command_line(self):
        def run(*words):
            return subprocess.run(
                ["/usr/bin/python3", str(pathlib.Path(__file__).with_name("control.py")),
                 str(self.cognito.dir), *words], capture_output=True, text=True, timeout=120, check=False)

        first, second = self.codes(), self.codes()
        self.assertEqual(len(run("devices").stdout.splitlines()), 2)
        self.assertEqual(run("approve", first["user_code"], "bob").returncode, 0)
        self.assertEqual(run("deny", second["user_code"]).returncode, 0)
        self.assertEqual(run("deny", second["user_code"]).returncode, 1)
        self.assertEqual(run("devices").stdout, "")
        self.assertEqual(self.poll(first["device_code"])[0], 200)
        third = self.codes()
        done = run("browse", "alice", third["verification_uri_complete"])
        self.assertIn("Thank you", done.stdout)

    def test_overrides(self):
        path = self.cognito.config(self.cognito.device_endpoints())
        value = json.loads(pathlib.Path(path).read_text())
        self.assertEqual(value["config"]["token_url"], self.cognito.url + "/device/token")
        self.assertEqual(value["endpoints"]["device_authorization_url"],
                         self.cognito.url + "/device/authorize")


class DevicePage(Device):
    def browse(self, url=None, username="bob", person=None, **answers):
        return self.cognito.browse(url or self.cognito.url + "/device", username, person,
                                   **answers)

    def test_the_whole_way(self):
        for username in ("bob", "alice"):
            codes = self.codes()
            text = self.browse(username=username, user_code=codes["user_code"])
            self.assertIn("Thank you", text)
            claims = claims_of(self.poll(codes["device_code"])[2]["id_token"])
            self.assertEqual(claims["cognito:username"], username)

    def test_the_link_still_asks_and_shows_the_code(self):
        codes = self.codes()
        person = self.cognito.person().open(codes["verification_uri_complete"])
        self.assertEqual(set(person.page.asked), {"username", "password"})
        person.submit(username="bob", password="Battery-Staple-8!")
        self.assertIn(codes["user_code"], person.page.text)
        self.assertIn("bob", person.page.text)
        self.assertEqual(self.error(codes["device_code"]), "authorization_pending")
        person.submit(decision="deny")
        self.assertIn("denied", person.page.text)
        self.assertEqual(self.error(codes["device_code"]), "access_denied")

    def test_a_link_never_decides(self):
        person = self.cognito.person()
        self.browse(person=person, user_code=self.codes()["user_code"])
        codes = self.codes()
        person.open(codes["verification_uri_complete"] + "&decision=allow")
        self.assertEqual(person.page.buttons, {"decision": ["allow", "deny"]})
        self.assertEqual(self.error(codes["device_code"]), "authorization_pending")
        self.http("POST", "/device", f"user_code={codes['user_code']}&decision=allow&_csrf=x", {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"cognito={person.cookies['cognito']}"})
        self.assertEqual(len(self.cognito.device_codes()), 1)

    def test_codes_as_people_type_them(self):
        code = self.codes()["user_code"]
        self.assertIn("Thank you", self.browse(user_code=" " + code.lower().replace("-", " . ")))
        for wrong in ("BBBB-BBBB", code, "", "ü"):
            with self.assertRaisesRegex(ValueError, "not known"):
                self.browse(user_code=wrong)

    def test_wrong_password(self):
        with self.assertRaisesRegex(ValueError, re.escape("Incorrect username or password.")):
            self.browse(user_code=self.codes()["user_code"], password="wrong")


class OtherNames(Device):
    @classmethod
    def setUpClass(cls):
        cls.cognito = Cognito(arguments=[
            "--issuer-base", "https://cognito-idp.eu-west-1.amazonaws.com"])
        cls.addClassCleanup(cls.cognito.stop)

    def test_a_person_finds_the_pages_of_another_host_name(self):
        codes = self.codes()
        self.assertEqual(codes["verification_uri"],
                         "https://acme.auth.eu-west-1.amazoncognito.com/device")
        text = self.cognito.browse(codes["verification_uri_complete"], "bob")
        self.assertIn("Thank you", text)
