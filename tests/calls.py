"""Helpers for the tests of calls to other systems: a server that answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from messaging.calling import calls_make
from messaging.outgoing import HttpCaller


@dataclass(slots=True)
class Heard:
    """A request as the server heard it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Reply:
    """What the server says: after `wait` has been set, if there is one to wait for."""

    code: int = 200
    body: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    hang_up: bool = False


Answer = Callable[[Heard], Reply]


class HttpServer:
    """Hears requests, and answers as it is told to."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.heard: list[Heard] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.port = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_server(answer: Answer = lambda heard: Reply()) -> Iterator[HttpServer]:
    """Run a server on a port of its own."""
    server = HttpServer(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            heard = Heard(
                self.command,
                self.path,
                dict(self.headers.items()),
                self.rfile.read(length).decode(),
            )
            with server.lock:
                server.heard.append(heard)
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                reply = server.answer(heard)
                if reply.wait is not None:
                    reply.wait.wait(20)
            finally:
                with server.lock:
                    server.at_once -= 1
            if reply.hang_up:
                self.close_connection = True
                return
            content = reply.body.encode()
            self.send_response(reply.code)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - http.server's names

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join(timeout=5)


CALLER = HttpCaller(allow_private=True)
"""Calls servers of this machine, as tests need it."""


def make(now: datetime) -> bool:
    """Make the calls that are due at an instant."""
    return calls_make(clock=lambda: now, caller=CALLER)
