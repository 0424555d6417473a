#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The sign-in pages and the authorization code, run by test_cognito.py."""
import base64
import hashlib
import urllib.parse

from wire import SECRET, Wire, basic, claims_of

CLIENT = "6o7h8i9jlocalpublic"
CALLBACK = "http://localhost:8400/callback"
# The example of Cognito's own documentation.
VERIFIER = ("9D-aW_iygXrgQcWJd0y0tNVMPSXSChIc2xceDhvYVdGLCBk-JWFTmBNjvKSdOrjTTYazOFbUmrFERrjW"
            "x6oKtK2b6z_x4_gHBDlr4K1mRFGyE8yA-05-_v7Dxf3EIYJH")
CHALLENGE = "Eh0mg-OZv7BAyo-tdv_vYamx1boOYDulDklyXoMDtLg"


def parameters_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


class Pages(Wire):
    def authorize_url(self, path="/oauth2/authorize", **changes):
        """The usual request with changes; None takes a parameter out."""
        fields = {"response_type": "code", "client_id": CLIENT, "redirect_uri": CALLBACK,
                  "scope": "openid email", "state": "s t/ä+", "nonce": "n-0S6_WzA2Mj",
                  "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        return f"{self.cognito.url}{path}?{urllib.parse.urlencode(given)}"

    def sign_in_page(self, username="bob", person=None, **changes):
        """The parameters the client gets back."""
        landed = self.cognito.browse(self.authorize_url(**changes), username, person)
        self.assertEqual(landed.partition("?")[0], CALLBACK)
        return parameters_of(landed)

    def redeem(self, code, headers=None, **changes):
        fields = {"grant_type": "authorization_code", "client_id": CLIENT, "code": code,
                  "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        return self.form("/oauth2/token", headers, **given)

    def claims(self, *arguments, **changes):
        body = self.redeem(self.sign_in_page(*arguments, **changes)["code"])[2]
        return claims_of(body["id_token"])


class AuthorizationCode(Pages):
    def test_password_and_totp_lead_back_with_code_and_state(self):
        for username in ("bob", "alice"):
            back = self.sign_in_page(username)
            self.assertEqual(set(back), {"code", "state"})
            self.assertEqual((len(back["code"]), back["state"]), (36, "s t/ä+"))
            status, _, body = self.redeem(back["code"])
            self.assertEqual(status, 200)
            claims = claims_of(body["id_token"])
            self.assertEqual(claims["cognito:username"], username)

    def test_tokens(self):
        status, headers, body = self.redeem(self.sign_in_page()["code"])
        self.assertEqual((status, headers["Cache-Control"][:8]), (200, "no-cache"))
        self.assertEqual(set(body), {"id_token", "access_token", "refresh_token", "expires_in",
                                     "token_type"})
        claims, access = claims_of(body["id_token"]), claims_of(body["access_token"])
        half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
        self.assertEqual(claims["at_hash"], base64.urlsafe_b64encode(half).decode().rstrip("="))
        self.assertEqual((claims["nonce"], claims["aud"]), ("n-0S6_WzA2Mj", CLIENT))
        self.assertEqual((access["scope"], access["version"]), ("openid email", 2))
        self.assertNotIn("nonce", access)
        fresh = self.form("/oauth2/token", grant_type="refresh_token", client_id=CLIENT,
                          refresh_token=body["refresh_token"])[2]
        again = claims_of(fresh["id_token"])
        self.assertNotIn("nonce", again)
        self.assertEqual(again["auth_time"], claims["auth_time"])

    def test_an_id_token_only_with_openid(self):
        self.cognito.client(CLIENT, scopes=["openid", "aws.cognito.signin.user.admin"])
        body = self.redeem(self.sign_in_page(scope="aws.cognito.signin.user.admin")["code"])[2]
        self.assertNotIn("id_token", body)
        body = self.redeem(self.sign_in_page(scope=None)["code"])[2]
        self.assertEqual(claims_of(body["access_token"])["scope"],
                         "openid aws.cognito.signin.user.admin")

    def test_a_code_is_used_once_and_for_five_minutes(self):
        code = self.sign_in_page()["code"]
        self.assertEqual(self.redeem(code)[0], 200)
        self.assertEqual(self.redeem(code)[2], {"error": "invalid_grant"})
        for age, status in ((299, 200), (302, 400)):
            code = self.sign_in_page()["code"]
            self.cognito.clock(age)
            self.assertEqual(self.redeem(code)[0], status, age)
            self.cognito.reset()

    def test_what_does_not_fit_the_code(self):
        for changes, error in (
                ({"redirect_uri": CALLBACK + "/"}, {"error": "unauthorized_client",
                                                    "error_description": "invalid_redirect"}),
                ({"code_verifier": VERIFIER[:-1] + "x"}, {"error": "invalid_grant"}),
                ({"code_verifier": CHALLENGE}, {"error": "invalid_grant"}),
                ({"code_verifier": None}, {"error": "invalid_grant"}),
                ({"redirect_uri": None}, {"error": "invalid_request"}),
                ({"client_id": "localsecret", "client_secret": SECRET},
                 {"error": "invalid_grant"}),
                ({"client_id": "localsecret"}, {"error": "invalid_client"}),
                ({"client_id": "localpassword"}, {"error": "unauthorized_client"})):
            status, _, body = self.redeem(self.sign_in_page()["code"], **changes)
            self.assertEqual((status, body), (400, error), changes)

    def test_without_pkce(self):
        bare = {"code_challenge": None, "code_challenge_method": None}
        self.assertEqual(self.redeem(self.sign_in_page(**bare)["code"])[2],
                         {"error": "invalid_grant"})
        self.assertEqual(self.redeem(self.sign_in_page(**bare)["code"], code_verifier=None)[0],
                         200)

    def test_a_confidential_client(self):
        code = self.sign_in_page(client_id="localsecret")["code"]
        self.assertEqual(self.redeem(code, client_id="localsecret")[2],
                         {"error": "invalid_client"})
        self.assertEqual(self.redeem(code, basic("localsecret", SECRET), client_id=None)[0], 200)

    def test_who_is_disabled_in_between_gets_nothing(self):
        code = self.sign_in_page()["code"]
        self.cognito.user("bob", enabled=False)
        self.assertEqual(self.redeem(code)[2], {"error": "invalid_grant"})


class Authorize(Pages):
    def back(self, **changes):
        person = self.cognito.person().open(self.authorize_url(**changes))
        return parameters_of(person.landed) if person.landed else (person.status, person.url)

    def test_refusals_that_go_to_the_client(self):
        for changes, error in (
                ({"response_type": None}, "invalid_request"),
                ({"response_type": "id_token"}, "invalid_request"),
                ({"response_type": "token"}, "unauthorized_client"),
                ({"code_challenge_method": None}, "invalid_request"),
                ({"code_challenge_method": "plain"}, "invalid_request"),
                ({"code_challenge": None}, "invalid_request"),
                ({"max_age": "-1"}, "invalid_request"),
                ({"scope": "openid offline_access"}, "invalid_scope"),
                ({"scope": "openid phone"}, "invalid_scope"),
                ({"scope": "email"}, "invalid_scope"),
                ({"prompt": "none"}, "login_required")):
            self.assertEqual(self.back(**changes), {"error": error, "state": "s t/ä+"}, changes)
        self.cognito.client(CLIENT, oauth_flows=[])
        self.assertEqual(self.back(state=None), {"error": "unauthorized_client"})

    def test_refusals_that_stay_here(self):
        for changes, error in (
                ({"redirect_uri": None}, "redirect_mismatch"),
                ({"redirect_uri": CALLBACK + "/"}, "redirect_mismatch"),
                ({"redirect_uri": CALLBACK + "?x=1"}, "redirect_mismatch"),
                ({"redirect_uri": "http://localhost:8401/callback"}, "redirect_mismatch"),
                ({"redirect_uri": "http://LOCALHOST:8400/callback"}, "redirect_mismatch"),
                ({"client_id": "nobody"}, "invalid_request"),
                ({"client_id": None}, "invalid_request")):
            status, url = self.back(**changes)
            self.assertEqual(status, 400, changes)
            self.assertTrue(url.startswith(self.cognito.url + "/error?"))
            self.assertEqual(parameters_of(url)["error"], error)
        doubled = self.authorize_url() + "&client_id=x"
        self.assertIn("/error?", self.cognito.person().open(doubled).url)

    def test_the_session_cookie_spares_an_hour_of_sign_ins(self):
        person = self.cognito.person()
        first = self.claims("bob", person)["auth_time"]
        self.cognito.clock(3000)
        person.open(self.authorize_url())
        self.assertEqual(claims_of(self.redeem(
            parameters_of(person.landed)["code"])[2]["id_token"])["auth_time"], first)
        self.assertIn("code", parameters_of(person.open(self.authorize_url(prompt="none")).landed))
        for changes in ({"prompt": "login"}, {"max_age": "60"}, {"prompt": "login consent"}):
            self.assertIsNotNone(person.open(self.authorize_url(**changes)).page, changes)
        self.assertGreater(self.claims("bob", person, prompt="login")["auth_time"], first + 2900)
        self.cognito.clock(3000 + 3700)
        self.assertIsNotNone(person.open(self.authorize_url()).page)

    def test_the_classic_pages_do_not_know_prompt(self):
        self.cognito.pool(managed_login=False)
        person = self.cognito.person()
        first = self.claims("bob", person)["auth_time"]
        self.cognito.clock(60)
        self.assertEqual(self.claims("bob", person, prompt="login")["auth_time"], first)

    def test_the_cookie_of_a_disabled_person_is_worth_nothing(self):
        person = self.cognito.person()
        self.sign_in_page("bob", person)
        self.cognito.user("bob", enabled=False)
        self.assertIsNotNone(person.open(self.authorize_url()).page)


class Login(Pages):
    def test_login_hint_fills_in_the_name_as_text(self):
        person = self.cognito.person().open(self.authorize_url(login_hint='b"><b>ob'))
        self.assertEqual(person.page.asked["username"], 'b"><b>ob')

    def test_wrong_answers_are_told_on_the_page(self):
        for username, answers, message in (
                ("bob", {"password": "wrong"}, "Incorrect username or password."),
                ("nobody", {"password": "wrong"}, "Incorrect username or password."),
                ("dave", {}, "User is disabled."),
                ("alice", {"answer": "000000"}, "Invalid code or auth state for the user.")):
            with self.assertRaisesRegex(ValueError, message):
                self.cognito.browse(self.authorize_url(), username, **answers)

    def test_a_wrong_code_may_be_followed_by_the_right_one(self):
        person = self.cognito.person().open(self.authorize_url())
        person.submit(username="alice", password="Correct-Horse-9!").submit(answer="000000")
        self.assertEqual(person.page.hidden["challenge"], "SOFTWARE_TOKEN_MFA")
        person.submit(answer=self.cognito.totp("alice"))
        self.assertIn("code", parameters_of(person.landed))

    def test_every_second_factor(self):
        self.cognito.user("bob", mfa=["SMS_MFA", "EMAIL_OTP"], attributes={
            "email": "bob@example.com", "phone_number": "+12065551212"})
        for factor in ("SMS_MFA", "EMAIL_OTP"):
            person = self.cognito.person().open(self.authorize_url())
            person.submit(username="bob", password="Battery-Staple-8!").submit(answer=factor)
            person.submit(answer=self.cognito.code("bob"))
            self.assertIn("code", parameters_of(person.landed))

    def test_a_temporary_password_is_replaced(self):
        back = parameters_of(self.cognito.browse(self.authorize_url(), "erin",
                                                 answer="Erin-Permanent-5!"))
        self.assertEqual(self.redeem(back["code"])[0], 200)

    def test_a_form_from_elsewhere_is_not_taken(self):
        path = self.authorize_url("/login").removeprefix(self.cognito.url)
        _, headers, body = self.http("POST", path, urllib.parse.urlencode(
            {"username": "bob", "password": "Battery-Staple-8!", "_csrf": "x"}), {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "XSRF-TOKEN=y"})
        self.assertIn(b"expired", body)
        self.assertNotIn("Location", headers)

    def test_assurance_of_a_page_sign_in(self):
        self.cognito.pool(acr=True)
        self.assertEqual(self.claims("alice")["amr"], ["pwd", "otp", "mfa"])
        self.assertEqual(self.claims("bob")["amr"], ["pwd"])
