#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The local Cognito: one user pool, its API and its domain, on one TLS port.

    serve.py --state DIR [--pool FILE] [--listen HOST:PORT] [--name NAME ...]
             [--issuer-base URL] [--keys DIR] [--until-eof]

DIR gets ca.pem, ca/ (hashed), server.pem, config.json, requests.log, outbox.log and, once it
listens, ready with the port number. SIGTERM ends it; with --until-eof so does the end of its
standard input.
"""
import argparse
import contextlib
import fcntl
import collections
import http.server
import itertools
import os
import pathlib
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True

import authorize  # noqa: E402
import behaviour  # noqa: E402
import certificates  # noqa: E402
import control_api  # noqa: E402
import delivery  # noqa: E402
import device  # noqa: E402
import device_page  # noqa: E402
import idp_api  # noqa: E402
import module_config  # noqa: E402
import oauth  # noqa: E402
import response  # noqa: E402
import sample  # noqa: E402
import sample_page  # noqa: E402
import state as states  # noqa: E402

LARGEST_REQUEST = 256 * 1024
# A client that offers this protocol steers the test: its connection is not counted.
CONTROL_PROTOCOL = "cognito-test-control"
DOMAIN = "https://acme.auth.eu-west-1.amazoncognito.com"

# path -> (name for behaviours and the log or how to find it for a request, method -> function)
ROUTES = {
    "/oauth2/authorize": ("authorize", {"GET": authorize.authorize}),
    "/login": ("login", {"GET": authorize.show_login, "POST": authorize.login}),
    "/device": ("device_page", {"GET": device_page.show, "POST": device_page.post}),
    "/device/authorize": ("device_authorization", {"POST": device.authorization}),
    "/device/token": ("device_token", {"POST": device.token}),
    "/error": ("error", {"GET": authorize.error_page}),
    "/oauth2/token": ("token", {"POST": oauth.token}),
    "/sample/token": (sample.operation, {"POST": sample.token}),
    "/sample/device": ("sample_page", {"GET": sample_page.show, "POST": sample_page.post}),
    "/sample/callback": ("sample_callback", {"GET": sample_page.callback}),
    "/oauth2/revoke": ("revoke", {"POST": oauth.revoke}),
    "/oauth2/userInfo": ("userinfo", {"GET": oauth.user_info, "POST": oauth.user_info}),
}
WELL_KNOWN = {
    "/.well-known/jwks.json": ("jwks", {"GET": oauth.jwks, "HEAD": oauth.jwks}),
    "/.well-known/openid-configuration": (
        "discovery", {"GET": oauth.discovery, "HEAD": oauth.discovery}),
}


def find_route(state, request):
    """(endpoint, methods), or None for a path nobody serves."""
    if request.path == "/":
        return idp_api.operation(request), {"POST": idp_api.answer}
    prefix = "/" + state.pool.id
    if request.path.startswith(prefix):
        return WELL_KNOWN.get(request.path[len(prefix):])
    return ROUTES.get(request.path)


class Request:
    """A request as the endpoints see it."""

    def __init__(self, method, target, headers, body):
        parts = urllib.parse.urlsplit(target)
        self.method = method
        self.path = parts.path
        self.query = parts.query
        self.headers = headers
        self.body = body

    def content_type(self):
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 300

    def log_message(self, *_args):
        """requests.log takes the place of lines on stderr."""

    def read_body(self):
        """The body, or None for one that is too long or of unknown length."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            return None
        return self.rfile.read(int(length)) if int(length) <= LARGEST_REQUEST else None

    def serve(self):
        body = self.read_body()
        if body is None:
            self.close_connection = True
            answer, body = response.Response(411), b""
            delivery.whole(self.connection, answer, True)
            return
        request = Request(self.command, self.path, self.headers, body)
        if request.path.startswith("/_test/"):
            with self.server.state.lock:
                answer = control_api.answer(self.server.state, request)
        else:
            answer = self.answer(request)
        way = delivery.WAYS[answer.delivery]
        if not way(self.connection, answer, self.command != "HEAD"):
            self.close_connection = True

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = serve

    def answer(self, request):
        what = request.headers.get("X-Amz-Target", request.path)
        parallel = self.server.begin(what)
        try:
            return self.answer_one(request, parallel)
        finally:
            self.server.end(what)

    def answer_one(self, request, parallel):
        state, came = self.server.state, time.monotonic()
        with state.lock:
            found = find_route(state, request)
            state.behaviours.taken = None
            if found is None:
                endpoint, answer = "", response.Response(404)
            else:
                endpoint, methods = found
                endpoint = endpoint(request) if callable(endpoint) else endpoint
                answer = self.call(endpoint, methods, request)
            answer.date = state.clock.now()
            state.log.add({
                "t": time.time(), "took": time.monotonic() - came, "conn": self.server.connection_number(self.connection),
                "method": request.method, "path": request.path, "query": request.query,
                "op": endpoint if request.path == "/" else "", "endpoint": endpoint,
                "status": answer.status, "fault": state.behaviours.taken, "sent": answer.delivery,
                "length": len(request.body), "parallel": parallel, "device": b'"DEVICE_KEY"' in request.body,
                "auth": request.headers.get("Authorization", "").partition(" ")[0]})
        return answer

    def call(self, endpoint, methods, request):
        state = self.server.state
        if request.method not in methods:
            return response.domain(405)
        function = methods[request.method]
        return behaviour.run(state, endpoint, lambda: function(state, request))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, state, context):
        super().__init__(address, Handler)
        self.state = state
        self.context = context
        self.numbers = itertools.count(1)
        self.open = collections.Counter()
        self.open_lock = threading.Lock()

    def begin(self, what):
        """How many requests of this kind have come and are not answered, with this one."""
        with self.open_lock:
            self.open[what] += 1
            return self.open[what]

    def end(self, what):
        with self.open_lock:
            self.open[what] -= 1

    def finish_request(self, request, client_address):
        """In the connection's own thread: a client that stalls its handshake stalls nobody."""
        request.settimeout(Handler.timeout)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = self.context.wrap_socket(request, server_side=True)
        except OSError:
            return
        with connection:
            connection.number = next(self.numbers)
            if connection.selected_alpn_protocol() != CONTROL_PROTOCOL:
                self.state.log.add({"t": time.time(), "conn": connection.number, "event": "tls"})
            try:
                self.RequestHandlerClass(connection, client_address, self)
            except OSError:
                pass

    @staticmethod
    def connection_number(connection):
        return connection.number

    def handle_error(self, request, client_address):
        """A fault of ours must be seen: tests read stderr."""
        print("serve.py:", repr(sys.exc_info()[1]), file=sys.stderr)
        super().handle_error(request, client_address)


