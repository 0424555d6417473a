#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Random sign-ins against a server that means ill: whatever it says, in whatever order, the
module lets in nobody whose last token does not verify and is not theirs, ends in time, and
leaves its host as it was.

    test_sequences.py                 80 runs
    RUNS=10000 test_sequences.py      as many; SEED=n for the same again, JOBS=n at once
    SEED=n ONLY=i test_sequences.py   one of them, with all that was said
"""
import base64
import collections
import json
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import harness  # noqa: E402
import replies  # noqa: E402
import server  # noqa: E402
import tokens  # noqa: E402

RUNS = int(os.environ.get("RUNS", "80"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
JOBS = int(os.environ.get("JOBS", "3"))
ONLY = os.environ.get("ONLY")
METHODS = ("srp", "password", "choice")
TIMEOUT = 5  # of the module: timeout=
# Killing the helper, and a machine that has other things to do.
SLACK = 30
MOST_CHALLENGES = 8
LEEWAY = 30
REFUSALS = {"PAM_AUTH_ERR", "PAM_MAXTRIES", "PAM_CRED_EXPIRED", "PAM_ACCT_EXPIRED", "PAM_PERM_DENIED", "PAM_CONV_ERR",
            "PAM_AUTHINFO_UNAVAIL", "PAM_SERVICE_ERR", "PAM_AUTHTOK_ERR"}
# A helper that crashed, or that spoke nonsense to the module.
OUR_FAULT = re.compile(r"the helper (ended without a verdict|does not keep to|cannot)|out of memory|no verdict")
# Nothing that steers a terminal: C0, DEL, C1, and what turns or hides text.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


# ---- a judge of its own ---------------------------------------------------------------------

def part(text):
    """A part of a token, read strictly: no member twice."""
    def once(pairs):
        value = dict(pairs)
        if len(value) != len(pairs):
            raise ValueError("a member twice")
        return value
    raw = base64.b64decode(text + "=" * (-len(text) % 4), "-_", validate=True)
    return json.loads(raw, object_pairs_hook=once)


def is_good(token, keys, issuer, now):
    """Does this ID token sign in USER with CLIENT, by the pool's keys? Not our C code's word."""
    try:
        head, body, mark = token.split(".")
        header, claims = part(head), part(body)
        key = next(key for key in keys if key.kid == header["kid"])
        key.private.public_key().verify(tokens.unbase64url(mark), f"{head}.{body}".encode(),
                                        tokens.padding.PKCS1v15(), tokens.hashes.SHA256())
        groups = claims["cognito:groups"]
        groups = [groups] if isinstance(groups, str) else groups
        return (header["alg"] == "RS256" and "crit" not in header and claims["iss"] == issuer
                and claims["aud"] == replies.CLIENT and claims["token_use"] == "id"
                and claims["cognito:username"] == replies.USER and claims["exp"] + LEEWAY > now
                and claims["iat"] - LEEWAY <= now and replies.GROUP in groups)
    except (ValueError, KeyError, StopIteration, AttributeError, TypeError, tokens.InvalidSignature):
        return False


# ---- one worker: a server, a host, and its share of the runs ----------------------------------

class Worker:
    def __init__(self):
        self.own = tempfile.TemporaryDirectory(prefix="hostile-")
        self.folder = pathlib.Path(self.own.name)
        self.folder.chmod(0o755)
        self.server = server.Server(self.folder)
        self.issuer = f"https://localhost:{self.server.port}/{replies.POOL}"
        self.mint = replies.Mint(tokens.Keys(self.folder), self.issuer)
        self.host = harness.Host()
        self.configs = {}
        for method in METHODS:
            for secret in (False, True):
                for append in (False, True):
                    self.configure(method, secret, append)

    def configure(self, method, secret, append):
        config = {"client_id": replies.CLIENT, "certs_url": self.issuer + "/.well-known/jwks.json"}
        if secret:
            config["client_secret"] = "a secret of the client"
        value = {"name": "Hostile & Söhne \"x\"", "config": config,
                 "login": {"password_method": method, "otp_append": append},
                 "rules": [{"groups": [replies.GROUP]}],
                 "network": {"ca_path": str(self.folder / "ca"), "request_timeout": 1, "connect_timeout": 1}}
        path = self.folder / f"{method}-{secret:d}-{append:d}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        path.chmod(0o600)
        self.configs[path.stem] = str(path)
        self.host.service(path.stem, f"config={path} timeout={TIMEOUT} qr=utf8")

    def forget_keys(self, service):
        for suffix in ("", ".new", ".refetch"):
            (harness.TEST / "cache" / (harness.kept_name(self.configs[service]) + suffix)).unlink(missing_ok=True)

    def forget_ticket(self, service):
        """An earlier sign-in's ticket would be enough for account."""
        name = harness.kept_name(self.configs[service]).replace("jwks-", f"ticket-{harness.USERS[replies.USER]}-")
        (harness.TEST / "run" / name).unlink(missing_ok=True)

    def close(self):
        for service in self.configs:
            self.forget_ticket(service)
            self.forget_keys(service)
        self.server.close()
        self.host.close()
        self.own.cleanup()

    def run(self, number):
        """One sign-in. Returns (result, what was wrong or "", challenges answered, seconds)."""
        dice = random.Random(f"{SEED}/{number}")
        method, secret, append = METHODS[number % 3], dice.random() < 0.2, dice.random() < 0.1
        service = f"{method}-{secret:d}-{append:d}"
        plan = replies.Plan(dice, self.mint, method, append)
        if plan.spoilt_keys:
            self.forget_keys(service)
        self.forget_ticket(service)
        asked = self.server.begin(plan)
        started = time.monotonic()
        try:
            outcome = self.host.drive(replies.USER, ("auth", "acct"), plan.answers[:32], service,
                                      timeout=TIMEOUT + SLACK)
        except subprocess.TimeoutExpired:
            return "hang", f"no end after {TIMEOUT + SLACK} s", 0, time.monotonic() - started, asked, None, plan
        seconds = time.monotonic() - started
        faults, answered = self.judge(method, outcome, asked, plan)
        return (outcome.results or ["nothing"])[0], "; ".join(faults), answered, seconds, asked, outcome, plan

    def judge(self, method, outcome, asked, plan):
        result = outcome.results[0] if outcome.results else "nothing"
        said = [a for a in asked if a.operation in ("InitiateAuth", "RespondToAuthChallenge")]
        said, faults = without_repeats(said)
        if len(outcome.results) != 2 or (outcome.results[0] == "PAM_SUCCESS") != (outcome.results[1] == "PAM_SUCCESS"):
            faults.append(f"results {outcome.results}")
        if result == "PAM_SUCCESS":
            faults += self.judge_success(method, said)
        elif result not in REFUSALS:
            faults.append(f"result {result}")
        elif not plan.delay and self.should_succeed(method, said, asked, outcome):
            faults.append("refused after good tokens")
        if outcome.host != ["unchanged"]:
            faults.append(f"host {outcome.host}")
        if OUR_FAULT.search(outcome.text):
            faults.append("our fault")
        if STEERING.search(outcome.text):
            faults.append("a terminal would be steered")
        if any(p in line for p in (replies.PASSWORD, replies.NEW) for line in outcome.log):
            faults.append("a password in the log")
        more, answered = self.judge_steps(said, asked)
        return faults + more, answered

    def judge_success(self, method, said):
        """The last word were tokens, they are good, and something was proven before."""
        faults = []
        last = said[-1].reply if said else None
        if last is None or last.kind != "tokens":
            return ["success without tokens"]
        if not is_good(last.tokens[1], self.mint.keys.values(), self.issuer, time.time()):
            faults.append(f"success with a token that is not good: {last.tokens[0]}")
        if last.tokens[0] in ("missing", "name null"):
            faults.append(f"success: {last.tokens[0]}")
        first = said[0].reply
        if method == "srp" and first.challenge != "PASSWORD_VERIFIER":
            faults.append("success without SRP's proof")
        if method == "choice" and first.kind != "challenge":
            faults.append("success without a challenge")
        return faults

    def should_succeed(self, method, said, asked, outcome):
        """Good tokens as the last word, in order, and keys to be had: then a refusal is wrong."""
        last = said[-1].reply if said else None
        if last is None or last.kind != "tokens" or last.tokens[0] not in {"good"} | replies.Mint.HARMLESS:
            return False
        if any(a.operation == "jwks" and a.reply.kind != "jwks" for a in asked):
            return False
        if method != "password" and len(said) == 1:
            return False
        # A server of Python's that the machine lets wait is late for a client's one second.
        return "the host program cannot ask" not in outcome.text and "the deadline passed" not in outcome.text

    def judge_steps(self, said, asked):
        """No more challenges answered than allowed, and each by its own name and session."""
        faults, answered, current = [], 0, None
        # A used code is not counted once; attributes have tries of their own.
        tries, forgiven = collections.Counter(), collections.Counter()
        for at, request in enumerate(said):
            if request.operation == "InitiateAuth":
                if at > 0:
                    faults.append("InitiateAuth again")
            elif current is None:
                faults.append("an answer to nothing")
            else:
                answered += tries[current] == 0
                tries[current] += 1
                if said[current].reply.challenge == "NEW_PASSWORD_REQUIRED":
                    forgiven[current] = 2
                elif b"already been used" in request.reply.body:
                    forgiven[current] = 1
                faults += self.judge_answer(request.json(), said[current].reply)
            if request.reply.kind == "challenge":
                current = at
        if answered > MOST_CHALLENGES:
            faults.append(f"{answered} challenges answered")
        if any(count > 3 + forgiven[at] for at, count in tries.items()):
            faults.append("a challenge answered more than three times")
        if len(asked) > 60:
            faults.append(f"{len(asked)} requests")
        return faults, answered

    @staticmethod
    def judge_answer(body, asked):
        faults = []
        if body.get("ChallengeName") != asked.challenge:
            faults.append(f"an answer to {body.get('ChallengeName')!r} instead of {asked.challenge!r}")
        # MFA_SETUP goes on with the session of VerifySoftwareToken.
        if isinstance(asked.session, str) and asked.session != "..missing.." and asked.challenge != "MFA_SETUP" \
                and body.get("Session") != asked.session:
            faults.append("another session")
        return faults


