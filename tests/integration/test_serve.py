"""`manage.py serve`: all starts, is kept alive, stops cleanly, and starts again with its data."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from config import embedded
from tests.served import Served, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def served(var_dir: Path) -> Iterator[Served]:
    run = Served(var_dir)
    yield run
    run.end()


def test_it_starts_stops_and_starts_again_with_its_data(served: Served, var_dir: Path) -> None:
    served.start()
    made = served.manage("create_user", "ada@example.org", "--role", "admin")
    assert made.returncode == 0, made.stderr

    # A command run by hand found the server and left it running; a child that dies comes back.
    engines = served.children("engine")
    assert len(engines) == settings.ENGINES
    os.kill(min(engines), signal.SIGKILL)
    wait_until(lambda: len(served.children("engine") - {min(engines)}) == settings.ENGINES)
    wait_until(lambda: served.health().get("status") == "ok")

    said = served.stop()
    assert "Millrace runs at" in said
    assert "engine ended (-9); starting it again" in said
    assert not any(served.children(name) for name in ("web", "engine", "worker"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(embedded.database_url(var_dir))

    served.start()
    again = served.manage("create_user", "ada@example.org", "--role", "admin")
    assert again.returncode != 0
    served.stop(signal.SIGTERM)


def test_a_port_that_is_taken_is_said_at_once(served: Served) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", served.port))
        taken.listen()
        outcome = served.manage("serve")
    assert outcome.returncode != 0
    assert "set PORT to another number" in outcome.stderr


def test_a_database_that_is_not_there_is_said_at_once(served: Served) -> None:
    served.environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    outcome = served.manage("serve")
    assert outcome.returncode != 0
    assert "the database at DATABASE_URL does not answer" in outcome.stderr
