"""`manage.py web`: the web process: pages, the API, the tracking API, sockets."""

import warnings
from typing import Any

from daphne.cli import CommandLineInterface
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Is daphne, with what Millrace wants of it."""

    help = "Run the web process: pages, the API, the tracking API, sockets."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        # WhiteNoise hands out its small, compressed files in one piece on purpose.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
        CommandLineInterface().run(
            [
                "--bind", settings.BIND,
                "--port", str(settings.PORT),
                "--verbosity", "0",
                "--no-server-name",
                "--http-timeout", "120",
                "--application-close-timeout", "5",
                "config.asgi:application",
            ]
        )  # fmt: skip
