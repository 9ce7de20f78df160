"""`manage.py demo`: the demo shop: fill an empty database with it, and let it run."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.clock import utcnow
from demo import live
from demo.filling import RATE, fill


class Command(BaseCommand):
    """Fills, or with `--live` runs."""

    help = "Fill an empty database with the demo shop; with --live, let its visitors come."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--live", action="store_true", help="send the visitors' messages until stopped"
        )
        parser.add_argument(
            "--rate", type=float, default=RATE, help=f"messages a second (default: {RATE:g})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill or run."""
        if options["live"]:
            stopping = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopping.set())
            live.run(stopping.wait, clock=utcnow, rate=max(0.1, options["rate"]))
        elif not fill(now=utcnow(), say=self._say) and options["verbosity"]:
            self.stdout.write("there are segments, flows or templates already: nothing was done")

    def _say(self, words: str) -> None:
        self.stdout.write(f"millrace: {words}")
        self.stdout.flush()
