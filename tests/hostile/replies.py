# SPDX-License-Identifier: MIT
"""What a server that means ill may say: tables, and the dice that choose from them.

A Plan is one run: which reply follows which request, and what the person types, mostly
fitting what will be asked, so that sequences grow long before something breaks."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
import behaviour  # noqa: E402
import srp  # noqa: E402
from tokens import base64url  # noqa: E402

USER, OTHER = "bob", "alice"
SUBS = {USER: "6a2f41ab-0000-4000-8000-00000000b0b0", OTHER: "6a2f41ab-0000-4000-8000-0000000a11ce"}
CLIENT = "hostileclient"
GROUP = "linux-users"
POOL = "eu-west-1_Local0001"
JSON_TYPE = "application/x-amz-json-1.1"
PASSWORD = "Battery-Staple-8!"
NEW = "Brand-New-Pass-7!"

# Nothing of this may reach a terminal as it is.
ESCAPES = ("\x1b[2J\x1b[1;1H", "\x1b]0;owned\x07", "\u202egnp.exe", "\u009b31m", "\x00", "\x7f", "\r\n\r\n",
           "\u2028", "\ufeff", "%s%n%x", "\x0e\x0f", "\x1bP+q544e\x1b\\")
RUBBISH = ("", "[", "{}", "[1,2,3]", "null", "[\"" + "x" * 3000 + "\"]", "[[[[[[[[[[[[[[", "\"SOFTWARE_TOKEN_MFA\"",
           "[\"SOFTWARE_TOKEN_MFA\",]", "[null]", "{\"a\":1,\"a\":2}", "[\"userAttributes.\\u001b[2J\"]",
           "\ud83d\ude00",
           "[" + ",".join("\"userAttributes.a%d\"" % i for i in range(40)) + "]", "[\"\\u0000\"]", "[\"\"]")


class Reply:
    """Bytes and how they go out. kind tells the run's checks what was said."""

    def __init__(self, kind, body=b"", status=200, content_type=JSON_TYPE, headers=(), way="whole", challenge=None,
                 session=None, tokens=None, raw=None):
        self.kind = kind
        self.body = body
        self.status = status
        self.content_type = content_type
        self.headers = headers
        self.way = way
        self.challenge = challenge
        self.session = session
        self.tokens = tokens
        self.raw = raw

    def head(self, length):
        lines = [f"HTTP/1.1 {self.status} Reason", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append("Transfer-Encoding: chunked" if self.way == "chunked" else f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")

    def send(self, tls):
        if self.raw is not None:
            tls.sendall(self.raw)
            return False
        if self.way == "close":
            return False
        if self.way == "silence":
            tls.recv(1)
            return False
        if self.way == "drip":
            for byte in self.head(len(self.body)) + self.body:
                tls.sendall(bytes([byte]))
                time.sleep(0.02)
            return False
        if self.way == "chunked":
            tls.sendall(self.head(0) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(self.body), self.body))
            return True
        if self.way == "truncated":
            tls.sendall(self.head(len(self.body) + 64) + self.body)
            return False
        tls.sendall(self.head(len(self.body)) + self.body)
        return True


def api(kind, value, **facts):
    return Reply(kind, json.dumps(value).encode(), **facts)


# ---- tokens ---------------------------------------------------------------------------------

class Mint:
    """The pool's keys, and tokens that are good or nearly."""

    # Alterations that do not make a token bad for this client, person and group.
    HARMLESS = {"other-sub", "groups-string", "old-auth-time"}

    def __init__(self, keys, issuer):
        self.keys = keys.current
        self.issuer = issuer
        now = int(time.time())
        self.access = {name: self.keys["access"].sign(
            self.keys["access"].header(), {"sub": SUBS[name], "iss": issuer, "client_id": CLIENT, "token_use": "access",
                                           "username": name, "exp": now + 7200, "iat": now,
                                           "scope": "aws.cognito.signin.user.admin"}) for name in (USER, OTHER)}

    def jwks(self):
        return {"keys": [key.jwk() for key in self.keys.values()]}

    def claims(self, name):
        now = int(time.time())
        return {"sub": SUBS[name], "iss": self.issuer, "aud": CLIENT, "token_use": "id", "cognito:username": name,
                "auth_time": now, "exp": now + 3600, "iat": now, "cognito:groups": [GROUP],
                "email": name + "@example.com", "email_verified": True}

    def id_token(self, dice):
        """(what is wrong with it, the token)"""
        key = self.keys["id"]
        flaw = dice.choices(("good", "twist", "person", "groups", "access", "text"), (50, 30, 8, 4, 4, 4))[0]
        claims = self.claims(OTHER if flaw == "person" else USER)
        if flaw == "groups":
            claims["cognito:groups"] = dice.choice(([], ["others"], None, [1], {"a": GROUP}))
        if flaw == "access":
            return flaw, self.access[USER]
        if flaw == "text":
            return flaw, dice.choice(("", "a.b.c", "..", "x" * 70000, 5, None, ["a"], "a.b", "\u001b[2J"))
        if flaw == "twist":
            name = dice.choice(sorted(behaviour.TWISTS))
            return name, behaviour.TWISTS[name]("id", key.header(), claims, key)
        return flaw, key.sign(key.header(), claims)


# ---- challenges -----------------------------------------------------------------------------

NAMES = ("PASSWORD_VERIFIER", "PASSWORD", "PASSWORD_SRP", "SOFTWARE_TOKEN_MFA", "SMS_MFA", "SMS_OTP", "EMAIL_OTP",
         "EMAIL_MFA", "SELECT_MFA_TYPE", "SELECT_CHALLENGE", "NEW_PASSWORD_REQUIRED", "MFA_SETUP", "CUSTOM_CHALLENGE")
STRANGE_NAMES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "WEB_AUTHN", "ADMIN_NO_SRP_AUTH", "SOMETHING_NEW", "",
                 "password", "SMS_MFA ", "\x1b[2JSMS_MFA", "SMS_MFA\x00", "X" * 5000, None, 7, ["SMS_MFA"], {"a": 1},
                 True)
