#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc explain` as a program, and the manual's worked examples of rules: what
stands there is what happens."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position
from test_verify import CLIENT, ISSUER, Signer  # pylint: disable=wrong-import-position

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
MANUAL = harness.ROOT / "docs/pam_cognito_oidc.json.5"
NOW = 1764000000
CLOUD = {"client_id": CLIENT, "certs_url": ISSUER + "/.well-known/jwks.json"}
STAFF = {"name": "staff", "groups": ["staff"]}
ALICE = {"cognito:username": "alice", "cognito:groups": ["staff"]}


def run(*arguments, env=None):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, timeout=60, check=False, env=env or {},
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Case(unittest.TestCase):
    def setUp(self):
        own = tempfile.TemporaryDirectory(prefix="explain-")
        self.addCleanup(own.cleanup)
        self.dir = pathlib.Path(own.name)

    def file(self, name, value):
        path = self.dir / name
        path.write_bytes(value if isinstance(value, bytes) else
                         (value if isinstance(value, str) else json.dumps(value)).encode())
        path.chmod(0o600)
        return str(path)

    def explain(self, rules, claims, *arguments, user="alice", service="sshd", host="web-1", users=None, env=None):
        """(exit code, output); rules as JSON text or a list, claims as an object or text."""
        text = rules if isinstance(rules, str) else json.dumps(rules)
        config = self.file("config.json", f'{{"config": {json.dumps(CLOUD)}, "users": {json.dumps(users or {})}, '
                                          f'"rules": {text}}}')
        code, out, err = run("explain", "--config", config, "--claims", self.file("claims.json", claims), "--user", user,
                             "--service", service, "--host", host, "--now", str(NOW), *arguments, env=env)
        self.assertEqual(err, "")
        return code, out

    def judge(self, *arguments, **more):
        code, out = self.explain(*arguments, "--json", **more)
        answer = json.loads(out)
        self.assertEqual(code, 0 if answer["allowed"] else 1)
        self.assertEqual(answer["verified"], False)
        return answer


class Recorded(Case):
    """users.from_accounts without a record: this host has none of alice."""

    def test_the_local_user_has_no_record(self):
        answer = self.judge([STAFF], ALICE, users={"from_accounts": True})
        self.assertFalse(answer["allowed"])
        self.assertEqual(answer["mapping"]["by"], "users.from_accounts")
        self.assertFalse(answer["mapping"]["ok"])
        code, out = self.explain([STAFF], ALICE, users={"from_accounts": True})
        self.assertEqual(code, 1)
        self.assertIn("this host has no record of the local user, or you are not root", out)


class Manual(Case):
    """Every worked example, read from the manual's source."""

    @staticmethod
    def examples():
        text = MANUAL.read_text().split("\n.Ss Rules\n", 1)[1].split("\n.Sh SEE ALSO", 1)[0]
        for item in text.split("\n.It\n")[1:]:
            rules, cases = re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", item, re.M | re.S)
            parts = json.loads("{" + rules + "}")
            assert set(parts) <= {"rules", "users"} and "rules" in parts
            yield parts["rules"], parts.get("users"), cases.replace("\n    ", " ").splitlines()

    def test_the_examples_do_what_they_say(self):
        examples = list(self.examples())
        self.assertEqual(len(examples), 12)
        count = 0
        for number, (rules, users, cases) in enumerate(examples, 1):
            seen = set()
            for case in cases:
                with self.subTest(example=number, case=case):
                    found = re.fullmatch(r"(\S+) ([^\s@]+)(?:@(\S+))? (\{.*\}): (allowed|denied)(?: by ([^,]+)(?:, grants (.+))?)?", case)
                    user, service, host, claims, verdict, rule, grant = found.groups()
                    claims = {"cognito:username": user, **json.loads(claims)}
                    answer = self.judge(rules, claims, user=user, service=service, host=host or "a.example",
                                        users=users)
                    self.assertEqual((answer["allowed"], answer["rule"], ", ".join(answer["grant"])),
                                     (verdict == "allowed", rule or "", grant or ""))
                    seen.add(verdict)
                    count += 1
            self.assertEqual(seen, {"allowed", "denied"}, f"example {number} shows one side only")
        self.assertGreater(count, 45)


