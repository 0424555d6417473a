#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many people at one time and the pool's key set: one fetch for all that wait, and nobody is refused
while it is under way, however far the pool is. PEOPLE=64 makes it larger."""
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
from delay import Delay  # noqa: E402

PEOPLE = int(os.environ.get("PEOPLE", "24"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
FAR = (0, 0.1) if PEOPLE <= 24 else (0, 0.1, 0.2)


class Storm(Login):
    def through(self, rtt):
        way = Delay(COGNITO.port, rtt).__enter__()
        self.addCleanup(way.__exit__)
        server = f"https://localhost:{way.port}"
        self.configure({"login": {"password_method": "ropc"},
                        "endpoints": {"issuer": f"{COGNITO.url}/eu-west-1_Local0001"},
                        "config": {"client_id": "localbroker", "token_url": server + "/oauth2/token",
                                   "certs_url": f"{server}/eu-west-1_Local0001/.well-known/jwks.json"}})

    def storm(self, before=lambda: None):
        """Everybody is at the prompt; then this happens; then everybody answers. Returns what
        became of them, and how often the key set was fetched."""
        there, go = threading.Semaphore(0), threading.Event()
        outcomes = []

        def answer():
            there.release()
            go.wait()
            return PASSWORDS["bob"]

        def one():
            outcomes.append(self.host.drive("bob", ("auth",), (answer,), timeout=300))

        people = [threading.Thread(target=one) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        for _ in people:
            there.acquire()
        before()
        fetched = len(COGNITO.requests("jwks"))
        go.set()
        for person in people:
            person.join()
        self.assertEqual([o.text for o in outcomes if o.results != ["PAM_SUCCESS"]], [])
        return len(COGNITO.requests("jwks")) - fetched

    def test_a_cold_cache_costs_one_fetch(self):
        for rtt in FAR * ROUNDS:
            with self.subTest(rtt):
                self.through(rtt)
                self.assertEqual(self.storm(), 1)

    def test_new_keys_cost_one_fetch(self):
        for rtt in FAR * ROUNDS:
            with self.subTest(rtt):
                self.through(rtt)
                self.assert_result(self.host.drive("bob", ("auth",), (PASSWORDS["bob"],)), "PAM_SUCCESS")
                self.assertEqual(self.storm(COGNITO.rotate), 1)


if __name__ == "__main__":
    harness.main()
