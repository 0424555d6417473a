#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""/oauth2/authorize, /login and /error: from a client's request to its authorization code.

A refusal goes back to the client once it is sure where that is, and to the error page before.
"""
import urllib.parse

import page
import parameters
import scopes
from errors import OAuthError
from sign_in_page import SignIn


class Asked:
    """What a client asks for in the query of /oauth2/authorize and of /login."""

    def __init__(self, state, fields):
        self.state = state
        self.fields = fields
        self.client = state.pool.clients.get(fields.get("client_id"))
        self.redirect_uri = fields.get("redirect_uri")
        if self.client is None:
            raise OAuthError("invalid_request")
        # The whole string must be registered: no other port, no other case, no longer path.
        if self.redirect_uri not in self.client.callbacks(state.domain):
            raise OAuthError("redirect_mismatch")

    def check(self):
        fields = self.fields
        kind = fields.get("response_type")
        if kind not in ("code", "token"):
            raise OAuthError("invalid_request")
        if kind == "token" or "code" not in self.client.oauth_flows:
            raise OAuthError("unauthorized_client")
        self.challenge = fields.get("code_challenge")
        method = fields.get("code_challenge_method")
        if (self.challenge, method) != (None, None) and (not self.challenge or method != "S256"):
            raise OAuthError("invalid_request")
        if not fields.get("max_age", "0").isdecimal():
            raise OAuthError("invalid_request")
        self.scope = scopes.granted(self.client, fields.get("scope"))

    def session(self, request):
        """The browser's session, unless the client wants a sign-in of its own."""
        max_age = None
        if self.state.pool.managed_login:
            if "login" in self.prompts():
                return None
            max_age = int(self.fields["max_age"]) if "max_age" in self.fields else None
        return self.state.browser_sessions.find(request, max_age)

    def prompts(self):
        return self.fields.get("prompt", "").split() if self.state.pool.managed_login else []

    def answer(self, login):
        login.nonce = self.fields.get("nonce")
        return self.back(code=self.state.codes.issue(login, self.redirect_uri, self.challenge))

    def back(self, **values):
        """To the client, with its state as it came."""
        if "state" in self.fields:
            values["state"] = self.fields["state"]
        joint = "&" if "?" in self.redirect_uri else "?"
        return page.redirect(self.redirect_uri + joint + urllib.parse.urlencode(values))


def endpoint(step):
    def answer(state, request):
        try:
            asked = Asked(state, parameters.query(request))
        except OAuthError as error:
            return to_error_page(state, request, error.error)
        try:
            asked.check()
            return step(state, request, asked)
        except OAuthError as error:
            return asked.back(error=error.error)
    return answer


def to_error_page(state, request, error):
    client = urllib.parse.parse_qs(request.query).get("client_id", [""])[0]
    query = urllib.parse.urlencode({"error": error, "client_id": client})
    return page.redirect(f"{state.domain}/error?{query}")


@endpoint
def authorize(state, request, asked):
    session = asked.session(request)
    if session is not None:
        return asked.answer(session.login(asked.client, asked.scope))
    if "none" in asked.prompts():
        raise OAuthError("login_required")
    return page.redirect(f"{state.domain}/login?{request.query}")


@endpoint
def show_login(state, _request, asked):
    step = SignIn(state, asked.client, asked.scope)
    step.ask_password(asked.fields.get("login_hint", ""))
    return page.show("Sign in", page.form(step.form))


@endpoint
def login(state, request, asked):
    fields = parameters.form(request)
    step = SignIn(state, asked.client, asked.scope)
    if page.is_ours(request, fields):
        step.take(fields)
    else:
        step.error = "This page has expired. Please try again."
        step.ask_password(asked.fields.get("login_hint", ""))
    if step.login is None:
        return page.show("Sign in", page.alert(step.error), page.form(step.form))
    answer = asked.answer(step.login)
    answer.headers.append(("Set-Cookie", state.browser_sessions.start(step.login)))
    return answer


def error_page(_state, request):
    error = urllib.parse.parse_qs(request.query).get("error", ["unknown"])[0]
    return page.show("An error was encountered with the requested page.", page.alert(error),
                     status=400)
