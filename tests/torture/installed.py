#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""As command.py, of the verbs that need a whole machine: run by tests/e2e/enable_faults.sh in a copy of one, as root.
Whatever fails, a service file is the one of before or the one that enable puts there, and disable takes
everything back. Argument: bob's password."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from command import Case, TORTURE, begin, end, torture  # noqa: E402

COMMAND = TORTURE / "installed/cognito-oidc"
FOLDERS = [pathlib.Path(folder) for folder in ("/etc/pam.d", "/etc/ssh/sshd_config.d")]
BESIDE = (".before-enable", ".before-disable")


def plain(*words):
    return subprocess.run(["/usr/sbin/cognito-oidc", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def files():
    """{path: (content, mode, owner)} of what enable may change."""
    found = {}
    for path in (path for folder in FOLDERS for path in folder.iterdir()):
        state = path.lstat()
        found[path] = (path.read_bytes(), state.st_mode, state.st_uid, state.st_gid)
    return found


class Machine:
    def __init__(self):
        self.before = files()
        done = plain("enable", "sshd", "sudo", "su", "login")
        assert done.returncode == 0, done.stdout
        self.enabled = files()
        self.forget()

    def forget(self):
        if files() == self.before and not any(pathlib.Path("/var/lib/pam_cognito_oidc/enable").glob("*")):
            return
        done = plain("disable", "--all", "--force")
        for path in set(files()) - set(self.before):
            if path.name.rstrip(".0123456789").endswith(BESIDE):
                path.unlink()
        assert files() == self.before, done.stdout

    def enable(self):
        self.forget()
        plain("enable", "su")

    def is_whole(self):
        """Each file is one of the two, nothing else lies there, and the way back leads home."""
        whole = all(now in (self.before.get(path), self.enabled.get(path)) for path, now in files().items()
                    if not path.name.rstrip(".0123456789").endswith(BESIDE))
        try:
            self.forget()
        except AssertionError as error:
            print(f"# {error}")
            return False
        return whole


def main():
    password = sys.argv[1]
    machine = Machine()
    cases = [
        Case("enable-su", ("enable", "su"), True, prepare=machine.forget, leaves=machine.is_whole),
        Case("disable-su", ("disable", "su"), True, prepare=machine.enable, leaves=machine.is_whole),
        Case("enable-check", ("enable", "--check"), True, prepare=machine.enable, leaves=machine.is_whole),
        Case("enable-dry-run", ("enable", "--dry-run", "sudo", "login"), True, leaves=machine.is_whole),
        Case("disable-all", ("disable", "--all"), True, prepare=machine.enable, leaves=machine.is_whole),
        Case("login-yes", ("login", "bob", "--service", "su"), True, typed=f"{password}\n"),
        Case("login-no", ("login", "bob", "--service", "su"), False, typed="wrong\n"),
        Case("doctor", ("doctor",), True),
        Case("enable-sshd", ("enable", "sshd"), True, prepare=machine.forget, leaves=machine.is_whole),
    ]
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    plan = begin()
    try:
        return torture(cases, COMMAND, plan)
    finally:
        end(plan)


if __name__ == "__main__":
    sys.exit(main())
