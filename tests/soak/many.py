#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One process that authenticates again and again: 8 threads at once, and 10,000 times load,
auth, unload. Right answers, flat memory and descriptors, no child left. CYCLES=N for another
number; one in fifty runs with the real helper."""
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402
from tally import COUNTS, check  # noqa: E402

CYCLES = int(os.environ.get("CYCLES", "10000"))
LEAST = 10  # many.c measures after a tenth of the rounds
BOB = ("bob", "1002", "Battery-Staple-8!", "yes")
CAROL = ("carol", "1003", "Carol-Contracts-7!", "no")
NOBODY = ("daemon", "1", "x", "no")
# A cycle that lost a page would show as 36,000 KiB in 9,000; a host's heap settles within this.
GROWTH_KIB = 400


def repeat(what, module, config, threads, rounds, people):
    host = harness.Host(module)
    host.service("login", f"config={config} timeout=60")
    started = time.monotonic()
    done = subprocess.run([str(harness.TEST / "many"), str(threads), str(rounds), str(host.dir), "login",
                           *(word for person in people for word in person)],
                          env=host.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=1200, check=False)
    text = done.stdout.decode("utf-8", "replace")
    took = time.monotonic() - started
    host.close()
    before, after = ({name: int(value) for name, value in re.findall(r"(\w+)=(-?\d+)", line)}
                     for line in (re.findall(r"^(?:before|after) .*$", text, re.M) + ["", ""])[:2])
    print(f"# {what}: {threads * rounds} sign-ins in {took:.1f} s; {before} -> {after}")
    check(f"{what}: every answer is the right one", done.returncode == 0 and "wrong" not in text and after, text[-2000:])
    for name in ("maps", "fds", "threads", "children"):
        check(f"{what}: {name} as before", after and after[name] == before[name], f"{before} {after}")
    check(f"{what}: no child", after and after["children"] == 0)
    check(f"{what}: memory is flat", after and after["rss"] - before["rss"] < GROWTH_KIB, f"{before} {after}")


def main():
    scripted = harness.TEST / "scripted/pam_cognito_oidc.so"
    real = harness.TEST / "pam_cognito_oidc.so"
    (harness.TEST / "scripted/behaviour").write_text("allow\n")
    with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
        os.chmod(cognito.dir, 0o755)
        config = cognito.config()
        repeat("8 threads, the real helper", real, config, 8, 20, (BOB, CAROL, BOB, NOBODY))
        repeat("8 threads, a scripted helper", scripted, config, 8, 200, (BOB, NOBODY, BOB))
        repeat("load and unload, the real helper", real, config, 1, max(CYCLES // 50, LEAST), (BOB, CAROL))
        repeat("load and unload, a scripted helper", scripted, config, 1, max(CYCLES - CYCLES // 50, LEAST), (BOB, NOBODY, BOB))
    print(f"{COUNTS['passed']} passed, {COUNTS['failed']} failed, 0 skipped")
    return 1 if COUNTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
