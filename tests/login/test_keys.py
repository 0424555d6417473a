#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pool's keys in the password flow: fetched once, kept, renewed when they change."""
import fcntl
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, harness  # noqa: E402
import password_login  # noqa: E402

# The cache folder is this suite's alone: it is emptied, and opened to others.
SECOND = harness.TEST / "second"
CACHE = SECOND / "cache"


class Login(password_login.Login):
    module = SECOND / "pam_cognito_oidc.so"

    def setUp(self):
        super().setUp()
        shutil.rmtree(CACHE, ignore_errors=True)


class Keys(Login):
    def count(self):
        return len(COGNITO.requests("jwks")), COGNITO.connections()

    def test_a_second_login_makes_one_connection_and_asks_for_no_keys(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        keys, connections = self.count()
        self.assertEqual((keys, connections), (1, 1))
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(self.count(), (1, 2))

    def test_new_keys_cost_one_more_request_and_only_once_in_five_minutes(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(self.count()[0], 2)
        COGNITO.rotate()
        self.assert_result(self.sign_in(), "PAM_AUTH_ERR", "less than 5 minutes")
        self.assertEqual(self.count()[0], 2)

    def test_a_fetch_by_another_login_that_does_not_end_has_words_of_its_own(self):
        self.configure(options="timeout=5")
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        stamp = self.kept().with_name(self.kept().name + ".refetch")
        stamp.touch(mode=0o600)
        os.utime(stamp, (0, time.time() - 300 + 19))
        self.assert_result(self.sign_in(), "PAM_AUTH_ERR", "another login has been fetching the key set for too long")
        self.assertEqual(self.count()[0], 1)

    def test_twenty_logins_at_a_rotation_fetch_once(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        running = [self.host.start("bob", ("auth",), (PASSWORDS["bob"],)) for _ in range(20)]
        for process in running:
            process.communicate(timeout=60)
        self.assertEqual(self.count()[0], 2)

    def test_who_is_asked_while_another_fetches_new_keys_gets_them_too(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        # Kept in another second than the new ones.
        time.sleep(1.1)

        def answer():
            COGNITO.rotate()
            self.assert_result(self.sign_in(), "PAM_SUCCESS")
            return PASSWORDS["bob"]
        self.assert_result(self.host.drive("bob", ("auth",), (answer,)), "PAM_SUCCESS")
        self.assertEqual(self.count()[0], 2)

    def test_with_the_key_set_out_of_reach_a_warm_cache_suffices(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.set_behaviour("jwks", "status-500")
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def kept(self):
        """The file of this configuration: others may lie beside it."""
        return CACHE / harness.kept_name(str(self.config))

    def test_what_is_kept_is_root_s_alone(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(CACHE.stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.kept().stat().st_mode & 0o777, 0o600)

    def age(self, seconds):
        lines = self.kept().read_bytes().split(b"\n", 4)
        lines[2] = str(int(time.time()) - seconds).encode()
        self.kept().write_bytes(b"\n".join(lines))

    def test_a_day_old_set_is_fetched_again_and_believed_for_a_week_meanwhile(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.age(86390)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(self.count()[0], 1)
        self.age(86401)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(self.count()[0], 2)
        COGNITO.set_behaviour("jwks", "status-500")
        self.age(7 * 86400 - 60)
        self.assert_result(self.sign_in(), "PAM_SUCCESS", "is used")
        self.age(7 * 86400 + 1)
        for service in self.services:
            self.host.service(service, f"config={self.config} timeout=5")
        self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")

    def test_anything_odd_about_what_was_kept_is_as_good_as_absent(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        good = self.kept().read_bytes()
        lines = good.split(b"\n", 4)
        future = b"\n".join([*lines[:2], str(int(time.time()) + 600).encode(), *lines[3:]])
        odd = {"flipped": good[:-40] + bytes([good[-40] ^ 1]) + good[-39:], "cut": good[:-1], "empty": b"",
               "future": future, "other": good.replace(b"localhost", b"localhosu", 1), "huge": good + b" " * 70000}
        for name, content in odd.items():
            with self.subTest(name):
                before = self.count()[0]
                self.kept().write_bytes(content)
                self.assert_result(self.sign_in(), "PAM_SUCCESS")
                self.assertEqual(self.count()[0], before + 1)

    def test_a_file_that_a_dying_host_left_stands_in_the_way_for_a_minute(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        left = self.kept().with_suffix(".new")
        self.kept().unlink()
        left.write_bytes(b"half")
        self.assert_result(self.sign_in(), "PAM_SUCCESS", "could not be cached")
        long_ago = time.time() - 61
        os.utime(left, (long_ago, long_ago))
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertTrue(self.kept().exists() and not left.exists())

    def test_under_a_file_size_limit_new_keys_are_fetched_once_and_the_cause_is_told(self):
        around = ["bash", "-c", 'ulimit -f 0; exec "$@"', "bash"]
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        for requests in (2, 3):
            self.assert_result(self.sign_in(around=around), "PAM_SUCCESS", "for the next login: File too large")
            self.assertEqual(self.count()[0], requests)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        self.assert_result(self.sign_in(around=around), "PAM_AUTH_ERR", "less than 5 minutes")
        self.assertEqual(self.count()[0], 4)

    def test_a_network_that_fails_at_a_rotation_locks_nobody_out(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        for behaviour in ("status-500", "silence"):
            COGNITO.set_behaviour("jwks", behaviour)
            self.configure_timeout(5)
            self.assert_result(self.sign_in(), "PAM_AUTHINFO_UNAVAIL")
        COGNITO.set_behaviour("jwks", None)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def configure_timeout(self, seconds):
        """The same configuration, and so the same cache."""
        self.host.service("login", f"config={self.config} timeout={seconds}")

    def test_a_cache_that_cannot_be_used_at_a_rotation_is_the_cause_in_the_log(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        CACHE.chmod(0o755)
        self.addCleanup(CACHE.chmod, 0o700)
        for _ in range(2):
            outcome = self.sign_in()
            self.assert_result(outcome, "PAM_SUCCESS", "could not be cached for the next login: Operation not permitted")

    def test_a_lock_that_somebody_holds_is_not_waited_for(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        COGNITO.rotate()
        with open(self.kept().with_suffix(".refetch"), "w", opener=lambda p, f: os.open(p, f, 0o600)) as stamp:
            fcntl.flock(stamp, fcntl.LOCK_EX)
            started = time.monotonic()
            self.assert_result(self.sign_in(), "PAM_SUCCESS", "cannot be counted: Resource temporarily unavailable")
            self.assertLess(time.monotonic() - started, 30)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")

    def test_a_cache_that_others_could_have_written_is_absent(self):
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.kept().chmod(0o640)
        self.assert_result(self.sign_in(), "PAM_SUCCESS")
        self.assertEqual(self.count()[0], 2)
        CACHE.chmod(0o755)
        self.assert_result(self.sign_in(), "PAM_SUCCESS", "could not be cached")
        self.assertEqual(self.count()[0], 3)


if __name__ == "__main__":
    harness.main()
