#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every test of `make check` and counts: one line a suite, failures in full, and at
last "N passed, N failed, N skipped". Arguments: run only suites whose name holds one.
First argument --e2e, --booted, --soak, --interop or --warm: what these targets run instead.

Most suites wait more than they work, so a few more run at a time than there are cores. A
suite keeps to the files of its own configurations in the cache and the tickets that all
share; those that share more run one after the other."""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
TEST = BUILD / "test"
PYTHON = "/usr/bin/python3"
# Only a suite that hangs needs so long: a busy machine takes ten times as long as a quiet one.
TIMEOUT = 3600
CORES = os.cpu_count() or 1
# These have the booted machine, the scripted helper, or all tickets, one after the other.
CHAINS = ("booted ", ("pam ", "soak killed", "soak many", "soak time"), ("interop cognito_local", "interop oidc_provider"))
# They take longest, and begin first.
LONG = ("e2e redhat", "e2e samples", "e2e accounts", "e2e callers", "login device", "pam ", "login answers", "login recheck", "e2e ", "login keys", "login account", "cli tickets", "soak repeats", "soak timing")
# Stopped hosts, leases, and pauses between repeats: these wait, and belong to make soak.
SLOW = {"time": "test_time.py", "repeats": "test_repeats.py"}
# Too long to run unless it is asked for.
BY_NAME_ALONE = ("soak 14-minutes",)
TOTAL = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


def suites():
    """(name, command) of all suites, fast ones first."""
    # By their sources: a build folder may hold a program whose source is gone.
    for source in sorted((ROOT / "tests/unit").glob("test_*.c")):
        yield source.stem.replace("test_", "unit "), [str(TEST / "unit" / source.stem)]
    for source in sorted((ROOT / "tests/fuzz").glob("fuzz_*.c")):
        seeds = ROOT / "tests/fuzz/seeds" / source.stem.replace("fuzz_", "")
        yield source.stem.replace("fuzz_", "seeds "), [str(TEST / "replay" / source.stem), str(seeds)]
    for script in sorted((ROOT / "tests/rules").glob("*.sh")):
        yield "rules " + script.stem, ["sh", str(script)]
    for script in sorted((ROOT / "tests").glob("*/test_*.py")):
        if script.parent.name in ("cognito", "warm") or script.name in SLOW.values():
            continue  # the stand-in's own tests: make interop; the warm helper: make warm-check; what waits for minutes: make soak
        yield script.parent.name + " " + script.stem.replace("test_", ""), [PYTHON, str(script)]
    if os.geteuid() == 0:
        for script in sorted((ROOT / "tests/e2e").glob("smoke_*.sh")):
            yield "e2e " + script.stem, ["bash", str(script)]


def stories():
    """Every story of tests/e2e, each runnable alone; stage.sh is what they share. And the page
    that people land on, for which make e2e has the browser."""
    for script in sorted((ROOT / "tests/e2e").glob("*.sh")):
        if script.name != "stage.sh":
            yield "e2e " + script.stem, ["bash", str(script)]
    for script in sorted((ROOT / "tests/browser").glob("test_*.py")):
        yield "e2e page " + script.stem.replace("test_", ""), [PYTHON, str(script)]


def soaks():
    """The same tests as in `make check`, far more often, and what lasts minutes."""
    many_times = {"killed": (1000, "pam/test_killed.py"), "hostile": (10000, "hostile/test_sequences.py"),
                  "passwords": (1000, "login/test_password.py", "Allowed.test_random_srp_logins")}
    for name, (runs, script, *tests) in many_times.items():
        yield "soak " + name, ["env", f"RUNS={runs}", PYTHON, str(ROOT / "tests" / script), *tests]
    # ROUNDS=20 make soak T=storm
    yield "soak storm", ["env", "PEOPLE=200", PYTHON, str(ROOT / "tests/login/test_storm.py")]
    for name, script in SLOW.items():
        yield "soak " + name, [PYTHON, str(next((ROOT / "tests").glob("*/" + script)))]
    for name in ("many", "timing", "people", "refusals"):
        yield "soak " + name, [PYTHON, str(ROOT / f"tests/soak/{name}.py")]
    yield "soak 14-minutes", [PYTHON, str(ROOT / "tests/soak/people.py"), "14"]


def interop():
    """Programs that nobody here wrote, and the local Cognito's own tests."""
    for name in ("cognito_local", "oidc_provider"):
        yield "interop " + name, [PYTHON, str(ROOT / f"tests/interop/{name}.py")]
    yield "interop aws", [PYTHON, str(ROOT / "tests/interop/aws.py")]
    yield "interop accounts", [PYTHON, str(ROOT / "tests/interop/accounts.py")]
    for name in ("fidelity", "sdk"):
        yield "interop " + name, ["sh", str(ROOT / "tests/interop/node.sh"), name]
    yield "interop cognito", [PYTHON, str(ROOT / "tests/cognito/test_cognito.py")]


# The variants of the test build whose module has a warm helper then, and the folder of that.
SERVED = {"run": "libexec", "run-scripted": "scripted", "second/run": "libexec", "run-hostile": "hostile", "run-counted": "counted"}


