#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every option of the PAM line, every key of the configuration and every verb of the command
stands in the code, in its manual and - keys - in the sample; none stands in one alone."""
import json
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import harness  # noqa: E402

SECTIONS = ("config", "endpoints", "login", "users", "accounts", "network")
# What only Cloudflare's GET adds.
IGNORED = {"id", "uid", "created_at", "updated_at", "version", "scim_config"}


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def chapter(page, title):
    """The lines of a manual page below `.Ss title` or `.Sh title`."""
    found = re.search(rf"^\.S[hs] {re.escape(title)}\n(.*?)(?=^\.S[hs] |\Z)", page, re.S | re.M)
    return found.group(1) if found else ""


def tags(part, macro):
    """The words that `.It MACRO` lists head; one head may name several, between " , "."""
    heads = re.findall(rf"^\.It {macro} (.*)$", part, re.M)
    return {word.split(" ")[0] for head in heads for word in head.split(" , ")}


def keys(path):
    """{section: names} of the rows of a table of keys."""
    found = {}
    rows = re.sub(r"\bACCOUNT\(", 'SAME("accounts", ', text(path))
    for section, name in re.findall(r'^    \{(?:SAME\()?"(\w*)", "?(\w+)"?, KEY_', rows, re.M):
        found.setdefault(section, set()).add(name)
    return found


def sample():
    """The commented sample as JSON, with the alternatives that stand in its comments."""
    lines = re.sub(r'^(\s*)// (?="|, \{)', r"\1", text("conf/config.json"), flags=re.M)
    return json.loads(re.sub(r"(?<!:)//.*", "", lines))


class Words(unittest.TestCase):
    def same(self, left, right):
        self.assertEqual(left - right, set(), "only on the left")
        self.assertEqual(right - left, set(), "only on the right")

    def test_options_of_the_pam_line_and_their_paragraphs(self):
        code = set(re.findall(r'^    \{"(\w+)=?", (?!NULL)', text("src/module/options.c"), re.M))
        self.assertGreaterEqual(len(code), 10)
        self.same(code, tags(chapter(text("docs/pam_cognito_oidc.8"), "Options"), "Cm"))

    def test_keys_of_the_sections_their_paragraphs_and_the_sample(self):
        rows, page, shown = keys("src/helper/config/config_keys.c"), text("docs/pam_cognito_oidc.json.5"), sample()
        self.same(set(rows), {"", *SECTIONS})
        for section in SECTIONS:
            with self.subTest(section=section):
                self.assertGreaterEqual(len(rows[section]), 5)
                self.same(rows[section], tags(chapter(page, section), "Sy"))
                self.same(rows[section], set(shown[section]))

    def test_keys_of_a_rule_their_paragraphs_and_the_sample(self):
        rows = keys("src/helper/config/config_rules.c")[""]
        self.assertGreaterEqual(len(rows), 12)
        self.same(rows, tags(chapter(text("docs/pam_cognito_oidc.json.5"), "rules"), "Sy"))
        self.same(rows, {key for rule in sample()["rules"] for key in rule})

    def test_keys_of_the_top_level(self):
        rows = keys("src/helper/config/config_keys.c")[""]
        self.same(rows, tags(chapter(text("docs/pam_cognito_oidc.json.5"), "Top level"), "Sy"))
        self.same(rows - IGNORED, set(sample()))

    def test_verbs_and_their_chapters(self):
        code = set(re.findall(r'^\t\.name = "([\w-]+)",', text("src/cli/verbs.c"), re.M))
        page = text("docs/cognito-oidc.8")
        self.assertGreaterEqual(len(code), 5)
        self.same(code, set(re.findall(r"^\.Ss ([a-z-]+)$", page, re.M)))
        self.same(code, set(re.findall(r"^\.Cm ([a-z-]+)$", chapter(page, "SYNOPSIS"), re.M)))

    def test_targets_of_make_their_help_and_the_documents(self):
        described = r"^([a-z0-9-]+):.*?##"
        own = set(re.findall(described, text("Makefile") + text("conf/release.mk"), re.M))
        tests = set(re.findall(described, text("tests/tests.mk"), re.M))
        shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
        self.same(own | tests, set(re.findall(r"^  make (\S+)", shown, re.M)))
        self.same(tests, set(re.findall(r"^\| `make (?:SAN=1 )?([a-z0-9-]+)", text("docs/testing.md"), re.M)))
        for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
            named = set(re.findall(r"(?:`|^(?: {4})?|&& )make (?:SAN=1 )?([a-z0-9-]+)", page.read_text(encoding="utf-8"), re.M))
            self.assertEqual(named - own - tests - {"module", "sure"}, set(), page.name)


if __name__ == "__main__":
    harness.main()
