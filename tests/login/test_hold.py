#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The connection that is made while the person types: what it costs, and what becomes of it."""
import ctypes
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
from delay import Delay  # noqa: E402

SRP, PLAIN = {}, {"login": {"password_method": "password"}, "config": {"client_id": "localpassword"}}
ROPC = {"login": {"password_method": "ropc"}, "config": {"client_id": "localbroker"}}
BROWSER = {"login": {"flows": ["browser"]}}
METHODS = ((SRP, "InitiateAuth"), (PLAIN, "InitiateAuth"), (ROPC, "token"), (BROWSER, "token"))


def libcurl():
    """The version of the library that the helper loads, in two numbers."""
    loaded = subprocess.run(["ldd", str(harness.TEST / "libexec/helper")], check=True, capture_output=True, text=True).stdout
    tell = ctypes.CDLL(re.search(r"libcurl\.so\S* => (\S+)", loaded).group(1)).curl_version
    tell.restype = ctypes.c_char_p
    return tuple(map(int, re.match(r"libcurl/(\d+)\.(\d+)", tell().decode()).groups()))


NEEDS_HOLD = unittest.skipUnless(libcurl() >= (7, 80), "libcurl before 7.80 connects when the person has answered")


class Hold(Login):
    def setUp(self):
        super().setUp()
        self.way = Delay(COGNITO.port).__enter__()
        self.addCleanup(self.way.__exit__)

    def through(self, method):
        """Every endpoint of the password flow behind the way."""
        server = f"https://localhost:{self.way.port}"
        self.configure({**method, "endpoints": {"api_url": server + "/", "issuer": f"{COGNITO.url}/eu-west-1_Local0001"},
                        "config": {**method.get("config", {}), "token_url": server + "/oauth2/token"}})

    def right(self, method):
        """What a person answers who signs in."""
        return lambda: harness.Landed(COGNITO, self.host, "bob").short if method is BROWSER else PASSWORDS["bob"]

    def sign_in(self, answer):
        return self.host.drive("bob", ("auth",), (answer,))

    @NEEDS_HOLD
    def test_it_is_made_before_the_answer_and_used_for_it(self):
        for method, endpoint in METHODS:
            with self.subTest(method):
                self.through(method)
                made, asked = self.way.made, len(COGNITO.requests(endpoint))

                def answer(made=made, asked=asked, endpoint=endpoint, right=self.right(method)):
                    harness.wait_for(lambda: self.way.made == made + 1)
                    time.sleep(0.1)
                    self.assertEqual(len(COGNITO.requests(endpoint)), asked)
                    return right()

                self.assert_result(self.sign_in(answer), "PAM_SUCCESS")
                self.assertEqual(self.way.made, made + 1)
                self.assertEqual(len(COGNITO.requests(endpoint)), asked + 1)

    @NEEDS_HOLD
    def test_one_that_is_lost_while_the_person_types_is_made_again(self):
        for method, endpoint in METHODS:
            with self.subTest(method):
                self.through(method)
                made, asked = self.way.made, len(COGNITO.requests(endpoint))

                def answer(made=made, right=self.right(method)):
                    harness.wait_for(lambda: self.way.made == made + 1 and self.way.bytes)
                    time.sleep(0.3)
                    self.way.cut()
                    time.sleep(0.3)
                    return right()

                self.assert_result(self.sign_in(answer), "PAM_SUCCESS")
                self.assertEqual(self.way.made, made + 2)
                self.assertEqual(len(COGNITO.requests(endpoint)), asked + 1)

    @NEEDS_HOLD
    def test_one_that_had_lived_is_made_again_before_the_answer(self):
        self.through(SRP)

        def answer():
            harness.wait_for(lambda: self.way.made == 1 and self.way.bytes)
            time.sleep(5.2)
            self.way.cut()
            harness.wait_for(lambda: self.way.made == 2, 30)  # by itself it would be given up after 50
            again.append(self.way.made)
            return PASSWORDS["bob"]

        again = []
        self.assert_result(self.sign_in(answer), "PAM_SUCCESS")
        self.assertEqual((again, self.way.made), ([2], 2))

    def test_who_has_answered_waits_for_one_connection_more_at_most(self):
        # The kernel takes each connection, and nobody ever speaks.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            self.configure({"endpoints": {"api_url": f"https://localhost:{port}/", "issuer": f"{COGNITO.url}/eu-west-1_Local0001"},
                            "network": {"connect_timeout": 6, "request_timeout": 6}}, "timeout=60")
            self.assert_result(self.sign_in(PASSWORDS["bob"]), "PAM_AUTHINFO_UNAVAIL", "InitiateAuth: ")
            silent.settimeout(0)
            made = 0
            while True:
                try:
                    silent.accept()[0].close()
                    made += 1
                except BlockingIOError:
                    break
        self.assertEqual(made, 2)

    @NEEDS_HOLD
    def test_one_that_dies_under_the_request_costs_one_more(self):
        for method, endpoint in METHODS:
            with self.subTest(method):
                self.through(method)
                made, asked = self.way.made, len(COGNITO.requests(endpoint))

                def answer(made=made, right=self.right(method)):
                    harness.wait_for(lambda: self.way.made == made + 1 and self.way.bytes)
                    time.sleep(0.3)
                    self.way.cut_at = 1
                    return right()

                outcome = self.sign_in(answer)
                self.way.cut_at = None
                # The fresh one was cut, too: once is enough.
                self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)
                self.assertEqual(self.way.made, made + 2)
                self.assertEqual(len(COGNITO.requests(endpoint)), asked)

    def test_a_server_that_cannot_be_reached_is_told_after_the_answer(self):
        self.configure({"endpoints": {"api_url": "https://localhost:1/", "issuer": f"{COGNITO.url}/eu-west-1_Local0001"}})
        outcome = self.sign_in(PASSWORDS["bob"])
        self.assert_result(outcome, "PAM_AUTHINFO_UNAVAIL", "InitiateAuth: ")
        self.assertEqual(len(outcome.hidden), 1)

    def test_without_a_password_nothing_is_sent(self):
        for method, endpoint in METHODS:
            with self.subTest(method):
                self.through(method)
                asked = len(COGNITO.requests(endpoint))
                self.assert_result(self.sign_in(""), "PAM_AUTH_ERR")
                self.assertEqual(len(COGNITO.requests(endpoint)), asked)

    def test_for_a_user_whom_this_host_refuses_none_is_made(self):
        self.through(SRP)
        self.host.drive("daemon", ("auth",), ("secret",))
        self.host.drive("nosuch", ("auth",), ("secret",))
        self.assertEqual(self.way.made, 0)

    def test_a_wrong_password_costs_one_too(self):
        self.through(SRP)
        self.assert_result(self.host.drive("bob", ("auth",), ("wrong",)), "PAM_AUTH_ERR")
        self.assertEqual(self.way.made, 1)


if __name__ == "__main__":
    harness.main()
