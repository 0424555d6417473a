#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""report.py EXPORT LIST OUT: what llvm-cov's export says of the source, by folder, against LIST: a row for each
file with lines or branches that no test reaches, how many, and why. More of them than listed fail, and so does a
file that has none any more. OUT gets each of them by its line. WRITE=1 puts the numbers into LIST, and
leaves the reasons."""
import collections
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
AIMS = {"lines": 97.0, "branches": 93.0}
# How many more a run may miss than the one that was listed: what a race decides is not decided twice alike.
SLACK = 3

Unreached = collections.namedtuple("Unreached", "lines branches")


def lines_of(file):
    """The lines that begin with nothing done: {line: was it ever?}, as llvm-cov counts them."""
    reached, at, count, counted = {}, 0, 0, False
    for line, _, new, has_count, is_entry, _ in file["segments"]:
        for each in range(at + 1, line):
            if counted:
                reached[each] = count > 0
        if line != at and counted:
            reached[line] = count > 0
        if has_count and (is_entry or line != at or not counted):
            reached[line] = max(new, count if counted and line == at else 0) > 0 or reached.get(line, False)
        at, count, counted = line, new, has_count
    return reached


def branches_of(file):
    """(line, column, end, "never true" or "never false") of those that went one way only, or none."""
    for line, column, line_end, column_end, yes, no, *_ in file["branches"]:
        if yes == 0:
            yield line, column, (line_end, column_end), "never true"
        if no == 0:
            yield line, column, (line_end, column_end), "never false"


def read_list(path):
    """{file: (Unreached, why)}"""
    rows = {}
    for row in path.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            name, lines, branches, why = row.split(None, 3)
            rows[name] = Unreached(int(lines), int(branches)), why
    return rows


def write_list(path, files, rows):
    head = [row for row in path.read_text(encoding="utf-8").splitlines() if row.startswith("#")]
    body = [f"{name:<36} {missed.lines:>3} {missed.branches:>3}  {rows.get(name, (None, 'why?'))[1]}" for name, missed in files.items() if any(missed)]
    path.write_text("\n".join([*head, "", *body]) + "\n", encoding="utf-8")


def tell(out, name, file):
    """Each of them, with its text."""
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    rows = [(line, 0, "never run", text[line - 1].strip()) for line, ran in lines_of(file).items() if not ran]
    for line, column, (line_end, column_end), way in branches_of(file):
        end = column_end - 1 if line_end == line else None
        rows.append((line, column, way, text[line - 1][column - 1:end].strip()))
    for line, _, way, what in sorted(rows):
        out.write(f"{name}:{line}: {way}: {what}\n")


def main():
    export, listed, out = (pathlib.Path(path) for path in sys.argv[1:4])
    files, summaries = {}, {}
    with out.open("w", encoding="utf-8") as told:
        for file in sorted(json.loads(export.read_text(encoding="utf-8"))["data"][0]["files"], key=lambda each: each["filename"]):
            name = file["filename"].removeprefix(f"{ROOT}/")
            if not name.startswith("src/") and name != "pam_cognito_oidc.c":
                continue
            summaries[name] = {kind: (file["summary"][kind]["covered"], file["summary"][kind]["count"]) for kind in AIMS}
            files[name] = Unreached(*(count - covered for covered, count in summaries[name].values()))
            tell(told, name, file)
    rows = read_list(listed)
    if os.environ.get("WRITE"):
        write_list(listed, files, rows)
        rows = read_list(listed)
    passed = failed = 0

    def check(holds, what):
        nonlocal passed, failed
        passed, failed = passed + holds, failed + (not holds)
        if not holds:
            print(f"not ok - {what}")

    print(f"{'reached of all':<24}{'lines':>20}{'branches':>20}")
    folders = sorted({str(pathlib.PurePath(name).parent) for name in files}) + [""]
    for folder in folders:
        shares = []
        for kind, aim in AIMS.items():
            counts = [summary[kind] for name, summary in summaries.items() if folder in ("", str(pathlib.PurePath(name).parent))]
            covered, count = (sum(column) for column in zip(*counts))
            shares.append(f"{covered}/{count} {100 * covered / count:5.1f} %")
            if folder == "":
                check(100 * covered / count >= aim, f"{kind}: {shares[-1]}, not {aim} %")
        print(f"{folder if folder not in ('', '.') else {'': 'all', '.': 'pam_cognito_oidc.c'}[folder]:<24}" + "".join(f"{share:>20}" for share in shares))
    for name, missed in files.items():
        known, why = rows.get(name, (Unreached(0, 0), ""))
        check(missed.lines <= known.lines + SLACK and missed.branches <= known.branches + SLACK,
              f"{name}: {missed.lines} lines and {missed.branches} branches are not reached; {known.lines} and {known.branches} are listed")
        check(any(missed) or not why, f"{name} has none any more")
    for name, (_, why) in rows.items():
        check(name in files and why != "why?", f"{name}: {why if name in files else 'no such file'}")
    print(f"{out} has each of them.")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
