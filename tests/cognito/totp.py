#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""RFC 6238 as Cognito uses it: HMAC-SHA1, 30 seconds, six digits, one step of skew."""
import base64
import hmac
import secrets

STEP = 30


def new_secret():
    return base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")


def code(secret, now):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(now) // STEP).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset:offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


def matching_step(secret, given, now):
    """The time step a code belongs to, or None."""
    for skew in (0, -STEP, STEP):
        if hmac.compare_digest(code(secret, now + skew).encode(), given.encode()):
            return (int(now) + skew) // STEP
    return None
