#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads the log of a login whose helper was taken over (tests/pam/hostile_helper.c), on a host where a
policy enforces: each attempt fails as tests/login/attempts.py says. Argument: apparmor or selinux;
ends with "N passed, N failed, N skipped"."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "login"))
import attempts  # noqa: E402  pylint: disable=wrong-import-position

# What SELinux keeps where Landlock does not know it; AppArmor knows no ports.
KEPT = {"apparmor": attempts.FILES, "selinux": attempts.FILES | attempts.PORTS}


def main():
    found = attempts.found(sys.stdin.read())
    unknown = attempts.unknown_to_kernel(attempts.landlock_abi()) - KEPT[sys.argv[1]]
    wrong = {name: result for name, result in found.items() if name not in unknown and result != attempts.expected(name)}
    for name, result in wrong.items():
        print(f"failed: {name}: {result}, not {attempts.expected(name)}")
    if len(found) < attempts.LEAST:
        print(f"failed: only {len(found)} attempts")
    skipped = sum(name in unknown for name in found)
    failed = len(wrong) + (len(found) < attempts.LEAST)
    print(f"{len(found) - len(wrong) - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
