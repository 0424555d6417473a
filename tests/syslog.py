#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stand-in for syslogd: writes what arrives at /dev/log, one line each, to a file.

    syslog.py FILE      "authpriv.info pamtester: pam_cognito_oidc(...): ..."
"""
import os
import re
import socket
import sys

FACILITIES = {0: "kern", 1: "user", 3: "daemon", 4: "auth", 10: "authpriv"}
SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
LINE = re.compile(r"^<(\d+)>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(.*)$", re.S)


def readable(datagram):
    match = LINE.match(datagram.decode("utf-8", "replace").rstrip("\n\0"))
    if match is None:
        return "unparsable"
    facility, severity = divmod(int(match.group(1)), 8)
    return f"{FACILITIES.get(facility, facility)}.{SEVERITIES[severity]} {match.group(2)}"


def main(path):
    if os.path.exists("/dev/log"):
        os.unlink("/dev/log")
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    with open(path, "a", buffering=1, encoding="utf-8") as file:
        while True:
            file.write(readable(log.recv(65536)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
