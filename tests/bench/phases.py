#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What comes after a sign-in: account that asks Cognito again, sudo that asks nobody, and account with a
fresh ticket, each over pam_permit in the same host."""
import json
import pathlib
import pwd
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402

ASKED, FRESH = 12, 0.1  # aims, ms
ROUNDS, FRESH_ROUNDS = 40, 200


def service(name, login, options=""):
    """A service with a ticket of bob's of its own configuration."""
    config = stage.AT / f"{name}.json"
    config.write_text(json.dumps({**json.loads((stage.AT / "srp.json").read_text()), "login": {"keep_refresh_token": True, **login}}))
    config.chmod(0o600)
    module = f"pam_cognito_oidc.so config={config}"
    pathlib.Path("/etc/pam.d", name).write_text(f"auth required {module} {options}\naccount required {module}\n")
    subprocess.run(["pamtester", name, "bob", "authenticate", "acct_mgmt"], stdin=(stage.AT / "password").open(), stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)


def first_call(name):
    done = subprocess.run([str(harness.TEST / "first_call"), "/etc/pam.d", name, "bob"], stdout=subprocess.PIPE, check=True)
    return float(done.stdout) / 1000


def main():
    if stage.AT is None:
        table.skip("account and silent sudo", stage.WHY_NOT)
        return table.end()
    service("recheck", {"recheck": 0})
    service("silent", {}, "reuse")
    service("fresh", {})
    pathlib.Path("/etc/pam.d/loaded").write_text("account required pam_permit.so\npassword required pam_cognito_oidc.so\n")
    as_sudo = ["setpriv", "--ruid", str(pwd.getpwnam("bob").pw_uid)]  # a set-uid program that bob has started
    sides = {name: stage.Side((command, stage.EMPTY)) for name, command in {
        "recheck": ["pamtester", "recheck", "bob", "acct_mgmt"], "recheck permit": ["pamtester", "permit", "bob", "acct_mgmt"],
        "silent": [*as_sudo, "pamtester", "silent", "bob", "authenticate"],
        "silent permit": [*as_sudo, "pamtester", "permit", "bob", "authenticate"]}.items()}
    table.interleave(table.rounds(ROUNDS), {name: side.run for name, side in sides.items()})
    fresh = table.medians(table.rounds(FRESH_ROUNDS), {name: lambda name=name: first_call(name) for name in ("fresh", "loaded", "permit")})
    for name, what in (("recheck", "account that asks Cognito"), ("silent", "silent sudo (reuse)")):
        ours, permit = sides[name], sides[name + " permit"]
        assert ours.failed == permit.failed == 0, name
        table.row(f"{what}, over pam_permit, ms", ours.wall - permit.wall, ASKED,
                  f"{ours.wall:.1f} ms - {permit.wall:.1f} ms; of processor time: {ours.ms:.1f} ms - {permit.ms:.1f} ms", digits=1)
    table.row("account with a fresh ticket, one call in a new process, over pam_permit in a new process, ms", fresh["fresh"] - fresh["permit"], FRESH,
              f"{fresh['fresh']:.3f} ms - {fresh['permit']:.3f} ms of processor time; loading the module alone: {fresh['loaded'] - fresh['permit']:.3f} ms",
              digits=3)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
