#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How soon after its host a helper is gone.

    ends.py watch FILE      waits for a helper, then for the end of the process that started it, then
                            for its own; writes the milliseconds between the two to FILE
    ends.py host            the pid of the process that started the helper that runs now"""
import pathlib
import sys
import time

NAME = b"pam_cognito_oidc-helper"


def runs(pid):
    """A process that has ended and waits to be reaped does not run."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def find():
    """(helper, host), or None."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cmdline").read_bytes().startswith(NAME):
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                if fields[0] != "Z":
                    return int(folder.name), int(fields[1])
        except OSError:
            continue
    return None


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.002)
    raise SystemExit("ends.py: waited too long")


def main(arguments):
    helper, host = wait_for(find, 60)
    if arguments[0] == "host":
        print(host)
        return
    pathlib.Path(arguments[1] + ".ready").write_text(f"{helper} {host}\n")
    wait_for(lambda: not runs(host), 60)
    ended = time.monotonic()
    wait_for(lambda: not runs(helper), 20)
    pathlib.Path(arguments[1]).write_text(f"{(time.monotonic() - ended) * 1000:.0f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
