#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What grows with a pool, with a configuration and with the tickets on a host: processor time by size,
and a picture. The last doubling of each must not cost more than twice as much, and noise."""
import contextlib
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "login")]
import harness  # noqa: E402
import picture  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402
import ticket_file  # noqa: E402
from base import COGNITO, PASSWORDS  # noqa: E402

MOST = 2.4  # twice as much, a logarithm, and processor caches that no longer hold it
TICKETS = (10, 100, 1000, 2500, 5000)
ROUNDS = 5
FIRST_UID = 6000000
COMMAND = str(harness.TEST / "cognito-oidc")
WHAT = {"groups": "a token of so many groups is verified and judged by 100 rules", "rules": "so many rules are read, and judge 100 groups",
        "keys": "so many keys are read, and the last verifies; 64 is the most", "users.map": "so many entries are read"}


class Tickets:
    """A host on which somebody has signed in, and copies of that ticket for others."""

    def __init__(self):
        self.host = harness.Host()
        self.config = COGNITO.config()
        self.host.service("login", f"config={self.config}")
        self.copies = 0

    def __enter__(self):
        outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"],))
        assert outcome.results == ["PAM_SUCCESS"] * 2, outcome.text
        name = harness.kept_name(self.config)[5:]
        self.first = harness.TEST / f"run/ticket-{harness.USERS['bob']}-{name}"
        return self

    def __exit__(self, *_):
        self.become(1)
        for file in (self.first, self.first.with_name(self.first.name + ".lock")):
            file.unlink(missing_ok=True)
        self.host.close()

    def become(self, size):
        """Leaves the first, and as many others as make this size."""
        for number in range(max(size - 1, self.copies)):
            copy = self.first.with_name(self.first.name.replace(f"-{harness.USERS['bob']}-", f"-{FIRST_UID + number}-"))
            if number >= size - 1:
                copy.unlink(missing_ok=True)
                copy.with_name(copy.name + ".lock").unlink(missing_ok=True)
            elif not copy.exists():
                shutil.copy(self.first, copy)
                # Without a body there is nothing to be revoked.
                ticket_file.change(copy, user=f"u{number}", uid=FIRST_UID + number, body="")
        self.copies = size - 1

    def used(self, *command):
        """Processor time in ms."""
        done = stage.together(1, [*command], stage.EMPTY)
        assert done[2] == 0, command
        return done[1]

    def tickets(self, *options):
        return self.used(COMMAND, "tickets", *options, "--config", self.config)

    def cleared(self, size):
        """All but the first, which is kept aside: revoking costs a request, whatever the size."""
        kept = self.first.with_name("kept")
        self.become(size)
        self.first.rename(kept)
        with contextlib.ExitStack() as back:
            back.callback(kept.rename, self.first)
            return self.tickets("--clear")

    def login(self):
        return self.used(*self.host.command("bob", ("auth", "acct"), (PASSWORDS["bob"],)))


def of_tickets():
    lines = {name: [] for name in ("tickets", "tickets --json", "tickets --clear", "a login beside tickets")}
    with Tickets() as host:
        for size in TICKETS:
            host.become(size)
            took = table.medians(table.rounds(ROUNDS), {"tickets": host.tickets, "tickets --json": lambda: host.tickets("--json"),
                                                        "a login beside tickets": host.login})
            took["tickets --clear"] = min(host.cleared(size) for _ in range(2))
            for name, ms in took.items():
                lines[name].append((size, ms))
    return lines


def of_program():
    lines = {name: [] for name in WHAT}
    for line in subprocess.run([str(harness.TEST / "growth")], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        name, size, us = line.split()
        lines[name].append((int(size), float(us) / 1000))
    return lines


def report(name, points, what):
    (half, before), (whole, after) = points[-2:]
    table.row(f"{name}: {whole} / {half}", after / before, MOST * whole / half / 2,
              ", ".join(f"{ms:.3g}" for _, ms in points) + f" ms at {', '.join(str(size) for size, _ in points)}; {what}")


def main():
    lines = of_program()
    for name, points in lines.items():
        report(name, points, WHAT[name])
    tickets = of_tickets()
    beside = tickets.pop("a login beside tickets")
    for name, points in tickets.items():
        report(name, points, "the whole program")
    table.row(f"a login beside {beside[-1][0]} tickets / beside {beside[0][0]}", beside[-1][1] / beside[0][1], 1.1,
              f"{beside[-1][1]:.1f} ms / {beside[0][1]:.1f} ms")
    picture.draw(harness.BUILD / "growth.svg", {**lines, **tickets}, "how many", "processor time, ms", "set logscale xy")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
