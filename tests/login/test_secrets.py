#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where the secrets of a login must not be: in the log at debug, on the terminal, in any command line or
environment, in the memory of the host after the call, in a core file of host or helper. Each search finds
what is known to be there."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402

RUN = harness.TEST / "run"
OWN = "Tr0ub4dor-Canary-&3"  # nobody else's


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def descendants(pid):
    for child in read(f"/proc/{pid}/task/{pid}/children").split():
        yield int(child)
        yield from descendants(int(child))


def host_process():
    """The PAM host that this test has started."""
    return next(pid for pid in descendants(os.getpid()) if read(f"/proc/{pid}/cmdline").split(b"\0")[0].endswith(b"/drive"))


def memory_of(pid):
    """All that the process can write to."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in read(f"/proc/{pid}/maps").decode().splitlines():
            span, mode = line.split()[:2]
            first, last = (int(end, 16) for end in span.split("-"))
            if not mode.startswith("rw"):
                continue
            try:
                memory.seek(first)
                yield memory.read(last - first)
            except OSError:
                continue


def shown_by(processes):
    """What any user can read of a process, or its own user can."""
    return [read(f"/proc/{pid}/{name}") for pid in processes for name in ("cmdline", "environ")]


@unittest.skipIf(harness.SAN, "a sanitizer's shadow of the memory has no end")
class Secrets(Login):
    options = "debug"

    def setUp(self):
        super().setUp()
        COGNITO.user("alice", password=OWN)
        self.found = {}

    def tokens(self):
        """The refresh token that the ticket keeps."""
        texts = [path.read_bytes() for path in RUN.glob("*") if path.is_file()]
        return [token for text in texts for token in re.findall(rb"[\w.-]{40,}", text)]

    def look(self, where):
        """Notes which secrets are there, and whether the search finds what must be."""
        needles = {"password": OWN.encode(), "client secret": self.secret.encode(), "a token": b"eyJ",
                   **{f"refresh token {i}": token for i, token in enumerate(self.tokens())}}
        texts = list(memory_of(host_process()))
        if where == "everybody":
            # Other programs of this machine may have a token, and other tests this client's secret.
            texts = shown_by(descendants(os.getpid()))
            everybody = shown_by(folder.name for folder in pathlib.Path("/proc").glob("[0-9]*"))
            self.assertGreater(len(everybody), len(texts))
            self.found["anybody"] = {what for what in needles if what.startswith(("password", "refresh"))
                                     and any(needles[what] in text for text in everybody)}
        self.assertTrue(any(b"drive" in text for text in texts), "the search finds nothing")
        self.found[where] = {what for what, needle in needles.items() if any(needle in text for text in texts)}

    def sign_in(self, operations=("auth", "acct", "setcred", "open", "pause"), method="srp", user="alice"):
        client = COGNITO.client("localsecret")
        self.secret = client["secret"]
        self.configure({"config": {"client_id": "localsecret", "client_secret": self.secret}, "login": {"password_method": method}})

        def code():
            self.look("everybody")
            return COGNITO.totp("alice")

        def pause():
            self.look("before the end")
            return ""

        def after():
            self.look("after the end")
            return ""
        outcome = self.host.drive(user, operations, (lambda: OWN, code, pause, after), pause="yes")
        self.assertEqual(set(outcome.results), {"PAM_SUCCESS"}, outcome.text)
        self.assertNotEqual(self.tokens(), [])
        # PAM itself keeps nothing either: the module sets no PAM_AUTHTOK.
        self.assertEqual(self.found["before the end"], set())
        return outcome

    def assert_nowhere(self, outcome):
        self.assertEqual((self.found["everybody"], self.found["anybody"]), (set(), set()))
        self.assertEqual(self.found["after the end"], set())
        for secret in (OWN, self.secret, "eyJ", *(token.decode() for token in self.tokens())):
            self.assertNotIn(secret, outcome.text)

    def test_the_search_finds_what_is_planted(self):
        """An answer that stands on the host's command line, and a PAM variable."""
        self.secret = COGNITO.client("localsecret")["secret"]
        self.configure()

        def after():
            for where in ("everybody", "after the end"):
                self.look(where)
            return ""
        COGNITO.user("bob", password=OWN)
        self.host.drive("bob", ("env=planted=" + self.secret + "eyJ", "auth"), (OWN, after), pause="yes")
        self.assertEqual(self.found, {"everybody": {"password", "client secret", "a token"}, "anybody": {"password"},
                                      "after the end": {"password", "client secret", "a token"}})

    def test_srp(self):
        self.assert_nowhere(self.sign_in())

    def test_the_password_itself(self):
        self.assert_nowhere(self.sign_in(method="password"))

    def test_account_and_silent_sudo_afterwards(self):
        self.sign_in()

        def after():
            self.look("after the end")
            return ""
        for service, options in (("login", ""), ("sudo", "reuse")):
            self.host.service(service, f"config={self.config} debug {options}")
            outcome = self.host.drive("alice", ("acct", "setcred", "open"), (after,), service=service, pause="yes")
            self.assertEqual(set(outcome.results), {"PAM_SUCCESS"}, outcome.text)
            self.assert_nowhere(outcome)

    def test_a_wrong_one(self):
        self.secret = COGNITO.client("localsecret")["secret"]
        COGNITO.user("alice", password=PASSWORDS["alice"])
        self.configure({"config": {"client_id": "localsecret", "client_secret": self.secret}})

        def after():
            self.look("after the end")
            return ""
        outcome = self.host.drive("alice", ("auth",), (lambda: OWN, after), pause="yes")
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
        self.assertEqual(self.found["after the end"], set())
        self.assertNotIn(OWN, outcome.text)


