"""A delivery platform's receiver: a real HTTP server on this machine, good or bad."""

import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request that arrived, whatever was answered."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""


@dataclass
class Receiver:
    """`answers`: the status of the next requests, in turn; 0 hangs up without an answer, -1 sends a
    byte now and then; when it is empty, 200."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    breaks_on: str = ""  # an order at which it falls over, each time
    connections: int = 0
    _server: _Server | None = None

    def start(self) -> None:
        """Listens, on the port of before where there was one."""
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def wrap(self, context: ssl.SSLContext) -> None:
        """From now on it speaks TLS."""
        assert self._server is not None
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?shop=1"

    def told(self, ref: str) -> list[tuple[int, str]]:
        """(seq, status) of every request about this order, in the order of arrival."""
        return [
            (heard.told["seq"], heard.told["status"])
            for heard in self.heard
            if heard.told.get("order") == ref
        ]

    def ids(self) -> list[str]:
        return [heard.told["id"] for heard in self.heard]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.receiver.heard.append(Heard(self.path, dict(self.headers.items()), body))
        status = self.receiver.answers.pop(0) if self.receiver.answers else 200
        if self.receiver.breaks_on and self.receiver.breaks_on.encode() in body:
            status = 500
        if status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
        elif status == -1:
            self._drip()
        else:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{self.receiver.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    do_GET = do_POST

    def setup(self) -> None:
        self.receiver.connections += 1
        super().setup()

    def _drip(self) -> None:
        """A header without end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            time.sleep(0.02)
            try:
                self.wfile.write(b"X")
            except OSError:
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
