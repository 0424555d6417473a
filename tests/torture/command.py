#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make torture-command`: each allocation and each system call of the command fails, one at a time, and of the
helper that it starts. It then ends with a status of its own, and never with 0 where it must say no; what it
leaves is what was there, or what was wanted. As torture.py otherwise."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from torture import DONE, LIBRARY, NONE, PLACES, PLANS, TORTURE, Plan, Rack, faults_of, harness, untaken  # noqa: E402

COMMAND = TORTURE / "cognito-oidc"
os.environ["COGNITO_OIDC"] = str(COMMAND)
sys.path.insert(0, str(harness.ROOT / "tests/cli"))
import test_accounts  # noqa: E402
import test_verify  # noqa: E402
import ticket_file  # noqa: E402

SAMPLE = int(os.environ.get("SAMPLE") or 1)
SEED = os.environ.get("SEED") or "1"
SECONDS = float(os.environ.get("SECONDS") or 600)
STATUSES = (0, 1, 2)
TAKEN = DONE.parent / f"places-{os.getpid()}"
RUN = harness.TEST / "run-torture"
test_accounts.USERDB, test_accounts.STATE = (harness.TEST / f"run-torture-{name}" for name in ("userdb", "state"))


class Case:
    """words: of the command. good: may it end with 0? prepare: before each run. leaves: whether the files are well afterwards."""

    def __init__(self, name, words, good, typed="", prepare=lambda: None, leaves=lambda: True):
        self.name, self.words, self.good, self.typed, self.prepare, self.leaves = name, words, good, typed, prepare, leaves


def cases(folder):
    def file(name, value):
        path = folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        path.chmod(0o600)
        return str(path)

    signer, other = test_verify.Signer(), test_verify.Signer()
    cloud = {"client_id": test_verify.CLIENT, "certs_url": test_verify.ISSUER + "/.well-known/jwks.json"}
    staff = {"name": "staff", "groups": ["staff"], "services": ["sshd"]}
    config = file("config.json", {"config": cloud, "rules": [staff]})
    keys = file("jwks.json", {"keys": [signer.jwk()]})
    claims = {"iss": test_verify.ISSUER, "aud": test_verify.CLIENT, "sub": "a-sub", "token_use": "id", "cognito:username": "alice",
              "cognito:groups": ["staff"], "iat": test_verify.NOW, "exp": test_verify.NOW + 3600, "auth_time": test_verify.NOW}
    explain = ("explain", "--config", config, "--claims", file("claims.json", claims), "--user", "alice", "--host", "web-1", "--service")
    yield Case("explain-yes", (*explain, "sshd"), True)
    yield Case("explain-no", (*explain, "sudo"), False)
    yield Case("explain-json", (*explain, "sudo", "--json"), False)
    verify = ("verify", "--config", config, "--jwks", keys, "--now", str(test_verify.NOW + 60))
    yield Case("verify-yes", verify, True, signer.sign(claims))
    yield Case("verify-no", verify, False, other.sign(claims))
    yield Case("verify-json", (*verify, "--json"), False, other.sign(claims))
    yield Case("check-yes", ("check", "--config", config), True)
    for name, bad in (("key", {"config": cloud, "rules": [staff], "nonsense": 1}), ("json", '{"config": '), ("rules", {"config": cloud, "rules": [{"name": "x"}]})):
        yield Case(f"check-{name}", ("check", "--config", file(f"{name}.json", bad)), False)
    made = folder / "made.json"
    init = ("init", "--pool", "eu-west-1_AbCdEf123", "--client-id", test_verify.CLIENT, "--groups", "linux-users", "--config", str(made))

    def is_whole():
        # Its lock may stay: the next init takes it over.
        return {path.name for path in folder.glob("made.json?*")} <= {"made.json.init"} and (not made.exists() or subprocess.run(
            [harness.TEST / "cognito-oidc", "check", "--config", made], env={}, stdout=subprocess.DEVNULL, check=False).returncode == 0)
    yield Case("init", init, True, prepare=lambda: made.unlink(missing_ok=True), leaves=is_whole)
    yield Case("init-again", init, False, prepare=lambda: made.write_text("{}"), leaves=lambda: made.read_text() == "{}")
    yield from tickets(config)
    yield from accounts()