CORE = pathlib.Path("/proc/sys/kernel/core_pattern")


@unittest.skipIf(harness.SAN, "a sanitizer ends a process before it leaves a core")
@unittest.skipIf(b"/" in read(CORE) or read(CORE).startswith(b"|"), "this machine collects cores elsewhere")
class CoreFiles(Login):
    """Cores are wanted, and stand in the folder in which a process was."""
    WANTED = ("sh", "-c", 'ulimit -c unlimited && cd "$0" && exec "$@"')

    def setUp(self):
        super().setUp()
        COGNITO.user("alice", password=OWN)
        self.secret = COGNITO.client("localsecret")["secret"]
        self.configure({"config": {"client_id": "localsecret", "client_secret": self.secret}})
        folder = tempfile.TemporaryDirectory(prefix="cores-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o777)

    def cores(self):
        """In the host's folder, and in the helper's."""
        return {path for folder in (self.folder, pathlib.Path("/")) for path in folder.glob("core*") if path.is_file()}

    def left(self, pid):
        """What a process leaves that crashes."""
        before = self.cores()
        os.kill(pid, signal.SIGSEGV)
        harness.wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists() or b"\nState:\tZ" in read(f"/proc/{pid}/status"))
        new = self.cores() - before
        texts = [path.read_bytes() for path in new]
        for path in new:
            path.unlink()
        return texts

    def test_a_host_s_has_none(self):
        found = []
        answers = (lambda: OWN, lambda: COGNITO.totp("alice"), lambda: found.extend(self.left(host_process())) or "")
        with self.assertRaises(BrokenPipeError):  # nobody reads the last answer
            self.host.drive("alice", ("auth", "acct", "setcred", "open"), answers, pause="yes",
                            around=(*self.WANTED, str(self.folder)))
        self.assertEqual(len(found), 1)
        self.assertIn(b"alice", found[0])
        for secret in (OWN, self.secret, "eyJ"):
            self.assertNotIn(secret.encode(), found[0])

    def test_a_helper_leaves_none(self):
        found = []

        def code():
            helpers = [pid for pid in descendants(host_process())]
            if not helpers:
                self.skipTest("the helper is the service's child, whose cores nobody asked for")
            found.extend(self.left(helpers[0]))
            return COGNITO.totp("alice")
        outcome = self.host.drive("alice", ("auth",), (lambda: OWN, code), around=(*self.WANTED, str(self.folder)))
        self.assertEqual((outcome.results, found), (["PAM_SERVICE_ERR"], []), outcome.text)
        self.assertIn("the helper ended without a verdict", outcome.text)

    def test_which_any_other_program_would(self):
        with subprocess.Popen([*self.WANTED, str(self.folder), "sleep", "600"]) as other:
            harness.wait_for(lambda: read(f"/proc/{other.pid}/comm") == b"sleep\n")
            self.assertEqual(len(self.left(other.pid)), 1)


if __name__ == "__main__":
    harness.main()
