#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The warm helper while nobody logs in: its memory and its wake-ups; and what the first login pays when it
has ended for lack of work."""
import os
import pathlib
import re
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402

ROUNDS = 20
SECONDS = 15 if table.QUICK else 60


def in_file(process, name, pattern):
    """The sum of the numbers that the pattern finds."""
    text = pathlib.Path(f"/proc/{process}/{name}").read_text(encoding="ascii")
    return sum(int(number) for number in re.findall(pattern, text, re.M))


def take(service):
    wall, _, failed = stage.together(1, *stage.login(service))
    assert failed == 0, service
    return wall


def after_idle():
    """The service has ended, as it does when nobody needed it for minutes."""
    for service in stage.children(stage.starter()):
        os.kill(int(service), signal.SIGTERM)
    harness.wait_for(lambda: not stage.children(stage.starter()))
    return take("srp")


def main():
    if stage.AT is None:
        table.skip("the idle service", stage.WHY_NOT)
        return table.end()
    take("srp-own")
    ms = table.medians(table.rounds(ROUNDS), {"after idle": after_idle, "own": lambda: take("srp-own"), "warm": lambda: take("srp")})
    table.row("first login after the service has ended / own start", ms["after idle"] / ms["own"], 1.1,
              f"{ms['after idle']:.1f} ms / {ms['own']:.1f} ms (warm: {ms['warm']:.1f} ms)")
    harness.wait_for(lambda: not stage.children_of_service())
    (service,) = stage.children(stage.starter())
    before = in_file(service, "status", r"ctxt_switches:\s+(\d+)")
    time.sleep(SECONDS)
    table.row(f"wake-ups of the idle service in {SECONDS} s", in_file(service, "status", r"ctxt_switches:\s+(\d+)") - before, 0,
              "context switches, voluntary and not", digits=0)
    rss, pss, anonymous = (in_file(service, "smaps_rollup", rf"^{name}:\s+(\d+)") / 1024 for name in ("Rss", "Pss", "Pss_Anon"))
    table.row("private memory of the idle service (Pss_Anon), MB", anonymous, 2.5, f"Pss {pss:.1f} MB, Rss {rss:.1f} MB")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
