#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc verify` as a program: every check is a line, the exit code is the answer, and
of other people's vectors it accepts exactly those that a login token may look like."""
import base64
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
VECTORS = pathlib.Path(os.environ.get("VECTORS", harness.ROOT.parent / "shared/vectors"))
NOW = 1759345300
CLIENT = "6o7h8i9jexampleclientid"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"
UPDATED = "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"


def encode(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value):
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Signer:
    def __init__(self, kid="k1"):
        self.kid = kid
        self.key = rsa.generate_private_key(65537, 2048)

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "n": number(numbers.n),
                "e": number(numbers.e)}

    def sign(self, payload, **header):
        head = {"alg": "RS256", "kid": self.kid, **header}
        text = encode({k: v for k, v in head.items() if v is not None}) + "." + encode(payload)
        return text + "." + encode(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


def run(*arguments, token="", env=None):
    data = token if isinstance(token, bytes) else token.encode()
    done = subprocess.run([COMMAND, *arguments], input=data, capture_output=True, timeout=60, check=False,
                          env=env if env is not None else {})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.own = tempfile.TemporaryDirectory(prefix="verify-")
        cls.dir = pathlib.Path(cls.own.name)
        cls.signer = Signer()
        cls.jwks = cls.file("jwks.json", {"keys": [cls.signer.jwk()]})
        cls.config = cls.file("config.json", {"config": {
            "client_id": CLIENT, "client_secret": "never-shown", "certs_url": ISSUER + "/.well-known/jwks.json"}})

    @classmethod
    def tearDownClass(cls):
        cls.own.cleanup()

    @classmethod
    def file(cls, name, value, mode=0o600):
        path = cls.dir / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        path.chmod(mode)
        return str(path)

    def id_token(self, **changes):
        claims = {"sub": "a1b2", "iss": ISSUER, "aud": CLIENT, "token_use": "id", "cognito:username": "alice",
                  "exp": NOW + 600, "iat": NOW - 60, "auth_time": NOW - 60, **changes}
        return {k: v for k, v in claims.items() if v is not None}

    def access_token(self, **changes):
        claims = {"sub": "a1b2", "iss": ISSUER, "client_id": CLIENT, "token_use": "access", "username": "alice",
                  "exp": NOW + 600, "iat": NOW - 60, "auth_time": NOW - 60, **changes}
        return {k: v for k, v in claims.items() if v is not None}

    def verify(self, token, *arguments, now=NOW):
        return run("verify", "--config", self.config, "--jwks", self.jwks, "--now", str(now), *arguments, token=token)

    def judge(self, claims, *arguments, **header):
        """(exit code, {check: (ok, detail)}, reason) of a signed token."""
        code, out, err = self.verify(self.signer.sign(claims, **header), "--json", *arguments)
        self.assertEqual(err, "")
        answer = json.loads(out)
        self.assertEqual(answer["verified"], code == 0)
        self.assertEqual(answer["verified"], all(check["ok"] for check in answer["checks"]))
        self.assertEqual(answer["verified"], answer["reason"] == "")
        return code, {check["check"]: (check["ok"], check["detail"]) for check in answer["checks"]}, answer["reason"]

    def test_a_good_token_and_every_check_as_a_line(self):
        code, out, err = self.verify(self.signer.sign(self.id_token()))
        lines = out.splitlines()
        self.assertEqual((code, err, lines[-1]), (0, "", "verified"))
        self.assertEqual([line.split()[:2] for line in lines[:-1]], [
            ["ok", name] for name in ("signature", "payload", "iss", "token_use", "aud", "exp", "nbf", "iat",
                                      "auth_time", "at_hash", "sub", "username")])
        self.assertIn("ok   exp        in 600 s", lines)
        self.assertIn("ok   username   alice", lines)

    def test_an_access_token(self):
        self.assertEqual(self.judge(self.access_token(), "--access")[0], 0)
        self.assertEqual(self.judge(self.access_token())[0], 1)
        self.assertEqual(self.judge(self.id_token(), "--access")[0], 1)
        self.assertEqual(self.judge(self.access_token(username=None), "--access")[1]["username"], (False, "absent"))

    def test_later_checks_are_told_after_one_that_failed(self):
        code, checks, reason = self.judge(self.id_token(iss="https://evil.example", exp=NOW - 120, aud="other"))
        self.assertEqual(code, 1)
        self.assertEqual(checks["iss"], (False, "https://evil.example, not " + ISSUER))
        self.assertEqual(checks["aud"], (False, "other, not " + CLIENT))
        self.assertEqual(checks["exp"], (False, "passed 120 s ago"))
        self.assertTrue(checks["sub"][0])
        self.assertEqual(reason, "iss: https://evil.example, not " + ISSUER)
        out = self.verify(self.signer.sign(self.id_token(exp=NOW - 120)))[1].splitlines()
        self.assertIn("FAIL exp        passed 120 s ago", out)
        self.assertEqual(out[-1], "not verified: exp: passed 120 s ago")

    def test_claims_one_by_one(self):
        for changes, check, detail in (
                ({"exp": None}, "exp", "absent"), ({"exp": 1.5}, "exp", "not a whole number of 1 to 12 digits"),
                ({"exp": str(NOW + 9)}, "exp", "not a whole number of 1 to 12 digits"),
                ({"exp": NOW - 30}, "exp", "passed 30 s ago"), ({"iat": NOW + 31}, "iat", "31 s ahead"),
                ({"iat": None}, "iat", "absent"), ({"nbf": NOW + 31}, "nbf", "31 s ahead"),
                ({"auth_time": NOW + 31}, "auth_time", "31 s ahead"), ({"aud": [CLIENT]}, "aud", "not a string"),
                ({"token_use": None}, "token_use", "absent"), ({"sub": ""}, "sub", ""),
                ({"sub": None}, "sub", "absent"), ({"at_hash": 1}, "at_hash", "at_hash does not match"),
                ({"iss": ISSUER + "/"}, "iss", ISSUER + "/, not " + ISSUER)):
            with self.subTest(changes=changes):
                code, checks, _ = self.judge(self.id_token(**changes))
                self.assertEqual((code, checks[check]), (1, (False, detail)))
                self.assertEqual([name for name, (good, _) in checks.items() if not good], [check])

    def test_edges_that_are_forgiven(self):
        for changes, check, detail in (
                ({"exp": NOW - 29}, "exp", "passed 29 s ago, within the leeway"),
                ({"iat": NOW + 30}, "iat", "30 s ahead, within the leeway"), ({"iss": UPDATED}, "iss", UPDATED),
                ({"nonce": "x"}, "sub", "a1b2"), ({"auth_time": None}, "auth_time", "absent")):
            with self.subTest(changes=changes):
                code, checks, _ = self.judge(self.id_token(**changes))
                self.assertEqual((code, checks[check]), (0, (True, detail)))

    def test_what_the_token_says_is_made_printable(self):
        code, out, _ = self.verify(self.signer.sign(self.id_token(iss="\x1b[2J\u202eevil\nverified")))
        self.assertEqual(code, 1)
        self.assertTrue(all(c.isprintable() or c == "\n" for c in out))
        self.assertNotIn("verified", out.splitlines())

    def test_signatures(self):
        other = Signer()
        good = self.signer.sign(self.id_token())
        head, body, tail = good.split(".")
        for name, token in (
                ("another key of the same kid", other.sign(self.id_token())),
                ("an unknown kid", Signer("k2").sign(self.id_token())),
                ("no kid", self.signer.sign(self.id_token(), kid=None)),
                ("another payload", ".".join((head, encode(self.id_token(sub="x")), tail))),
                ("none", encode({"alg": "none", "kid": "k1"}) + "." + body + "."),
                ("crit", self.signer.sign(self.id_token(), crit=["exp"])),
                ("two newlines", good + "\n\n"), ("a space before", " " + good), ("a return", good + "\r\n"),
                ("a NUL", good.encode() + b"\0"), ("nothing", ""), ("a newline", "\n"), ("half", head + "." + body)):
            with self.subTest(name=name):
                code, out, _ = self.verify(token)
                self.assertEqual(code, 1, out)
                self.assertRegex(out, r"^FAIL signature .*\nnot verified: signature: .*\n$")

    def test_one_final_newline_is_ignored(self):
        self.assertEqual(self.verify(self.signer.sign(self.id_token()) + "\n")[0], 0)

    def test_the_longest_token(self):
        code, out, _ = self.verify(b"a" * (48 * 1024 + 2))
        self.assertEqual((code, out), (1, "FAIL signature  the token is longer than 48 KiB\n"
                                          "not verified: signature: the token is longer than 48 KiB\n"))
        self.assertEqual(self.verify(b"a" * (9 << 20))[0], 1)
        long = self.signer.sign(self.id_token(**{"cognito:groups": ["g" * 100] * 250}))
        self.assertEqual(self.verify(long)[0], 0)

    def test_a_payload_that_is_no_object(self):
        for payload in (b"[]", b"", b"{}x", b'{"a":1,"a":2}', b"\xff"):
            with self.subTest(payload=payload):
                code, checks, _ = self.judge(payload)
                self.assertEqual((code, checks["signature"][0], checks["payload"][0]), (1, True, False))

    def test_jws_only_stops_after_the_signature(self):
        for payload, header in ((b"not json", {}), (b"", {}), (self.id_token(exp=1), {"kid": None})):
            token = self.signer.sign(payload, **header)
            code, out, err = run("verify", "--jws-only", "--jwks", self.jwks, "--config", "/nonexistent", token=token)
            self.assertEqual((code, err), (0, ""))
            self.assertRegex(out, r"^ok   signature .*\nverified\n$")

    def test_jws_only_needs_a_kid_when_the_set_has_two_keys(self):
        two = self.file("two.json", {"keys": [self.signer.jwk(), Signer("k2").jwk()]})
        token = self.signer.sign(self.id_token(), kid=None)
        self.assertEqual(run("verify", "--jws-only", "--jwks", two, token=token)[0], 1)

    def test_a_set_without_a_usable_key_verifies_nothing(self):
        for name, value in (("empty", {"keys": []}), ("garbage", "x"), ("none", {})):
            path = self.file(name + ".json", value)
            code, out, _ = run("verify", "--jws-only", "--jwks", path, token=self.signer.sign(b"x"))
            self.assertEqual((code, "no usable key" in out), (1, True))

    @contextlib.contextmanager
    def kept(self, age, text=None, url=ISSUER + "/.well-known/jwks.json"):
        """A key set as a login leaves it behind."""
        answer = json.loads(run("check", "--config", self.config, "--json")[1])
        folder = pathlib.Path(next(file["path"] for file in answer["files"] if file["what"] == "cache"))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = 0xcbf29ce484222325
        for byte in self.config.encode():
            name = ((name ^ byte) * 0x100000001b3) % 2 ** 64
        path = folder / f"jwks-{name:016x}"
        served = pathlib.Path(self.jwks).read_text()
        path.write_text(f"pam_cognito_oidc jwks 1\n{url}\n{int(time.time()) - age}\n"
                        f"{hashlib.sha256(served.encode()).hexdigest()}\n{text or served}")
        path.chmod(0o600)
        try:
            yield
        finally:
            path.unlink()

    def test_the_kept_key_set(self):
        arguments = ("verify", "--config", self.config, "--now", str(NOW))
        token = self.signer.sign(self.id_token())
        with self.kept(6 * 86400):
            self.assertEqual(run(*arguments, token=token)[0], 0)
            self.assertEqual(run("verify", "--config", self.config, "--jws-only", token=token)[0], 0)
            self.assertEqual(run(*arguments, token=Signer("k2").sign(self.id_token()))[0], 1)
        for unusable in (self.kept(7 * 86400 + 60), self.kept(-60), self.kept(0, "{}"), self.kept(0, url="https://x.example")):
            with unusable:
                code, _, err = run(*arguments, token=token)
                self.assertEqual((code, "no key set" in err), (2, True))

    def test_trouble_is_2(self):
        token = self.signer.sign(self.id_token())
        faulty = self.file("faulty.json", "{")
        for name, arguments, part in (
                ("no key set", ("--config", self.config), "no key set is cached: use --jwks FILE"),
                ("no such set", ("--config", self.config, "--jwks", "/nonexistent"), "No such file"),
                ("a folder", ("--config", self.config, "--jwks", "/"), "not a regular file"),
                ("no config", ("--config", "/nonexistent", "--jwks", self.jwks), "No such file"),
                ("a faulty config", ("--config", faulty, "--jwks", self.jwks), "faulty.json:1:2: "),
                ("no epoch", ("--jwks", self.jwks, "--now", "tomorrow"), "--now"),
                ("a long epoch", ("--jwks", self.jwks, "--now", "1000000000000"), "--now"),
                ("an unknown argument", ("--force",), "unknown argument"),
                ("a word", ("x",), "unknown argument"),
                ("an abbreviation", ("--js",), "unknown argument"),
                ("no value", ("--jwks",), "needs a value"),
                ("given twice", ("--jwks", self.jwks, "--jwks", self.jwks), "once"),
                ("a flag's value", ("--json=1",), "no value")):
            with self.subTest(name=name):
                code, out, err = run("verify", *arguments, token=token)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(part, err)

    def test_a_config_that_no_login_would_trust_is_judged_and_told(self):
        loose = self.file("loose.json", pathlib.Path(self.config).read_text(), 0o644)
        arguments = ("verify", "--config", loose, "--jwks", self.jwks, "--now", str(NOW))
        code, out, err = run(*arguments, token=self.signer.sign(self.id_token()))
        self.assertEqual((code, out.splitlines()[-1]), (0, "verified"))
        self.assertIn("chmod 600", err)
        self.assertIn("a login would refuse this file", err)
        self.assertEqual(run(*arguments, token=Signer("k2").sign(self.id_token()))[0], 1)

    def test_the_secret_is_never_shown(self):
        text = "".join(self.verify(self.signer.sign(self.id_token()), *more)[1] for more in ((), ("--json",)))
        self.assertNotIn("never-shown", text)

    def test_the_environment_decides_nothing(self):
        garbage = self.file("openssl.cnf", "openssl_conf = nonsense\n[nonsense]\nproviders = nothing\n.include /dev/null/x\n")
        poison = {"OPENSSL_CONF": garbage, "OPENSSL_MODULES": "/nonexistent", "OPENSSL_ENGINES": "/nonexistent",
                  "SSL_CERT_FILE": garbage, "SSLKEYLOGFILE": str(self.dir / "keys"), "http_proxy": "http://127.0.0.1:1",
                  "POSIXLY_CORRECT": "1", "LC_ALL": "tr_TR.UTF-8"}
        token = self.signer.sign(self.id_token())
        code, out, err = run("verify", "--config", self.config, "--jwks", self.jwks, "--now", str(NOW), token=token,
                             env=poison)
        self.assertEqual((code, err, out.splitlines()[-1]), (0, "", "verified"))
        self.assertFalse((self.dir / "keys").exists())

    def test_output_that_cannot_be_written_is_no_yes(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([COMMAND, "verify", "--jws-only", "--jwks", self.jwks], stdout=full, timeout=60,
                                  input=self.signer.sign(b"x").encode(), stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)


class Vectors(unittest.TestCase):
    """Project Wycheproof's JOSE vectors, one process each."""

    def accepted(self, name, member):
        path = VECTORS / "wycheproof" / name
        if not path.exists():
            self.skipTest(f"no {path}")
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = {}
            for index, group in enumerate(json.loads(path.read_text())["testGroups"]):
                key = group.get("public", group.get("private"))
                jwks = pathlib.Path(folder, f"{index}.json")
                jwks.write_text(json.dumps(key if "keys" in key else {"keys": [key]}))
                for test in group["tests"]:
                    value = test[member]
                    token = value if isinstance(value, str) else json.dumps(value)
                    jobs[test["tcId"]] = pool.submit(run, "verify", "--jws-only", "--jwks", str(jwks), token=token)
            codes = {number: job.result()[0] for number, job in jobs.items()}
        self.assertLessEqual(set(codes.values()), {0, 1})
        return len(codes), sorted(number for number, code in codes.items() if code == 0)

    def test_signatures(self):
        self.assertEqual(self.accepted("json_web_signature_test.json", "jws"),
                         (401, [33, 259, 260, 261, 262, 263, 345, 349]))

    def test_keys(self):
        self.assertEqual(self.accepted("json_web_key_test.json", "jws"), (26, [5]))

    def test_encrypted_tokens(self):
        self.assertEqual(self.accepted("json_web_encryption_test.json", "jwe"), (139, []))


if __name__ == "__main__":
    harness.main()
