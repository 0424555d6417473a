#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc whoami` and `tickets`, on tickets that real sign-ins left."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
import ticket_file  # noqa: E402

COMMAND = os.environ.get("COGNITO_OIDC", str(harness.TEST / "cognito-oidc"))
PASSWORDS = {"alice": "Correct-Horse-9!", "bob": "Battery-Staple-8!"}
GET_TOKENS = "GetTokensFromRefreshToken"
# The command looks users up for real, the PAM host of the tests in a file of its own.
ME = "daemon"
COGNITO = harness.local_cognito()
PEOPLE = 5000


def run(*arguments, env=None, before=()):
    done = subprocess.run([*before, COMMAND, *arguments], capture_output=True, timeout=60, check=False, env=env or {},
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Tickets(unittest.TestCase):
    def setUp(self):
        COGNITO.reset()
        self.host = harness.Host()
        self.addCleanup(self.host.close)
        self.host.users({ME: 1, "bob": 1002})
        self.configure()

    def configure(self, **overrides):
        self.config = COGNITO.config({
            "users": {"map": {ME: {"cognito:username": "bob", "login": "bob"}}}, **overrides})
        self.host.service("login", f"config={self.config} min_uid=1")

    def sign_in(self, user=ME):
        outcome = self.host.drive(user, ("auth", "acct"), (PASSWORDS["bob"],))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2, outcome.text)

    def account(self, user=ME):
        return self.host.drive(user, ("acct",)).results[0]

    def whoami(self, *arguments):
        code, out, err = run("whoami", *arguments, "--config", self.config, "--json")
        self.assertEqual(err, "")
        return code, json.loads(out)

    def tickets(self, *arguments):
        code, out, err = run("tickets", *arguments, "--config", self.config, "--json")
        self.assertEqual(err, "")
        answer = json.loads(out)
        self.assertEqual(answer["ok"], code == 0)
        return code, answer["tickets"]


class WhoAmI(Tickets):
    def test_by_a_live_ticket(self):
        self.sign_in()
        code, answer = self.whoami(ME)
        self.assertEqual((code, answer["state"], answer["user"], answer["uid"]), (0, "live", ME, 1))
        self.assertEqual(answer["identity"]["flow"], "password")
        self.assertIn("bob@example.com", answer["identity"]["email"])
        self.assertIn("linux-users", answer["identity"]["cognito:groups"])
        self.assertIn(("login", "shell"), [(s["service"], s["rule"]) for s in answer["services"]])
        self.assertTrue(0 <= answer["signed_in"] < 60 and 35900 < answer["left"] <= 36000)

    def test_nobody_has_signed_in(self):
        code, answer = self.whoami(ME)
        self.assertEqual((code, answer["state"]), (1, "none"))
        self.assertNotIn("identity", answer)

    def test_refused_and_of_another_client(self):
        self.configure(login={"recheck": 0})
        self.sign_in()
        COGNITO.user("bob", enabled=False)
        self.assertEqual(self.account(), "PAM_ACCT_EXPIRED")
        code, answer = self.whoami(ME)
        self.assertEqual((code, answer["state"]), (1, "refused"))
        COGNITO.reset()
        self.configure()
        self.sign_in()
        changed = json.loads(pathlib.Path(self.config).read_text())
        changed["config"]["client_id"] = "another"
        pathlib.Path(self.config).write_text(json.dumps(changed))
        _, out, _ = run("whoami", ME, "--config", self.config)
        self.assertIn("of another pool or app client", out)

    def test_sudo_names_the_caller(self):
        self.sign_in()
        code, out, _ = run("whoami", "--config", self.config, env={"SUDO_USER": ME})
        self.assertEqual(code, 0)
        self.assertIn(f"user      {ME} (uid 1)\nticket    live\n", out)
        self.assertRegex(out, r"\n  login +by rule shell, for \d+ ")

    def test_no_token_is_shown(self):
        self.sign_in()
        for arguments in (("whoami", ME), ("tickets",)):
            for json_too in ((), ("--json",)):
                _, out, _ = run(*arguments, "--config", self.config, *json_too)
                self.assertNotIn("eyJ", out)

    def test_usage(self):
        self.assertEqual(run("whoami", "nobody-here-at-all", "--config", self.config)[0], 2)
        self.assertEqual(run("whoami", ME, "bob")[0], 2)
        self.assertEqual(run("whoami", ME, "--config", "/nonexistent")[0], 2)
        for more in ((), ("--json",), ("--clear",)):
            code, out, err = run("tickets", "--config", "/nonexistent", *more)
            self.assertEqual((code, out, "No such file" in err), (2, "", True))

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed")
    def test_without_root_it_tells_what_the_session_was_told(self):
        other = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
        self.sign_in()
        code, _, err = run("whoami", ME, before=other)
        self.assertEqual((code, "only root" in err), (2, True))
        self.assertEqual(run("tickets", before=other)[0], 2)
        code, out, _ = run("whoami", before=other, env={"OIDC_CLAIM_sub": "a\x1bb", "OTHER": "x", "PATH": "/usr/bin:/bin"})
        self.assertEqual(code, 0)
        self.assertIn("informative: anyone may set it", out)
        self.assertIn("OIDC_CLAIM_sub = a?b\n", out)
        self.assertNotIn("OTHER", out)
        self.assertEqual(run("whoami", before=other)[0], 1)


