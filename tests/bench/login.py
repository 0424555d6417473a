#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole logins beside one curl process that sends the same requests, beside what others do for a login
by password, and beside the floors."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402

AIMS = {"ropc": 0.75, "srp": 0.95}
ROUNDS = 60
# What guides to pam_exec(8) show: whoever the token endpoint answers with 200 is let in.
SCRIPT = """#!/bin/sh
tr -d '\\0' | curl -sf -o /dev/null --cacert {ca} -d grant_type=password -d client_id=localbroker -d "username=$PAM_USER" \\
    --data-urlencode password@- https://{domain}:8443/oauth2/token
"""


def commands():
    script = stage.AT / "pam_exec.sh"
    script.write_text(SCRIPT.format(ca=stage.CA, domain=stage.DOMAIN))
    script.chmod(0o755)
    pathlib.Path("/etc/pam.d/exec").write_text(f"auth required pam_exec.so quiet expose_authtok {script}\n")
    made = {"pam_permit": stage.login("permit"), "empty": ([str(harness.TEST / "bench/empty")], stage.EMPTY), "pam_exec": stage.login("exec")}
    for method in AIMS:
        made |= {f"{method} warm": stage.login(method), f"{method} own": stage.login(f"{method}-own"),
                 f"{method} curl": stage.curl(method), f"{method} tls": stage.tls(method)}
    return made


def once(name, command):
    wall, _, failed = stage.together(1, *command)
    assert failed == 0, f"{name}: {command}"
    return wall


def main():
    if stage.AT is None:
        table.skip("login / one curl process", stage.WHY_NOT)
        return table.end()
    takers = {name: lambda name=name, command=command: once(name, command) for name, command in commands().items()}
    for take in takers.values():
        take()  # fetches the key set, starts the service
    times = table.rounds(ROUNDS)
    ms = table.medians(times, takers)
    how = f"median of {times} in turn"
    for method, aim in AIMS.items():
        warm, own, curl = (ms[f"{method} {kind}"] for kind in ("warm", "own", "curl"))
        table.row(f"{method} login through the warm helper / one curl process", warm / curl, aim, f"{warm:.1f} ms / {curl:.1f} ms; {how}")
        table.told(f"{method} login by a helper of its own / one curl process", own / curl, f"{own:.1f} ms / {curl:.1f} ms")
    for name, kind, what in (("pam_exec with a script of curl", "pam_exec", "checks the status, no token"),
                             ("a bare OpenSSL client, one request", "ropc tls", "floor"),
                             ("pamtester with pam_permit", "pam_permit", "floor"), ("an empty program", "empty", "floor")):
        table.told(f"{name} / one curl process", ms[kind] / ms["ropc curl"], f"{ms[kind]:.1f} ms; {what}")
    table.told("a bare OpenSSL client, two requests / one curl process with two", ms["srp tls"] / ms["srp curl"], f"{ms['srp tls']:.1f} ms; floor")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
