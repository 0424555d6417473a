#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""/sample/device and /sample/callback: what a person sees of the AWS sample.

The load balancer's own sign-in before this page is not played; Cognito's after it is.
"""
import html
import urllib.parse

import page
import parameters
import response
from errors import OAuthError
from sample import SampleCode, has_bug, json_answer

TITLE = "Link a device"


def heading(status, text):
    return response.Response(status, f"<H1>{html.escape(text, quote=False)}</H1>".encode(), [
        ("Content-Type", "text/html"), ("Cache-Control", "no-store")])


def expired():
    return heading(400, "Sorry, code has expired")


def failed():
    return heading(400, "Error, can't update status")


def find(state, user_code):
    entry = state.device_codes.waiting_for(user_code, SampleCode.dialect)
    if entry is not None and has_bug(state, 9) and entry.user_code != user_code:
        return None
    # Once begun it waits for nothing but the way back from Cognito.
    return entry if entry is not None and entry.state is None else None


def ask(state, user_code=""):
    method = "get" if has_bug(state, 8) else "post"
    return page.show(TITLE, page.form(
        page.field("code", "Code of the device that wants to be linked to your account",
                   value=user_code),
        page.button("Authorize", "authorize", "true"),
        page.button("Deny", "authorize", "false"), method=method))


def decide(state, user_code, decision):
    entry = find(state, user_code)
    if entry is None:
        return expired()
    if decision == "false":
        entry.deny()
        return heading(200, "Thanks, Device has been unauthorized.")
    if decision != "true":
        return failed()
    entry.begin(state)
    return page.redirect(cognito_address(state, entry))


def cognito_address(state, entry):
    callback = urllib.parse.quote(state.domain + "/sample/callback", safe="")
    scope = entry.scope
    if not has_bug(state, 12):
        scope = urllib.parse.quote(urllib.parse.unquote_plus(scope))
    provider = "&identity_provider=COGNITO" if has_bug(state, 10) else ""
    return (f"{state.domain}/oauth2/authorize?response_type=code&client_id={entry.client.id}"
            f"&redirect_uri={callback}&state={entry.state}&scope={scope}"
            f"&code_challenge_method=S256&code_challenge={entry.challenge}{provider}")


def show(state, request):
    """With bug 8 the address alone decides."""
    fields = dict(urllib.parse.parse_qsl(request.query))
    if has_bug(state, 8) and fields.get("code") and fields.get("authorize"):
        return decide(state, fields["code"], fields["authorize"])
    return ask(state, fields.get("code", ""))


def post(state, request):
    if has_bug(state, 8):
        return json_answer(405)
    try:
        fields = parameters.form(request)
    except OAuthError:
        fields = {}
    if not page.is_ours(request, fields):
        return ask(state)
    return decide(state, fields.get("code", ""), fields.get("authorize"))


def callback(state, request):
    fields = dict(urllib.parse.parse_qsl(request.query))
    if not fields.get("code") or not fields.get("state"):
        return json_answer(405)
    for entry in state.device_codes.by_device_code.values():
        if entry.dialect == SampleCode.dialect and entry.state == fields["state"]:
            entry.arrive(state, fields["code"])
            return heading(200, "Thanks, Device has been Authorized. You can return to your "
                                "device.")
    return failed()
