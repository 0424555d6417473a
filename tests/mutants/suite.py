#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Python suites for the mutants, as one run that ends at the first failure and names it.
suite.py TIMES FIRST SUITE...: FIRST is a comma-separated list of tests to begin with; the others
follow, quick ones first. "only:TEST" is that one alone, "part:K/N" the Kth of N parts. The folder
TIMES keeps the seconds of each test of the parts that were content."""
import atexit
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


def tests_of(path):
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # unittest would do this at each change of the file, and the tests of all files are mixed.
    if hasattr(module, "setUpModule"):
        module.setUpModule()
        atexit.register(module.tearDownModule)
    return flat(unittest.defaultTestLoader.loadTestsFromModule(module))


def main():
    times, first = pathlib.Path(sys.argv[1]), sys.argv[2]
    tests = [test for path in sys.argv[3:] for test in tests_of(pathlib.Path(path).resolve())]
    only = first.removeprefix("only:") if first.startswith("only:") else None
    if only:
        tests = [test for test in tests if test.id() == only]
    part = first.removeprefix("part:") if first.startswith("part:") else None
    if part:
        place, parts = map(int, part.split("/"))
        tests = tests[place::parts]
    known = {}
    for path in times.glob("*"):
        known.update(json.loads(path.read_text(encoding="utf-8")))
    rank = {name: place - len(tests) for place, name in enumerate(first.split(","))}
    tests.sort(key=lambda test: (rank.get(test.id(), 0), known.get(test.id(), 0)))
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
    elif part:
        times.mkdir(parents=True, exist_ok=True)
        (times / str(place)).write_text(json.dumps(result.seconds), encoding="utf-8")
    sys.exit(1 if wrong or not result.testsRun else 0)


if __name__ == "__main__":
    main()
