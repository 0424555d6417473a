# SPDX-License-Identifier: MIT
"""Ticket files as the tests read and edit them: src/module/ticket.c's rows."""
import pathlib
import re
import struct

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src/module/ticket.c"
FIELDS = ["heading", *re.findall(r"^    ROW\(\w+, (\w+)\),", SOURCE.read_text(encoding="utf-8"), re.M)]
OLDER = """pam_cognito_oidc ticket 1
user {user}
uid {uid}
path {path}
print {fingerprint}
boot {boot}
sub {sub}
born {born}
verified {verified}
until {until}
refused {refused}
lines 0

exports 0

body {length}
{body}
end
"""


def split(text):
    """The fields of a file; None when it is cut off or has other than it must have."""
    values = []
    while len(text) >= 4:
        (length,) = struct.unpack_from(">I", text)
        values.append(text[4:4 + length])
        if len(values[-1]) < length:
            return None
        text = text[4 + length:]
    return dict(zip(FIELDS, values)) if text == b"" and len(values) == len(FIELDS) else None


def change(path, **fields):
    """Other values for these fields."""
    values = {**split(path.read_bytes()), **{name: str(value).encode() for name, value in fields.items()}}
    path.write_bytes(b"".join(struct.pack(">I", len(value)) + value for value in values.values()))


def make_older(path, **fields):
    """Writes the same ticket in the format of before, which was text."""
    values = {name: value.decode() for name, value in split(path.read_bytes()).items()}
    values.update(fields)
    path.write_text(OLDER.format(length=len(values["body"].encode()), **values), encoding="utf-8")
