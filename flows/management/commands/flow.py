"""`manage.py flow export|apply|diff|test`: flows as files that live in git."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from accounts.permissions import COMMAND
from common.clock import utcnow
from common.filecommands import FileCommand
from common.yamltext import texts_of
from flows.code.applying import flows_apply, flows_compare, flows_export, flows_read
from flows.code.files import FlowFile
from flows.code.trying import read_tests, run_tests


class Command(FileCommand):
    """Writes flows as YAML, makes them from it, compares and tests them."""

    help = "Flows as YAML files: export, apply, diff, test (- is standard input)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the ways."""
        ways = parser.add_subparsers(dest="way", required=True)
        export = ways.add_parser("export", help="print flows, all if none is named")
        export.add_argument("keys", nargs="*")
        export.add_argument("--to", metavar="DIR", help="write <key>.yaml files there instead")
        export.add_argument("--live", action="store_true", help="what is live, not the draft")
        apply = ways.add_parser("apply", help="make or change the flows in files, all or none")
        apply.add_argument("files", nargs="+")
        apply.add_argument("--publish", action="store_true", help="publish what differs from live")
        apply.add_argument("--inside", choices=["stay", "move"], default="stay")
        apply.add_argument("--dry-run", action="store_true", help="say what would be done")
        diff = ways.add_parser("diff", help="what applying would change; exit code 1 if anything")
        diff.add_argument("files", nargs="+")
        diff.add_argument("--live", action="store_true", help="against what is live, not the draft")
        test = ways.add_parser("test", help="run the tests in files; exit code 1 if one fails")
        test.add_argument("files", nargs="+")
        test.add_argument("-k", dest="names", action="append", default=[], metavar="WORD")

    def _export(self, options: dict[str, Any]) -> None:
        self.texts_write(flows_export(options["keys"], live=options["live"]), options["to"])

    def _apply(self, options: dict[str, Any]) -> None:
        files = _read(options["files"])
        for file in files:
            read_tests(file)
        done = flows_apply(
            files,
            publish=options["publish"],
            inside=options["inside"],
            dry_run=options["dry_run"],
            actor=COMMAND,
            now=utcnow(),
        )
        verb = "would be published" if options["dry_run"] else "published"
        for one in done:
            published = f", {verb} as version {one.version}" if one.version else ""
            self.stdout.write(f"{one.what:>8} {one.key}{published}")
            for sentence in one.words:
                self.stdout.write(f"         {sentence}")
        if options["dry_run"]:
            self.stdout.write("Nothing was done: this was a dry run.")

    def _diff(self, options: dict[str, Any]) -> None:
        compared = flows_compare(_read(options["files"]), live=options["live"])
        for one in compared:
            if one.same:
                self.stdout.write(f"{one.key}: the same")
                continue
            self.stdout.write(f"{one.key}:")
            for sentence in one.words:
                self.stdout.write(f"  {sentence}")
        if not all(one.same for one in compared):
            sys.exit(1)

    def _test(self, options: dict[str, Any]) -> None:
        failed = run = 0
        for file in _read(options["files"]):
            for one in run_tests(file, names=options["names"]):
                run += 1
                self.stdout.write(f"{'FAIL' if one.faults else 'ok':>4}  {one.flow}: {one.name}")
                if one.faults:
                    failed += 1
                    for fault in one.faults:
                        self.stdout.write(f"      {one.file}, line {one.line}: {fault}")
        self.stdout.write(f"{run} tests, {failed} failed" if failed else f"{run} tests, all well")
        if failed:
            sys.exit(1)


def _read(names: list[str]) -> list[FlowFile]:
    return flows_read(texts_of(names))
