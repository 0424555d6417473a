# SPDX-License-Identifier: MIT
"""What the Python tests share: a small PAM host of our own, its users and service files,
and the local Cognito."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
TEST = BUILD / "test"
SAN = bool(os.environ.get("SAN"))
WARM = bool(os.environ.get("WARM"))  # a service has the helpers: make warm-check
sys.path.insert(0, str(ROOT / "tests/cognito"))

from control import Cognito  # pylint: disable=wrong-import-position

USERS = {"alice": 1001, "bob": 1002, "carol": 1003, "dave": 1004, "erin": 1005, "frank": 1006,
         "grace": 1007, "heidi": 1008, "ålice-ж": 1009, "root": 0, "daemon": 1, "mallory": 1099}


def own_start_alone():
    """In tests that surround the host, or look at its children."""
    if WARM:
        raise unittest.SkipTest("a warm helper is not the host's own")


def machine(program):
    """The processor that it is for (ELF, e_machine)."""
    return pathlib.Path(program).read_bytes()[18:20]


def spawn_tells():
    """In tests of a program that cannot be executed: qemu-user makes posix_spawn() a success also then."""
    if machine(TEST / "drive") != machine(sys.executable):
        raise unittest.SkipTest("an emulated posix_spawn() does not tell whether exec failed")


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
        return [m.group(1) for m in re.finditer(r"^(?:auth|acct|setcred|reinit|refresh|delete|open|close|chauthtok|expired) (\S+)$", self.text, re.M)]

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
    def info(self):
        return self._of("info")

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


def wait_for(condition, seconds=60):
    """What the function returns as soon as that is true. No machine is so slow that it takes the
    whole time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def local_cognito():
    """A pool for all tests of a file, stopped with it."""
    cognito = Cognito(keys=TEST / "cognito-keys")
    unittest.addModuleCleanup(cognito.stop)
    # The helper of a root build runs as nobody, and must be able to read the CA.
    os.chmod(cognito.dir, 0o755)
    return cognito


class Host:
    """A folder with users and PAM service files, and the module of one build."""

    def __init__(self, module=None):
        self.module = module or TEST / "pam_cognito_oidc.so"
        self.own = tempfile.TemporaryDirectory(prefix="host-")
        self.dir = pathlib.Path(self.own.name)
        self.dir.chmod(0o755)
        self.passwd = self.dir / "passwd"
        self.settings = {}
        self.users(USERS)
        (self.dir / "other").write_text("auth required pam_deny.so\naccount required pam_deny.so\n")

    def users(self, users):
        self.passwd.write_text("".join(f"{name}:{uid}\n" for name, uid in users.items()), encoding="utf-8")

    def service(self, name, options, before=""):
        (self.dir / name).write_text(before + "".join(
            f"{phase} required {self.module} {options}\n" for phase in ("auth", "account", "session", "password")))

    def command(self, user, operations, answers=(), service="login", **settings):
        command = [str(TEST / "drive"), "--passwd", str(self.passwd)]
        for name, value in {**self.settings, **settings}.items():
            command += ["--" + name, value]
        for answer in answers:
            command += ["--answer", "<ask>" if callable(answer) else answer]
        return command + [str(self.dir), service, user, *operations]

    def environment(self):
        env = {"PATH": "/usr/bin:/bin"}
        if SAN:
            # The module is loaded into a host that was built with the same runtime; leaks
            # of a closed library have no names, so the host does not look for them.
            env["ASAN_OPTIONS"] = "detect_leaks=0"
        return env

    def start(self, user, operations, answers=(), service="login", around=(), **settings):
        """A running PAM host. around: the beginning of a command that runs the host's."""
        return subprocess.Popen([*around, *self.command(user, operations, answers, service, **settings)],
                                env=self.environment(), stdin=subprocess.PIPE if any(map(callable, answers)) else subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def drive(self, user, operations, answers=(), service="login", timeout=60, **more):
        """One run of the PAM host. An answer may be a function: it is called when the prompt is
        there."""
        functions = [answer for answer in answers if callable(answer)]
        text, end = b"", time.monotonic() + timeout
        with self.start(user, operations, answers, service, **more) as process:
            late = threading.Timer(timeout, process.kill)
            late.start()
            try:
                for line in process.stdout:
                    if functions and line == b"ask\n":
                        process.stdin.write(functions.pop(0)().encode() + b"\n")
                        process.stdin.flush()
                    else:
                        text += line
                process.wait()
            except BaseException:
                process.kill()
                raise
            finally:
                late.cancel()
        if process.returncode == -signal.SIGKILL and time.monotonic() >= end:
            raise subprocess.TimeoutExpired(process.args, timeout, text)
        return Outcome(text.decode("utf-8", "replace"), process.returncode)

    def close(self):
        self.own.cleanup()


class Landed:
    """What a person has who signed in at the address of the prompt: the address that the
    browser ended at, and what is in it. short: what docs/callback.html shows."""

    def __init__(self, cognito, host, by):
        prompt = (host.dir / "prompt").read_text(encoding="utf-8")
        self.url = re.search(r"^(https://\S+)$", prompt, re.M).group(1)
        self.landed = cognito.browse(self.url, by)
        fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.landed).query))
        self.code, self.state = fields.get("code", ""), fields.get("state", "")
        self.short = f"{self.code}.{self.state[:8]}"


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
    """Runs the tests of a file, or those that the arguments name; ends with "N passed, N failed,
    N skipped"."""
    loader, file = unittest.defaultTestLoader, sys.modules[module]
    suite = loader.loadTestsFromNames(sys.argv[1:], file) if sys.argv[1:] else loader.loadTestsFromModule(file)
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counting, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    # A file in which nothing ran is a mistake, unless each test says why it did not.
    sys.exit(1 if failed or result.passed + len(result.skipped) == 0 else 0)
