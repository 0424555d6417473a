#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A configuration of pam_cognito_oidc that fits a running local Cognito."""
import json
import os

RULES = [
    {"name": "shell", "services": ["login", "sshd", "pamtester", "check"],
     "groups": ["linux-users"]},
    {"name": "admins", "services": ["sudo"], "groups": ["linux-admins"]},
]


def document(state):
    client = next(iter(state.pool.clients.values()))
    return {
        "type": "oidc",
        "name": "Local Cognito",
        "config": {
            "client_id": client.id,
            "auth_url": state.domain + "/oauth2/authorize",
            "token_url": state.domain + "/oauth2/token",
            "certs_url": f"{state.pool.base}/{state.pool.id}/.well-known/jwks.json",
            "scopes": ["openid", "email", "profile"],
            "claims": ["sub", "cognito:username", "email", "cognito:groups"],
        },
        "rules": RULES,
        "network": {"ca_path": str(state.folder / "ca")},
    }


def write(path, value):
    """For root's eyes only, which is what the module demands of its configuration."""
    text = json.dumps(value, indent=4, ensure_ascii=False) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
