#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""decisions.py EXPORT BROKEN FILE...: of llvm-cov's export, lines, branches and MC/DC of each FILE; all of them
must be reached. BROKEN: how many tests failed, which count, too."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KINDS = ("functions", "lines", "branches", "mcdc")


def odd(file, text):
    """What is not reached, by its line."""
    for line, column, line_end, column_end, yes, no, *_ in file["branches"]:
        for count, way in ((yes, "never true"), (no, "never false")):
            if count == 0:
                yield line, f"{way}: {text[line - 1][column - 1:column_end - 1 if line_end == line else None].strip()}"
    for record in file.get("mcdc_records", ()):
        for number, alone in enumerate(record[-1], 1):
            if not alone:
                yield record[0], f"condition {number} does not decide alone: {text[record[0] - 1].strip()}"


def main():
    judged = sys.argv[3:]
    files = {file["filename"].removeprefix(f"{ROOT}/"): file for file in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["data"][0]["files"]}
    passed, failed = 0, int(sys.argv[2])
    print(f"{'reached of all':<40}" + "".join(f"{kind:>12}" for kind in KINDS))
    for name in sorted(judged):
        counts = [(files[name]["summary"][kind]["covered"], files[name]["summary"][kind]["count"]) for kind in KINDS]
        print(f"{name:<40}" + "".join(f"{f'{covered}/{count}':>12}" for covered, count in counts))
        whole = all(covered == count for covered, count in counts)
        passed, failed = passed + whole, failed + (not whole)
        for line, what in () if whole else odd(files[name], (ROOT / name).read_text(encoding="utf-8").splitlines()):
            print(f"not ok - {name}:{line}: {what}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
