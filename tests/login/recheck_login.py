# SPDX-License-Identifier: MIT
"""What the suites of the helper's half of tickets share: a sign-in and what is asked by its ticket, frame by frame."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from base import COGNITO, PASSWORDS, Login  # noqa: E402
import frames  # noqa: E402

SECRET = "local0secret0of0the0confidential0client0000000000001"
RULES = [{"name": "shell", "services": ["login", "sshd"], "groups": ["linux-users"], "grant": ["video"]},
         {"name": "admins", "services": ["sudo"], "groups": ["linux-admins"], "max_auth_age": 3600},
         {"name": "vault", "services": ["vault"], "groups": ["linux-users"], "require_mfa": True}]
GET_TOKENS = "GetTokensFromRefreshToken"


class Recheck(Login):
    """bob signs in with a password by the API; carry_on() asks by what was left."""
    client = {"client_id": "6o7h8i9jlocalpublic"}
    login = {}
    jwks = b""

    @property
    def basis(self):
        return {"rules": RULES, "config": self.client, "login": self.login}

    def sign_in(self, user="bob", service="login", *codes, **fields):
        said = frames.ask("login", self.config, user, service, [PASSWORDS[user], *codes], **fields)
        self.jwks = said.jwks
        return said

    def ask(self, purpose, ticket, age, user="bob", service="login", **fields):
        body = ticket.body if isinstance(ticket, frames.Ticket) else ticket
        return frames.ask(purpose, self.config, user, service, ticket=body, ticket_age=age, jwks=self.jwks, **fields)

    def account(self, ticket, age, *more, **fields):
        return self.ask("account", ticket, age, *more, **fields)

    def reuse(self, ticket, age=10, *more, **fields):
        return self.ask("reuse", ticket, age, *more, **fields)

    def only(self, said, state="verified"):
        self.assertEqual(said.states, [state], said.detail)
        return said.tickets[-1]

    def refreshes(self):
        return len(COGNITO.requests(GET_TOKENS)) + len(COGNITO.requests("token"))
