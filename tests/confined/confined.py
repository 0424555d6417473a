#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the kernel refuses a helper that does not confine itself, on a host where AppArmor or SELinux
enforces: the tables of tests/apparmor/check.py and tests/selinux/tried.py, tried one by one, and
looked for in the kernel's log. Arguments: apparmor or selinux, and intruder.c's program, installed as
the helper. As root; ends with "N passed, N failed, N skipped"."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFUSALS = {"EACCES", "EPERM"}
# Not there, or a program that runs: the kernel says so before it asks the policy.
UNASKED = {"ENOENT", "ENXIO", "ENODEV", "ENOTDIR", "ETXTBSY"}
VERBS = {"r": "read", "w": "write", "m": "map", "x": "run"}
FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "netlink": socket.AF_NETLINK, "packet": socket.AF_PACKET,
            "bluetooth": 31, "vsock": 40}
TYPES = {"stream": 1, "dgram": 2, "raw": 3}
# Only root's right to read what is others' opens this; it is made below a folder that may be read.
CLOSED = pathlib.Path("/etc/ssl/certs/closed.pem")
CAPABILITIES = {"chown": "chown:/etc/ssl/certs/ca-certificates.crt", "dac_override": f"read:{CLOSED}", "kill": "signal:1", "mknod": "mknod:/dev/new",
                "net_admin": "mark", "net_raw": "socket:17,3", "setpcap": "drop:1", "sys_admin": "hostname", "sys_chroot": "chroot:/",
                "sys_nice": "nice", "sys_ptrace": "trace:1", "sys_resource": "limit"}
# Refused, and not logged: by the profile's "deny" rules, and by root's right to read what is others',
# whose refusal is logged once.
QUIET = {"write:/dev/log", "write:/run/systemd/journal/socket", "write:/home/alice/.bashrc"}


def apparmor_attempts(what, perms):
    """Those that a row of check.py stands for."""
    kind, _, rest = what.partition(" ")
    if kind == "network":
        family, form = rest.split()
        return [f"socket:{FAMILIES[family]},{TYPES[form]}"]
    if kind == "capability":
        return [CAPABILITIES[rest]] if rest in CAPABILITIES else []
    return [f"{VERBS[letter]}:{what}" for letter in perms]


class Log:
    """The kernel's lines from now on."""

    def __init__(self):
        pathlib.Path("/proc/sys/kernel/printk_ratelimit").write_text("0\n", encoding="ascii")
        shown = subprocess.run(["journalctl", "--sync"], check=False), self.journal("-n", "0", "--show-cursor")
        self.cursor = re.search(r"-- cursor: (.*)", shown[1]).group(1)

    @staticmethod
    def journal(*words):
        return subprocess.run(["journalctl", "--no-pager", "-o", "cat", *words], stdout=subprocess.PIPE, check=True, text=True, errors="replace").stdout

    def lines(self):
        """{process: its lines}, once the last one has arrived."""
        time.sleep(2)
        subprocess.run(["journalctl", "--sync"], check=False)
        found = {}
        for line in self.journal("--after-cursor", self.cursor, "_TRANSPORT=kernel", "+", "_TRANSPORT=audit").splitlines():
            process = re.search(r"\bpid=(\d+)", line)
            if process and ("denied" in line or "DENIED" in line):
                found.setdefault(int(process.group(1)), []).append(line)
        return found


class Attempts:
    """Counts, and says what went otherwise than it should."""

    def __init__(self, program):
        self.program = program
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.kinds = {}

    def make(self, attempt):
        with subprocess.Popen([self.program, attempt], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={}) as process:
            said = process.stdout.read().strip()
        return process.pid, said or f"ran, and ended with {process.returncode}"

    def say(self, result, text=None):
        self.counts[result] += 1
        if text:
            print(f"{result}: {text}")

    def unasked(self, attempt, said):
        self.counts["skipped"] += 1
        self.kinds.setdefault(said, []).append(attempt)

    def refused(self, rows):
        """rows: (attempt, pattern of its line in the log, or None where none is due)."""
        log, made = Log(), []
        for attempt, pattern in rows:
            made.append((attempt, pattern, *self.make(attempt)))
        lines = log.lines()
        for attempt, pattern, process, said in made:
            own = lines.get(process, [])
            if said in UNASKED:
                self.unasked(attempt, said)
            elif said not in REFUSALS:
                self.say("failed", f"{attempt}: {said}")
            elif pattern and not any(re.search(pattern, line) for line in own):
                self.say("failed", f"{attempt}: {said}, and the log has no {pattern}, but {own}")
            else:
                self.say("passed")

    def allowed(self, attempts):
        for attempt in attempts:
            _, said = self.make(attempt)
            if said in UNASKED:
                self.unasked(attempt, said)
            else:
                self.say("passed" if said == "ok" else "failed", None if said == "ok" else f"{attempt}: {said}, but is needed")


def try_apparmor(attempts):
    sys.path.insert(0, str(ROOT / "tests/apparmor"))
    import check  # pylint: disable=import-outside-toplevel
    CLOSED.write_text("", encoding="ascii")
    os.chown(CLOSED, 1, 1)
    CLOSED.chmod(0)
    try:
        attempts.refused([(attempt, None if attempt in QUIET else r'apparmor="DENIED" .*pam_cognito_oidc_helper')
                          for what, perms, _ in check.REFUSED for attempt in apparmor_attempts(what, perms)])
    finally:
        CLOSED.unlink()
    attempts.allowed([attempt for what, perms, _ in check.NEEDED for attempt in apparmor_attempts(what, perms)] + ["connect:443"])


def try_selinux(attempts):
    sys.path.insert(0, str(ROOT / "tests/selinux"))
    import tried  # pylint: disable=import-outside-toplevel
    def type_of(name):
        return name.replace("~", "pam_cognito_oidc_")
    attempts.refused([(attempt, rf"denied +\{{[^}}]*\b{perm}\b.*scontext=\S*:pam_cognito_oidc_helper_t:.*tcontext=\S*:{type_of(target)}:.*tclass={tclass}\b")
                      for attempt, target, tclass, perm in tried.REFUSED])
    attempts.allowed([attempt for attempt, *_ in tried.ALLOWED])


def main():
    attempts = Attempts(sys.argv[2])
    {"apparmor": try_apparmor, "selinux": try_selinux}[sys.argv[1]](attempts)
    for said, unasked in attempts.kinds.items():
        print(f"skipped: {said}: {' '.join(unasked)}")
    print(", ".join(f"{n} {what}" for what, n in attempts.counts.items()))
    return 1 if attempts.counts["failed"] or not attempts.counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
