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

    bad = None  # the value that comes with status 400

    def reply(self, operation):
        beside = {"jwks": WORKER.mint.jwks(),
                  "AssociateSoftwareToken": {"SecretCode": "JBSWY3DPEHPK3PXP" * 3, "Session": "s" * 40},
                  "VerifySoftwareToken": {"Status": "SUCCESS", "Session": "s" * 40}}
        value = beside.get(operation) or self.values.pop(0)
        return self.kind(operation, json.dumps(value).encode(), 400 if value is self.bad else 200,
                         content_type="application/json" if operation == "jwks" else replies.JSON_TYPE)


def challenge(name, **parameters):
    return {"ChallengeName": name, "Session": "s" * 40, "ChallengeParameters": parameters}


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

    def strict(self):
        config = pathlib.Path(WORKER.configs["srp-0-0"])
        value = json.loads(config.read_text(encoding="utf-8"))
        value["rules"][0]["require_mfa"] = True
        strict = config.with_name("strict.json")
        strict.write_text(json.dumps(value), encoding="utf-8")
        strict.chmod(0o600)
        WORKER.configs["strict"] = str(strict)
        WORKER.host.service("strict", f"config={strict} timeout=5")

    def test_a_factor_that_was_chosen_in_this_login_proves_nothing_in_it(self):
        self.strict()
        setup = challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')
        code = challenge("SOFTWARE_TOKEN_MFA")
        for steps, result in (((code,), "PAM_SUCCESS"), ((setup,), "PAM_PERM_DENIED"),
                              ((setup, code), "PAM_PERM_DENIED"), ((code, setup), "PAM_SUCCESS"),
                              ((setup, challenge("SMS_MFA")), "PAM_SUCCESS")):
            with self.subTest([step["ChallengeName"] for step in steps]):
                outcome = self.play(Script(replies.Reply, verifier(), *steps, good()),
                                    replies.PASSWORD, CODE, CODE, service="strict")
                self.assertEqual(outcome.results, [result], outcome.text)

    def test_a_pool_that_calls_every_code_used_is_asked_four_times(self):
        used = {"__type": "ExpiredCodeException", "message": "Your software token has already been used once."}
        script = Script(replies.Reply, verifier(), challenge("SOFTWARE_TOKEN_MFA"), *[used] * 4, good())
        script.bad = used
        outcome = self.play(script, replies.PASSWORD, *[CODE] * 6)
        self.assertEqual((outcome.results, len(outcome.shown)), (["PAM_MAXTRIES"], 4), outcome.text)

    def test_a_pool_that_refuses_every_attribute_is_asked_three_times(self):
        names = json.dumps(["userAttributes." + name for name in ("phone_number", "email", "", "x" * 100)])
        refused = {"__type": "InvalidParameterException", "message": "Invalid phone number format."}
        script = Script(replies.Reply, verifier(), challenge("NEW_PASSWORD_REQUIRED", requiredAttributes=names),
                        *[refused] * 3, good())
        script.bad = refused
        outcome = self.play(script, replies.PASSWORD, "", *"abcd", "New-Pass-1!", "New-Pass-1!", *"abcdefghi")
        self.assertEqual(outcome.results, ["PAM_MAXTRIES"], outcome.text)
        self.assertEqual(len(self.asked), 5, outcome.text)


if __name__ == "__main__":
    harness.main()
