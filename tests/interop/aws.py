#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The block of docs/cognito-setup.md that makes a pool, as it stands there, by AWS's own command
line against the local Cognito; then the `init` command that it prints."""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402  (tests/cognito, found by the harness)

COMMAND = str(harness.TEST / "cognito-oidc")
AWS = "/usr/bin/aws"  # Debian's: an older one may come first in PATH


def block():
    """The first shell block of the guide."""
    guide = (harness.ROOT / "docs/cognito-setup.md").read_text(encoding="utf-8")
    return re.search(r"^```sh\n(.*?)^```$", guide, re.S | re.M).group(1)


class Administrator(unittest.TestCase):
    """Has credentials, and an `aws` that speaks to the local Cognito; 2.9 knows no variable for that."""

    def setUp(self):
        self.assertTrue(os.access(AWS, os.X_OK), "tests/packages.sh interop installs awscli")
        self.cognito = Cognito(keys=harness.TEST / "cognito-keys", arguments=["--pool", str(harness.ROOT / "tests/cognito/empty.json")])
        self.addCleanup(self.cognito.stop)
        own = tempfile.TemporaryDirectory(prefix="aws-")
        self.addCleanup(own.cleanup)
        self.dir = pathlib.Path(own.name)
        self.dir.chmod(0o755)
        (self.dir / "bin").mkdir()
        wrapper = self.dir / "bin/aws"
        wrapper.write_text(f'#!/bin/sh\nexec {AWS} --endpoint-url {self.cognito.url} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)

    def shell(self, script, **environment):
        return subprocess.run(["bash", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False, env={
            "PATH": f"{self.dir}/bin:/usr/bin:/bin", "HOME": str(self.dir), "LANG": "C.UTF-8", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_CA_BUNDLE": str(self.cognito.dir / "ca.pem"),
            "AWS_PAGER": "", **environment})

    def aws(self, words):
        done = self.shell("aws cognito-idp " + words)
        return done.returncode, done.stdout, done.stderr


class Block(Administrator):
    def test_from_nothing_to_a_configuration(self):
        done = self.shell(block())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        last = done.stdout.splitlines()[-1]
        self.assertRegex(last, r"^cognito-oidc init --pool eu-west-1_Empty0001 --client-id [a-z0-9]{26} --groups linux-users --admin-groups linux-admins$")
        # The hosts' side: the very line, into another file.
        config = self.dir / "config.json"
        init = subprocess.run([COMMAND, *shlex.split(last)[1:], "--config", str(config)], capture_output=True, text=True, timeout=60, check=False, env={})
        self.assertEqual((init.returncode, init.stderr), (0, ""))
        self.assertIn(f"\nnext: cognito-oidc doctor --config {config}\n", "\n" + init.stdout.replace(" next", "next"))
        client = last.split()[5]
        self.judge_client(config, client)
        self.judge_person(client)

    def judge_client(self, config, client):
        """doctor finds the app client at the pool, and the flow enabled: from the file that init
        wrote, but for the names, which lead to Amazon."""
        local = self.dir / "local.json"
        text = config.read_text(encoding="utf-8").replace("https://cognito-idp.eu-west-1.amazonaws.com", self.cognito.url)
        local.write_text(text.replace('"login": {', f'"network": {{ "ca_path": "{self.cognito.dir}/ca" }},\n  "login": {{'), encoding="utf-8")
        local.chmod(0o600)
        self.cognito.dir.chmod(0o755)
        for change, expected in (({}, {"client": "ok", "client.flow": None}),
                                 ({"flows": ["ALLOW_REFRESH_TOKEN_AUTH"]}, {"client.flow": "fail"}),
                                 ({"flows": ["ALLOW_USER_SRP_AUTH"], "secret": "a" * 51}, {"client.secret": "fail"})):
            if change:
                self.cognito.client(client, **change)
            done = subprocess.run([COMMAND, "doctor", "--json", "--config", str(local)], capture_output=True, text=True, timeout=120, check=False, env={})
            found = {finding["name"]: finding["status"] for finding in json.loads(done.stdout)["findings"]}
            for name, status in expected.items():
                self.assertEqual(found.get(name), status, (change, found))
        self.cognito.client(client, flows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"], secret=None)

    def judge_person(self, client):
        """alice has the password of her letter, is in both groups, and must choose another."""
        letter = [line for line in self.cognito.outbox() if line["kind"] == "INVITATION"]
        self.assertEqual([(line["username"], line["destination"]) for line in letter], [("alice", "alice@example.com")])
        code, out, err = self.aws(f"initiate-auth --client-id {client} --auth-flow USER_PASSWORD_AUTH "
                                  f"--auth-parameters {shlex.quote(json.dumps({'USERNAME': 'alice', 'PASSWORD': letter[0]['code']}))}")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(json.loads(out)["ChallengeName"], "NEW_PASSWORD_REQUIRED")

    def test_it_stops_at_the_first_error(self):
        self.assertEqual(self.shell(block()).returncode, 0)
        done = self.shell(block())
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("LimitExceededException", done.stderr)
        self.assertNotIn("cognito-oidc init", done.stdout)


class Refused(Administrator):
    """What the local Cognito says to mistakes, as `aws` prints it."""

    def test_mistakes(self):
        self.assertEqual(self.aws("create-user-pool --pool-name x")[0], 0)
        pool = "--user-pool-id eu-west-1_Empty0001"
        self.assertEqual(self.aws(f"create-group {pool} --group-name users")[0], 0)
        self.assertEqual(self.aws(f"admin-create-user {pool} --username bob")[0], 0)
        for words, name in ((f"create-group {pool} --group-name users", "GroupExistsException"),
                            (f"admin-create-user {pool} --username BOB", "UsernameExistsException"),
                            (f"admin-create-user {pool} --username carol --temporary-password short", "InvalidPasswordException"),
                            (f"admin-add-user-to-group {pool} --username bob --group-name others", "ResourceNotFoundException"),
                            (f"admin-add-user-to-group {pool} --username carol --group-name users", "UserNotFoundException"),
                            ("create-group --user-pool-id eu-west-1_Another1 --group-name x", "ResourceNotFoundException"),
                            (f"create-user-pool-client {pool} --client-name x --explicit-auth-flows ALLOW_NONSENSE", "InvalidParameterException"),
                            (f"set-user-pool-mfa-config {pool} --mfa-configuration ON", "InvalidParameterException")):
            code, out, err = self.aws(words)
            self.assertEqual((code, out), (254, ""), words)
            self.assertIn(f"({name})", err)

    def test_without_a_signature(self):
        code, _, err = self.aws("create-user-pool --pool-name x --no-sign-request")
        self.assertEqual((code, "MissingAuthenticationTokenException" in err), (254, True), err)


if __name__ == "__main__":
    harness.main()
