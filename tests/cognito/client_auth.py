#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which app client asks: by header, by body, or by name alone if it has no secret."""
import base64
import binascii
import urllib.parse

from errors import OAuthError


def basic(header):
    """(id, secret) of an Authorization: Basic header."""
    scheme, _, text = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client")
    return name, secret


def authenticate(state, request, fields):
    name, secret = fields.get("client_id"), fields.get("client_secret")
    if "Authorization" in request.headers:
        name, secret = basic(request.headers["Authorization"])
        if state.pool.percent_basic:
            name, secret = urllib.parse.unquote(name), urllib.parse.unquote(secret)
        if fields.get("client_id", name) != name:
            raise OAuthError("invalid_request")
    if not name:
        raise OAuthError("invalid_request")
    client = state.pool.clients.get(name)
    if client is None or client.secret != secret:
        raise OAuthError("invalid_client")
    return client
