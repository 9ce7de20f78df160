"""`manage.py create_user EMAIL --role …`: make somebody who signs in."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.permissions import COMMAND
from accounts.roles import Role
from accounts.services import user_create
from common.clock import utcnow
from common.errors import MillraceError


class Command(BaseCommand):
    """Makes a user. Without a password one is made up and printed, once."""

    help = "Make somebody who signs in. Without a password one is made up and printed, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--name", default="")
        given = parser.add_mutually_exclusive_group()
        given.add_argument("--password", help="visible in the shell's history")
        given.add_argument(
            "--password-stdin", action="store_true", help="read it from the first line of stdin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the user and say so."""
        password = options["password"]
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
            if not password:
                raise CommandError("There is no password on stdin.")
        try:
            user, made = user_create(
                COMMAND,
                email=options["email"],
                name=options["name"],
                role=options["role"],
                password=password,
                now=utcnow(),
            )
        except MillraceError as refused:
            raise CommandError(refused.detail) from refused
        self.stderr.write(f"{user.email} can sign in, as {user.role}.")
        if made is not None:
            self.stderr.write("Their password, shown this once:")
            self.stdout.write(made)
