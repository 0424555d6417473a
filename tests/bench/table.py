# SPDX-License-Identifier: MIT
"""Figures of docs/performance.md: how they are taken in turn, printed, and kept in bench.json with the
time and how busy the machine was."""
import json
import os
import pathlib
import statistics
import time

QUICK = bool(os.environ.get("QUICK"))
COUNTS = {"passed": 0, "failed": 0, "skipped": 0}


def rounds(usual):
    """How often to measure; with QUICK=1 a quarter of that."""
    return max(3, usual // 4) if QUICK else usual


def interleave(times, takers):
    """What each taker returns, so many times, taken in turn: a slow moment hits all."""
    taken = {name: [] for name in takers}
    for _ in range(times):
        for name, take in takers.items():
            taken[name].append(take())
    return taken


def medians(times, takers):
    return {name: statistics.median(values) for name, values in interleave(times, takers).items()}


def keep(name, **figure):
    file = pathlib.Path(os.environ.get("BUILD", "build")) / "bench.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rows.pop(name, None)  # the order is that of the last run
    rows[name] = {**figure, "load": round(os.getloadavg()[0], 1), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def row(name, value, most, how, digits=2):
    """A figure with an aim. True if the value is within that."""
    met = value <= most
    print(f"| {name} | {value:.{digits}f}{'' if met else ', missed'} | <= {most} | {how} |", flush=True)
    keep(name, value=round(value, 4), digits=digits, aim=most, met=met, **{"from": how})
    COUNTS["passed" if met else "failed"] += 1
    return met


def told(name, value, how, digits=2):
    """A figure without an aim: a floor, a peer, something to know."""
    print(f"| {name} | {value:.{digits}f} | | {how} |", flush=True)
    keep(name, value=round(value, 4), digits=digits, aim=None, met=None, **{"from": how})


def skip(name, why):
    print(f"skipped: {name}: {why}", flush=True)
    COUNTS["skipped"] += 1


def end():
    """The last line, and the exit status of the script."""
    print(", ".join(f"{number} {word}" for word, number in COUNTS.items()))
    return int(COUNTS["failed"] > 0)
