# SPDX-License-Identifier: MIT
"""What the suites about tickets share: a helper that plays a script, and the tickets that
it leaves behind."""
import os
import pathlib
import re
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
import ticket_file  # noqa: E402

SCRIPTED = harness.TEST / "scripted"
RUN = harness.TEST / "run-scripted"
SENTENCE = "is missing or has expired. Sign in again: ssh -o PreferredAuthentications=keyboard-interactive HOST"
ROOT = os.geteuid() == 0
UPTIME = 100000


def results():
    """{"ALLOWED": 1, ...} from the table of results."""
    names = re.findall(r"^\tX\((\w+),", (harness.ROOT / "src/common/result.h").read_text(), re.M)
    return {name: number for number, name in enumerate(names, 1)}


CODE = results()



def ticket(body="body-1", decisions="login 300 - shell\n", exports="OIDC_CLAIM_sub=a-sub\n", lifetime=3600):
    """A script's line: the next result says this for the ticket. Without a body the claims are
    those of before."""
    return "news " + "|".join((body, decisions, exports, str(lifetime))).replace("\n", "\\n")


def rotated(body):
    return f"rotated {body}"


def result(name="ALLOWED", sub="a-sub"):
    return f"result {CODE[name]} {sub}"


def boot_clock():
    """CLOCK_BOOTTIME of the host, in milliseconds."""
    return int((time.clock_gettime(time.CLOCK_BOOTTIME) + UPTIME) * 1000)


class Tickets(unittest.TestCase):
    timeout = 30

    def setUp(self):
        shutil.rmtree(RUN, ignore_errors=True)
        self.host = harness.Host(SCRIPTED / "pam_cognito_oidc.so")
        # make_old() must not make tickets from before the machine's start.
        self.host.settings["uptime"] = str(UPTIME)
        self.config = self.host.dir / "config.json"
        self.config.write_text("{}")
        self.config.chmod(0o600)
        self.requests_file = SCRIPTED / "requests"
        self.forget()
        self.options = ""
        self.script(login=[ticket(), result()])

    def tearDown(self):
        self.host.close()

    def script(self, **purposes):
        """What the helper does for each purpose: lists of lines."""
        text = "script\n"
        for purpose, lines in purposes.items():
            text += "\n".join([f"on {purpose}", *lines]) + "\n"
        (SCRIPTED / "behaviour").write_text(text)

    def run_host(self, operations, user="alice", options=None, answers=(), service="login", **settings):
        for name in ("login", "sudo", "sshd", "su"):
            self.host.service(name, f"config={self.config} timeout={self.timeout} {self.options if options is None else options}")
        outcome = self.host.drive(user, operations, answers, service, **settings)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def expect(self, operations, *wanted, **settings):
        outcome = self.run_host(operations, **settings)
        self.assertEqual(outcome.results, ["PAM_" + w for w in wanted], outcome.text)
        return outcome

    def sign_in(self, **settings):
        """Leaves a ticket behind, and forgets the request that this took."""
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS", **settings)
        self.assertEqual(len(self.files()), 1)
        self.forget()

    def forget(self):
        self.requests_file.unlink(missing_ok=True)

    def requests(self):
        """One dictionary for each time the helper was started."""
        if not self.requests_file.exists():
            return []
        return [dict(re.findall(r"(\w+)=(\S*) ", line)) for line in self.requests_file.read_text().splitlines()]

    def purposes(self):
        return [request["purpose"] for request in self.requests()]

    def files(self):
        return sorted(f for f in RUN.glob("ticket-*") if re.fullmatch(r"ticket-\d+-[0-9a-f]{16}", f.name))

    def file(self):
        (only,) = self.files()
        return only

    def fields(self):
        """The only ticket, as {name: bytes}."""
        return ticket_file.split(self.file().read_bytes())

    def change(self, **fields):
        """Edits the only ticket."""
        ticket_file.change(self.file(), **fields)

    def body(self):
        return self.fields()["body"].decode()

    def number(self, name):
        return int(self.fields()[name])

    def make_old(self, seconds):
        """As if the ticket had been made, verified and decided that long ago."""
        self.change(**{name: max(0, self.number(name) - seconds * 1000) for name in ("born", "verified", "decided", "until")})
