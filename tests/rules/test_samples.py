#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The service files of conf/pam.d, a folder a family: what no line of them may do, and that what the
module and its neighbours decide is the same in every family."""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

ROOT = harness.ROOT
FAMILIES = sorted(path.name for path in (ROOT / "conf/pam.d").iterdir())
LINE = re.compile(r"^-?(auth|account|session|password)\s+(\[[^]]*\]|\S+)\s+(.*)$")


def lines(path):
    """(type, control, module and options) of each line. The files that Debian includes, such as
    common-auth, have lines of one type."""
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("@include"):
            yield text.split("common-")[1].split("-")[0], "include", text.split()[1]
        elif text:
            yield LINE.match(text).groups()


def samples():
    return [path for family in FAMILIES for path in sorted((ROOT / "conf/pam.d" / family).iterdir())]


def is_include(control):
    return control in ("include", "substack")


def decision(path, kind):
    """From the gate of breakglass to the end of our own lines."""
    rows = [(control, " ".join(rest.split())) for type_, control, rest in lines(path) if type_ == kind]
    ours = [i for i, row in enumerate(rows) if row[1].startswith("pam_cognito_oidc.so")]
    if not ours:
        return []
    first = next(i for i, row in enumerate(rows) if row[1].startswith(("pam_succeed_if.so", "pam_unix.so")))
    return [row for row in rows[first:] if not row[1].startswith("pam_faillock.so") or kind == "auth"]


class Samples(unittest.TestCase):
    def test_families_have_the_same_services(self):
        """sudo-i and su-l have a file of their own where the distribution's would not include ours."""
        names = [{p.name for p in (ROOT / "conf/pam.d" / family).iterdir()} - {"sudo-i", "su-l"} for family in FAMILIES]
        self.assertGreaterEqual(len(names), 2)
        for other in names[1:]:
            self.assertEqual(names[0], other)

    def test_no_jump_crosses_an_include(self):
        """How many lines an included file has is for the distribution to say."""
        for path in samples():
            rows = list(lines(path))
            for i, (kind, control, _) in enumerate(rows):
                behind = [c for k, c, _ in rows[i + 1:] if k == kind]
                for jump in re.findall(r"=(\d+)", control):
                    with self.subTest(path=str(path.relative_to(ROOT)), line=control):
                        self.assertGreaterEqual(len(behind), int(jump))
                        self.assertFalse([c for c in behind[:int(jump)] if is_include(c)])

    def test_no_include_in_front_of_our_account_line(self):
        """password-auth has "sufficient" lines, which would end the stack there."""
        for path in samples():
            account = [(control, rest) for kind, control, rest in lines(path) if kind == "account"]
            ours = [i for i, (_, rest) in enumerate(account) if rest.startswith("pam_cognito_oidc.so")]
            if not ours:
                self.assertIn(path.name, ("sudo-i", "su-l"))
                continue
            with self.subTest(path=str(path.relative_to(ROOT))):
                self.assertFalse([control for control, _ in account[:ours[0]] if is_include(control)])

    def test_families_decide_alike(self):
        for path in samples():
            twin = ROOT / "conf/pam.d" / FAMILIES[0] / path.name
            for kind in ("auth", "account") if twin.exists() else ():
                with self.subTest(path=str(path.relative_to(ROOT)), kind=kind):
                    self.assertEqual(decision(path, kind), decision(twin, kind))
                    self.assertTrue(decision(path, kind) or (path.name, kind) == ("sudo-gate", "auth"))


if __name__ == "__main__":
    harness.main()
