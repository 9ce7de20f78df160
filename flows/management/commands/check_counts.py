"""`manage.py check_counts`: recount everything that a canvas shows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flows.models import Flow
from flows.recount import differences, repair


class Command(BaseCommand):
    """Compare the live counters with a recount from visits and steps."""

    help = "Recount every flow from its visits and steps and compare with the live counters."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--fix` sets the counters right."""
        parser.add_argument(
            "--fix", "--repair", action="store_true", dest="fix", help="set the counters right"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each difference; fail if there is one that stays."""
        wrong = repair() if options["fix"] else differences()
        names = dict(Flow.objects.values_list("id", "key"))
        for one in wrong:
            place = f"{names.get(one.flow_id, one.flow_id)} {one.node or '(flow)'} {one.what}"
            self.stdout.write(f"{place}: counter {one.counted}, rows {one.recounted}")
        if wrong and not options["fix"]:
            raise CommandError(f"{len(wrong)} counters differ; --fix sets them right.")
        self.stdout.write("repaired" if wrong else "All counters agree with the rows.")
