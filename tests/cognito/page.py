#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The HTML of the sign-in pages: plain forms that work without script.

Each page with a form sets a cookie and repeats its value in the form; what does not come back
with both was not sent from a page of ours.
"""
import hmac
import html
import uuid

import response
from browser_session import cookies

HTML_TYPE = "text/html;charset=UTF-8"
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 22rem; padding: 0 1rem }
label, input, select, button { display: block; width: 100%; box-sizing: border-box }
input, select, button { font: inherit; padding: .5rem; margin: .25rem 0 1rem }
strong { font: 700 1.6rem/2 ui-monospace, monospace; letter-spacing: .1em }
[role=alert] { border-left: 4px solid #c33; padding-left: .75rem }
"""


def document(title, body):
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
            f'</title><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
            f"</head><body><h1>{escape(title)}</h1>{body}</body></html>").encode()


def escape(text):
    return html.escape(str(text), quote=True)


def paragraph(text):
    return f"<p>{escape(text)}</p>"


def alert(text):
    return f'<p role="alert">{escape(text)}</p>' if text else ""


def hidden(**values):
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                   for name, value in values.items())


def field(name, label, kind="text", value="", autocomplete="off"):
    return (f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" '
            f'type="{kind}" value="{escape(value)}" autocomplete="{autocomplete}" required>')


def choice(name, label, values):
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return (f'<label for="{name}">{escape(label)}</label><select id="{name}" name="{name}">'
            f"{options}</select>")


def button(label, name="", value=""):
    named = f' name="{name}" value="{escape(value)}"' if name else ""
    return f"<button{named}>{escape(label)}</button>"


def form(*parts, method="post"):
    """Goes to the address it came from."""
    return f'<form method="{method}">{"".join(parts)}</form>'


def show(title, *parts, status=200):
    mark = str(uuid.uuid4())
    body = "".join(parts).replace("</form>", hidden(_csrf=mark) + "</form>")
    answer = response.domain(status, document(title, body), HTML_TYPE)
    answer.set_header("Set-Cookie", f"XSRF-TOKEN={mark}; Path=/; Secure; HttpOnly; SameSite=Lax")
    answer.set_header("Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    return answer


def is_ours(request, fields):
    """Whether a page of ours, in this browser, sent the form."""
    mark = cookies(request).get("XSRF-TOKEN", "")
    return bool(mark) and hmac.compare_digest(mark.encode(), fields.get("_csrf", "").encode())


def redirect(location):
    answer = response.domain(302)
    answer.set_header("Location", location)
    return answer
