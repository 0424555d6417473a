#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""serve.py [--as=USER] SOCKET PROGRAM [ARGUMENTS]: what systemd does for the warm helper. Makes the socket in
a folder of its own, starts PROGRAM with it as descriptor 3 when somebody connects, and again when
that has ended. As root, the program runs as nobody, or as USER. A line "serving" says that the
socket is there; then one line with the status for each program that ended."""
import os
import pathlib
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys

USER = "nobody"  # paths.helper_user of the test build


def listen(path):
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(mode=0o700)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(0o600)  # nobody else gets into the folder meanwhile
    server.listen(4096)  # systemd's Backlog=
    return server


def as_service(server, name):
    """Between fork and exec: descriptor 3, which may be the socket's own number already."""
    def prepare():
        os.dup2(server.fileno(), 3, inheritable=True)
        os.set_inheritable(3, True)
        # systemd's services ignore nothing, whatever the shell that started this ignores.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if os.geteuid() == 0:
            user = pwd.getpwnam(name)
            os.setgroups([user.pw_gid])
            os.setresgid(*[user.pw_gid] * 3)
            os.setresuid(*[user.pw_uid] * 3)
    return prepare


def main():
    arguments = sys.argv[1:]
    user = arguments.pop(0).partition("=")[2] if arguments[0].startswith("--as=") else USER
    path, command = pathlib.Path(arguments[0]), arguments[1:]
    server = listen(path)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("serving", flush=True)
    try:
        while True:
            select.select([server], [], [])
            # pylint: disable-next=subprocess-popen-preexec-fn
            with subprocess.Popen(command, close_fds=True, pass_fds=(3,), stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"},
                                  preexec_fn=as_service(server, user)) as service:
                try:
                    service.wait()
                finally:
                    service.kill()  # nothing, where it has ended
            print(service.returncode, flush=True)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
