#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a person at a browser does with the browser flow's prompt: opens its address at the
local Cognito, signs in, and pastes something back.   browse.py COGNITO PROMPT-FILE USER WHAT

WHAT is an expression of landed (the address that the browser ended at), code, state, short
(what docs/callback.html shows), keep(text), kept() and url (the address of the prompt)."""
import pathlib
import re
import sys
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
from control import Cognito  # noqa: E402

folder, prompt, user, what = sys.argv[1:]
place = pathlib.Path(prompt).with_name("kept")
url = re.search(r"^(https://\S+)$", pathlib.Path(prompt).read_text(encoding="utf-8"), re.M).group(1)
landed = Cognito(folder, start=False).browse(url, user)
fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(landed).query))
code, state = fields.get("code", ""), fields.get("state", "")
short = f"{code}.{state[:8]}"


def keep(text):
    place.write_text(text, encoding="utf-8")
    return text


def kept():
    return place.read_text(encoding="utf-8")


print(eval(what))  # pylint: disable=eval-used
