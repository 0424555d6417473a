#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""64 and 200 people at the prompt, then a cold cache or new keys, through ways of several lengths: the
tests of `make soak T=storm`, once for each crowd."""
import os
import pathlib
import re
import subprocess
import sys
import time

import table

HERE = pathlib.Path(__file__).resolve().parent
CROWDS = (64, 200)


def main():
    for crowd in CROWDS:
        started = time.monotonic()
        done = subprocess.run([sys.executable, str(HERE.parent / "login/test_storm.py")], env={**os.environ, "PEOPLE": str(crowd)},
                              stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, check=False)
        passed, failed, _ = (int(number) for number in re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.stdout, re.M)[-1])
        if failed:
            print(done.stdout)
        table.row(f"{crowd} at once with a cold cache or new keys, RTT 0, 100 and 200 ms: storms with a refusal or a second fetch", failed, 0,
                  f"of {passed + failed}; {time.monotonic() - started:.0f} s", digits=0)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
