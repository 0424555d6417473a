# SPDX-License-Identifier: MIT
"""The module's half of the protocol, spoken to the helper of the test build: what a REQUEST
is answered with, frame by frame. src/common/message.h and request.c name the fields."""
import base64
import json
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading
import time

import harness

HELPER = harness.TEST / "libexec/helper"
ENVIRONMENT = {}  # the module gives it none
SOURCE = harness.ROOT / "src/common"
REQUEST_FIELDS = [name.replace("options.", "") for quoted, plain in re.findall(
    r'^    (?:\{"(\w+)"|ROW\(([\w.]+)),', (SOURCE / "request.c").read_text(), re.M) for name in [quoted or plain]]
VERSION = re.search(r'MESSAGE_VERSION "(\d+)"', (SOURCE / "message.h").read_text()).group(1)
TYPES = [name.lower() for name in re.findall(r"\bFRAME_(\w+)(?: = 1)?, /\*", (SOURCE / "frame.h").read_text())]
CLASS = dict(re.findall(r"^\tX\((\w+), (\w+),", (SOURCE / "result.h").read_text(), re.M))
RESULTS = ["NONE", *CLASS]


def pack(kind, fields):
    body = bytes([TYPES.index(kind) + 1])
    for field in fields:
        raw = field if isinstance(field, bytes) else str(field).encode()
        body += struct.pack(">I", len(raw)) + raw
    return struct.pack(">I", len(body)) + body


def unpack(body):
    fields, at = [], 1
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        fields.append(body[at + 4:at + 4 + length])
        at += 4 + length
    return TYPES[body[0] - 1], fields


def split(text, count=1):
    """Length-prefixed fields, in lists of so many."""
    values = []
    while text:
        (length,) = struct.unpack_from(">I", text)
        values.append(text[4:4 + length].decode())
        text = text[4 + length:]
    return [values[i:i + count] for i in range(0, len(values), count)]


class Ticket:
    """What a RESULT, or a TICKET frame with its body alone, says for the ticket. decisions: lists
    of service, seconds, groups and rule."""

    def __init__(self, body, decisions=b"", exports=b"", lifetime=b""):
        self.body = body
        self.decisions = split(decisions, 4)
        self.exports = [export for (export,) in split(exports)]
        self.lifetime = lifetime.decode()

    @property
    def lines(self):
        """The decisions as text, "-" for no groups."""
        return [" ".join((service, seconds, groups or "-", rule)) for service, seconds, groups, rule in self.decisions]

    @property
    def content(self):
        return json.loads(self.body)

    @property
    def claims(self):
        text = self.content["claims"]
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    def changed(self, **members):
        """The body with other members; None takes one out."""
        content = {**self.content, **members}
        return json.dumps({k: v for k, v in content.items() if v is not None}).encode()


class Said:
    """Everything that one run of the helper said. order: the types of its frames; rotated: the
    bodies of its TICKET frames; ticket: what the RESULT says."""

    def __init__(self):
        self.rotated, self.prompts, self.log, self.order = [], [], [], []
        self.ticket, self.revoked, self.stale = None, None, None
        self.result = self.message = self.detail = self.sub = self.rule = self.flow = None
        self.purpose = ""
        self.jwks = b""
        self.seconds, self.status = 0.0, None

    @property
    def states(self):
        """What the module makes of it for the ticket, in the order of the frames."""
        states = ["rotated"] * len(self.rotated)
        if CLASS.get(self.result) == "REFUSAL":
            states.append("refused")
        elif self.ticket.body:
            states.append("verified")
        elif CLASS.get(self.result) in ("YES", "RULES") and self.purpose in ("account", "reuse"):
            states.append("judged")
        return states

    @property
    def tickets(self):
        return [*self.rotated, self.ticket]


def receive(end):
    head = end.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None
    return unpack(end.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL))


def converse(end, said, answers):
    answers = list(answers)
    while said.result is None:
        frame = receive(end)
        if frame is None:
            raise AssertionError("the helper ended without a RESULT")
        kind, fields = frame
        said.order.append(kind)
        if kind == "prompt":
            said.prompts.append(fields[1].decode())
            end.sendall(pack("answer", ["1", answers.pop(0)]))
        elif kind == "ticket":
            said.rotated.append(Ticket(fields[0]))
        elif kind == "log":
            said.log.append((fields[0].decode(), fields[1].decode()))
        elif kind == "store":
            said.jwks = fields[0]
        elif kind == "refetch":
            end.sendall(pack("grant", ["1", "0", ""]))
        elif kind == "result":
            texts = [field.decode() for field in fields[:6]]
            said.result = RESULTS[int(texts[0])]
            said.message, said.detail, said.sub, said.rule, said.flow = texts[1:]
            said.ticket = Ticket(*fields[6:10])
            said.revoked, said.stale = fields[10] == b"1", fields[11] == b"1"


def request(purpose, config, user, service, fields):
    values = {"version": VERSION, "purpose": purpose, "config_path": config,
              "config": pathlib.Path(config).read_bytes(), "user": user, "service": service, "prompt": "none",
              "qr": "off", "host": socket.gethostname(), "time_left": 30000, "root": "0", "logged_in": "0", **fields}
    return pack("request", [values.get(name, "") for name in REQUEST_FIELDS])


def leave(purpose, config, user="bob", service="login", **fields):
    """Asks the helper, and is gone before it says a word. Its exit status."""
    ours, theirs = socket.socketpair()
    with subprocess.Popen([str(HELPER)], stdin=theirs, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        with ours:
            theirs.close()
            ours.settimeout(60)
            kind, _ = receive(ours)
            assert kind == "hello", kind
            process.send_signal(signal.SIGSTOP)
            ours.sendall(request(purpose, config, user, service, fields))
        process.send_signal(signal.SIGCONT)
    return process.returncode


def ask(purpose, config, user="bob", service="login", answers=(), beside=None, **fields):
    """Runs the helper once. fields: others of the REQUEST by their names in lower case. beside: called
    with the helper's process, in a thread, after the REQUEST."""
    ours, theirs = socket.socketpair()
    said, started = Said(), time.monotonic()
    said.purpose = purpose
    # Closed before the helper is waited for: then one that waits ends.
    with subprocess.Popen([str(HELPER)], stdin=theirs, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        with ours:
            theirs.close()
            ours.settimeout(60)
            kind, said.hello = receive(ours)
            assert kind == "hello", kind
            ours.sendall(request(purpose, config, user, service, fields))
            if beside is not None:
                threading.Thread(target=beside, args=(process,), daemon=True).start()
            converse(ours, said, answers)
    said.status = process.returncode
    said.seconds = time.monotonic() - started
    return said
