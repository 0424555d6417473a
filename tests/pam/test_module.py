#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The module alone, with a helper that a script plays: whatever the helper does, the host
gets an answer in time, and yes only for a well-formed yes."""
import os
import pathlib
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

SCRIPTED = harness.TEST / "scripted"
CONFIG_PATH = None


class Scripted(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(harness.TEST / "run-scripted", ignore_errors=True)
        self.host = harness.Host(SCRIPTED / "pam_cognito_oidc.so")
        self.config = self.host.dir / "config.json"
        self.config.write_text("{}")
        self.config.chmod(0o600)

    def tearDown(self):
        self.host.close()

    def run_helper(self, behaviour, operations=("auth",), answers=(), options="timeout=30", user="alice", **settings):
        (SCRIPTED / "behaviour").write_text(behaviour + "\n")
        for service in ("login", "sudo"):
            self.host.service(service, f"config={self.config} {options}")
        outcome = self.host.drive(user, operations, answers, **settings)
        self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        return outcome

    def start(self, behaviour, **settings):
        """A host whose helper has begun to behave like this."""
        (SCRIPTED / "started").unlink(missing_ok=True)
        (SCRIPTED / "behaviour").write_text(behaviour + "\n")
        host = self.host.start("alice", ("auth",), **settings)
        harness.wait_for((SCRIPTED / "started").exists)
        return host

    def assert_refused(self, behaviour, result, **settings):
        outcome = self.run_helper(behaviour, **settings)
        self.assertEqual(outcome.results, [result], outcome.text)
        return outcome


class Host(Scripted):
    def test_what_a_module_changes_in_its_host_is_seen(self):
        for what, words in {"descriptor": "descriptor ", "signal": "disposition of signal 64", "child": "a child",
                            **{name: name for name in ("mask", "cwd", "environ_sum", "umask", "limits", "locale", "timers",
                                                       "priority", "death_signal", "name")}}.items():
            with self.subTest(what):
                if what == "priority" and os.getpriority(os.PRIO_PROCESS, 0) == 19 and os.geteuid() != 0:
                    self.skipTest("no lower priority is left")
                (self.host.dir / "login").write_text(f"auth required {harness.TEST / 'earlier.so'} {what}\n")
                outcome = self.host.drive("alice", ("auth", "delete"))
                self.assertEqual(outcome.results[0], "PAM_SUCCESS", outcome.text)
                self.assertTrue(any(line.startswith(f"auth: {words}") for line in outcome.host), outcome.text)
                self.assertNotIn("unchanged", outcome.host)


class HelperVerdict(Scripted):
    def test_a_well_formed_yes_is_a_yes(self):
        outcome = self.run_helper("allow", ("auth", "acct", "setcred", "open", "close"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 5)

    def test_a_yes_about_nobody_is_refused(self):
        self.assert_refused("allow-nobody", "PAM_SERVICE_ERR")

    def test_codes_outside_the_table_are_refused(self):
        for behaviour in ("code-0", "code-9999", "code-text"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "PAM_SERVICE_ERR")

    def test_frames_that_break_the_protocol_are_refused(self):
        for behaviour in ("trailing", "unknown", "few", "beyond", "backwards", "oversize", "empty", "half", "text",
                          "bad-info", "bad-log", "bad-kind", "no-hello", "old-hello", "hello-twice"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "PAM_SERVICE_ERR")

    # Those that a module takes, by frame.h: a good one, and what each of its fields may not be.
    FRAMES = ((2, "echo_on|Say: ", ("~", "y" * 17), ("~", "x" * 20000)), (4, "0|text", ("", "2", "00", "~"), ("~", "x" * 20000)),
              (5, "notice|text", ("~", "", "emerg", "notice "), ("~", "x" * 20000)), (6, "{}", ("x" * 69633,)), (7, "kid", ("", "~", "new", "kid ")),
              (9, "1|||a-sub|rule|password|a body|||3600|0|0|0", ("~", "", "0", "-1", "999999"), ("~",), ("~",), ("~",), ("~",), ("~",), (), (), (),
               ("", "~", "-1", "9999999999"), ("", "2", "~"), ("", "x"), ("", "01")))

    def test_each_field_of_each_frame_is_looked_at(self):
        yes = "news a body|||3600\nresult 1 a-sub"
        for number, good, *fields in self.FRAMES:
            self.assertEqual(self.run_helper(f"script\nframe {number} {good}\n{yes}", answers=("x",)).results, ["PAM_SUCCESS"], number)
            for at, bad in ((at, bad) for at, field in enumerate(fields) for bad in field):
                with self.subTest(number=number, field=at, bad=bad[:20]):
                    parts = good.split("|")
                    parts[at] = bad
                    outcome = self.run_helper(f"script\nframe {number} {'|'.join(parts)}\n{yes}", answers=("x",))
                    self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)

    def test_frames_for_the_command_alone_are_refused(self):
        for number, text in ((11, "ok|dns|seen"), (13, "active|alice|1879048200|i|s|l|r||0|"), (10, "a body"), (12, "a|b|c")):
            with self.subTest(number):
                outcome = self.run_helper(f"script\nframe {number} {text}\nnews a body|||3600\nresult 1 a-sub")
                self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)

    def test_a_helper_that_crashes_or_leaves_is_a_refusal(self):
        for behaviour in ("crash", "nothing"):
            with self.subTest(behaviour):
                self.assert_refused(behaviour, "PAM_SERVICE_ERR")

    def test_a_silent_stopped_or_talkative_helper_is_killed_at_the_deadline(self):
        self.host.service("login", f"config={self.config} timeout=5")
        started, hosts = time.monotonic(), []
        for behaviour in ("hang", "stop", "info-flood", "log-flood", "silent"):
            hosts.append((behaviour, self.start(behaviour, flags="silent")))
        for behaviour, host in hosts:
            with self.subTest(behaviour):
                outcome = harness.Outcome(host.communicate(timeout=60)[0].decode("utf-8", "replace"), host.returncode)
                self.assertIn(outcome.results[0], ("PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR", "PAM_SERVICE_ERR"))
                self.assertEqual(outcome.host, ["unchanged"], outcome.text)
        self.assertLess(time.monotonic() - started, 30)

    def test_a_yes_that_was_given_while_the_host_was_stopped_is_too_old(self):
        self.host.service("login", f"config={self.config} timeout=5")
        process = self.start("slow-yes")
        process.send_signal(signal.SIGSTOP)
        time.sleep(5.2)
        process.send_signal(signal.SIGCONT)
        outcome = harness.Outcome(process.communicate(timeout=60)[0].decode(), 0)
        self.assertEqual(outcome.results, ["PAM_AUTHINFO_UNAVAIL"], outcome.text)

    def test_what_the_helper_says_is_printable_and_cannot_forge_the_log(self):
        outcome = self.run_helper("escape", answers=("x",))
        self.assertEqual(outcome.shown, ["two\\nlines ?[2J?: "])
        self.assertEqual(outcome.errors, ["and ?]0;title?"])
        self.assertIn("reason=\"allowed: a 'quoted' reason='allowed\" ms=", outcome.log[-1])

    def test_a_helper_that_lingers_after_its_verdict_is_not_waited_for(self):
        started = time.monotonic()
        self.assert_refused("lingers", "PAM_SUCCESS")
        self.assertLess(time.monotonic() - started, 20)

    def test_log_lines_of_the_helper_are_printable_and_one_line(self):
        outcome = self.run_helper("log")
        self.assertIn("(login:auth): helper: a?[31m line of two", "\n".join(outcome.log))

    def test_no_log_line_of_the_helper_looks_like_the_module_s(self):
        forged = 'login allowed user=root service=sudo rhost= flow=password sub=x rule="admins" reason="allowed" ms=1'
        texts = (forged, "\r" + forged, " " * 200 + forged, "helper: " + forged, "\b" * 30 + forged, "x" * 900 + forged,
                 "pam_cognito_oidc(sudo:auth): " + forged)
        for level in ("err", "warning", "notice", "debug"):
            lines = "".join(f"log {level} {text}\n" for text in texts)
            outcome = self.run_helper(f"script\n{lines}tell {forged}\nresult 9 x", options="timeout=30 debug")
            log = [line for line in outcome.log if "the warm helper serves" not in line]
            self.assertEqual(len(log), len(texts) + 2, outcome.text)
            for line in log[:-1]:
                self.assertRegex(line, r"^pam_cognito_oidc\(login:auth\): helper: ")
            self.assertRegex(outcome.log[-1], r"^pam_cognito_oidc\(login:auth\): login denied user=alice ")

    def test_the_module_s_own_word_is_not_marked(self):
        cache = harness.TEST / "cache-scripted"
        shutil.rmtree(cache, ignore_errors=True)
        cache.write_text("no folder")
        self.addCleanup(cache.unlink)
        outcome = self.run_helper("script\nstore keys\nresult 9 x")
        self.assertRegex(outcome.log[0], r"^pam_cognito_oidc\(login:auth\): the key set could not be cached")


class HelperSurroundings(Scripted):
    def setUp(self):
        harness.own_start_alone()
        super().setUp()

    def expect(self, outcome):
        self.assertEqual(outcome.results, ["PAM_SUCCESS"], outcome.text)
        self.assertIn("fds 3 env 2 PATH=/usr/bin:/bin blocked 0 chld 0 session 1", outcome.log[-1])

    def test_nothing_of_the_host_reaches_the_helper(self):
        os.environ["SSLKEYLOGFILE"] = "/tmp/keys"
        self.expect(self.run_helper("surroundings"))

    def test_hosts_with_closed_descriptors_and_any_sigchld(self):
        for closed in ("", "0", "1", "2", "01", "02", "12", "012"):
            for sigchld in (None, "ignore", "reap"):
                with self.subTest(closed=closed, sigchld=sigchld):
                    settings = {"close": closed} if closed else {}
                    if sigchld:
                        settings["sigchld"] = sigchld
                    self.expect(self.run_helper("surroundings", **settings))
                    self.assert_refused("crash", "PAM_SERVICE_ERR", **settings)


class LocalRules(Scripted):
    """Whatever the helper would say: these are refused before it is started."""

    def setUp(self):
        super().setUp()
        (SCRIPTED / "behaviour").write_text("allow\n")

    def assert_local(self, user, result, options="", answers=("any",)):
        outcome = self.run_helper("allow", user=user, options=options, answers=answers)
        self.assertEqual(outcome.results, [result], outcome.text)
        self.assertEqual(outcome.hidden, ["Password: "])
        self.assertEqual(outcome.errors, [])  # as after a wrong password
        return outcome

    def test_unknown_root_and_low_uids_see_the_same_prompt_and_sentence(self):
        self.assert_local("nobody-here", "PAM_USER_UNKNOWN")
        self.assert_local("root", "PAM_PERM_DENIED")
        self.assert_local("daemon", "PAM_PERM_DENIED")
        self.assert_local("alice", "PAM_PERM_DENIED", options="min_uid=1002")

    def test_the_bound_of_min_uid_is_inclusive(self):
        self.assertEqual(self.run_helper("allow", options="min_uid=1001").results, ["PAM_SUCCESS"])

    def test_a_late_answer_reads_the_same_whoever_is_asked(self):
        for user in ("alice", "nobody-here"):
            outcome = self.run_helper("ask", user=user, answers=("<wait:5200>", "x"), options="timeout=5")
            self.assertEqual(outcome.errors, ["That took too long. Please start again."])

    def test_the_log_has_it_before_the_person_does(self):
        outcome = self.run_helper("crash")
        kinds = [line.split()[0] for line in outcome.lines]
        self.assertLess(kinds.index("log"), kinds.index("error"), outcome.text)

    def test_names_and_addresses_cannot_forge_the_log(self):
        outcome = self.run_helper("allow", user="evil\x1b[2J\nuser=root \u202e%n", answers=("x",),
                                  rhost="192.0.2.1 reason=\"allowed\"\r\n")
        self.assertEqual(outcome.results, ["PAM_USER_UNKNOWN"])
        self.assertIn("login denied user=evil?[2J?user_root_???%n service=login "
                      "rhost=192.0.2.1_reason_\"allowed\"?? flow= ", outcome.log[-1])

    def test_an_over_long_name_is_unknown(self):
        outcome = self.run_helper("allow", user="a" * 300)
        self.assertEqual(outcome.results, ["PAM_USER_UNKNOWN"])

    def test_a_name_that_the_directory_folds_is_unknown(self):
        self.host.users({"alice": 1001})
        self.assert_local("Alice", "PAM_USER_UNKNOWN")


class Conversation(Scripted):
    def test_answers_are_asked_hidden_and_shown_as_the_helper_says(self):
        outcome = self.run_helper("ask", answers=("secret", "123456"))
        self.assertEqual((outcome.results, outcome.hidden, outcome.shown), (["PAM_SUCCESS"], ["Say: "], ["Say: "]))

    def test_a_host_that_cannot_ask(self):
        self.assert_refused("ask", "PAM_CONV_ERR", answers=("<fail>",))

    def test_a_host_that_can_no_longer_ask_has_cancelled(self):
        """A guess went out, and pam_faillock counts PAM_AUTH_ERR."""
        first = f"auth optional {SCRIPTED / 'pam_cognito_oidc.so'} config={self.config} timeout=5\n"
        for before, options, script, answers in (
                ("", "", "prompt password|prompt echo_on", ("secret", "<fail>")),
                ("", "", "prompt echo_on|prompt password", ("1", "<fail>")),
                ("", "", "prompt password|prompt new", ("secret", "<fail>")),
                ("", "", "prompt password|prompt echo_on|prompt echo_on", ("secret", "000000", "<fail>")),
                ("", "", "prompt echo_on|tell That code is wrong.|prompt echo_on", ("000000", "<fail>")),
                # An earlier module's password is an answer, too.
                (first, "use_first_pass", "prompt password|prompt echo_on", ("secret", "1", "<fail>")),
                (first, "try_first_pass", "prompt password|prompt again", ("secret", "1", "<fail>"))):
            with self.subTest(script):
                (SCRIPTED / "behaviour").write_text("script\n" + script.replace("|", "\n") + "\nresult 9 x\n")
                self.host.service("login", f"config={self.config} timeout=30 {options}", before=before)
                outcome = self.host.drive("alice", ("auth",), answers)
                self.assertEqual(outcome.results, ["PAM_AUTH_ERR"], outcome.text)
                self.assertIn('reason="cancelled: the host program cannot ask the user" ', outcome.log[-1])
                self.assertEqual(outcome.errors[-1], "Cancelled.")

    def test_but_each_sign_in_begins_anew(self):
        outcome = self.run_helper("script\nprompt password\nprompt echo_on\nresult 9 x", ("auth", "auth"),
                                  ("secret", "<fail>", "<fail>"))
        self.assertEqual(outcome.results, ["PAM_AUTH_ERR", "PAM_CONV_ERR"], outcome.text)

    def test_what_the_person_is_told_is_in_the_log_before(self):
        """They may kill a set-uid program as soon as they know."""
        outcome = self.run_helper("script\nprompt echo_on\ntell That code\\nis wrong.\nprompt echo_on\nresult 9 x",
                                  answers=("1", "2"), rhost="192.0.2.1")
        kinds = [line.split()[0] for line in outcome.lines]
        self.assertEqual(kinds[:6], ["shown", "log", "error", "shown", "log", "error"], outcome.text)
        self.assertIn("helper: to user=alice rhost=192.0.2.1: That code is wrong.", outcome.log[0])

    def test_no_answer_is_a_cancellation(self):
        self.assert_refused("ask", "PAM_AUTH_ERR", answers=("<null>",))

    def test_an_empty_password_is_not_sent(self):
        outcome = self.assert_refused("ask", "PAM_AUTH_ERR", answers=("",))
        self.assertIn("empty password", outcome.log[-1])

    def test_an_answer_over_1024_bytes_is_a_cancellation(self):
        self.assert_refused("ask", "PAM_AUTH_ERR", answers=("x" * 1025,))
        self.assertEqual(self.run_helper("ask", answers=("x" * 1024, "y")).results, ["PAM_SUCCESS"])

    def test_sshd_s_stand_in_for_a_password_is_never_sent(self):
        full = "\b\n\r\x7fINCORRECT"
        for length in (1, 2, 3, 4, 8, 13, 14, 21, 40):
            answer = (full * 4)[:length]
            with self.subTest(length):
                outcome = self.assert_refused("ask", "PAM_AUTH_ERR", answers=(answer,))
                self.assertIn("placeholder", outcome.log[-1])

    def test_a_password_that_only_resembles_the_stand_in_is_sent(self):
        self.assertEqual(self.run_helper("ask", answers=("\b\n\r\x7fINCORRECx", "y")).results, ["PAM_SUCCESS"])

    def test_typing_is_not_interrupted_but_the_deadline_is_looked_at_afterwards(self):
        outcome = self.assert_refused("ask", "PAM_AUTH_ERR", answers=("<wait:5300>", "secret"), options="timeout=5")
        self.assertIn("no answer in time", outcome.log[-1])

    def test_pam_silent_silences_messages(self):
        outcome = self.run_helper("crash", flags="silent")
        self.assertEqual(outcome.errors, [])

    def test_but_not_sudos_which_never_says_anything_else(self):
        outcome = self.run_helper("crash", flags="silent", service="sudo")
        self.assertEqual(len(outcome.errors), 1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be set-uid")
    def test_nor_that_of_sudo_under_another_name(self):
        outcome = self.run_helper("crash", flags="silent", ruid="1001")
        self.assertEqual(len(outcome.errors), 1)


class FirstPass(Scripted):
    def setUp(self):
        super().setUp()
        self.first = f"auth optional {SCRIPTED / 'pam_cognito_oidc.so'} config={self.config} timeout=5\n"

    def run_second(self, options, answers):
        (SCRIPTED / "behaviour").write_text("ask\n")
        self.host.service("login", f"config={self.config} timeout=5 {options}", before=self.first)
        return self.host.drive("alice", ("auth",), answers)

    def test_use_first_pass_takes_the_earlier_password_without_asking(self):
        outcome = self.run_second("use_first_pass", ("secret", "1", "2"))
        self.assertEqual((outcome.results, len(outcome.hidden), len(outcome.shown)), (["PAM_SUCCESS"], 1, 2))

    def test_try_first_pass_takes_it_too(self):
        outcome = self.run_second("try_first_pass", ("secret", "1", "2"))
        self.assertEqual((outcome.results, len(outcome.hidden), len(outcome.shown)), (["PAM_SUCCESS"], 1, 2))

    def test_an_empty_earlier_password_is_none(self):
        outcome = self.run_second("try_first_pass", ("", "secret", "2"))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 2), outcome.text)

    def test_without_them_it_is_asked_again(self):
        outcome = self.run_second("", ("secret", "1", "secret", "2"))
        self.assertEqual((outcome.results, len(outcome.hidden)), (["PAM_SUCCESS"], 2))

    def test_use_first_pass_without_an_earlier_password_is_refused(self):
        self.assert_refused("ask", "PAM_AUTH_ERR", options="use_first_pass")

    def test_try_first_pass_without_an_earlier_password_asks(self):
        outcome = self.run_helper("ask", options="try_first_pass", answers=("secret", "1"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"])


class Gate(Scripted):
    def test_account_without_auth_is_denied(self):
        self.assertEqual(self.run_helper("allow", ("acct",)).results, ["PAM_PERM_DENIED"])

    def test_account_for_another_user_or_service_is_denied(self):
        for change in ("user=bob", "service=sudo"):
            with self.subTest(change):
                outcome = self.run_helper("allow", ("auth", change, "acct"))
                self.assertEqual(outcome.results, ["PAM_SUCCESS", "PAM_PERM_DENIED"])

    def test_account_after_a_change_back_is_allowed(self):
        outcome = self.run_helper("allow", ("auth", "user=bob", "user=alice", "acct"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS", "PAM_SUCCESS"])

    def test_a_failed_second_auth_takes_the_first_one_s_yes_away(self):
        outcome = self.run_helper("allow", ("auth", "user=root", "auth", "user=alice", "acct"), answers=("x",))
        self.assertEqual(outcome.results, ["PAM_SUCCESS", "PAM_PERM_DENIED", "PAM_PERM_DENIED"])

    def test_done_is_no_yes_to_a_login(self):
        self.assert_refused("done", "PAM_SERVICE_ERR")

    def test_a_yes_to_a_login_changes_no_password(self):
        self.assertEqual(self.run_helper("allow", ("chauthtok",), ruid="1001").results, ["PAM_SERVICE_ERR"])

    def test_a_changed_password_is_a_success(self):
        self.assertEqual(self.run_helper("done", ("chauthtok",), ruid="1001").results, ["PAM_SUCCESS"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be root")
    def test_root_changes_nobody_s_password(self):
        outcome = self.run_helper("done", ("chauthtok",))
        self.assertEqual(outcome.results, ["PAM_AUTHTOK_ERR"])
        self.assertIn("Root cannot change a password that is in Amazon Cognito", outcome.text)

    def test_the_password_phase_ignores_those_who_are_none_of_ours(self):
        for user in ("root", "daemon"):
            outcome = self.run_helper("done", ("chauthtok",), user=user)
            # A stack in which every module says PAM_IGNORE is no success.
            self.assertEqual(outcome.results, ["PAM_PERM_DENIED"], outcome.text)
            self.assertEqual(outcome.log, [])


class Options(Scripted):
    def test_what_is_unknown_malformed_or_doubled_refuses_and_is_named(self):
        rows = {"verbose": "unknown", "Debug": "unknown", "debug=1": "unknown", "timeout=4": "malformed",
                "timeout=601": "malformed", "timeout=1e2": "malformed", "timeout=": "malformed",
                "min_uid=-1": "malformed", "min_uid=4294967295": "malformed", "min_uid=0x10": "malformed",
                "config=relative": "malformed", "flow=telepathy": "malformed", "debug debug": "twice",
                "use_first_pass try_first_pass": "contradicts", "flow=": "malformed", "qr=big": "malformed",
                "prompt=maybe": "malformed",
                "reuse=1": "unknown", "reuse reuse": "twice", "max_age=": "malformed", "max_age=-1": "malformed",
                "max_age=1h": "malformed", "max_age=315360001": "malformed", "local=": "malformed",
                "local=,bob": "malformed", "local=bob,": "malformed", "local=bob,,eve": "malformed",
                "unmanaged=": "malformed", "unmanaged=allow": "malformed", "unmanaged=Deny": "malformed",
                "allow_root=yes": "unknown", "grant=": "malformed", "grant=video,": "malformed",
                "grant=video grant=video": "twice"}
        for options, words in rows.items():
            with self.subTest(options):
                self.host.service("login", options)
                outcome = self.host.drive("alice", ("auth",))
                self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
                self.assertIn(words, outcome.log[-1])
                self.assertIn(options.split()[0], outcome.log[-1])
                self.assertIn("login denied user=alice service=login ", outcome.log[-1])


class ConfigFile(Scripted):
    def assert_untrusted(self, words, path=None):
        self.host.service("login", f"config={path or self.config} timeout=5")
        (SCRIPTED / "behaviour").write_text("allow\n")
        outcome = self.host.drive("alice", ("auth",))
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
        self.assertIn(words, outcome.log[-1])
        self.assertEqual(outcome.hidden, [])

    def test_absent(self):
        self.config.unlink()
        self.assert_untrusted("missing")

    def test_readable_or_writable_by_others(self):
        for mode in (0o644, 0o640, 0o620, 0o602, 0o601):
            self.config.chmod(mode)
            with self.subTest(oct(mode)):
                self.assert_untrusted("group or others")

    def test_a_symbolic_link(self):
        link = self.host.dir / "link"
        link.symlink_to(self.config)
        self.assert_untrusted("symbolic link", link)

    def test_a_fifo_does_not_make_the_host_wait(self):
        fifo = self.host.dir / "fifo"
        os.mkfifo(fifo, 0o600)
        self.assert_untrusted("not a regular file", fifo)

    def test_a_folder_and_a_device(self):
        self.assert_untrusted("not a regular file", self.host.dir)
        self.assert_untrusted("not a regular file" if os.geteuid() == 0 else "not", "/dev/zero")

    def test_at_most_1_mib(self):
        self.config.write_bytes(b" " * 1048577)
        self.assert_untrusted("1 MiB")
        self.config.write_bytes(b" " * 1048576)
        self.assertEqual(self.run_helper("allow").results, ["PAM_SUCCESS"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root to give a file away")
    def test_another_owner(self):
        os.chown(self.config, 65534, 65534)
        self.assert_untrusted("not owned")


class HelperFile(Scripted):
    def assert_unstartable(self, words):
        outcome = self.host.drive("alice", ("auth",))
        self.assertEqual(outcome.results, ["PAM_SERVICE_ERR"], outcome.text)
        self.assertIn(words, outcome.log[-1])

    def test_missing_not_executable_or_writable_by_others(self):
        harness.own_start_alone()
        helper = SCRIPTED / "helper"
        self.host.service("login", f"config={self.config} timeout=5")
        mode = helper.stat().st_mode
        away = helper.with_suffix(".away")
        try:
            helper.chmod(0o757)
            self.assert_unstartable("missing, or writable by someone other than root")
            with self.subTest("not executable"):
                harness.spawn_tells()
                helper.chmod(0o644)
                self.assert_unstartable("cannot be executed")
            helper.rename(away)
            self.assert_unstartable("missing, or writable")
        finally:
            if away.exists():
                away.rename(helper)
            helper.chmod(mode)


if __name__ == "__main__":
    harness.main()
