"""`manage.py segment export [KEY …]` and `manage.py segment apply FILE`: segments in git."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.clock import utcnow
from common.errors import MillraceError
from segments.exchange import segments_apply, segments_export


class Command(BaseCommand):
    """Writes segments as YAML, and makes them from it."""

    help = "Export segments as YAML, or apply a YAML file of segments (- is standard input)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the two ways."""
        ways = parser.add_subparsers(dest="way", required=True)
        export = ways.add_parser("export", help="print segments, all if none is named")
        export.add_argument("keys", nargs="*")
        apply = ways.add_parser("apply", help="make or change the segments in a file")
        apply.add_argument("file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        try:
            if options["way"] == "export":
                self.stdout.write(segments_export(options["keys"]), ending="")
                return
            text = (
                sys.stdin.read()
                if options["file"] == "-"
                else Path(options["file"]).read_text(encoding="utf-8")
            )
            done = segments_apply(text, now=utcnow())
        except (OSError, UnicodeError, MillraceError) as error:
            raise CommandError(str(error)) from None
        for key, what in done.items():
            self.stdout.write(f"{what:>8} {key}")
