#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""export-accounts with AWS's own command line against the local Cognito, page by page; what it leaves
is planned by the command. Its faults leave the old export as it was."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402  (tests/cognito, found by the harness)

COMMAND = str(harness.TEST / "cognito-oidc")
AWS = "/usr/bin/aws"
GROUPS = ["linux-users", "linux-admins"]


class Export(unittest.TestCase):
    def setUp(self):
        self.cognito = Cognito(keys=harness.TEST / "cognito-keys")
        self.addCleanup(self.cognito.stop)
        self.dir = pathlib.Path(harness.tempfile.mkdtemp(prefix="export-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = pathlib.Path(self.cognito.config({"accounts": {"groups": GROUPS, "unix_groups": ["linux-admins"]}}))
        (self.dir / "bin").mkdir()
        self.wrap("aws", f'exec {AWS} "$@"')
        self.script = self.dir / "export-accounts"
        self.script.write_text((harness.ROOT / "conf/export-accounts").read_text().replace("/usr/sbin/cognito-oidc", COMMAND))
        self.client = json.loads(self.config.read_text())["config"]["client_id"]
        self.cognito.client(self.client, write_attributes=["name"])

    def wrap(self, name, text):
        path = self.dir / "bin" / name
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)

    def export(self, *options, folder="out"):
        return subprocess.run(["sh", self.script, self.dir / folder, "--endpoint-url", self.cognito.url, *options], capture_output=True,
                              text=True, timeout=300, check=False, stdin=subprocess.DEVNULL, env={
                                  "PATH": f"{self.dir}/bin:/usr/bin:/bin", "HOME": str(self.dir), "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                                  "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CA_BUNDLE": str(self.cognito.dir / "ca.pem"), "CONFIG": str(self.config)})

    def plan(self, folder="out"):
        done = subprocess.run([COMMAND, "accounts", "plan", "--json", "--from", self.dir / folder, "--config", self.config], capture_output=True,
                              text=True, timeout=120, check=False, env={})
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def test_pages(self):
        for i in range(70):
            self.cognito.user(f"person{i}", password="Some-Person-9!", groups=["linux-users"], attributes={"name": 'a "{[' + str(i)})
        done = self.export()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        code, answer = self.plan()
        self.assertEqual(code, 0, answer)
        names = {change["name"] for change in answer["changes"] if change["action"] == "create"}
        self.assertLessEqual({"alice", "bob", "cognito", "linux-admins", *(f"person{i}" for i in range(70))}, names)
        self.assertNotIn("dave", names)  # disabled
        for path in (self.dir / "out").rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0)
        self.assertNotIn("ClientSecret", (self.dir / "out/client.json").read_text())
        self.assertEqual(json.loads((self.dir / "out/export.json").read_text())["groups"]["linux-users"],
                         len(json.loads((self.dir / "out/groups/linux-users.json").read_text())["Users"]))

    def test_groups_with_names_that_a_shell_or_json_would_read_otherwise(self):
        odd = ['ops"eu', "back\\slash", "-first", "$(id)", "ümlaut's"]
        self.cognito.user("bob", groups=odd)
        config = json.loads(self.config.read_text())
        config["accounts"] = {"groups": odd}
        self.config.write_text(json.dumps(config))
        done = self.export()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        code, answer = self.plan()
        self.assertEqual(code, 0, answer)
        self.assertIn("bob", {change["name"] for change in answer["changes"]})

    def test_one_page_of_several(self):
        for i in range(9):
            self.cognito.user(f"person{i}", password="Some-Person-9!", groups=["linux-users"])
        self.wrap("aws", f'case $* in *list-users*) set -- "$@" --max-items 5;; esac; exec {AWS} "$@"')
        self.assertEqual(self.export().returncode, 0)
        self.assertIn("one page of several", self.plan()[1]["why"])

    def test_a_failed_export_leaves_the_old_one(self):
        self.assertEqual(self.export().returncode, 0)
        old = {str(p.relative_to(self.dir)): p.read_bytes() for p in (self.dir / "out").rglob("*") if p.is_file()}
        self.wrap("aws", f'case $* in *describe*) exit 1;; esac; exec {AWS} "$@"')
        done = self.export()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cannot be described", done.stderr)
        self.assertEqual({str(p.relative_to(self.dir)): p.read_bytes() for p in (self.dir / "out").rglob("*") if p.is_file()}, old)
        self.assertFalse((self.dir / "out.new").exists())

    def test_a_group_that_is_missing(self):
        self.config.write_text(self.config.read_text().replace('"linux-admins"', '"no-such-group"'))
        done = self.export()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the group no-such-group cannot be listed", done.stderr)

    def test_a_client_that_may_write_everything(self):
        self.cognito.client(self.client, write_attributes=None)
        self.config.write_text(self.config.read_text().replace('"unix_groups"', '"uid_attribute": "custom:uid", "unix_groups"'))
        self.assertEqual(self.export().returncode, 0)
        self.assertIn("people can write their own custom:uid", self.plan()[1]["why"])


if __name__ == "__main__":
    if not os.access(AWS, os.X_OK):
        sys.exit("tests/packages.sh interop installs awscli")
    harness.main()
