#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Good and bad logins with the module and the helper under valgrind: no error, no leak."""
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402

LOGINS = [("bob", ("Battery-Staple-8!",), "PAM_SUCCESS"), ("bob", ("wrong",), "PAM_AUTH_ERR"),
          ("carol", ("Carol-Contracts-7!",), "PAM_PERM_DENIED"), ("nobody-here", ("x",), "PAM_USER_UNKNOWN")]
OPTIONS = ["--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--keep-debuginfo=yes",
           "--error-exitcode=99", "--errors-for-leak-kinds=definite,indirect"]


def is_clean(log):
    """A log that was finished and counts nothing, of ours or of a library's."""
    return bool(re.search(r"ERROR SUMMARY: 0 errors", log) and re.search(r"definitely lost: 0 bytes|no leaks", log))


def main():
    logs = harness.TEST / "valgrind"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    logs.chmod(0o777)
    # valgrind needs memory and files that a confined helper must not have: this build of
    # the helper keeps everything but those limits.
    host, failed, passed = harness.Host(harness.TEST / "checked/pam_cognito_oidc.so"), 0, 0
    with Cognito(keys=harness.TEST / "cognito-keys") as cognito:
        os.chmod(cognito.dir, 0o755)
        config = cognito.config()
        host.service("login", f"config={config} timeout=120")
        browser = cognito.config({"login": {"flows": ["browser"]}})
        host.service("sshd", f"config={browser} timeout=120 qr=utf8")
        logins = [("login", *login) for login in LOGINS] + [
            ("sshd", "bob", (lambda: harness.Landed(cognito, host, "bob").landed,), "PAM_SUCCESS"),
            ("sshd", "bob", (lambda: harness.Landed(cognito, host, "bob").code * 2,), "PAM_AUTH_ERR"),
            ("sshd", "bob", ("x" * 700,), "PAM_AUTH_ERR")]
        valgrind = ["valgrind", *OPTIONS, f"--log-file={logs}/%p", "--trace-children=yes"]
        for service, user, answers, expected in logins:
            outcome = host.drive(user, ("auth", "acct"), answers, service, timeout=300, around=valgrind)
            results = outcome.results
            ok = results[:1] == [expected]
            print(("ok" if ok else "not ok") + f" - {user}: {results}")
            if not ok:
                print(outcome.text)
            passed, failed = passed + ok, failed + (not ok)
    for path in sorted(logs.iterdir()):
        log = path.read_text(errors="replace")
        clean = is_clean(log)
        print(("ok" if clean else "not ok") + " - " + log.split("Command: ", 1)[-1].split()[0] + " is clean")
        if not clean:
            print(log)
        passed, failed = passed + clean, failed + (not clean)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
