#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP answer before it is sent, and the forms Cognito gives it."""
import json
import uuid

API_TYPE = "application/x-amz-json-1.1"
OAUTH_TYPE = "application/json;charset=UTF-8"

# What the user pool domain adds to every answer.
DOMAIN_HEADERS = [
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    ("cache-control", "no-cache, no-store, max-age=0, must-revalidate"),
    ("pragma", "no-cache"),
    ("expires", "0"),
    ("strict-transport-security", "max-age=31536000 ; includeSubDomains"),
    ("x-frame-options", "DENY"),
]


class Response:
    """`delivery` says how the bytes go out: whole, or in another way of delivery.py. `date` is
    the server's clock, for the header of that name."""

    def __init__(self, status, body=b"", headers=()):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.delivery = "whole"
        self.date = None

    def set_header(self, name, value):
        self.headers = [h for h in self.headers if h[0].lower() != name.lower()]
        self.headers.append((name, value))

    def json(self):
        return json.loads(self.body)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def api(value, status=200):
    """None: no body, as of an operation that has nothing to say."""
    return Response(status, b"" if value is None else compact(value), [
        ("Content-Type", API_TYPE), ("x-amzn-RequestId", str(uuid.uuid4()))])


def api_error(error):
    answer = api({"__type": error.kind, "message": error.message}, error.status)
    answer.headers += [("x-amzn-ErrorType", error.kind + ":"),
                       ("x-amzn-ErrorMessage", error.message)]
    return answer


def domain(status, body=b"", content_type=None):
    """An answer of the user pool domain: Spring's headers and a request id."""
    answer = Response(status, body, DOMAIN_HEADERS)
    if content_type:
        answer.set_header("Content-Type", content_type)
    answer.headers += [("x-amz-cognito-request-id", str(uuid.uuid4())),
                       ("Set-Cookie", f"XSRF-TOKEN={uuid.uuid4()}; Path=/; Secure; HttpOnly")]
    return answer


def cross_origin(answer):
    answer.headers.append(("Access-Control-Allow-Origin", "*"))
    return answer


def oauth(value):
    return cross_origin(domain(200, compact(value), OAUTH_TYPE))


def oauth_error(error):
    body = {"error": error.error}
    if error.description:
        body["error_description"] = error.description
    return cross_origin(domain(error.status, compact(body), OAUTH_TYPE))


def document(value):
    """JWKS and discovery: plain JSON that may be cached."""
    return Response(200, compact(value), [
        ("Content-Type", "application/json"), ("Cache-Control", "public, max-age=86400")])
