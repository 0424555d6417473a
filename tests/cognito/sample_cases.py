#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The AWS sample's dialect and each of its bugs, with it and without; run by test_cognito.py."""
import json
import pathlib
import urllib.parse

from sample import hasty_challenge
from wire import SECRET, Wire, basic, claims_of

CLIENT = "localsecret"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
BASIC = basic(CLIENT, SECRET)
DEFAULT_BUGS = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]


class Sample(Wire):
    def setUp(self):
        super().setUp()
        self.now = 0

    def post(self, query, headers=None, body=None):
        status, headers, body = self.http("POST", "/sample/token" + query, body,
                                          BASIC if headers is None else headers)
        return status, headers, json.loads(body) if body[:1] == b"{" else body

    def codes(self, query=f"?client_id={CLIENT}"):
        status, _, body = self.post(query)
        self.assertEqual(status, 200)
        return body

    def poll(self, device_code, wait=6, client=CLIENT, headers=None):
        """A poll after the interval: (status, body)."""
        self.now += wait
        self.cognito.clock(self.now)
        status, _, body = self.post(
            f"?client_id={client}&device_code={device_code}&grant_type={GRANT}", headers)
        return status, body

    def without(self, *numbers):
        self.cognito.pool(sample_bugs=[n for n in DEFAULT_BUGS if n not in numbers])

    def approved(self, username="bob", **arguments):
        codes = self.codes(**arguments)
        self.cognito.approve(codes["user_code"], username)
        return codes["device_code"]

    def press(self, codes, person=None):
        """Opens the page and presses the button, no more."""
        person = (person or self.cognito.person()).open(codes["verification_uri"])
        return person.submit(code=codes["user_code"], authorize="true")

    def scope_of(self, body):
        return claims_of(body["access_token"])["scope"]


