#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/callback.html in a real browser, alone and at the end of a sign-in at the local Cognito.

    test_callback.py [PICTURES]     also leaves screenshots in that folder

Ends with the line "N passed, N failed, N skipped".
"""
import base64
import functools
import hashlib
import http.server
import pathlib
import re
import sys
import threading
import unittest
import urllib.parse

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cognito"), str(ROOT / "tests/browser")]

from control import Cognito  # noqa: E402
from webdriver import Browser, installed  # noqa: E402

PAGE = ROOT / "docs/callback.html"
CODE = "a1b2c3d4-5678-90ab-cdef-0123456789ab"
STATE = "Qm9iJ3Mtc3RhdGUtaXMtbG9uZw"
WARNING = "Paste this only into a sign-in that you started yourself."
SIZES = {"desktop": (1280, 800), "phone": (360, 740), "small": (320, 568)}
PICTURES = None


class Source(unittest.TestCase):
    """What can be said without a browser."""

    @classmethod
    def setUpClass(cls):
        cls.text = PAGE.read_text(encoding="utf-8")
        cls.policy = re.search(r'Content-Security-Policy" content="([^"]*)"', cls.text).group(1)

    def test_the_policy_allows_this_style_and_this_script_and_nothing_else(self):
        for kind in ("style", "script"):
            bodies = re.findall(f"<{kind}>(.*?)</{kind}>", self.text, re.S)
            self.assertEqual(len(bodies), 1)
            mark = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
            self.assertIn(f"{kind}-src 'sha256-{mark}';", self.policy)
        self.assertTrue(self.policy.startswith("default-src 'none'; "))
        self.assertNotIn("unsafe", self.policy)

    def test_it_is_one_file(self):
        self.assertNotRegex(self.text, r"(?i)(src|href|action|srcset)\s*=|url\(|@import|https?://")
        self.assertNotRegex(
            self.text, r"(?i)innerHTML|outerHTML|insertAdjacent|document\.write|eval")

    def test_the_warning(self):
        self.assertEqual(self.text.count(WARNING), 2)


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        self.server.asked.append(self.path)


@unittest.skipUnless(installed(), "chromium and chromium-driver are not installed")
class InBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        handler = functools.partial(Files, directory=str(PAGE.parent))
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        cls.server.asked = []
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.page = f"http://127.0.0.1:{cls.server.server_address[1]}/callback.html"
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.look(*SIZES["desktop"])
        self.browser.complaints()
        self.server.asked.clear()

    def show(self, *pairs, **fields):
        self.browser.open(self.page + "?" + urllib.parse.urlencode([*pairs, *fields.items()]))

    def sections(self):
        return [name for name in ("good", "bad", "nothing") if self.browser.shown("#" + name)]

    def test_the_code_and_eight_characters_of_the_state(self):
        self.show(code=CODE, state=STATE)
        self.assertEqual(self.sections(), ["good"])
        self.assertEqual(self.browser.run("return document.getElementById('code').textContent"),
                         CODE + "." + STATE[:8])
        self.assertIn(WARNING, self.browser.text("#good"))
        self.assertEqual(self.browser.complaints(), [])

    def test_without_a_state_the_bare_code(self):
        self.show(code=CODE)
        self.assertEqual(self.browser.text("#code"), CODE)

    def test_copy(self):
        self.browser.devtools("Browser.grantPermissions",
                              permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.show(code=CODE, state=STATE)
        self.browser.click("#copy")
        self.assertIn("Copied", self.browser.wait_for("#copy", "Copied"))
        if PICTURES:
            self.browser.picture(PICTURES / "copied.png")
        copied = self.browser.run_async("navigator.clipboard.readText().then(done, done)")
        self.assertEqual(copied, CODE + "." + STATE[:8])

    def test_copy_where_the_clipboard_is_barred(self):
        self.show(code=CODE, state=STATE)
        self.browser.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
        self.browser.click("#copy")
        self.browser.wait_for("#copy", "Copied")
        self.assertEqual(self.browser.run("return getSelection().toString()"),
                         CODE + "." + STATE[:8])

    def test_one_click_marks_the_whole_code(self):
        self.show(code=CODE, state=STATE)
        self.browser.click("#code")
        self.assertEqual(self.browser.run("return getSelection().toString().trim()"),
                         CODE + "." + STATE[:8])

    def test_an_error_is_text(self):
        evil = "<img src=x onerror=\"document.title='evil'\"><script>document.title='evil'</script>"
        self.show(error="access_denied", error_description=evil, state=STATE)
        self.assertEqual(self.sections(), ["bad"])
        self.assertEqual(self.browser.text("#error"), "access_denied")
        self.assertEqual(self.browser.text("#description"), evil)
        self.assertEqual(self.browser.run("return [document.title, document.images.length, "
                                          "document.scripts.length]"), ["Sign-in failed", 0, 1])
        self.show(error=evil, code=CODE)
        self.assertEqual(self.browser.text("#error"), evil[:100])
        self.assertFalse(self.browser.shown("#code"))
        self.assertEqual(self.browser.complaints(), [])

    def test_what_is_no_code(self):
        for pairs, section in (((), "nothing"), ([("state", STATE)], "nothing"),
                               ([("code", "")], "bad"), ([("code", "a\nb")], "bad"),
                               ([("code", "a b")], "bad"), ([("code", "ä")], "bad"),
                               ([("code", "x" * 401)], "bad"),
                               ([("code", CODE), ("code", "other")], "bad")):
            self.show(*pairs)
            self.assertEqual(self.sections(), [section], pairs)

    def test_a_state_that_cannot_be_typed_is_left_out(self):
        self.show(code=CODE, state="a\u202eb")
        self.assertEqual(self.browser.text("#code"), CODE)

    def test_the_policy_holds(self):
        self.show(code=CODE)
        self.browser.complaints()
        self.browser.run("const s = document.createElement('img'); s.src = '/x.png';"
                         "document.body.append(s)")
        self.browser.run_async("fetch('/x.json').then(done, () => done(0))")
        said = " ".join(self.browser.complaints())
        self.assertIn("image", said)
        self.assertIn("connect", said)
        self.assertEqual({path.partition("?")[0] for path in self.server.asked},
                         {"/callback.html"})

    def test_no_sideways_scrolling_in_any_size(self):
        for width, height in SIZES.values():
            self.browser.look(width, height)
            self.show(code="x" * 400, state=STATE)
            self.assertEqual(self.browser.run(
                "return document.documentElement.scrollWidth - innerWidth"), 0, width)

    def contrast(self, selector):
        """WCAG's ratio between an element's text and what is painted behind it."""
        return self.browser.run("""
            const e = document.querySelector('%s');
            const parse = (c) => c.match(/[\\d.]+/g).map(Number);
            let back = e;
            while (parse(getComputedStyle(back).backgroundColor)[3] === 0)
                back = back.parentElement;
            const light = (c) => parse(c).slice(0, 3).map((v) => v / 255)
                .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
            const [a, b] = [light(getComputedStyle(e).color),
                            light(getComputedStyle(back).backgroundColor)];
            return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);""" % selector)

    def test_contrast_in_both_schemes(self):
        for scheme in ("light", "dark"):
            self.browser.look(*SIZES["desktop"], scheme)
            self.show(code=CODE, state=STATE)
            for selector in ("h1", "header + p", "#code", "#copy", ".caution strong",
                             ".caution span", ".next"):
                self.assertGreater(self.contrast(selector), 4.5, (scheme, selector))
            self.show(error="x", error_description="y")
            for selector in ("#error", "#description"):
                self.assertGreater(self.contrast("#bad " + selector), 4.5, (scheme, selector))

    def test_pictures(self):
        wrong = {"error": "access_denied", "error_description": "User cancelled the sign-in."}
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                self.browser.look(width, height, scheme)
                for name, fields in (("code", {"code": CODE, "state": STATE}), ("error", wrong),
                                     ("nothing", {})):
                    self.show(**fields)
                    if PICTURES:
                        self.browser.picture(PICTURES / f"{name}-{size}-{scheme}.png")
        self.assertEqual(self.browser.complaints(), [])

    def test_a_whole_sign_in(self):
        with Cognito() as cognito:
            cognito.client("6o7h8i9jlocalpublic", callback_urls=[self.page])
            self.browser.open(cognito.url + "/oauth2/authorize?" + urllib.parse.urlencode({
                "response_type": "code", "client_id": "6o7h8i9jlocalpublic", "state": STATE,
                "redirect_uri": self.page, "scope": "openid", "login_hint": "alice"}))
            self.browser.type("#password", "Correct-Horse-9!")
            self.browser.click("button")
            self.browser.wait_for("label", "authenticator")
            if PICTURES:
                self.browser.picture(PICTURES / "login-totp.png")
            self.browser.type("#answer", cognito.totp("alice"))
            self.browser.click("button")
            code, state = self.browser.wait_for("#code", STATE[:8]).split(".")
            self.assertEqual((len(code), state), (36, STATE[:8]))

    def test_a_device_is_allowed_on_its_page(self):
        with Cognito() as cognito:
            user_code = self.start_device(cognito)
            self.browser.open(cognito.url + "/device")
            self.browser.type("#user_code", user_code.lower())
            self.browser.click("button")
            self.browser.wait_for("label", "Username")
            self.browser.type("#username", "bob")
            self.browser.type("#password", "Battery-Staple-8!")
            self.browser.click("button")
            self.assertEqual(self.browser.wait_for("strong", user_code), user_code)
            if PICTURES:
                self.browser.picture(PICTURES / "device-confirm.png")
            self.browser.click("button[value=allow]")
            self.assertIn("Thank you", self.browser.wait_for("p", "Thank you"))
            self.assertEqual(cognito.device_codes(), [])

    def start_device(self, cognito):
        link = cognito.connect()
        link.request("POST", "/device/authorize", "client_id=6o7h8i9jlocalpublic", {
            "Content-Type": "application/x-www-form-urlencoded"})
        link.getresponse().read()
        link.close()
        return cognito.device_codes()[0]["user_code"]


def main():
    global PICTURES
    if len(sys.argv) > 1:
        PICTURES = pathlib.Path(sys.argv[1])
        PICTURES.mkdir(parents=True, exist_ok=True)
    suite = unittest.defaultTestLoader.loadTestsFromName(__name__)
    result = unittest.TextTestRunner(sys.stderr, verbosity=1).run(suite)
    for reason in sorted({reason for _, reason in result.skipped}):
        print("skipped: " + reason)
    failed = len({test.id() for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
