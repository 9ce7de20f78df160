"""`manage.py serve`: all of Millrace on one machine, until Ctrl-C. It is what `make run` runs.

Has the database there (embedded, or at DATABASE_URL), brings its tables up to date, fills an empty
one with the demo, and keeps the web process, the engine and the job worker alive. On a machine of
its own each of them is started by itself: see `docs/operating.md`.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.models import User
from accounts.permissions import COMMAND
from accounts.roles import Role
from accounts.services import user_create
from common.clock import utcnow
from config import embedded
from config.children import FIRST_PAUSE, LONGEST_PAUSE, Children
from config.machine import EmbeddedFailed

OLDEST_POSTGRES = 160_000
_ADVISORY_LOCK = 0x6D696C6C


class Command(BaseCommand):
    """Runs everything."""

    help = "Run all of Millrace: database, web, engine, worker. Ctrl-C stops it."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT or SIGTERM."""
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self._check_port()
        try:
            with self._database() as url:
                embedded_url = url or settings.DATABASE_URL
                self._check_version(embedded_url)
                has_demo = self._prepare()
                connections.close_all()
                self._run(embedded_url, with_demo=has_demo, stopping=stopping)
        except EmbeddedFailed as failure:
            raise CommandError(str(failure)) from failure
        self._say("stopped")

    def _database(self) -> AbstractContextManager[str]:
        if os.environ.get("DATABASE_URL"):
            return nullcontext("")
        self._say("starting the embedded PostgreSQL")
        return embedded.running(settings.VAR_DIR)

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.BIND, settings.PORT))
            except OSError as error:
                raise CommandError(
                    f"{settings.BIND}:{settings.PORT} can't be listened on ({error.strerror}): "
                    "stop what runs there, or set PORT to another number"
                ) from None

    def _check_version(self, url: str) -> None:
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                version = connection.info.server_version
        except psycopg.OperationalError as error:
            raise CommandError(f"the database at DATABASE_URL does not answer: {error}") from None
        if version < OLDEST_POSTGRES:
            raise CommandError(
                f"this is PostgreSQL {version // 10_000}, and Millrace needs 16 or newer"
            )

    def _prepare(self) -> bool:
        """Bring the tables up to date, fill an empty database; returns whether it has the demo."""
        self._say("preparing the database")
        with connections["default"].cursor() as cursor:
            # Of several machines that start at once, one migrates and the others wait.
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
            call_command("migrate", verbosity=0, interactive=False)
            if settings.DEMO and not User.objects.exists():
                self._say("filling the empty database with the demo shop")
                call_command("demo", verbosity=0)
                # Last, because it is by this user that a filled database is known.
                user_create(
                    COMMAND,
                    email=settings.DEMO_EMAIL,
                    name="Demo",
                    role=Role.ADMIN,
                    password=settings.DEMO_PASSWORD,
                    now=utcnow(),
                )
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
        return User.objects.filter(email=settings.DEMO_EMAIL).exists()

    def _run(self, url: str, *, with_demo: bool, stopping: threading.Event) -> None:
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        children = Children(
            environment={**os.environ, "DATABASE_URL": url, "VAR_DIR": str(settings.VAR_DIR)},
            folder=settings.BASE_DIR,
            say=self._say,
        )
        revival = _Revival(self._say)
        try:
            if not stopping.is_set():
                children.add("web", [*manage, "web"])
                for _ in range(settings.ENGINES):
                    children.add("engine", [*manage, "engine"])
                children.add("worker", [*manage, "worker"])
                if with_demo and settings.DEMO:
                    children.add("demo", [*manage, "demo", "--live"])
            has_greeted = False
            while not stopping.wait(1.0 if has_greeted else 0.2):
                revival.look_after()
                children.look_after()
                # Not before: whoever follows the address at once would find nobody there.
                if not has_greeted and _listens():
                    self._greet(with_demo=with_demo)
                    has_greeted = True
        finally:
            self._say("stopping")
            children.stop()

    def _greet(self, *, with_demo: bool) -> None:
        lines = ["", f"  Millrace runs at  {settings.PUBLIC_URL}/"]
        if with_demo:
            lines += [
                f"  Sign in as        {settings.DEMO_EMAIL}",
                f"  with password     {settings.DEMO_PASSWORD}",
            ]
        elif not User.objects.exists():
            manage = f"{_short(sys.executable)} manage.py"
            lines.append(f"  Make a sign-in    {manage} create_user you@example.org --role admin")
        connections.close_all()
        lines += ["  Ctrl-C stops it.", ""]
        self._put("\n".join(lines))

    def _say(self, words: str) -> None:
        self._put(f"millrace: {words}")

    def _put(self, words: str) -> None:
        """Tell whoever watches; that a log's disk is full must not end what it tells of."""
        with suppress(OSError):
            self.stdout.write(words)
            self.stdout.flush()


class _Revival:
    """Starts the embedded PostgreSQL again when it has been killed; everybody else connects anew.

    One at DATABASE_URL is somebody else's to look after.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._pause = FIRST_PAUSE
        self._try_at = 0.0

    def look_after(self) -> None:
        """To be called every second or so."""
        now = time.monotonic()
        if os.environ.get("DATABASE_URL") or now < self._try_at:
            return
        try:
            if embedded.revive(settings.VAR_DIR):
                self._say("PostgreSQL had ended; it runs again")
            self._pause = FIRST_PAUSE
        except EmbeddedFailed as failure:
            self._say(f"PostgreSQL has ended; trying again in {self._pause:.0f} s: {failure}")
            self._try_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)


def _listens() -> bool:
    """Whether the web process takes connections."""
    try:
        socket.create_connection((settings.BIND, settings.PORT), timeout=1.0).close()
    except OSError:
        return False
    return True


def _short(program: str) -> Path:
    """A program's path as it is typed in the project's folder."""
    path = Path(program)
    inside = path.is_relative_to(settings.BASE_DIR)
    return path.relative_to(settings.BASE_DIR) if inside else path
