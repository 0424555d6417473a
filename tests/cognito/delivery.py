#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How the bytes of an answer leave: whole, or in one of the ways of a broken server.

Each way returns True if the connection may serve another request.
"""
import email.utils
import http
import socket
import time

DRIP_SECONDS = 1.0
LATE_SECONDS = 1.5
SILENCE_SECONDS = 600


def head(answer, extra_length=0, framing=None):
    try:
        reason = http.HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    headers = [("Date", email.utils.formatdate(answer.date, usegmt=True)), *answer.headers,
               framing or ("Content-Length", str(len(answer.body) + extra_length)),
               ("Connection", "keep-alive")]
    lines = [f"HTTP/1.1 {answer.status} {reason}"] + [f"{n}: {v}" for n, v in headers]
    # UTF-8 in x-amzn-ErrorMessage stays what it is; HTTP does not care.
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(connection, answer, body_wanted):
    connection.sendall(head(answer) + (answer.body if body_wanted else b""))
    return True


def chunked(connection, answer, _body_wanted):
    half = len(answer.body) // 2
    connection.sendall(head(answer, framing=("Transfer-Encoding", "chunked")))
    for part in (answer.body[:half], answer.body[half:]):
        if part:
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    connection.sendall(b"0\r\n\r\n")
    return True


def truncated(connection, answer, _body_wanted):
    connection.sendall(head(answer, extra_length=64) + answer.body)
    return False


def slow(connection, answer, _body_wanted):
    connection.sendall(head(answer))
    for position in range(len(answer.body)):
        connection.sendall(answer.body[position:position + 1])
        time.sleep(DRIP_SECONDS)
    return True


def late(connection, answer, body_wanted):
    time.sleep(LATE_SECONDS)
    return whole(connection, answer, body_wanted)


def silence(connection, _answer, _body_wanted):
    """Says nothing until the client has gone."""
    connection.settimeout(SILENCE_SECONDS)
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass
    return False


def close(connection, _answer, _body_wanted):
    connection.shutdown(socket.SHUT_RDWR)
    return False


WAYS = {"whole": whole, "chunked": chunked, "truncated": truncated, "slow": slow, "late": late,
        "silence": silence, "close": close}