def may_be_repeated(request):
    """After a throttle anything; after a 5xx what carries no password, code or proof."""
    words = request.reply.body + str(request.reply.headers).encode()
    if request.reply.status == 429 or b"TooManyRequestsException" in words or b"ThrottlingException" in words:
        return True
    if request.reply.way == "close":
        return True  # a held connection that died before any byte of an answer
    proofs = b'"(PASSWORD|NEW_PASSWORD|PASSWORD_CLAIM_SIGNATURE|\\w+_CODE)":'
    return request.reply.status >= 500 and not re.search(proofs, request.body) and b"CUSTOM_CHALLENGE" not in request.body


def without_repeats(said):
    """The requests without those that were sent again, byte for byte, and what was wrong with that."""
    kept, faults, repeats = [], [], 0
    for request in said:
        same = bool(kept) and (request.operation, request.body) == (kept[-1].operation, kept[-1].body)
        repeats = repeats + 1 if same and may_be_repeated(kept[-1]) else 0
        if repeats:
            kept.pop()
        if repeats > 2:
            faults.append("repeated more than twice")
        kept.append(request)
    return kept, faults


def transcript(number, asked, outcome, plan):
    lines = [f"SEED={SEED} ONLY={number}", "typed: " + repr(plan.answers)]
    for request in asked:
        lines.append(f"> {request.operation} {request.body[:300]!r}")
        reply = request.reply
        lines.append(f"< {reply.kind} {reply.status} {reply.way} {reply.challenge!r} "
                     f"{reply.tokens and reply.tokens[0]} {(reply.raw or reply.body)[:300]!r}")
    return "\n".join(lines + (outcome.text.splitlines() if outcome else []))


