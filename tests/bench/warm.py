#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Processor time of a login through the warm helper and through one of the module's own, in turn.
Counted is all that is not the local Cognito: host, helper, service. warm.py [ROUNDS]"""
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "login"), str(HERE.parent / "warm")]
import harness  # noqa: E402
from base import COGNITO, PASSWORDS  # noqa: E402
import test_service as warm  # noqa: E402
import table  # noqa: E402

# A build whose service lives as long as an installed one; that of the tests ends after 20 logins.
warm.SOCKET = harness.TEST / "lasting/run-helper/socket"
warm.MODULE = harness.TEST / "lasting/pam_cognito_oidc.so"
AIM = 0.55
SERVICE = (str(harness.TEST / "lasting/helper"), "--serve")


def ticks(*processes):
    """User and system time, in ms, of processes and of their children that have ended."""
    total = 0
    for process in processes:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            total += sum(int(field) for field in file.read().rpartition(")")[2].split()[11:15])
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def of_service(service):
    return ticks(service.process.pid, *warm.children(service.process.pid))


def of_children(work):
    before = os.times()
    work()
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000


def main(rounds):
    overrides = {"login": {"keep_refresh_token": True}}
    config = COGNITO.config(overrides)
    hosts = {"warm": harness.Host(warm.MODULE), "own start": harness.Host()}
    for host in hosts.values():
        host.service("login", f"config={config}")
    batch = 10  # the kernel counts in ticks of 10 ms, and keeps what is left over: a mean is finer than a batch
    spent = {name: [] for name in hosts}
    took = {name: [] for name in hosts}
    with warm.Service(*SERVICE) as service:
        for host in hosts.values():
            host.drive("bob", ("auth",), (PASSWORDS["bob"],))
        for _ in range(rounds):
            for name, host in hosts.items():
                before, started = of_service(service), time.monotonic()
                used = of_children(lambda host=host: [subprocess.run(
                    host.command("bob", ("auth",), (PASSWORDS["bob"],)), env=host.environment(), stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, check=True) for _ in range(batch)])
                took[name].append((time.monotonic() - started) * 1000 / batch)
                time.sleep(0.3)  # the service has reaped its children
                spent[name].append((used + of_service(service) - before) / batch)
    for name in hosts:
        print(f"| SRP login, {name} | {statistics.mean(spent[name]):.1f} ms of processor time | {statistics.median(took[name]):.1f} ms |")
    warm_ms, own_ms = (statistics.mean(spent[name]) for name in hosts)
    table.row("processor time of an SRP login, warm / own start", warm_ms / own_ms, AIM, f"{warm_ms:.1f} ms / {own_ms:.1f} ms")
    return table.end()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else table.rounds(20)))
