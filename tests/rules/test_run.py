#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/run.py itself: what it hands to a suite, what it counts, and what runs beside what."""
import contextlib
import io
import os
import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
import run  # noqa: E402


def played(script):
    """(passed, failed, skipped) of a suite that is this shell script, and what was printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        counts = run.run("a suite", ["sh", "-c", script])
    return counts[:3], printed.getvalue()


class Counts(unittest.TestCase):
    def test_the_last_total_is_the_suite_s(self):
        self.assertEqual(played("echo 1 passed, 1 failed, 1 skipped; echo 3 passed, 0 failed, 2 skipped")[0], (3, 0, 2))

    def test_tap_is_counted(self):
        self.assertEqual(played("echo ok 1; echo 'ok 2 # SKIP'; echo not ok 3; echo 'not ok 4 # SKIP'")[0], (1, 1, 2))

    def test_silence_is_judged_by_the_status(self):
        self.assertEqual((played("true")[0], played("false")[0]), ((1, 0, 0), (0, 1, 0)))

    def test_a_status_is_a_failure_whatever_was_said(self):
        self.assertEqual(played("echo 3 passed, 0 failed, 0 skipped; exit 1")[0], (3, 1, 0))
        self.assertEqual(played("echo 3 passed, 0 failed, 0 skipped; kill -9 $$")[0], (3, 1, 0))

    def test_a_failure_is_shown_in_full_and_a_reason_to_skip_always(self):
        self.assertIn("so it was", played("echo so it was; false")[1])
        shown = played("echo skipped: no mandoc; echo and so on")[1]
        self.assertIn("skipped: no mandoc", shown)
        self.assertNotIn("and so on", shown)

    def test_one_that_hangs_is_ended(self):
        with mock.patch.object(run, "TIMEOUT", 0.2):
            self.assertEqual(played("exec sleep 600")[0], (0, 1, 0))


class Environment(unittest.TestCase):
    def test_a_suite_gets_what_it_needs_and_no_more(self):
        with mock.patch.dict(os.environ, {"CI": "1", "SEED": "7", "https_proxy": "http://127.0.0.1:1", "SAN": ""}):
            _, shown = played("env; false")
        for line in ("CI=1", "SEED=7", f"BUILD={run.BUILD}", "LANG=C.UTF-8"):
            self.assertIn(line + "\n", shown)
        for name in ("https_proxy", "SAN="):
            self.assertNotIn(name, shown)


class Chains(unittest.TestCase):
    def test_what_shares_files_runs_one_after_the_other_and_long_ones_first(self):
        names = [[name for name, _ in chain] for chain in run.chains(
            [(name, []) for name in ("unit jwt", "pam gate", "login device", "unit json", "pam killed", "e2e smoke_login")])]
        self.assertEqual(names, [["login device"], ["pam gate", "pam killed"], ["e2e smoke_login"], ["unit jwt"], ["unit json"]])

    def test_every_suite_of_every_target_is_there(self):
        for suites in (run.suites, *run.KINDS.values()):
            for name, command in suites():
                for word in command:
                    if word.startswith(str(run.ROOT)):
                        self.assertTrue(os.path.exists(word), (name, word))


if __name__ == "__main__":
    harness.main()
