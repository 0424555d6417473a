#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device flow's pace, interval by interval: too slow for every `make check`.

What is judged is the stand-in's log: when it was asked, and how often. A busy machine makes a
request late by a part of an interval, so each bound is far from what a fault would do: a
slow_down where there is none, or an interval that is not kept, moves a request by half an
interval or more. The mean time from approval to login is printed for docs/performance.md."""
import collections
import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/login")]
import harness  # noqa: E402
from base import COGNITO  # noqa: E402
from device_login import Device  # noqa: E402

INTERVAL = 5  # RFC 8628's own
RUNS = 60


class Pace(Device):
    def times(self, endpoint="device_token"):
        return [line["t"] for line in COGNITO.requests(endpoint)]

    def gaps(self):
        times = self.times()
        return [after - before for before, after in zip(times, times[1:])]

    def assert_gaps(self, least, most):
        for gap in self.gaps():
            self.assertTrue(0.9 * least < gap < most, self.gaps())

    def start_with(self, timeout, options="", **settings):
        self.options = f"timeout={timeout} {options}"
        self.configure()
        return self.start(**settings)

    def approve_after(self, polls, process, result="PAM_SUCCESS"):
        """Approves when the provider has been asked so often."""
        code = self.code()
        harness.wait_for(lambda: len(self.times()) >= polls)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), result)


class Login(threading.Thread):
    """One login, approved so many seconds after it began."""

    def __init__(self, test, after):
        super().__init__()
        self.process = test.start_with(120)
        self.code = harness.wait_for(test.new_code)
        self.due = time.time() + after
        self.approved = None
        self.text = b""
        self.start()

    def run(self):
        time.sleep(max(0, self.due - time.time()))
        # By a connection of its own: the test's is not for threads.
        harness.Cognito(COGNITO.dir, start=False).approve(self.code, "bob")
        self.approved = time.time()
        self.text = self.process.communicate(timeout=120)[0]


class Wait(Pace):
    def new_code(self):
        """The code that was not there before."""
        fresh = {entry["user_code"] for entry in COGNITO.device_codes()} - self.known
        self.known |= fresh
        return fresh.pop() if fresh else None

    def test_from_approval_to_login(self):
        self.known = set()
        COGNITO.pool(device_interval=INTERVAL)
        logins = []
        for number in range(RUNS):
            # The second interval of each, all its moments alike; 5 % is the mean jitter.
            logins.append(Login(self, INTERVAL * 1.05 * (1.2 + (number + 0.5) / RUNS)))
            time.sleep(INTERVAL / RUNS)
        for login in logins:
            login.join(120)
            self.assertIn(b"auth PAM_SUCCESS", login.text)
        polls = collections.defaultdict(list)
        for line in COGNITO.requests("device_token"):
            polls[line["conn"]].append(line)
        self.assertEqual(len(polls), RUNS)
        for lines in polls.values():
            # The first request after the approval is the last, and none is told to slow down.
            self.assertEqual([line["status"] for line in lines], [400] * (len(lines) - 1) + [200])
            for before, after in zip(lines, lines[1:]):
                self.assertTrue(0.9 * INTERVAL < after["t"] - before["t"] < 1.6 * INTERVAL, lines)
        mean = (sum(lines[-1]["t"] for lines in polls.values()) - sum(login.approved for login in logins)) / RUNS
        asked = sum(len(lines) for lines in polls.values())
        print(f"| time from approval to login, {RUNS} runs, interval {INTERVAL} s, mean | {mean:.2f} s | about {0.525 * INTERVAL:.2f} s |")
        print(f"| requests to the token endpoint in these runs | {asked} | one an interval, none answered with slow_down |")
        self.assertLess(mean, 0.75 * INTERVAL)


class SlowDown(Pace):
    def test_it_adds_five_seconds_for_good(self):
        COGNITO.pool(device_interval=1, device_slow_downs=1)
        self.approve_after(3, self.start_with(60))
        print("gaps after slow_down at an interval of 1 s: " + ", ".join(f"{gap:.2f} s" for gap in self.gaps()))
        self.assertEqual(len(self.gaps()), 3)
        self.assert_gaps(6, 10)


class Jitter(Pace):
    def test_none_is_early_and_none_later_than_a_tenth(self):
        COGNITO.pool(device_interval=2)
        self.approve_after(9, self.start_with(60))
        self.assert_gaps(2, 3.5)
        self.assertGreater(max(self.gaps()) - min(self.gaps()), 0.01)


class Failures(Pace):
    def test_each_failure_doubles_the_pause(self):
        COGNITO.pool(device_interval=1)
        COGNITO.set_behaviour("device_token", "status-503", times=4)
        self.approve_after(4, self.start_with(60))
        for wanted, gap in zip((1, 2, 4, 8), self.gaps()):
            self.assertGreater(gap, 0.9 * wanted)

    def test_a_silent_provider_is_asked_again(self):
        COGNITO.pool(device_interval=1)
        COGNITO.set_behaviour("device_token", "silence", times=1)
        self.options = "timeout=60"
        self.configure({"network": {"request_timeout": 2}})
        self.approve_after(1, self.start())


class Enter(Pace):
    def test_whoever_answers_at_once_sees_nothing(self):
        """A client without a terminal says nothing to every question."""
        COGNITO.pool(device_interval=1)
        began = time.monotonic()
        outcome = self.finish(self.start_with(60, "prompt=enter", answers=("",)))
        self.assert_result(outcome, "PAM_AUTH_ERR", "error Nobody approved the sign-in. "
                           "Please start again in a terminal that shows the code.")
        self.assertTrue(11 < time.monotonic() - began < 30)

    def test_but_an_approval_counts_all_the_same(self):
        COGNITO.pool(device_interval=1)
        self.approve_after(2, self.start_with(60, answers=("",), tty="ssh"))

    def test_whoever_takes_their_time_has_it(self):
        COGNITO.pool(device_interval=1)
        process = self.start_with(60, answers=("<wait:1000>", ""), tty="ssh")
        code = self.code()
        time.sleep(16)
        COGNITO.approve(code, "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")


class Interval(Pace):
    def test_without_one_it_is_five_seconds(self):
        COGNITO.pool(device_interval=None)
        process = self.start_with(40)
        COGNITO.approve(self.code(), "bob")
        self.assert_result(self.finish(process), "PAM_SUCCESS")
        self.assertEqual(len(self.times()), 1)
        wait = self.times()[0] - self.times("device_authorization")[0]
        self.assertTrue(4.5 < wait < 8)


if __name__ == "__main__":
    harness.main()
