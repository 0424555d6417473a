#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which scopes an app client gets of those it asks for."""
from errors import OAuthError


def granted(client, asked):
    """All of the client's where none are asked for. No scope is a wish: what a client may not
    have, offline_access among it, refuses the request."""
    names = (asked or "").split()
    if not names:
        return " ".join(client.scopes)
    if any(name not in client.scopes for name in names):
        raise OAuthError("invalid_scope")
    if "openid" not in names and {"email", "phone", "profile"} & set(names):
        raise OAuthError("invalid_scope")
    return " ".join(dict.fromkeys(names))
