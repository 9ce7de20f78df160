"""`manage.py flow export|apply|diff|test|templates|use`: flows as files, and flow templates."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from accounts.permissions import COMMAND
from common.clock import utcnow
from common.errors import Refused
from common.filecommands import FileCommand
from common.yamltext import texts_of
from flows.code.applying import flows_apply, flows_compare, flows_export, flows_read
from flows.code.files import FlowFile
from flows.code.trying import read_tests, run_tests
from flows.gallery.answers import asks_of, surroundings_now
from flows.gallery.files import flow_template, flow_templates
from flows.gallery.making import template_use


class Command(FileCommand):
    """Writes flows as YAML, makes them from it, compares and tests them."""

    help = "Flows as YAML files: export, apply, diff, test (- is standard input); flow templates."

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
        apply.add_argument(
            "--to",
            dest="moves",
            action="append",
            default=[],
            metavar="OLD=NEW",
            help="with --inside move: who is at the removed step OLD goes to NEW (OLD=: leaves)",
        )
        apply.add_argument("--dry-run", action="store_true", help="say what would be done")
        diff = ways.add_parser("diff", help="what applying would change; exit code 1 if anything")
        diff.add_argument("files", nargs="+")
        diff.add_argument("--live", action="store_true", help="against what is live, not the draft")
        test = ways.add_parser("test", help="run the tests in files; exit code 1 if one fails")
        test.add_argument("files", nargs="+")
        test.add_argument("-k", dest="names", action="append", default=[], metavar="WORD")
        ways.add_parser("templates", help="list the flow templates and what they ask")
        use = ways.add_parser("use", help="make a draft of a flow template, with all it needs")
        use.add_argument("template")
        use.add_argument("--name", default="", help="what the flow is called")
        use.add_argument(
            "--set", dest="answers", action="append", default=[], metavar="QUESTION=ANSWER"
        )

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
            moves=_moves(options["moves"]),
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

    def _templates(self, options: dict[str, Any]) -> None:
        around = surroundings_now()
        for template in flow_templates().values():
            self.stdout.write(f"{template.key}: {template.head.summary}")
            for ask, default in asks_of(template, around):
                self.stdout.write(
                    f"    {ask.key}={'' if default is None else default}  {ask.label}"
                )

    def _use(self, options: dict[str, Any]) -> None:
        template = flow_template(options["template"])
        numbers = {ask.key for ask in template.head.asks if ask.type == "number"}
        answers: dict[str, Any] = {}
        for said in options["answers"]:
            key, _, answer = said.partition("=")
            answers[key] = _number(answer) if key in numbers else answer
        name = options["name"]
        used = template_use(template.key, answers, name=name, actor=COMMAND, now=utcnow())
        self.stdout.write(f"    made flow {used.flow} (a draft)")
        for verb, kinds in (("made", used.made), ("reused", used.reused)):
            for kind, keys in kinds.items():
                for key in keys:
                    self.stdout.write(f"{verb:>8} {kind[:-1]} {key}")


def _moves(said: list[str]) -> dict[str, str | None]:
    """Where those at removed steps go, from OLD=NEW.

    Raises
    ------
    Refused
        If one has another form.
    """
    moves: dict[str, str | None] = {}
    for one in said:
        old, mark, new = one.partition("=")
        if not old or not mark:
            raise Refused(f"“{one}” is not of the form OLD=NEW.", attr="moves")
        moves[old] = new or None
    return moves


def _number(text: str) -> Any:
    """The number that a text says; the text itself, to be refused, if it says none."""
    try:
        return float(text)
    except ValueError:
        return text


def _read(names: list[str]) -> list[FlowFile]:
    return flows_read(texts_of(names))
