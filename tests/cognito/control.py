#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Starts, stops and steers the local Cognito, from Python and from shell scripts.

    with Cognito(keys="build/cognito-keys") as cognito:
        config = cognito.config({"login": {"recheck": 0}})
        cognito.set_behaviour("jwks", "silence", times=1)

    control.py DIR start [SERVE OPTIONS]      in the background; returns when it is ready
    control.py DIR stop | wait | port | reset | rotate | unlock | log | outbox
    control.py DIR totp USER                  six digits that were not used yet
    control.py DIR code USER                  the last code sent by mail or message
    control.py DIR browse USER URL            signs in on the pages; prints where that ends
    control.py DIR approve CODE USER | deny CODE | devices      the device flow's user codes
    control.py DIR clock SECONDS              server time = real time + SECONDS
    control.py DIR behaviour ENDPOINT NAME|none [TIMES]
    control.py DIR user NAME JSON | client ID JSON | pool JSON
    control.py DIR config JSON                writes another configuration, prints its path
    control.py DIR requests [ENDPOINT] | connections     counts
"""
import copy
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from person import Person  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
CONTROL_PROTOCOL = "cognito-test-control"
START_SECONDS = 120
LINK_SECONDS = 240  # serve.py closes a connection that is silent for 300


def merge(base, changes):
    """`changes` laid over `base`, object by object; None removes a member."""
    result = copy.deepcopy(base)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merge(result[name], value)
        else:
            result[name] = value
    return result


class Cognito:
    """A running local Cognito. Without `start` it attaches to the one that uses `folder`."""

    def __init__(self, folder=None, start=True, keys=None, arguments=()):
        self.own_folder = None
        if folder is None:
            self.own_folder = tempfile.TemporaryDirectory(prefix="cognito-")
            folder = self.own_folder.name
        self.dir = pathlib.Path(folder).resolve()
        self.arguments = [*(["--keys", str(keys)] if keys else []), *arguments]
        self.process = None
        self.configs = 0
        self.link, self.linked = None, 0.0  # and when it was used
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.stop()

    def command(self):
        return [PYTHON, str(HERE / "serve.py"), "--state", str(self.dir), *self.arguments]

    def start(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "ready").unlink(missing_ok=True)
        # --until-eof: should this process die, the pipe closes and the server follows.
        self.process = subprocess.Popen(self.command() + ["--until-eof"], stdin=subprocess.PIPE)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while not (self.dir / "ready").exists():
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError("the local Cognito ended while starting")
            if time.monotonic() > deadline:
                raise RuntimeError("the local Cognito did not start")
            time.sleep(0.01)

    def stop(self):
        if self.link is not None:
            self.link.close()
        if self.process is not None:
            self.process.stdin.close()
            self.process.terminate()
            self.process.wait()
            self.process = None
        if self.own_folder is not None:
            self.own_folder.cleanup()

    @property
    def port(self):
        return int((self.dir / "ready").read_text())

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def context(self):
        return ssl.create_default_context(cafile=str(self.dir / "ca.pem"))

    def connect(self):
        """A control connection: kept open, told apart by ALPN, not counted as a client's."""
        context = self.context()
        context.set_alpn_protocols([CONTROL_PROTOCOL])
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def control(self, command, **fields):
        if self.link is None or time.monotonic() - self.linked > LINK_SECONDS:
            self.link = self.connect()
        self.linked = time.monotonic()
        self.link.request("POST", "/_test/" + command, json.dumps(fields))
        answer = self.link.getresponse()
        value = json.loads(answer.read())
        if answer.status != 200:
            raise ValueError(value["error"])
        return value

    def reset(self):
        self.control("reset")

    def clock(self, offset):
        self.control("clock", offset=offset)

    def set_behaviour(self, endpoint, name, times=None, after=0, rate=1.0):
        """rate: the part of the requests that it strikes."""
        self.control("behaviour", endpoint=endpoint, behaviour=name, times=times, after=after, rate=rate)

    def user(self, username, **fields):
        return self.control("user", username=username, **fields)

    def client(self, name, **fields):
        return self.control("client", id=name, **fields)

    def pool(self, **fields):
        self.control("pool", **fields)

    def rotate(self):
        return self.control("rotate")

    def lock(self, username):
        self.control("lock", username=username)

    def unlock(self):
        self.control("unlock")

    def totp(self, username, skew=0):
        return self.control("totp", username=username, skew=skew)["code"]

    @property
    def domain(self):
        """The base of the user pool domain's addresses, as the pages write it."""
        value = json.loads((self.dir / "config.json").read_text())
        return value["config"]["token_url"].removesuffix("/oauth2/token")

    def person(self):
        """Somebody with a fresh browser."""
        return Person(self.port, self.domain.removeprefix("https://"), self.context())

    def browse(self, url, username, person=None, **answers):
        """Opens an address of the pool and does what its pages ask, as `username`; the address
        the browser ends at, or the last page's text."""
        known = {"username": username, "answer": lambda: self.totp(username),
                 "authorize": "true", "decision": "allow"}
        if "password" not in answers:
            known["password"] = self.control("user", username=username)["password"]
        return (person or self.person()).go(url, **{**known, **answers})

    def approve(self, user_code, username):
        """As though this person had signed in on the device page and allowed it."""
        self.control("device", user_code=user_code, approve=username)

    def deny(self, user_code):
        self.control("device", user_code=user_code, approve=None)

    def begin_approval(self, user_code):
        """Somebody has pressed the button and is yet to sign in; approve() may follow."""
        self.control("device", user_code=user_code, begin=True)

    def device_codes(self):
        """The devices that wait for somebody, oldest first."""
        return self.control("devices")["codes"]

    def remembered(self):
        """The devices that the pool remembers: confirmed, and not forgotten."""
        return self.control("remembered")["devices"]

    def browser_endpoints(self):
        """Overrides for config(): the address that is registered for pasting codes."""
        return {"endpoints": {"redirect_uri": "http://localhost:8400/callback"}}

    def device_endpoints(self):
        """Overrides for config(): the RFC 8628 broker."""
        return {"endpoints": {"device_authorization_url": self.domain + "/device/authorize",
                              "device_dialect": "rfc8628"},
                "config": {"token_url": self.domain + "/device/token"}}

    def sample_endpoints(self):
        """Overrides for config(): the AWS sample, where one address gives out codes and takes
        polls. Its client has a secret. Refresh tokens go to Cognito's own token_url, which
        stays what it is."""
        client = self.control("client", id="localsecret")
        return {"endpoints": {"device_authorization_url": self.domain + "/sample/token",
                              "device_dialect": "aws-sample"},
                "config": {"client_id": client["id"], "client_secret": client["secret"]}}

    def config(self, *changes):
        """Writes the ready configuration with changes laid over it; returns the new path."""
        base = json.loads((self.dir / "config.json").read_text())
        for overrides in changes:
            base = merge(base, overrides or {})
        self.configs += 1
        path = self.dir / f"config-{os.getpid()}-{self.configs}.json"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(base, file, indent=4, ensure_ascii=False)
        return str(path)

    def log(self):
        return [json.loads(line) for line in
                (self.dir / "requests.log").read_text().splitlines()]

    def requests(self, endpoint=None):
        """The logged requests, or those of one endpoint or operation."""
        return [line for line in self.log()
                if "method" in line and endpoint in (None, line["endpoint"])]

    def connections(self):
        """How many TLS connections clients have made."""
        return sum(line.get("event") == "tls" for line in self.log())

    def outbox(self):
        return [json.loads(line) for line in (self.dir / "outbox.log").read_text().splitlines()]

    def code(self, username):
        """The last code sent to somebody."""
        return [line["code"] for line in self.outbox() if line["username"] == username][-1]


