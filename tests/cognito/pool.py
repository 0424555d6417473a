#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The user pool: its settings, clock, people, app clients, and the lockout of guessers.

Everything comes from one readable file (pool.json) and can be changed while running.
"""
import base64
import hmac
import json
import time
import uuid

import srp
from errors import ApiError, invalid_parameter

STATUSES = ("CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "UNCONFIRMED")
FREE_TRIES = 5
LONGEST_LOCK = 900
DAY = 86400

# Every pool setting with its default; a name that is not here is refused.
SETTINGS = {
    "id": "eu-west-1_Local0001",
    "case_sensitive": False,
    "alias_email": False,
    "prevent_user_existence_errors": True,
    "mfa": "optional",
    "acr": False,
    # A pool may rename its levels; amr may be left out.
    "acr_names": {},
    "acr_tells_amr": True,
    "auth_session_validity": 180,
    "code_validity": 3600,
    "auth_code_validity": 300,
    "browser_session_validity": 3600,
    # Whether Basic's id and secret are percent-decoded, as RFC 6749 has it and Cognito does not.
    "percent_basic": False,
    # None leaves the interval out of the answer; the device then has to assume 5.
    "device_interval": 5,
    "device_code_validity": 1800,
    "device_complete": True,
    # So many first polls of a code are answered slow_down, whenever they come.
    "device_slow_downs": 0,
    # Which faults of the AWS sample are there, by their numbers in sample.py, and which tokens
    # it hands out: of ID, ACCESS and REFRESH.
    "sample_bugs": [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12],
    "sample_tokens": "ACCESS+REFRESH",
    # The classic pages, in place of managed login, know neither "prompt" nor "max_age".
    "managed_login": True,
    "srp_validity": 15,
    "srp_session": False,
    "timestamp_tolerance": None,
    "status_errors_at": "proof",
    "access_validity": 3600,
    "id_validity": 3600,
    "refresh_validity": 30 * DAY,
    "temporary_password_days": 7,
    "rotation": False,
    # A pool that remembers devices: a refresh must name the device of the sign-in.
    "device_tracking": False,
    "grace": 0,
    "issuer_type": "original",
    "first_factors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"],
    # A pool that asks for the second factor behind a sign-in by a code, too.
    "mfa_after_code": False,
    "required_attributes": [],
    # The most characters that the schema allows, by attribute.
    "attribute_most": {},
    "password_minimum": 8,
    "password_history": 0,
    # A pool whose Lambda asks its question behind an SRP sign-in (CUSTOM_AUTH with SRP_A).
    "custom_after_password": False,
    "custom_challenge": {"question": "What is the magic word?", "answer": "please"},
}
USER_FIELDS = {"username", "password", "status", "enabled", "sub", "groups", "attributes",
               "totp", "mfa", "preferred_mfa"}
CLIENT_FIELDS = {"id", "secret", "name", "flows", "oauth_flows", "callback_urls", "scopes",
                 "ropc", "rotation", "grace", "write_attributes"}


def refuse_unknown(given, known, what):
    for name in given:
        if name not in known and not name.startswith("_"):
            raise ValueError(f"unknown {what} setting {name!r}")


class Clock:
    """Server time: the machine's plus an offset that tests set."""

    def __init__(self):
        self.offset = 0

    def now(self):
        return time.time() + self.offset