def work(numbers):
    """In a process of its own. Returns counts and the runs that went wrong."""
    worker = Worker()
    counts, challenges, kinds = collections.Counter(), collections.Counter(), collections.Counter()
    wrong, slowest = [], 0
    try:
        for number in numbers:
            result, fault, answered, seconds, asked, outcome, plan = worker.run(number)
            counts[f"{METHODS[number % 3]} {result}"] += 1
            challenges[answered] += 1
            slowest = max(slowest, seconds)
            kinds.update(a.reply.challenge if isinstance(a.reply.challenge, str) and a.reply.challenge in replies.NAMES
                         else a.reply.kind for a in asked)
            if fault or ONLY:
                wrong.append((fault, transcript(number, asked, outcome, plan)))
    finally:
        worker.close()
    return counts, challenges, kinds, wrong, slowest


class Sequences(unittest.TestCase):
    def test_random_sequences(self):
        started = time.monotonic()
        if ONLY:
            _, _, _, wrong, _ = work([int(ONLY)])
            print(wrong[0][1])
            self.assertEqual(wrong[0][0], "")
            return
        with multiprocessing.get_context("spawn").Pool(JOBS) as pool:
            parts = pool.map(work, [range(job, RUNS, JOBS) for job in range(JOBS)], 1)
        counts, challenges, kinds = (sum((p[i] for p in parts), collections.Counter()) for i in range(3))
        wrong = [w for p in parts for w in p[3]]
        runs = sum(counts.values())
        print(f"{runs} runs, seed {SEED}, {time.monotonic() - started:.1f} s, "
              f"the slowest {max(p[4] for p in parts):.1f} s")
        for title, counter in (("results", counts), ("challenges answered", challenges), ("replies", kinds)):
            print(f"  {title}: " + ", ".join(f"{k} {v}" for k, v in sorted(counter.items(), key=lambda i: str(i[0]))))
        for fault, text in wrong[:10]:
            print(f"--- {fault}\n{text}")
        self.assertEqual(len(wrong), 0)
        # The proof proves something only if people also got in, and sequences went far.
        # One run in 25 ends well for each method; a few runs may have none.
        successes = [counts[f"{method} PAM_SUCCESS"] for method in METHODS]
        self.assertGreater(sum(successes), 0)
        if runs >= 300:
            self.assertGreater(min(successes), runs // 100 if runs >= 2000 else 0)
        self.assertGreater(sum(n for k, n in challenges.items() if k >= 3), runs // 100)


if __name__ == "__main__":
    # multiprocessing imports this file again: the seed is everybody's.
    os.environ["SEED"] = str(SEED)
    harness.main()
