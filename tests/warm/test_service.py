#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The warm helper, through the real module: who serves a login, what sends the module back to a
helper of its own, when the service ends, and what its children are."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "login"))
from base import COGNITO, PASSWORDS, Login, harness  # noqa: E402
import frames  # noqa: E402

# A variant that no other suite uses: its socket is this file's alone.
SOCKET = harness.TEST / "warm/run-helper/socket"
MODULE = harness.TEST / "warm/pam_cognito_oidc.so"
HELPER = harness.TEST / "libexec/helper"
SERVED = "the warm helper serves this login"
UNUSED = "the warm helper is not used: "
CROWD, CHILDREN = 16, 20
VERDICT = len(set(re.findall(r"^\tVERDICT_(?!FIELDS)\w+", (harness.ROOT / "src/common/message.h").read_text(), re.M)))
NAMED = dict(re.findall(r"-DSERVICE_(\w+)=(\d+)", re.search(r"^SERVICE_TEST := (.*)$", (harness.ROOT / "Makefile").read_text(), re.M).group(1)))
assert (CROWD, CHILDREN) == (int(NAMED["CROWD"]), int(NAMED["CHILDREN"]))


def process_file(process, name):
    try:
        return pathlib.Path(f"/proc/{process}/{name}").read_text(encoding="utf-8")
    except OSError:
        return ""


def children(process):
    return process_file(process, f"task/{process}/children").split()


def connect():
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.settimeout(60)
    end.connect(str(SOCKET))
    return end


def read_to_end(end):
    """What was sent before the other side closed."""
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while part := end.recv(65536):
            text += part
    return text


