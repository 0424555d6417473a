#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""200 people sign in, come back and use sudo; of their sign-ins 30 % end with a wrong answer. The
pool throttles 5 % of all requests and changes its keys twice. No wrong yes; a no only for one's
own wrong answer or a third throttle in a row; and no request too many, counted at the server.

    people.py [MINUTES]    1 by default; the keys change after 2/7 and 5/7 of them. From 14 on that
                           is 6 minutes apart, longer than the module waits before it fetches keys
                           again; below, its stamp is made as old. SEED=n for the same choices."""
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
import totp  # noqa: E402
from control import Cognito  # noqa: E402
from tally import COUNTS, check  # noqa: E402

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
PEOPLE, WORKERS = 200, 6
THROTTLED, WRONG = 0.05, 0.3
REFETCH_SECONDS = 300  # jwks_cache.h
ROOT = os.geteuid() == 0
THROTTLES = ("throttle", "status-429")


class Someone:
    def __init__(self, number):
        self.name, self.uid = f"person{number:03}", 5000 + number
        self.password = f"Password-{number:03}!"
        # Every fourth has an authenticator app.
        self.secret = totp.new_secret() if number % 4 == 0 else None
        self.signed_in = False  # None: the ticket was not confirmed
        self.failures = 0  # in a row; the pool locks after five
        self.free_at = 0.0  # a code is good for one sign-in

    def code(self):
        return totp.code(self.secret, time.time())

    def wrong_code(self):
        near = {totp.code(self.secret, time.time() + 30 * steps) for steps in range(-3, 5)}
        return next(code for code in ("000000", "111111", "222222", *map(str, range(333333, 333350))) if code not in near)


class Kind:
    """What somebody does, whether it is right, and the requests to the API: of auth, of account
    (which refreshes each time)."""

    def __init__(self, name, answers, requests, failures=0, result="PAM_SUCCESS"):
        self.name, self.answers, self.requests = name, answers, requests
        self.failures, self.result = failures, result

    @property
    def right(self):
        return self.result == "PAM_SUCCESS"

    @property
    def operations(self):
        return ("acct",) if self.name == "account" else ("auth", "acct") if self.right else ("auth",)


def kinds(person, other):
    """(right ones, wrong ones) of a sign-in."""
    pw = person.password
    wrong = [Kind("wrong password", ("Wrong-" + pw,), (2, 0), 1, "PAM_AUTH_ERR"),
             Kind("somebody else's password", (other.password,), (2, 0), 1, "PAM_AUTH_ERR"),
             Kind("no password", ("",), (0, 0), 0, "PAM_AUTH_ERR")]
    if person.secret is None:
        return [Kind("password", (pw,), (2, 1))], wrong
    once, code = person.wrong_code, person.code
    wrong += [Kind("three wrong codes", (pw, once, once, once), (5, 0), 3, "PAM_MAXTRIES"),
              Kind("no code", (pw, ""), (2, 0), 0, "PAM_AUTH_ERR")]
    return [Kind("password and code", (pw, code), (3, 1)), Kind("a wrong code first", (pw, once, code), (4, 1))], wrong


BACK = Kind("account", (), (0, 1))
# Account right behind reuse asks nobody.
SUDO = Kind("sudo", (), (1, 0))


class Turn:
    def __init__(self, person, kind, began, ended, outcome):
        self.person, self.kind, self.began, self.ended = person, kind, began, ended
        self.outcome, self.results = outcome, outcome.results
        allowed = self.results == ["PAM_SUCCESS"] * len(kind.operations)
        self.throttled = "PAM_AUTHINFO_UNAVAIL" in self.results and "throttling" in outcome.text
        self.wrong_yes = not kind.right and "PAM_SUCCESS" in self.results
        self.wrong_no = not self.throttled and (not allowed if kind.right else self.results != [kind.result])
        # How often the server is asked without a throttle. Where auth was given up, account may go by
        # the ticket of before.
        costs = dict(zip(("auth", "acct"), kind.requests))
        done = {name for name, result in zip(kind.operations, self.results) if result == "PAM_SUCCESS"}
        self.requests = sum(costs[name] for name in done) if self.throttled else sum(kind.requests)


class Crowd:
    def __init__(self, cognito, host):
        self.cognito, self.host = cognito, host
        self.chance = random.Random(SEED)
        self.people = [Someone(number) for number in range(PEOPLE)]
        self.busy, self.turns, self.lock = set(), [], threading.Lock()
        self.errors = []
        host.users({person.name: person.uid for person in self.people})
        for person in self.people:
            cognito.user(person.name, password=person.password, groups=["linux-users"],
                         **({"totp": person.secret} if person.secret else {}))

    def choose(self):
        """Somebody who is free, and what they do."""
        with self.lock:
            now = time.monotonic()
            free = [p for p in self.people if p.name not in self.busy and p.free_at < now]
            person = self.chance.choice(free)
            self.busy.add(person.name)
            return person, self.choose_kind(person)

    def choose_kind(self, person):
        way = self.chance.random()
        if person.signed_in and way < 0.3:
            return SUDO if ROOT and way < 0.15 else BACK
        other = self.people[(person.uid + 1) % PEOPLE]
        right, wrong = kinds(person, other)
        is_wrong = self.chance.random() < WRONG
        kind = self.chance.choice(wrong if is_wrong else right)
        if person.failures + kind.failures > 4 or (person.failures > 2 and kind.name == "a wrong code first"):
            kind = right[0]
        return kind

    def turn(self, person, kind):
        settings = {"ruid": str(person.uid)} if kind is SUDO else {}
        began = time.time()
        outcome = self.host.drive(person.name, kind.operations, kind.answers, "sudo" if kind is SUDO else "login",
                                  timeout=300, **settings)
        turn = Turn(person, kind, began, time.time(), outcome)
        allowed = outcome.results == ["PAM_SUCCESS"] * len(kind.operations)
        if allowed:
            person.signed_in, person.failures = True, person.failures if kind in (BACK, SUDO) else 0
        elif kind.right and kind not in (BACK, SUDO):
            person.signed_in = None
        person.failures += 0 if allowed or turn.throttled else kind.failures
        if person.secret and kind not in (BACK, SUDO):
            person.free_at = time.monotonic() + 95
        return turn

    def work(self, until):
        try:
            while time.monotonic() < until:
                person, kind = self.choose()
                turn = self.turn(person, kind)
                with self.lock:
                    self.turns.append(turn)
                    self.busy.discard(person.name)
        except BaseException as error:  # a thread's error must fail the run
            self.errors.append(error)
            raise

    def run(self, seconds, rotate):
        started = time.monotonic()
        workers = [threading.Thread(target=self.work, args=(started + seconds,)) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for part in (2 / 7, 5 / 7):
            time.sleep(max(0, started + seconds * part - time.monotonic()))
            rotate()
        for worker in workers:
            worker.join()


def connections(log):
    """{number: its requests} of the helpers' connections: one helper has one."""
    found = {}
    for line in log:
        if "method" in line:
            found.setdefault(line["conn"], []).append(line)
    return found


