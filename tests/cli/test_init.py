#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`cognito-oidc init`: what it writes is what check calls good, every mistake gets a sentence and
leaves nothing, and a configuration that exists is safe."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position

COMMAND = str(harness.TEST / "cognito-oidc")
POOL, CLIENT = "eu-west-1_AbCdEf123", "6o7h8i9jexampleclientid"
GOOD = {"--pool": POOL, "--client-id": CLIENT, "--groups": "linux-users", "--admin-groups": "linux-admins"}


def run(*arguments, before=()):
    done = subprocess.run([*before, COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                          env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def without_comments(text):
    return json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//.*', r"\1", text))


class Init(unittest.TestCase):
    def setUp(self):
        own = tempfile.TemporaryDirectory(prefix="init-", dir=harness.TEST)
        self.addCleanup(own.cleanup)
        self.dir = pathlib.Path(own.name)
        self.dir.chmod(0o755)
        self.file = self.dir / "config.json"

    def init(self, *more, before=(), **changed):
        given = {**GOOD, **{"--" + name.replace("_", "-"): value for name, value in changed.items()}}
        words = [word for option, value in given.items() if value is not None for word in (option, value)]
        return run("init", *words, "--config", str(self.file), *more, before=before)

    def written(self, **changed):
        code, out, err = self.init(**changed)
        self.assertEqual((code, err), (0, ""), changed)
        self.assertIn(f"next: cognito-oidc doctor --config {self.file}\n", out)
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o600)
        self.assertEqual([path.name for path in self.dir.iterdir()], ["config.json"])
        text = self.file.read_text(encoding="utf-8")
        code, checked, _ = run("check", "--config", str(self.file), "--json")
        report = json.loads(checked)
        self.assertEqual(report["faults"], [])
        self.file.unlink()
        return without_comments(text), report["settings"], text

    def refused(self, why, *more, before=(), **changed):
        code, out, err = self.init(*more, before=before, **changed)
        self.assertEqual((code, out), (2, ""), (changed, err))
        self.assertIn(why, err)
        self.assertEqual(err.count("\n"), 1, "one sentence")
        self.assertNotRegex(err, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assertFalse(self.file.exists())
        self.assertEqual(list(self.dir.glob("*.init")), [])


class Written(Init):
    def test_groups_and_admin_groups(self):
        config, _, text = self.written(groups="linux-users,ops")
        self.assertEqual(config["config"]["certs_url"], f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json")
        self.assertEqual(config["config"]["client_id"], CLIENT)
        self.assertEqual(set(config["config"]) & {"auth_url", "token_url", "client_secret"}, set())
        self.assertEqual([(rule["name"], rule["services"], rule["groups"]) for rule in config["rules"]],
                         [("shell", ["sshd", "login"], ["linux-users", "ops", "linux-admins"]), ("admins", ["sudo", "sudo-i"], ["linux-admins"])])
        self.assertEqual(config["users"], {"from_accounts": True})
        self.assertEqual(config["accounts"], {"groups": ["linux-users", "ops", "linux-admins"], "unix_groups": ["linux-admins"],
                                              "home": "/home/%u", "shell": "/bin/bash"})
        self.assertEqual([line for line in text.splitlines() if len(line) > 130], [])

    def test_without_admin_groups(self):
        config, _, _ = self.written(admin_groups=None)
        self.assertEqual([(rule["name"], rule["groups"]) for rule in config["rules"]], [("shell", ["linux-users"])])
        self.assertNotIn("unix_groups", config["accounts"])

    def test_a_group_of_both_lists_stands_once(self):
        config, _, _ = self.written(groups="a-team,linux-admins", admin_groups="linux-admins,b-team")
        self.assertEqual(config["rules"][0]["groups"], ["a-team", "linux-admins", "b-team"])

    def test_groups_in_any_letters(self):
        groups = "équipe,группа,a:b,{x},x#,*"
        config, _, _ = self.written(groups=groups, admin_groups=None)
        self.assertEqual(config["rules"][0]["groups"], groups.split(","))

    def test_addresses_of_each_partition(self):
        for region, suffix, domain in (("eu-west-1", "amazonaws.com", "acme.auth.eu-west-1.amazoncognito.com"),
                                       ("ap-southeast-7", "amazonaws.com", "acme.auth.ap-southeast-7.amazoncognito.com"),
                                       ("us-gov-west-1", "amazonaws.com", "acme.auth-fips.us-gov-west-1.amazoncognito.com"),
                                       ("cn-north-1", "amazonaws.com.cn", None), ("eusc-de-east-1", "amazonaws.eu", None)):
            with self.subTest(region=region):
                pool = f"{region}_AbCdEf123"
                config, settings, _ = self.written(pool=pool, **({"domain": "acme"} if domain else {}))
                self.assertEqual(config["config"]["certs_url"], f"https://cognito-idp.{region}.{suffix}/{pool}/.well-known/jwks.json")
                self.assertEqual(settings["issuer"], f"https://cognito-idp.{region}.{suffix}/{pool}")
                if domain:
                    self.assertEqual((config["config"]["auth_url"], config["config"]["token_url"], settings["revocation_url"]),
                                     tuple(f"https://{domain}/oauth2/{end}" for end in ("authorize", "token", "revoke")))

    def test_the_longest_lists_are_taken(self):
        config, _, _ = self.written(groups=",".join(f"{n:02}" + "g" * 120 for n in range(32)),
                                    admin_groups=",".join(f"a{n:02}" + "h" * 29 for n in range(32)))
        self.assertEqual(len(config["rules"][0]["groups"]), 64)

    def test_a_host_as_the_domain(self):
        for pool in (POOL, "cn-north-1_AbCdEf123"):
            config, _, _ = self.written(pool=pool, domain="login.example.com")
            self.assertEqual(config["config"]["token_url"], "https://login.example.com/oauth2/token")

    def test_a_secret(self):
        file = self.dir.parent / f"secret-{self.dir.name}"
        self.addCleanup(file.unlink)
        for text in ('1q2w3e4r\n', '1q2w3e4r', 'with"quote\\and//slashes'):
            file.write_text(text)
            file.chmod(0o600)
            code, out, err = self.init(secret_file=str(file))
            self.assertEqual((code, err), (0, ""))
            self.assertNotIn(text.strip(), out)
            self.assertIn(f'"client_secret": {json.dumps(text.strip())},', self.file.read_text())
            self.file.unlink()

    def test_whatever_the_umask(self):
        code, _, _ = self.init(before=("sh", "-c", 'umask 000; exec "$@"', "sh"))
        self.assertEqual((code, self.file.stat().st_mode & 0o777), (0, 0o600))

    def test_json(self):
        code, out, err = self.init("--json")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(json.loads(out), {"config": str(self.file), "pool": POOL, "client_id": CLIENT, "next": f"cognito-oidc doctor --config {self.file}"})

    def test_what_a_killed_run_left_is_taken_over(self):
        left = self.dir / "config.json.init"
        left.write_text("half of a configuration" * 1000)
        left.chmod(0o600)
        self.written()


class Refused(Init):
    def test_needed(self):
        for option in ("pool", "client_id", "groups"):
            self.refused("--pool, --client-id and --groups are needed", **{option: None})

    def test_pool(self):
        for pool in ("AbCdEf123", "eu-west-1", "eu-west-1_", "_AbC", "EU-WEST-1_AbC", "eu-west-1_Ab-C", "eu-west-1 _AbC", "eu-west-1_Ab\nC", "eu_west_1_AbC",
                     "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC", "eu-west-1_" + "a" * 60, "arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_AbC",
                     "eu-west-1_AbC/../x", "../../etc/x_1", "eu-west-1_\xe9"):
            self.refused("is no user pool id", pool=pool)
        self.refused("not known here", pool="us-iso-east-1_AbCdEf123")
        self.refused("not known here", pool="us-isob-east-1_AbCdEf123")

    def test_client_id(self):
        for client in ("a b", 'a"b', "a\nb", "a/b", "<client id>", "x" * 129, "a,b", "\xe9"):
            self.refused("is no app client id", client_id=client)

    def test_groups(self):
        for groups, why in (("", "needs a value"), (",", "is empty"), ("a,", "is empty"), ("a,,b", "is empty"), ('a"b', "a quote"), ("a'b", "a quote"),
                            ("a\\b", "a backslash"), ("a\nb", "control character"), ("a\x1b[31m", "control character"), ("a, b", "a space"), ("a,a", "named twice"),
                            ("x" * 129, "1 to 128 bytes"), ("a/b", "slash"), (".a", "dot"), (",".join(f"g{n}" for n in range(33)), "more than 32"), ("\u0085x", "control character")):
            for option in ("groups", "admin_groups"):
                if groups:
                    self.refused(why, **{option: groups})
        for groups, why in (("docker", "reserved"), ("sudo", "reserved"), ("Admins", "no local group"), ("a.", "no local group"), ("x" * 33, "1 to 32"),
                            ("equipe,é", "no local group"), ("ok,root", "reserved")):
            self.refused(why, admin_groups=groups)
            self.written(groups=groups)
        code, _, err = run("init", "--pool", POOL, "--client-id", CLIENT, "--groups", b"a\xffb", "--config", str(self.file))
        self.assertEqual((code, "not UTF-8" in err, self.file.exists()), (2, True, False))

    def test_domain(self):
        for domain, why in (("https://acme.auth.eu-west-1.amazoncognito.com", "without https://"), ("acme/", "without a"), ("Acme", "in lower case"), ("-acme", "neither"),
                            ("acme-", "neither"), ("a_b", "neither"), ("a" * 64, "neither"), ("acme..com", "neither"), ("login.example.com:443", "neither"),
                            ("user@example.com", "neither"), ("login.example.com.", "neither"), ("ac\nme", "neither"), ('a"b.com', "neither"), ("1.2.3.4", "neither")):
            self.refused(why, domain=domain)
        self.refused("name the whole host", pool="cn-north-1_AbCdEf123", domain="acme")

    def test_secret_file(self):
        file = self.dir.parent / f"secret-{self.dir.name}"
        file.write_text("secret\n")
        self.addCleanup(file.unlink)
        for mode in (0o644, 0o640, 0o604, 0o620):
            file.chmod(mode)
            self.refused("group or others", secret_file=str(file))
        file.chmod(0o600)
        for text in ("", "\n", "two words", "two\nlines", "a\x00b", "x" * 600, "\xe9", "***"):
            file.write_text(text, encoding="utf-8")
            code, out, err = self.init(secret_file=str(file))
            self.assertEqual((code, out, self.file.exists()), (2, "", False), text)
            self.assertTrue("one line" in err or "512 bytes" in err or "masked" in err, err)
        self.refused("No such file", secret_file=str(self.dir / "missing"))
        self.refused("not a regular file", secret_file="/dev/null")
        self.refused("not a regular file", secret_file=str(self.dir))
        link = self.dir / "link"
        link.symlink_to(file)
        self.refused("symbolic links", secret_file=str(link))
        link.unlink()
        fifo = self.dir / "fifo"
        os.mkfifo(fifo, 0o600)
        self.refused("not a regular file", secret_file=str(fifo))

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to give files away")
    def test_files_of_others(self):
        file = self.dir / "secret"
        file.write_text("secret\n")
        file.chmod(0o600)
        os.chown(file, 12345, 0)
        self.refused("not owned by root", secret_file=str(file))
        file.unlink()
        os.chown(self.dir, 12345, 0)
        self.refused("must belong to root")
        code, _, err = self.init(before=("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))
        self.assertEqual((code, "only root may do this" in err), (2, True))

    def test_folder(self):
        self.dir.chmod(0o775)
        self.refused("nobody else may write")
        self.dir.chmod(0o757)
        self.refused("nobody else may write")
        self.dir.chmod(0o755)
        kept, self.file = self.file, self.dir / "missing" / "config.json"
        self.refused("does not exist")
        self.file = kept


class Existing(Init):
    def existing(self, why="exists"):
        before = self.file.lstat()
        code, out, err = self.init()
        self.assertEqual((code, out, why in err), (2, "", True), err)
        after = self.file.lstat()
        self.assertEqual((before.st_ino, before.st_mtime_ns, before.st_size, before.st_mode), (after.st_ino, after.st_mtime_ns, after.st_size, after.st_mode))

    def test_a_configuration_stays(self):
        self.file.write_text("mine")
        self.existing()
        self.file.write_text("")
        self.existing()

    def test_a_link_or_a_directory_stays(self):
        self.file.symlink_to("/nonexistent")
        self.existing()
        self.file.unlink()
        self.file.mkdir()
        self.existing()

    def test_beside_it_something_else(self):
        other = self.dir / "config.json.init"
        other.symlink_to(self.dir / "elsewhere")
        self.assertEqual(self.init()[0], 2)
        self.assertFalse((self.dir / "elsewhere").exists())
        other.unlink()
        other.write_text("x")
        other.chmod(0o644)
        self.assertEqual(self.init()[0], 2)
        self.assertFalse(self.file.exists())

    def test_many_at_once_write_one(self):
        words = [word for pair in GOOD.items() for word in pair]
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(subprocess.Popen([COMMAND, "init", *words, "--config", str(self.file)],
                                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) for _ in range(20)]
            codes = [process.wait(timeout=60) for process in running]
        self.assertEqual(sorted(codes), [0] + [2] * 19)
        without_comments(self.file.read_text())
        self.assertEqual([path.name for path in self.dir.iterdir()], ["config.json"])

    def test_no_room(self):
        # A file that may not grow stands for a full disk: the write fails half-way.
        limit = ("import resource, signal, os, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
                 "resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700)); os.execv(sys.argv[1], sys.argv[1:])")
        code, out, err = self.init(before=("/usr/bin/python3", "-c", limit))
        self.assertEqual((code, out, "File too large" in err), (2, "", True), err)
        self.assertEqual(list(self.dir.iterdir()), [])

    def test_killed_anywhere(self):
        """At each system call: no file, or the whole."""
        if harness.SAN:
            self.skipTest("LeakSanitizer does not run under strace")
        whole = 0
        for call in ("openat", "flock", "ftruncate", "write", "fchmod", "fsync", "renameat2"):
            for when in range(1, 40 if call == "openat" else 3):
                strace = ("strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={when}")
                code, _, _ = self.init(before=strace)
                if self.file.exists():
                    without_comments(self.file.read_text())
                    self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
                    self.file.unlink()
                    whole += 1
                if code == 0:
                    break
                self.assertEqual(code, -signal.SIGKILL)
        self.assertGreaterEqual(whole, 7)


if __name__ == "__main__":
    harness.main()
