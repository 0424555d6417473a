#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the module adds to the process that loads it: private memory and shared objects, after a login."""
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402

ROUNDS = 9


def left(service):
    """KiB and objects of a host that has called this service."""
    done = subprocess.run([str(harness.TEST / "footprint"), "/etc/pam.d", service, "bob", "Battery-Staple-8!"], stdout=subprocess.PIPE, check=True)
    return [int(number) for number in done.stdout.split()[1:]]


def main():
    if stage.AT is None:
        table.skip("memory and objects that the module adds", stage.WHY_NOT)
        return table.end()
    taken = table.interleave(ROUNDS, {name: lambda name=name: left(name) for name in ("ropc", "permit")})
    (ours, our_objects), (permit, objects) = ([statistics.median(column) for column in zip(*taken[name])] for name in ("ropc", "permit"))
    table.row("private memory that the module adds to its host, MB", (ours - permit) / 1024, 0.5, f"{ours} KiB - {permit} KiB")
    table.row("shared objects that the module adds to its host", our_objects - objects, 1, f"{our_objects} - {objects}", digits=0)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