class Dialect(Sample):
    def test_the_codes(self):
        status, headers, body = self.post(f"?client_id={CLIENT}")
        self.assertEqual((status, headers["Content-Type"], headers["Cache-Control"]),
                         (200, "application/json", "no-store"))
        self.assertRegex(body["user_code"], "^[0-9BCDFGHJKLMNPQRSTVWXZ]{8}$")
        self.assertRegex(body["device_code"], "^[0-9a-zA-Z]{64}$")
        page = self.cognito.url + "/sample/device"
        self.assertEqual(body, {
            "device_code": body["device_code"], "user_code": body["user_code"],
            "verification_uri": page, "interval": 5, "expires_in": 1800,
            "verification_uri_complete": f"{page}?code={body['user_code']}&authorize=true"})

    def test_parameters_come_raw_in_the_query(self):
        code = self.codes()["device_code"]
        quoted = urllib.parse.quote(GRANT, safe="")
        start = f"?client_id={CLIENT}"
        for query, body in (
                ("", None), ("?client_id=", None), ("", f"client_id={CLIENT}"),
                (f"{start}&device_code={code}&grant_type={quoted}", None),
                (f"{start}&device_code={code}", None),
                (f"{start}&grant_type={GRANT}", None),
                (start, f"device_code={code}&grant_type={GRANT}")):
            status, headers, answer = self.post(query, body=body)
            if query == start:
                # The body does not count: these are new codes.
                self.assertEqual((status, answer["interval"]), (200, 5))
            else:
                self.assertEqual((status, answer, headers["Content-Length"]), (405, b"", "0"))
        self.assertEqual(self.http("GET", "/sample/token" + start, headers=BASIC)[0], 405)
        self.assertEqual(self.http("POST", "/sample/token/" + start, headers=BASIC)[0], 404)

    def test_only_basic_lets_in(self):
        for headers, client in (({}, CLIENT), (basic(CLIENT, "x"), CLIENT), (BASIC, "nobody"),
                                (basic("localpassword", SECRET), CLIENT), (BASIC, "localpassword"),
                                ({"Authorization": "Bearer x"}, CLIENT)):
            status, _, body = self.post(f"?client_id={client}", headers)
            self.assertEqual((status, body), (401, b""), (headers, client))
        self.assertEqual(self.post(f"?client_id={CLIENT}&client_secret={SECRET}", {})[0], 401)

    def test_pending_then_access_and_refresh_token_then_expired(self):
        codes = self.codes()
        self.assertEqual(self.poll(codes["device_code"]),
                         (400, {"error": "authorization_pending"}))
        self.cognito.approve(codes["user_code"], "alice")
        status, body = self.poll(codes["device_code"])
        self.assertEqual((status, set(body)), (200, {"access_token", "refresh_token",
                                                     "expires_in"}))
        self.assertEqual(claims_of(body["access_token"])["username"], "alice")
        self.assertEqual(self.poll(codes["device_code"]), (400, {"error": "expired_token"}))
        self.assertEqual(len(self.cognito.requests("sample_token")), 3)
        self.assertEqual(len(self.cognito.requests("sample_codes")), 1)
        fresh = self.form("/oauth2/token", BASIC, grant_type="refresh_token",
                          refresh_token=body["refresh_token"])
        self.assertEqual(fresh[0], 200)

    def test_token_sets(self):
        for wanted, names in (("ID+ACCESS+REFRESH", {"id_token", "access_token", "refresh_token"}),
                              ("ACCESS", {"access_token"})):
            self.cognito.pool(sample_tokens=wanted)
            body = self.poll(self.approved())[1]
            self.assertEqual(set(body), names | {"expires_in"})

    def test_slow_down_starts_the_wait_anew_and_keeps_the_interval(self):
        code = self.codes()["device_code"]
        for wait, error in ((1, "slow_down"), (4, "slow_down"), (4, "slow_down"),
                            (6, "authorization_pending"), (4, "slow_down"),
                            (6, "authorization_pending")):
            self.assertEqual(self.poll(code, wait), (400, {"error": error}))

    def test_even_approved_it_wants_its_pause(self):
        code = self.approved()
        self.assertEqual(self.poll(code, 0)[1], {"error": "slow_down"})
        self.assertEqual(self.poll(code)[0], 200)

    def test_denied_expired_and_another_clients(self):
        codes = self.codes()
        self.cognito.client("other", secret="x", oauth_flows=["code"], scopes=["openid"])
        self.assertEqual(self.poll(codes["device_code"], client="other",
                                   headers=basic("other", "x")), (400, {"error": "expired_token"}))
        self.cognito.deny(codes["user_code"])
        self.assertEqual(self.poll(codes["device_code"]), (400, {"error": "denied"}))
        self.assertEqual(self.poll(self.approved(), 1801), (400, {"error": "expired_token"}))

    def test_the_dialects_do_not_mix(self):
        code = self.approved()
        self.assertEqual(self.form("/device/token", BASIC, grant_type=GRANT, device_code=code)[2],
                         {"error": "invalid_grant"})

    def test_the_pages(self):
        for username in ("bob", "alice"):
            codes = self.codes()
            text = self.cognito.browse(codes["verification_uri"], username,
                                       code=codes["user_code"])
            self.assertIn("Thanks, Device has been Authorized.", text)
            body = self.poll(codes["device_code"])[1]
            self.assertEqual(claims_of(body["access_token"])["username"], username)
            self.now = 0
            self.cognito.clock(0)
        codes = self.codes()
        text = self.cognito.browse(codes["verification_uri"], "bob", code=codes["user_code"],
                                   authorize="false")
        self.assertIn("Thanks, Device has been unauthorized.", text)
        self.assertEqual(self.poll(codes["device_code"])[1], {"error": "denied"})
        self.assertEqual(self.http("GET", "/sample/callback?error=x")[0], 405)
        self.assertEqual(self.http("GET", "/sample/callback?code=x&state=y")[0], 400)

    def test_overrides(self):
        path = self.cognito.config(self.cognito.sample_endpoints())
        value = json.loads(pathlib.Path(path).read_text())
        self.assertEqual(value["config"]["client_secret"], SECRET)
        self.assertEqual(value["config"]["token_url"], self.cognito.url + "/oauth2/token")
        self.assertEqual(value["endpoints"]["device_authorization_url"],
                         self.cognito.url + "/sample/token")


