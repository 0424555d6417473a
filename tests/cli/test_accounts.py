#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc accounts`: exports and records as files, planned by the real confined helper."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
USERDB = harness.TEST / "run-userdb"
STATE = harness.TEST / "run-state"
POOL = "eu-west-1_AbCdEf123"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"
CLIENT = "6o7h8i9jexampleclientid"
FIRST, LAST = 1879048192, 2147352575
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJq0W3kUHUmWuPCnB7rYk6nZq5f1T0c9p8kWZ3dF1abc"
GROUPS = ["linux-users", "linux-admins"]


def digest(name, issuer=ISSUER):
    raw = hashlib.sha256(issuer.encode() + b"\0" + name.encode()).digest()
    return FIRST + int.from_bytes(raw, "big") % (LAST - FIRST + 1)


def sub_of(name):
    return "00000000-0000-4000-8000-" + hashlib.sha256(name.encode()).hexdigest()[:12]


def person(username, sub=None, enabled=True, created="2024-05-01T12:00:00.123000+00:00", **attributes):
    attributes = {key.replace("__", ":"): value for key, value in attributes.items()}
    return {"Username": username,
            "Attributes": [{"Name": name, "Value": value} for name, value in
                           {"sub": sub or sub_of(username), **attributes}.items()],
            "UserCreateDate": created, "UserLastModifiedDate": created, "Enabled": enabled, "UserStatus": "CONFIRMED"}


