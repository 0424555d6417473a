#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""All families of figures, one after the other; or those whose name holds one of the words. Each is a
script of its own that prints its rows and keeps them in build/bench.json. bench.py [WORD...]"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402

FAMILIES = {
    "login": "login.py",
    "stfc": "stfc.py",
    "processor": "warm.py",
    "keystroke": "keystroke.py",
    "account": "account.py",
    "phases": "phases.py",
    "service": "service.py",
    "storm": "storm.py",
    "rotation": "rotation.py",
    "verify": "verify.py",
    "host": "footprint.py",
    "growth": "growth.py",
}
TOTAL = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


def run(name, script):
    """The counts of one family. What it prints is shown as it comes, but for its counts."""
    print(f"# {name}", flush=True)
    counts = None
    with subprocess.Popen([sys.executable, str(HERE / script)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            total = TOTAL.match(line)
            if total:
                counts = [int(number) for number in total.groups()]
            else:
                print(line, end="", flush=True)
    if counts is None or (process.returncode != 0 and counts[1] == 0):
        print(f"{name}: ended with {process.returncode}", flush=True)
        counts = [0, 1, 0]
    return counts


def main(words):
    chosen = {name: script for name, script in FAMILIES.items() if not words or any(word in name for word in words)}
    if not chosen:
        sys.exit(f"bench: one of {', '.join(FAMILIES)}")
    if not words:
        (harness.BUILD / "bench.json").unlink(missing_ok=True)
    counts = [run(name, script) for name, script in chosen.items()]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
