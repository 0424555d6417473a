#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What every verb shares: help, version, what is said after a mistake, colour."""
import os
import pathlib
import pty
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position
import help_text  # pylint: disable=wrong-import-position

COMMAND = str(harness.TEST / "cognito-oidc")
VERBS = help_text.verbs(COMMAND)
TEXT = {"LANG": "C.UTF-8", "TERM": "xterm"}


def run(*arguments, env=None):
    done = subprocess.run([COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False, env=TEXT if env is None else env)
    return done.returncode, done.stdout, done.stderr


def on_terminal(*arguments, env):
    """What the command writes to a terminal."""
    parent, child = pty.openpty()
    with subprocess.Popen([COMMAND, *arguments], stdin=child, stdout=child, stderr=subprocess.DEVNULL, env=env) as process:
        os.close(child)
        text = b""
        while True:
            try:
                more = os.read(parent, 65536)
            except OSError:
                more = b""
            if not more:
                break
            text += more
        process.wait(timeout=60)
    os.close(parent)
    return text.decode()


def page():
    return (harness.ROOT / "docs/cognito-oidc.8").read_text(encoding="utf-8")


def chapter(title):
    found = re.search(rf"^\.S[hs] {re.escape(title)}\n(.*?)(?=^\.S[hs] |\Z)", page(), re.S | re.M)
    return found.group(1) if found else ""


class Help(unittest.TestCase):
    def test_of_the_command(self):
        code, out, err = run("--help")
        self.assertEqual((code, err), (0, ""))
        self.assertGreaterEqual(len(VERBS), 8)
        for verb in VERBS.values():
            self.assertRegex(out, rf"(?m)^  {verb.name} +{re.escape(verb.purpose)}$")

    def test_of_each_verb(self):
        for verb in VERBS.values():
            with self.subTest(verb=verb.name):
                self.assertRegex(verb.purpose, r"^[a-z].*[^.]$")
                self.assertTrue(verb.usage.startswith(f"cognito-oidc {verb.name}"))
                named = set(re.findall(r"--[a-z-]+", verb.usage))
                self.assertNotIn("(null)", verb.text)
                self.assertEqual(named, set(verb.options) - {"--help"}, "usage and options")
                self.assertIn(f" {verb.words}".rstrip(), verb.usage)
                self.assertIn(f"cognito-oidc {verb.name}", verb.example)
                self.assertEqual([line for line in verb.text.splitlines() if len(line) > 80], [])

    def test_an_example_is_a_command_that_the_verb_takes(self):
        for verb in VERBS.values():
            with self.subTest(verb=verb.name):
                words = re.sub(r"[<>|].*", "", verb.example).split(f"cognito-oidc {verb.name}", 1)[1].split()
                # An option that does not exist is found last: what stands before it was read.
                _, _, err = run(verb.name, *words, "--no-such-option-at-all")
                self.assertTrue(err.startswith("cognito-oidc: --no-such-option-at-all: unknown argument"), err)

    def test_each_option_is_read(self):
        for verb in VERBS.values():
            for option, form in verb.options.items():
                if option == "--help":
                    continue
                with self.subTest(verb=verb.name, option=option):
                    value = form.strip("[]=").split("|")[0]
                    given = f"{option}={value}" if form and (form[0] != "[" or form[1] == "=") else option
                    code, out, err = run(verb.name, given, given)
                    self.assertEqual((code, out), (2, ""))
                    self.assertTrue(err.startswith(f"cognito-oidc: {option}: may be given once\n"), err)

    def test_the_manual_has_each_option(self):
        synopsis = chapter("SYNOPSIS").replace("\n", " ")
        for verb in VERBS.values():
            with self.subTest(verb=verb.name):
                part = chapter(verb.name)
                own = set(verb.options) - {"--help", "--config", "--json"}
                told = {"--" + name for line in re.findall(r"^\.It (Fl Fl .*)$", part, re.M) for name in re.findall(r"Fl Fl ([a-z-]+)", line)}
                self.assertEqual(own, told - {"--config"})
                line = " ".join(re.findall(rf"\.Cm {verb.name} (.*?)(?=\.Nm|$)", synopsis))
                self.assertEqual({"--" + name for name in re.findall(r"Fl Fl ([a-z-]+)", line)}, set(verb.options) - {"--help"})

    def test_help_wins_over_what_stands_beside_it(self):
        for words in (("tickets", "--clear", "--help"), ("login", "--help"), ("explain", "--nonsense", "--help"), ("login", "a", "b", "--help")):
            code, out, err = run(*words)
            self.assertEqual((code, out, err), (0, VERBS[words[0]].text, ""), words)

    def test_without_a_reader(self):
        for words in (("--help",), ("login", "--help"), ("--version",)):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (2, "cognito-oidc: cannot write the output\n"), words)


