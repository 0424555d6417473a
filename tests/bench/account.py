#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What account with a fresh ticket costs over pam_permit: no process, no network. Exits 1 when the aim is missed."""
import pathlib
import re
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "pam")]
from tickets import Tickets, result, ticket  # noqa: E402
import table  # noqa: E402

ROUNDS = 7
AIM = 0.5  # ms
LINES = "login 3600 video shell\n" + "".join(f"service{i} 3600 - rule {i}\n" for i in range(20))


class Bench(Tickets):
    def median(self, service):
        outcome = self.host.drive("alice", ("timed-acct",), service=service)
        return int(re.search(r"^median (\d+)$", outcome.text, re.M).group(1)) / 1e6

    def runTest(self):
        """Not a test: the figures are the result."""

    def measure(self):
        # A ticket as large as they come: claims and a refresh token.
        self.script(login=[ticket("b" * 8000, LINES), result()])
        self.sign_in()
        self.host.dir.joinpath("permit").write_text("account required pam_permit.so\n")
        pairs = [(self.median("login"), self.median("permit")) for _ in range(ROUNDS)]
        ours, permit = (statistics.median(side) for side in zip(*pairs))
        assert not self.requests(), "a helper was started"
        return ours, permit


def main():
    bench = Bench()
    bench.setUp()
    try:
        ours, permit = bench.measure()
    finally:
        bench.tearDown()
    table.row("`account` with a fresh ticket, minus pam_permit, ms", ours - permit, AIM,
               f"{ours:.3f} ms - {permit:.3f} ms, median of {ROUNDS} times 1,000", digits=3)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
