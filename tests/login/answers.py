#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a person would read off an authenticator app that was just set up: finds the key in
the prompt and prints the code.   answers.py PROMPT-FILE"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
import time  # noqa: E402
import totp  # noqa: E402

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
kept = pathlib.Path(sys.argv[1]).with_name("key")
found = re.search(r"type this key:\n\s+([A-Z2-7 ]+)\n", text)
if found:
    kept.write_text(found.group(1).replace(" ", ""))
print(totp.code(kept.read_text(), time.time()))