def third_in_a_row(lines):
    """When a request of a connection was throttled for the third time, or None."""
    run, endpoint = 0, None
    for line in lines:
        run = 0 if line["fault"] not in THROTTLES else run + 1 if line["endpoint"] == endpoint else 1
        endpoint = line["endpoint"]
        if run == 3:
            return line["t"]
    return None


def thrice_by_name(turn, log):
    """Was the first request of this sign-in throttled three times? A connection may end while the
    helper waits; then the repeat comes by another."""
    return sum(line["endpoint"] == "InitiateAuth" and line["fault"] in THROTTLES and turn.began <= line["t"] <= turn.ended
               and line["body"].get("AuthParameters", {}).get("USERNAME") == turn.person.name
               for line in log if "method" in line) >= 3


def judge(turns, log):
    conns = connections(log)
    thirds = {number: third_in_a_row(lines) for number, lines in conns.items()}
    unused = sorted(when for when in thirds.values() if when is not None)
    unexplained = []
    for turn in (turn for turn in turns if turn.throttled):
        when = next((when for when in unused if turn.began <= when <= turn.ended), None)
        if when is None and not thrice_by_name(turn, log):
            unexplained.append(turn)
        elif when is None:
            continue
        else:
            unused.remove(when)
    for what, bad in (("no wrong yes", [t for t in turns if t.wrong_yes]),
                      ("nobody is refused but for their own wrong answer", [t for t in turns if t.wrong_no]),
                      ("or a third throttle in a row", unexplained)):
        check(what, not bad, "\n".join(f"{t.person.name}, {t.kind.name}: {t.results}\n{t.outcome.text}" for t in bad[:5]))

    # Of connections that were not given up: requests that were answered, and those that were not.
    whole = [line for number, lines in conns.items() if thirds[number] is None for line in lines]
    keys = [line for line in whole if line["endpoint"] == "jwks"]
    api = [line for line in whole if line["endpoint"] != "jwks"]
    answered = sum(line["fault"] not in THROTTLES for line in api)
    expected = sum(turn.requests for turn in turns)
    # A sign-in that was given up may have had answers on a connection that ended meanwhile; and
    # behind a reuse that had to wait for longer than five seconds account asks again.
    slow = sum(turn.kind is SUDO and turn.ended - turn.began > 4 for turn in turns)
    most = expected + 4 * sum(turn.throttled for turn in turns) + slow
    check("no request too many", expected <= answered <= most, f"{answered} answered, {expected} expected, at most {most}")
    fetched = sum(line["fault"] not in THROTTLES for line in keys)
    check("the keys are fetched once a change, after the first ones", 3 <= fetched <= WORKERS + 4, f"{fetched} times")
    throttled = sum(line["fault"] in THROTTLES for lines in conns.values() for line in lines)
    total = sum(map(len, conns.values()))
    check("some are throttled", THROTTLED / 2 < throttled / total < THROTTLED * 2, f"{throttled} of {total}")
    for row in report(turns):
        print(row)
    print(f"# {total} requests for {len(turns)} turns, {total / len(turns):.2f} a turn; {throttled} throttled; "
          f"keys fetched {fetched} times; {sum(t.throttled for t in turns)} refused by a third throttle in a row")