CODES = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "SMS_OTP", "EMAIL_OTP", "EMAIL_MFA")
ODD_NUMBERS = ("0", "00", "", "-1", "g", "0x10", "f" * 5000, f"{srp.N:x}", f"{srp.N * 2:x}", f"{srp.N + 1:x}", " 1",
               "1", 7, None, ["1"])


def good_session(dice):
    return "AYABe" + base64url(dice.randbytes(1150))


def session(dice):
    if dice.random() < 0.95:
        return good_session(dice)
    return dice.choice((None, "", "x", 5, "s" * 2048, "s" * 4096, "s" * 4097, "s" * 60000, "\x1b[2J", ["a"],
                        "\u00e9" * 100, "..missing.."))


def srp_parameters(dice):
    values = {"USER_ID_FOR_SRP": USER, "SALT": dice.randbytes(16).hex(), "SRP_B": f"{dice.randrange(2, srp.N):x}",
              "SECRET_BLOCK": base64url(dice.randbytes(960)).replace("-", "+").replace("_", "/")}
    if dice.random() < 0.06:
        name = dice.choice(sorted(values))
        values[name] = dice.choice(ODD_NUMBERS)
    return values


def offers(dice, names):
    return dice.sample(names, dice.randint(1, len(names)))


def parameters(dice, name):
    """What belongs to a challenge, sometimes spoilt."""
    values = {"USER_ID_FOR_SRP": USER, "USERNAME": USER}
    if name in ("PASSWORD_VERIFIER", "PASSWORD_SRP"):
        values = srp_parameters(dice)
    elif name in CODES:
        values.update(CODE_DELIVERY_DESTINATION="b***@e***", CODE_DELIVERY_DELIVERY_MEDIUM="EMAIL")
    elif name == "SELECT_MFA_TYPE":
        values[dice.choice(("MFAS_CAN_CHOOSE", "MFAS_CAN_SELECT"))] = json.dumps(
            offers(dice, ["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP", "EMAIL_MFA", "FAX"]))
    elif name == "NEW_PASSWORD_REQUIRED":
        values.update(userAttributes="{}", requiredAttributes=dice.choice(
            ("[]", "[]", "[]", '["userAttributes.given_name"]', '["userAttributes.a","userAttributes.b"]',
             '["userAttributes.phone_number","userAttributes.email"]')))
    elif name == "MFA_SETUP":
        values["MFAS_CAN_SETUP"] = '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'
    elif name == "CUSTOM_CHALLENGE":
        values["question"] = "What is the magic word?"
    if dice.random() < 0.08:
        member = dice.choice(sorted(values) + ["question", "\x1b[31mx", "\u202e"])
        values[member] = dice.choice((dice.choice(ESCAPES) * dice.randint(1, 60), dice.choice(RUBBISH), None, 7, ["x"],
                                      {"x": "y"}, OTHER, "root", "x" * 300, "x" * 30000, USER + "\x00"))
    if dice.random() < 0.03 and values:
        del values[dice.choice(sorted(values))]
    return values if dice.random() > 0.015 else dice.choice((None, "x", [], 7, json.dumps(values)))