class Service:
    """serve.py, and with it the warm helper of the test build, or another program."""

    def __init__(self, *command, user=None, around=()):
        self.process = subprocess.Popen(
            [*around, sys.executable, str(harness.ROOT / "tests/warm/serve.py"), *([f"--as={user}"] if user else []),
             str(SOCKET), *(command or (str(HELPER), "--serve"))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout.readline() == "serving\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in children(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGCONT)
        self.process.terminate()
        self.process.communicate()

    @property
    def pid(self):
        """Of the warm helper, which the first connection has started."""
        return harness.wait_for(lambda: next(iter(children(self.process.pid)), None))

    def ended(self):
        """The status of the next program that ends, skipping what it says."""
        for line in self.process.stdout:
            if re.fullmatch(r"-?\d+\n", line):
                return int(line)
        return None


class Impostor:
    """A listener of the test's own: talk() gets each connection."""

    def __init__(self, talk=None, backlog=8):
        shutil.rmtree(SOCKET.parent, ignore_errors=True)
        SOCKET.parent.mkdir(mode=0o700)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(SOCKET))
        SOCKET.chmod(0o600)
        self.socket.listen(backlog)
        self.heard = []
        self.talk = talk
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        if self.talk is not None:
            self.thread.start()
        return self

    def __exit__(self, *_):
        if self.talk is not None:
            self.thread.join(60)
        self.socket.close()
        shutil.rmtree(SOCKET.parent)

    def serve(self):
        end, _ = self.socket.accept()
        with end:
            end.settimeout(60)
            self.talk(end)
            end.shutdown(socket.SHUT_WR)
            self.heard.append(read_to_end(end))


class Warm(Login):
    maxDiff = None
    options = "debug"
    module = MODULE

    def setUp(self):
        super().setUp()
        shutil.rmtree(SOCKET.parent, ignore_errors=True)

    def log_in(self, user="bob", **more):
        return self.host.drive(user, ("auth",), (PASSWORDS[user],), **more)

    def assert_served(self, outcome):
        self.assert_result(outcome, "PAM_SUCCESS", SERVED)
        self.assertNotIn(UNUSED, outcome.text)

    def assert_fallback(self, outcome, why):
        self.assert_result(outcome, "PAM_SUCCESS")
        self.assertNotIn(SERVED, outcome.text)
        self.assertEqual(outcome.text.count(UNUSED), 1 if why else 0, outcome.text)
        if why:
            self.assertIn(UNUSED + why, outcome.text)


class Serves(Warm):
    def test_one_process_serves_many(self):
        with Service() as service:
            self.assert_served(self.log_in())
            first = service.pid
            for _ in range(3):
                self.assert_served(self.log_in())
            self.assertEqual(service.pid, first)

    def test_every_child_has_its_own_randomness(self):
        self.configure(options="flow=browser")
        with Service():
            texts = [self.host.drive("bob", ("auth",), ("x",)).text for _ in range(3)]
        self.assertTrue(all(SERVED in text for text in texts), texts)
        for name in ("state", "nonce", "code_challenge"):
            self.assertEqual(len({re.search(rf"[?&]{name}=([^&\s]+)", text).group(1) for text in texts}), 3)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to name a host")
    def test_the_host_s_name_is_that_of_the_login(self):
        rules = [{"name": "all", "anyone": True}, {"name": "not here", "effect": "deny", "hosts": ["prod-*"]}]
        self.configure({"rules": rules})
        named = {name: ["unshare", "--uts", "sh", "-c", f'hostname {name}; exec "$@"', "sh"] for name in ("prod-1", "test-1")}
        for service, login, result in (("test-1", "prod-1", "PAM_PERM_DENIED"), ("prod-1", "test-1", "PAM_SUCCESS")):
            with self.subTest(service=service, login=login), Service(around=named[service]):
                self.assert_result(self.log_in(around=named[login]), result, SERVED)

    def test_two_runs_of_a_transaction_ask_a_stopped_service_once(self):
        with Impostor():
            for service in ("sudo", "login"):
                self.host.service(service, f"config={self.config} debug reuse")
            outcome = self.host.drive("bob", ("auth", "acct"), (PASSWORDS["bob"],), real="1002")
            self.assertLessEqual(outcome.text.count(UNUSED), 2, outcome.text)


class Falls(Warm):
    """Back to a helper of the module's own."""

    def test_no_socket_is_no_news(self):
        self.assert_fallback(self.log_in(), "")

    def test_a_socket_that_nobody_accepts(self):
        with Impostor():
            self.assert_fallback(self.log_in(), "it does not answer")

    def test_a_socket_that_nobody_has_any_more(self):
        with Impostor() as impostor:
            impostor.socket.close()
            self.assert_fallback(self.log_in(), "nobody listens")

    def test_a_full_queue(self):
        with Impostor(backlog=0), contextlib.ExitStack() as stack:
            for _ in range(64):
                end = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                end.setblocking(False)
                try:
                    end.connect(str(SOCKET))
                except BlockingIOError:
                    break
            self.assert_fallback(self.log_in(), "too many wait for it")

    def test_a_stopped_service_costs_less_than_half_a_second(self):
        own = min(self.timed() for _ in range(3))
        with Service() as service:
            self.assert_served(self.log_in())
            os.kill(int(service.pid), signal.SIGSTOP)
            stopped = min(self.timed("it does not answer") for _ in range(3))
        # On a busy machine one of three is quiet enough.
        self.assertLess(stopped - own, 0.5)

    def timed(self, why=""):
        started = time.monotonic()
        self.assert_fallback(self.log_in(), why)
        return time.monotonic() - started

    def test_whoever_says_something_else_is_told_nothing(self):
        hello = frames.ask("check", self.config).hello
        version, build, sandbox = (field.decode() for field in hello)
        rows = {
            "it refuses the connection": [b""],
            "it says nothing": [b"\0", b"\0" + frames.pack("hello", hello)[:20]],
            "it is of another version": [b"\0" + frames.pack("hello", fields) for fields in (
                (str(int(version) + 1), build, sandbox), (version, build[:-1] + "x", sandbox), (version, "", sandbox), ("", build, sandbox))],
            "it is not confined": [b"\0" + frames.pack("hello", (version, build, "half"))],
            "it cannot confine itself": [b"\0" + frames.pack("result", (frames.RESULTS.index("CONFINE"), "", "x", *["0"] * (VERDICT - 3)))],
            "it breaks the protocol": [b"\0" + frames.pack("log", ("debug", "hello"))],
        }
        for why, sayings in rows.items():
            for said in sayings:
                with self.subTest(why, said=said), Impostor(lambda end, said=said: end.sendall(said)) as impostor:
                    self.assert_fallback(self.log_in(), why)
                    impostor.thread.join(60)
                    self.assertEqual(impostor.heard, [b""])

    def test_a_helper_that_does_not_know_hello(self):
        with Impostor(lambda end: end.sendall(b"\0\0\0\0\1\x7f")) as impostor:
            self.assert_fallback(self.log_in(), "it says nothing")
            impostor.thread.join(60)
            self.assertEqual(impostor.heard, [b""])

    def test_a_silent_child_is_left_after_two_seconds(self):
        release = threading.Event()
        with Impostor(lambda end: (end.sendall(b"\0"), release.wait(60))):
            started = time.monotonic()
            self.assert_fallback(self.log_in(), "it says nothing")
            self.assertGreater(time.monotonic() - started, 2)
            release.set()

    def test_a_socket_that_others_could_reach(self):
        def link():
            SOCKET.rename(SOCKET.parent / "elsewhere")
            SOCKET.symlink_to("elsewhere")
        for name, spoil in (("socket", lambda: SOCKET.chmod(0o666)), ("folder", lambda: SOCKET.parent.chmod(0o750)), ("link", link)):
            with self.subTest(name), Impostor():
                spoil()
                self.assert_fallback(self.log_in(), "others than root could reach its socket")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be somebody else")
    def test_a_listener_that_is_not_root_s(self):
        """bind() is root's, listen() another's: the kernel tells whose."""
        with Impostor():
            SOCKET.unlink()
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(SOCKET))
            SOCKET.chmod(0o600)
            ready = os.fork()
            if ready == 0:
                os.setresuid(65534, 65534, 65534)
                listener.listen(1)
                os._exit(0)  # pylint: disable=protected-access
            os.waitpid(ready, 0)
            self.assert_fallback(self.log_in(), "its socket is not root's")
            listener.close()

    @unittest.skipUnless(os.geteuid() == 0 and not harness.SAN, "needs root to be somebody else")
    def test_a_service_that_runs_as_root(self):
        with Service(user="root"):
            self.assert_fallback(self.log_in(), "it cannot confine itself")

    def test_a_crowd(self):
        with Service(), contextlib.ExitStack() as stack:
            for _ in range(CROWD):
                self.assertEqual(stack.enter_context(connect()).recv(1), b"\0")
            self.assert_fallback(self.log_in(), "it refuses the connection")

    def test_more_than_its_crowd_at_once(self):
        """All of them are at the prompt before the first answers: whoever it refuses is served all the same."""
        people = 2 * CROWD
        there, go, outcomes = threading.Semaphore(0), threading.Event(), []

        def answer():
            there.release()
            go.wait()
            return PASSWORDS["bob"]

        with Service():
            threads = [threading.Thread(target=lambda: outcomes.append(self.host.drive("bob", ("auth",), (answer,), timeout=300)))
                       for _ in range(people)]
            for thread in threads:
                thread.start()
            for _ in threads:
                there.acquire()
            go.set()
            for thread in threads:
                thread.join()
        self.assertEqual([outcome.text for outcome in outcomes if outcome.results != ["PAM_SUCCESS"]], [])
        served, unused = (sum(said in outcome.text for outcome in outcomes) for said in (SERVED, UNUSED))
        self.assertLessEqual(served, CROWD)
        self.assertEqual(served + unused, people)

    def test_after_hello_there_is_no_way_back(self):
        hello = frames.ask("check", self.config).hello
        with Impostor(lambda end: (end.sendall(b"\0" + frames.pack("hello", hello)), end.recv(1))):
            outcome = self.log_in()
        self.assert_result(outcome, "PAM_SERVICE_ERR", SERVED, "ended without a verdict")


