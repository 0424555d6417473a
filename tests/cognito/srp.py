#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The server's half of Cognito's SRP-6a.

The group is the 3072-bit one of RFC 5054, but nothing is padded to its width: numbers are
hashed as the shortest two's complement bytes, as Java's BigInteger writes them. All
functions are pure but new_ephemeral.
"""
import base64
import functools
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timezone

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
    "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"
    "F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D"
    "C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E8603"
    "9B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB31"
    "43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF", 16)
G = 2

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIMESTAMP = re.compile(
    r"(%s) (%s) ([1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]) UTC ([0-9]{4})"
    % ("|".join(DAYS), "|".join(MONTHS)))


def number_bytes(number):
    """The shortest big-endian bytes whose top bit is clear."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def hash_number(*parts):
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


K = hash_number(number_bytes(N), number_bytes(G))


def private_key(pool_name, user_id, password, salt):
    """x: what the password turns into."""
    inner = hashlib.sha256(f"{pool_name}{user_id}:{password}".encode()).digest()
    return hash_number(number_bytes(salt), inner)


@functools.lru_cache(maxsize=1000)
def verifier(pool_name, user_id, password, salt):
    return pow(G, private_key(pool_name, user_id, password, salt), N)


def new_ephemeral():
    # RFC 5054 2.5.3: at least 256 bits. More would only cost the tests' time.
    return secrets.randbits(256) | 1 << 255


def server_public(b, v):
    return (K * v + pow(G, b, N)) % N


def scramble(public_a, public_b):
    return hash_number(number_bytes(public_a), number_bytes(public_b))


def session_key(public_a, public_b, b, v):
    u = scramble(public_a, public_b)
    shared = pow(public_a * pow(v, u, N), b, N)
    extract = hmac.digest(number_bytes(u), number_bytes(shared), "sha256")
    return hmac.digest(extract, b"Caldera Derived Key\x01", "sha256")[:16]


def signature(key, pool_name, user_id, secret_block, timestamp):
    message = (pool_name + user_id).encode() + secret_block + timestamp.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def parse_public_a(text):
    """A as an integer, or None for what is no hex or zero modulo N."""
    if not re.fullmatch(r"[0-9a-fA-F]{1,1024}", text or ""):
        return None
    number = int(text, 16)
    return number if number % N else None


def parse_timestamp(text):
    """Seconds since 1970, or None: two digits for a day below ten are as wrong as a comma."""
    match = TIMESTAMP.fullmatch(text or "")
    if not match:
        return None
    weekday, month, day, hour, minute, second, year = match.groups()
    try:
        when = datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour),
                        int(minute), int(second), tzinfo=timezone.utc)
    except ValueError:
        return None
    return when.timestamp() if DAYS[when.weekday()] == weekday else None
