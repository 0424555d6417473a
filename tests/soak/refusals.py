#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a refusal takes on our side, by its reason: from the last keystroke to the verdict, less
the time that the local Cognito took to answer. The pool does not tell who exists, and neither may
the time. RUNS=n (150) of each reason, in turn; the delay that libpam adds to all is left out.

A reason fails if its median differs from that of a wrong password by more than LEAST ms and a tenth
of it, and by more than chance explains (95 % interval, by bootstrap), in both of two rounds: on a
busy machine one round says this of something now and then."""
import os
import pathlib
import random
import statistics
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("login", "")]
from base import COGNITO, PASSWORDS, harness  # noqa: E402
from tally import COUNTS, check  # noqa: E402

RUNS = int(os.environ.get("RUNS") or 150)
LEAST = 1.0  # ms; the pool's own answers differ by more over any network
SHARE = 0.1
DRAWS = 2000
WRONG = "Wrong-1!-Wrong-1!"


# Who types what, and how the pool comes to refuse it. What comes just before is one request to the local Cognito
# in each case: after a few logins, say, the next is a millisecond quicker.
REASONS = {"wrong password": ("bob", WRONG, lambda: COGNITO.user("bob", enabled=True)),
           "unknown to the pool": ("mallory", WRONG, lambda: COGNITO.user("bob", enabled=True)),
           "disabled": ("bob", PASSWORDS["bob"], lambda: COGNITO.user("bob", enabled=False)),
           "locked out": ("carol", COGNITO.control("user", username="carol")["password"], lambda: COGNITO.lock("carol"))}
HOST = harness.Host()


def measure(reason):
    user, password, prepare = REASONS[reason]
    COGNITO.reset()
    prepare()
    before, typed = len(COGNITO.requests()), []

    def answer():
        typed.append(time.monotonic())
        return password
    outcome = HOST.drive(user, ("auth",), (answer,))
    took = time.monotonic() - typed[0]
    assert outcome.results[0] in ("PAM_AUTH_ERR", "PAM_ACCT_EXPIRED", "PAM_MAXTRIES"), outcome.text
    requests = COGNITO.requests()[before:]
    assert len(requests) == 2, requests
    return 1000 * (took - sum(request["took"] for request in requests)), outcome


def interval(one, other):
    """Of the difference of their medians, 95 %."""
    chance = random.Random(1)
    draws = sorted(statistics.median(chance.choices(one, k=len(one))) - statistics.median(chance.choices(other, k=len(other)))
                   for _ in range(DRAWS))
    return draws[DRAWS // 40], draws[-DRAWS // 40]


def differs(reason, values, basis):
    """By enough that somebody could tell the two apart."""
    low, high = interval(values, basis)
    difference = statistics.median(values) - statistics.median(basis)
    print(f"# {reason}: {difference:+.2f} ms beside a wrong password, 95 % interval {low:+.2f} to {high:+.2f} ms")
    return abs(difference) > max(LEAST, SHARE * statistics.median(basis)) and (low > 0 or high < 0)


def one_round(said):
    """The reasons that differ. said: {reason: what the user read}"""
    times = {reason: [] for reason in REASONS}
    for _ in range(RUNS):
        for reason in random.sample(list(REASONS), len(REASONS)):
            took, outcome = measure(reason)
            times[reason].append(took)
            said[reason] = outcome.errors
    basis = times.pop("wrong password")
    print(f"# wrong password: {statistics.median(basis):.2f} ms, median of {RUNS}", flush=True)
    return {reason for reason, values in times.items() if differs(reason, values, basis)}


def main():
    HOST.service("login", f"config={COGNITO.config()} timeout=60")
    measure("wrong password")  # fetches nothing later
    said = {}
    different = one_round(said)
    if different:
        print(f"# once more: {', '.join(different)}")
        different &= one_round(said)
    for reason in REASONS:
        if reason != "wrong password":
            check(f"{reason}: takes as long as a wrong password", reason not in different, "in both rounds it did not")
    check("who is unknown is told the same as who typed a wrong password",
          said["unknown to the pool"] == said["wrong password"], said)
    print(f"{COUNTS['passed']} passed, {COUNTS['failed']} failed, 0 skipped")
    return 1 if COUNTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