class Ends(Warm):
    """The service, but not what it has begun."""

    def test_without_work(self):
        with Service() as service:
            self.assert_served(self.log_in())
            self.assertEqual(service.ended(), 0)
            self.assert_served(self.log_in())

    def test_not_while_somebody_types(self):
        with Service() as service:
            def slowly():
                first = service.pid
                time.sleep(int(NAMED["IDLE"]) + 2)
                self.assertEqual(service.pid, first)
                return PASSWORDS["bob"]
            self.assert_served(self.host.drive("bob", ("auth",), (slowly,)))

    @staticmethod
    def last_child(count):
        """The connection of the last of so many children. A service that has its crowd accepts no more
        until one has ended."""
        while True:
            end = connect()
            if end.recv(1) == b"\0":
                count -= 1
                if count == 0:
                    return end
            end.close()

    def test_after_so_many_children_while_some_go_on(self):
        with Service() as service:
            def others():
                first = service.pid
                self.last_child(CHILDREN).close()
                self.assertEqual(service.ended(), 0)
                with connect() as end:
                    self.assertEqual(end.recv(1), b"\0")
                self.assertNotEqual(service.pid, first)
                return PASSWORDS["bob"]
            self.assert_served(self.host.drive("bob", ("auth",), (others,)))

    def test_the_last_child_needs_no_service_any_more(self):
        own = frames.ask("check", self.config).hello
        with Service() as service:
            for _ in range(20):
                with self.last_child(CHILDREN) as end:
                    self.assertEqual(service.ended(), 0)
                    self.assertEqual(frames.receive(end), ("hello", own))

    def test_when_a_child_died_by_a_signal(self):
        with Service() as service, connect() as end:
            self.assertEqual(end.recv(1), b"\0")
            first = service.pid
            child = harness.wait_for(lambda: next(iter(children(first)), None))
            os.kill(int(child), signal.SIGSEGV)
            self.assertEqual(service.ended(), 0)
            self.assert_served(self.log_in())
            self.assertNotEqual(service.pid, first)

    def replaced(self, service, replace):
        self.assert_served(self.log_in())
        first = service.pid
        self.assert_served(self.log_in())
        self.assertEqual(service.pid, first)
        replace()
        self.assert_served(self.log_in())
        self.assertEqual(service.ended(), 0)
        self.assertNotEqual(service.pid, first)

    def copies(self, *files):
        """Copies in a folder, and what puts other copies in their place as dpkg does."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=harness.TEST))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)

        def copy():
            for file in files:
                shutil.copy(file, folder / (file.name + ".new"))
                (folder / (file.name + ".new")).rename(folder / file.name)
        copy()
        return folder, copy

    def test_when_the_program_is_replaced(self):
        folder, replace = self.copies(HELPER)
        with Service(str(folder / "helper"), "--serve") as service:
            self.replaced(service, replace)

    def test_when_a_library_is_replaced(self):
        listed = subprocess.run(["ldd", str(HELPER)], stdout=subprocess.PIPE, text=True, check=True).stdout
        for name in ("libcurl", "libcrypto", "libcjson"):
            library = pathlib.Path(re.search(rf"=> (/\S*/{name}\S*)", listed).group(1))
            folder, replace = self.copies(library)
            with self.subTest(name), Service("/usr/bin/env", f"LD_LIBRARY_PATH={folder}", str(HELPER), "--serve") as service:
                self.replaced(service, replace)


class Children(Warm):
    def setUp(self):
        super().setUp()
        if harness.SAN:
            self.skipTest("a sanitizer's build is not confined")

    @contextlib.contextmanager
    def waiting(self, parent):
        """A helper that waits for Cognito, which says nothing. parent: whose child it is, of the
        running host."""
        COGNITO.set_behaviour("InitiateAuth", "silence")
        asked = len(COGNITO.requests("InitiateAuth"))
        host = self.host.start("bob", ("auth",), (PASSWORDS["bob"],))
        try:
            # Which files are open does not change any more.
            harness.wait_for(lambda: len(COGNITO.requests("InitiateAuth")) > asked)
            yield host, harness.wait_for(lambda: next((child for child in children(parent(host))
                                                       if "\nSeccomp:\t2\n" in process_file(child, "status")), None))
        finally:
            host.kill()
            host.communicate()

    def described(self, parent):
        """What the kernel says of it, without what differs from one process to the next."""
        names = ("Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Seccomp_filters", "CapInh", "CapPrm", "CapEff", "CapAmb",
                 "SigBlk", "SigIgn", "SigCgt", "Umask", "Cpus_allowed", "Threads")
        with self.waiting(parent) as (_, helper):
            status = dict(line.split(":\t", 1) for line in process_file(helper, "status").splitlines())
            described = {name: status.get(name, "").strip() for name in names}
            # posix_spawn(3) of glibc ignores the two signals that it keeps to itself.
            described["SigIgn"] = int(described["SigIgn"], 16) & ~(3 << 31)
            described["limits"] = process_file(helper, "limits")
            described["environ is root's"] = os.stat(f"/proc/{helper}/environ").st_uid
            described["folder"] = os.readlink(f"/proc/{helper}/cwd") if os.geteuid() == 0 else ""
            described["nice"] = os.getpriority(os.PRIO_PROCESS, int(helper))
            described["leads its session"] = os.getsid(int(helper)) == int(helper)
            if os.geteuid() == 0:
                described["files"] = sorted((fd, re.sub(r":\[\d+\]$", "", os.readlink(f"/proc/{helper}/fd/{fd}"))) for fd in os.listdir(f"/proc/{helper}/fd"))
        return described

    def test_they_are_confined_as_the_module_s_own_helper_is(self):
        own = self.described(lambda host: host.pid)
        with Service() as service:
            with connect():
                pass
            warm = self.described(lambda _: service.pid)
        # systemd leaves the user's own group in the list.
        if own["Groups"] == "" and warm["Groups"] == warm["Gid"].split()[0]:
            warm["Groups"] = ""
        self.assertEqual(own, warm)

    def test_nobody_looks_into_the_service(self):
        with Service() as service, connect() as end:
            self.assertEqual(end.recv(1), b"\0")
            for process in (service.pid, *children(service.pid)):
                self.assertEqual(os.stat(f"/proc/{process}/mem").st_uid, 0)
                self.assertIn("\nNoNewPrivs:\t1\n", process_file(process, "status"))
                self.assertRegex(process_file(process, "limits"), r"Max core file size +0 +0 ")

    def test_they_end_with_the_host(self):
        with Service() as service:
            with connect():
                pass
            with self.waiting(lambda _: service.pid) as (host, helper):
                host.kill()
                harness.wait_for(lambda: helper not in children(service.pid))
            harness.wait_for(lambda: service.pid and not children(service.pid))

    def test_the_kernel_ends_one_that_does_not(self):
        with Service() as service:
            with connect():
                pass
            with self.waiting(lambda _: service.pid) as (_, helper):
                self.assertRegex(process_file(helper, "timers"), r"(?m)^signal: 9/")

    @contextlib.contextmanager
    def traced(self, *options):
        """A service under strace, with CROWD connections that wait for it: (it, they, the trace)."""
        with Impostor(backlog=CROWD) as listening, tempfile.NamedTemporaryFile() as trace, contextlib.ExitStack() as ends:
            waiting = [ends.enter_context(connect()) for _ in range(CROWD)]

            def as_descriptor_3():
                os.dup2(listening.socket.fileno(), 3)
                os.set_inheritable(3, True)

            # pylint: disable-next=subprocess-popen-preexec-fn
            with subprocess.Popen(["strace", "-qq", "-e", "trace=sendto,fork,clone,clone3,setsid", *options, "-o", trace.name, str(HELPER), "--serve"], env={},
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=as_descriptor_3, close_fds=False) as service:
                yield service, waiting, pathlib.Path(trace.name)
                service.terminate()

    def test_all_who_wait_are_greeted_before_the_first_gets_its_child(self):
        with self.traced() as (_, waiting, trace):
            greetings = [end.recv(1) for end in waiting]
            harness.wait_for(lambda: "clone" in trace.read_text())
            calls = re.findall(r"^(\w+)\(", trace.read_text(), re.M)
        self.assertEqual(greetings, [b"\0"] * CROWD)
        self.assertEqual(calls[:CROWD], ["sendto"] * CROWD)

    def test_whoever_still_waits_when_a_child_dies_by_a_signal_is_left(self):
        """Each child dies as soon as it is alone, and each fork takes half a second: others still wait then."""
        slow, deadly = "inject=fork,clone,clone3:delay_exit=500000", "inject=setsid:signal=SIGSEGV"
        with self.traced("-f", "-e", slow, "-e", deadly) as (service, waiting, trace):
            self.assertEqual([end.recv(1) for end in waiting], [b"\0"] * CROWD)
            self.assertEqual(service.wait(60), 0)
            forked = len(re.findall(r"^\d+ +\w*(?:clone|fork)", trace.read_text(), re.M))
            self.assertGreater(forked, 0)
            self.assertLess(forked, CROWD)
            self.assertEqual([end.recv(1) for end in waiting], [b""] * CROWD)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be somebody else")
    def test_nobody_but_root_is_served(self):
        with Service():
            SOCKET.parent.chmod(0o755)
            SOCKET.chmod(0o666)
            code = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(SOCKET)!r}); print(s.recv(1))"
            said = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", "--regid", "65534", "/usr/bin/python3", "-c", code],
                                  stdout=subprocess.PIPE, check=True).stdout
            self.assertEqual(said, b"b''\n")

    def test_it_serves_nothing_but_a_listening_socket(self):
        ended = subprocess.run([str(HELPER), "--serve"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        self.assertEqual((ended.returncode, b"no listening socket" in ended.stderr), (2, True))


if __name__ == "__main__":
    harness.main()
