#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""decisions.py EXPORT LOG BROKEN FILE...: of llvm-cov's export, functions, lines, branches and conditions (MC/DC)
of each FILE; all of them must be reached. What the compiler could not count, by its LOG, is none that was reached.
BROKEN: how many tests failed, which count, too.

A unit test that includes a file has functions of its own by that name: a branch is reached if one of them took
it, and a condition if it decided alone in one of them."""
import collections
import json
import pathlib
import re
import sys

from report import lines_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNCOUNTED = re.compile(r"^([^:]+):(\d+):\d+: warning: unsupported MC/DC", re.M)


class Counts:
    """Of one file: {what: was it reached?}, by kind."""

    def __init__(self, lines):
        self.functions, self.branches, self.conditions = {}, {}, {}
        self.lines = lines

    def add(self, function):
        name = function["name"].rpartition(":")[2]
        self.functions[name] = self.functions.get(name, False) or function["count"] > 0
        for *place, yes, no, _, _, _ in function["branches"]:
            for way, count in (("true", yes), ("false", no)):
                key = (*place, way)
                self.branches[key] = self.branches.get(key, False) or count > 0
        for *place, _, _, alone in function.get("mcdc_records", ()):
            for number, reached in enumerate(alone, 1):
                key = (*place, number)
                self.conditions[key] = self.conditions.get(key, False) or reached

    def kinds(self):
        return {"functions": self.functions, "lines": self.lines, "branches": self.branches, "conditions": self.conditions}

    def odd(self, text):
        """What is not reached, by its line."""
        for name in (name for name, reached in self.functions.items() if not reached):
            yield 0, f"{name}() is never called"
        for line in (line for line, reached in self.lines.items() if not reached):
            yield line, f"never run: {text[line - 1].strip()}"
        for line, column, line_end, column_end, way in (key for key, reached in self.branches.items() if not reached):
            yield line, f"never {way}: {text[line - 1][column - 1:column_end - 1 if line_end == line else None].strip()}"
        for line, *_, number in (key for key, reached in self.conditions.items() if not reached):
            yield line, f"condition {number} does not decide alone: {text[line - 1].strip()}"


def main():
    export, log, judged = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[4:]
    said = json.loads(export.read_text(encoding="utf-8"))["data"][0]
    files = {file["filename"]: Counts(lines_of(file)) for file in said["files"]}
    for function in said["functions"]:
        files[function["filenames"][0]].add(function)
    uncounted = collections.defaultdict(set)
    for name, line in UNCOUNTED.findall(log.read_text(encoding="utf-8")):
        uncounted[name].add(int(line))
    passed, failed = 0, int(sys.argv[3])
    first = files[judged[0]].kinds()
    print(f"{'reached of all':<40}" + "".join(f"{kind:>12}" for kind in first))
    for name in sorted(judged):
        kinds = files[name].kinds()
        print(f"{name:<40}" + "".join(f"{f'{sum(kind.values())}/{len(kind)}':>12}" for kind in kinds.values()))
        odd = sorted(files[name].odd((ROOT / name).read_text(encoding="utf-8").splitlines()))
        odd += [(line, "clang cannot count this decision: it holds another one") for line in sorted(uncounted[name])]
        for line, what in odd:
            print(f"not ok - {name}:{line}: {what}")
        passed, failed = passed + (not odd), failed + bool(odd)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
