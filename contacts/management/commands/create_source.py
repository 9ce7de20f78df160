"""`manage.py create_source NAME`: make a source and print its write key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import utcnow
from common.errors import Refused
from contacts.services import source_create


class Command(BaseCommand):
    """Makes a source; the key alone goes to standard output, so that a script can take it."""

    help = "Make a source of data and print its write key for the tracking API, this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("name", help="what the source is called, such as “Web shop”")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it."""
        try:
            source, key = source_create(options["name"], now=utcnow())
        except Refused as refusal:
            raise CommandError(refusal.detail) from None
        self.stderr.write(f"The source {source.key} has this write key, shown this once:")
        self.stdout.write(key)
