#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every challenge, answered rightly, wrongly, not at all and too late: what PAM and the
person get. The table in docs/testing.md is written by this file:

    tests/login/test_challenges.py --write
"""
import functools
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import answers as authenticator  # noqa: E402
from base import COGNITO, harness  # noqa: E402

DOCS = harness.ROOT / "docs/testing.md"
BEGIN, END = "<!-- challenges: begin -->\n", "<!-- challenges: end -->\n"
OLD, NEW = "Battery-Staple-8!", "Brand-New-Pass-7!"
HOST = harness.Host()
unittest.addModuleCleanup(HOST.close)


# ---- answers that are known only when they are asked -----------------------------------

def late(answer, seconds=600):
    """So much later."""
    def answer_late():
        COGNITO.clock(seconds)
        return answer() if callable(answer) else answer
    return answer_late


def sent():
    return COGNITO.code("bob")


def app():
    return COGNITO.totp("bob")


def new_app():
    return authenticator.code(HOST.dir / "prompt")


def totp(**fields):
    COGNITO.user("bob", totp="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", **fields)


def factor(*methods):
    COGNITO.user("bob", mfa=list(methods),
                 attributes={"email": "bob@example.com", "email_verified": True, "phone_number": "+15550009878"},
                 totp="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def choice(*factors):
    factor()
    COGNITO.pool(first_factors=list(factors), mfa="optional")
    return {"config": {"client_id": "localchoice"}, "login": {"password_method": "choice"}}


def fault(name):
    COGNITO.set_behaviour("RespondToAuthChallenge", name)


# ---- the rows: how to come there, and what to answer ------------------------------------

WRONG = "000000"


def rows():
    """(challenge, preparation returning config changes, {outcome: answers})"""
    yield ("PASSWORD_VERIFIER", lambda: None, {
        "right": (OLD,), "wrong, then right": ("Wrong-1!", OLD), "wrong until refused": ("Wrong-1!",) * 3,
        "cancelled": ("<null>",), "expired": ("<wait:1000>", OLD)})
    yield ("PASSWORD (choice)", lambda: choice("PASSWORD"), {
        "right": (OLD,), "wrong, then right": ("Wrong-1!", OLD), "wrong until refused": ("Wrong-1!",) * 3,
        "cancelled": ("<null>",), "expired": (late(OLD),)})
    yield ("SELECT_CHALLENGE", lambda: choice("PASSWORD", "EMAIL_OTP", "SMS_OTP"), {
        "right": ("1", OLD), "wrong, then right": ("x", "1", OLD), "wrong until refused": ("0", "4", "one"),
        "cancelled": ("",), "expired": (late("2"),)})
    yield ("EMAIL_OTP (first factor)", lambda: choice("EMAIL_OTP"), {
        "right": ("2", sent,), "wrong, then right": ("2", WRONG, sent), "wrong until refused": ("2",) + (WRONG,) * 3,
        "cancelled": ("2", ""), "expired": ("2", late(sent))})
    yield ("SMS_OTP", lambda: choice("SMS_OTP"), {
        "right": ("2", sent,), "wrong, then right": ("2", WRONG, sent), "wrong until refused": ("2",) + (WRONG,) * 3,
        "cancelled": ("2", ""), "expired": ("2", late(sent))})
    yield ("SOFTWARE_TOKEN_MFA", totp, {
        "right": (OLD, app), "wrong, then right": (OLD, "12x", app),
        "wrong until refused": (OLD, WRONG, WRONG, WRONG), "cancelled": (OLD, "<fail>"),
        "expired": (OLD, late(app))})
    for method in ("SMS_MFA", "EMAIL_OTP", "EMAIL_MFA"):
        yield (method + (" (second factor)" if method == "EMAIL_OTP" else ""), lambda m=method: factor(m), {
            "right": (OLD, sent), "wrong, then right": (OLD, WRONG, sent),
            "wrong until refused": (OLD, WRONG, WRONG, WRONG), "cancelled": (OLD, ""),
            "expired": (OLD, late(sent))})
    yield ("SELECT_MFA_TYPE", lambda: factor("SMS_MFA", "SOFTWARE_TOKEN_MFA"), {
        "right": (OLD, "1", app), "wrong, then right": (OLD, "7", "2", sent),
        "wrong until refused": (OLD, "7", "7", "7"), "cancelled": (OLD, ""), "expired": (OLD, late("2"))})
    yield ("NEW_PASSWORD_REQUIRED", lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), {
        "right": (OLD, "", NEW, NEW), "wrong, then right": (OLD, "", "short", "short", NEW, NEW),
        "wrong until refused": (OLD, "", NEW, "other", OLD, OLD, "short", "short", NEW, NEW),
        "cancelled": (OLD, "", ""), "expired": (OLD, "", NEW, late(NEW))})
    yield ("MFA_SETUP", lambda: COGNITO.pool(mfa="required") and None, {
        "right": (OLD, new_app), "wrong, then right": (OLD, lambda: new_app() and WRONG, new_app),
        "wrong until refused": (OLD, WRONG, WRONG, WRONG), "cancelled": (OLD, ""),
        "expired": (OLD, late(new_app))})
    yield ("CUSTOM_CHALLENGE", lambda: COGNITO.pool(custom_after_password=True) and None, {
        "right": (OLD, "please"), "wrong, then right": (OLD, "now", "please"),
        "wrong until refused": (OLD, "now", "now", "now"), "cancelled": (OLD, ""),
        "expired": (OLD, late("please"))})
    for name, behaviour in (("DEVICE_SRP_AUTH", "device-srp"), ("WEB_AUTHN", "web-authn"),
                            ("an unknown one", "unknown-challenge")):
        yield (name, lambda b=behaviour: fault(b), {
            outcome: (OLD,) for outcome in ("right", "wrong, then right", "wrong until refused", "cancelled",
                                            "expired")})
    yield ("password reset", lambda: COGNITO.user("bob", status="RESET_REQUIRED"), {
        "right": (OLD, "yes", sent, NEW, NEW), "wrong, then right": (OLD, "yes", "12x", sent, NEW, NEW),
        "wrong until refused": (OLD, "yes", "12x", "12x", "12x"), "cancelled": (OLD, "no"),
        "expired": (OLD, "yes", late(sent, 7200), NEW, NEW)})


OUTCOMES = ("right", "wrong, then right", "wrong until refused", "cancelled", "expired")
SUCCESSES = {"right", "wrong, then right"}
# Where a right answer is no login: one try is all there is, or the step is not for terminals.
NO_SUCCESS = {("PASSWORD_VERIFIER", "wrong, then right"), ("PASSWORD (choice)", "wrong, then right")}
NEVER = {"DEVICE_SRP_AUTH", "WEB_AUTHN", "an unknown one", "password reset"}
# Nothing has begun at Cognito before the first password is typed.
LATE_IS_FINE = {"PASSWORD_VERIFIER"}


def seen(outcome):
    """What the person read, as one cell: prompts and messages in their order."""
    parts = []
    for line in outcome.lines:
        kind, _, text = line.partition(" ")
        if kind == "auth":
            break
        if kind not in ("hidden", "shown", "error", "info"):
            continue
        text = text.replace("\\n", "\n")
        if "█" in text:
            text = "(QR code) " + re.sub(r"[ █▀▄\n]{40,}", "", text)
        text = re.sub(r"([A-Z2-7]{4} ){5,}[A-Z2-7]{1,4}", "KEY", text)
        text = " / ".join(part.strip() for part in text.split("\n") if part.strip())
        if parts and parts[-1][0] == text:
            parts[-1][1] += 1
        else:
            parts.append([text, 1])
    return "; ".join(text + (f" (x{n})" if n > 1 else "") for text, n in parts)


def play(prepare, answers):
    COGNITO.reset()
    HOST.service("login", f"config={configure(prepare)} qr=utf8 timeout=30")
    return HOST.drive("bob", ("auth", "acct"), answers)


def configure(prepare):
    """A preparation may return changes of the configuration; what Cognito says is none."""
    changes = prepare()
    known = {"config", "login", "rules", "colour", "endpoints"}
    return COGNITO.config(changes if isinstance(changes, dict) and known & set(changes) else None)


@functools.lru_cache(maxsize=None)
def played():
    """{challenge: {outcome: what the host said}}, of all rows."""
    return {name: {outcome: play(prepare, answers) for outcome, answers in cases.items()} for name, prepare, cases in rows()}


def table():
    lines = ["| challenge | " + " | ".join(OUTCOMES) + " |\n", "|---|" + "---|" * len(OUTCOMES) + "\n"]
    for name, outcomes in played().items():
        cells = [f"**{outcomes[one].results[0]}**: {seen(outcomes[one])}".replace("|", "\\|").replace("*******", r"\*\*\*\*\*\*\*")
                 for one in OUTCOMES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |\n")
    return "".join(lines)


class EveryChallenge(unittest.TestCase):
    def test_every_challenge_and_every_way_to_answer_it(self):
        for name, outcomes in played().items():
            self.assertEqual(set(outcomes), set(OUTCOMES), name)
            for outcome, result in outcomes.items():
                with self.subTest(challenge=name, outcome=outcome):
                    self.assertEqual(result.host, ["unchanged"], result.text)
                    good = outcome in SUCCESSES and name not in NEVER and (name, outcome) not in NO_SUCCESS
                    good = good or outcome == "expired" and name in LATE_IS_FINE
                    if good:
                        self.assertEqual(result.results, ["PAM_SUCCESS"] * 2, result.text)
                    else:
                        self.assertNotIn("PAM_SUCCESS", result.results, result.text)
                        self.assertNotIn(result.results[0], ("PAM_SERVICE_ERR", "PAM_SYSTEM_ERR"), result.text)
                        # Of a wrong password the host alone tells.
                        by_auth = result.text.split("\nauth ")[0]
                        self.assertNotEqual("\nerror " in by_auth, "wrong password" in by_auth, result.text)

    @unittest.skipIf(harness.SAN, "written once, by the plain build")
    def test_the_table_in_the_documentation_is_what_happens(self):
        text = DOCS.read_text(encoding="utf-8")
        self.assertIn(BEGIN, text)
        self.assertEqual(text.split(BEGIN)[1].split(END)[0], table(), "run tests/login/test_challenges.py --write")


class Rules(unittest.TestCase):
    """What holds across challenges."""

    def test_every_question_about_a_code_begins_with_words_that_clients_know(self):
        # Emacs TRAMP: "^.*Verification code.*:"; sshpass and others: "assword:"
        asked = {name: outcomes["right"] for name, outcomes in played().items()}
        for name in ("EMAIL_OTP (first factor)", "SMS_OTP", "SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP (second factor)",
                     "EMAIL_MFA", "MFA_SETUP", "password reset", "SELECT_MFA_TYPE"):
            with self.subTest(name):
                codes = [text.split("\\n")[-1] for text in asked[name].shown if "ode" in text.split("\\n")[-1]]
                codes = [text for text in codes if "yes/no" not in text]
                self.assertEqual(len(codes), 1, asked[name].text)
                self.assertRegex(codes[0], r"^Verification code (sent to|from) .*: $")
        for outcome in asked.values():
            for text in outcome.hidden:
                self.assertRegex(text, r"assword( again)?: $")

    def test_no_more_than_one_initiate_auth(self):
        for answers in (("Wrong-1!", OLD, OLD), (OLD,)):
            play(lambda: None, answers)
            self.assertEqual(len(COGNITO.requests("InitiateAuth")), 1)

    def test_a_temporary_password_is_not_changed_where_only_hidden_prompts_work(self):
        # sshd's password method: every hidden prompt gets the password, a shown one fails.
        outcome = play(lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), (OLD, "<fail>", OLD, OLD))
        self.assertEqual(outcome.results[0], "PAM_AUTH_ERR", outcome.text)
        self.assertEqual(len(outcome.hidden), 1)

    def test_a_code_is_never_asked_hidden(self):
        outcome = play(totp, (OLD, "<fail>"))
        self.assertEqual((outcome.results[0], len(outcome.hidden)), ("PAM_AUTH_ERR", 1), outcome.text)
        self.assertEqual(len(COGNITO.requests("RespondToAuthChallenge")), 1)

    def test_otp_append(self):
        def prepare():
            totp()
            return {"login": {"otp_append": True}}
        self.assertEqual(play(prepare, (lambda: OLD + app(),)).results[0], "PAM_SUCCESS")
        # A wrong one is asked for again; a password that ends without six digits is whole.
        outcome = play(prepare, (OLD + WRONG, app))
        self.assertEqual((outcome.results[0], len(outcome.shown)), ("PAM_SUCCESS", 1), outcome.text)
        self.assertEqual(play(prepare, (OLD, app)).results[0], "PAM_SUCCESS")

    def test_a_required_attribute_is_asked_by_name(self):
        def prepare():
            COGNITO.pool(required_attributes=["given_name"])
            COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD")
        outcome = play(prepare, (OLD, "", "Robert", NEW, NEW))
        self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)
        self.assertIn("Your given_name: ", outcome.shown)

    def required(self, *names, **pool):
        def prepare():
            COGNITO.pool(required_attributes=list(names), **pool)
            COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD", attributes={})
        return prepare

    def test_a_required_attribute_that_the_pool_refuses_is_asked_again_alone(self):
        rows = {("phone_number", "5550009878", "+15550009878"): "Invalid phone number format.",
                ("email", "bob", "bob@example.com"): "Invalid email address format.",
                ("custom:desk", "4711", "471"): "Attributes did not conform to the schema: custom:desk: String"}
        for (name, wrong, right), words in rows.items():
            with self.subTest(name):
                outcome = play(self.required("given_name", name, "family_name", attribute_most={"custom:desk": 3}),
                               (OLD, "", "Robert", wrong, "Roberts", NEW, NEW, right))
                self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)
                self.assertEqual(len([text for text in outcome.errors if words in text]), 1, outcome.text)
                self.assertEqual([outcome.shown.count(f"Your {one}: ") for one in ("given_name", name, "family_name")],
                                 [1, 2, 1])
                self.assertEqual(len(outcome.hidden), 3)

    def test_an_address_that_somebody_else_has_is_asked_again(self):
        outcome = play(self.required("email", alias_email=True),
                       (OLD, "", "alice@example.com", NEW, NEW, "bob@example.com"))
        self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)

    def test_three_times(self):
        outcome = play(self.required("phone_number"), (OLD, "", "1", NEW, NEW, "2", "3", "+15550009878"))
        self.assertEqual((outcome.results[0], outcome.shown.count("Your phone_number: ")), ("PAM_MAXTRIES", 3),
                         outcome.text)
        self.assertIn("Too many wrong answers", outcome.text)

    def test_a_password_and_an_attribute_may_both_be_refused(self):
        outcome = play(self.required("phone_number"),
                       (OLD, "", "1", "short", "short", "+15550009878", NEW, NEW))
        self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)
        self.assertEqual([len(outcome.hidden), outcome.shown.count("Your phone_number: ")], [5, 2])

    def test_what_is_refused_as_a_password_asks_for_no_attribute(self):
        outcome = play(self.required("phone_number"), (OLD, "", "+15550009878", "x" * 257, "x" * 257, NEW, NEW))
        self.assertEqual((outcome.results[0], outcome.shown.count("Your phone_number: ")), ("PAM_SUCCESS", 1),
                         outcome.text)

    def test_cancelling_an_attribute_the_second_time(self):
        outcome = play(self.required("phone_number"), (OLD, "", "1", NEW, NEW, ""))
        self.assertEqual(outcome.results[0], "PAM_AUTH_ERR", outcome.text)
        self.assertIn('reason="cancelled', outcome.text)

    def test_spaces_around_a_new_password_are_none_of_it(self):
        play(lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), (OLD, "", NEW + " ", " " + NEW))
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results[0], "PAM_SUCCESS")
        outcome = play(lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), (OLD, "", OLD + " ", OLD, NEW, NEW))
        self.assertIn("must differ", outcome.text)
        outcome = play(lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), (OLD, "", "  ", "  "))
        self.assertEqual(outcome.results[0], "PAM_AUTH_ERR", outcome.text)

    def test_after_a_new_password_the_old_one_is_dead(self):
        play(lambda: COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD"), (OLD, "", NEW, NEW))
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results[0], "PAM_SUCCESS")
        self.assertEqual(HOST.drive("bob", ("auth",), (OLD,)).results[0], "PAM_AUTH_ERR")

    def test_temporary_password_then_mfa_setup_in_one_sign_in(self):
        def prepare():
            COGNITO.pool(mfa="required")
            COGNITO.user("bob", status="FORCE_CHANGE_PASSWORD")
        outcome = play(prepare, (OLD, "", NEW, NEW, new_app))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)

    def test_the_key_of_a_new_app_is_shown_in_fours(self):
        outcome = play(lambda: COGNITO.pool(mfa="required") and None, (OLD, ""))
        self.assertRegex(outcome.text, r"key:\\n  ([A-Z2-7]{4} )+[A-Z2-7]{1,4}\\n")

    def test_a_stranger_s_faked_challenge_leads_nowhere(self):
        def prepare():
            return choice("EMAIL_OTP")
        COGNITO.reset()
        config = COGNITO.config(prepare())
        HOST.service("login", f"config={config} timeout=30")
        outcome = HOST.drive("mallory", ("auth",), ("2", "12345678", "12345678", "12345678"))
        self.assertNotEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)

    def test_the_lambda_s_words_are_printable(self):
        outcome = play(lambda: COGNITO.pool(custom_after_password=True, custom_challenge={
            "question": "\x1b[2Jpress \u202e1", "answer": "x"}) and None, (OLD, "x"))
        self.assertIn("question: ?[2Jpress ?1", outcome.text)

    def test_qr_codes_are_drawn_as_the_line_says(self):
        for option, tty, drawn in (("utf8", None, "█"), ("ascii", None, "####"), ("off", None, None),
                                   ("auto", "ssh", "█"), ("auto", None, None)):
            with self.subTest(option=option, tty=tty):
                COGNITO.reset()
                COGNITO.pool(mfa="required")
                HOST.service("login", f"config={COGNITO.config()} timeout=30 qr={option}")
                settings = {"tty": tty} if tty else {}
                outcome = HOST.drive("bob", ("auth",), (OLD, new_app), **settings)
                self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)
                for mark in ("█", "####"):
                    self.assertEqual(mark in outcome.text, mark == drawn)


USED = "That code was used already. Please wait for the next one."
SENT_USED = "That code was used already. Please enter the newest one that was sent to you."
SENT_OVER = "That code has expired or was used already. Please start again to get a new one."


class CodesThatArePast(unittest.TestCase):
    """An app shows another code in a moment; of a code that was sent there is no next one."""

    def test_a_used_one_is_told_by_its_kind(self):
        for prepare, answers, told in ((totp, (OLD, app, app), USED), (lambda: factor("SMS_MFA"), (OLD, sent, sent), SENT_USED),
                                       (lambda: factor("EMAIL_OTP"), (OLD, sent, sent), SENT_USED),
                                       (lambda: choice("PASSWORD", "EMAIL_OTP"), ("2", sent, sent), SENT_USED)):
            with self.subTest(told=told, answers=len(answers)):
                def used(prepare=prepare):
                    changes = prepare()
                    COGNITO.set_behaviour("RespondToAuthChallenge", "code-used", after=1, times=1)
                    return changes
                outcome = play(used, answers)
                self.assertEqual((outcome.results, outcome.errors), (["PAM_SUCCESS"] * 2, [told]), outcome.text)

    def reset(self, *answers, **behaviour):
        def prepare():
            COGNITO.user("bob", status="RESET_REQUIRED")
            if behaviour:
                COGNITO.set_behaviour("ConfirmForgotPassword", behaviour.pop("behaviour"), **behaviour)
        COGNITO.reset()
        prepare()
        HOST.service("login", f"config={configure(lambda: None)} timeout=30")
        return HOST.drive("bob", ("auth",), (OLD, "yes", *answers))

    def test_a_reset_goes_on_with_the_newest_one(self):
        outcome = self.reset(sent, NEW, NEW, sent, NEW, NEW, behaviour="code-used", times=1)
        self.assertEqual((outcome.results[0], outcome.errors),
                         ("PAM_CRED_EXPIRED", [SENT_USED, "Your new password is set. Please sign in with it."]), outcome.text)
        outcome = self.reset(*(sent, NEW, NEW) * 4, behaviour="code-used")
        self.assertEqual((outcome.results[0], outcome.errors),
                         ("PAM_MAXTRIES", [SENT_USED] * 3 + ["Too many wrong answers. Please start again."]), outcome.text)

    def test_a_wrong_one_is_wrong(self):
        outcome = self.reset("000000", NEW, NEW, sent, NEW, NEW)
        self.assertEqual((outcome.results[0], outcome.errors[0]), ("PAM_CRED_EXPIRED", "That code is wrong."), outcome.text)
        self.assertIn("Your new password is set.", outcome.text)
        outcome = self.reset(*("000000", NEW, NEW) * 4)
        self.assertEqual((outcome.results[0], outcome.errors[:2]), ("PAM_MAXTRIES", ["That code is wrong."] * 2), outcome.text)

    def test_an_expired_one_is_no_session_that_took_too_long(self):
        for answers in ((late(sent, 7200), NEW, NEW), (sent, late(NEW, 7200), NEW)):
            outcome = self.reset(*answers)
            self.assertEqual((outcome.results[0], outcome.errors), ("PAM_AUTH_ERR", [SENT_OVER]), outcome.text)
            self.assertIn('reason="the code that was sent is not valid any more', outcome.text)

    def test_passwd_says_the_same(self):
        COGNITO.reset()
        COGNITO.user("bob", status="RESET_REQUIRED")
        COGNITO.set_behaviour("ConfirmForgotPassword", "code-expired")
        HOST.service("login", f"config={configure(lambda: None)} timeout=30")
        outcome = HOST.drive("bob", ("chauthtok",), (OLD, "yes", sent, NEW, NEW), ruid="1002")
        self.assertEqual((outcome.results, outcome.errors), (["PAM_AUTH_ERR"], [SENT_OVER]), outcome.text)


class Passwd(unittest.TestCase):
    def change(self, *answers, prepare=lambda: None, options="", before=""):
        COGNITO.reset()
        HOST.service("login", f"config={configure(prepare)} timeout=30 {options}", before=before)
        return HOST.drive("bob", ("chauthtok",), answers, ruid="1002")

    def test_the_pool_s_password_is_changed(self):
        outcome = self.change(OLD, NEW, NEW)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(outcome.hidden, ["Current password: ", "New password: ", "New password again: "])
        self.assertEqual(HOST.drive("bob", ("auth",), (OLD,)).results, ["PAM_AUTH_ERR"])
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results, ["PAM_SUCCESS"])

    def test_rules_are_not_asked(self):
        outcome = self.change(OLD, NEW, NEW, prepare=lambda: {"rules": None})
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_a_wrong_current_password(self):
        self.assertEqual(self.change("Wrong-1!").results, ["PAM_AUTH_ERR"])

    def test_the_second_factor_is_asked(self):
        outcome = self.change(OLD, app, NEW, NEW, prepare=totp)
        self.assertEqual((outcome.results, len(outcome.shown)), (["PAM_SUCCESS"], 1), outcome.text)

    def test_what_the_pool_refuses_is_told_and_asked_again(self):
        outcome = self.change(OLD, "short", "short", NEW, NEW)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertIn("The new password was refused: Password did not conform with policy", outcome.text)
        self.assertEqual(self.change(OLD, *["short"] * 6).results, ["PAM_AUTHTOK_ERR"])

    def test_what_the_api_refuses_by_its_form_is_told_and_asked_again(self):
        outcome = self.change(OLD, *["ends with a space "] * 6,
                              prepare=lambda: COGNITO.set_behaviour("ChangePassword", "invalid-parameter"))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_AUTHTOK_ERR"], 7), outcome.text)
        self.assertIn("The new password was refused: 1 validation error", outcome.text)

    def test_a_temporary_password_is_replaced_once(self):
        outcome = self.change(OLD, "", NEW, NEW, prepare=lambda: COGNITO.user(
            "bob", status="FORCE_CHANGE_PASSWORD") and None)
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 3), outcome.text)
        self.assertEqual(COGNITO.requests("ChangePassword"), [])
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results, ["PAM_SUCCESS"])

    def test_who_signed_in_by_a_code_must_know_the_password_all_the_same(self):
        outcome = self.change("2", sent, OLD, NEW, NEW, prepare=lambda: choice("PASSWORD", "EMAIL_OTP"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(outcome.hidden, ["Current password: ", "New password: ", "New password again: "])
        outcome = self.change("2", sent, "Wrong-1!", NEW, NEW, prepare=lambda: choice("PASSWORD", "EMAIL_OTP"))
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)

    def test_an_empty_current_password_is_none(self):
        for typed in ("", "  "):
            outcome = self.change("2", sent, typed, NEW, NEW, prepare=lambda: choice("PASSWORD", "EMAIL_OTP"))
            self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_AUTH_ERR"], 1), outcome.text)
            self.assertIn("empty password", outcome.text)

    def test_nor_is_a_new_one_of_spaces(self):
        outcome = self.change(OLD, "  ", "  ", NEW, NEW)
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_AUTH_ERR"], 3), outcome.text)
        self.assertEqual(COGNITO.requests("ChangePassword"), [])

    def test_the_choice_asks_for_the_current_password_by_its_name(self):
        outcome = self.change("1", OLD, NEW, NEW, prepare=lambda: choice("PASSWORD", "EMAIL_OTP"))
        self.assertEqual((outcome.results, outcome.hidden[0]), (["PAM_SUCCESS"], "Current password: "), outcome.text)

    def test_history(self):
        outcome = self.change(OLD, "Earlier-Pass-1!", "Earlier-Pass-1!", NEW, NEW, prepare=lambda: (
            COGNITO.pool(password_history=5), COGNITO.user("bob", password="Earlier-Pass-1!"),
            COGNITO.user("bob", password=OLD)) and None)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertIn("refused", outcome.text)

    def test_the_old_one_again_is_refused_by_us(self):
        outcome = self.change(OLD, OLD, OLD, OLD, OLD, OLD, OLD)
        self.assertEqual(outcome.results, ["PAM_AUTHTOK_ERR"], outcome.text)
        self.assertEqual(COGNITO.requests("ChangePassword"), [])

    def test_an_answer_to_a_question_or_a_menu_may_have_spaces_and_capitals(self):
        for yes in ("Yes", " y ", "YES "):
            outcome = self.change(OLD, yes, sent, NEW, NEW, prepare=lambda: COGNITO.user("bob", status="RESET_REQUIRED") and None)
            self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        outcome = self.change(" 1 ", OLD, NEW, NEW, prepare=lambda: choice("PASSWORD", "EMAIL_OTP"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_a_forgotten_one_is_reset_by_a_code(self):
        outcome = self.change(OLD, "yes", sent, NEW, NEW,
                              prepare=lambda: COGNITO.user("bob", status="RESET_REQUIRED") and None)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results, ["PAM_SUCCESS"])

    def test_without_an_address_nothing_is_reset(self):
        outcome = self.change(OLD, "yes", prepare=lambda: COGNITO.user(
            "bob", status="RESET_REQUIRED", attributes={"email": "bob@example.com", "email_verified": False}) and None)
        self.assertEqual(outcome.results, ["PAM_CRED_EXPIRED"], outcome.text)
        self.assertIn("Cognito has no address to send a code to", outcome.text)

    def test_without_an_api_of_cognito_s_nothing_is_changed(self):
        outcome = self.change(prepare=lambda: {
            "config": {"client_id": "localbroker"}, "login": {"flows": ["browser"]},
            "endpoints": {"provider": "oidc", "redirect_uri": "http://localhost:8400/callback"}})
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_AUTHTOK_ERR"], []), outcome.text)

    def test_ropc_changes_nothing(self):
        outcome = self.change(prepare=lambda: {"config": {"client_id": "localbroker"},
                                               "login": {"password_method": "ropc"}})
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_AUTHTOK_ERR"], []), outcome.text)

    def test_a_broken_configuration_is_found_before_anything_is_asked(self):
        outcome = self.change(OLD, prepare=lambda: {"colour": 1})
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_SERVICE_ERR"], []), outcome.text)

    def test_use_authtok_takes_what_an_earlier_module_set(self):
        earlier = f"password required {harness.TEST / 'earlier.so'} {NEW}\n"
        outcome = self.change(OLD, options="use_authtok", before=earlier)
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_SUCCESS"], ["Current password: "]), outcome.text)
        self.assertEqual(HOST.drive("bob", ("auth",), (NEW,)).results, ["PAM_SUCCESS"])

    def test_what_an_earlier_module_set_is_not_changed(self):
        earlier = f"password required {harness.TEST / 'earlier.so'} [ {NEW}]\n"
        outcome = self.change(OLD, options="use_authtok", before=earlier)
        self.assertEqual(outcome.results, ["PAM_AUTHTOK_ERR"], outcome.text)
        self.assertEqual(HOST.drive("bob", ("auth",), (OLD,)).results, ["PAM_SUCCESS"])

    def test_use_authtok_asks_the_pool_once(self):
        earlier = f"password required {harness.TEST / 'earlier.so'} short\n"
        outcome = self.change(OLD, options="use_authtok", before=earlier)
        self.assertEqual(outcome.results, ["PAM_AUTHTOK_ERR"], outcome.text)
        self.assertEqual(len(COGNITO.requests("ChangePassword")), 1)

    def test_use_authtok_without_an_earlier_password(self):
        outcome = self.change(OLD, options="use_authtok")
        self.assertEqual(outcome.results, ["PAM_AUTHTOK_ERR"], outcome.text)
        self.assertIn("no new password from an earlier module", outcome.text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
        DOCS.write_text(before + BEGIN + table() + END + rest.split(END)[1], encoding="utf-8")
        unittest.doModuleCleanups()
    else:
        harness.main()
