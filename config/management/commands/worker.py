"""`manage.py worker`: runs the jobs (delivery, imports, builds), and what comes each minute."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app


class Command(BaseCommand):
    """Works until it is told to stop; a job in hand gets some seconds to end."""

    help = "Run the jobs: delivery, imports, builds, and what is to be done each minute."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--concurrency", type=int, default=4, help="jobs at a time (default: 4)"
        )
        parser.add_argument(
            "--once", action="store_true", help="end when nothing is left to do (for tests)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        asyncio.run(self._work(concurrency=options["concurrency"], once=options["once"]))

    async def _work(self, *, concurrency: int, once: bool) -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                await worker_app.run_worker_async(
                    concurrency=concurrency,
                    wait=not once,
                    install_signal_handlers=not once,
                    listen_notify=not once,
                    shutdown_graceful_timeout=15,
                    update_heartbeat_interval=5,
                    stalled_worker_timeout=30,
                )
