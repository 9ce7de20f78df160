"""`manage.py create_api_key NAME --role …`: make a key for programs that call `/api/`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.permissions import COMMAND
from accounts.roles import Role
from accounts.services import key_create
from common.clock import utcnow
from common.errors import MillraceError


class Command(BaseCommand):
    """Makes a key and prints it, once; the words go to stderr, so that stdout is the key alone."""

    help = "Make a key for programs that call /api/ and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name")
        parser.add_argument("--role", choices=Role.values, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print it."""
        try:
            key, plain = key_create(
                COMMAND, name=options["name"], role=options["role"], now=utcnow()
            )
        except MillraceError as refused:
            raise CommandError(refused.detail) from refused
        self.stderr.write(f"The key {key.name!r}, as {key.role}, shown this once:")
        self.stdout.write(plain)
