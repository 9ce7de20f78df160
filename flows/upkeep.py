"""What of visits and steps does not stay for ever, and how the counters stay true all the same.

A visit that has ended first loses its steps, later it goes itself, unless it is the contact's last
one to its flow: by that one is decided whether the contact may come again. What goes is added to
the sums of `flow_past`, so a recount still comes to what the counters say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from common.arrays import int_array
from common.lanes import LANES
from common.sql import queries
from common.upkeep import Upkeep, mark_of, mark_set
from flows.models import Flow, FlowVersion
from segments.upkeep import reach_of_rules

SQL: Final = queries("flows", "upkeep")

VISITS: Final = 500
"""So many visits are looked at in one transaction: a few thousand steps."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def steps_clean(before: datetime) -> Iterator[int]:
    """Remove the steps of visits that ended before an instant."""
    return _by_lanes("flow_steps", before)


def visits_clean(before: datetime) -> Iterator[int]:
    """Remove visits that ended before an instant and that another of the contact has followed."""
    return _by_lanes("flow_visits", before)


def _by_lanes(what: str, before: datetime) -> Iterator[int]:
    """Walk along the visits that have ended, in each lane from where the last night left off."""
    for lane in range(LANES):
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                looked, rows = _bite(cursor, what, lane, before)
            if rows:
                yield rows
            if looked < VISITS:
                break


def _bite(cursor: CursorWrapper, what: str, lane: int, before: datetime) -> tuple[int, int]:
    """One transaction: how many visits were looked at, and how many rows went."""
    cursor.execute(SQL["hold_lane"], {"lane": lane})
    at, last = mark_of(what, lane) or (_LONG_AGO, 0)
    params: dict[str, Any] = {"lane": lane, "before": before}
    cursor.execute(SQL["ended_visits"], {**params, "at": at, "id": last, "bite": VISITS})
    found = cursor.fetchall()
    if not found:
        return 0, 0
    mark_set(what, found[-1][1], found[-1][0], lane)
    visits = [row[0] for row in found]
    if what == "flow_steps":
        return len(found), _forget(cursor, "forget_steps", lane, visits)
    cursor.execute(SQL["visits_before_these"], {**params, "visits": int_array(visits)})
    earlier = [row[0] for row in cursor.fetchall()]
    rows = _forget(cursor, "forget_steps", lane, earlier)
    return len(found), rows + _forget(cursor, "forget_visits", lane, earlier)


def _forget(cursor: CursorWrapper, query: str, lane: int, visits: Sequence[int]) -> int:
    if not visits:
        return 0
    cursor.execute(SQL[query], {"lane": lane, "visits": int_array(visits)})
    return int(cursor.fetchone()[0])


def events_reached() -> dict[str, timedelta | None]:
    """How far back the rules of flows that run or are drawn ask for events, by their names."""
    rules: list[Any] = []
    graphs = [
        *Flow.objects.exclude(status=Flow.Status.ARCHIVED).values_list("graph", "settings"),
        *FlowVersion.objects.exclude(flow__status=Flow.Status.ARCHIVED).values_list(
            "graph", "settings"
        ),
    ]
    for graph, settings in graphs:
        rules += _rules_in(graph, settings)
    return reach_of_rules(rules, in_flow=True)


def _rules_in(graph: Any, settings: Any) -> Iterator[Any]:
    """The rules of a drawing, which may be unfinished."""
    if isinstance(settings, dict) and settings.get("goal"):
        yield settings["goal"]
    for node in (graph or {}).get("nodes", ()):
        config = node.get("config") or {}
        yield from [config["rule"]] if config.get("rule") else []
        yield from [case["rule"] for case in config.get("cases", ()) if case.get("rule")]


UPKEEPS: Final = (
    Upkeep("flow_steps", "steps of visits that have ended", "P730D", steps_clean),
    Upkeep("flow_visits", "visits that later ones have followed", "P1095D", visits_clean),
)
