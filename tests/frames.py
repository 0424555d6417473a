# SPDX-License-Identifier: MIT
"""The module's half of the protocol, spoken to the helper of the test build: what a REQUEST
is answered with, frame by frame. src/common/message.h names the fields."""
import base64
import json
import pathlib
import re
import socket
import struct
import subprocess
import time

import harness

HELPER = harness.TEST / "libexec/helper"
SOURCE = harness.ROOT / "src/common"
REQUEST_FIELDS = re.findall(r"\tREQUEST_(\w+),", (SOURCE / "message.h").read_text())
VERSION = re.search(r'MESSAGE_VERSION "(\d+)"', (SOURCE / "message.h").read_text()).group(1)
TYPES = [name.lower() for name in re.findall(r"\bFRAME_(\w+)(?: = 1)?, /\*", (SOURCE / "frame.h").read_text())]
RESULTS = ["NONE", *re.findall(r"^\tX\((\w+),", (SOURCE / "result.h").read_text(), re.M)]


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


class Ticket:
    """A TICKET frame."""

    def __init__(self, fields):
        state, self.body, lines, exports, lifetime = fields
        self.state = state.decode()
        self.lines = lines.decode().splitlines()
        self.exports = exports.decode().splitlines()
        self.lifetime = lifetime.decode()

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
    """Everything that one run of the helper said. order: the types of its frames."""

    def __init__(self):
        self.tickets, self.prompts, self.log, self.order = [], [], [], []
        self.result = self.message = self.detail = self.sub = self.rule = self.flow = None
        self.jwks = b""
        self.seconds = 0.0

    @property
    def states(self):
        return [ticket.state for ticket in self.tickets]


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
            said.tickets.append(Ticket(fields))
        elif kind == "log":
            said.log.append((fields[0].decode(), fields[1].decode()))
        elif kind == "store":
            said.jwks = fields[0]
        elif kind == "refetch":
            end.sendall(pack("grant", ["1", ""]))
        elif kind == "result":
            texts = [field.decode() for field in fields]
            said.result = RESULTS[int(texts[0])]
            said.message, said.detail, said.sub, said.rule, said.flow = texts[1:]


def ask(purpose, config, user="bob", service="login", answers=(), **fields):
    """Runs the helper once. fields: others of the REQUEST by their names in lower case."""
    request = {"version": VERSION, "purpose": purpose, "config_path": config,
               "config": pathlib.Path(config).read_bytes(), "user": user, "service": service, "wait": "none",
               "qr": "off", "time_left": 30000, "root": "0", **fields}
    ours, theirs = socket.socketpair()
    said, started = Said(), time.monotonic()
    with subprocess.Popen([str(HELPER)], stdin=theirs, stdout=subprocess.DEVNULL, env={}) as helper, ours:
        theirs.close()
        ours.settimeout(60)
        ours.sendall(pack("request", [request.get(name.lower(), "") for name in REQUEST_FIELDS]))
        converse(ours, said, answers)
    said.seconds = time.monotonic() - started
    return said
