#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a command on a terminal of its own and answers its prompts, so that one can watch.

    converse.py [--timeout S] [PROMPT=ANSWER ...] -- COMMAND...

Each PROMPT is waited for in turn (plain text), then ANSWER is typed. An answer that the
terminal does not echo is shown as stars. What follows the last prompt is shown too. The
exit status is the command's; 124 when a prompt never came."""
import os
import pty
import re
import select
import signal
import sys
import termios
import time


class Terminal:
    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.seen = b""

    def read(self, timeout):
        """Shows what comes within the time; False at the end."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return True
        try:
            piece = os.read(self.fd, 4096)
        except OSError:
            return False
        self.seen += piece
        sys.stdout.buffer.write(piece.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()
        return bool(piece)

    def await_text(self, text, deadline):
        while text.encode() not in self.seen:
            if time.monotonic() > deadline or not self.read(0.05):
                return False
        self.seen = self.seen.split(text.encode(), 1)[1]
        return True

    def type(self, answer):
        # The prompt is written before the echo is switched off: typing at once would show.
        time.sleep(0.05)
        echo = termios.tcgetattr(self.fd)[3] & termios.ECHO
        if not echo:
            print("*" * len(answer), flush=True)
        os.write(self.fd, answer.encode() + b"\n")

    def end(self, deadline):
        while self.read(0.1):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                return 124
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main(arguments):
    timeout = 30.0
    if arguments[:1] == ["--timeout"]:
        timeout, arguments = float(arguments[1]), arguments[2:]
    split = arguments.index("--")
    script, command = arguments[:split], arguments[split + 1:]
    deadline = time.monotonic() + timeout
    terminal = Terminal(command)
    for step in script:
        prompt, answer = re.split("=", step, maxsplit=1)
        if not terminal.await_text(prompt, deadline):
            print(f'\nconverse: "{prompt}" was never asked', flush=True)
            break
        terminal.type(answer)
    return terminal.end(deadline)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
