#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A person at a real browser, a headless Chromium, for the stories here.

    visit.py STATE PICTURES paste USER URL     signs in, copies the code from callback.html with
                                               its button, prints what the clipboard then holds
    visit.py STATE PICTURES address USER URL   the same, where nobody listens at the address to
                                               return to: prints what the address bar holds
    visit.py STATE PICTURES phone USER URL     on a telephone: signs in, compares the code, allows

STATE is the local Cognito's folder. Each page is left in PICTURES as a PNG."""
import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cognito"), str(ROOT / "tests/browser")]

from control import Cognito  # noqa: E402
from webdriver import Browser  # noqa: E402

DESKTOP, PHONE = (900, 760), (360, 740)


class Visit:
    def __init__(self, browser, cognito, pictures, user):
        self.browser = browser
        self.cognito = cognito
        self.pictures = pathlib.Path(pictures)
        self.user = user

    def picture(self, name):
        self.browser.picture(self.pictures / f"{name}.png")

    def sign_in(self, name):
        """Password, and an authenticator's code if the page wants one."""
        facts = self.cognito.user(self.user)
        if not self.browser.run("return document.getElementById('username').value"):
            self.browser.type("#username", self.user)
        self.browser.type("#password", facts["password"])
        self.picture(f"{name}-sign-in")
        self.browser.click("button")
        if facts.get("totp"):
            self.browser.wait_for("label", "authenticator")
            self.picture(f"{name}-second-factor")
            self.browser.type("#answer", self.cognito.totp(self.user))
            self.browser.click("button")

    def paste(self):
        self.sign_in("browser")
        self.browser.wait_for("#code", ".")
        self.browser.devtools("Browser.grantPermissions",
                              permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.picture("browser-callback")
        self.browser.click("#copy")
        self.browser.wait_for("#copy", "Copied")
        return self.browser.run_async("navigator.clipboard.readText().then(done, done)")

    def address(self):
        self.sign_in("address")
        self.browser.wait_for("body", "localhost")
        return self.browser.url

    def phone(self):
        self.sign_in("phone")
        code = self.browser.wait_for("strong", "-")
        self.picture("phone-confirm")
        self.browser.click("button[value=allow]")
        self.browser.wait_for("p", "Thank you")
        self.picture("phone-done")
        return code


def main(state, pictures, way, user, url):
    browser = Browser()
    try:
        browser.look(*(PHONE if way == "phone" else DESKTOP))
        browser.open(url)
        print(getattr(Visit(browser, Cognito(state, start=False), pictures, user), way)())
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
