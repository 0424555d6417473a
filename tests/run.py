#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every test of `make check` and counts: one line a suite, failures in full, and at
last "N passed, N failed, N skipped". Arguments: run only suites whose name holds one.
First argument --e2e: the stories of tests/e2e instead.

Most suites wait more than they work, so three run at a time. Those that share a key set
cache run one after the other; there are two caches, and all others run beside them."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
TEST = BUILD / "test"
TIMEOUT = 240
# They empty the cache folder of the test build, keep something in it, or count the requests
# that it saves.
SHARING = ("login ", "hostile ", "cli ")
# Those of them that use the second module, with a cache of its own.
SECOND = ("login browser", "login challenges", "login device")
TOTAL = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


def suites():
    """(name, command) of all suites, fast ones first."""
    for program in sorted((TEST / "unit").glob("test_*")):
        if os.access(program, os.X_OK) and program.suffix == "":
            yield program.name.replace("test_", "unit "), [str(program)]
    for program in sorted((TEST / "replay").glob("fuzz_*")):
        seeds = ROOT / "tests/fuzz/seeds" / program.name.replace("fuzz_", "")
        if program.suffix == "":
            yield program.name.replace("fuzz_", "seeds "), [str(program), str(seeds)]
    for script in sorted((ROOT / "tests/rules").glob("*.sh")):
        yield "rules " + script.stem, ["sh", str(script)]
    for script in sorted((ROOT / "tests").glob("*/test_*.py")):
        yield script.parent.name + " " + script.stem.replace("test_", ""), ["/usr/bin/python3", str(script)]
    if os.geteuid() == 0:
        for script in sorted((ROOT / "tests/e2e").glob("smoke_*.sh")):
            yield "e2e " + script.stem, ["bash", str(script)]


def stories():
    """Every story of tests/e2e, each runnable alone; stage.sh is what they share. And the page
    that people land on, for which make e2e has the browser."""
    for script in sorted((ROOT / "tests/e2e").glob("*.sh")):
        if script.name != "stage.sh":
            yield "e2e " + script.stem, ["bash", str(script)]
    for script in sorted((ROOT / "tests/browser").glob("test_*.py")):
        yield "e2e page " + script.stem.replace("test_", ""), ["/usr/bin/python3", str(script)]


def environment(name):
    """A shell's CA and proxy variables must not decide a test."""
    keep = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "HOME": "/nonexistent", "CMOCKA_MESSAGE_OUTPUT": "TAP",
            "ASAN_OPTIONS": "detect_leaks=1", "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("CI", "SAN", "VECTORS"):
        if os.environ.get(name):
            keep[name] = os.environ[name]
    keep["BUILD"] = str(BUILD)
    if name in SECOND:
        keep["LANE"] = "second"
    return keep


def count(output, status):
    """What a suite's output says; one that says nothing passed or failed as a whole."""
    totals = TOTAL.findall(output)
    if totals:
        passed, failed, skipped = (int(n) for n in totals[-1])
    else:
        # cmocka calls a skipped test "not ok".
        skipped = len(re.findall(r"^(?:not )?ok .*# SKIP", output, re.M | re.I))
        passed = len(re.findall(r"^ok (?!.*# SKIP)", output, re.M | re.I))
        failed = len(re.findall(r"^not ok (?!.*# SKIP)", output, re.M | re.I))
        if passed + failed + skipped == 0:
            passed, failed = (1, 0) if status == 0 else (0, 1)
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def lane_of(name):
    if name in SECOND:
        return "second"
    return "first" if name.startswith(SHARING) else "none"


def run(name, command):
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment(name), stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output, status = done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output, status = (late.output or b"").decode("utf-8", "replace") + "\nran too long\n", 1
    passed, failed, skipped = count(output, status)
    report = [f"{name:<28} {passed:>5} passed {failed:>3} failed {skipped:>3} skipped "
              f"{time.monotonic() - started:6.1f} s"]
    if failed:
        report.append(output)
    report += ["    " + line.strip() for line in output.splitlines() if "skipped:" in line]
    print("\n".join(report), flush=True)
    return passed, failed, skipped


def run_all(chosen):
    """The counts of these suites, run one after the other."""
    return [run(name, command) for name, command in chosen]


def main():
    os.umask(0o022)  # some people's default would make test files that the module must refuse
    e2e = sys.argv[1:2] == ["--e2e"]
    wanted = sys.argv[2 if e2e else 1:]
    chosen = [(name, command) for name, command in (stories() if e2e else suites())
              if not wanted or any(word in name for word in wanted)]
    lanes = [[suite for suite in chosen if lane_of(suite[0]) == lane] for lane in ("second", "first", "none")]
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as side_by_side:
        counts = sum(side_by_side.map(run_all, lanes), [])
    total = [sum(column) for column in zip((0, 0, 0), *counts)]
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or sum(total) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
