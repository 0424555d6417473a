#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The module and npm's cognito-local, a Cognito that nobody here wrote. Run by interop.sh.

It knows USER_PASSWORD_AUTH, authenticator codes and NEW_PASSWORD_REQUIRED. Unlike Amazon's it
says InvalidPasswordException for a wrong password, takes any Session, asks for no
SECRET_HASH, and looks at no temporary password. Each refresh of its renews auth_time."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
import ssl  # noqa: E402
import totp  # noqa: E402  (tests/cognito, found by the harness)

START = pathlib.Path(os.environ["MODULES"]) / "node_modules/cognito-local/lib/bin/start.js"
# Tokens name it; nobody has to be there.
ISSUER_BASE = "https://cognito-local.test"
OLD, NEW = "Battery-Staple-8!", "Brand-New-Pass-7!"
LOCAL = None
SELF = 1001 if os.geteuid() == 0 else os.getuid()


def openssl(*words, text=None):
    subprocess.run(["openssl", *words], input=text, check=True, capture_output=True, text=True)


def make_certificates(folder):
    """An authority and a certificate for localhost, by the openssl command."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-days", "2",
            "-subj", "/CN=interop authority", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *key, "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.csr", "-subj", "/CN=localhost")
    (folder / "extensions").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", f"{folder}/server.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/extensions", "-out", f"{folder}/server.pem")
    (folder / "ca.pem").chmod(0o644)


class CognitoLocal:
    """The server in a folder of its own, one pool, and its API."""

    def __init__(self):
        self.configs = 0
        self.own = tempfile.TemporaryDirectory(prefix="interop-")
        self.folder = pathlib.Path(self.own.name)
        self.folder.chmod(0o755)
        make_certificates(self.folder)
        (self.folder / ".cognito").mkdir()
        (self.folder / ".cognito/config.json").write_text(json.dumps({
            "UserPoolDefaults": {"UsernameAttributes": []}, "TokenConfig": {"IssuerDomain": ISSUER_BASE},
            "ServerConfig": {"hostname": "127.0.0.1", "port": 0, "https": True, "key": f"{self.folder}/server.key",
                             "cert": f"{self.folder}/server.pem"}}))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["node", str(START)], cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        self.url = "https://localhost:" + self.await_port()
        self.context = ssl.create_default_context(cafile=f"{self.folder}/ca.pem")
        self.pool = self.call("CreateUserPool", PoolName="interop", MfaConfiguration="OPTIONAL")["UserPool"]["Id"]
        self.client = self.call("CreateUserPoolClient", UserPoolId=self.pool, ClientName="hosts", ExplicitAuthFlows=[
            "ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
        self.call("CreateGroup", UserPoolId=self.pool, GroupName="linux-users")

    def await_port(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"running on https://[^:]+:(\d+)", (self.folder / "log").read_text())
            if found:
                return found.group(1)
            time.sleep(0.05)
        raise RuntimeError("cognito-local did not start: " + (self.folder / "log").read_text())

    def call(self, operation, **members):
        request = urllib.request.Request(self.url, json.dumps(members).encode(), {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService." + operation})
        try:
            with urllib.request.urlopen(request, context=self.context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{operation}: {error.read().decode()}") from error

    def person(self, name, password=OLD, permanent=True, groups=("linux-users",)):
        where = {"UserPoolId": self.pool, "Username": name}
        self.call("AdminCreateUser", **where, TemporaryPassword=password, MessageAction="SUPPRESS", UserAttributes=[
            {"Name": "email", "Value": name + "@example.com"}, {"Name": "email_verified", "Value": "true"}])
        if permanent:
            self.call("AdminSetUserPassword", **where, Password=password, Permanent=True)
        for group in groups:
            self.call("AdminAddUserToGroup", **where, GroupName=group)

    def authenticator(self, name):
        """Sets one up for a person; returns its key."""
        token = self.call("InitiateAuth", ClientId=self.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
            "USERNAME": name, "PASSWORD": OLD})["AuthenticationResult"]["AccessToken"]
        secret = self.call("AssociateSoftwareToken", AccessToken=token)["SecretCode"]
        self.call("VerifySoftwareToken", AccessToken=token, UserCode=totp.code(secret, time.time()))
        self.call("SetUserMFAPreference", AccessToken=token,
                  SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
        return secret

    def config(self, method="password", login=None, rules=({"groups": ["linux-users"]},), more=None, **endpoints):
        base = f"{self.url}/{self.pool}"
        self.configs += 1
        path = self.folder / f"{self.configs}.json"
        path.write_text(json.dumps({
            "name": "cognito-local",
            "config": {"client_id": self.client, "certs_url": base + "/.well-known/jwks.json"},
            "endpoints": {"issuer": f"{ISSUER_BASE}/{self.pool}", "api_url": self.url + "/", **endpoints},
            "login": {"password_method": method, **(login or {})}, "rules": rules,
            "network": {"ca_file": f"{self.folder}/ca.pem"}, **(more or {})}))
        path.chmod(0o600)
        return path

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.own.cleanup()


def setUpModule():
    global LOCAL
    LOCAL = CognitoLocal()


def tearDownModule():
    LOCAL.close()


class Base(unittest.TestCase):
    def setUp(self):
        self.host = harness.Host()
        self.addCleanup(self.host.close)
        self.service()

    def service(self, method="password", **endpoints):
        self.host.service("login", f"config={LOCAL.config(method, **endpoints)} timeout=20")

    def login(self, user, *answers):
        # account would go by the ticket of an earlier sign-in.
        shutil.rmtree(harness.TEST / "run", ignore_errors=True)
        outcome = self.host.drive(user, ("auth", "acct"), answers)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def allowed(self, user, *answers):
        outcome = self.login(user, *answers)
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
        return outcome

    def refused(self, results, user, *answers):
        outcome = self.login(user, *answers)
        self.assertIn(outcome.results[0], results, outcome.text)
        self.assertNotIn("PAM_SUCCESS", outcome.results, outcome.text)
        return outcome


class Accounts(unittest.TestCase):
    """AWS's own command line lists a pool that nobody here wrote, and the command plans its people."""

    def test_the_group_becomes_accounts(self):
        for name in ("list.one", "list_two"):
            LOCAL.person(name)
        LOCAL.call("AdminDisableUser", UserPoolId=LOCAL.pool, Username="list_two")
        config = LOCAL.config(more={"accounts": {"groups": ["linux-users"]}})
        folder = LOCAL.folder / "listing"
        script = LOCAL.folder / "export-accounts"
        script.write_text((harness.ROOT / "conf/export-accounts").read_text().replace("/usr/sbin/cognito-oidc", str(harness.TEST / "cognito-oidc")))
        done = subprocess.run(["sh", script, folder, "--endpoint-url", LOCAL.url], capture_output=True, text=True, timeout=300, check=False,
                              stdin=subprocess.DEVNULL, env={
                                  "PATH": "/usr/bin:/bin", "HOME": str(LOCAL.folder), "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                                  "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CA_BUNDLE": f"{LOCAL.folder}/ca.pem", "CONFIG": str(config)})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = subprocess.run([str(harness.TEST / "cognito-oidc"), "accounts", "plan", "--json", "--from", folder, "--config", config],
                              capture_output=True, text=True, timeout=120, check=False, env={})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        changes = {change["name"]: change["action"] for change in json.loads(done.stdout)["changes"] if "name" in change}
        self.assertEqual(changes.get("list.one"), "create", changes)
        self.assertNotEqual(changes.get("list_two"), "create", changes)


class Login(Base):
    def test_password(self):
        LOCAL.person("bob")
        self.allowed("bob", OLD)
        # cognito-local's InvalidPasswordException is Amazon's word for a new password refused.
        self.refused(("PAM_AUTH_ERR", "PAM_AUTHTOK_ERR"), "bob", "Wrong-1!")
        self.allowed("bob", OLD)

    def test_unknown_in_the_pool(self):
        self.refused(("PAM_AUTH_ERR",), "mallory", OLD)

    def test_groups_decide(self):
        LOCAL.person("carol", groups=())
        outcome = self.refused(("PAM_PERM_DENIED",), "carol", OLD)
        self.assertIn("no rule allows it", outcome.text)

    def test_authenticator_code(self):
        LOCAL.person("alice")
        secret = LOCAL.authenticator("alice")

        def code(skew=0):
            return totp.code(secret, time.time() + skew)
        outcome = self.allowed("alice", OLD, code())
        self.assertEqual(outcome.shown, ["Verification code from your authenticator app: "])
        wrong = f"{(int(code()) + 1) % 1000000:06d}"
        outcome = self.allowed("alice", OLD, wrong, code())
        self.assertEqual(outcome.errors, ["That code is wrong."])
        self.refused(("PAM_MAXTRIES",), "alice", OLD, wrong, wrong, wrong)
        self.refused(("PAM_AUTH_ERR",), "alice", OLD, "")

    def test_new_password_required(self):
        LOCAL.person("erin", permanent=False)
        self.refused(("PAM_MAXTRIES",), "erin", OLD, "", OLD, OLD, NEW, "other", OLD, OLD)
        self.refused(("PAM_AUTH_ERR",), "erin", OLD, "", "")
        outcome = self.allowed("erin", OLD, "", NEW, NEW)
        self.assertEqual(outcome.hidden, ["Password: ", "New password: ", "New password again: "])
        outcome = self.allowed("erin", NEW)
        self.assertEqual(outcome.hidden, ["Password: "])
        self.refused(("PAM_AUTH_ERR", "PAM_AUTHTOK_ERR"), "erin", OLD)

    def test_srp_is_refused_and_said_so(self):
        LOCAL.person("frank")
        self.service("srp")
        outcome = self.refused(("PAM_AUTHINFO_UNAVAIL",), "frank", OLD)
        self.assertTrue(outcome.errors, outcome.text)

    def test_tokens_of_another_issuer_are_refused(self):
        LOCAL.person("grace")
        self.service(issuer=LOCAL.url + "/" + LOCAL.pool)
        outcome = self.refused(("PAM_AUTH_ERR",), "grace", OLD)
        self.assertIn("iss", outcome.text)


class Tickets(Base):
    """What account and a silent sudo make of tokens that are said to be newer at each refresh."""

    def sign_in(self, user, sudo_options="", **sudo_rule):
        self.host.users({**harness.USERS, user: SELF})
        LOCAL.person(user)
        config = LOCAL.config(login={"recheck": 0}, rules=[{"groups": ["linux-users"], "services": ["login"]},
                                                           {"groups": ["linux-users"], "services": ["sudo"], **sudo_rule}])
        self.host.service("login", f"config={config} timeout=20")
        self.host.service("sudo", f"config={config} timeout=20 {sudo_options}")
        self.allowed(user, OLD)
        # auth_time has whole seconds.
        time.sleep(2.1)

    def later(self, user, operations, service, *results):
        settings = {"ruid": str(SELF)} if os.geteuid() == 0 and service == "sudo" else {}
        outcome = self.host.drive(user, operations, (), service, **settings)
        self.assertEqual((outcome.results, outcome.host), (list(results), ["unchanged"]), outcome.text)
        self.assertEqual((outcome.hidden, outcome.shown), ([], []), outcome.text)
        return outcome

    def test_account_lets_the_person_stay(self):
        self.sign_in("heidi")
        for _ in range(3):
            self.later("heidi", ("acct", "open"), "login", "PAM_SUCCESS", "PAM_SUCCESS")

    def test_sudo_stays_silent(self):
        self.sign_in("ivan", "reuse max_age=900")
        for _ in range(2):
            self.later("ivan", ("auth", "acct"), "sudo", "PAM_SUCCESS", "PAM_SUCCESS")

    def test_but_the_sign_in_is_no_younger_for_it(self):
        self.sign_in("judy", max_auth_age=1)
        for _ in range(2):
            self.later("judy", ("acct",), "login", "PAM_SUCCESS")
            outcome = self.later("judy", ("acct",), "sudo", "PAM_PERM_DENIED")
            self.assertIn("a fresh sign-in is required", outcome.text)


if __name__ == "__main__":
    harness.main()
