#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""/device, where a person enters a user code, signs in, and allows or denies the device.

The code is shown again before the decision: who came by a link compares it with the device.
"""
import page
import parameters
from errors import OAuthError
from sign_in_page import SignIn

TITLE = "Connect a device"
UNKNOWN = "That code is not known, or it has expired."


def ask_code(error=None):
    return page.show(TITLE, page.alert(error), page.form(
        page.field("user_code", "Enter the code your device shows"), page.button("Continue")))


def ask_sign_in(entry, step):
    return page.show("Sign in", page.alert(step.error), page.form(
        page.hidden(user_code=entry.user_code), step.form))


def ask_decision(entry, user):
    scope = entry.scope.replace(" ", ", ")
    return page.show(
        TITLE, page.paragraph(f"Signed in as {user.username}. Does your device show this code?"),
        f"<p><strong>{page.escape(entry.user_code)}</strong></p>",
        page.paragraph(f"{entry.client.name} wants to know who you are ({scope}). If you did not "
                       "start this yourself, deny it."),
        page.form(page.hidden(user_code=entry.user_code),
                  page.button("Allow", "decision", "allow"),
                  page.button("Deny", "decision", "deny")))


def decide(state, entry, session, decision):
    if decision == "allow":
        entry.approve(state, session.login(entry.client, entry.scope))
        return page.show(TITLE, page.paragraph("Thank you. You can go back to your device."))
    entry.deny()
    return page.show(TITLE, page.paragraph("The device was denied."))


def next_step(state, request, fields):
    """What comes after the fields given so far."""
    entry = state.device_codes.waiting_for(fields.get("user_code", ""), "rfc8628")
    if entry is None:
        return ask_code(UNKNOWN)
    if "password" in fields or "session" in fields:
        step = SignIn(state, entry.client, entry.scope)
        step.take(fields)
        if step.login is None:
            return ask_sign_in(entry, step)
        answer = ask_decision(entry, step.login.user)
        answer.headers.append(("Set-Cookie", state.browser_sessions.start(step.login)))
        return answer
    session = state.browser_sessions.find(request)
    if session is None:
        step = SignIn(state, entry.client, entry.scope)
        step.ask_password()
        return ask_sign_in(entry, step)
    if fields.get("decision") in ("allow", "deny"):
        return decide(state, entry, session, fields["decision"])
    return ask_decision(entry, session.user)


def show(state, request):
    """A link may bring the code along, but never a decision."""
    try:
        fields = parameters.query(request)
    except OAuthError:
        return ask_code()
    if "user_code" not in fields:
        return ask_code()
    return next_step(state, request, {"user_code": fields["user_code"]})


def post(state, request):
    try:
        fields = parameters.form(request)
    except OAuthError:
        fields = {}
    if not page.is_ours(request, fields):
        return ask_code("This page has expired. Please try again.")
    return next_step(state, request, fields)