def tickets(config):
    folder = RUN

    def prepare():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for uid in (1001, 1002):
            path = folder / f"{uid}-{'0' * 16}"
            path.write_text(ticket_file.OLDER.format(user="alice", uid=uid, path=config, fingerprint="0" * 16, boot="b", sub="a-sub", born=1,
                                                     verified=1, until=1, refused=0, length=2, body="{}"), encoding="utf-8")
            path.chmod(0o600)
    for words in ((), ("--json",), ("--clear",)):
        yield Case("tickets" + "".join(words), ("tickets", *words, "--config", config), True, prepare=prepare)


def accounts():
    people = test_accounts.Accounts()
    people.setUp()
    people.write([test_accounts.person(name, name=name.title(), email=f"{name}@example.com") for name in ("alice", "bob", "carol")])
    words = ("--from", str(people.export), "--config", str(people.config))

    def forget():
        for folder in (test_accounts.USERDB, test_accounts.STATE):
            shutil.rmtree(folder, ignore_errors=True)

    def applied():
        forget()
        subprocess.run([harness.TEST / "torture/plain/cognito-oidc", "accounts", "apply", *words], env={}, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)

    def are_whole():
        """Each record is whole, and nothing lies beside."""
        found = test_accounts.USERDB.iterdir() if test_accounts.USERDB.exists() else ()
        return all(path.is_symlink() or (path.name.rpartition(".")[2] in ("user", "group", "user-privileged", "group-privileged", "membership")
                                         and (path.stat().st_size == 0 or json.loads(path.read_text()))) for path in found)
    for verb in ("plan", "apply"):
        yield Case(f"accounts-{verb}", ("accounts", verb, *words), True, prepare=forget, leaves=are_whole)
    yield Case("accounts-again", ("accounts", "apply", *words), True, prepare=applied, leaves=are_whole)
    yield Case("accounts-list", ("accounts", "list", "--config", str(people.config)), True, prepare=applied, leaves=are_whole)


def run(case, fault, plan, command):
    """(status, what it said, what the plan says)"""
    case.prepare()
    plan.write(fault, PLACES and fault == NONE)
    with subprocess.Popen([command, *case.words], env={"LANG": "C.UTF-8", "TORTURE_PLAN": str(plan.path)}, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            said, _ = process.communicate(case.typed.encode(), timeout=120)
        finally:
            process.kill()
            (PLANS / str(process.pid)).unlink(missing_ok=True)
    return process.returncode, said.decode("utf-8", "replace"), plan.read()


def faults(case, plan, command):
    status, said, (counts, calls, _) = run(case, NONE, plan, command)
    assert (status == 0) == case.good and status in STATUSES, f"{case.name} without a fault: {status}\n{said}"
    yield from untaken(plan.places(), TAKEN) if PLACES else faults_of(counts, calls)


def torture(them, command, plan):
    """Each fault of each of these cases, which share the time; the exit status."""
    began, passed, failed, left = time.monotonic(), 0, 0, []
    print(f"# one fault in {SAMPLE}, SEED={SEED}")
    for turn, case in enumerate(them, 1):
        ends = began + SECONDS * turn / len(them)
        chosen = list(faults(case, plan, command))
        chosen = random.Random(f"{SEED} {case.name}").sample(chosen, -(-len(chosen) // SAMPLE))
        for number, fault in enumerate(chosen):
            if time.monotonic() > ends:
                left.append(f"{case.name} ({number} of {len(chosen)})")
                break
            status, said, (_, _, told) = run(case, fault, plan, command)
            wrong = [what for holds, what in (
                (status in STATUSES, f"status {status}"), (status != 0 or case.good, "a yes"), (case.leaves(), "half of something is left"),
                (not any(told["crashed"]) or LIBRARY.match(told["where"]), f"a crash in {told['where']}")) if not holds]
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"not ok {case.name}: {Rack.name(fault)}: {'; '.join(wrong)}\n{said[-2000:]}", flush=True)
    print(f"# not at their end: {' '.join(left) or 'none'}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


def begin():
    """The plan of a run."""
    PLANS.mkdir(parents=True, exist_ok=True)
    DONE.mkdir(parents=True, exist_ok=True)
    return Plan(PLANS.parent / f"plan-{os.getpid()}-command")


def end(plan):
    plan.path.unlink(missing_ok=True)
    TAKEN.unlink(missing_ok=True)


def main():
    plan = begin()
    try:
        with tempfile.TemporaryDirectory(prefix="command-", dir=harness.TEST) as folder:
            os.chmod(folder, 0o755)
            return torture(list(cases(pathlib.Path(folder))), COMMAND, plan)
    finally:
        end(plan)


if __name__ == "__main__":
    sys.exit(main())
