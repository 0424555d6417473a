#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A person at the pages of an OpenID provider: goes where links and forms lead, signs in, allows,
and tells the address that leads elsewhere, or the last page's text.

    visitor.py CA-FILE PROMPT-FILE USER     opens the address of the browser flow's prompt"""
import html.parser
import http.cookiejar
import pathlib
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_PAGES = 12


class Form(html.parser.HTMLParser):
    """The first form of a page."""

    def __init__(self, text):
        super().__init__()
        self.action = None
        self.fields = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = values.get("action", "")
        elif tag == "input" and values.get("name"):
            self.fields[values["name"]] = values.get("value", "")


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the provider only."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Visitor:
    def __init__(self, ca_file):
        context = ssl.create_default_context(cafile=ca_file)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), Stay(), urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, url, fields=None):
        body = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with self.opener.open(url, body) as answer:
                return answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code in (302, 303):
                return error.headers["Location"], None
            raise RuntimeError(f"{url}: {error.code}: {error.read().decode()[:2000]}") from error

    def go(self, url, user, until=None, **answers):
        """`until`: words of a page to stop at, though it has a form."""
        where, text = self.open(url)
        for _ in range(MOST_PAGES):
            if text is None:
                return where
            form = Form(text)
            if form.action is None or (until is not None and until in text):
                return text
            given = {"login": user, "password": "any", **answers}
            fields = {**form.fields, **{name: given[name] for name in form.fields if name in given}}
            where, text = self.open(urllib.parse.urljoin(where, form.action), {**fields, **answers})
        raise RuntimeError("the pages do not come to an end")


if __name__ == "__main__":
    prompt = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
    print(Visitor(sys.argv[1]).go(re.search(r"^(https://\S+)$", prompt, re.M).group(1), sys.argv[3]))
