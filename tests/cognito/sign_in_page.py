#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signing in on a page: name and password, then the challenges the API would ask too.

The steps are those of challenge.py; a page only carries the Session from one to the next.
"""
import json

import challenge
import page
import proof
from errors import ApiError, not_authorized
from login import Login
from proof import parameter

# challenge -> (what it is answered with, label, type, autocomplete)
QUESTIONS = {
    "SOFTWARE_TOKEN_MFA": ("SOFTWARE_TOKEN_MFA_CODE", "Code from your authenticator app",
                           "text", "one-time-code"),
    "SMS_MFA": ("SMS_MFA_CODE", "Code sent to your phone", "text", "one-time-code"),
    "EMAIL_OTP": ("EMAIL_OTP_CODE", "Code sent to your e-mail address", "text", "one-time-code"),
    "SELECT_MFA_TYPE": ("ANSWER", "How do you want to confirm it is you?", "choice", ""),
    "NEW_PASSWORD_REQUIRED": ("NEW_PASSWORD", "New password", "password", "new-password"),
}
NEEDED = ("username", "password")


class SignIn:
    """One step on a page. Afterwards either `login` is who has signed in, or `form` is what to
    ask next, with `error` above it."""

    def __init__(self, state, client, scope):
        self.state = state
        self.client = client
        self.scope = scope
        self.login = None
        self.error = None
        self.form = ""

    def ask_password(self, hint=""):
        self.form = (page.field("username", "Username", value=hint, autocomplete="username")
                     + page.field("password", "Password", "password",
                                  autocomplete="current-password") + page.button("Sign in"))

    def ask(self, name, session, parameters):
        _, label, kind, autocomplete = QUESTIONS[name]
        if kind == "choice":
            asked = page.choice("answer", label, json.loads(parameters["MFAS_CAN_CHOOSE"]))
        else:
            asked = page.field("answer", label, kind, autocomplete=autocomplete)
        self.form = page.hidden(challenge=name, session=session) + asked + page.button("Continue")

    def take(self, fields):
        """The step that a posted form is. A refusal is shown above the form it concerns."""
        try:
            if "session" in fields:
                self.continue_session(fields)
            else:
                self.check_password(fields)
        except ApiError as error:
            self.error = error.message
            if not self.form:
                self.ask_password(fields.get("username", ""))

    def check_password(self, fields):
        state = self.state
        name, password = (parameter(fields, needed) for needed in NEEDED)
        user = state.pool.find_or_stranger(name)
        proof.check_password(state, user, lambda: state.pool.password_is(user, password))
        login = Login(user, self.client, state.clock.now(), "oauth", self.scope)
        self.follow(login, challenge.after_password(state, login))

    def continue_session(self, fields):
        name = fields.get("challenge")
        if name not in QUESTIONS:
            raise not_authorized("Invalid session for the user.")
        session = self.state.sessions.find(fields["session"], self.client, name)
        answer = {QUESTIONS[name][0]: fields.get("answer", "").strip()}
        try:
            result = challenge.ANSWERS[name](self.state, session, answer)
        except ApiError:
            # A wrong code leaves the session as it is.
            self.ask(name, fields["session"],
                     {"MFAS_CAN_CHOOSE": json.dumps(session.facts.get("methods", []))})
            raise
        self.follow(session.login, result)

    def follow(self, login, result):
        name = result.get("ChallengeName")
        if name is None:
            self.login = login
        elif name in QUESTIONS:
            self.ask(name, result["Session"], result["ChallengeParameters"])
        else:
            raise not_authorized(f"These pages do not know the step {name}.")
