"""Ends of many visits at once, by a person's hand: at some places, or in a whole flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from common.arrays import int_array
from common.lanes import LANES
from common.sql import queries
from flows.models import Flow
from flows.series import counts_add
from messaging.services import messages_cancel
from segments.catalogue import catalogue

SQL = {**queries("flows"), **queries("flows", "editions")}

ALL_LANES: Final = list(range(LANES))

Place = tuple[int, str]
"""A version's id and a node's."""


def visits_end(
    flow: Flow,
    *,
    places: Sequence[Place] | None,
    reason: str,
    now: datetime,
    lanes: Sequence[int] = ALL_LANES,
) -> int:
    """Everybody inside (at some places, or at all) leaves; the lanes must be held."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["end_visits"],
            {
                "flow": flow.id,
                "lanes": list(lanes),
                "everybody": places is None,
                "versions": [version_id for version_id, _ in places or ()],
                "nodes": [node for _, node in places or ()],
                "now": now,
                "reason": reason,
            },
        )
        rows = cursor.fetchall()
    counts: Counter[tuple[str, str]] = Counter()
    for _lane, _visit, _contact, at_node, had_failed in rows:
        counts["", "exited"] += 1
        counts[at_node, "out:"] += 1
        if had_failed:
            counts["", "failed"] -= 1
            counts[at_node, "failed"] -= 1
    counts_bump(flow, counts, lane=lanes[0], now=now)
    messages_cancel([(row[0], row[1]) for row in rows], reason=f"left the flow: {reason}", now=now)
    if f"flow:{flow.key}" in catalogue().by_mention:
        _touch_left(flow, [(row[0], row[2]) for row in rows], now=now)
    return len(rows)


def _touch_left(flow: Flow, contacts: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Segments that ask for the flow look again at who has left it."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["touch_flows"],
            {
                "contact_lanes": int_array(lane for lane, _ in contacts),
                "contacts": int_array(contact_id for _, contact_id in contacts),
                "flow": flow.key,
                "detail": '{"change": "moved"}',
                "now": now,
            },
        )


def counts_bump(
    flow: Flow, counts: Mapping[tuple[str, str], int], *, lane: int, now: datetime
) -> None:
    """Add to the live counters, in the rows of a lane that is held."""
    counts_add((((flow.id, *place), n) for place, n in counts.items()), lane=lane, at=now)