class User:
    def __init__(self, pool, username):
        self.pool = pool
        self.username = username
        self.password = None
        self.old_passwords = []
        self.password_set = pool.clock.now()
        self.status = "CONFIRMED"
        self.enabled = True
        self.sub = str(uuid.uuid5(uuid.NAMESPACE_URL, pool.id + "/" + username))
        self.groups = []
        self.attributes = {}
        self.totp = None
        self.pending_totp = None
        self.used_codes = set()  # (secret, time step): each is good for one sign-in
        self.mfa = None
        self.preferred_mfa = None
        self.exists = True

    def set(self, fields):
        refuse_unknown(fields, USER_FIELDS, "user")
        if fields.get("status", "CONFIRMED") not in STATUSES:
            raise ValueError(f"unknown status {fields['status']!r}")
        for name, value in fields.items():
            if name == "password":
                self.set_password(value)
            elif name != "username":
                setattr(self, name, value)

    def set_password(self, password):
        if self.password is not None:
            self.old_passwords.insert(0, self.password)
        self.password = password
        self.password_set = self.pool.clock.now()

    def salt(self):
        """Made from the password, so that a new one has a new salt and a restart the old."""
        seed = f"{self.pool.id}\0{self.username}\0{self.password}".encode()
        return int.from_bytes(hmac.digest(b"salt", seed, "sha256")[:16], "big")

    def factors(self):
        """The MFA methods this person has set up."""
        if self.mfa is not None:
            return list(self.mfa)
        return ["SOFTWARE_TOKEN_MFA"] if self.totp else []

    def temporary_password_expired(self):
        age = self.pool.clock.now() - self.password_set
        return (self.status == "FORCE_CHANGE_PASSWORD"
                and age > self.pool.temporary_password_days * DAY)

    def as_json(self):
        return {name: getattr(self, name) for name in sorted(USER_FIELDS)}


def stranger(pool, name):
    """What stands in for somebody who is not in the pool: same answers, never a right
    password, the same sub and salt each time."""
    user = User(pool, name)
    user.sub = str(uuid.uuid5(uuid.NAMESPACE_URL, pool.id + "/stranger/" + name))
    user.attributes = {"email": name.partition("@")[0] + "@unknown.example"}
    # Only to be computed with: `exists` refuses every proof.
    user.password = user.sub
    user.exists = False
    return user


class Client:
    def __init__(self, pool, fields):
        self.pool = pool
        self.fields = {}
        self.set(fields)

    def set(self, fields):
        refuse_unknown(fields, CLIENT_FIELDS, "client")
        self.fields = {**self.fields, **fields}
        value = self.fields.get
        self.id = self.fields["id"]
        self.name = value("name", self.id)
        self.secret = value("secret")
        self.flows = value("flows") or [
            "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"]
        self.oauth_flows = value("oauth_flows", [])
        self.callback_urls = value("callback_urls", [])
        self.scopes = value("scopes", [])
        self.ropc = value("ropc", False)

    def callbacks(self, domain):
        """The registered addresses. One that begins with a slash is on the pool's own domain,
        whose port the pool file cannot know."""
        return [domain + url if url.startswith("/") else url for url in self.callback_urls]

    @property
    def rotation(self):
        return self.fields.get("rotation", self.pool.rotation)

    @property
    def grace(self):
        return self.fields.get("grace", self.pool.grace)

    def secret_hash(self, username):
        mark = hmac.digest(self.secret.encode(), (username + self.id).encode(), "sha256")
        return base64.b64encode(mark).decode()


class Lockout:
    """Five failures are free; each further one doubles the time nobody gets in."""

    def __init__(self, clock):
        self.clock = clock
        self.entries = {}

    def locked(self, key):
        return self.clock.now() < self.entries.get(key, (0, 0, 0))[1]

    def failed(self, key):
        now = self.clock.now()
        count, _, last = self.entries.get(key, (0, 0, now))
        count = 1 if now - last > LONGEST_LOCK else count + 1
        # Bounded before it is raised: a long test must not make a number of a million digits.
        wait = min(2 ** min(count - FREE_TRIES, 20), LONGEST_LOCK) if count >= FREE_TRIES else 0
        self.entries[key] = (count, now + wait, now)

    def succeeded(self, key):
        self.entries.pop(key, None)