def warm():
    """The tests of the warm helper, and again those of `make check` that start a helper."""
    for script in sorted((ROOT / "tests/warm").glob("test_*.py")):
        yield "warm " + script.stem.replace("test_", ""), [PYTHON, str(script)]
    for name, command in suites():
        if name.startswith(("login ", "hostile ", "pam ")):
            yield name, command


@contextlib.contextmanager
def services():
    """A warm helper for each of these variants, as systemd would have it."""
    with contextlib.ExitStack() as stack:
        for run_folder, folder in SERVED.items():
            process = stack.enter_context(subprocess.Popen(
                [PYTHON, str(ROOT / "tests/warm/serve.py"), *(["--as=root"] if folder == "scripted" else []),
                 str(TEST / (run_folder + "-helper/socket")), str(TEST / folder / "helper"), "--serve"],
                env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
            stack.callback(process.terminate)
            assert process.stdout.readline() == b"serving\n"
        yield


def booted():
    """The package in a machine that systemd has booted."""
    for script in sorted((ROOT / "tests/booted").glob("*.sh")):
        if script.name != "run.sh":
            yield "booted " + script.stem, ["bash", str(ROOT / "tests/booted/run.sh"), str(BUILD), script.stem]


KINDS = {"--booted": booted, "--e2e": stories, "--soak": soaks, "--interop": interop, "--warm": warm}


def environment():
    """A shell's CA and proxy variables must not decide a test."""
    passed_on = {name: os.environ[name] for name in ("CI", "SAN", "VECTORS", "SEED", "MODULES", "WARM", "COUNTERS", "FAULT_SECONDS", "ROUNDS", "CYCLES", "RUNS") if os.environ.get(name)}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "HOME": "/nonexistent", "CMOCKA_MESSAGE_OUTPUT": "TAP", "ASAN_OPTIONS": "detect_leaks=1",
            "PYTHONDONTWRITEBYTECODE": "1", "BUILD": str(BUILD), **passed_on}


def count(output, status):
    """What a suite's output says; one that says nothing passed or failed as a whole."""
    totals = TOTAL.findall(output)
    if totals:
        passed, failed, skipped = (int(n) for n in totals[-1])
    else:
        # cmocka calls a skipped test "not ok".
        skipped = len(re.findall(r"^(?:not )?ok .*# SKIP", output, re.M | re.I))
        passed = len(re.findall(r"^ok (?!.*# SKIP)", output, re.M | re.I))
        failed = len(re.findall(r"^not ok (?!.*# SKIP)", output, re.M | re.I))
        if passed + failed + skipped == 0:
            passed, failed = (1, 0) if status == 0 else (0, 1)
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def run(name, command):
    """(passed, failed, skipped, core-seconds) of one suite, after its line."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL,
                                   stdout=file, stderr=subprocess.STDOUT)
        late = threading.Timer(TIMEOUT, process.kill)
        late.start()
        # Not process.wait(): only this tells what the suite and its children have used.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        late.cancel()
        file.seek(0)
        output = file.read().decode("utf-8", "replace")
    passed, failed, skipped = count(output, status)
    cores = used.ru_utime + used.ru_stime
    report = [f"{name:<28} {passed:>5} passed {failed:>3} failed {skipped:>3} skipped "
              f"{time.monotonic() - started:6.1f} s {cores:6.1f} core-seconds"]
    if failed:
        report.append(output)
    shown = ("|", "# ", "SEED=") if name.startswith("soak ") and not failed else ()  # what was measured
    report += ["    " + line.strip() for line in output.splitlines() if "skipped:" in line or line.startswith(shown)]
    print("\n".join(report), flush=True)
    return passed, failed, skipped, cores


def run_all(chain):
    return [run(name, command) for name, command in chain]


def prefix(name, prefixes):
    """Which of these the name begins with, as a number; one more than there are for none."""
    return next((number for number, one in enumerate(prefixes) if name.startswith(one)), len(prefixes))


def chains(chosen):
    """Lists of suites; the suites of a list run one after the other."""
    shared = {}
    for suite in chosen:
        chain = prefix(suite[0], CHAINS)
        shared.setdefault(chain if chain < len(CHAINS) else suite[0], []).append(suite)
    return sorted(shared.values(), key=lambda chain: prefix(chain[0][0], LONG))


def main():
    os.umask(0o022)  # some people's default would make test files that the module must refuse
    kind = KINDS.get("".join(sys.argv[1:2]))
    wanted = sys.argv[2 if kind else 1:]
    chosen = [(name, command) for name, command in (kind or suites)()
              if (any(word in name for word in wanted) if wanted else name not in BY_NAME_ALONE)]
    if kind is warm:
        os.environ["WARM"] = "1"
    around = services() if kind is warm else contextlib.nullcontext()
    with around, concurrent.futures.ThreadPoolExecutor(CORES + 2 if kind else 4 * CORES) as side_by_side:
        counts = sum(side_by_side.map(run_all, chains(chosen)), [])
    *total, cores = [sum(column) for column in zip((0, 0, 0, 0), *counts)]
    print(f"{cores:.0f} core-seconds")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or sum(total) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
