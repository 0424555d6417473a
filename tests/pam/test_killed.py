#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A host that is killed while it writes a ticket or a key set: at every call, within every
write, at any moment. Nothing half is ever used, and the next sign-in always works.
RUNS: how many times (150; `make soak` has 1,000)."""
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import RUN, Tickets, harness, result, rotated, ticket, ticket_file  # noqa: E402

RUNS = int(os.environ.get("RUNS", "150"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))
CACHE = harness.TEST / "cache-scripted"
POINTS = 40  # more calls than one sign-in, or one recheck, makes


class Killed(Tickets):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(SEED)
        self.host.service("login", f"config={self.config} timeout=20")
        self.deaths = 0

    def once(self, operations):
        """One run that is killed somewhere, or gets through."""
        point = self.chance.randint(1, POINTS) if self.chance.random() < 0.85 else 0
        settings = {"die-at": str(point), "die-after": str(self.chance.randrange(70000))} if point else {}
        run = subprocess.Popen(self.host.command("alice", operations, **settings), env=self.host.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not point:
            time.sleep(self.chance.random() * 0.02)
            run.kill()
        self.deaths += run.wait() == -signal.SIGKILL

    def check_files(self):
        for file in self.files():
            self.assertIsNotNone(ticket_file.split(file.read_bytes()), file.read_bytes()[:2000])
        for file in CACHE.glob("jwks-*"):
            if re.fullmatch(r"jwks-[0-9a-f]{16}", file.name):
                self.assertRegex(file.read_text(), r"\A(K)\1{59999}\Z|\A(L)\2{9}\Z")

    def test_half_a_ticket_is_never_used_and_the_next_sign_in_always_works(self):
        print(f"SEED={SEED} RUNS={RUNS}")
        big, small = "b" * 60000, "s"
        allowed = 0
        for _ in range(RUNS):
            body = self.chance.choice((big, small))
            self.script(login=["store " + ("K" * 60000 if body is big else "L" * 10), ticket(body), result()],
                        account=[rotated("r" + body), ticket("v" + body, "login 0 - shell\n"), result()])
            self.once(("auth", "acct"))
            self.check_files()
            if self.files():
                # What is there can be used, and be killed while it is refreshed.
                self.make_old(400)
                self.once(("acct",))
                self.check_files()
                self.expect_yes(("acct",))
                allowed += 1
            self.expect_yes(("auth", "acct"))
            self.assertTrue(self.body().endswith(body))
            self.file().unlink()
        self.assertGreater(self.deaths, RUNS // 3)
        self.assertGreater(allowed, RUNS // 10)
        self.assertEqual([f for f in RUN.iterdir() if f.name.endswith(".new")], [])

    def expect_yes(self, operations):
        outcome = self.host.drive("alice", operations)
        self.assertEqual(set(outcome.results), {"PAM_SUCCESS"}, outcome.text)


if __name__ == "__main__":
    harness.main()