class Pool:  # pylint: disable=no-member
    """The settings of SETTINGS as attributes, and who and what is in the pool."""

    def __init__(self, document, clock):
        self.document = document
        self.clock = clock
        self.base = ""
        self.users = {}
        self.reset()

    def reset(self):
        self.clock.offset = 0
        for name, value in SETTINGS.items():
            setattr(self, name, value)
        self.set(self.document.get("pool", {}))
        self.lockout = Lockout(self.clock)
        self.users = {}
        self.groups = set()  # those that nobody need be in
        self.clients = {c["id"]: Client(self, c) for c in self.document.get("clients", [])}
        for fields in self.document.get("users", []):
            self.set_user(fields)

    def set(self, fields):
        refuse_unknown(fields, SETTINGS, "pool")
        for name, value in fields.items():
            if not name.startswith("_"):
                setattr(self, name, value)
        self.users = {self.key(user.username): user for user in self.users.values()}

    @property
    def region(self):
        return self.id.split("_")[0]

    @property
    def short_name(self):
        """What goes into SRP: the pool id behind its region."""
        return self.id.split("_", 1)[1]

    @property
    def issuer(self):
        if self.issuer_type == "original":
            return f"{self.base}/{self.id}"
        return f"https://issuer-cognito-idp.{self.region}.amazonaws.com/{self.id}"

    def group_names(self):
        return self.groups.union(*(user.groups for user in self.users.values()))

    def key(self, name):
        return name if self.case_sensitive else name.lower()

    def find(self, name):
        """By user name, by sub, or by e-mail address where the pool allows it."""
        key = self.key(name)
        if key in self.users:
            return self.users[key]
        for user in self.users.values():
            if user.sub == name or self.is_alias(user, name):
                return user
        return None

    def is_alias(self, user, name):
        address = user.attributes.get("email")
        return (self.alias_email and address is not None
                and user.attributes.get("email_verified") is True
                and address.lower() == name.lower())

    def find_or_stranger(self, name):
        return self.find(name) or stranger(self, self.key(name))

    def srp_name(self, user, typed):
        """USER_ID_FOR_SRP: the sub for who came by an alias, else the name as stored."""
        if not user.exists:
            return user.sub
        return user.sub if self.key(typed) != self.key(user.username) else user.username

    def set_user(self, fields):
        """Makes or changes a user; {"username":..., "deleted": true} removes one."""
        fields = dict(fields)
        key = self.key(fields["username"])
        if fields.pop("deleted", False):
            self.users.pop(key, None)
            return None
        user = self.users.get(key) or User(self, fields["username"])
        user.set(fields)
        self.users[key] = user
        return user

    def set_client(self, fields):
        """Makes an app client or changes fields of one; the client."""
        name = fields["id"]
        if name in self.clients:
            self.clients[name].set(fields)
        else:
            self.clients[name] = Client(self, fields)
        return self.clients[name]

    def password_is(self, user, password):
        return user.exists and user.password is not None and hmac.compare_digest(
            user.password.encode(), password.encode())

    def verifier(self, user, srp_name):
        """The SRP verifier. Who has no password gets one that password_is never accepts."""
        password = user.password or user.sub
        return srp.verifier(self.short_name, srp_name, password, user.salt())

    def check_new_password(self, user, password):
        if password != password.strip():
            raise invalid_parameter("1 validation error detected: Value at 'password' failed to satisfy "
                                    "constraint: Member must satisfy regular expression pattern: "
                                    r"^[\S]+.*[\S]+$")
        rules = ((len(password) >= self.password_minimum, "Password not long enough"),
                 (any(c.isupper() for c in password), "Password must have uppercase characters"),
                 (any(c.islower() for c in password), "Password must have lowercase characters"),
                 (any(c.isdigit() for c in password), "Password must have numeric characters"),
                 (any(not c.isalnum() for c in password), "Password must have symbol characters"))
        for holds, text in rules:
            if not holds:
                raise ApiError("InvalidPasswordException",
                               "Password did not conform with policy: " + text)
        if len(password) > 256:
            raise invalid_parameter("Password too long")
        recent = [user.password, *user.old_passwords][:self.password_history]
        if password in recent:
            raise ApiError("PasswordHistoryPolicyViolationException",
                           "Password has previously been used")


def load(path, clock):
    with open(path, encoding="utf-8") as file:
        return Pool(json.load(file), clock)
