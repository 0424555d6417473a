#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make torture`: every allocation and every system call of a login fails, one by one and, of
allocations, from there on. Whatever fails, a login that is to be denied is never allowed, nothing
crashes or hangs, and the host is as it was.

Each story is run once without a fault, which counts. Then each fault is one run. What is done is
kept in build/torture/done, so that a run that was ended goes on; SECONDS=n ends it after so long
(default 600), SAMPLE=n SEED=s take one fault in n, PLACES=1 those alone that come first where nothing has failed
yet (a place is the functions that call for it, inside out), ARGUMENTS take stories by their names, FAULT="module call 25"
the faults of them that begin so, which are told in full."""
import collections
import errno
import fcntl
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402

sys.path.insert(0, str(harness.ROOT / "tests/login"))
import answers as authenticator  # noqa: E402

TORTURE = harness.TEST / "torture"
PLANS = TORTURE / "plans"
DONE = harness.BUILD / "torture/done"
TAKEN = harness.BUILD / "torture/places"
SECONDS = float(os.environ.get("SECONDS") or 600)
SAMPLE = int(os.environ.get("SAMPLE") or 1)
FAULT = os.environ.get("FAULT") or ""
PLACES = bool(os.environ.get("PLACES"))
SEED = os.environ.get("SEED") or str(random.randrange(1000000))
# plan.h's struct, and its two enums.
PLAN = struct.Struct("=QIIIiII6QQqII256s")
FUNCTIONS_MAX, PLACES_MAX = 96, 16384
CALLS = struct.Struct(f"={2 * FUNCTIONS_MAX}Q")
PLACE = struct.Struct("=IBBHQ")
SIDES, KINDS, PLANT = ("module", "helper"), ("memory", "library", "call"), 3
EVERY = {"memory": 1, "library": 7, "call": 1}
# The deadline of each login. A run may take half a second more, and what a busy machine adds.
TIMEOUT, LEEWAY = 20, 60
FILES = "EIO EINTR ENOSPC EMFILE EPERM EACCES ENOMEM"
# In fault.c's order: what each function can return.
ERRORS = [None, *(words.split() for words in (
    "EIO EINTR", "EIO", "EIO EPERM EINTR", "EMFILE EINTR EINVAL", "EINTR EAGAIN ENOLCK EIO", "EIO ENOMEM", "EIO EACCES ENOMEM",
    "EIO ENOSPC EINTR", "EIO EPERM", "EPERM", "ENOSPC EPERM EIO", FILES, FILES, "EINTR ENOMEM", "EAGAIN ENOMEM EMFILE EPERM ENOENT",
    "EIO EINTR EAGAIN", "EIO", "EINTR EAGAIN ECONNRESET ENOMEM", "ENOSPC EIO EPERM", "EINTR EAGAIN EPIPE ENOMEM", "EPERM ENOMEM",
    "EMFILE ENOMEM EPERM", "EIO EACCES ENOMEM", "ENOSYS EPERM EMFILE ENOMEM EINTR", "EIO EPERM", "EINTR",
    "EIO ENOSPC EINTR EAGAIN", "EMFILE ENOMEM", "EPERM", "EMFILE ENOMEM EPERM", "EINTR ECONNREFUSED ENETUNREACH EAGAIN",
    "ENOMEM EPERM", "ENOMEM EPERM", "ENOMEM", "ENOTCONN ENOMEM", "EPERM EINVAL ENOSYS", "EPERM EAGAIN", "EPERM", "EPERM", "EIO EACCES",
    "EINTR EAGAIN ENOSYS", "EMFILE EACCES EIO", "EINTR EAGAIN EMFILE",
    "EACCES EIO", "EACCES EIO", "EACCES EIO ENOENT", "EIO EPERM", "EEXIST ENOSPC EPERM", "EIO ENOSPC", "EINVAL EIO", "EINVAL EIO",
    "EEXIST ENOSPC EIO", "EPERM EIO", "ENOTSUP ENOSPC EPERM", "ENOTSUP EIO", "EIO", "EIO", "EMFILE", "EINTR ECHILD", "EINVAL", "EIO",
    "EMFILE EIO ENOENT", "EACCES ENOSPC", "EIO ENOENT", "EIO ENOENT", "EIO ENOENT", "EIO ENOENT", "ENOMEM", "EAGAIN ENOMEM", "EAGAIN", "EINVAL",
    "EFAULT", "EFAULT"))]

# In fault.c's own words, for people.
FUNCTIONS = re.search(r"enum \{\s*(CLOSE = 1.*?)\}", (pathlib.Path(__file__).parent / "fault.c").read_text(encoding="utf-8"),
                      re.S).group(1).replace(" = 1", "").replace(",", " ").lower().split()
# Their faults, and the login is refused: OpenSSL's random numbers go by a lock that could not be made, and
# free() ends the process inside SSL_SESSION_free() of a session that libssl could not allocate all of.
LIBRARY = re.compile(r"(libc\.so\S* )+(libcrypto|libssl|libcurl)\.so")

Fault = collections.namedtuple("Fault", "side kind at onward error function", defaults=(0, 0))
NONE = Fault("module", "memory", 0, False)
# SRP's powers are most of a run's time on both sides. The stories that are not about it do without.
PLAIN = {"config": {"client_id": "localpassword"}, "login": {"password_method": "password"}}


class Plan:
    def __init__(self, path):
        self.path = path

    def write(self, fault, notes_places=False):
        head = PLAN.pack(fault.at, SIDES.index(fault.side), PLANT if fault.kind == "plant" else KINDS.index(fault.kind), fault.onward, fault.error, fault.function,
                         notes_places, *(8 * [0]), 0, 0, b"")
        self.path.write_bytes(head + bytes(CALLS.size))
        os.truncate(self.path, PLAN.size + CALLS.size + 2 * PLACES_MAX * PLACE.size)

    def read(self):
        """What the sides have counted: {side: {kind: n}}, {side: calls of each function}, and the rest."""
        text = self.path.read_bytes()
        fields = PLAN.unpack_from(text)
        counts = {side: dict(zip(KINDS, fields[7 + 3 * i:10 + 3 * i])) for i, side in enumerate(SIDES)}
        numbers = CALLS.unpack_from(text, PLAN.size)
        calls = {side: numbers[FUNCTIONS_MAX * i:FUNCTIONS_MAX * i + len(ERRORS)] for i, side in enumerate(SIDES)}
        return counts, calls, {"hits": fields[13], "live": fields[14], "crashed": fields[15:17],
                               "where": fields[17].rstrip(b"\0").decode()}

    def places(self):
        """{place: the first fault there}, if the run noted them."""
        text = memoryview(self.path.read_bytes())[PLAN.size + CALLS.size:]
        for number, (callers, kind, function, _, first) in enumerate(PLACE.iter_unpack(text)):
            if callers:
                side = SIDES[number // PLACES_MAX]
                names = ERRORS[function] if KINDS[kind] == "call" else ["-"]
                # Whatever is tried again fails again, but who is told to try again would not end.
                onward = [name for name in names if name not in ("EINTR", "EAGAIN")][:1]
                for name, is_onward in [(name, False) for name in names] + [(name, True) for name in onward]:
                    yield (f"{side} {kind} {function} {callers} {name} {is_onward:d}",
                           Fault(side, KINDS[kind], first, is_onward, getattr(errno, name, 0), function))


def untaken(places, taken_file=TAKEN):
    """The faults of those that nobody has taken: each belongs to whoever asks first."""
    with taken_file.open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        taken = set(file.read().splitlines())
        new = {place: fault for place, fault in places if place not in taken}
        file.writelines(f"{place}\n" for place in new)
    return list(new.values())


def faults_of(counts, calls):
    """Each allocation and each call that a run without a fault has counted, failing."""
    for side in SIDES:
        for kind in ("memory", "library"):
            for at in range(1, counts[side][kind] + 1, EVERY[kind]):
                yield Fault(side, kind, at, False, 0)
                yield Fault(side, kind, at, True, 0)
        for function, count in enumerate(calls[side]):
            for at in range(1, count + 1):
                for name in ERRORS[function]:
                    yield Fault(side, "call", at, False, getattr(errno, name), function)


class Story:
    """A login. before: makes the pool, and signs in if a ticket is wanted. allowed: whether it may
    succeed; what is denied may not, whatever fails. An answer may be a function of the host. every:
    only one fault in so many, of a login that waits a second. srp: by SRP."""

    def __init__(self, name, user, answers, operations=("auth",), allowed=False, service="login", options="", settings=None,
                 ticket=False, before=lambda cognito: None, meanwhile=lambda cognito: None, every=1, srp=False, **host):
        self.name, self.user, self.answers, self.operations = name, user, answers, operations
        self.allowed, self.service, self.options = allowed, service, options
        own = settings or {}
        self.settings = [{} if srp or {"flows", "password_method"} & set(own.get("login", {})) else PLAIN, own]
        self.ticket, self.before, self.meanwhile, self.every, self.host = ticket, before, meanwhile, every, host


def password(cognito, name):
    return cognito.control("user", username=name)["password"]


def stories(cognito):
    bob, alice, carol = (password(cognito, name) for name in ("bob", "alice", "carol"))
    new, key = "Brand-New-Pass-7!", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    addresses = {"email": "bob@example.com", "email_verified": True, "phone_number": "+15550009878"}
    asked = lambda name: (lambda host: cognito.totp(name))
    sent = lambda host: cognito.code("bob")
    landed = lambda host: harness.Landed(cognito, host, "bob").short
    app = lambda host: authenticator.code(host.dir / "prompt")
    device = {**cognito.device_endpoints(), "login": {"flows": ["device"]}}
    browser = {**cognito.browser_endpoints(), "login": {"flows": ["browser"]}}
    everything = ("auth", "acct", "setcred", "open", "close")

    def disabled(which):
        return lambda c: c.user(which, enabled=False)

    def factors(*methods):
        return lambda c: c.user("bob", mfa=list(methods), attributes=addresses, totp=key)

    def choice(c):
        c.user("bob", attributes=addresses)
        c.pool(first_factors=["PASSWORD", "EMAIL_OTP"], mfa="optional")

    def temporary(c):
        c.user("bob", status="FORCE_CHANGE_PASSWORD")

    def forged(kind):
        return lambda c: c.set_behaviour("InitiateAuth", kind)

    def no_group(c):
        c.user("bob", groups=[])

    def away(c):
        c.set_behaviour("GetTokensFromRefreshToken", "lambda-failed")

    def impatient(c):
        c.pool(device_interval=1)
        c.set_behaviour("device_token", "access-denied")

    yield Story("right", "alice", (alice, asked("alice")), everything, allowed=True, srp=True)
    yield Story("wrong-password", "bob", ("wrong",), srp=True)
    yield Story("unknown-to-the-pool", "mallory", ("wrong",), srp=True)
    yield Story("wrong-code", "alice", (alice, "000000", "000000", "000000"))
    yield Story("cancelled-code", "alice", (alice, "<null>"))
    yield Story("wrong-group", "carol", (carol,))
    yield Story("new-password-cancelled", "bob", (bob, "<null>"), before=temporary)
    yield Story("another-user-s-token", "bob", (bob,), settings={"users": {"map": {"bob": {"sub": "0" * 36}}}})
    for kind in ("wrong-signature", "alg-none", "expired-token", "other-issuer", "other-audience", "name-root"):
        yield Story(kind, "bob", (bob,), before=forged(kind))
    yield Story("device-denied", "bob", (), settings=device, before=impatient, terminal="012", every=16)
    yield Story("browser-rubbish", "bob", ("what-is-this?",), settings=browser)
    yield Story("no-ticket", "bob", (), ("acct",))
    yield Story("ticket-fresh", "bob", (), ("acct", "setcred", "open"), allowed=True, ticket=True)
    yield Story("ticket-no-group", "bob", (), ("acct",), ticket=True, settings={"login": {"recheck": 0}}, meanwhile=no_group)
    yield Story("ticket-disabled", "bob", (), ("acct",), ticket=True, settings={"login": {"recheck": 0}}, meanwhile=disabled("bob"))
    yield Story("ticket-away", "bob", (), ("acct",), ticket=True, settings={"login": {"recheck": 0}}, meanwhile=away)
    yield Story("ticket-refreshed", "bob", (), ("acct",), allowed=True, ticket=True, settings={"login": {"recheck": 0}})
    yield Story("reuse-disabled", "bob", ("wrong",), ("auth",), service="sudo", options="reuse", ticket=True,
                meanwhile=disabled("bob"), ruid=str(harness.USERS["bob"]))
    yield Story("passwd-wrong", "bob", ("wrong",), ("chauthtok",), ruid=str(harness.USERS["bob"]))
    for name, more, right in (("sms", (factors("SMS_MFA"),), (sent,)), ("email", (factors("EMAIL_OTP"),), (sent,)),
                              ("select-mfa", (factors("SMS_MFA", "SOFTWARE_TOKEN_MFA"),), ("2", sent)),
                              ("mfa-setup", (lambda c: c.pool(mfa="required"),), (app,)),
                              ("custom", (lambda c: c.pool(custom_after_password=True),), ("please",)),
                              ("new-password", (temporary,), ("", new, new))):
        yield Story(f"{name}-right", "bob", (bob, *right), ("auth", "acct"), allowed=True, before=more[0])
    yield Story("sms-wrong", "bob", (bob, "000000", "000000", "000000"), before=factors("SMS_MFA"))
    yield Story("select-mfa-wrong", "bob", (bob, "7", "7", "7"), before=factors("SMS_MFA", "SOFTWARE_TOKEN_MFA"))
    yield Story("mfa-setup-wrong", "bob", (bob, "000000", "000000", "000000"), before=lambda c: c.pool(mfa="required"))
    yield Story("choice-wrong-code", "bob", ("2", "000000", "000000", "000000"), before=choice,
                settings={"config": {"client_id": "localchoice"}, "login": {"password_method": "choice"}})
    yield Story("reset-right", "bob", (bob, "yes", sent, new, new), before=lambda c: c.user("bob", status="RESET_REQUIRED"))
    yield Story("ropc-right", "bob", (bob,), ("auth", "acct"), allowed=True,
                settings={"config": {"client_id": "localbroker"}, "login": {"password_method": "ropc"}})
    yield Story("browser-right", "bob", (landed,), ("auth", "acct"), allowed=True, settings=browser)
    yield Story("browser-somebody-else", "bob", (lambda host: harness.Landed(cognito, host, "alice").short,), settings=browser)
    yield Story("passwd-right", "bob", (bob, new, new), ("chauthtok",), allowed=True, srp=True, ruid=str(harness.USERS["bob"]))
    yield Story("reuse-right", "bob", ("wrong",), ("auth", "acct"), allowed=True, service="sudo", options="reuse", ticket=True,
                ruid=str(harness.USERS["bob"]))
    yield Story("ticket-stale", "bob", (), ("acct",), allowed=True, ticket=True, settings={"login": {"recheck": 0, "stale_ok": 600}},
                meanwhile=away)
    yield Story("setcred-alone", "bob", (), ("setcred", "open", "close"), allowed=True)


class Rack:
    """One story: its configuration, its ticket, and its runs."""

    def __init__(self, cognito, story):
        self.cognito, self.story = cognito, story
        self.plan = Plan(PLANS.parent / f"plan-{os.getpid()}-{story.name}")
        self.host = harness.Host(TORTURE / "pam_cognito_oidc.so")
        self.prepare()
        self.config = cognito.config({"rules": [{"name": "all", "groups": ["linux-users", "linux-admins"]}]}, *story.settings)
        for service in ("login", "sudo"):
            self.host.service(service, f"config={self.config} timeout={TIMEOUT} {story.options}")
        self.kept = {}
        if story.ticket:
            outcome, _, _ = self.run(NONE, ("auth", "acct"), (password(cognito, story.user),), service="login")
            assert outcome.results == ["PAM_SUCCESS"] * 2, outcome.text
            self.kept = {path: path.read_bytes() for path in self.files()}
            assert self.kept, "no ticket"

    @staticmethod
    def name(fault):
        """For people, and for FAULT=."""
        words = [fault.side, fault.kind]
        if fault.kind == "call":
            words += [FUNCTIONS[fault.function - 1], errno.errorcode[fault.error]]
        return " ".join([*words, str(fault.at), *(["on"] if fault.onward else [])])

    def prepare(self):
        self.cognito.reset()
        self.story.before(self.cognito)

    def files(self):
        """Of this configuration: its name is a digest of the path."""
        digest = harness.kept_name(self.config).split("-")[1]
        return [path for path in (harness.TEST / "run-torture").glob("*") if digest in path.name and path.is_file()
                and not path.name.endswith(".lock")]

    def restore(self):
        for path in self.files():
            path.unlink()
        for path, content in self.kept.items():
            path.touch(0o600)
            path.write_bytes(content)

    def run(self, fault, operations=None, answers=None, service=None):
        """(outcome, seconds, what the plan says)"""
        story = self.story
        self.plan.write(fault, PLACES and fault == NONE)
        command = self.host.command(story.user, operations or story.operations,
                                    story.answers if answers is None else answers, service or story.service,
                                    **(story.host if operations is None else {}))
        functions = [answer for answer in (story.answers if answers is None else answers) if callable(answer)]
        began = time.monotonic()
        with subprocess.Popen(command, env={**self.host.environment(), "TORTURE_PLAN": str(self.plan.path)},
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            text = b""
            try:
                for line in process.stdout:
                    if functions and line == b"ask\n":
                        process.stdin.write(self.answer(functions.pop(0)) + b"\n")
                        process.stdin.flush()
                    else:
                        text += line
            finally:
                (PLANS / str(process.pid)).unlink(missing_ok=True)
        return harness.Outcome(text.decode("utf-8", "replace"), process.returncode), time.monotonic() - began, self.plan.read()

    def answer(self, function):
        """A prompt that a fault has spoiled has no answer."""
        try:
            return function(self.host).encode()
        except (AttributeError, OSError, KeyError, IndexError, ValueError) as error:
            return f"no answer: {type(error).__name__}".encode()

    def once(self, fault):
        # A pool that begins anew does not know the ticket's refresh token.
        if self.kept:
            self.restore()
            self.cognito.user(self.story.user, enabled=True, groups=["linux-users"])
            self.cognito.set_behaviour("GetTokensFromRefreshToken", None)
            self.cognito.unlock()
        else:
            self.prepare()
        self.story.meanwhile(self.cognito)
        return self.run(fault)

    def judge(self, outcome, seconds, told):
        """What is wrong with a run."""
        if outcome.status < 0:
            yield f"the host died of signal {-outcome.status}"
            return
        if len(outcome.results) != len(self.story.operations):
            yield f"{len(outcome.results)} results"
        if any(told["crashed"]) and not LIBRARY.match(told["where"]):
            yield f"a crash by signal {max(told['crashed'])} in {told['where']}"
        if not self.story.allowed and "PAM_SUCCESS" in outcome.results:
            yield "allowed"
        if "PAM_IGNORE" in outcome.results:
            yield "ignored"
        if outcome.host != ["unchanged"]:
            yield f"the host: {outcome.host}"
        if told["live"] != 0:
            yield f"{told['live']} allocations of the module were not freed"
        if seconds > TIMEOUT + 0.5 + LEEWAY:
            yield f"{seconds:.1f} s"

    def faults(self):
        """All of this story, by what a run without one has counted."""
        self.once(NONE)  # fetches the pool's keys, which the next one has in the cache
        outcome, seconds, (counts, calls, told) = self.once(NONE)
        wrong = list(self.judge(outcome, seconds, told))
        good = all(result == "PAM_SUCCESS" for result in outcome.results) if self.story.allowed else True
        if wrong or not good:
            raise RuntimeError(f"{self.story.name} without a fault: {wrong}\n{outcome.text}")
        yield from untaken(self.plan.places()) if PLACES else faults_of(counts, calls)

    def close(self):
        self.host.close()
        self.plan.path.unlink(missing_ok=True)


def again_because(fault, wrong, told):
    """Of what is no fault of ours, and does not come twice: its name in the tally, or None."""
    if len(wrong) != 1:
        return None
    # A killed helper that gets no processor for five seconds is left to die.
    if wrong[0].endswith(": a child']"):
        return "late"
    # An allocation of OpenSSL or libcurl failed, they broke the heap, and malloc() met it later,
    # whoever called. What we break in such a case, we break each time.
    if fault.kind == "library" and any(told["crashed"]) and told["where"].startswith("libc.so"):
        return "heap"
    return None


def torture(cognito, story, ends, tally):
    """False: the time is over."""
    rack = Rack(cognito, story)
    done_file = DONE / f"{story.name}-{SAMPLE}-{SEED if SAMPLE > 1 else 0}"
    try:
        faults = list(rack.faults())[::story.every]
        if FAULT:
            faults = [fault for fault in faults if rack.name(fault).startswith(FAULT)]
        elif SAMPLE > 1:
            faults = random.Random(f"{SEED} {story.name}").sample(faults, -(-len(faults) // SAMPLE))
        done = int(done_file.read_text()) if done_file.exists() and not FAULT and not PLACES else 0
        begun = done
        while done < len(faults) and time.monotonic() < ends:
            fault = faults[done]
            outcome, seconds, (_, _, told) = rack.once(fault)
            wrong = list(rack.judge(outcome, seconds, told))
            again = again_because(fault, wrong, told)
            if again is not None:
                tally[again] += 1
                outcome, seconds, (_, _, told) = rack.once(fault)
                wrong = list(rack.judge(outcome, seconds, told))
            if FAULT:
                print(f"# {rack.name(fault)}, {seconds:.2f} s\n{outcome.text}", end="", flush=True)
            if wrong:
                tally["failed"] += 1
                print(f"not ok {story.name}: {rack.name(fault)}: {'; '.join(wrong)}\n{outcome.text}", flush=True)
            else:
                tally["passed"] += 1
            tally["missed"] += fault.at != 0 and told["hits"] == 0
            tally["library"] += bool(LIBRARY.match(told["where"]))
            tally["slowest"] = max(tally["slowest"], seconds)
            done += 1
            if not FAULT and not PLACES:
                done_file.write_text(str(done))
        print(f"# {story.name}: {done} of {len(faults)} ({done - begun} now)", flush=True)
        return done == len(faults)
    finally:
        rack.close()


def planted(cognito, tally):
    """A fault of each kind that this rack is there to find, put in on purpose: it must."""
    story = next(story for story in stories(cognito) if story.name == "wrong-password")
    rack = Rack(cognito, story)
    try:
        rack.once(NONE)
        for number, side, words in ((1, "module", "not freed"), (2, "module", "descriptor"), (3, "module", "signal"),
                                    (4, "helper", "crash"), (5, "module", "child")):
            fault = Fault(side, "plant", 1, False, 0, number)
            outcome, seconds, (_, _, told) = rack.once(fault)
            wrong = "; ".join(rack.judge(outcome, seconds, told))
            tally["passed" if words in wrong else "failed"] += 1
            if words not in wrong:
                print(f"not ok planted: no {words!r} in {wrong!r}\n{outcome.text}")
        # A yes where there may be none, and a login that takes too long.
        story.answers = (password(cognito, "bob"),)
        outcome, _, (_, _, told) = rack.once(NONE)
        wrong = "; ".join(rack.judge(outcome, TIMEOUT + LEEWAY + 1, told))
        tally["passed" if "allowed" in wrong and " s" in wrong else "failed"] += 1
    finally:
        rack.close()


def share(names):
    """As many processes as there are processors, each with its own pool; their exit status."""
    jobs = int(os.environ.get("JOBS") or os.cpu_count() or 1)
    tally, status = collections.Counter(), 0
    for worker in [subprocess.Popen([sys.executable, __file__, "--worker", *names[i::jobs]], stdout=subprocess.PIPE, text=True,
                                    env={**os.environ, "SEED": SEED}) for i in range(jobs) if names[i::jobs]]:
        lines = worker.communicate()[0].splitlines()
        print("\n".join(lines[:-1]), flush=True)
        found = re.fullmatch(r"(\d+) passed, (\d+) failed, 0 skipped", lines[-1] if lines else "")
        tally.update(passed=int(found.group(1)) if found else 0, failed=int(found.group(2)) if found else 1)
        status = status or worker.returncode
    print(f"{tally['passed']} passed, {tally['failed']} failed, 0 skipped")
    return status


def main():
    PLANS.mkdir(parents=True, exist_ok=True)
    DONE.mkdir(parents=True, exist_ok=True)
    words = sys.argv[1:]
    if "--worker" not in words:
        for old in PLANS.iterdir():
            old.unlink()
        shutil.rmtree(harness.TEST / "run-torture", ignore_errors=True)
        TAKEN.unlink(missing_ok=True)
        with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
            names = [story.name for story in stories(cognito)]
        sys.exit(share([name for name in names if name in words or not words]))
    if SAMPLE > 1:
        print(f"# one fault in {SAMPLE}, SEED={SEED}")
    ends = time.monotonic() + SECONDS
    tally = {"passed": 0, "failed": 0, "missed": 0, "library": 0, "late": 0, "heap": 0, "slowest": 0.0}
    left = []
    with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
        os.chmod(cognito.dir, 0o755)
        planted(cognito, tally)
        for story in stories(cognito):
            if story.name in words and not torture(cognito, story, ends, tally):
                left.append(story.name)
    print(f"# the slowest took {tally['slowest']:.1f} s; {tally['missed']} met no call; {tally['library']} ended the helper inside "
          f"OpenSSL or libcurl; {tally['late']} were done again, since a killed helper had not ended after 5 s, and {tally['heap']}, "
          f"since their heap was broken; not at their end: {' '.join(left) or 'none'}")
    print(f"{tally['passed']} passed, {tally['failed']} failed, 0 skipped")
    sys.exit(1 if tally["failed"] or tally["passed"] == 0 else 0)


if __name__ == "__main__":
    main()
