#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A headless Chromium, driven through chromedriver's own protocol: no library needed."""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--hide-scrollbars"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Straight to the driver on the loopback, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def installed():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="browser-")
        environment = {**os.environ, "HOME": self.home, "TMPDIR": self.home}
        for name in [name for name in environment if name.lower().endswith("_proxy")]:
            del environment[name]
        # Its own process group, so that the end reaches every child of Chromium.
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env=environment, start_new_session=True)
        self.base = f"http://127.0.0.1:{self.read_port()}"
        self.base += "/session/" + self.start_session()

    def read_port(self):
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return found.group(1)
        raise RuntimeError("chromedriver did not start")

    def start_session(self):
        arguments = [*ARGUMENTS, f"--user-data-dir={self.home}/profile"]
        options = {"binary": shutil.which("chromium"), "args": arguments}
        return self.call("POST", "/session", capabilities={"alwaysMatch": {
            "browserName": "chrome", "acceptInsecureCerts": True,
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}})["sessionId"]

    def call(self, method, path, **fields):
        body = json.dumps(fields).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, body, method=method, headers={
            "Content-Type": "application/json"})
        try:
            with OPENER.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from error

    def close(self):
        try:
            self.call("DELETE", "")
        except (RuntimeError, OSError):
            # The process group is ended all the same.
            pass
        os.killpg(self.driver.pid, signal.SIGTERM)
        self.driver.wait()
        self.driver.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def open(self, url):
        self.call("POST", "/url", url=url)

    @property
    def url(self):
        return self.call("GET", "/url")

    def run(self, script):
        return self.call("POST", "/execute/sync", script=script, args=[])

    def run_async(self, script):
        """The script hands its result to done()."""
        return self.call("POST", "/execute/async",
                         script="const done = arguments[0]; " + script, args=[])

    def find(self, selector):
        found = self.call("POST", "/element", **{"using": "css selector", "value": selector})
        return "/element/" + found[ELEMENT]

    def text(self, selector):
        return self.call("GET", self.find(selector) + "/text")

    def wait_for(self, selector, words, seconds=10):
        """Until an element says this: a click returns before the next page is there."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                text = self.text(selector)
            except RuntimeError:
                # The element went away with its page.
                text = ""
            if words in text or time.monotonic() > deadline:
                return text
            time.sleep(0.05)

    def shown(self, selector):
        return self.call("GET", self.find(selector) + "/displayed")

    def click(self, selector):
        self.call("POST", self.find(selector) + "/click")

    def type(self, selector, text):
        self.call("POST", self.find(selector) + "/value", text=text)

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=parameters)

    def look(self, width, height, scheme="light"):
        """The size of the window and the colours the person prefers."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=2, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        """What the console has said since the last call."""
        return [line["message"] for line in self.call("POST", "/se/log", type="browser")]

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
