#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc check` as a program: faults with their place, warnings, what is in force."""
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

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
SAMPLE = harness.ROOT / "conf/config.json"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
CLOUD = {"client_id": "6o7h8i9j", "certs_url": ISSUER + "/.well-known/jwks.json"}
OTHER = dict(CLOUD, auth_url="https://op.example/authorize", token_url="https://op.example/token")
GROUPS = [{"groups": ["linux-users"]}]


def run(*arguments, env=None):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, timeout=60, check=False, env=env or {},
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def known_keys():
    """The keys of the sections and of a rule, from their tables."""
    source = "".join((harness.ROOT / "src/helper/config" / name).read_text() for name in ("config_keys.c", "config_rules.c"))
    rows = re.findall(r'^    \{(?:SAME\()?"\w*", "?(\w+)"?, KEY_(\w+)', source, re.M)
    return [name for name, kind in rows if kind != "IGNORED"]


class Check(unittest.TestCase):
    def setUp(self):
        self.own = tempfile.TemporaryDirectory(prefix="check-")
        self.addCleanup(self.own.cleanup)
        self.path = str(pathlib.Path(self.own.name) / "config.json")

    def write(self, value, mode=0o600):
        path = pathlib.Path(self.path)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        path.chmod(mode)

    def check(self, value, mode=0o600):
        """(exit code, answer); the faults of the installation itself are left out."""
        self.write(value, mode)
        code, out, err = run("check", "--config", self.path, "--json")
        self.assertEqual(err, "")
        answer = json.loads(out)
        self.assertEqual(answer["ok"], code == 0)
        self.assertEqual(answer["ok"], not answer["faults"])
        answer["faults"] = [fault for fault in answer["faults"] if fault.startswith(self.path)]
        return code, answer

    def test_the_map_is_shown_with_its_conditions(self):
        entries = {"bob": {"sub": "a-sub", "login": "bob@example.com"}, "eve": {"email": "eve@example.com", "custom:admin": True}}
        value = {"config": CLOUD, "users": {"map": entries}, "rules": GROUPS}
        code, answer = self.check(value)
        self.assertEqual(code, 0, answer)
        self.assertIn('"map": {"bob": {"sub": "a-sub", "login": "bob@example.com"}, "eve": {"email": "eve@example.com", "custom:admin": true}}',
                      json.dumps(answer))
        _, out, _ = run("check", "--config", self.path)
        self.assertIn("map bob             sub = a-sub, login = bob@example.com", out)
        self.assertIn("map eve             email = eve@example.com, custom:admin = true", out)

    def test_more_faults_than_are_shown_are_counted(self):
        code, answer = self.check({"config": CLOUD, "rules": [{"groups": ["a"], f"x{i}": 1} for i in range(60)]})
        self.assertEqual(code, 1)
        _, out, _ = run("check", "--config", self.path)
        self.assertIn("60 faults", out)
        self.assertLess(len(answer["faults"]), 60)

    def test_a_pattern_that_fnmatch_cannot_read_is_a_fault_at_its_place(self):
        rules = [{"name": "not here", "effect": "deny", "hosts": ["prod-[0-9"]}, {"groups": ["a"], "users": ["ops\\"]},
                 {"groups": ["a"], "services": ["ssh?", "[[:digits:]]"]}]
        code, answer = self.check({"config": CLOUD, "rules": rules})
        self.assertEqual(code, 1)
        for fault, words in zip(answer["faults"], (
                'hosts[0]" is no pattern: a bracket is not closed', 'users[0]" is no pattern: a backslash ends it',
                'services[1]" is no pattern: a bracket cannot be read'), strict=True):
            self.assertIn(words, fault)

    def test_a_code_after_the_password_and_the_password_grant_contradict_each_other(self):
        login = {"password_method": "ropc", "otp_append": True}
        code, answer = self.check({"config": OTHER, "login": login, "rules": GROUPS})
        self.assertEqual(code, 1)
        self.assertIn('"login.otp_append" cannot go with', answer["faults"][0])

    def warnings(self, value):
        _, answer = self.check(value)
        self.assertEqual(answer["faults"], [])
        return answer["warnings"]

    def test_the_sample_is_good_and_holds_every_key(self):
        _, answer = self.check(SAMPLE.read_text())
        self.assertEqual((answer["faults"], answer["warnings"]), ([], []))
        self.assertEqual(answer["settings"]["issuer"], ISSUER)
        for name in ("scopes", "claims", "email_claim_name", "password_method", "recheck"):
            self.assertIn(name, answer["settings"])
        self.assertEqual([rule["name"] for rule in answer["settings"]["rules"]], ["shell", "admins"])
        sample = SAMPLE.read_text()
        self.assertGreater(len(known_keys()), 25)
        for key in known_keys():
            self.assertIn(f'"{key}"', sample)

    def test_the_manual_names_every_key_that_is_known(self):
        manual = (harness.ROOT / "docs/pam_cognito_oidc.json.5").read_text()
        for key in known_keys():
            self.assertRegex(manual, rf"\b{key}\b")

    def test_the_installation(self):
        code, answer = self.check({"config": CLOUD, "rules": GROUPS})
        files = {file["what"]: file for file in answer["files"]}
        self.assertEqual(set(files), {"config", "config folder", "helper", "cache", "tickets", "module", "system user"})
        self.assertEqual((files["config"]["state"], files["config"]["mode"]), ("ok", "0600"))
        wrong = [file["what"] for file in answer["files"] if file["state"] == "wrong"]
        self.assertEqual(code, 1 if wrong else 0)

    def test_text_for_people(self):
        self.write({"config": dict(CLOUD, client_secret="never-shown"), "rules": GROUPS, "id": "f174"})
        _, out, _ = run("check", "--config", self.path)
        self.assertIn("\n  issuer              " + ISSUER + "\n", out)
        self.assertIn("\n  rule rule 1         every service; groups linux-users\n", out)
        self.assertIn("\nwarning: \"id\" is for Cloudflare only and ignored\n", out)
        self.assertNotIn("\n  id ", out)
        self.assertRegex(out, r"\nok   config        \S+/config.json  \S+ 0600\n")
        self.assertRegex(out.splitlines()[-1], r"^(ok|\d+ faults?)$")
        self.assertNotIn("never-shown", out)

    def test_every_rule_key_is_shown(self):
        rules = [{"name": "a", "effect": "allow", "services": ["s1", "s2"], "hosts": ["h"], "users": ["u"], "groups": ["g"],
                  "all_groups": ["x", "y"], "claims": {"sub": ["v", True, False]}, "max_auth_age": 60, "require_mfa": True,
                  "grant": ["video", "dialout"]},
                 {"name": "d", "effect": "deny", "anyone": True, "services": ["s"]}]
        _, answer = self.check({"config": CLOUD, "rules": rules})
        self.assertEqual((answer["settings"]["rules"], answer["faults"], answer["warnings"]), (rules, [], []))
        _, out, _ = run("check", "--config", self.path)
        self.assertIn("\n  rule a              services s1, s2; hosts h; users u; groups g; all groups of x, y; "
                      "sub = v or true or false; max_auth_age 60 s; require_mfa; grant video, dialout\n", out)
        self.assertIn("\n  deny d              services s; anyone\n", out)

    def test_faults_have_their_place(self):
        for value, part in (('{"config": {},\n "login": {"leewai": 1}}', ':2:12: "login.leewai" is an unknown key'),
                            ('{"config":\n {"client_id": "a"', ":2:19: the text ends too early"),
                            ('{"config": {"client_secret": "****"}}', ':1:30: "config.client_secret" is masked'),
                            (json.dumps({"config": CLOUD, "login": {"recheck": -1}}), '"login.recheck" must be a whole number from 0'),
                            ("", ":1:1: the text ends too early")):
            with self.subTest(value=value):
                code, answer = self.check(value)
                self.assertEqual(code, 1)
                self.assertNotIn("settings", answer)
                self.assertEqual(len(answer["faults"]), 1)
                self.assertIn(part, answer["faults"][0])

    def test_every_fault_is_told_with_its_place(self):
        code, answer = self.check('''{"name": 7, "id": 1, "foo": 2,
 "config": {"client_id": "", "certs_url": "http://x", "scopes": ["a b", "c d"], "claim": []},
 "endpoints": 5, "login": [1], "network": {"proxy": "socks://x", "request_timeout": 0},
 "users": {"lowercase": "yes", "map": {"alice": {}, "bob": {"sub": 1}}},
 "rules": [{"groups": []}, 7, {"effect": "maybe", "hosts": ["A"]}, {"services": ["sshd"]}]}''')
        self.assertEqual(code, 1)
        self.assertNotIn("settings", answer)
        named = [re.fullmatch(r'.*/config\.json:(\d+):\d+: "(\S+)" .*', fault).groups() for fault in answer["faults"]]
        self.assertEqual(named, [
            ("1", "name"), ("1", "foo"), ("3", "endpoints"), ("3", "login"), ("2", "config.client_id"),
            ("2", "config.certs_url"), ("2", "config.scopes[0]"), ("2", "config.claim"), ("4", "users.lowercase"),
            ("3", "network.proxy"), ("3", "network.request_timeout"), ("4", "users.map.alice"), ("4", "users.map.bob.sub"),
            ("5", "rules[0].groups"), ("5", "rules[1]"), ("5", "rules[2].effect"), ("5", "rules[2].hosts[0]"), ("5", "rules[3]")])

    def test_and_then_what_keys_demand_of_each_other(self):
        _, answer = self.check({"config": {"scopes": []}, "login": {"flows": ["device", "browser"]},
                                "users": {"claim": "email"}})
        self.assertEqual([re.sub(r"^.*?: ", "", fault)[:40] for fault in answer["faults"]], [
            '"config.client_id" is missing', '"config.certs_url" is missing',
            '"endpoints.device_authorization_url" is ', '"config.auth_url" is missing; the flow "', '"users.claim" names a claim that users m'])
        for value in ({"rules": {"a": 1}}, {"users": []}, {"users": {"map": [1]}}, {"config": "x"}, {"rules": "x"}, []):
            with self.subTest(value=value):
                self.assertGreaterEqual(len(self.check(value)[1]["faults"]), 1)

    def test_a_file_that_is_not_trusted_is_judged_all_the_same(self):
        code, answer = self.check({"config": CLOUD}, 0o644)
        self.assertEqual(code, 1)
        self.assertEqual(len(answer["faults"]), 1)
        self.assertIn("chmod 600", answer["faults"][0])
        self.assertIn("settings", answer)
        self.write("{")
        os.rename(self.path, self.path + ".real")
        os.symlink(self.path + ".real", self.path)
        code, out, _ = run("check", "--config", self.path)
        self.assertEqual(code, 1)
        self.assertIn("a symbolic link", out)
        self.assertIn("config.json:1:2: ", out)

    def test_what_a_refresh_token_wants_is_not_asked_of_cognito_nor_where_it_is_there(self):
        for provider, scopes, keep in (("cognito", ["openid"], True), ("oidc", ["openid", "offline_access"], True),
                                       ("oidc", ["openid"], False)):
            found = self.warnings({"config": dict(OTHER, scopes=scopes), "rules": GROUPS, "endpoints": {"provider": provider},
                                   "login": {"flows": ["browser"], "keep_refresh_token": keep}})
            self.assertEqual([text for text in found if "offline_access" in text], [])

    def test_warnings(self):
        for value, part in (
                ({"config": CLOUD}, "no rules: nobody may log in"),
                ({"config": dict(CLOUD, client_secret="x"), "rules": GROUPS}, "a public client is recommended"),
                ({"config": CLOUD, "rules": GROUPS, "scim_config": {}}, '"scim_config" is for Cloudflare only'),
                ({"config": CLOUD, "rules": [{"anyone": True}]}, "allows everyone of the pool every service"),
                ({"config": CLOUD, "rules": [{"effect": "deny"}]}, "denies everyone of the pool every service"),
                ({"config": CLOUD, "rules": [{"claims": {"custom:k": ["v"]}}]}, 'claim "custom:k": make sure that'),
                ({"config": CLOUD, "rules": [{"claims": {"sub": ["v"], "a/b": ["v"]}}] +
                    [{"claims": {"custom:k": [True]}}]}, '(and others) depends on the claim "a/b"'),
                ({"config": CLOUD, "rules": [{"groups": ["g"], "max_auth_age": 59}]}, "hardly any time to sign in"),
                ({"config": OTHER, "rules": GROUPS, "login": {"flows": ["browser"]}, "users": {"claim": "sub"}, "endpoints": {"provider": "oidc"}},
                 'lacks "offline_access"'),
                ({"config": CLOUD, "rules": GROUPS, "users": {"claim": "email", "mutable_ok": True}}, "email_verified"),
                ({"config": CLOUD, "rules": GROUPS, "users": {"claim": "custom:u", "mutable_ok": True}}, "no app client of the pool can write it"),
                ({"config": CLOUD, "rules": GROUPS, "users": {"lowercase": True}}, "two people but one user"),
                ({"config": dict(CLOUD, scopes=["email"]), "rules": GROUPS}, 'lacks "openid"'),
                ({"config": dict(CLOUD, pkce_enabled=False), "rules": GROUPS}, "PKCE")):
            with self.subTest(part=part):
                found = self.warnings(value)
                self.assertEqual(len(found), 1)
                self.assertIn(part, found[0])

    def test_a_deny_rule_by_group_beside_an_allow_rule_without(self):
        deny = ({"groups": ["x"]}, {"all_groups": ["x"]}, {"claims": {"cognito:groups": ["x"]}})
        for rule in deny:
            rule = {"name": "out", "effect": "deny", **rule}
            for allow, warned in (({"users": ["a*"]}, True), ({"claims": {"sub": ["s"]}}, True), ({"groups": ["x"]}, False),
                                  ({"all_groups": ["x"], "users": ["a"]}, False), ({"claims": {"cognito:groups": ["x"]}}, False)):
                for rules in ([rule, {"name": "in", **allow}], [{"name": "in", **allow}, rule]):
                    found = self.warnings({"config": CLOUD, "rules": rules})
                    self.assertEqual(any('rule "out" denies by group, but rule "in" allows without one' in text for text in found), warned, rules)
        rules = [{"effect": "deny", "groups": ["x"]}, {"users": ["a"]}]
        self.assertEqual(self.warnings({"config": OTHER, "rules": rules, "users": {"claim": "sub"}, "endpoints": {"provider": "oidc"},
                                        "login": {"password_method": "ropc", "keep_refresh_token": False}}), [])

    def test_trouble_is_2(self):
        for arguments in (("check", "--config", "/nonexistent"), ("check", "--config", "/"), ("check", "x"), ("check", "--config"),
                          (), ("chek",), ("whoami",), ("--help", "x")):
            with self.subTest(arguments=arguments):
                code, out, err = run(*arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertNotEqual(err, "")
        self.assertEqual(run("--help")[0], 0)

    def test_a_fifo_does_not_hold_it(self):
        os.mkfifo(self.path, 0o600)
        self.assertEqual(run("check", "--config", self.path)[0], 2)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be someone without rights")
    def test_root_is_needed_and_said(self):
        self.write({"config": CLOUD})
        os.chmod(self.own.name, 0o755)
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            copy = pathlib.Path(folder, "cognito-oidc")
            copy.write_bytes(pathlib.Path(COMMAND).read_bytes())
            copy.chmod(0o755)
            done = subprocess.run([str(copy), "check", "--config", self.path], capture_output=True, timeout=60,
                                  check=False, user=65534, group=65534, extra_groups=[], env={})
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"only root", done.stderr)


class Size(unittest.TestCase):
    def test_how_near_the_limit_is(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "config.json"
            for size, warned, limit in ((1000, False, "0 %"), (850000, True, "81 %"), (1048576, True, "100 %")):
                document = json.dumps({"config": CLOUD, "rules": [{"name": "all", "groups": ["g"]}]})
                path.write_text(document + " " * (size - len(document)))
                path.chmod(0o600)
                _, out, _ = run("check", "--config", str(path))
                self.assertIn(f"size: {size} of 1048576 bytes, {limit}\n", out)
                self.assertEqual("of its limit of 1 MiB" in out, warned)
                answer = json.loads(run("check", "--config", str(path), "--json")[1])
                self.assertEqual((answer["size"], answer["limit"]), (size, 1048576))


if __name__ == "__main__":
    harness.main()