class Bugs(Sample):
    def test_01_clients_without_a_secret(self):
        public = "6o7h8i9jlocalpublic"
        self.assertEqual(self.post(f"?client_id={public}", {})[0], 401)
        self.without(1)
        status, _, codes = self.post(f"?client_id={public}", {})
        self.assertEqual(status, 200)
        self.cognito.approve(codes["user_code"], "bob")
        self.assertEqual(self.poll(codes["device_code"], client=public, headers={})[0], 200)
        self.assertEqual(self.post(f"?client_id={CLIENT}", {})[0], 401)

    def test_02_approved_before_there_is_a_code(self):
        for bug, expected in ((True, 502), (False, 400)):
            codes = self.codes()
            person = self.press(codes)
            self.assertEqual(self.poll(codes["device_code"])[0], expected)
            person.submit(username="bob", password="Battery-Staple-8!")
            self.assertIn("Authorized", person.page.text)
            self.assertEqual(self.poll(codes["device_code"])[0], 200)
            codes = self.codes()
            self.cognito.begin_approval(codes["user_code"])
            self.assertEqual(self.poll(codes["device_code"])[0], expected)
            self.cognito.approve(codes["user_code"], "bob")
            self.assertEqual(self.poll(codes["device_code"])[0], 200)
            if bug:
                self.without(2)

    def test_03_an_unknown_device_code(self):
        status, body = self.poll("x" * 64)
        self.assertEqual((status, body[:6]), (502, b"<html>"))
        self.without(3)
        self.assertEqual(self.poll("x" * 64), (400, {"error": "expired_token"}))

    def test_04_a_wrong_challenge(self):
        self.cognito.pool(sample_bugs=[*DEFAULT_BUGS, 4])
        code = self.approved()
        self.assertEqual(self.poll(code), (200, {}))
        codes = self.codes()
        self.cognito.browse(codes["verification_uri"], "bob", code=codes["user_code"])
        self.assertEqual(self.poll(codes["device_code"]), (200, {}))
        self.assertEqual(hasty_challenge("1"), "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s"
                         .replace("/", "_", 1))

    def test_05_refusals_of_cognito(self):
        code = self.approved()
        self.cognito.user("bob", enabled=False)
        self.assertEqual(self.poll(code), (200, {}))
        self.assertEqual(self.poll(code), (400, {"error": "expired_token"}))
        self.cognito.user("bob", enabled=True)
        self.without(5)
        code = self.approved()
        self.cognito.user("bob", enabled=False)
        self.assertEqual(self.poll(code), (400, {"error": "expired_token"}))

    def test_06_large_token_sets(self):
        self.cognito.user("bob", groups=[f"group-{n:04}" for n in range(900)])
        code = self.approved()
        self.assertEqual(self.poll(code)[0], 502)
        self.assertEqual(self.poll(code), (200, {}))
        self.without(6)
        self.assertIn("access_token", self.poll(self.approved())[1])

    def test_07_predictable_codes(self):
        def first():
            self.now = 0
            self.cognito.reset()
            return self.codes()["device_code"]

        self.assertEqual(first(), first())
        self.without(7)
        self.assertNotEqual(self.codes()["device_code"], first())

    def test_08_a_link_that_approves(self):
        codes = self.codes()
        person = self.cognito.person().open(codes["verification_uri_complete"])
        person.submit(username="bob", password="Battery-Staple-8!")
        self.assertIn("Authorized", person.page.text)
        self.assertEqual(self.poll(codes["device_code"])[0], 200)
        self.without(8)
        codes = self.codes()
        self.assertNotIn("authorize=", codes["verification_uri_complete"])
        person.open(codes["verification_uri_complete"] + "&authorize=true")
        self.assertEqual(person.page.asked, {"code": codes["user_code"]})
        self.assertEqual(self.poll(codes["device_code"])[1], {"error": "authorization_pending"})
        self.assertIn("Authorized", person.submit(authorize="true").page.text)

    def test_09_case_of_user_codes(self):
        for bug, status in ((True, 400), (False, 200)):
            codes = self.codes()
            # A code of digits alone has no case.
            while not any(c.isalpha() for c in codes["user_code"]):
                codes = self.codes()
            person = self.cognito.person().open(codes["verification_uri"])
            person.submit(code=codes["user_code"].lower(), authorize="true")
            self.assertEqual(person.status, status)
            if bug:
                self.without(9)

    def test_10_the_identity_provider(self):
        self.assertIn("&identity_provider=COGNITO", self.press(self.codes()).url)
        self.without(10)
        self.assertNotIn("identity_provider", self.press(self.codes()).url)

    def test_11_the_authorization_code_ages(self):
        self.assertEqual(self.poll(self.approved(), 301), (200, {}))
        self.without(11)
        self.assertIn("access_token", self.poll(self.approved(), 301)[1])

    def test_12_scopes(self):
        self.assertEqual(self.scope_of(self.poll(self.approved())[1]), "openid")
        asked = f"?client_id={CLIENT}&scope=openid%20email"
        self.assertEqual(self.scope_of(self.poll(self.approved(query=asked))[1]), "openid email")
        self.assertIn("&scope=openid+email&", self.press(self.codes(
            f"?client_id={CLIENT}&scope=openid+email")).url)
        self.without(12)
        self.assertEqual(self.scope_of(self.poll(self.approved())[1]), "openid email profile")
        self.assertIn("&scope=openid%20email&", self.press(self.codes(
            f"?client_id={CLIENT}&scope=openid+email")).url)
