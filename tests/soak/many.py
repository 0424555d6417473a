#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One process that lets people in again and again, whole transactions: 8 threads at once, and one
after the other, where libpam loads and unloads the module each time. Right answers, flat memory
and descriptors, no child left. Each with a helper of its own and through a warm one.

CYCLES=N (5,000) of the scripted helper one after the other, and a twentieth of the real one;
ROUNDS=N (200) of each thread. build/many.svg shows the memory over the logins. With THREADS_ONLY=1
only the scripted helper's threads run, as `make tsan` wants it."""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402
from tally import COUNTS, check  # noqa: E402

LEAST = 20  # many.c measures after each twentieth
CYCLES = max(int(os.environ.get("CYCLES") or 5000), LEAST * 20)
ROUNDS = max(int(os.environ.get("ROUNDS") or 200), LEAST)
THREADS_ONLY = bool(os.environ.get("THREADS_ONLY"))
THREADS = 8
BOB = ("bob", "1002", "Battery-Staple-8!", "yes")
CAROL = ("carol", "1003", "Carol-Contracts-7!", "no")
NOBODY = ("daemon", "1", "x", "no")
# A login that lost a page would show as 18,000 KiB in 4,500; a host's heap settles within this.
GROWTH_KIB = 400
SCRIPTED, LASTING = harness.TEST / "scripted", harness.TEST / "lasting"
KILL_MS = 5000  # of src/module/spawn.c
CURVES = {}


@contextlib.contextmanager
def warm(run, helper):
    """As systemd would have it; systemd starts the helper again whenever it ends."""
    (harness.TEST / run).parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(harness.ROOT / "tests/warm/serve.py"), str(harness.TEST / (run + "-helper/socket")), str(helper), "--serve"]
    with subprocess.Popen(command, env={"PATH": "/usr/bin:/bin", **harness_environment()}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout.readline() == b"serving\n"
            yield
        finally:
            server.terminate()
            server.stdout.read()


def harness_environment():
    return {name: os.environ[name] for name in ("TSAN_OPTIONS",) if name in os.environ}


def repeat(test, way, module, config, threads, rounds, people):
    """way: how the helper comes."""
    what = f"{test}, {way}"
    host = harness.Host(module)
    host.service("login", f"config={config} timeout=60")
    started = time.monotonic()
    done = subprocess.run([str(harness.TEST / "many"), str(threads), str(rounds), str(host.dir), "login",
                           *(word for person in people for word in person)],
                          env={**host.environment(), **harness_environment()}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=7200, check=False)
    text = done.stdout.decode("utf-8", "replace")
    took = time.monotonic() - started
    host.close()
    told = [{name: int(value) for name, value in re.findall(r"(\w+)=(-?\d+)", line)}
            for line in re.findall(r"^after=.*$", text, re.M)]
    CURVES[what] = [(threads * one["after"], one["rss"], one["fds"]) for one in told]
    # After a tenth the heap has its size.
    before, after = (told[1], told[-1]) if len(told) == LEAST else ({}, {})
    print(f"# {what}: {threads * rounds} logins in {took:.1f} s; {before} -> {after}")
    check(f"{what}: every answer is the right one", done.returncode == 0 and "wrong" not in text and after, text[-4000:])
    for name in ("fds", "threads", *(() if THREADS_ONLY else ("maps",))):
        check(f"{what}: {name} as before", after and after[name] == before[name], f"{before} {after}")
    # A machine that lets a killed helper wait for so long has the module leave it to die.
    late = any(one["slowest"] >= KILL_MS for one in told)
    check(f"{what}: no child", after and (late or not any(one["children"] for one in told)), told)
    if not THREADS_ONLY:  # a sanitizer remembers, in maps of its own
        check(f"{what}: memory is flat", after and after["rss"] - before["rss"] < GROWTH_KIB, f"{before} {after}")


def race():
    """What the sanitizer is there for, on purpose."""
    done = subprocess.run([str(harness.TEST / "many"), str(THREADS), "-20000", "/nonexistent", "login", *BOB],
                          env=harness_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check("a race that is planted is found", done.returncode == 66 and b"data race" in done.stdout, done.stdout)


def draw(path):
    """Resident memory over the logins, one line each."""
    curves = {what: curve for what, curve in CURVES.items() if curve}
    script = ["set terminal svg size 720,360 font 'sans,11' background 'white'", f"set output '{path}'", "set key below",
              "set xlabel 'logins in one process, per cent of all'", "set ylabel 'resident memory of the host, MiB'",
              "set yrange [0:*]", "set grid"]
    script.append("plot " + ", ".join(f"'-' using 1:2 with linespoints title '{what}, {curve[-1][0]:,}'" for what, curve in curves.items()))
    for curve in curves.values():
        script += [f"{100 * logins / curve[-1][0]:.1f} {rss / 1024:.3f}" for logins, rss, _ in curve] + ["e"]
    try:
        subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)
    except FileNotFoundError:
        print("# no gnuplot, no picture")


def run(cognito):
    config = cognito.config()
    scripted, real = SCRIPTED / "pam_cognito_oidc.so", LASTING / "pam_cognito_oidc.so"
    (SCRIPTED / "behaviour").write_text("allow\n")
    if THREADS_ONLY:
        race()
    ways = (("started", contextlib.nullcontext, contextlib.nullcontext),
            ("warm", lambda: warm("run-scripted", SCRIPTED / "helper"),
             lambda: warm("lasting/run", LASTING / "helper")))
    for way, played, true in ways:
        with played():
            repeat("8 threads, a scripted helper", way, scripted, config, THREADS, ROUNDS, (BOB, NOBODY, BOB))
            if not THREADS_ONLY:
                repeat("load and unload, a scripted helper", way, scripted, config, 1, CYCLES, (BOB, NOBODY, BOB))
        if THREADS_ONLY:
            continue
        with true():
            repeat("8 threads, the real helper", way, real, config, THREADS, LEAST, (BOB, CAROL, BOB, NOBODY))
            repeat("load and unload, the real helper", way, real, config, 1, CYCLES // 20, (BOB, CAROL))


def main():
    with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
        os.chmod(cognito.dir, 0o755)
        run(cognito)
    if not THREADS_ONLY:
        draw(harness.BUILD / "many.svg")
    print(f"{COUNTS['passed']} passed, {COUNTS['failed']} failed, 0 skipped")
    return 1 if COUNTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
