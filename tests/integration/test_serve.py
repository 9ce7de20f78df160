"""`manage.py serve`: all starts, is kept alive, stops cleanly, and starts again with its data."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from config import embedded

pytestmark = pytest.mark.slow
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


class Served:
    """One run of `serve` on a port of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*MANAGE, "serve"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until(lambda: self.health().get("status") == "ok")

    def health(self) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.environment['PORT']}/api/health/"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            assert self.process is not None
            assert self.process.poll() is None, self.output()
            return {}

    def stop(self, number: int = signal.SIGINT) -> str:
        assert self.process is not None
        self.process.send_signal(number)
        said = self.output()
        assert self.process.returncode == 0, said
        return said

    def output(self) -> str:
        assert self.process is not None
        return self.process.communicate(timeout=60)[0]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(var_dir: Path) -> Iterator[Served]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PUBLIC_URL", "PGAPPNAME")
    }
    environment |= {"VAR_DIR": str(var_dir), "PORT": str(free_port()), "DEMO": "0"}
    run = Served(environment)
    yield run
    if run.process is not None and run.process.poll() is None:
        run.process.kill()
        run.process.wait()


def test_it_starts_stops_and_starts_again_with_its_data(served: Served, var_dir: Path) -> None:
    served.start()
    made = served.manage("create_user", "ada@example.org", "--role", "admin")
    assert made.returncode == 0, made.stderr

    # A command run by hand found the server and left it running; a child that dies comes back.
    engine = child_named("engine", var_dir)
    assert engine is not None
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: child_named("engine", var_dir) not in (engine, None))
    wait_until(lambda: served.health().get("status") == "ok")

    said = served.stop()
    assert "Millrace runs at" in said
    assert "engine ended (-9); starting it again" in said
    assert all(child_named(name, var_dir) is None for name in ("web", "engine", "worker"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(embedded.database_url(var_dir))

    served.start()
    again = served.manage("create_user", "ada@example.org", "--role", "admin")
    assert again.returncode != 0
    served.stop(signal.SIGTERM)


def test_a_port_that_is_taken_is_said_at_once(served: Served) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(served.environment["PORT"])))
        taken.listen()
        outcome = served.manage("serve")
    assert outcome.returncode != 0
    assert "set PORT to another number" in outcome.stderr


def test_a_database_that_is_not_there_is_said_at_once(served: Served) -> None:
    served.environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    outcome = served.manage("serve")
    assert outcome.returncode != 0
    assert "the database at DATABASE_URL does not answer" in outcome.stderr


def child_named(command: str, var_dir: Path) -> int | None:
    """Find the process of a command by its command line and its VAR_DIR."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if arguments[2:3] == [command.encode()] and f"VAR_DIR={var_dir}".encode() in environment:
            return int(folder.name)
    return None