class List(Tickets):
    def test_it_lists(self):
        self.assertEqual(self.tickets(), (0, []))
        self.sign_in()
        self.sign_in("bob")
        code, tickets = self.tickets()
        self.assertEqual(code, 0)
        self.assertEqual({(t["user"], t["uid"], t["state"], t["config"]) for t in tickets},
                         {(ME, 1, "live", self.config), ("bob", 1002, "live", self.config)})

    def test_clearing_one_revokes_it_and_leaves_the_other(self):
        self.sign_in()
        self.sign_in("bob")
        code, cleared = self.tickets("--clear", "bob")
        self.assertEqual((code, [(t["user"], t["removed"], t["what"]) for t in cleared]), (0, [("bob", True, "revoked")]))
        self.assertEqual(len(COGNITO.requests("RevokeToken")), 1)
        self.assertEqual([t["user"] for t in self.tickets()[1]], [ME])
        self.assertEqual((self.account("bob"), self.account()), ("PAM_PERM_DENIED", "PAM_SUCCESS"))
        self.assertEqual(self.tickets("--clear", "bob"), (1, []))

    def test_clearing_one_has_the_pool_forget_its_device(self):
        COGNITO.pool(device_tracking=True)
        self.sign_in()
        self.sign_in("bob")
        self.assertEqual(len(COGNITO.remembered()), 2)
        self.assertEqual(self.tickets("--clear", "bob")[0], 0)
        self.assertEqual(len(COGNITO.remembered()), 1)
        self.assertEqual((self.tickets("--clear")[0], COGNITO.remembered()), (0, []))

    def test_a_lock_that_somebody_s_stopped_program_holds_keeps_root_from_nothing(self):
        self.sign_in()
        lock = harness.TEST / f"run/ticket-1-{harness.kept_name(self.config)[5:]}.lock"
        with open(lock, "a", encoding="ascii") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            code, cleared = self.tickets("--clear", ME)
        self.assertEqual((code, cleared[0]["removed"], cleared[0]["what"]), (0, True, "revoked"))

    def test_a_folder_with_more_files_than_any_host_has_people(self):
        self.sign_in()
        for number in range(9000):
            (harness.TEST / f"run/ticket-{5000000 + number}-0123456789abcdef.lock").touch()
        self.addCleanup(lambda: [file.unlink() for file in (harness.TEST / "run").glob("*-0123456789abcdef.lock")])
        self.assertEqual([t["user"] for t in self.tickets()[1]], [ME])

    def test_the_tickets_of_a_large_host(self):
        self.sign_in()
        first = harness.TEST / f"run/ticket-1-{harness.kept_name(self.config)[5:]}"
        for number in range(1, PEOPLE):
            copy = first.with_name(first.name.replace("ticket-1-", f"ticket-{6000000 + number}-"))
            shutil.copy(first, copy)
            self.addCleanup(copy.with_name(copy.name + ".lock").unlink, missing_ok=True)
            self.addCleanup(copy.unlink, missing_ok=True)
            ticket_file.change(copy, user=f"u{number}", uid=6000000 + number, body="")
        people = {ME, *(f"u{number}" for number in range(1, PEOPLE))}
        code, tickets = self.tickets()
        self.assertEqual((code, len(tickets), {t["user"] for t in tickets}), (0, PEOPLE, people))
        self.assertEqual(run("tickets", "--config", self.config)[1].count("\nticket    live\n"), PEOPLE)
        code, cleared = self.tickets("--clear")
        self.assertEqual((code, sum(t["removed"] for t in cleared)), (0, PEOPLE))
        self.assertEqual(self.tickets(), (0, []))

    def test_all_are_gone_before_the_first_is_revoked(self):
        self.sign_in()
        first = harness.TEST / f"run/ticket-1-{harness.kept_name(self.config)[5:]}"
        for number in (6000001, 6000002):
            copy = first.with_name(first.name.replace("ticket-1-", f"ticket-{number}-"))
            shutil.copy(first, copy)
            self.addCleanup(copy.with_name(copy.name + ".lock").unlink, missing_ok=True)
            self.addCleanup(copy.unlink, missing_ok=True)
            ticket_file.change(copy, user=f"u{number}", uid=number)
        COGNITO.set_behaviour("RevokeToken", "silence")
        connections = COGNITO.connections()
        with subprocess.Popen([COMMAND, "tickets", "--clear", "--config", self.config], env={}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
            harness.wait_for(lambda: not list(first.parent.glob(f"ticket-*{first.name[8:]}")))
            self.assertLessEqual(COGNITO.connections() - connections, 1)
            command.kill()

    def test_clearing_all(self):
        self.sign_in()
        self.sign_in("bob")
        code, cleared = self.tickets("--clear")
        self.assertEqual((code, len(cleared), len(COGNITO.requests("RevokeToken"))), (0, 2, 2))
        self.assertEqual(self.tickets("--clear"), (0, []))

    def test_a_pool_that_tracks_devices_is_named_by_doctor_and_forgets_them(self):
        def named():
            found = json.loads(run("doctor", "--config", self.config, "--json")[1])["findings"]
            return [(f["status"], f["do"]) for f in found if f["name"] == "devices"]

        self.sign_in()
        self.assertEqual(named(), [])
        COGNITO.pool(device_tracking=True)
        self.sign_in("bob")
        self.sign_in()
        ((status, advice),) = named()
        self.assertEqual(status, "warn")
        self.assertIn("Device tracking", advice)
        self.assertEqual(len(COGNITO.remembered()), 2)
        self.assertEqual(self.tickets("--clear", "bob")[0], 0)
        self.assertEqual(len(COGNITO.remembered()), 1)
        self.assertEqual((self.tickets("--clear")[0], COGNITO.remembered(), named()), (0, [], []))

    def test_what_cannot_be_revoked_is_removed_and_told(self):
        self.sign_in()
        COGNITO.set_behaviour("RevokeToken", "status-404")
        code, cleared = self.tickets("--clear", ME)
        self.assertEqual((code, cleared[0]["removed"]), (1, True))
        self.assertIn("NOT revoked: unexpected HTTP status", cleared[0]["what"])
        self.assertEqual(self.tickets(), (0, []))

    def test_without_a_refresh_token_there_is_nothing_to_revoke(self):
        self.configure(login={"keep_refresh_token": False})
        self.sign_in()
        code, cleared = self.tickets("--clear")
        self.assertEqual((code, cleared[0]["what"]), (0, "there was nothing to revoke"))
        self.assertEqual(COGNITO.requests("RevokeToken"), [])

    def test_usage(self):
        for arguments in (("--clear", "--expire"), ("--expire", "bob"), ("--clear", "a", "b"), ("--clear", "--clear"), ("bob",), ("--colour",)):
            self.assertEqual(run("tickets", *arguments)[0], 2, arguments)


class Expire(Tickets):
    """tickets --expire, which a timer runs: what is over is revoked and removed, and nothing else.
    Only of this configuration: other suites, which run at the same time, have tickets that are over."""

    def file(self, uid=1):
        return harness.TEST / f"run/ticket-{uid}-{harness.kept_name(self.config)[5:]}"

    def end(self, uid=1):
        file = self.file(uid)
        ticket_file.change(file, until=int(ticket_file.split(file.read_bytes())["born"]) + 1)

    def expire(self, *arguments):
        code, out, err = run("tickets", "--expire", *arguments, "--config", self.config, "--json")
        self.assertEqual(err, "")
        return code, [t for t in json.loads(out)["tickets"] if t.get("config") == self.config]

    def test_what_is_over_goes_and_what_is_live_stays(self):
        self.sign_in()
        self.sign_in("bob")
        self.end()
        code, gone = self.expire()
        self.assertEqual((code, [(t["user"], t["removed"], t["what"]) for t in gone]), (0, [(ME, True, "revoked")]))
        self.assertEqual(len(COGNITO.requests("RevokeToken")), 1)
        self.assertEqual([t["user"] for t in self.tickets()[1]], ["bob"])
        self.assertEqual(self.expire(), (0, []))

    def test_of_another_boot_and_of_the_older_format(self):
        self.sign_in()
        self.sign_in("bob")
        ticket_file.change(self.file(), boot="00000000-0000-4000-8000-000000000000")
        ticket_file.make_older(self.file(1002))
        self.assertEqual({t["user"]: t["state"] for t in self.tickets()[1]}, {ME: "expired", "bob": "expired"})
        code, gone = self.expire()
        self.assertEqual((code, [t["what"] for t in gone]), (0, ["revoked"] * 2))
        self.assertEqual(len(COGNITO.requests("RevokeToken")), 2)
        self.assertEqual(self.tickets()[1], [])

    def test_what_cognito_cannot_be_asked_about_waits_for_the_next_run(self):
        self.sign_in()
        self.end()
        for behaviour in ("status-404", "forbidden", "status-403", "unknown-error", "html", "bad-json", "huge"):
            COGNITO.set_behaviour("RevokeToken", behaviour)
            code, left = self.expire()
            self.assertEqual((code, left[0]["removed"]), (1, False), behaviour)
            self.assertIn("NOT revoked: ", left[0]["what"])
        COGNITO.reset()
        self.assertEqual(self.expire()[0], 0)
        self.assertFalse(self.file().exists())

    def test_nobody_waits_for_the_lock_while_cognito_is_asked(self):
        self.configure(network={"request_timeout": 5})
        self.sign_in()
        self.end()
        COGNITO.set_behaviour("RevokeToken", "silence")
        with subprocess.Popen([COMMAND, "tickets", "--expire", "--config", self.config], env={}, stdout=subprocess.DEVNULL) as running:
            harness.wait_for(lambda: COGNITO.requests("RevokeToken"))
            with open(str(self.file()) + ".lock", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.assertIsNone(running.poll())
            self.assertEqual(running.wait(30), 1)
        self.assertTrue(self.file().exists())

    def test_a_sign_in_meanwhile_leaves_a_ticket_that_stays(self):
        self.sign_in()
        self.end()
        with open(str(self.file()) + ".lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with subprocess.Popen([COMMAND, "tickets", "--expire", "--config", self.config], env={}, stdout=subprocess.PIPE) as running:
                harness.wait_for(lambda: COGNITO.requests("RevokeToken"))
                ticket_file.change(self.file(), until=int(ticket_file.split(self.file().read_bytes())["born"]) + 3600000)
                fcntl.flock(lock, fcntl.LOCK_UN)
                shown = running.communicate(timeout=30)[0]
                self.assertEqual(running.returncode, 0, shown)
        self.assertTrue(self.file().exists())

    def test_one_whose_configuration_is_gone_is_removed(self):
        self.sign_in()
        self.end()
        pathlib.Path(self.config).unlink()
        code, gone = self.expire()
        self.assertEqual((code, gone[0]["removed"]), (1, True))
        self.assertIn("NOT revoked: the configuration file cannot be trusted", gone[0]["what"])

    def test_refused_by_cognito_it_stays_until_its_time_is_over(self):
        self.sign_in()
        ticket_file.change(self.file(), refused=1)
        self.assertEqual(self.expire(), (0, []))
        self.end()
        self.assertEqual([t["removed"] for t in self.expire()[1]], [True])

    def test_what_is_no_ticket_and_what_dead_writers_left_goes_too(self):
        self.sign_in()
        odd = [self.file(7001), pathlib.Path(str(self.file(7002)) + ".new"), self.file(7003), pathlib.Path(str(self.file(7004)) + ".lock")]
        for path in odd:
            path.write_text("odd")
            path.chmod(0o600)
            self.addCleanup(path.unlink, missing_ok=True)
        for path in odd[:2]:
            os.utime(path, (1000, 1000))
        os.utime(odd[3], (1000, 1000))
        self.assertEqual(self.expire(), (0, []))
        # A young one may be a writer's at work; a lock file that goes would give two the lock.
        self.assertEqual([path.exists() for path in odd], [False, False, True, True])
        self.assertEqual([t["state"] for t in self.tickets()[1]], ["live"])


if __name__ == "__main__":
    harness.main()
