#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What bash and zsh offer behind TAB is what the command takes: every verb, every option, every
word that a value may be."""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position
import help_text  # pylint: disable=wrong-import-position

COMMAND = str(harness.TEST / "cognito-oidc")
VERBS = help_text.verbs(COMMAND)
SCRIPTS = harness.ROOT / "conf/completions"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
SERVICES = {path.name for path in pathlib.Path("/etc/pam.d").iterdir()} if pathlib.Path("/etc/pam.d").is_dir() else set()


def installed(name):
    """The script as `make install` writes it, for the command of the test build."""
    text = (SCRIPTS / name).read_text(encoding="utf-8")
    assert text.count("command=/usr/sbin/cognito-oidc") == 1
    return text.replace("command=/usr/sbin/cognito-oidc", f"command={COMMAND}")


class Offered(unittest.TestCase):
    """The same questions for each shell. complete(words): what it offers for the last of them."""
    __test__ = False
    shows_options = False  # beside the verbs

    def complete(self, *words):
        raise NotImplementedError

    def same(self, words, offered):
        self.assertEqual(set(self.complete(*words)), set(offered), words)

    def test_verbs(self):
        self.same([""], [*VERBS, "--help", "--version"] if self.shows_options else VERBS)
        self.same(["wh"], ["whoami"])
        self.same(["zz"], [])
        self.same(["--"], ["--help", "--version"])

    def test_options_of_each_verb(self):
        for name, verb in VERBS.items():
            self.same([name, "-"], verb.options)
            self.same([name, "--json", "--"], set(verb.options) - {"--json"})

    def test_words_of_a_value(self):
        for name, verb in VERBS.items():
            for option, form in verb.options.items():
                if re.match(r"[a-z]+\|", form):
                    self.same([name, option, ""], form.split("|"))
                    self.same([name, option + "=" + form[0]], [word for word in form.split("|") if word[0] == form[0]])
            if re.match(r"\[?[a-z-]+\|", verb.words):
                self.same([name, ""], verb.words.strip("[].").split("|"))

    def test_values_that_are_optional(self):
        """--try[=SECONDS] takes nothing from the next word: what follows is the verb's own."""
        for name, verb in VERBS.items():
            for option, form in verb.options.items():
                if form.startswith("[=") and re.match(r"\[?[a-z-]+\|", verb.words):
                    self.same([name, option, ""], verb.words.strip("[].").split("|"))

    def test_services(self):
        if not SERVICES:
            self.skipTest("no /etc/pam.d")
        for name in ("explain", "login"):
            self.same([name, "--service", ""], SERVICES)
            first = min(SERVICES)
            self.same([name, f"--service={first[:3]}"], {name for name in SERVICES if name.startswith(first[:3])})

    def test_users(self):
        for words in (["login", "roo"], ["explain", "--user", "roo"], ["tickets", "--clear", "roo"]):
            self.assertIn("root", self.complete(*words))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "claims one.json").write_text("{}", encoding="utf-8")
            for option in ("--claims", "--token", "--jwks", "--config"):
                offered = self.complete("explain", option, folder + "/cl")
                self.assertEqual(len(offered), 1)
                self.assertTrue(offered[0].replace("\\", "").endswith("claims one.json"), offered)

    def test_of_an_unknown_verb_nothing(self):
        self.same(["nonsense", "--"], [])


class Bash(Offered):
    __test__ = True
    shows_options = True

    def complete(self, *words):
        # readline splits words at '='.
        split = [part for word in words for part in (re.split("(=)", word) if "=" in word else [word])]
        split = [part for number, part in enumerate(split) if part or number == len(split) - 1]
        script = installed("cognito-oidc.bash") + """
COMP_WORDS=(cognito-oidc "$@") COMP_CWORD=$#
complete -p cognito-oidc >/dev/null || exit 3
_cognito_oidc cognito-oidc "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
for each in "${COMPREPLY[@]}"; do printf '%s\\n' "$each"; done
"""
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", *split], capture_output=True, text=True, timeout=60, check=True,
                              env=ENVIRONMENT)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()


class Shell:
    """An interactive shell on a terminal, with the script where its package puts it."""

    def __init__(self, case, words, setup):
        self.parent, child = pty.openpty()
        self.process = subprocess.Popen(words, stdin=child, stdout=child, stderr=child, start_new_session=True,  # pylint: disable=consider-using-with
                                        env={**ENVIRONMENT, "HOME": "/nonexistent", "PS1": "", "HISTFILE": ""})
        os.close(child)
        case.addCleanup(self.stop)
        self.type(setup)

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.close(self.parent)

    def type(self, text):
        os.write(self.parent, text.encode())

    def read_until(self, mark, seconds=60):
        text, end = "", time.monotonic() + seconds
        while mark not in text:
            ready, _, _ = select.select([self.parent], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {mark!r} in {text!r}")
            text += os.read(self.parent, 65536).decode(errors="replace")
        return text


class BashTerminal(unittest.TestCase):
    """TAB, in a shell that somebody types into."""

    def test_tab(self):
        with tempfile.NamedTemporaryFile("w", suffix=".bash") as script:
            script.write(installed("cognito-oidc.bash"))
            script.flush()
            shell = Shell(self, ["bash", "--norc", "-i"], f". {script.name}; bind 'set bell-style none'; "
                          "cognito-oidc() { printf '<%s>' \"$@\"; echo END; }; echo RE''ADY\n")
            shell.read_until("READY")
            for typed, becomes in (("doc\t", "<doctor>"), ("login alice --fl\tbr\t", "<login><alice><--flow><browser>"),
                                   ("login alice --flow=dev\t", "<login><alice><--flow=device>"), ("explain --us\troo\t", "<explain><--user><root>")):
                shell.type(f"cognito-oidc {typed}\n")
                self.assertIn(becomes, shell.read_until("END\r\n"))


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(Offered):
    __test__ = True

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="zsh-")
        cls.addClassCleanup(cls.folder.cleanup)
        pathlib.Path(cls.folder.name, "_cognito-oidc").write_text(installed("_cognito-oidc"), encoding="utf-8")

    def setUp(self):
        # compadd tells what it would offer; nothing is drawn, so that nothing must be read from a screen.
        self.shell = Shell(self, ["zsh", "-f", "-i", "+V"], f"fpath=({self.folder.name} $fpath); autoload -Uz compinit; compinit -D -u; "
                           "zstyle ':completion:*' completer _complete; zstyle ':completion:*' list-grouped no; "
                           "compadd() { if [[ $1 == -D || ${@[(I)-[OAD]]} != 0 ]]; then builtin compadd \"$@\"; return; fi; "
                           "local -a found; builtin compadd -O found \"$@\"; print -rl -- ${found/#/OFFER:}; return 1 }; "
                           "show() { _main_complete; print -r -- 'DO''NE' }; zle -C show complete-word show; bindkey '^I' show; PS1=; print RE''ADY\n")
        self.shell.read_until("READY")

    def complete(self, *words):
        self.shell.type("\x15cognito-oidc " + " ".join(words) + "\t")
        text = self.shell.read_until("DONE")
        self.shell.type("\x15")
        return list(dict.fromkeys(re.findall(r"OFFER:(.*?)\r", text)))


if __name__ == "__main__":
    del Offered
    harness.main()