class Explain(Case):
    def test_text_for_people(self):
        rules = [STAFF, {"name": "no", "effect": "deny", "services": ["sudo"], "claims": {"custom:k": ["a", True]}},
                 {"name": "all", "groups": ["admins"], "max_auth_age": 60, "require_mfa": True}]
        code, out = self.explain(rules, dict(ALICE, **{"custom:k": "a", "auth_time": NOW - 61, "amr": ["pwd", "otp"]}))
        self.assertEqual(code, 0)
        self.assertEqual(out.splitlines(), [
            'user "alice", service "sshd", host "web-1", 2025-11-24 16:00:00 UTC (1764000000)',
            f"claims: {self.dir}/claims.json, NOT VERIFIED",
            'these claims are the local user "alice"',
            '  ok users.claim cognito:username "alice"; found: "alice"',
            'rule "staff" (allow): matches',
            '  ok groups         "staff"; found: "staff"',
            'rule "no" (deny): does not match',
            '  no services       "sudo"; found: "sshd"',
            '  ok claims custom:k "a", true; found: "a"',
            'rule "all" (allow): does not match',
            '  no groups         "admins"; found: "staff"',
            '  no max_auth_age   at most 60 s; found: signed in 61 s ago',
            '  no require_mfa    true; found: amr "pwd", "otp"; acr absent',
            'allowed by rule "staff"'])

    def test_marks_follow_the_locale(self):
        for env, good in (({}, "ok"), ({"LANG": "C"}, "ok"), ({"LANG": "en_US.UTF-8"}, "✓"), ({"LANG": "de_DE.utf8@euro"}, "✓"),
                          ({"LANG": "C.UTF-8", "LC_ALL": "C"}, "ok"), ({"LC_CTYPE": "C.utf-8", "LANG": "C"}, "✓"),
                          ({"LC_ALL": "", "LANG": "C.UTF-8"}, "✓"), ({"LANG": "de_DE.ISO-8859-1"}, "ok"),
                          ({"LANG": "x.UTF-88"}, "ok"), ({"LANG": "x.UTF-"}, "ok")):
            with self.subTest(env=env):
                _, out = self.explain([STAFF], ALICE, env=env)
                self.assertIn(f"  {good} groups", out)
                _, out = self.explain([STAFF], dict(ALICE, **{"cognito:groups": []}), env=env)
                self.assertIn("  ✗ groups" if good == "✓" else "  no groups", out)

    def test_deny_and_none(self):
        code, out = self.explain([STAFF, {"name": "no", "effect": "deny", "groups": ["x"]}], dict(ALICE, **{"cognito:groups": 1}))
        self.assertEqual((code, out.splitlines()[-1]), (1, 'denied by rule "no"'))
        self.assertIn('  no groups         "staff"; found: a number; cannot be read\n', out)
        self.assertIn('  ok groups         "x"; found: a number; cannot be read, and so denies\n', out)
        # In no group, as Cognito says it.
        _, out = self.explain([STAFF, {"name": "no", "effect": "deny", "groups": ["x"]}], {"cognito:username": "alice"})
        self.assertIn('  no groups         "staff"; found: absent\n', out)
        self.assertIn('  no groups         "x"; found: absent\n', out)
        code, out = self.explain([], ALICE)
        self.assertEqual((code, out.splitlines()[-2:]), (1, ["no rules", "denied: no rule allows it"]))
        answer = self.judge([STAFF], ALICE, user="bob")
        self.assertEqual((answer["allowed"], answer["rule"], answer["reason"]), (False, "", "signed in as a different user"))
        self.assertEqual((answer["mapping"]["ok"], answer["rules"][0]["matches"]), (False, True))

    def test_the_nearest_rule(self):
        """What a denied person lacks, at the rule that lacks least of what is about this service, host and user."""
        rules = [{"name": "far", "groups": ["x"], "all_groups": ["y"]}, {"name": "su", "services": ["su"], "anyone": True},
                 {"name": "near", "services": ["ss*"], "groups": ["staff"], "max_auth_age": 60, "require_mfa": True},
                 {"name": "as near", "groups": ["staff", "z"], "claims": {"a": ["b"]}, "require_mfa": True},
                 {"name": "no", "effect": "deny", "services": ["sshd"], "groups": ["x"]}]
        code, out = self.explain(rules, dict(ALICE, auth_time=NOW - 61))
        self.assertEqual((code, out.splitlines()[-2:]),
                         (1, ['nearest: rule "far", but for groups, all_groups', "denied: no rule allows it"]))
        _, out = self.explain(rules, dict(ALICE, auth_time=NOW - 61, amr=["mfa"]))
        self.assertEqual(out.splitlines()[-2], 'nearest: rule "near", but for max_auth_age')
        _, out = self.explain(rules[1:2], ALICE)
        self.assertEqual(out.splitlines()[-2], '  no services       "su"; found: "sshd"')
        for denied in (dict(ALICE, **{"cognito:username": "bob"}), dict(ALICE, **{"cognito:groups": ["x"]})):
            self.assertNotIn("nearest:", self.explain(rules, denied)[1])
        self.assertNotIn("nearest:", self.explain(rules, ALICE, service="su")[1])

    def test_what_the_rule_grants(self):
        rules = [dict(STAFF, services=["sshd"], grant=["video", "dialout"]), dict(STAFF, name="b", grant=["audio"]),
                 {"name": "no", "effect": "deny", "services": ["su"]}]
        for service, grant in (("sshd", ["video", "dialout"]), ("login", ["audio"]), ("su", [])):
            self.assertEqual(self.judge(rules, ALICE, service=service)["grant"], grant)
        self.assertEqual(self.judge(rules, ALICE, user="bob")["grant"], [])
        _, out = self.explain(rules, ALICE)
        self.assertEqual(out.splitlines()[-2:], [
            'allowed by rule "staff"', 'local groups: "video", "dialout", if grant= on the PAM line names them, too'])
        _, out = self.explain(rules, ALICE, service="su")
        self.assertEqual(out.splitlines()[-1], 'denied by rule "no"')

    def test_mapping(self):
        users = {"map": {"alice": {"sub": "s1", "email": "a@b", "custom:on": True, "login": "x"}}}
        answer = self.judge([STAFF], dict(ALICE, sub="s1", email="a@b", **{"custom:on": True}), users=users)
        self.assertEqual((answer["mapping"]["by"], answer["mapping"]["ok"]), ("users.map", False))
        self.assertEqual([(c["claim"], c["ok"], c["remark"] != "") for c in answer["mapping"]["conditions"]],
                         [("sub", True, False), ("email", False, True), ("custom:on", True, False)])
        answer = self.judge([STAFF], dict(ALICE, sub="s1", email="a@b", email_verified=True, **{"custom:on": True}), users=users)
        self.assertTrue(answer["allowed"] and answer["mapping"]["ok"])
        users = {"strip_suffix": "@x", "lowercase": True}
        answer = self.judge([STAFF], dict(ALICE, **{"cognito:username": "Alice@X"}), users=users)
        self.assertEqual(answer["mapping"]["conditions"][0]["found"], '"alice"')
        answer = self.judge([STAFF], ALICE, users=users)
        self.assertEqual(answer["mapping"]["conditions"][0]["remark"], "matches no user")
        users = {"strip_prefix": "AcmeSAML_"}
        rule = {"name": "devs", "claims": {"custom:groups[]": ["devs"]}}
        for groups, allowed in (("[staff, devs]", True), ("devs", True), ("[staff, devs-2]", False), ("[devs", False)):
            answer = self.judge([rule], dict(ALICE, **{"cognito:username": "AcmeSAML_alice", "custom:groups": groups}), users=users)
            self.assertEqual((answer["allowed"], answer["mapping"]["ok"]), (allowed, True), groups)
            condition = answer["rules"][0]["conditions"][0]
            self.assertEqual((condition["claim"], condition["found"]), ("custom:groups[]", f'"{groups}"'))
        answer = self.judge([rule], dict(ALICE, **{"custom:groups": "[devs]"}), users=users)
        self.assertEqual((answer["allowed"], answer["mapping"]["conditions"][0]["remark"]), (False, "matches no user"))

    def test_the_host_in_any_case_and_this_one(self):
        self.assertTrue(self.judge([dict(STAFF, hosts=["web-1.x"])], ALICE, host="WEB-1.X")["allowed"])
        config = self.file("c.json", {"config": CLOUD, "rules": [dict(STAFF, hosts=["*"])]})
        code, out, _ = run("explain", "--config", config, "--claims", self.file("claims.json", ALICE), "--user", "alice",
                           "--service", "sshd", "--json")
        self.assertEqual((code, json.loads(out)["host"]), (0, os.uname().nodename))

    def test_values_that_are_hostile_to_terminals(self):
        groups = ["a\", \"staff", "\x1b[2J", "\u202e", "x" * 4000, 'allowed by rule "staff"\n']
        code, out = self.explain([STAFF], dict(ALICE, **{"cognito:groups": groups}))
        self.assertEqual(code, 1)
        self.assertTrue(all(c.isprintable() or c == "\n" for c in out))
        self.assertIn('found: "a\\", \\"staff", "\\u001b[2J", "?"', out)
        self.assertNotIn('allowed by rule "staff"', out.splitlines())
        self.judge([STAFF], dict(ALICE, **{"cognito:groups": groups}))

    def test_a_config_that_is_not_yet_in_its_place(self):
        config = self.file("draft.json", {"config": CLOUD, "rules": [STAFF]})
        os.chmod(config, 0o644)
        arguments = ("--claims", self.file("claims.json", ALICE), "--user", "alice", "--service", "sshd")
        code, _, err = run("explain", "--config", config, *arguments)
        self.assertEqual((code, "a login would refuse this file" in err), (0, True))
        if os.geteuid() == 0:
            os.chown(config, 12345, 12345)
            self.assertEqual(run("explain", "--config", config, *arguments)[0], 0)

    def test_trouble_is_2(self):
        config = self.file("config.json", {"config": CLOUD, "rules": [STAFF]})
        claims = self.file("claims.json", ALICE)
        good = ("--config", config, "--claims", claims, "--user", "alice", "--service", "sshd")
        self.assertEqual(run("explain", *good)[0], 0)
        for name, arguments, part in (
                ("nothing", (), "either --claims or --token"),
                ("both", (*good, "--token", claims), "either --claims or --token"),
                ("no user", good[:4] + good[6:], "--user and --service"),
                ("no service", good[:6], "--user and --service"),
                ("an empty user", (*good[:4], "--user=", *good[6:]), "needs a value"),
                ("an empty host", (*good, "--host", ""), "needs a value"),
                ("a word", (*good, "x"), "unknown argument"),
                ("a time", (*good, "--now", "-1"), "--now"),
                ("no claims", (*good[:3], "/nonexistent", *good[4:]), "No such file"),
                ("no config", ("--config", "/nonexistent", *good[2:]), "No such file"),
                ("no object", (*good[:3], self.file("a", "[]"), *good[4:]), "not one strict JSON object"),
                ("a member twice", (*good[:3], self.file("b", '{"a":1,"a":1}'), *good[4:]), "strict JSON"),
                ("not UTF-8", (*good[:3], self.file("c", b'{"a":"\xff"}'), *good[4:]), "strict JSON"),
                ("too large", (*good[:3], self.file("d", " " * 50000), *good[4:]), "too large"),
                ("no token", ("--token", "/nonexistent", *good[:2], *good[4:], "--jwks", self.file("e", {"keys": []})),
                 "No such file"),
                ("no keys", ("--token", claims, *good[:2], *good[4:]), "no key set")):
            with self.subTest(name=name):
                code, out, err = run("explain", *arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(part, err)


class Token(Case):
    @classmethod
    def setUpClass(cls):
        cls.signer = Signer()

    def id_token(self, **changes):
        return {"sub": "a1", "iss": ISSUER, "aud": CLIENT, "token_use": "id", "exp": NOW + 600, "iat": NOW - 60, **ALICE,
                **changes}

    def token(self, token, *arguments, rules=None):
        config = self.file("config.json", {"config": CLOUD, "rules": rules or [STAFF]})
        jwks = self.file("jwks.json", {"keys": [self.signer.jwk()]})
        code, out, err = run("explain", "--config", config, "--jwks", jwks, "--now", str(NOW), "--user", "alice", "--service",
                             "sshd", "--host", "web-1", "--json", "--token", self.file("token", token), *arguments)
        self.assertEqual(err, "")
        return code, json.loads(out)

    def test_a_good_token_is_judged(self):
        code, answer = self.token(self.signer.sign(self.id_token()) + "\n")
        self.assertEqual((code, answer["verified"], answer["allowed"], answer["rule"]), (0, True, True, "staff"))
        self.assertGreater(len(answer["checks"]), 8)
        code, answer = self.token(self.signer.sign(self.id_token(**{"cognito:groups": ["x"]})))
        self.assertEqual((code, answer["verified"], answer["reason"]), (1, True, "no rule allows it"))

    def test_an_access_token_says_so_itself(self):
        claims = self.id_token(token_use="access", client_id=CLIENT, username="alice")
        del claims["aud"], claims["cognito:username"]
        self.assertEqual(self.token(self.signer.sign(claims))[0], 0)
        deny = {"name": "no", "effect": "deny", "claims": {"custom:k": ["x"]}}
        code, answer = self.token(self.signer.sign(claims), rules=[STAFF, deny])
        self.assertEqual((code, answer["rule"]), (1, "no"))
        self.assertEqual(self.token(self.signer.sign(self.id_token()), rules=[STAFF, deny])[0], 0)

    def test_no_rule_is_told_of_a_token_that_does_not_verify(self):
        for token, part in ((Signer().sign(self.id_token()), "signature: "), ("x", "signature: "), ("", "signature: "),
                            (self.signer.sign(self.id_token(exp=NOW - 31)), "exp: passed"),
                            (self.signer.sign(self.id_token(aud="other")), "aud: "),
                            (self.signer.sign(self.id_token(token_use="refresh")), "token_use: "),
                            (self.signer.sign(b"[]"), "payload: ")):
            with self.subTest(part=part):
                code, answer = self.token(token)
                self.assertEqual((code, answer["verified"], answer["allowed"], answer["rule"]), (1, False, False, ""))
                self.assertTrue(answer["reason"].startswith(part))
                self.assertNotIn("rules", answer)
                self.assertNotIn("mapping", answer)

    def test_a_set_without_a_usable_key_verifies_nothing(self):
        config = self.file("config.json", {"config": CLOUD, "rules": [STAFF]})
        code, out, _ = run("explain", "--config", config, "--jwks", self.file("none.json", {"keys": []}), "--user", "alice",
                           "--service", "sshd", "--token", self.file("token", self.signer.sign(self.id_token())))
        self.assertEqual((code, out.splitlines()[-1]), (1, "denied: signature: no usable key set"))


if __name__ == "__main__":
    harness.main()