def start_in_background(cognito, *arguments):
    """For shell scripts: the server outlives this command; `stop` ends it."""
    cognito.arguments = list(arguments)
    cognito.dir.mkdir(parents=True, exist_ok=True)
    (cognito.dir / "ready").unlink(missing_ok=True)
    with open(cognito.dir / "stderr", "w", encoding="utf-8") as errors:
        cognito.process = subprocess.Popen(
            cognito.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors, start_new_session=True)
    (cognito.dir / "pid").write_text(f"{cognito.process.pid}\n")
    cognito.wait()
    return cognito.port


def stop_in_background(cognito):
    os.kill(int((cognito.dir / "pid").read_text()), signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while (cognito.dir / "ready").exists():
        if time.monotonic() > deadline:
            raise RuntimeError("the local Cognito did not stop")
        time.sleep(0.01)


def user_fields(cognito, name, fields):
    cognito.user(name, **json.loads(fields))


def client_fields(cognito, name, fields):
    cognito.client(name, **json.loads(fields))


def behaviour(cognito, endpoint, name, times=None):
    cognito.set_behaviour(endpoint, None if name == "none" else name,
                          None if times is None else int(times))


COMMANDS = {
    "start": start_in_background,
    "stop": stop_in_background,
    "wait": lambda cognito: cognito.wait(),
    "port": lambda cognito: cognito.port,
    "reset": lambda cognito: cognito.reset(),
    "rotate": lambda cognito: cognito.rotate(),
    "unlock": lambda cognito: cognito.unlock(),
    "log": lambda cognito: cognito.log(),
    "outbox": lambda cognito: cognito.outbox(),
    "totp": lambda cognito, name: cognito.totp(name),
    "code": lambda cognito, name: cognito.code(name),
    "approve": lambda cognito, code, name: cognito.approve(code, name),
    "deny": lambda cognito, code: cognito.deny(code),
    "devices": lambda cognito: cognito.device_codes(),
    "browse": lambda cognito, name, url: cognito.browse(url, name),
    "clock": lambda cognito, offset: cognito.clock(float(offset)),
    "behaviour": behaviour,
    "user": user_fields,
    "client": client_fields,
    "pool": lambda cognito, fields: cognito.pool(**json.loads(fields)),
    "config": lambda cognito, fields="{}": cognito.config(json.loads(fields)),
    "requests": lambda cognito, endpoint=None: len(cognito.requests(endpoint)),
    "connections": lambda cognito: cognito.connections(),
}


def show(value):
    if isinstance(value, list):
        for line in value:
            print(json.dumps(line, ensure_ascii=False))
    elif isinstance(value, dict):
        print(json.dumps(value, ensure_ascii=False))
    elif value is not None:
        print(value)


def main(arguments):
    if len(arguments) < 2 or arguments[1] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    cognito = Cognito(arguments[0], start=False)
    try:
        show(COMMANDS[arguments[1]](cognito, *arguments[2:]))
    except (ValueError, RuntimeError, OSError, IndexError) as error:
        print(f"control.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