def tls_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    context.set_alpn_protocols([CONTROL_PROTOCOL, "http/1.1"])
    return context


def parse_arguments():
    parser = argparse.ArgumentParser(description="the local Cognito")
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--state", required=True, type=pathlib.Path)
    parser.add_argument("--pool", default=here / "pool.json", type=pathlib.Path)
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--issuer-base")
    parser.add_argument("--keys", type=pathlib.Path)
    parser.add_argument("--until-eof", action="store_true")
    return parser.parse_args()


def leave_at_eof():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def locked(folder):
    """Tests that start side by side may share a --keys folder: one makes the keys."""
    with open(folder / "lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_urls(state, port, issuer_base):
    local = f"https://localhost:{port}"
    state.pool.base = issuer_base.rstrip("/") if issuer_base else local
    state.domain = DOMAIN if issuer_base else local


def write_ready(folder, port):
    temporary = folder / "ready.new"
    temporary.write_text(f"{port}\n")
    temporary.rename(folder / "ready")


def main():
    arguments = parse_arguments()
    folder = arguments.state.resolve()
    keys = (arguments.keys or folder).resolve()
    for place in (folder, keys):
        place.mkdir(parents=True, exist_ok=True)
    # The module's helper has no privileges and must reach ca/ even below mktemp's 0700.
    folder.chmod(folder.stat().st_mode | 0o111)
    (folder / "ready").unlink(missing_ok=True)
    with locked(keys):
        certificate = certificates.prepare(folder, keys, arguments.name)
        state = states.State(folder, keys, arguments.pool)
    host, _, port = arguments.listen.rpartition(":")
    server = Server((host, int(port)), state, tls_context(certificate))
    set_urls(state, server.server_address[1], arguments.issuer_base)
    if state.pool.clients:
        module_config.write(folder / "config.json", module_config.document(state))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if arguments.until_eof:
        threading.Thread(target=leave_at_eof, daemon=True).start()
    write_ready(folder, server.server_address[1])
    try:
        server.serve_forever()
    finally:
        (folder / "ready").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
