"""What of segments' and scores' history does not stay for ever, and how far back rules look.

Old entries of the score ledger become one opening balance per contact, so that a score stays what
its entries come to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from common.durations import parse_duration
from common.lanes import LANES
from common.sql import queries
from common.upkeep import BITE, Upkeep, bites
from segments.models import Segment
from segments.rules import Rule, RuleRefused, parse
from segments.rules.conditions.event import EventCondition
from segments.selectors import fields_known

SQL: Final = queries("segments", "upkeep")

LONGEST_CALENDAR: Final = timedelta(days=400)
"""No calendar window ("this year", "last month") reaches further back."""
OPENING: Final = "opening balance"


def changes_clean(before: datetime) -> Iterator[int]:
    """Remove from the history who joined and left before an instant; sizes by day stay."""
    return bites(SQL["old_changes"], {"before": before})


def scores_clean(before: datetime) -> Iterator[int]:
    """Make one entry of each contact's entries before an instant.

    Entries of awards that still fade, or whose event is still there and might be counted again,
    stay as they are.
    """
    for lane in range(LANES):
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(SQL["hold_lane"], {"lane": lane})
                cursor.execute(
                    SQL["condense_scores"],
                    {"lane": lane, "before": before, "bite": BITE, "opening": OPENING},
                )
                gone, made = cursor.fetchone()
            if gone > made:
                yield gone - made
            if gone < BITE:
                break


def events_reached() -> dict[str, timedelta | None]:
    """How far back the segments' rules ask for events, by their names."""
    rules = Segment.objects.exclude(rule=None).values_list("rule", flat=True)
    return reach_of_rules(rules, in_flow=False)


def reach_of_rules(rules: Iterable[Any], *, in_flow: bool) -> dict[str, timedelta | None]:
    """How far back rules, as JSON, ask for events; a rule that cannot be read asks nobody."""
    fields = fields_known()
    found: dict[str, timedelta | None] = {}
    for rule in rules:
        try:
            parsed = parse(rule, fields=fields, in_flow=in_flow)
        except RuleRefused:
            continue
        for name, back in _reach(parsed):
            known = found.get(name, timedelta(0))
            found[name] = None if back is None or known is None else max(known, back)
    return found


def _reach(rule: Rule) -> Iterator[tuple[str, timedelta | None]]:
    for key in rule.mentions():
        if key.startswith("event:"):
            yield key.removeprefix("event:"), _back(rule)
    for _path, inner in rule.parts():
        yield from _reach(inner)


def _back(rule: Rule) -> timedelta | None:
    """How far back a condition looks; None: for ever, or as long as somebody is in a flow."""
    if not isinstance(rule, EventCondition):
        return None
    if rule.window.last:
        return parse_duration(rule.window.last)
    return LONGEST_CALENDAR if rule.window.calendar else None


UPKEEPS: Final = (
    Upkeep("segment_history", "who joined and left segments", "P1095D", changes_clean),
    Upkeep("score_entries", "single entries of scores", "P1095D", scores_clean),
)