class Version(unittest.TestCase):
    def test_command_package_and_changelog_agree(self):
        code, out, err = run("--version")
        self.assertEqual((code, err), (0, ""))
        version = re.fullmatch(r"cognito-oidc (\d+\.\d+\.\d+\S*)\n", out).group(1)
        package = (harness.ROOT / "conf/debian/changelog").read_text(encoding="utf-8")
        self.assertEqual(re.match(r"pam-cognito-oidc \((.*?)\) ", package).group(1), version)
        changes = (harness.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        self.assertEqual(re.search(r"^## (\S+)", changes, re.M).group(1), version)


class Mistakes(unittest.TestCase):
    """Exit code 2, nothing on standard output, and a hint."""

    def refused(self, *words):
        code, out, err = run(*words)
        self.assertEqual((code, out), (2, ""), words)
        return err

    def test_no_verb(self):
        err = self.refused()
        self.assertTrue(err.startswith("usage: cognito-oidc VERB"), err)
        for name in VERBS:
            self.assertRegex(err, rf"\b{name}\b")

    def test_the_nearest_verb(self):
        for typed, meant in (("docter", "doctor"), ("tikets", "tickets"), ("expalin", "explain"), ("chekc", "check"), ("tick", "tickets"),
                             ("who", "whoami"), ("logn", "login"), ("Verify", "verify"), ("jwsk", "jwks"), ("--doctor", "doctor")):
            self.assertTrue(self.refused(typed).startswith(f"cognito-oidc: {typed}: no such verb; did you mean {meant}?\n"), typed)

    def test_nothing_is_near(self):
        for typed in ("frobnicate", "x", "", "-", "--", "q" * 5000, "lo\x1bgxyz", "--helpless-and-lost"):
            err = self.refused(typed)
            self.assertNotIn("did you mean", err, typed)
            self.assertNotIn("\x1b", err)

    def test_the_nearest_option(self):
        for verb, typed, meant in (("explain", "--jkws", "--jwks"), ("explain", "--claim=x", "--claims"), ("verify", "--acess", "--access"),
                                   ("tickets", "--cler", "--clear"), ("tickets", "-clear", "--clear"), ("login", "--services", "--service"),
                                   ("check", "--confg", "--config"), ("check", "--jsn", "--json"), ("doctor", "--hlep", "--help")):
            err = self.refused(verb, typed)
            self.assertTrue(err.startswith(f"cognito-oidc: {typed}: unknown argument; did you mean {meant}?\nusage: cognito-oidc {verb}"), err)
        for verb, typed in (("check", "--flow"), ("jwks", "--clear"), ("check", "-x"), ("check", "-"), ("check", ""), ("check", "--" + "j" * 3000)):
            err = self.refused(verb, typed)
            self.assertNotIn("did you mean", err)
            self.assertIn(f"\nusage: cognito-oidc {verb}", err)

    def test_words_and_values(self):
        for words, why in ((("check", "x"), "x: unknown argument"), (("login",), "login: USER is missing"), (("login", "a", "b"), "b: unknown argument"),
                           (("login", ""), ": unknown argument"), (("login", "a", "--flow", "smoke"), "--flow: smoke: not one of password|device|browser"),
                           (("login", "a", "--flow=pass"), "--flow: pass: not one of"), (("login", "a", "--flow="), "--flow: needs a value"),
                           (("login", "a", "--flow"), "--flow: needs a value"), (("jwks", "--refresh=1"), "--refresh: takes no value"),
                           (("tickets", "--clear=bob"), "--clear: takes no value"), (("tickets", "--json", "--json"), "--json: may be given once"),
                           (("verify", "--now", "soon"), "--now: needs seconds since 1970"), (("verify", "--now", "9" * 13), "--now: needs seconds"),
                           (("--version", "x"), "--version: no such verb"), (("--help", "x"), "--help: no such verb")):
            self.assertTrue(self.refused(*words).startswith(f"cognito-oidc: {why}"), (words, self.refused(*words)))

    def test_words_that_do_not_go_together(self):
        alone, one = "enable: --keep and --check take nothing else", "disable: needs one of SERVICE..., --all and --try"
        time, service = "--try: needs ", "login: --service: not the name of a PAM service"
        none = "accounts list: takes neither --from, --force nor --prune"
        rows = ((alone, ("enable", "--keep", "--check")), (alone, ("enable", "--keep", "sshd")), (alone, ("enable", "--check", "--dry-run")),
                (alone, ("enable", "--keep", "--try")), (alone, ("enable", "--check", "--no-break-glass")), (alone, ("enable", "--check", "--sudo=gate")),
                ("enable: which service?", ("enable",)), (time, ("enable", "--try=1", "sshd")), (time, ("enable", "--try=x", "sshd")),
                (time, ("enable", "--try=999999", "sshd")), (one, ("disable",)), (one, ("disable", "--all", "su")), (one, ("disable", "--try", "--force")),
                (one, ("disable", "--all", "--try")), (one, ("disable", "--try", "su")), (none, ("accounts", "list", "--prune", "3")),
                (none, ("accounts", "list", "--force")), (none, ("accounts", "list", "--from", "/x")), ("--prune: needs", ("accounts", "plan", "--prune", "x")),
                ("--prune: needs", ("accounts", "plan", "--prune", "36501")), *((service, ("login", "bob", "--service", name)) for name in
                                                                               ("other", ".x", "../su", "a b", "x" * 65)))
        for why, words in rows:
            why = why if os.geteuid() == os.stat(COMMAND).st_uid else f"{words[0]}: only root may do this"
            self.assertTrue(self.refused(*words).startswith(f"cognito-oidc: {why}"), (words, self.refused(*words)))

    def test_options_may_stand_before_the_word(self):
        for words in (("whoami", "--config", "/nonexistent", "root"), ("whoami", "root", "--config", "/nonexistent")):
            self.assertIn("/nonexistent", self.refused(*words))


class Colour(unittest.TestCase):
    """Only on a terminal that has it, and only if nobody objects."""
    WORDS = ("verify", "--jwks", "/dev/null")

    def setUp(self):
        self.words = ("check", "--config", str(harness.ROOT / "conf/config.json"))

    def test_on_a_terminal(self):
        self.assertRegex(on_terminal(*self.words, env=TEXT), "\x1b\\[(32mok  |1;31mFAIL)\x1b\\[0m ")

    def test_the_text_is_the_same(self):
        plain = on_terminal(*self.words, env={**TEXT, "NO_COLOR": "1"})
        self.assertNotIn("\x1b", plain)
        self.assertEqual(re.sub("\x1b\\[[0-9;]*m", "", on_terminal(*self.words, env=TEXT)), plain)

    def test_nowhere_else(self):
        for env in ({**TEXT, "TERM": "dumb"}, {"LANG": "C.UTF-8"}, {**TEXT, "TERM": ""}, {**TEXT, "NO_COLOR": "0"}):
            self.assertNotIn("\x1b", on_terminal(*self.words, env=env), env)
        self.assertNotIn("\x1b", run(*self.words)[1])
        self.assertNotIn("\x1b", on_terminal(*self.words, "--json", env=TEXT))
        self.assertIn("\x1b", on_terminal(*self.words, env={**TEXT, "NO_COLOR": ""}))


if __name__ == "__main__":
    harness.main()
