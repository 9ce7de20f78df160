"""A whole Millrace for tests: one run of `manage.py serve`, and what a program asks of it."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings

MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
_NOT_HANDED_ON = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PUBLIC_URL", "PGAPPNAME")

Json = dict[str, Any]


def wait_until(condition: Callable[[], object], seconds: float = 120, every: float = 0.2) -> None:
    """Wait until `condition()` is true; fail the test if it is not so in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(every)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """One run of `serve`, with a port and a folder of its own."""

    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
        own = {"VAR_DIR": str(var_dir), "PORT": str(self.port), "DEMO": "0"}
        self.environment = {**kept, **own, **environment}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; returns when it is well."""
        # Into a file: a pipe that nobody reads would stop it when it is full.
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*MANAGE, "serve"],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_until(lambda: self.health().get("status") == "ok", seconds=300)

    def health(self) -> Json:
        """Return what `/api/health/` says, or nothing while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/health/", timeout=10) as answer:
                found: Json = json.load(answer)
                return found
        except OSError:
            assert self.process is not None
            assert self.process.poll() is None, self.output()
            return {}

    def stop(self, number: int = signal.SIGINT) -> str:
        """Ask it to stop; returns what it said in its life."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        said = self.output()
        assert self.process.returncode == 0, said
        return said

    def end(self) -> None:
        """End it whatever its state, for the teardown of a test."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def output(self) -> str:
        """Return what it has said so far."""
        return self._log.read_text()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the product beside it."""
        return subprocess.run(
            [*MANAGE, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )

    def made(self, *arguments: str) -> str:
        """Run a command that prints a secret, and return the secret."""
        done = self.manage(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def children(self, command: str) -> set[int]:
        """Find the processes of its children of a kind (`web`, `engine`, `worker`, `demo`)."""
        mine = f"VAR_DIR={self.var_dir}".encode()
        found: set[int] = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
                environment = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if arguments[2:3] == [command.encode()] and mine in environment:
                found.add(int(folder.name))
        return found

    @property
    def _log(self) -> Path:
        return self.var_dir.parent / f"{self.var_dir.name}.log"


class Program:
    """A program that talks to a running Millrace, with an API key and a write key."""

    def __init__(self, url: str, *, api_key: str, write_key: str) -> None:
        self._url = url
        self._bearer = f"Bearer {api_key}"
        self._basic = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()

    def get(self, path: str) -> Any:
        """Read from the API."""
        return self._call("GET", path, None, self._bearer)

    def post(self, path: str, body: Json) -> Any:
        """Write to the API."""
        return self._call("POST", path, body, self._bearer)

    def put(self, path: str, body: Json) -> Any:
        """Put something in place of what the API has."""
        return self._call("PUT", path, body, self._bearer)

    def upload(self, path: str, name: str, text: str) -> Any:
        """Send a file to the API, as a form does."""
        boundary = "a-line-that-no-file-has"
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        form = f"--{boundary}\r\n{head}\r\n\r\n{text}\r\n--{boundary}--\r\n"
        kind = f"multipart/form-data; boundary={boundary}"
        return self._send("POST", path, form.encode(), self._bearer, kind)

    def batch(self, messages: Sequence[Json]) -> None:
        """Send messages through the front door."""
        answer = self._call("POST", "/v1/batch", {"batch": list(messages)}, self._basic)
        assert answer == {"success": True}

    def track(self, contact: str, event: str, **properties: Any) -> None:
        """Send one event of one contact."""
        message = {"type": "track", "userId": contact, "event": event, "properties": properties}
        self.batch([message])

    def _call(self, method: str, path: str, body: Json | None, authorization: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, authorization, "application/json")

    def _send(
        self, method: str, path: str, data: bytes | None, authorization: str, kind: str
    ) -> Any:
        request = urllib.request.Request(
            self._url + path,
            data=data,
            headers={"Authorization": authorization, "Content-Type": kind},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read()!r}") from None


class Door:
    """One kept connection to the tracking API, as the server of a shop has it."""

    def __init__(self, port: int, write_key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        word = base64.b64encode(f"{write_key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        """Is opened by the first call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._connection.close()

    def send(self, messages: Sequence[Json]) -> float:
        """Send messages; returns the moment of the answer by `time.perf_counter()`."""
        return self.send_body(json.dumps({"batch": list(messages)}))

    def send_body(self, body: str) -> float:
        """Send what is JSON already."""
        self._connection.request("POST", "/v1/batch", body, self._headers)
        answer = self._connection.getresponse()
        read = answer.read()
        assert answer.status == 200, read
        return time.perf_counter()
