#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A person with a browser: follows redirects, keeps cookies, fills in the forms of the local
Cognito's pages, and stops where a page leaves it or nothing is left to fill in.
"""
import html.parser
import http.client
import urllib.parse

MOST_PAGES = 12
REDIRECTS = (301, 302, 303, 307)


class Page(html.parser.HTMLParser):
    """The first form of a page, its alert, and all of its text."""

    def __init__(self, text):
        super().__init__()
        self.method = None
        self.hidden = {}
        self.asked = {}
        self.buttons = {}
        self.error = None
        self.text = ""
        self.in_alert = False
        self.in_style = False
        self.select = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        name = values.get("name")
        self.in_style = self.in_style or tag == "style"
        if tag == "form":
            self.method = values.get("method", "get")
        elif tag == "input":
            place = self.hidden if values.get("type") == "hidden" else self.asked
            place[name] = values.get("value", "")
        elif tag == "select":
            self.asked[name] = ""
        elif tag == "button" and name:
            self.buttons.setdefault(name, []).append(values.get("value"))
        elif values.get("role") == "alert":
            self.in_alert = True

    def handle_endtag(self, tag):
        self.in_style = self.in_style and tag != "style"
        self.in_alert = self.in_alert and tag != "p"

    def handle_data(self, data):
        if self.in_alert:
            self.error = (self.error or "") + data
        if not self.in_style:
            self.text += data + "\n"


class Person:
    """`host` is what pages call the server, HOST:PORT; it is always reached on `port` here."""

    def __init__(self, port, host, context):
        self.port = port
        self.host = host
        self.context = context
        self.cookies = {}
        self.landed = None
        self.page = None
        self.status = None
        self.url = None

    def open(self, url, method="GET", body=None):
        """Goes there. Either `page` is what is shown, or `landed` the foreign address that the
        browser was sent to."""
        for _ in range(MOST_PAGES):
            url = urllib.parse.urljoin(self.url or "", url)
            parts = urllib.parse.urlsplit(url)
            if (parts.scheme, parts.netloc) != ("https", self.host):
                self.landed, self.page = url, None
                return self
            self.url = url
            answer = self.request(method, parts, body)
            if self.status not in REDIRECTS:
                self.landed, self.page = None, Page(answer)
                return self
            url, method, body = answer, "GET", None
        raise ValueError("too many redirects")

    def request(self, method, parts, body):
        """The page's text, or where it redirects to."""
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30,
                                           context=self.context)
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            link.request(method, parts._replace(scheme="", netloc="", fragment="").geturl(),
                         body, headers)
            answer = link.getresponse()
            text = answer.read().decode()
        finally:
            link.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.status = answer.status
        return answer.headers["Location"] if self.status in REDIRECTS else text

    def submit(self, **answers):
        """Sends the form that is shown. An answer may be a function: it is asked only now."""
        shown = self.page
        wanted = [*shown.asked, *shown.buttons]
        given = {name: answers[name] for name in wanted if name in answers}
        given = {name: value() if callable(value) else value for name, value in given.items()}
        query = urllib.parse.urlencode({**shown.hidden, **shown.asked, **given})
        if shown.method == "post":
            return self.open(self.url, "POST", query)
        return self.open(self.url.partition("?")[0] + "?" + query)

    def go(self, url, **answers):
        """Fills in form after form; the address landed on, or the text of the last page."""
        self.open(url)
        for _ in range(MOST_PAGES):
            if self.page is None:
                return self.landed
            if self.page.error:
                raise ValueError(self.page.error)
            if self.page.method is None:
                return self.page.text
            self.submit(**answers)
        raise ValueError("the pages do not come to an end")