def challenge(dice, name, mint):
    """A challenge, now and then with tokens beside it: they count for nothing."""
    value = {"ChallengeName": name, "ChallengeParameters": parameters(dice, name)}
    opaque = session(dice)
    if opaque != "..missing..":
        value["Session"] = opaque
    if name == "SELECT_CHALLENGE":
        value["AvailableChallenges"] = offers(dice, ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"])
        if dice.random() < 0.05:
            value["AvailableChallenges"] = dice.choice((None, "PASSWORD", [1, None], [], ["PASSWORD"] * 500,
                                                         {"a": "PASSWORD"}))
    if dice.random() < 0.03:
        value["AuthenticationResult"] = {"IdToken": mint.keys["id"].sign(mint.keys["id"].header(), mint.claims(USER)),
                                         "AccessToken": mint.access[USER]}
    facts = {"challenge": name, "session": opaque}
    if dice.random() < 0.02:
        # Twice the same member: one reader takes the first, another the last.
        text = json.dumps(value)
        return Reply("challenge", ('{"ChallengeName":"SMS_MFA",' + text[1:]).encode(), **facts)
    return api("challenge", value, **facts)


# ---- errors and faults ----------------------------------------------------------------------

TYPES = ("NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException",
         "PasswordResetRequiredException", "InvalidPasswordException", "PasswordHistoryPolicyViolationException",
         "CodeMismatchException", "EnableSoftwareTokenMFAException", "ExpiredCodeException",
         "InvalidParameterException", "ResourceNotFoundException", "TooManyRequestsException", "ThrottlingException", "LimitExceededException",
         "TooManyFailedAttemptsException", "InvalidUserPoolConfigurationException", "MFAMethodNotFoundException",
         "SoftwareTokenMFANotFoundException", "UnsupportedOperationException", "ForbiddenException",
         "UnexpectedLambdaException", "UserLambdaValidationException", "CodeDeliveryFailureException",
         "InternalErrorException", "AliasExistsException", "SomethingNewException", "", "\x1b[2JException", "X" * 4000)
MESSAGES = ("Incorrect username or password.", "Password attempts exceeded", "User is disabled.",
            "Temporary password has expired and must be reset by an administrator.", "Invalid session for the user.",
            "Unable to verify secret hash for client x", "Password did not conform with policy: not long enough",
            "Your software token has already been used once.", "Invalid phone number format.",
            "", "\x1b]0;owned\x07\x1b[2Jhello", "m" * 20000, "\u202e\u0000", "%n%n%s")


# Beyond what libcurl holds in memory.
LONG_HEADER = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200000


def error(dice, kind=None):
    kind = dice.choice(TYPES) if kind is None else kind
    message = dice.choice(MESSAGES)
    prefix = dice.choice(("", "", "com.amazon.coral.service#"))
    body = {dice.choice(("__type", "code")): prefix + kind, dice.choice(("message", "Message")): message}
    headers = []
    if dice.random() < 0.5 and kind.isascii() and kind.isprintable() and kind:
        headers = [("x-amzn-ErrorType", kind + dice.choice(("", ":", ":http://internal.amazon.com/")))]
    status = dice.choices((400, 200, 401, 403, 404, 429, 500), (85, 3, 3, 3, 2, 2, 2))[0]
    return api("error", body, status=status, headers=headers)


def fault(dice, good):
    """HTTP gone wrong, around what would have been a good answer."""
    body = good.body
    which = dice.randrange(21)
    if which < 7:
        return Reply("fault", b"<html></html>", content_type="text/html",
                     status=(302, 403, 404, 500, 502, 503, 429)[which], headers=(("Location", "https://localhost/"),))
    return (
        lambda: Reply("fault", body, content_type="text/html"),
        lambda: Reply("fault", b""),
        lambda: Reply("fault", body, way="truncated"),
        lambda: Reply("fault", body, way="close"),
        lambda: Reply("fault", raw=dice.randbytes(400)),
        lambda: Reply("fault", raw=LONG_HEADER),
        lambda: Reply("fault", raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 4000),
        lambda: Reply("fault", body + b" " * (1 << 20)),
        lambda: Reply("fault", body[:-1] + b',"x":' + b"[" * 2000 + b"]" * 2000 + b"}"),
        lambda: Reply("fault", body[:-1] + b',"x":"\xff\xfe"}'),
        lambda: Reply("fault", body + b"{}"),
        lambda: Reply("fault", body[:-1] + b",}"),
        lambda: Reply("fault", b"[" + body + b"]"),
        lambda: Reply("fault", dice.randbytes(300)),
    )[which - 7]()


def waiting(dice, good):
    """A server that lets the client wait: its own patience decides."""
    return Reply("fault", good.body, way=dice.choice(("silence", "drip")))


def tokens(dice, mint):
    flaw, token = mint.id_token(dice)
    result = {"IdToken": token, "AccessToken": mint.access[OTHER if flaw == "person" else USER], "TokenType": "Bearer",
              "ExpiresIn": 3600}
    if dice.random() < 0.08:
        del result[dice.choice(("IdToken", "AccessToken"))]
        flaw = "missing"
    value = {"AuthenticationResult": result, "ChallengeParameters": {}}
    if dice.random() < 0.04:
        value["ChallengeName"] = None
        flaw = "name null"
    way = dice.choices(("whole", "chunked"), (9, 1))[0]
    return api("tokens", value, tokens=(flaw, token), way=way)


# ---- one run --------------------------------------------------------------------------------

class Plan:
    """The replies of one run, in the order of the sign-in, and the person's answers."""

    def __init__(self, dice, mint, method, otp_append):
        self.dice, self.mint, self.method = dice, mint, method
        self.answers = []
        if method != "choice":
            self.type(PASSWORD + ("123456" if otp_append and dice.random() < 0.5 else ""))
        self.steps = self.sequence()
        self.at = 0
        self.spoilt_keys = dice.random() < 0.3
        # Each answer just in time, all of them together too late.
        self.delay = 0.8 if dice.random() < 0.004 else 0

    def type(self, *answers):
        for answer in answers:
            if self.dice.random() < 0.025:
                answer = self.dice.choice(("", "<null>", "<fail>", "x" * 400, "y" * 3000, "\x1b[A", "\u00e4" * 300,
                                           "0", "99999999999", "\b\n\r\x7fINCORRECT", "<wait:30>", "123 456", "\udcff\udcfe"))
            self.answers.append(answer)

    def sequence(self):
        """Up to eleven challenges, then tokens or something worse. How a run begins fits the
        method more often than not; a length beyond eight must be refused."""
        dice = self.dice
        length = dice.choices(range(12), (6, 14, 14, 12, 10, 9, 8, 6, 6, 6, 6, 3))[0]
        names = [dice.choice(NAMES) for _ in range(length)]
        if dice.random() < 0.85:
            names[:1] = {"srp": ["PASSWORD_VERIFIER"],
                         "choice": [dice.choice(("SELECT_CHALLENGE", "EMAIL_OTP", "PASSWORD"))],
                         "password": names[:1]}[self.method]
        steps = []
        for name in names:
            good = challenge(dice, name, self.mint)
            roll = dice.random()
            if roll < 0.02:
                steps.append(challenge(dice, dice.choice(STRANGE_NAMES), self.mint))
            elif roll < 0.04:
                steps.append(fault(dice, good))
            elif roll < 0.042:
                steps.append(waiting(dice, good))
            elif roll < 0.06:
                steps.append(error(dice))
            else:
                self.expect(name, good, steps)
        last = tokens(dice, self.mint)
        steps.append(dice.choices((last, error(dice), fault(dice, last)), (88, 8, 4))[0])
        return steps

    def expect(self, name, good, steps):
        """The challenge, what the person types for it, and wrong codes before the right one."""
        dice = self.dice
        steps.append(good)
        if name in CODES:
            for _ in range(dice.choices((0, 1, 2, 3), (85, 8, 4, 3))[0]):
                self.type("000000")
                steps.append(error(dice, "CodeMismatchException"))
            self.type("12345678" if name == "EMAIL_OTP" and dice.random() < 0.5 else "123456")
        elif name in ("SELECT_MFA_TYPE", "SELECT_CHALLENGE"):
            self.type(str(dice.randint(1, 3)))
        elif name in ("PASSWORD", "PASSWORD_SRP") and self.method == "choice":
            if PASSWORD not in self.answers:
                self.type(PASSWORD)
        elif name == "NEW_PASSWORD_REQUIRED":
            self.type("", NEW, NEW)
        elif name == "MFA_SETUP":
            self.type("123456")
        elif name == "CUSTOM_CHALLENGE":
            self.type("please")

    def reply(self, operation):
        """What this request gets. What belongs to no sign-in step has dice of its own."""
        dice, roll = self.dice, self.dice.random()
        if operation == "jwks":
            return self.keys(roll)
        if operation in ("InitiateAuth", "RespondToAuthChallenge"):
            self.at += 1
            return self.steps[self.at - 1] if self.at <= len(self.steps) else error(dice)
        good = self.beside(operation)
        if roll < 0.86:
            return good
        return error(dice) if roll < 0.95 else fault(dice, good)

    def beside(self, operation):
        dice = self.dice
        if operation == "AssociateSoftwareToken":
            secret = "JBSWY3DPEHPK3PXP" * 3 if dice.random() < 0.9 else dice.choice(
                ("", "A" * 200, "not base32!", "\x1b[2J", None, 5, "A&issuer=x"))
            return api("beside", {"SecretCode": secret, "Session": good_session(dice)})
        if operation == "VerifySoftwareToken":
            status = dice.choices(("SUCCESS", "ERROR", "MAYBE", None), (88, 6, 3, 3))[0]
            return api("beside", {"Status": status, "Session": good_session(dice)})
        if operation == "ForgotPassword":
            where = dice.choice(("b***@e***", "\x1b[2J", None, 7, "x" * 3000))
            return api("beside", {"CodeDeliveryDetails": {"Destination": where}})
        return api("beside", {})

    def keys(self, roll):
        dice, good = self.dice, api("jwks", self.mint.jwks(), content_type="application/json")
        if not self.spoilt_keys or roll < 0.3:
            return good
        rubbish = dice.choice((b"", b"{}", b'{"keys":[]}', b'{"keys":5}', b"[]", b'{"keys":[{"kty":"oct","k":"AAAA"}]}',
                               json.dumps({"keys": [{**self.mint.keys["id"].jwk(), "n": "AQAB"}]}).encode(),
                               json.dumps({"keys": [{**self.mint.keys["id"].jwk(), "e": "AQ"}]}).encode(),
                               json.dumps({"keys": [{**self.mint.keys["id"].jwk(), "alg": "HS256"}] * 2}).encode()))
        return dice.choice((Reply("fault", rubbish, content_type="application/json"), error(dice), fault(dice, good)))
