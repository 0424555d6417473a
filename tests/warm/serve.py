#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""serve.py SOCKET PROGRAM [ARGUMENTS]: what systemd does for the warm helper. Makes the socket in
a folder of its own, starts PROGRAM with it as descriptor 3 when somebody connects, and again when
that has ended. As root, the program runs as nobody. A line "serving" says that the socket is
there; then one line with the status for each program that ended."""
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
    os.umask(0o177)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(128)
    return server


def as_service(server):
    """Between fork and exec: descriptor 3, which may be the socket's own number already."""
    def prepare():
        os.dup2(server.fileno(), 3, inheritable=True)
        os.set_inheritable(3, True)
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.setgroups([user.pw_gid])
            os.setresgid(*[user.pw_gid] * 3)
            os.setresuid(*[user.pw_uid] * 3)
    return prepare


def main():
    path, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    server = listen(path)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("serving", flush=True)
    service = None
    try:
        while True:
            select.select([server], [], [])
            with subprocess.Popen(command, close_fds=True, pass_fds=(3,), stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"},
                                  preexec_fn=as_service(server)) as service:  # pylint: disable=subprocess-popen-preexec-fn
                service.wait()
            print(service.returncode, flush=True)
    finally:
        if service is not None and service.poll() is None:
            service.kill()
        shutil.rmtree(path.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
