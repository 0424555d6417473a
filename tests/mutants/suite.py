#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One Python suite for the mutants: quick tests first, ends at the first failure and names
it. suite.py FILE TIMES [TEST]: with TEST that one alone. TIMES keeps the seconds of each."""
import importlib.util
import io
import json
import pathlib
import sys
import time
import unittest


class Timed(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.failfast = True
        self.seconds = {}
        self.begun = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.seconds[test.id()] = time.monotonic() - self.begun


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def main():
    path, times = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("suite", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    known = json.loads(times.read_text()) if times.exists() else {}
    tests = list(flat(unittest.defaultTestLoader.loadTestsFromModule(module)))
    tests = [test for test in tests if sys.argv[3:] in ([], [test.id()])]
    tests.sort(key=lambda test: known.get(test.id(), 0))
    result, real = Timed(), sys.stdout
    sys.stdout = io.StringIO()
    unittest.TestSuite(tests).run(result)
    sys.stdout = real
    wrong = result.failures + result.errors
    if wrong:
        # A failed subtest is told by its test.
        test = getattr(wrong[0][0], "test_case", wrong[0][0])
        print(f"killed by {test.id()}")
        print(wrong[0][1])
    elif not sys.argv[3:]:
        times.write_text(json.dumps(result.seconds))
    sys.exit(1 if wrong or not result.testsRun else 0)


if __name__ == "__main__":
    main()
