#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The module and npm's oidc-provider with "provider": "oidc": the device flow and the browser
flow, its tokens as it makes them. Run by interop.sh.

Its ID tokens have no token_use, its access tokens are opaque, its answers name no interval, and
it never says slow_down."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from cognito_local import make_certificates  # noqa: E402
from visitor import Visitor  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SECRET = "interop+secret/0123:4567%89"
PROVIDER = None


class OidcProvider:
    def __init__(self):
        self.own = tempfile.TemporaryDirectory(prefix="interop-")
        self.folder = pathlib.Path(self.own.name)
        self.folder.chmod(0o755)
        make_certificates(self.folder)
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["node", str(HERE / "oidc_provider.mjs"), str(self.folder)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 120
        while not (self.folder / "port").exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("oidc-provider did not start: " + (self.folder / "log").read_text())
            time.sleep(0.05)
        self.url = "https://localhost:" + (self.folder / "port").read_text()
        self.ca_file = str(self.folder / "ca.pem")

    def config(self, flow, client="public", **changes):
        path = self.folder / f"{flow}-{client}-{len(changes)}.json"
        path.write_text(json.dumps({
            "name": "oidc-provider",
            "config": {"client_id": client, "auth_url": self.url + "/auth", "token_url": self.url + "/token",
                       "certs_url": self.url + "/jwks", "scopes": ["openid"],
                       **({} if client == "public" else {"client_secret": SECRET}), **changes},
            "endpoints": {"issuer": self.url, "provider": "oidc", "device_authorization_url": self.url + "/device/auth",
                          "client_auth": "body" if client == "post" else "basic"},
            "login": {"flows": [flow]}, "rules": [{"groups": ["linux-users"]}],
            "network": {"ca_file": self.ca_file}}))
        path.chmod(0o600)
        return path

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.own.cleanup()


def setUpModule():
    global PROVIDER
    PROVIDER = OidcProvider()


def tearDownModule():
    PROVIDER.close()


class Flow(unittest.TestCase):
    def setUp(self):
        self.host = harness.Host()
        self.addCleanup(self.host.close)

    def service(self, *arguments, service="login", **changes):
        # account would go by the ticket of an earlier sign-in.
        shutil.rmtree(harness.TEST / "run", ignore_errors=True)
        self.host.service(service, f"config={PROVIDER.config(*arguments, **changes)} timeout=30")

    def assert_results(self, outcome, *results):
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        self.assertEqual(outcome.results, list(results), outcome.text)
        return outcome


class Device(Flow):
    def sign_in(self, user="bob", by="bob", **answers):
        """As somebody who follows the link of the QR code, signs in as `by` and allows."""
        command = self.host.command(user, ("auth", "acct"), terminal="012")
        process = subprocess.Popen(command, env=self.host.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        shown = process.stdout.readline().decode()
        code = re.search(r"\\nCode  (\S+?)\\n", shown).group(1)
        self.assertRegex(code, "^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$")
        said = Visitor(PROVIDER.ca_file).go(f"{PROVIDER.url}/device?user_code={code}", by, **answers)
        text = shown + process.communicate(timeout=40)[0].decode()
        return said, harness.Outcome(text, process.returncode)

    def test_approved(self):
        for client in ("public", "basic", "post"):
            with self.subTest(client):
                self.service("device", client)
                said, outcome = self.sign_in()
                self.assertIn("Sign-in Success", said)
                self.assert_results(outcome, "PAM_SUCCESS", "PAM_SUCCESS")
                self.assertIn("sub=bob", outcome.log[0])

    def test_another_person_approves(self):
        self.service("device")
        outcome = self.assert_results(self.sign_in(by="alice")[1], "PAM_PERM_DENIED", "PAM_PERM_DENIED")
        self.assertIn('Signed in as "alice"; this login is for "bob". Please start again.', outcome.errors)

    def test_cancelled_on_its_page(self):
        self.service("device")
        outcome = self.assert_results(self.sign_in(until="interrupted", abort="yes")[1], "PAM_AUTH_ERR", "PAM_PERM_DENIED")
        self.assertIn("denied", outcome.errors[0])

    def test_the_wrong_secret(self):
        self.service("device", "basic", client_secret="another-secret-0123456789")
        self.assert_results(self.host.drive("bob", ("auth",)), "PAM_SERVICE_ERR")


class Browser(Flow):
    def sign_in(self, user="bob", by="bob", service="login"):
        words = ["/usr/bin/python3", str(HERE / "visitor.py"), PROVIDER.ca_file, str(self.host.dir / "prompt"), by]
        return self.host.drive(user, ("auth", "acct"), (f"<sh:{shlex.join(words)}>",), service)

    def test_signed_in(self):
        for client in ("public", "basic", "post"):
            with self.subTest(client):
                self.service("browser", client)
                outcome = self.assert_results(self.sign_in(), "PAM_SUCCESS", "PAM_SUCCESS")
                self.assertIn("flow=browser sub=bob", outcome.log[0])

    def test_a_fresh_sign_in_for_sudo(self):
        self.service("browser", service="sudo")
        outcome = self.assert_results(self.sign_in(service="sudo"), "PAM_SUCCESS", "PAM_SUCCESS")
        self.assertIn("&prompt=login", outcome.shown[0])

    def test_another_person(self):
        self.service("browser")
        outcome = self.assert_results(self.sign_in(by="alice"), "PAM_PERM_DENIED", "PAM_PERM_DENIED")
        self.assertIn('Signed in as "alice"; this login is for "bob". Please start again.', outcome.errors)

    def test_groups_decide(self):
        self.service("browser")
        self.assert_results(self.sign_in("carol", "carol"), "PAM_PERM_DENIED", "PAM_PERM_DENIED")

    def test_an_error_of_its_own(self):
        self.service("browser", prompt="none")
        outcome = self.assert_results(self.sign_in(), "PAM_AUTH_ERR", "PAM_PERM_DENIED")
        self.assertIn("login_required", outcome.errors[0])

    def test_a_code_that_is_none(self):
        self.service("browser")
        outcome = self.assert_results(self.host.drive("bob", ("auth",), ("nonsense-0123456789",)), "PAM_AUTH_ERR")
        self.assertIn("The code is not valid", outcome.errors[0])


if __name__ == "__main__":
    harness.main()
