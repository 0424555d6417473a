#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of fixed work under callgrind, which does not depend on how busy the machine
is, and compares them with the file "budget" beside this. budget.py [--write]"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "pam")]
import harness  # noqa: E402
from tickets import Tickets, result, ticket  # noqa: E402

FILE = HERE / "budget"
SLACK = 0.02
RENEW = "If that is meant: make budget WRITE=1, and commit tests/bench/budget with the reason."
# One processor for all: libc and OpenSSL choose other code by what they find.
SAME = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX512F,-ERMS", "OPENSSL_ia32cap": "0x0:0x0", "PATH": "/usr/bin:/bin"}
LINES = "login 3600 video shell\n" + "".join(f"service{i} 3600 - rule {i}\n" for i in range(20))


def count(function, command, environment=()):
    """Instructions of all calls of the function, with what it calls."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--toggle-collect={function}", f"--callgrind-out-file={out}", *command],
                              env={**dict(environment), **SAME}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        found = re.search(r"^(?:summary|totals): (\d+)", pathlib.Path(out).read_text(encoding="utf-8") if os.path.exists(out) else "", re.M)
        if done.returncode != 0 or found is None or found.group(1) == "0":
            sys.exit(f"{command}: {done.stdout.decode()}")
        return int(found.group(1))


class Account(Tickets):
    """The module's account phase with a fresh ticket: no helper, no network."""

    def runTest(self):
        """Not a test: the count is the result."""

    def count(self):
        self.setUp()
        try:
            self.script(login=[ticket("b" * 8000, LINES), result()])
            self.sign_in()
            counted = count("pam_sm_acct_mgmt", self.host.command("alice", ("acct",)), self.host.environment())
            assert not self.requests(), "a helper was started"
            return counted
        finally:
            self.tearDown()


def libraries():
    """The versions that the counts are true of."""
    text = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libc6", "libssl3", "libcjson1", "libpam0g"],
                          stdout=subprocess.PIPE, text=True, check=False).stdout
    return [f"{os.uname().machine}", *text.split("\n")[:-1]]


def measured():
    steps, verify = str(harness.TEST / "steps"), str(harness.TEST / "bench_verify")
    work = {
        "verify a token, key set read before": ("verify", [verify, "verify", "20"]),
        "verify a token from the key set's text": ("cold", [verify, "cold", "20"]),
        "read a configuration of 100 rules": ("counted", [steps, "config"]),
        "decide with 100 groups and 100 rules": ("counted", [steps, "decide"]),
        "the client's half of SRP, its group made before": ("counted", [steps, "srp"]),
        "the client's half of SRP, and its group": ("counted", [steps, "srp-alone"]),
    }
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = {name: pool.submit(count, *what) for name, what in work.items()}
        return {**{name: future.result() for name, future in counts.items()}, "account with a fresh ticket": Account().count()}


def write(counts):
    lines = ["# Instructions by callgrind; make budget compares, with 2 % to spare. With these libraries:"]
    lines += ["# " + library for library in libraries()]
    lines += [f"{number:>12,}  {name}" for name, number in counts.items()]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    counts = measured()
    if sys.argv[1:] == ["--write"]:
        write(counts)
    text = FILE.read_text(encoding="utf-8")
    allowed = {name: int(number.replace(",", "")) for number, name in re.findall(r"^ *([\d,]+)  (.+)$", text, re.M)}
    made_with = re.findall(r"^# (\S+(?: \S+)?)$", text, re.M)
    same = made_with == libraries()
    passed = failed = skipped = 0
    if not same:
        print(f"The budget is that of {', '.join(made_with)}; here are {', '.join(libraries())}: nothing is compared.")
    for name in sorted({*counts, *allowed}):
        number, budget = counts.get(name, 0), allowed.get(name, 0)
        change = number / budget - 1 if budget else 1
        good = name in counts and abs(change) <= SLACK
        passed, failed, skipped = passed + (same and good), failed + (same and not good), skipped + (not same)
        print(f"{'ok  ' if good else 'skip' if not same else 'FAIL'} {number:>12,} of {budget:>12,} {change * 100:+6.1f} %  {name}")
    if failed:
        print(f"Work costs more than its budget, or less: a budget that is too large hides what comes next. {RENEW}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
