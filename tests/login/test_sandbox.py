#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The helper's sandbox, through the real module: a helper that has been taken over gets
nowhere, and a kernel without Landlock is no obstacle but is told."""
import os
import re
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from attempts import FILES, HARMLESS, LEAST, PORTS, expected, found as attempts_in, landlock_abi, unknown_to_kernel  # noqa: E402
from base import COGNITO, harness  # noqa: E402

PASSWORD = "Battery-Staple-8!"
# Names of the local Cognito's certificate.
API, CERTS = "cognito-idp.eu-west-1.amazonaws.com", "acme.auth.eu-west-1.amazoncognito.com"
SILENCE = 25  # seconds until a name server is given up; no machine needs them for anything else


def may_mount():
    """Not by an ordinary user, nor in a folder that somebody has changed his root to."""
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Resolver:
    """The only name server of a machine without /etc/hosts: knows no name, and counts. local: these
    are 127.0.0.1's; silent: nothing is said of these; together: nothing is said before each of these
    was asked for."""
    address = "127.0.0.77"

    def __init__(self, local=(), silent=(), together=()):
        self.local, self.silent, self.together = local, silent, set(together)
        self.waiting = []

    def __enter__(self):
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, 53))
        self.folder = tempfile.TemporaryDirectory()
        for name, text in (("hosts", ""), ("resolv.conf", f"nameserver {self.address}\noptions timeout:{SILENCE} attempts:1\n"), ("nsswitch.conf", "hosts: files dns\n")):
            (pathlib.Path(self.folder.name) / name).write_text(text, encoding="ascii")
        os.chmod(self.folder.name, 0o755)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", (self.address, 53))
        self.thread.join()
        self.socket.close()
        self.folder.cleanup()

    def serve(self):
        while True:
            question, sender = self.socket.recvfrom(512)
            if not question:
                return
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            name = ".".join(labels)
            self.asked.append(name)
            self.waiting.append((name, question[:at + 5], sender))
            if self.together <= set(self.asked):
                for one in self.waiting:
                    self.answer(*one)
                self.waiting.clear()

    def answer(self, name, question, sender):
        if name in self.silent:
            return
        counts = question[4:6]
        if name not in self.local:
            reply = b"\x81\x83" + counts + bytes(6) + question[12:]
        elif question[-4:-2] == b"\0\x01":
            reply = b"\x81\x80" + counts + b"\0\x01" + bytes(4) + question[12:] + b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01"
        else:
            reply = b"\x81\x80" + counts + bytes(6) + question[12:]
        self.socket.sendto(question[:2] + reply, sender)

    def around(self):
        harness.own_start_alone()
        mounts = "".join(f"mount --bind {self.folder.name}/{name} $(readlink -f /etc/{name}) && "
                         for name in ("hosts", "resolv.conf", "nsswitch.conf") if os.path.exists("/etc/" + name))
        return ["unshare", "--mount", "sh", "-c", mounts + 'exec "$@"', "sh"]


class Sandbox(unittest.TestCase):
    def setUp(self):
        if harness.SAN and not isinstance(self, Names):
            self.skipTest("a sanitizer's build is not confined")
        COGNITO.reset()
        shutil.rmtree(harness.TEST / "cache-hostile", ignore_errors=True)

    def host(self, module=None, overrides=None, options=""):
        host = harness.Host(module)
        self.addCleanup(host.close)
        host.service("login", f"config={COGNITO.config(overrides)} {options}")
        return host

    def without(self, syscall, host, error):
        """The login of a host whose kernel answers one system call with an error."""
        harness.own_start_alone()
        around = [sys.executable, str(harness.ROOT / "tests/login/refusing.py"), syscall, str(error)]
        return host.drive("bob", ("auth",), (PASSWORD,), around=around)


class TakenOver(Sandbox):
    def attempts(self, overrides=None):
        """Beside another login that waits for its person."""
        host = self.host(harness.TEST / "hostile/pam_cognito_oidc.so", overrides)
        with host.start("carol", ("auth",), (lambda: "",)) as other:
            try:
                self.assertIn(b"ask\n", other.stdout)
                outcome = host.drive("bob", ("auth",), (PASSWORD,))
            finally:
                other.kill()
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        found = attempts_in(outcome.text)
        self.assertGreater(len(found), LEAST, outcome.text)
        return outcome, found

    def test_every_attempt_is_refused_and_the_login_goes_on(self):
        outcome, found = self.attempts()
        unknown = unknown_to_kernel(landlock_abi())
        for name, result in found.items():
            with self.subTest(name):
                if name in unknown:
                    self.skipTest("this kernel's Landlock does not know that")
                self.assertEqual(result, expected(name))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    def test_no_descriptor_of_others_is_left(self):
        self.assertNotIn("a file is open", self.attempts()[1])

    def test_with_a_pinned_ca_file_too(self):
        file = COGNITO.dir / "ca.pem"
        os.chmod(file, 0o644)
        outcome, found = self.attempts({"network": {"ca_path": None, "ca_file": str(file)}})
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertNotEqual(found["read /etc/passwd"], "ok" if landlock_abi() > 0 else "")


class Kernels(Sandbox):
    def test_a_whole_sandbox_is_told_with_debug_only(self):
        if landlock_abi() < 4:
            self.skipTest("this kernel's Landlock does not know TCP ports")
        said = r"(?m)sandbox: Landlock ABI \d+ and seccomp$"
        self.assertNotRegex(self.host().drive("bob", ("auth",), (PASSWORD,)).text, r"sandbox:")
        self.assertRegex("\n".join(self.host(options="debug").drive("bob", ("auth",), (PASSWORD,)).log), said)

    def test_without_landlock_people_log_in_and_the_log_says_so(self):
        for name, error in (("too old", 38), ("switched off", 95), ("kept away by a container", 1)):
            with self.subTest(name):
                outcome = self.without("landlock_create_ruleset", self.host(), error)
                self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
                self.assertIn("sandbox: seccomp alone: this kernel has no Landlock", outcome.text)

    def test_without_landlock_the_system_calls_are_refused_all_the_same(self):
        host = self.host(harness.TEST / "hostile/pam_cognito_oidc.so")
        outcome = self.without("landlock_create_ruleset", host, 38)
        found = attempts_in(outcome.text)
        self.assertGreater(len(found), LEAST, outcome.text)
        # Those that only Landlock sees are kept by the user's own permissions or not at all.
        self.assertEqual({name for name, result in found.items() if result == "ok"} - HARMLESS - FILES - PORTS, set())

    def test_without_seccomp_nobody_logs_in(self):
        outcome = self.without("seccomp", self.host(), 38)
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
        self.assertIn("the helper cannot confine itself", outcome.text)
        self.assertIn("seccomp: this kernel does not take the filter", outcome.text)

    def test_a_landlock_that_fails_halfway_refuses(self):
        if landlock_abi() < 1:
            self.skipTest("this kernel has no Landlock")
        for syscall in ("landlock_add_rule", "landlock_restrict_self"):
            with self.subTest(syscall):
                outcome = self.without(syscall, self.host(), 12)
                self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
                self.assertIn("Landlock: ", outcome.text)


@unittest.skipUnless(os.geteuid() == 0, "needs root to give something up")
class FromOutside(Sandbox):
    """What the kernel says of a helper that waits for Cognito."""

    def setUp(self):
        super().setUp()
        harness.own_start_alone()
        COGNITO.set_behaviour("InitiateAuth", "silence")
        # As somebody would start a set-uid host who wants it to be slow.
        command = ["setpriv", "--groups", "0,4,24", "chrt", "--idle", "0", "nice", "-n", "10", *self.host().command("bob", ("auth",), (PASSWORD,))]
        self.process = subprocess.Popen(command, env={"PATH": "/usr/bin:/bin", "SECRET": "of-the-host"},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.helper = self.find()

    def find(self):
        """The helper, once it has closed its sandbox: it does so before its first request."""
        def confined():
            for child in self.process_file(self.process.pid, f"task/{self.process.pid}/children").split():
                if "\nSeccomp:\t2\n" in self.process_file(child, "status"):
                    return child
            return None
        return harness.wait_for(confined)

    @staticmethod
    def process_file(process, name):
        try:
            return pathlib.Path(f"/proc/{process}/{name}").read_text(encoding="utf-8")
        except OSError:
            return ""

    def test_it_is_nobody_in_particular_and_at_the_pace_of_others(self):
        status = dict(line.split(":\t", 1) for line in self.process_file(self.helper, "status").splitlines())
        self.assertEqual((status["Groups"].strip(), status["NoNewPrivs"], set(status["CapEff"])), ("", "1", {"0"}))
        self.assertEqual(len({*status["Uid"].split(), *status["Gid"].split()} & {"0"}), 0)
        self.assertEqual(os.sched_getscheduler(int(self.helper)), os.SCHED_OTHER)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, int(self.helper)), 0)

    def test_it_leaves_no_core_and_shows_nobody_its_memory(self):
        limits = self.process_file(self.helper, "limits")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertRegex(limits, r"Max file size +0 +0 ")
        # The kernel gives these files to root where a process may not be traced by its own user.
        self.assertEqual(os.stat(f"/proc/{self.helper}/environ").st_uid, 0)

    def test_nothing_secret_stands_where_everybody_looks(self):
        self.assertEqual(self.process_file(self.helper, "environ"), "PATH=/usr/bin:/bin\0LC_ALL=C\0")
        self.assertEqual(self.process_file(self.helper, "cmdline").rstrip("\0"), "pam_cognito_oidc-helper")


class Names(Sandbox):
    def test_a_name_without_an_address_is_told_as_such(self):
        certs = "https://nowhere.invalid/eu-west-1_Local0001/.well-known/jwks.json"
        host = self.host(overrides={"endpoints": {"api_url": "https://nowhere.invalid/"}, "config": {"certs_url": certs}})
        outcome = host.drive("bob", ("auth",), (PASSWORD,))
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertIn("Could not resolve host: nowhere.invalid", outcome.text)

    @unittest.skipIf(harness.SAN, "a sanitizer's build has no sandbox")
    def test_nor_is_libcurl_asked_for_one(self):
        """It would look it up in a thread, which the sandbox refuses; libcurl 8.23 then tries again without end."""
        harness.own_start_alone()
        host = self.host(overrides={"endpoints": {"api_url": "https://nowhere.invalid/"}})
        with tempfile.NamedTemporaryFile() as trace:
            outcome = host.drive("bob", ("auth",), (PASSWORD,), around=["strace", "-f", "-qq", "-e", "trace=clone,clone3", "-o", trace.name])
            calls = pathlib.Path(trace.name).read_text(encoding="utf-8")
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
        self.assertIn("clone", calls)
        self.assertNotRegex(calls, "EPERM|ENOSYS")

    @unittest.skipUnless(may_mount(), "files cannot be laid over others here")
    def test_a_resolver_is_asked_once_a_name_and_never_for_localhost(self):
        nowhere = "https://nowhere.invalid/eu-west-1_Local0001"
        rows = {(): None, ("nowhere.invalid",): {"endpoints": {"api_url": "https://nowhere.invalid/"},
                                                "config": {"certs_url": nowhere + "/.well-known/jwks.json",
                                                           "token_url": "https://nowhere.invalid/oauth2/token"}}}
        for names, overrides in rows.items():
            with self.subTest(names), Resolver() as resolver:
                outcome = self.host(overrides=overrides).drive("bob", ("auth",), (PASSWORD,), around=resolver.around())
                self.assertEqual("PAM_SUCCESS" in outcome.results, not names, outcome.text)
                # One question for each family of addresses; outside a sandbox libcurl asks at each attempt, too.
                self.assertEqual(sorted(set(resolver.asked)), sorted(names))
                self.assertLessEqual(len(resolver.asked), (6 if harness.SAN else 2) * len(names))

    def hosts(self, **changes):
        """The pool's two hosts by their names; the key set's own host may be another."""
        port = re.search(r":(\d+)/", pathlib.Path(COGNITO.config()).read_text()).group(1)
        return {"endpoints": {"api_url": f"https://{API}:{port}/", "issuer": f"{COGNITO.url}/eu-west-1_Local0001"},
                "config": {"certs_url": f"https://{CERTS}:{port}/eu-west-1_Local0001/.well-known/jwks.json"}, **changes}

    @unittest.skipUnless(may_mount(), "files cannot be laid over others here")
    def test_a_name_that_nobody_needs_now_keeps_nobody_waiting(self):
        host = self.host(overrides=self.hosts(login={"recheck": 0}))
        with Resolver(local=(API, CERTS)) as resolver:
            outcome = host.drive("bob", ("auth", "acct"), (PASSWORD,), around=resolver.around())
            self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
        began = time.monotonic()
        with Resolver(local=(API,), silent=(CERTS,)) as resolver:
            outcome = host.drive("bob", ("auth", "acct"), (PASSWORD,), around=resolver.around())
            self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)
            self.assertIn(CERTS, resolver.asked)
        self.assertLess(time.monotonic() - began, SILENCE)

    @unittest.skipUnless(may_mount(), "files cannot be laid over others here")
    def test_names_are_looked_up_side_by_side(self):
        host = self.host(overrides=self.hosts())
        with Resolver(local=(API, CERTS), together=(API, CERTS)) as resolver:
            outcome = host.drive("bob", ("auth",), (PASSWORD,), around=resolver.around())
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)

    @unittest.skipUnless(may_mount(), "files cannot be laid over others here")
    def test_a_new_key_needs_the_name_that_was_not_needed_before(self):
        host = self.host(overrides=self.hosts())
        for _ in range(2):
            with Resolver(local=(API, CERTS)) as resolver:
                outcome = host.drive("bob", ("auth",), (PASSWORD,), around=resolver.around())
                self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
            COGNITO.rotate()

    def test_addresses_instead_of_names(self):
        """127.0.0.1 needs no resolver: what fails is the certificate's name."""
        port = re.search(r":(\d+)/", pathlib.Path(COGNITO.config()).read_text()).group(1)
        host = self.host(overrides={"endpoints": {"api_url": f"https://127.0.0.1:{port}/"}})
        self.assertNotIn("resolve", host.drive("bob", ("auth",), (PASSWORD,)).text)


if __name__ == "__main__":
    harness.main()
