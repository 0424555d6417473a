#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/security.md, "Threats, one by one": each row names code and tests that exist, or says in
a sentence why the threat is accepted, or outside of what this software can do."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import harness  # noqa: E402

ROWS = 80
VERDICT = re.compile(r"^(accepted|outside): \w.{20,}$")


def faults(number, code, test):
    """What is wrong with a row's cells: file names in code, and a verdict or "file: name" in test."""
    for name in re.findall(r"`([^`]*)`", code) or [""]:
        if not name or not (ROOT / name).exists():
            yield f"{number}: no code {name!r}"
    if VERDICT.match(test):
        return
    for cell in test.split("; "):
        found = re.fullmatch(r"`(tests/[^`]+)`: (.+)", cell)
        path = ROOT / found.group(1) if found else None
        if path is None or not path.is_file():
            yield f"{number}: neither a test nor a verdict: {cell!r}"
        elif not is_test(path.read_text(encoding="utf-8"), path.suffix, found.group(2)):
            yield f"{number}: {found.group(1)} has no test {found.group(2)!r}"


def is_test(text, suffix, name):
    """Is a test of this name defined in the text of a file?"""
    quoted = re.escape(name)
    form = {".py": rf"def {quoted}\(|\"{quoted}\"", ".c": rf"cmocka_unit_test\w*\(\s*{quoted}\b",
            ".sh": rf"^\s*(?:ok|check|is|has) \"{quoted}\""}[suffix]
    return re.search(form, text, re.M) is not None


class Threats(unittest.TestCase):
    def test_each_row_has_code_and_a_test_or_a_verdict(self):
        page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (T\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.M)
        self.assertEqual([row[0] for row in rows], [f"T{n}" for n in range(1, ROWS + 1)])
        self.assertEqual([fault for number, _, code, test in rows for fault in faults(number, code, test)], [])

    def test_a_row_that_is_wrong_is_found(self):
        code, test = "`src/common/text.c`", "`tests/unit/test_text.c`: random_bytes_become_printable"
        self.assertEqual(list(faults("T0", code, test)), [])
        for wrong_code, wrong_test in (("", test), ("`src/common/none.c`", test), (code, ""), (code, "accepted"),
                                       (code, "accepted: so"), (code, test + "x"), (code, "`tests/none.py`: test_x"),
                                       (code, test + "; later"), (code, "`tests/unit/test_text.c`: assert_true")):
            self.assertNotEqual(list(faults("T0", wrong_code, wrong_test)), [], (wrong_code, wrong_test))


if __name__ == "__main__":
    harness.main()
