# SPDX-License-Identifier: MIT
"""What the Python tests share: a small PAM host of our own, its users and service files,
and the local Cognito."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
TEST = BUILD / "test"
# The module with its cache and tickets, and the pool's keys: run.py has two such sets.
LANE = TEST / os.environ.get("LANE", "")
SAN = bool(os.environ.get("SAN"))
sys.path.insert(0, str(ROOT / "tests/cognito"))

from control import Cognito  # pylint: disable=wrong-import-position

USERS = {"alice": 1001, "bob": 1002, "carol": 1003, "dave": 1004, "erin": 1005, "frank": 1006,
         "grace": 1007, "heidi": 1008, "ålice-ж": 1009, "root": 0, "daemon": 1, "mallory": 1099}


class Outcome:
    """What one run of the PAM host printed."""

    def __init__(self, text, status):
        self.text = text
        self.status = status
        self.lines = text.splitlines()

    def _of(self, kind):
        return [line[len(kind) + 1:] for line in self.lines if line.startswith(kind + " ")]

    @property
    def results(self):
        """["PAM_SUCCESS", ...] of the operations in their order."""
        return [m.group(1) for m in re.finditer(r"^(?:auth|acct|setcred|reinit|refresh|delete|open|close|chauthtok) (\S+)$", self.text, re.M)]

    @property
    def log(self):
        return self._of("log")

    @property
    def hidden(self):
        return self._of("hidden")

    @property
    def shown(self):
        return self._of("shown")

    @property
    def errors(self):
        return self._of("error")

    @property
    def groups(self):
        return self._of("groups")

    @property
    def env(self):
        return self._of("env")

    @property
    def host(self):
        return self._of("host")


def kept_name(config):
    """Where the module keeps the keys for a configuration: FNV-1a of its path."""
    value = 0xcbf29ce484222325
    for byte in config.encode():
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return f"jwks-{value:016x}"


def local_cognito():
    """A pool for all tests of a file: to be called by its setUpModule, and stopped with it."""
    cognito = Cognito(keys=LANE / "cognito-keys")
    unittest.addModuleCleanup(cognito.stop)
    # The helper of a root build runs as nobody, and must be able to read the CA.
    os.chmod(cognito.dir, 0o755)
    return cognito


class Host:
    """A folder with users and PAM service files, and the module of one build."""

    def __init__(self, module=None):
        self.module = module or LANE / "pam_cognito_oidc.so"
        self.own = tempfile.TemporaryDirectory(prefix="host-")
        self.dir = pathlib.Path(self.own.name)
        self.dir.chmod(0o755)
        self.passwd = self.dir / "passwd"
        self.users(USERS)
        (self.dir / "other").write_text("auth required pam_deny.so\naccount required pam_deny.so\n")

    def users(self, users):
        self.passwd.write_text("".join(f"{name}:{uid}\n" for name, uid in users.items()), encoding="utf-8")

    def service(self, name, options, before=""):
        (self.dir / name).write_text(before + "".join(
            f"{phase} required {self.module} {options}\n" for phase in ("auth", "account", "session", "password")))

    def command(self, user, operations, answers=(), service="login", **settings):
        command = [str(TEST / "drive"), "--passwd", str(self.passwd)]
        for name, value in settings.items():
            command += ["--" + name, value]
        for answer in answers:
            command += ["--answer", answer]
        return command + [str(self.dir), service, user, *operations]

    def environment(self):
        env = {"PATH": "/usr/bin:/bin"}
        if SAN:
            # The module is loaded into a host that was built with the same runtime; leaks
            # of a closed library have no names, so the host does not look for them.
            env["ASAN_OPTIONS"] = "detect_leaks=0"
        return env

    def drive(self, user, operations, answers=(), service="login", timeout=60, **settings):
        done = subprocess.run(self.command(user, operations, answers, service, **settings), env=self.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, check=False)
        return Outcome(done.stdout.decode("utf-8", "replace"), done.returncode)

    def close(self):
        self.own.cleanup()


class Counting(unittest.TextTestResult):
    """Counts what passed; unittest only counts what did not."""
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            self.passed += 1


def main(module="__main__"):
    """Runs the tests of a file; ends with "N passed, N failed, N skipped"."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counting, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    # A file in which nothing ran is a mistake, unless each test says why it did not.
    sys.exit(1 if failed or result.passed + len(result.skipped) == 0 else 0)
