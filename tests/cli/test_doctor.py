#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc doctor` and `jwks` against the local Cognito: what of the way there and of the
app client is wrong, told by name. What needs root's own files is seeded in tests/e2e/doctor.sh."""
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position
import control  # pylint: disable=wrong-import-position
import certificates  # pylint: disable=wrong-import-position
from control import Cognito  # pylint: disable=wrong-import-position

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
SECRET = "local0secret0of0the0confidential0client0000000000001"
# What this machine has of PAM, sshd and locale is not these tests' business.
HERE = {"module", "pam", "pam.option", "pam.account", "pam.bypass", "pam.break-glass", "sshd", "sudo", "run", "cache"} | ({"sandbox"} if harness.SAN else set())


def run(*arguments, env=None):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, timeout=120, check=False,
                          env={"LANG": "C.UTF-8", **(env or {})}, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cognito = Cognito(keys=harness.TEST / "cognito-keys")
        cls.addClassCleanup(cls.cognito.stop)

    def setUp(self):
        self.cognito.reset()

    def doctor(self, overrides=None, env=None, path=None):
        """{name: [finding, ...]} of all that is not ok, this machine's own left out."""
        path = path or self.cognito.config(overrides)
        code, out, err = run("doctor", "--json", "--config", path, env=env)
        self.assertEqual(err, "")
        answer = json.loads(out)
        self.assertEqual(answer["ok"], code == 0)
        self.assertEqual(answer["faults"], sum(f["status"] == "fail" for f in answer["findings"]))
        found = {}
        for finding in answer["findings"]:
            if finding["status"] == "ok":
                self.assertNotIn("do", finding)
            elif finding["name"] not in HERE:
                self.assertTrue(finding["do"] and finding["page"].startswith(("pam_cognito_oidc", "cognito-oidc")))
                found.setdefault(finding["name"], []).append(finding)
        self.all = answer["findings"]
        return found

    def one(self, name, words, overrides=None, status="fail", **settings):
        found = self.doctor(overrides, **settings)
        self.assertEqual(list(found), [name], found)
        self.assertEqual(found[name][0]["status"], status)
        self.assertIn(words, found[name][0]["seen"])

    def test_a_right_set_up_has_no_fault(self):
        self.assertEqual(self.doctor(), {})
        names = {finding["name"] for finding in self.all}
        for name in ("config", "helper", "user", "dns", "tls", "issuer", "clock", "jwks", "client", "sandbox"):
            self.assertIn(name, names)

    def test_every_password_method_that_is_right(self):
        for client, login in (("localpassword", {"password_method": "password"}), ("localchoice", {"password_method": "choice"}),
                              ("localbroker", {"password_method": "ropc"})):
            with self.subTest(client=client):
                self.assertEqual(self.doctor({"config": {"client_id": client}, "login": login}), {})

    def test_a_right_device_flow(self):
        self.assertEqual(self.doctor({**self.cognito.device_endpoints(), "login": {"flows": ["device"]}}), {})

    def test_no_persons_tries_are_counted_and_nothing_else_is_asked(self):
        self.doctor()
        operations = [line["op"] for line in self.cognito.requests() if line["op"]]
        self.assertEqual(operations, ["InitiateAuth"])

    def test_a_wrong_client_id(self):
        self.one("client.id", "does not exist", {"config": {"client_id": "nobodys"}})

    def test_a_secret_is_missing_superfluous_or_wrong(self):
        self.one("client.secret", "secret was not received", {"config": {"client_id": "localsecret"}})
        advised = self.doctor({"config": {"client_secret": "x" * 40}})
        self.assertEqual(set(advised), {"client.secret", "config.advice"})
        self.assertIn("not configured for secret", advised["client.secret"][0]["seen"])
        wrong = self.doctor({"config": {"client_id": "localsecret", "client_secret": "x" * 40}})
        self.assertIn("Unable to verify secret hash", wrong["client.secret"][0]["seen"])
        right = self.doctor({"config": {"client_id": "localsecret", "client_secret": SECRET}})
        self.assertEqual(set(right), {"config.advice"})

    def test_a_wrong_client_at_the_token_endpoint(self):
        broker = {"password_method": "ropc"}
        self.one("client.id", "is unknown, or has a secret", {"config": {"client_id": "nobodys"}, "login": broker})
        self.one("client.flow", "unsupported_grant_type", {"login": broker})

    def test_a_flow_that_is_not_enabled(self):
        for method in ("password", "choice"):
            self.one("client.flow", "not enabled", {"login": {"password_method": method}})
        self.one("client.flow", "not enabled", {"config": {"client_id": "localpassword"}})

    def test_a_scope_that_is_unknown(self):
        device = control.merge(self.cognito.device_endpoints(), {"login": {"flows": ["device"]}})
        self.one("client.scope", "invalid_scope", control.merge(device, {"config": {"scopes": ["openid", "nonsense"]}}))

    def test_a_right_browser_flow(self):
        self.assertEqual(self.doctor({"login": {"flows": ["browser", "password"]}}), {})
        secret = self.doctor({"login": {"flows": ["browser"]}, "config": {"client_id": "localsecret", "client_secret": SECRET}})
        self.assertEqual(set(secret), {"config.advice"})

    def test_a_browser_flow_that_the_app_client_is_not_set_up_for(self):
        browser = {"login": {"flows": ["browser"]}}
        self.one("client.redirect", "no callback URL http://localhost:8401/callback",
                 {**browser, "endpoints": {"redirect_uri": "http://localhost:8401/callback"}})
        self.one("client.scope", "scope", {**browser, "config": {"scopes": ["openid", "nonsense"]}})
        self.cognito.client("6o7h8i9jlocalpublic", oauth_flows=[])
        self.one("client.flow", "code grant", browser)
        self.cognito.reset()
        self.one("client.id", "secret that is missing", {**browser, "config": {"client_id": "localsecret"}})
        found = self.doctor({**browser, "config": {"client_id": "nobodys"}})
        self.assertEqual(set(found), {"client", "client.id"})

    def test_a_pool_that_tells_who_exists(self):
        self.cognito.pool(prevent_user_existence_errors=False)
        self.one("existence", "which user names exist", status="warn")

    def test_a_wrong_issuer(self):
        self.one("issuer", "the configuration expects https://other.example/eu-west-1_Local0001",
                 {"endpoints": {"issuer": "https://other.example/eu-west-1_Local0001", "api_url": self.cognito.url}})

    def test_a_pool_that_is_not_there(self):
        found = self.doctor({"config": {"certs_url": self.cognito.url + "/eu-west-1_Nobodys/.well-known/jwks.json"}})
        self.assertEqual(set(found), {"discovery", "jwks"})
        self.assertIn("status 404", found["discovery"][0]["seen"])

    def test_addresses_that_are_not_the_pools(self):
        self.one("endpoint", "config.token_url is", {"config": {"token_url": self.cognito.url + "/oauth/token"}}, "warn")
        self.assertEqual(self.doctor({"config": {"auth_url": self.cognito.url + "/oauth2/authorize?identity_provider=X"}}), {})

    def test_the_sample_s_address_as_token_url(self):
        """It hands out tokens and cannot refresh them: Cognito's own does."""
        sample = control.merge(self.cognito.sample_endpoints(), {"login": {"flows": ["device"]}})
        self.assertEqual(set(self.doctor(sample)), {"config.advice"})
        address = sample["endpoints"]["device_authorization_url"]
        found = self.doctor(control.merge(sample, {"config": {"token_url": address}}))
        self.assertIn(f"config.token_url is {address}", found["endpoint"][0]["seen"])

    def test_another_host_of_the_pool_may_have_its_keys(self):
        base = json.loads(pathlib.Path(self.cognito.config()).read_text())["config"]["certs_url"]
        issuer = base.removesuffix("/.well-known/jwks.json")
        self.assertEqual(self.doctor({"config": {"certs_url": base.replace("//localhost", "//127.0.0.1")},
                                      "endpoints": {"issuer": issuer}}), {})

    def test_a_name_that_has_no_address(self):
        self.one("dns", "no address", {"config": {"certs_url": "https://no-such-host.invalid/eu-west-1_Local0001/.well-known/jwks.json"},
                                       "endpoints": {"api_url": self.cognito.url}})

    def test_where_refresh_tokens_are_revoked_is_looked_up_too(self):
        self.one("dns", "no-such-host.invalid", {"login": {"flows": ["browser"]},
                                                 "endpoints": {"revocation_url": "https://no-such-host.invalid/oauth2/revoke"}})

    def test_a_port_that_is_closed(self):
        self.one("connect", "onnect", {"endpoints": {"api_url": f"https://localhost:{free_port()}/"}})

    def test_a_proxy_that_the_shell_uses(self):
        closed = {"endpoints": {"api_url": f"https://localhost:{free_port()}/"}}
        found = self.doctor(closed, env={"https_proxy": "http://me:secret@proxy.example:3128"})
        self.assertEqual(set(found), {"connect", "proxy"})
        self.assertIn("this shell uses the proxy proxy.example:3128", found["proxy"][0]["seen"])
        self.assertNotIn("secret", json.dumps(self.all))

    def test_a_proxy_that_refuses(self):
        class Refuse(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):  # pylint: disable=invalid-name
                self.send_error(407)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            found = self.doctor({"network": {"proxy": f"http://127.0.0.1:{proxy.server_address[1]}"}})
            proxy.shutdown()
        self.assertEqual(set(found), {"proxy"})
        self.assertIn("407", found["proxy"][0]["seen"])

    def test_an_authority_that_is_missing(self):
        empty = pathlib.Path(self.cognito.dir, "empty")
        empty.mkdir(exist_ok=True)
        self.one("tls.ca", "no authority in", {"network": {"ca_path": str(empty)}})

    def shown(self, certificate, address, name):
        """What is found of a server at this address that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with socket.create_server((address, 0)) as other:
            def answer():
                link, _ = other.accept()
                try:
                    context.wrap_socket(link, server_side=True).close()
                except OSError:
                    link.close()
            threading.Thread(target=answer, daemon=True).start()
            self.one(name, address, {"endpoints": {"api_url": f"https://{address}:{other.getsockname()[1]}/"}})

    def test_a_certificate_for_another_name(self):
        self.shown(self.cognito.dir / "server.pem", "127.0.0.2", "tls.name")

    def test_a_certificate_that_has_expired_or_is_not_valid_yet(self):
        for days, begins in ((2, -3), (5, 2)):
            with self.subTest(begins=begins), tempfile.TemporaryDirectory() as folder:
                certificates.make_server(harness.TEST / "cognito-keys", pathlib.Path(folder), (), days, begins)
                self.shown(pathlib.Path(folder) / "server.pem", "127.0.0.1", "tls.time")

    def test_a_server_that_speaks_no_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as plain:
            def answer():
                link, _ = plain.accept()
                link.recv(4096)
                link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                link.close()
            threading.Thread(target=answer, daemon=True).start()
            self.one("tls", "SSL", {"endpoints": {"api_url": f"https://localhost:{plain.getsockname()[1]}/"}})

    def test_a_clock_that_is_off(self):
        self.cognito.clock(300)
        self.one("clock", "behind the pool's")
        self.cognito.clock(-300)
        self.one("clock", "ahead of the pool's")
        self.cognito.clock(-100)
        self.one("clock", "ahead of the pool's", status="warn")

    def test_a_key_set_without_keys(self):
        self.cognito.set_behaviour("jwks", "empty-keys")
        self.one("jwks", "not one key")

    def test_a_pool_that_fails(self):
        self.cognito.set_behaviour("jwks", "status-500")
        found = self.doctor()
        self.assertIn("status 500", found["jwks"][0]["seen"])
        self.cognito.reset()
        self.cognito.set_behaviour("InitiateAuth", "throttle")
        self.one("client", "throttling", status="warn")

    def test_keys_that_were_kept_and_are_the_pools_no_more(self):
        path = self.cognito.config()
        code, out, err = run("jwks", "--config", path, "--json")
        self.assertEqual((code, json.loads(out)["state"], err), (1, "none", ""))
        code, out, _ = run("jwks", "--refresh", "--config", path, "--json")
        kept = json.loads(out)
        self.assertEqual((code, kept["state"], len(kept["keys"])), (0, "fresh", 2))
        self.assertLess(kept["age"], 60)
        self.assertEqual(self.doctor(path=path), {})
        self.cognito.rotate()
        found = self.doctor(path=path)
        self.assertEqual((list(found), found["jwks.kept"][0]["status"]), (["jwks.kept"], "warn"))
        code, out, _ = run("jwks", "--config", path)
        self.assertEqual(code, 0)
        self.assertIn(kept["keys"][0]["kid"], out)
        code, out, _ = run("jwks", "--config", path, "--refresh")
        self.assertNotIn(kept["keys"][0]["kid"], out)
        self.assertEqual(self.doctor(path=path), {})
        self.cognito.set_behaviour("jwks", "status-500")
        code, out, err = run("jwks", "--config", path, "--refresh")
        self.assertEqual(code, 1)
        self.assertIn("certs_url", err)

    def test_a_configuration_that_cannot_be_read_does_not_stop_the_rest(self):
        path = self.cognito.config()
        pathlib.Path(path).write_text('{"config": {}, "x": 1}')
        found = self.doctor(path=path)
        self.assertIn('"x" is an unknown key', found["config"][0]["seen"])
        self.assertIn("helper", {finding["name"] for finding in self.all})
        found = self.doctor(path="/nonexistent/config.json")
        self.assertEqual(set(found), {"config.file", "folder"})
        path = self.cognito.config()
        os.chmod(path, 0o644)
        self.one("config.file", "chmod 600", path=path)

    def test_a_terminal_that_shows_no_qr_code(self):
        self.one("locale", "(POSIX)", env={"LANG": ""}, status="warn")

    def test_names_that_no_local_user_has(self):
        found = self.doctor({"users": {"map": {"no-such-user-here": {"sub": "x"}}},
                             "rules": [{"name": "r", "users": ["no-such-either", "ops-*"], "groups": ["g"]}]})
        self.assertEqual([finding["status"] for finding in found["local-user"]], ["fail", "warn"])

    def test_the_environment_of_a_root_shell_changes_nothing(self):
        log = pathlib.Path(self.cognito.dir, "tls-keys")
        found = self.doctor(env={"SSLKEYLOGFILE": str(log), "https_proxy": "http://127.0.0.1:1", "SSL_CERT_DIR": "/nonexistent"})
        self.assertEqual((found, log.exists()), ({}, False))

    def test_text_for_people(self):
        code, out, err = run("doctor", "--config", self.cognito.config({"config": {"client_id": "nobodys"}}))
        self.assertEqual((code, err), (1, ""))
        self.assertRegex(out, r"(?m)^FAIL client\.id +USER_SRP_AUTH: .*\n     do: Copy client_id .*\[pam_cognito_oidc\.json\(5\)\]$")
        self.assertRegex(out.splitlines()[-1], r"^\d+ faults?, \d+ warnings?$")

    def test_the_manual_and_the_documents_name_everything(self):
        source = (harness.ROOT / "src/common/finding.h").read_text()
        names = re.findall(r'X\(\w+, "([\w.-]+)"', source)
        self.assertGreater(len(names), 45)
        self.assertEqual(len(set(names)), len(names))
        manual = (harness.ROOT / "docs/cognito-oidc.8").read_text()
        items = set(re.findall(r"[\w.-]+", " ".join(re.findall(r"(?m)^\.It Sy (.*)$", manual))))
        self.assertEqual(set(names) - items, set())
        done = subprocess.run(["/usr/bin/python3", str(harness.ROOT / "tests/e2e/faults.py"), "--table"],
                              capture_output=True, text=True, check=True)
        self.assertIn(f"<!-- faults: begin -->\n{done.stdout}<!-- faults: end -->",
                      (harness.ROOT / "docs/testing.md").read_text())

    def test_trouble_is_2(self):
        for arguments in (("doctor", "x"), ("doctor", "--config"), ("jwks", "x"), ("jwks", "--config", "/nonexistent"),
                          ("jwks", "--refresh", "--refresh")):
            self.assertEqual(run(*arguments)[0], 2)


if __name__ == "__main__":
    harness.main()
