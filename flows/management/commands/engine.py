"""`manage.py engine`: one engine worker, until it is asked to stop."""

import os
import signal
import socket
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from common.clock import utcnow
from flows.engine.worker import Engine


class Command(BaseCommand):
    """Carry contacts through flows. Any number of these share the work."""

    help = "Run an engine worker: takes in events, keeps segments, carries contacts through flows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; the turn under way is finished first."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Health counts the engines by the names under which they are connected.
        name = f"millrace engine {os.getpid()}@{socket.gethostname()}"
        connection.settings_dict["OPTIONS"]["application_name"] = name[:63]
        Engine(clock=utcnow).run(stop.is_set)
