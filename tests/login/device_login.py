# SPDX-License-Identifier: MIT
"""What the device flow's suites share: a login that waits for its approval."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, Login, harness  # noqa: E402


class Device(Login):
    options = "qr=utf8 timeout=20"

    def setUp(self):
        super().setUp()
        COGNITO.pool(device_interval=1)

    def endpoints(self):
        return COGNITO.device_endpoints()

    @property
    def basis(self):
        return {**self.endpoints(), "login": {"flows": ["device"]}}

    def reset(self, **fields):
        COGNITO.reset()
        COGNITO.pool(device_interval=1, **fields)

    def start(self, user="bob", answers=(), service="login", **settings):
        """On a terminal, as login and su are: they show a text without a question."""
        return self.host.start(user, ("auth",), answers, service, **{"terminal": "012", **settings})

    def code(self):
        """The user code that waits, as soon as there is one."""
        return harness.wait_for(COGNITO.device_codes)[-1]["user_code"]

    def finish(self, process, timeout=60):
        outcome = harness.Outcome(process.communicate(timeout=timeout)[0].decode(), process.returncode)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def sign_in(self, user="bob", by="bob", **settings):
        process = self.start(user, **settings)
        COGNITO.approve(self.code(), by)
        return self.finish(process)

    def assert_result(self, outcome, result, *words):
        self.assertEqual(len(outcome.results), 1, outcome.text)
        super().assert_result(outcome, result, *words)

    def assert_pace(self):
        """No two requests for tokens closer than the interval of a second, but for what the
        first of them waited for a busy server."""
        times = [line["t"] for line in COGNITO.requests("device_token")]
        self.assertTrue(all(b - a > 0.8 for a, b in zip(times, times[1:])), times)
