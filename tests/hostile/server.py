# SPDX-License-Identifier: MIT
"""A server that means ill: one TLS port, one plan at a time, everything it is asked is
answered by the plan's next reply. It notes what it was asked and what it said."""
import json
import pathlib
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
import certificates  # noqa: E402

LARGEST_REQUEST = 256 * 1024


class Asked:
    """One request: the operation ("jwks" for the key set), its body, and the reply to it."""

    def __init__(self, operation, body, reply):
        self.operation = operation
        self.body = body
        self.reply = reply

    def json(self):
        return json.loads(self.body)


class Server:
    """Serves whoever connects. plan is set before each run: plan.reply(operation) -> Reply."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.plan = None
        self.asked = []
        self.lock = threading.Lock()
        certificate = certificates.prepare(self.folder, self.folder, ())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.num_tickets = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, plan):
        """The next run: what connections of the last one still say counts for nothing."""
        with self.lock:
            self.plan, self.asked = plan, []
        return self.asked

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        self.listener.close()

    def serve(self, connection):
        connection.settimeout(20)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.context.wrap_socket(connection, server_side=True) as tls:
                while self.serve_one(tls):
                    pass
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def serve_one(self, tls):
        """Whether the connection may serve another request."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = tls.recv(65536)
            if not piece or len(data) > LARGEST_REQUEST:
                return False
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines[1:]}
        length = int(fields.get("content-length", "0"))
        while len(body) < length <= LARGEST_REQUEST:
            piece = tls.recv(65536)
            if not piece:
                return False
            body += piece
        operation = fields.get("x-amz-target", "").rpartition(".")[2]
        if lines[0].startswith("GET "):
            operation = "jwks"
        with self.lock:
            reply = self.plan.reply(operation)
            self.asked.append(Asked(operation, body, reply))
            delay = self.plan.delay
        time.sleep(delay)
        return reply.send(tls)
