#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a person reads off an authenticator app that was just set up: finds the key in the
prompt and prints the code.   answers.py PROMPT-FILE"""
import pathlib
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
import totp  # noqa: E402


def code(prompt):
    """A prompt without a key goes by the key of the one before."""
    kept = prompt.with_name("key")
    found = re.search(r"type this key:\n\s+([A-Z2-7 ]+)\n", prompt.read_text(encoding="utf-8"))
    if found:
        kept.write_text(found.group(1).replace(" ", ""), encoding="ascii")
    return totp.code(kept.read_text(encoding="ascii"), time.time())


if __name__ == "__main__":
    print(code(pathlib.Path(sys.argv[1])))
