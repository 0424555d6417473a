#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sign-ins that Cognito's own stand-in would not play, word by word."""
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import harness  # noqa: E402
import replies  # noqa: E402
import test_sequences  # noqa: E402

CODE = "123456"
WORKER = None


def setUpModule():
    global WORKER
    WORKER = test_sequences.Worker()


def tearDownModule():
    WORKER.close()


class Last(replies.Reply):
    """After it the connection is closed, and nothing in it said so."""

    def send(self, tls):
        super().send(tls)
        return False


class Script:
    """What is said, in its order; the key set and what belongs to a set-up whenever asked."""
    delay = 0

    def __init__(self, kind, *values):
        self.kind = kind
        self.values = list(values)

    bad = ()  # the values that come with status 400
    beside = {}  # by operation: what is said instead, one after another

    def reply(self, operation):
        always = {"jwks": WORKER.mint.jwks(),
                  "AssociateSoftwareToken": {"SecretCode": "JBSWY3DPEHPK3PXP" * 3, "Session": "s" * 40},
                  "VerifySoftwareToken": {"Status": "SUCCESS", "Session": "s" * 40}}
        value = self.beside[operation].pop(0) if self.beside.get(operation) else always.get(operation) or self.values.pop(0)
        return self.kind(operation, json.dumps(value).encode(), 400 if any(value is bad for bad in self.bad) else 200,
                         content_type="application/json" if operation == "jwks" else replies.JSON_TYPE)


def challenge(name, session="s" * 40, **parameters):
    return {"ChallengeName": name, "Session": session, "ChallengeParameters": parameters}


def verifier():
    return challenge("PASSWORD_VERIFIER", USER_ID_FOR_SRP=replies.USER, SALT="0123456789abcdef", SRP_B="2",
                     SECRET_BLOCK="QUJD")


def good():
    key = WORKER.mint.keys["id"]
    return {"AuthenticationResult": {"IdToken": key.sign(key.header(), WORKER.mint.claims(replies.USER)),
                                     "AccessToken": WORKER.mint.access[replies.USER]}}


