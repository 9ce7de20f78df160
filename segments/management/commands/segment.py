"""`manage.py segment export|apply|diff`: segments as files that live in git."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from common.clock import utcnow
from common.filecommands import FileCommand
from common.yamltext import texts_of
from segments.code import segments_apply, segments_compare, segments_export, segments_read


class Command(FileCommand):
    """Writes segments as YAML, makes them from it, and compares."""

    help = "Segments as YAML files: export, apply, diff (- is standard input)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the ways."""
        ways = parser.add_subparsers(dest="way", required=True)
        export = ways.add_parser("export", help="print segments, all if none is named")
        export.add_argument("keys", nargs="*")
        export.add_argument("--to", metavar="DIR", help="write <key>.yaml files there instead")
        apply = ways.add_parser("apply", help="make or change the segments in files, all or none")
        apply.add_argument("files", nargs="+")
        apply.add_argument("--dry-run", action="store_true", help="say what would be done")
        diff = ways.add_parser("diff", help="what applying would change; exit code 1 if anything")
        diff.add_argument("files", nargs="+")

    def _export(self, options: dict[str, Any]) -> None:
        self.texts_write(segments_export(options["keys"]), options["to"])

    def _apply(self, options: dict[str, Any]) -> None:
        files = segments_read(texts_of(options["files"]))
        for one in segments_apply(files, dry_run=options["dry_run"], now=utcnow()):
            self.stdout.write(f"{one.what:>8} {one.key}")
            for sentence in one.words:
                self.stdout.write(f"         {sentence}")
        if options["dry_run"]:
            self.stdout.write("Nothing was done: this was a dry run.")

    def _diff(self, options: dict[str, Any]) -> None:
        compared = segments_compare(segments_read(texts_of(options["files"])))
        for one in compared:
            self.stdout.write(f"{one.key}:" if one.words else f"{one.key}: the same")
            for sentence in one.words:
                self.stdout.write(f"  {sentence}")
        if any(one.words for one in compared):
            sys.exit(1)
