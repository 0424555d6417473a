#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Puts build/bench.json into docs/performance.md, between the marks, and the pictures beside it."""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402

DOCS = harness.ROOT / "docs"
PICTURES = ("slope.svg", "growth.svg", "storm.svg")
PAGE = DOCS / "performance.md"
MARKS = re.compile(r"(<!-- bench: begin -->\n).*?(<!-- bench: end -->\n)", re.S)


def version(*command):
    return re.search(r"\d+\.\d+\S*", subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout).group()


def machine():
    cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    return (f"{os.cpu_count()} cores ({cpu.group(1) if cpu else platform.machine()}), {platform.freedesktop_os_release()['PRETTY_NAME']}, "
            f"libcurl {version('curl', '--version')}, OpenSSL {version('openssl', 'version')}")


def cells(name, figure):
    measured = f"{figure['value']:.{figure['digits']}f}" + (", **missed**" if figure["met"] is False else "")
    aim = "" if figure["aim"] is None else f"<= {figure['aim']:g}"
    return f"| {name} | {measured} | {aim} | {figure['from']} |"


def main():
    figures = json.loads((harness.BUILD / "bench.json").read_text(encoding="utf-8"))
    loads, times = ([figure[key] for figure in figures.values()] for key in ("load", "at"))
    lines = [f"{min(times)[:16].replace('T', ' ')} to {max(times)[11:16]} UTC, {machine()}; load average {min(loads)} to {max(loads)}.", "",
             "| | measured | aim | from |", "|---|---|---|---|", *(cells(*row) for row in figures.items())]
    text = PAGE.read_text(encoding="utf-8")
    assert MARKS.search(text), f"{PAGE} has no marks"
    PAGE.write_text(MARKS.sub(lambda marks: marks.group(1) + "\n".join(lines) + "\n" + marks.group(2), text), encoding="utf-8")
    for name in PICTURES:
        if (harness.BUILD / name).exists():
            shutil.copy(harness.BUILD / name, DOCS / name)


if __name__ == "__main__":
    main()