class Stories(unittest.TestCase):
    def play(self, script, *answers, service="srp-0-0"):
        WORKER.forget_keys(service)
        self.asked = WORKER.server.begin(script)
        return WORKER.host.drive(replies.USER, ("auth",), answers, service)

    def test_a_connection_that_is_gone_when_the_code_has_been_typed(self):
        script = Script(Last, verifier(), challenge("SMS_MFA"), good())
        outcome = self.play(script, replies.PASSWORD, "<wait:300>", CODE)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual([a.operation for a in self.asked],
                         ["InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge", "jwks"])

    def variant(self, change, of="srp-0-0"):
        """The service "variant", whose configuration differs by what change() does to it."""
        config = pathlib.Path(WORKER.configs[of])
        value = json.loads(config.read_text(encoding="utf-8"))
        change(value)
        variant = config.with_name("variant.json")
        variant.write_text(json.dumps(value), encoding="utf-8")
        variant.chmod(0o600)
        WORKER.configs["variant"] = str(variant)
        WORKER.host.service("variant", f"config={variant} timeout=5 qr=utf8")

    def strict(self, of="srp-0-0"):
        self.variant(lambda value: value["rules"][0].update(require_mfa=True), of)

    def test_a_factor_that_was_chosen_in_this_login_proves_nothing_in_it(self):
        self.strict()
        setup = challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
        code = challenge("SOFTWARE_TOKEN_MFA")
        for steps, result in (((code,), "PAM_SUCCESS"), ((setup,), "PAM_PERM_DENIED"),
                              ((setup, code), "PAM_PERM_DENIED"), ((code, setup), "PAM_SUCCESS"),
                              ((setup, challenge("SMS_MFA")), "PAM_SUCCESS")):
            with self.subTest([step["ChallengeName"] for step in steps]):
                outcome = self.play(Script(replies.Reply, verifier(), *steps, good()),
                                    replies.PASSWORD, CODE, CODE, service="variant")
                self.assertEqual(outcome.results, [result], outcome.text)

    def test_each_answer_goes_with_the_session_of_its_challenge(self):
        sms = challenge("SMS_MFA", "b" * 40)
        script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", "a" * 40, MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'),
                        sms, good())
        outcome = self.play(script, replies.PASSWORD, CODE, CODE)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual([a.json()["Session"][0] for a in self.asked if a.operation not in ("InitiateAuth", "jwks")],
                         ["s", "a", "s", "s", "b"], outcome.text)

    def test_no_first_step_is_a_login_and_only_the_proof_follows_srp_s(self):
        for first in (good(), challenge("SMS_MFA"), challenge("SELECT_CHALLENGE"), challenge("NEW_PASSWORD_REQUIRED"), {}):
            with self.subTest(first.get("ChallengeName", list(first))):
                outcome = self.play(Script(replies.Reply, first, good()), replies.PASSWORD, CODE, CODE)
                self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
                self.assertEqual((outcome.shown, [a.operation for a in self.asked]), ([], ["InitiateAuth"]), outcome.text)
        for first in (good(), {}):
            with self.subTest("choice", first=list(first)):
                outcome = self.play(Script(replies.Reply, first, good()), replies.PASSWORD, service="choice-0-0")
                self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
                self.assertEqual([a.operation for a in self.asked], ["InitiateAuth"], outcome.text)

    def test_an_app_is_not_set_up_with_a_key_that_did_not_come(self):
        no = {"__type": "ResourceNotFoundException", "message": "It cannot be."}
        script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'), good())
        script.bad, script.beside = (no,), {"AssociateSoftwareToken": [no]}
        outcome = self.play(script, replies.PASSWORD, CODE)
        self.assertEqual((outcome.results, outcome.shown), (["PAM_SERVICE_ERR"], []), outcome.text)

    def test_only_a_pool_that_says_so_has_no_address_for_a_code(self):
        wanted = {"__type": "PasswordResetRequiredException", "message": "Password reset required for the user"}
        for kind, result, told in (("InvalidParameterException", "PAM_CRED_EXPIRED", True),
                                   ("ResourceNotFoundException", "PAM_SERVICE_ERR", False)):
            with self.subTest(kind):
                no = {"__type": kind, "message": "It cannot be."}
                script = Script(replies.Reply, verifier(), wanted, no)
                script.bad = (wanted, no)
                outcome = self.play(script, replies.PASSWORD, "yes")
                self.assertEqual((outcome.results, "has no address" in outcome.text), ([result], told), outcome.text)

    def test_a_pool_that_calls_every_code_used_is_asked_four_times(self):
        used = {"__type": "ExpiredCodeException", "message": "Your software token has already been used once."}
        script = Script(replies.Reply, verifier(), challenge("SOFTWARE_TOKEN_MFA"), *[used] * 4, good())
        script.bad = (used,)
        outcome = self.play(script, replies.PASSWORD, *[CODE] * 6)
        self.assertEqual((outcome.results, len(outcome.shown)), (["PAM_MAXTRIES"], 4), outcome.text)

    def test_a_pool_that_refuses_every_attribute_is_asked_three_times(self):
        names = json.dumps(["userAttributes." + name for name in ("phone_number", "email", "", "x" * 100)])
        refused = {"__type": "InvalidParameterException", "message": "Invalid phone number format."}
        script = Script(replies.Reply, verifier(), challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=names),
                        *[refused] * 3, good())
        script.bad = (refused,)
        outcome = self.play(script, replies.PASSWORD, "", *"abcd", "New-Pass-1!", "New-Pass-1!", *"abcdefghi")
        self.assertEqual(outcome.results, ["PAM_MAXTRIES"], outcome.text)
        self.assertEqual(len(self.asked), 5, outcome.text)

    def lacking(self, script, *answers):
        outcome = self.play(script, *answers)
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertIn("answer lacks a required member", outcome.text)
        return outcome

    def test_a_verifier_that_lacks_a_part(self):
        whole = verifier()["ChallengeParameters"]
        for name in whole:
            with self.subTest(name):
                rest = {other: value for other, value in whole.items() if other != name}
                self.lacking(Script(replies.Reply, challenge("PASSWORD_VERIFIER", **rest), good()), replies.PASSWORD)
                self.assertEqual([a.operation for a in self.asked], ["InitiateAuth"])

    def test_tokens_beside_a_challenge_without_a_name_are_none(self):
        for name in (1, True, [], {}):
            with self.subTest(name):
                self.lacking(Script(replies.Reply, verifier(), {**good(), "ChallengeName": name}), replies.PASSWORD)

    def test_attributes_that_are_no_names(self):
        for names in ([1], [None], ["email", {}], ["x" * 129], ["email"] * 17):
            with self.subTest(names):
                step = challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=json.dumps(names))
                outcome = self.lacking(Script(replies.Reply, verifier(), step, good()), replies.PASSWORD, "", *"abcdef")
                self.assertNotIn("email", " ".join(outcome.shown))

    def test_attributes_up_to_the_longest_name_and_the_last_place(self):
        for names in (["x" * 128], ["custom:y"] * 16):
            step = challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=json.dumps(names))
            outcome = self.play(Script(replies.Reply, verifier(), step, good()),
                                replies.PASSWORD, "", *("a" for _ in names), *["New-Pass-1!"] * 2)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_the_longest_session(self):
        longest = "s" * 4096
        outcome = self.play(Script(replies.Reply, verifier(), challenge("SMS_MFA", longest), good()), replies.PASSWORD, CODE)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(self.sessions("RespondToAuthChallenge")[-1], longest)
        self.lacking(Script(replies.Reply, verifier(), challenge("SMS_MFA", longest + "s"), good()), replies.PASSWORD, CODE)

    def sessions(self, operation):
        return [asked.json().get("Session") for asked in self.asked if asked.operation == operation]

    def test_a_set_up_goes_on_with_the_newest_session(self):
        """After a wrong code, too, and with the one before where none comes along."""
        for session, second in (({"Session": "t" * 40}, "t" * 40), ({}, "s" * 40)):
            script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'), good())
            script.beside = {"VerifySoftwareToken": [{"Status": "ERROR", **session}, {"Status": "SUCCESS", "Session": "u" * 40}]}
            outcome = self.play(script, replies.PASSWORD, CODE, CODE)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
            self.assertEqual(self.sessions("VerifySoftwareToken"), ["s" * 40, second])
            self.assertEqual(self.sessions("RespondToAuthChallenge")[-1], "u" * 40)

    def test_a_set_up_that_ends_in_no_session_or_in_another_status_is_none(self):
        for verified in ({"Status": "SUCCESS"}, {"Status": "OK", "Session": "t" * 40}, {"Session": "t" * 40},
                         {"Status": "SUCCESS", "Session": "t" * 4097}, {"Status": "ERROR", "Session": "t" * 4097}):
            script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'), good())
            script.beside = {"VerifySoftwareToken": [verified]}
            with self.subTest(verified):
                self.lacking(script, replies.PASSWORD, CODE, CODE)

    def test_a_secret_that_is_none(self):
        for secret, result in ((None, None), ("", None), ("JBSWY3DP1", None), ("A" * 129, None), ("A" * 128, "PAM_SUCCESS")):
            script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'), good())
            script.beside = {"AssociateSoftwareToken": [{"SecretCode": secret, "Session": "s" * 40}]}
            with self.subTest(secret):
                if result is None:
                    self.lacking(script, replies.PASSWORD, CODE)
                else:
                    self.assertEqual(self.play(script, replies.PASSWORD, CODE).results, [result])

    def test_a_lambda_shows_sixteen_parameters(self):
        step = challenge("CUSTOM_CHALLENGE", **{f"p{i:02}": "x" for i in range(17)})
        outcome = self.play(Script(replies.Reply, verifier(), step, good()), replies.PASSWORD, "answer")
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertIn("p15: x", outcome.text)
        self.assertNotIn("p16: x", outcome.text)

    def test_the_longest_name(self):
        longest = "n" * 512
        step = verifier()
        step["ChallengeParameters"]["USER_ID_FOR_SRP"] = longest
        outcome = self.play(Script(replies.Reply, step, good()), replies.PASSWORD)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(self.asked[1].json()["ChallengeResponses"]["USERNAME"], longest)
        step["ChallengeParameters"]["USER_ID_FOR_SRP"] += "n"
        self.lacking(Script(replies.Reply, step, good()), replies.PASSWORD)

    def test_a_login_has_8_steps(self):
        for steps, result in ((8, "PAM_SUCCESS"), (9, "PAM_AUTH_ERR")):
            script = Script(replies.Reply, verifier(), *[challenge("CUSTOM_CHALLENGE")] * (steps - 1), good())
            outcome = self.play(script, replies.PASSWORD, *["answer"] * steps)
            self.assertEqual(outcome.results, [result], outcome.text)
        self.assertIn("too many challenges", outcome.text)

    def test_a_pool_that_asks_for_the_password_itself(self):
        for steps in ((challenge("PASSWORD"),), (challenge("PASSWORD_SRP"), verifier())):
            outcome = self.play(Script(replies.Reply, *steps, good()), replies.PASSWORD, service="choice-0-0")
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_a_password_that_was_typed_serves_every_step_that_asks_for_it(self):
        script = Script(replies.Reply, challenge("PASSWORD"), challenge("PASSWORD_SRP"), verifier(), good())
        outcome = self.play(script, replies.PASSWORD, service="choice-0-0")
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 1), outcome.text)

    def test_no_srp_begins_without_a_password(self):
        for answer, result in (("<null>", "PAM_AUTH_ERR"), ("", "PAM_AUTH_ERR"), ("  ", "PAM_AUTH_ERR"), ("<fail>", "PAM_CONV_ERR")):
            with self.subTest(answer):
                script = Script(replies.Reply, challenge("PASSWORD_SRP"), verifier(), good())
                outcome = self.play(script, answer, service="choice-0-0")
                self.assertEqual((outcome.results, len(outcome.hidden)), ([result], 1), outcome.text)
                self.assertEqual([a.operation for a in self.asked], ["InitiateAuth"], outcome.text)

    def test_nor_is_its_proof_asked_of_who_has_sent_the_password_itself(self):
        outcome = self.play(Script(replies.Reply, verifier(), good()), replies.PASSWORD, service="password-0-0")
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
        self.assertIn("a challenge that cannot be answered here: PASSWORD_VERIFIER", outcome.text)
        self.assertEqual([a.operation for a in self.asked], ["InitiateAuth"], outcome.text)

    def test_a_password_that_a_choice_asks_for_is_tidied_like_any_other(self):
        for service, typed in (("choice-0-0", f" {replies.PASSWORD} "), ("choice-0-1", replies.PASSWORD + CODE)):
            script = Script(replies.Reply, challenge("PASSWORD"), challenge("SOFTWARE_TOKEN_MFA"), good())
            outcome = self.play(script, typed, CODE, service=service)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
            self.assertEqual(self.asked[1].json()["ChallengeResponses"]["PASSWORD"], replies.PASSWORD)

    def test_the_password_of_a_choice_is_a_factor(self):
        self.strict("choice-0-0")
        script = Script(replies.Reply, challenge("PASSWORD"), challenge("SMS_MFA"), good())
        outcome = self.play(script, replies.PASSWORD, CODE, service="variant")
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_what_is_typed_where_enter_is_enough_does_not_matter(self):
        step = challenge("NEW_PASSWORD_REQUIRED", requiredAttributes='["userAttributes.email"]')
        outcome = self.play(Script(replies.Reply, verifier(), step, good()),
                            replies.PASSWORD, "yes", "bob@example.com", *["New-Pass-1!"] * 2)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(self.asked[2].json()["ChallengeResponses"]["userAttributes.email"], "bob@example.com")

    def test_only_what_an_attribute_may_be_the_cause_of_asks_for_one_again(self):
        for names, kind, asked in ((["email"], "AliasExistsException", 4), ([], "AliasExistsException", 3),
                                   (["email"], "ConcurrentModificationException", 3)):
            with self.subTest(kind, names=names):
                refused = {"__type": kind, "message": "It cannot be."}
                step = challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=json.dumps(names))
                script = Script(replies.Reply, verifier(), step, refused, good())
                script.bad = (refused,)
                self.play(script, replies.PASSWORD, "", *("a" for _ in names), *["New-Pass-1!"] * 2, "b")
                self.assertEqual(len([a for a in self.asked if a.operation != "jwks"]), asked)

    def test_what_no_qr_code_or_no_screen_has_room_for_is_told_in_words_alone(self):
        for name, is_drawn in (("Example", True), ("ü" * 60, True), ("ü" * 127, False)):
            with self.subTest(name):
                self.variant(lambda value, name=name: value.update(name=name))
                script = Script(replies.Reply, verifier(), challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]'), good())
                outcome = self.play(script, replies.PASSWORD, CODE, service="variant")
                self.assertEqual((outcome.results, "▀" in outcome.text), (["PAM_SUCCESS"], is_drawn), outcome.text)
                self.assertIn("JBSW Y3DP EHPK 3PXP", outcome.text)

    def test_a_choice_of_nothing_that_a_terminal_can_do(self):
        step = challenge("SELECT_MFA_TYPE", MFAS_CAN_CHOOSE='["WEB_AUTHN"]')
        outcome = self.play(Script(replies.Reply, verifier(), step, good()), replies.PASSWORD)
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
        self.assertIn("a challenge that cannot be answered here: SELECT_MFA_TYPE", outcome.text)

    def test_a_challenge_that_is_not_known_is_named(self):
        outcome = self.play(Script(replies.Reply, verifier(), challenge("NEW_ONE"), good()), replies.PASSWORD)
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
        self.assertIn("a challenge that cannot be answered here: NEW_ONE", outcome.text)


if __name__ == "__main__":
    harness.main()
