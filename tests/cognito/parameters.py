#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The parameters of an OAuth request, from its body or its query."""
import urllib.parse

from errors import OAuthError

FORM_TYPE = "application/x-www-form-urlencoded"


def parse(text):
    """A repeated parameter is malformed, as RFC 6749 3.1 and 3.2 say."""
    try:
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError as error:
        raise OAuthError("invalid_request") from error
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request")
    return dict(pairs)


def form(request):
    """The body's parameters."""
    if request.content_type() != FORM_TYPE:
        raise OAuthError("invalid_request")
    try:
        return parse(request.body.decode())
    except UnicodeDecodeError as error:
        raise OAuthError("invalid_request") from error


def query(request):
    return parse(request.query)


def needed(fields, name):
    if not fields.get(name):
        raise OAuthError("invalid_request")
    return fields[name]