def report(turns):
    """What a person did, how often, and the requests that each costs without throttles."""
    names = sorted({turn.kind.name for turn in turns})
    yield "| what | times | allowed | requests each: auth, account |"
    yield "|---|---|---|---|"
    for name in names:
        of = [turn for turn in turns if turn.kind.name == name]
        yes = sum(turn.results == ["PAM_SUCCESS"] * len(turn.kind.operations) for turn in of)
        yield f"| {name} | {len(of)} | {yes} | {of[0].kind.requests[0]}, {of[0].kind.requests[1]} |"


def main():
    seconds = MINUTES * 60
    print(f"SEED={SEED} MINUTES={MINUTES:g}")
    with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
        os.chmod(cognito.dir, 0o755)
        cognito.reset()
        host = harness.Host()
        config = cognito.config({"login": {"recheck": 0}, "rules": [{"name": "all", "groups": ["linux-users"]}]})
        host.service("login", f"config={config} timeout=30")
        host.service("sudo", f"config={config} timeout=30 reuse")

        def rotate():
            for stamp in (harness.TEST / "cache").glob(harness.kept_name(config) + ".refetch*"):
                if seconds * 3 / 7 <= REFETCH_SECONDS:
                    os.utime(stamp, (time.time() - REFETCH_SECONDS - 60,) * 2)
            # The server closes a connection that says nothing for minutes.
            Cognito(cognito.dir, start=False).rotate()

        crowd = Crowd(cognito, host)
        cognito.set_behaviour("*", "throttle", rate=THROTTLED)
        cognito.set_behaviour("jwks", "status-429", rate=THROTTLED)
        crowd.run(seconds, rotate)
        check("every worker ended well", not crowd.errors, repr(crowd.errors))
        judge(crowd.turns, cognito.log())
        host.close()
    print(f"{COUNTS['passed']} passed, {COUNTS['failed']} failed, 0 skipped")
    return 1 if COUNTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