class Accounts(unittest.TestCase):
    def setUp(self):
        for folder in (USERDB, STATE):
            shutil.rmtree(folder, ignore_errors=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="accounts-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.export = self.folder / "export"
        self.made = int(time.time())
        self.configure()

    def configure(self, users=None, **accounts):
        self.config = self.folder / "config.json"
        self.config.write_text(json.dumps({
            "type": "oidc", "config": {"client_id": CLIENT, "certs_url": ISSUER + "/.well-known/jwks.json"},
            "users": users or {},
            "accounts": {"groups": GROUPS, "unix_groups": ["linux-admins"], "home": str(self.folder / "home/%u"),
                         **accounts}}))
        self.config.chmod(0o600)

    def write(self, users, admins=(), counts=None, client=None, **summary):
        """An export, as export-accounts leaves it."""
        shutil.rmtree(self.export, ignore_errors=True)
        (self.export / "groups").mkdir(parents=True)
        groups = {"linux-users": list(users), "linux-admins": list(admins)}
        for name, people in groups.items():
            (self.export / "groups" / f"{name}.json").write_text(json.dumps({"Users": people}, indent=4))
        (self.export / "client.json").write_text(json.dumps({"UserPoolClient": {
            "UserPoolId": POOL, "ClientId": CLIENT, "WriteAttributes": ["name"], **(client or {})}}))
        (self.export / "export.json").write_text(json.dumps({
            "issuer": ISSUER, "pool_id": POOL, "time": self.made,
            "groups": counts or {name: len(people) for name, people in groups.items()}, **summary}))
        for path in self.export.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)

    def run_verb(self, *words, before=()):
        done = subprocess.run([*before, COMMAND, "accounts", *words, "--config", str(self.config), "--json"],
                              capture_output=True, timeout=120, check=False, env={}, stdin=subprocess.DEVNULL)
        self.stderr = done.stderr.decode()
        answer = json.loads(done.stdout or "{}")
        return done.returncode, answer

    def apply(self, *words, code=0):
        done, answer = self.run_verb("apply", "--from", str(self.export), *words)
        self.assertEqual(done, code, (answer, self.stderr))
        return answer

    def plan(self, *words, code=0):
        before = self.snapshot()
        done, answer = self.run_verb("plan", "--from", str(self.export), *words)
        self.assertEqual(done, code, (answer, self.stderr))
        self.assertEqual(self.snapshot(), before, "plan changed something")
        return answer

    def refused(self, sentence):
        """The export is refused as a whole: nothing changes, and the sentence says why."""
        before = self.snapshot()
        for verb in ("plan", "apply"):
            code, answer = self.run_verb(verb, "--from", str(self.export))
            self.assertIn(code, (1, 2), (answer, self.stderr))
            self.assertIn(sentence, answer.get("why", "") + self.stderr)
        self.assertEqual(self.snapshot(), before)

    @staticmethod
    def snapshot():
        """Every file of the folder: content, mode, inode."""
        if not USERDB.exists():
            return {}
        return {path.name: (os.readlink(path) if path.is_symlink() else path.read_bytes(), path.lstat().st_mode,
                            path.lstat().st_ino) for path in USERDB.iterdir()}

    @staticmethod
    def record(name):
        return json.loads((USERDB / f"{name}.user").read_text())

    @staticmethod
    def identity(name):
        return json.loads((USERDB / f"{name}.user-privileged").read_text())

    @staticmethod
    def actions(answer):
        return {change["name"]: change["action"] for change in answer["changes"]}

    def left_out(self, answer, name):
        return [c["why"] for c in answer["changes"] if c["name"] == name and c["action"] == "leave-out"]

    # ---- the true path --------------------------------------------------------------------

    def test_from_export_to_records(self):
        self.write([person("alice", name="Alice A."), person("bob")], [person("bob")])
        self.assertEqual(self.actions(self.plan()), {"cognito": "create", "linux-admins": "create", "alice": "create",
                                                     "bob": "create"})
        self.apply()
        gid = FIRST
        uid = digest(sub_of("alice"))
        self.assertEqual(self.record("alice"), {
            "userName": "alice", "realName": "Alice A.", "uid": uid, "gid": gid,
            "homeDirectory": str(self.folder / "home/alice"), "shell": "/bin/bash", "disposition": "regular", "locked": False})
        self.assertEqual(self.identity("alice"), {"privileged": {}, "pam_cognito_oidc": {
            "format": 1, "issuer": ISSUER, "sub": sub_of("alice"), "login": "alice", "userName": "alice", "uid": uid}})
        self.assertEqual(os.readlink(USERDB / f"{uid}.user"), "alice.user")
        self.assertEqual(os.readlink(USERDB / f"{gid}.group"), "cognito.group")
        self.assertEqual((USERDB / "alice.user").stat().st_mode & 0o7777, 0o644)
        self.assertEqual((USERDB / "alice.user-privileged").stat().st_mode & 0o7777, 0o600)
        self.assertGreater((USERDB / "bob:linux-admins.membership").stat().st_size, 0)
        self.assertFalse((USERDB / "alice:linux-admins.membership").exists())
        self.assertEqual((STATE / "accounts/applied").read_text(), str(self.made))

    def test_second_run_writes_nothing(self):
        self.write([person("alice"), person("bob")], [person("bob")])
        self.apply()
        before = self.snapshot()
        answer = self.apply()
        self.assertEqual((answer["writes"], answer["changed"], answer["changes"]), (0, 0, []))
        self.assertEqual(self.snapshot(), before)

    def test_leaves_and_comes_back(self):
        self.write([person("alice"), person("bob")], [person("bob")])
        self.apply()
        self.write([person("alice")])
        self.assertEqual(self.actions(self.apply()), {"bob": "lock"})
        self.assertEqual((self.record("bob")["locked"], self.record("bob")["shell"]), (True, "/usr/sbin/nologin"))
        self.assertFalse((USERDB / "bob:linux-admins.membership").exists())
        self.assertEqual(self.apply()["writes"], 0)
        self.write([person("alice")], [person("bob")])
        self.assertEqual(self.actions(self.apply()), {"bob": "unlock"})
        self.assertEqual((self.record("bob")["locked"], self.record("bob")["shell"]), (False, "/bin/bash"))

    def test_disabled(self):
        self.write([person("alice"), person("carol", enabled=False)])
        self.assertNotIn("carol", self.actions(self.apply()))
        self.write([person("alice", enabled=False)])
        self.assertEqual(self.actions(self.apply()), {"alice": "lock"})

    def test_list(self):
        self.write([person("alice"), person("bob")], [person("bob")])
        self.apply()
        self.write([person("bob")], [person("bob")])
        self.apply()
        code, answer = self.run_verb("list")
        self.assertEqual(code, 0)
        self.assertEqual([(a["name"], a["uid"], a["state"], a["groups"]) for a in answer["accounts"]],
                         [("alice", digest(sub_of("alice")), "locked", ""),
                          ("bob", digest(sub_of("bob")), "active", "linux-admins")])

    # ---- names and numbers ------------------------------------------------------------------

    def test_names_that_are_left_out(self):
        rows = [("root", "reserved"), ("docker", "reserved"), ("_x", "reserved"), ("systemd-x", "reserved"),
                ("ubuntu", "reserved"), ("Alice", "not a name"), ("a.", "not a name"), ("a..b", "not a name"),
                ("1a", "not a name"), ("-a", "not a name"), ("a b", "not a name"), ("a" * 33, "not a name"),
                ("a/b", "not a name"), ("a:b", "not a name"), ("ålice", "not a name"), ("a$", "not a name")]
        self.write([person("alice")] + [person(name) for name, _ in rows])
        answer = self.apply()
        for name, sentence in rows:
            found = [c["why"] for c in answer["changes"] if c.get("sub") == sub_of(name)]
            self.assertEqual(len(found), 1, name)
            self.assertIn(sentence, found[0], name)
        self.assertEqual([p.name for p in USERDB.glob("*.user") if not p.is_symlink()], ["alice.user"])

    def test_twins_are_both_left_out(self):
        self.configure(users={"lowercase": True})
        self.write([person("Dora"), person("dora"), person("alice")])
        answer = self.apply()
        self.assertEqual(len(self.left_out(answer, "dora")), 2)
        self.assertIn("2 people would have this name", self.left_out(answer, "dora")[0])
        self.assertFalse((USERDB / "dora.user").exists())
        # who has the record keeps the name
        self.write([person("dora"), person("alice")])
        self.apply()
        self.write([person("Dora"), person("dora"), person("alice")])
        answer = self.apply()
        self.assertIn("belongs to the account of another person", self.left_out(answer, "dora")[0])
        self.assertEqual(self.identity("dora")["pam_cognito_oidc"]["sub"], sub_of("dora"))

    def test_pinned(self):
        self.configure(users={"claim": "custom:login", "mutable_ok": True}, uid_attribute="custom:uid")
        self.write([person("u1", custom__login="alice", custom__uid=str(FIRST + 5))])
        self.apply()
        self.write([person("u1", custom__login="alicia", custom__uid=str(FIRST + 6))])
        answer = self.apply()
        self.assertEqual(answer["writes"], 0)
        self.assertIn("the uid stays", answer["changes"][0]["why"])
        self.write([person("u1", custom__login="alicia", custom__uid=str(FIRST + 5))])
        self.assertIn("now says alicia; the name stays", self.apply()["changes"][0]["why"])

    def test_uid_attribute(self):
        self.configure(uid_attribute="custom:uid")
        self.write([person("alice", custom__uid=str(FIRST + 1)), person("bob", custom__uid="12"),
                    person("carol", custom__uid="x"), person("dave", custom__uid=str(FIRST + 1), created=5.5),
                    person("erin", custom__uid="0" + str(FIRST + 2)), person("frank")])
        answer = self.apply()
        self.assertEqual(self.record("dave")["uid"], FIRST + 1)
        self.assertIn("falls to dave", self.left_out(answer, "alice")[0])
        self.assertIn("no number of accounts.uid_range", self.left_out(answer, "bob")[0])
        self.assertIn("no number of accounts.uid_range", self.left_out(answer, "carol")[0])
        self.assertIn("no number of accounts.uid_range", self.left_out(answer, "erin")[0])
        self.assertEqual(self.record("frank")["uid"], digest(sub_of("frank")))
        # the record wins over every newcomer, also over an older one
        self.write([person("dave", custom__uid=str(FIRST + 1)), person("alice", custom__uid=str(FIRST + 1), created=1)])
        self.assertIn("is that of dave", self.left_out(self.apply(), "alice")[0])

    def test_writable_attributes(self):
        for attribute in ("uid_attribute", "ssh_keys_attribute"):
            self.configure(**{attribute: "custom:x"})
            for client in ({"WriteAttributes": ["custom:x"]}, {"WriteAttributes": None}):
                self.write([person("alice")], client=client)
                self.refused("people can write their own custom:x")
            self.configure(**{attribute: "custom:x"}, mutable_ok=True)
            self.plan()

    def test_keys(self):
        self.configure(ssh_keys_attribute="custom:keys")
        self.write([person("alice", custom__keys=f"{KEY} alice@home\ncommand=\"/bin/sh\" {KEY}\nfrom=\"*\" {KEY}\n\n{KEY}")])
        answer = self.apply()
        self.assertEqual(self.identity("alice")["privileged"]["sshAuthorizedKeys"], [KEY + " alice@home", KEY])
        self.assertIn("2 of the SSH keys are refused", [c["why"] for c in answer["changes"] if c["name"] == "alice"][0])
        self.write([])
        self.apply()
        self.assertEqual(self.identity("alice")["privileged"], {})

    def test_email_pool(self):
        self.configure(users={"claim": "email", "strip_suffix": "@example.com", "mutable_ok": True})
        sub = sub_of("a")
        other = sub_of("b")
        self.write([person(sub, sub=sub, email="alice@example.com", email_verified="true"),
                    person(other, sub=other, email="root2@example.com", email_verified="false")])
        answer = self.apply()
        self.assertEqual(self.identity("alice")["pam_cognito_oidc"]["login"], "alice@example.com")
        self.assertFalse((USERDB / "root2.user").exists())
        self.assertIn("none that is verified", [c["why"] for c in answer["changes"] if c.get("sub") == other][0])

    def test_map(self):
        self.configure(users={"map": {"al": {"sub": sub_of("alice")}, "bob": {"sub": sub_of("somebody")}}})
        self.write([person("alice"), person("bob")])
        answer = self.apply()
        self.assertTrue((USERDB / "al.user").exists())
        self.assertIn("users.map gives to somebody else", self.left_out(answer, "bob")[0])

    def test_hostile_attributes(self):
        names = ["a\nroot:x:0:0", "a:b:c", "\x1b[31mred", "\u202eevil", '{"uid": 0}', '"locked": true', "\ud83d\ude00 ok", "a" * 2000]
        self.write([person(f"user{i}", name=name) for i, name in enumerate(names)])
        self.apply()
        for i, _ in enumerate(names):
            record = self.record(f"user{i}")
            shown = record["realName"]
            self.assertFalse(any(c in shown for c in ":\n\x1b\u202e"), shown)
            self.assertLessEqual(len(shown.encode()), 128)
            self.assertEqual(record["uid"], digest(sub_of(f"user{i}")))
        self.assertEqual(self.apply()["writes"], 0)

    # ---- what refuses an export -------------------------------------------------------------

    def test_refused_exports(self):
        people = [person("alice"), person("bob")]
        self.write(people)
        self.apply()
        now = self.made
        rows = [
            ("another pool", {"pool_id": "eu-west-1_Other1234"}, "of another pool"),
            ("another issuer", {"issuer": "https://example.com/x"}, "of another pool"),
            ("old", {"time": now - 90000}, "only an export of the last 24 hours counts"),
            ("older than the last", {"time": now - 60}, "older than the export that was applied last"),
            ("ahead", {"time": now + 4000}, "ahead of this host's clock"),
            ("no time", {"time": "yesterday"}, "time is missing, or no date"),
            ("counts", {"counts": {"linux-users": 3, "linux-admins": 0}}, "counts 3: the export is not whole"),
            ("no count", {"counts": {"linux-users": 2}}, "does not count the group linux-admins"),
            ("counts of a wrong type", {"counts": {"linux-users": "2", "linux-admins": 0}}, "does not count the group linux-users"),
            ("client", {"client": {"ClientId": "other"}}, "not the app client"),
            ("client's pool", {"client": {"UserPoolId": "other"}}, "not the app client"),
            ("client's type", {"client": {"WriteAttributes": "name"}}, "WriteAttributes is no array"),
        ]
        for name, summary, sentence in rows:
            with self.subTest(name):
                self.write(people, **summary)
                self.refused(sentence)

    def test_refused_files(self):
        good = person("alice")

        def without(key):
            return {k: v for k, v in good.items() if k != key}

        rows = [
            ("", "the file is empty"), ("[]", "not an object"), ("{}", "Users is missing"),
            ('{"Users": {}}', "Users is missing, or no array"), ('{"Users": [], "NextToken": "x"}', "one page of several"),
            ('{"Users": [], "PaginationToken": "x"}', "one page of several"), ('{"Users": [],}', "a member"),
            ('{"Users": [], "Users": []}', "twice"), ('{"Users": [1]}', "user 1: Username is missing"),
            ({"Users": [without("Username")]}, "Username is missing"), ({"Users": [without("Attributes")]}, "Attributes is missing"),
            ({"Users": [without("Enabled")]}, "Enabled is missing"), ({"Users": [without("UserCreateDate")]}, "UserCreateDate is missing"),
            ({"Users": [{**good, "Enabled": "true"}]}, "Enabled is missing"), ({"Users": [{**good, "Username": 1}]}, "Username is missing"),
            ({"Users": [{**good, "UserCreateDate": "soon"}]}, "no date"),
            ({"Users": [{**good, "Attributes": [{"Name": "sub", "Value": 1}]}]}, "lacks Name or Value"),
            ({"Users": [{**good, "Attributes": [{"Name": "sub", "Value": "a"}] * 2}]}, "stands there twice"),
            ({"Users": [{**good, "Attributes": []}]}, "sub is missing"),
            ({"Users": [good, good]}, "stands twice in one group"),
            (b'{"Users": [{"Username": "\xff"}]}', "not UTF-8"),
            ('{"Users": [{"Username": "a\\u0000b"}]}', "\\u0000"),
        ]
        for text, sentence in rows:
            with self.subTest(str(text)[:60]):
                self.write([good], counts={"linux-users": 2, "linux-admins": 0})
                raw = text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode()
                (self.export / "groups/linux-users.json").write_bytes(raw)
                self.refused(sentence)

    def test_untrusted_files(self):
        self.write([person("alice")])
        group = self.export / "groups/linux-users.json"
        group.chmod(0o620)
        self.refused("group or others may write it")
        group.chmod(0o600)
        self.export.chmod(0o777)
        self.refused("group or others may write it")
        self.export.chmod(0o700)
        group.rename(self.folder / "elsewhere")
        group.symlink_to(self.folder / "elsewhere")
        self.refused("a link; it must be the file itself")
        group.unlink()
        self.refused("No such file")
        shutil.rmtree(self.export)
        self.refused("there is no export; export-accounts makes one, and so does accounts apply")

    def test_removals(self):
        people = [person(f"user{i}") for i in range(50)]
        self.write(people)
        self.apply()
        self.write(people[5:])
        self.assertEqual(len(self.plan()["changes"]), 5)
        self.write(people[6:])
        self.refused("6 of 50 accounts would be locked")
        self.assertEqual(len(self.apply("--force")["changes"]), 6)
        self.write(people[:3])
        self.refused("accounts would be locked")

    # ---- what is another's ------------------------------------------------------------------

    def test_records_of_others(self):
        USERDB.mkdir(mode=0o755)
        foreign = {"bob.user": json.dumps({"userName": "bob", "uid": 4242, "gid": 4242}),
                   "carol.user": "garbage", "4242.user": "not even a link", "zed.user-privileged": '{"privileged": {}}',
                   "local:linux-admins.membership": "{}", "something": "else", "wheelers.group": '{"groupName": "wheelers", "gid": 77}',
                   "other:wheelers.membership": "{}"}
        for name, text in foreign.items():
            (USERDB / name).write_text(text)
        self.write([person("alice"), person("bob"), person("carol"), person("zed")], [person("bob"), person("alice")])
        answer = self.apply()
        for name in ("bob", "carol"):
            self.assertIn("not ours", self.left_out(answer, name)[0])
        self.write([])
        self.apply()
        self.assertEqual({name: (USERDB / name).read_text() for name in foreign if name != "zed.user-privileged"},
                         {name: text for name, text in foreign.items() if name != "zed.user-privileged"})

    def test_group_record_of_others(self):
        USERDB.mkdir(mode=0o755)
        (USERDB / "linux-admins.group").write_text('{"groupName": "linux-admins", "gid": 77}')
        self.write([person("alice")])
        self.refused("the record is not ours")

    def test_accounts_of_this_host(self):
        with open("/etc/passwd", encoding="utf-8") as passwd:
            name = [line.split(":")[0] for line in passwd if line.startswith(("list", "irc", "daemon"))][0]
        self.configure(users={"map": {"games": {"sub": sub_of("x")}}})
        self.write([person(name), person("x")])
        answer = self.plan()
        self.assertEqual([c["action"] for c in answer["changes"] if c.get("kind") == "user"], ["leave-out"] * 2)

    def test_home_of_another(self):
        if os.geteuid() != 0:
            self.skipTest("needs another owner")
        (self.folder / "home/alice").mkdir(parents=True)
        self.write([person("alice")])
        self.assertIn("belongs to another uid", self.left_out(self.apply(), "alice")[0])

    def test_contradictions(self):
        self.write([person("alice"), person("bob")])
        self.apply()
        path = USERDB / "bob.user-privileged"
        good = path.read_text()
        for text, sentence in [(good[:-20], "marked as ours, but not as we write it"),
                               (good.replace(sub_of("bob"), sub_of("alice")), "have one sub"),
                               (good.replace('"userName": "bob"', '"userName": "rob"'), "marked as ours"),
                               (good.replace(str(digest(sub_of("bob"))), str(FIRST + 1)), "does not belong to")]:
            path.write_text(text)
            self.refused(sentence)
        path.write_text(good.replace(str(digest(sub_of("bob"))), str(digest(sub_of("alice")))))
        record = USERDB / "bob.user"
        record.write_text(record.read_text().replace(str(digest(sub_of("bob"))), str(digest(sub_of("alice")))))
        self.refused("have one uid")

    # ---- prune ------------------------------------------------------------------------------

    def test_prune(self):
        self.write([person("alice"), person("bob")])
        self.apply()
        self.write([person("alice")])
        self.apply()
        uid = digest(sub_of("bob"))
        self.assertEqual(self.apply("--prune=1")["writes"], 0)
        (self.folder / "home/bob").mkdir(parents=True)
        os.utime(USERDB / "bob.user", (1, 1))
        self.assertEqual(self.apply("--prune=1")["writes"], 0)
        (self.folder / "home/bob").rmdir()
        self.assertEqual(self.actions(self.plan("--prune=1")), {"bob": "remove"})
        self.assertEqual(self.actions(self.apply("--prune=1")), {"bob": "remove"})
        self.assertEqual([p.name for p in USERDB.iterdir() if "bob" in p.name or str(uid) in p.name], [])
        self.assertTrue((STATE / f"accounts/{uid}.tombstone").exists())
        # the uid is never another's, and is theirs again
        self.configure(uid_attribute="custom:uid")
        self.write([person("alice"), person("carol", custom__uid=str(uid))])
        self.assertIn("was that of bob", self.left_out(self.apply(), "carol")[0])
        self.write([person("alice"), person("bob")])
        self.apply()
        self.assertEqual(self.record("bob")["uid"], uid)

    # ---- crashes ----------------------------------------------------------------------------

    def test_truncated_at_every_byte(self):
        """The strict reader alone would do; here a sample goes through the whole command."""
        self.write([person("alice", name="A")])
        path = self.export / "groups/linux-users.json"
        whole = path.read_bytes()
        for size in range(0, len(whole), 97):
            path.write_bytes(whole[:size])
            code, answer = self.run_verb("plan", "--from", str(self.export))
            self.assertEqual(code, 1, (size, answer, self.stderr))

    def test_a_run_that_was_cut_off_is_completed(self):
        self.write([person("alice")], [person("alice")])
        self.apply()
        whole = {name: content for name, (content, _, _) in self.snapshot().items()}
        uid = digest(sub_of("alice"))
        for gone in (["alice:linux-admins.membership"], ["alice:linux-admins.membership", f"{uid}.user"],
                     ["alice:linux-admins.membership", f"{uid}.user", "alice.user"]):
            for name in gone:
                (USERDB / name).unlink()
            (USERDB / ".pam_cognito_oidc.new").write_text("half")
            self.apply()
            self.assertEqual({name: content for name, (content, _, _) in self.snapshot().items()}, whole)


if __name__ == "__main__":
    unittest.main(verbosity=0)
