#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The gate: what the module itself insists on, whatever the helper says, and what it tells
of a verdict."""
import fcntl
import os
import pathlib
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_module import SCRIPTED, Scripted, harness  # noqa: E402
from tickets import Tickets, result, ticket  # noqa: E402


class Who(Scripted):
    def test_a_host_that_names_nobody_asks_and_the_answer_is_who_it_is(self):
        outcome = self.run_helper("allow", ("nobody", "auth"), answers=("alice",))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"])
        self.assertEqual((outcome.shown, "user=alice" in outcome.log[-1]), (["login:"], True), outcome.text)

    def test_a_host_that_names_nobody_and_cannot_ask(self):
        outcome = self.run_helper("allow", ("nobody", "auth"), answers=("<fail>",))
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_CONV_ERR"], []))
        self.assertIn("the host program cannot ask the user", outcome.log[-1])

    def test_an_empty_name_is_none(self):
        for operation in ("auth", "acct", "chauthtok"):
            outcome = self.run_helper("allow", ("user=", operation))
            self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
            self.assertIn("the host program names no user or service", outcome.log[-1])

    def test_an_empty_service_is_none(self):
        """libpam starts nothing for such a host; but the module before us may have made it so."""
        (SCRIPTED / "behaviour").write_text("ask\n")
        line = f"auth optional {self.host.module} config={self.config} timeout=5\n"
        self.host.service("login", f"config={self.config} timeout=5", before=line)
        outcome = self.host.drive("alice", ("auth",), ("<service:>", "secret", "123456"))
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
        self.assertIn("the host program names no user or service", outcome.log[-1])

    def test_a_name_that_does_not_fit_is_cut_in_the_log_and_unknown(self):
        for length, shown in ((257, "a" * 32 + "..."), (256, "a" * 256)):
            outcome = self.run_helper("allow", user="a" * length, answers=("x",))
            self.assertEqual(outcome.results, ["PAM_USER_UNKNOWN"])
            self.assertIn(f" user={shown} ", outcome.log[-1])

    def test_whoever_is_refused_and_does_not_answer_reads_what_another_would(self):
        for answer, result in (("<fail>", "PAM_CONV_ERR"), ("<null>", "PAM_AUTH_ERR"), ("x" * 1025, "PAM_AUTH_ERR")):
            told = []
            for user, behaviour in (("alice", "ask"), ("nobody-here", "allow")):
                outcome = self.run_helper(behaviour, user=user, answers=(answer,))
                self.assertEqual(outcome.results, [result])
                told.append(outcome.errors)
            self.assertEqual(told[0], told[1])

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be somebody else")
    def test_a_program_that_is_not_root_is_told_so(self):
        # Not where the build is: that may be a folder of root's.
        self.host.module = shutil.copy(self.host.module, self.host.dir)
        drive = shutil.copy(harness.TEST / "drive", self.host.dir)
        self.host.service("login", f"config={self.config} timeout=5")
        for path in (self.host.dir, *self.host.dir.iterdir()):
            path.chmod(path.stat().st_mode | 0o055)
        command = [drive, *self.host.command("alice", ("auth",))[1:]]
        done = harness.subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command],
                                      env=self.host.environment(), capture_output=True, timeout=60, check=False)
        outcome = harness.Outcome(done.stdout.decode(), done.returncode)
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text + done.stderr.decode())
        self.assertIn("the calling program is not root", outcome.log[-1])


class WhoIsAsked(Scripted):
    """prompt=auto; tests/login/test_device.py shows what comes of it."""

    def prompt_of(self, service, terminal, options="", word="prompt", **settings):
        (SCRIPTED / "behaviour").write_text("script\nresult 9 x\n")
        (SCRIPTED / "requests").unlink(missing_ok=True)
        self.host.service(service, f"config={self.config} timeout=30 {options}")
        self.host.drive("alice", ("auth",), service=service, terminal=terminal, **settings)
        return (SCRIPTED / "requests").read_text().split(f" {word}=")[1].split()[0]

    def test_by_service_terminal_and_silence(self):
        for service in ("login", "su", "su-l", "sshd", "sudo", "doas", "su-x"):
            for terminal in ("012", "02", "01", "12", ""):
                shows = service in ("login", "su", "su-l") and {"0", "2"} <= set(terminal)
                with self.subTest(service=service, terminal=terminal):
                    self.assertEqual(self.prompt_of(service, terminal), "none" if shows else "enter")
        self.assertEqual(self.prompt_of("su", "012", flags="silent"), "enter")

    def test_the_pam_line_comes_first(self):
        for option in ("none", "enter"):
            self.assertEqual(self.prompt_of("login", "012", f"prompt={option}"), option)
            self.assertEqual(self.prompt_of("doas", "", f"prompt={option}"), option)

    def test_half_blocks_are_for_clients_of_sshd_where_the_host_speaks_no_utf_8(self):
        for option, tty, qr in (("", "ssh", "auto"), ("", "tty1", "off"), ("qr=utf8", "tty1", "utf8"), ("qr=ascii", "ssh", "ascii")):
            self.assertEqual(self.prompt_of("login", "", option, word="qr", tty=tty), qr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be set-uid")
    def test_silence_counts_in_a_set_uid_program_too(self):
        self.assertEqual(self.prompt_of("su", "012", flags="silent", ruid="1001"), "enter")

    def test_who_is_logged_in_already_is_known_by_name(self):
        for service in ("sudo", "sudo-i", "polkit-1", "su", "su-l", "login", "sshd", "sudo-cognito", "doas"):
            logged_in = "1" if service in ("sudo", "sudo-i", "polkit-1") else "0"
            with self.subTest(service=service):
                self.assertEqual(self.prompt_of(service, "012", word="logged_in"), logged_in)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be set-uid")
    def test_and_in_a_set_uid_program_under_any_name(self):
        for service in ("sudo", "sudo-cognito", "doas", "su", "x", "sshd"):
            for ruid in ("1001", "1002", "65534"):
                with self.subTest(service=service, ruid=ruid):
                    self.assertEqual(self.prompt_of(service, "012", word="logged_in", ruid=ruid), "1")

    def test_a_notice_stays_out_of_the_output_of_a_command(self):
        for terminal, kind in (("012", "info"), ("02", "errors"), ("2", "errors"), ("1", "info"), ("", "info")):
            outcome = self.run_helper("script\nnote Come in.\nresult 9 x", terminal=terminal)
            self.assertEqual(getattr(outcome, kind)[0], "Come in.", outcome.text)


class Changed(Scripted):
    """A module beside us, or the host, changes its mind while the person types."""

    def assert_changed(self, *answers):
        outcome = self.run_helper("ask", ("auth",), answers=(*answers, "secret", "123456"))
        self.assertEqual(outcome.results, ["PAM_PERM_DENIED"], outcome.text)
        self.assertIn("user or service changed since the sign-in", outcome.log[-1])

    def test_it_is_allowed_without_a_change(self):
        self.assertEqual(self.run_helper("ask", answers=("secret", "123456")).results, ["PAM_SUCCESS"])

    def test_another_user(self):
        self.assert_changed("<user:bob>")

    def test_another_service(self):
        self.assert_changed("<service:sudo>")

    def test_another_uid(self):
        self.assert_changed(f"<sh:printf 'alice:2001\\n' >{self.host.passwd}; echo secret>")

    def test_a_uid_that_is_none_of_ours_any_more(self):
        for uid, words in ((0, "root does not sign in"), (5, "below min_uid"), (4294967295, "no such local user")):
            self.host.users(harness.USERS)
            outcome = self.run_helper(
                "ask", answers=(f"<sh:printf 'alice:{uid}\\n' >{self.host.passwd}; echo secret>", "123456"))
            self.assertIn(words, outcome.log[-1])
            self.assertNotIn("PAM_SUCCESS", outcome.results)

    def test_a_user_who_is_gone(self):
        outcome = self.run_helper("ask", answers=(f"<sh:printf '' >{self.host.passwd}; echo secret>", "123456"))
        self.assertEqual(outcome.results, ["PAM_USER_UNKNOWN"])


class Told(Scripted):
    def test_the_log_says_allowed_of_a_yes_and_denied_of_everything_else(self):
        for behaviour, operation, begin in (("allow", "auth", "login allowed user=alice "),
                                            ("done", "chauthtok", "password allowed user=alice "),
                                            ("crash", "auth", "login denied user=alice "),
                                            ("crash", "chauthtok", "password denied user=alice ")):
            outcome = self.run_helper(behaviour, (operation,), ruid="1001")
            lines = [line for line in outcome.log if " user=alice " in line]
            self.assertEqual(len(lines), 1, outcome.text)
            self.assertIn(begin, lines[0])

    def test_a_yes_says_nothing_to_the_person_and_a_no_says_why(self):
        for behaviour, operation, said in (("allow", "auth", 0), ("done", "chauthtok", 0), ("crash", "auth", 1)):
            outcome = self.run_helper(behaviour, (operation,), ruid="1001")
            self.assertEqual(len(outcome.errors), said, outcome.text)

    def test_a_reason_without_a_detail_has_none(self):
        self.assertIn(' reason="allowed" ms=', self.run_helper("allow").log[-1])

    def test_an_account_that_auth_has_told_of_is_told_on_demand(self):
        for options, lines in (("", 1), ("debug", 2)):
            outcome = self.run_helper("allow", ("auth", "acct"), options=options)
            told = [line for line in outcome.log if " user=alice " in line]
            self.assertEqual(len(told), lines, outcome.text)

    def test_a_configuration_that_cannot_be_read_is_named_in_every_phase(self):
        self.config.chmod(0o644)
        for operation in ("auth", "chauthtok"):
            outcome = self.run_helper("allow", (operation,), ruid="1001")
            self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"])
            self.assertIn(f": {self.config}: ", outcome.log[-1])


class Password(Scripted):
    def test_who_does_not_exist_has_no_password_here(self):
        outcome = self.run_helper("done", ("chauthtok",), user="nobody-here", ruid="1001")
        self.assertEqual(outcome.results, ["PAM_USER_UNKNOWN"])

    def change(self, user, operation, options=""):
        """With another module beside us that changes passwords, and whether the helper was asked."""
        (SCRIPTED / "started").unlink(missing_ok=True)
        (SCRIPTED / "behaviour").write_text("done\n")
        self.host.service("login", f"config={self.config} timeout=30 {options}", before="password required pam_permit.so\n")
        outcome = self.host.drive(user, (operation,), ruid="1001")
        return outcome.results, (SCRIPTED / "started").exists(), outcome

    def test_who_is_not_in_the_pool_has_it_elsewhere(self):
        for user, options in (("root", ""), ("root", "allow_root"), ("daemon", ""), ("alice", "local=alice")):
            with self.subTest(user=user, options=options):
                results, asked, outcome = self.change(user, "chauthtok", options)
                self.assertEqual((results, asked, outcome.log), (["PAM_SUCCESS"], False, []), outcome.text)

    def test_an_expired_one_is_changed_at_the_sign_in(self):
        for operation, wanted in (("chauthtok", True), ("expired", False)):
            results, asked, outcome = self.change("alice", operation)
            self.assertEqual((results, asked), (["PAM_SUCCESS"], wanted), outcome.text)

    def test_but_not_even_then_by_a_wrong_line(self):
        results, asked, outcome = self.change("alice", "expired", "nonsense")
        self.assertEqual((results, asked), (["PAM_SERVICE_ERR"], False), outcome.text)


class Phases(Tickets):
    def test_a_change_is_first_asked_about_and_then_made(self):
        self.script(check=[result("ALLOWED", "")], change=[result()])
        self.expect(("chauthtok",), "SUCCESS", ruid="1001")
        self.assertEqual(self.purposes(), ["check", "change"])

    def test_a_sign_in_that_leaves_no_ticket_is_none(self):
        self.script(login=[ticket(""), result()])
        self.expect(("auth",), "SERVICE_ERR")

    def test_a_change_takes_the_new_password_of_an_earlier_module_or_none(self):
        self.script(check=[result("ALLOWED", "")], change=["prompt new", result()])
        outcome = self.run_host(("chauthtok",), options="use_authtok", answers=("Brand-New-Pass-7!",), ruid="1001")
        self.assertEqual((outcome.results, outcome.hidden), (["PAM_AUTHTOK_ERR"], []), outcome.text)

    def test_who_reads_a_message_past_the_deadline_was_slow(self):
        """A terminal that is stopped (Ctrl-S) must not turn a no into an outage."""
        self.timeout = 5
        self.script(login=["tell " + "x" * 4000] * 40 + ["sleep 60000"])
        self.host.service("login", f"config={self.config} timeout={self.timeout}")
        host = self.host.start("alice", ("auth",))
        harness.wait_for(self.requests)
        time.sleep(6)
        outcome = harness.Outcome(host.communicate(timeout=120)[0].decode(), host.returncode)
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text[-400:])
        self.assertIn("no answer in time", outcome.log[-1])


class Replaced(Tickets):
    """What a sign-in that ends in a no does to the ticket of an earlier one."""

    def setUp(self):
        super().setUp()
        self.sign_in()
        self.script(login=[ticket("body-2"), result("POLICY")])

    def test_the_live_one_learns_what_is_known_now(self):
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-2")

    def test_a_refused_one_is_not_brought_to_life(self):
        self.change(refused=1)
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-1")

    def test_a_name_that_no_ticket_holds_does_not_sign_in(self):
        self.host.users({"al\x01ice": 1500})
        outcome = self.run_host(("auth",), user="al\x01ice")
        self.assertIn("ticket", outcome.log[-1])
        self.assertEqual((outcome.results, self.requests()), (["PAM_SERVICE_ERR"], []), outcome.text)

    def test_another_person_s_is_left_alone(self):
        self.script(login=[ticket("body-2"), result("POLICY", "another-sub")])
        self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-1")

    def test_without_its_lock_it_is_left_alone(self):
        self.timeout = 5
        with open(str(self.file()) + ".lock", "a", encoding="ascii") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.expect(("auth",), "PERM_DENIED")
        self.assertEqual(self.body(), "body-1")


if __name__ == "__main__":
    harness.main()
