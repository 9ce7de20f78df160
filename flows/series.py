"""The counts of a flow over time: written with the counters, read by slots, folded with age.

Each addition to the counters (`counts_add`) is also an addition to a slot of five minutes, by the
same statement and from the same figures. So all slots of a flow together come to its counters. The
nightly upkeep folds old slots into hours, and older ones into the one at 1970, which also holds
what was before the table was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from common.errors import Refused
from common.sql import queries
from common.upkeep import Upkeep, mark_of, mark_set
from flows.models import Flow
from flows.selectors import counts_from

SQL: Final = {**queries("flows"), **queries("flows", "series")}

OPENING: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The slot of what is so old, or was taken back from so long ago, that nobody asks when it was."""
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
STEPS: Final = {"PT5M": timedelta(minutes=5), "PT1H": HOUR, "P1D": DAY}
AT_MOST: Final = 180
"""So many slots an answer has where nobody asks for a step."""
MOST_SLOTS: Final = 2_500
TOTALS: Final = ("entered", "completed", "converted", "exited", "failed")
AT_NODES: Final = {"in": "entered", "out": "left", "failed": "failed"}
FROM: Final = "flow_series_from"
FINE: Final = "flow_series_fine"


def counts_add(
    rows: Iterable[tuple[tuple[int, str, str], int]], *, lane: int, at: datetime
) -> None:
    """Add to the live counters and to the slot of an instant, in the rows of a lane that is held.

    Parameters
    ----------
    rows
        (flow id, node, what) and what it grows by.
    """
    grown = sorted((key, n) for key, n in rows if n)
    if not grown:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["bump_counts"],
            {
                "lane": lane,
                "at": at,
                "flows": [key[0] for key, _ in grown],
                "nodes": [key[1] for key, _ in grown],
                "whats": [key[2] for key, _ in grown],
                "ns": [n for _, n in grown],
            },
        )


def series_since(flow: Flow) -> datetime:
    """From when on there are figures of a flow."""
    mark = mark_of(FROM)
    return max(flow.created_at, mark[0]) if mark else flow.created_at


@dataclass(frozen=True, slots=True)
class Span:
    """A period in slots: from the beginning of the first to the end of the last."""

    begins: datetime
    ends: datetime
    step: str
    at: list[datetime]


def span_of(
    begins: datetime, ends: datetime, step: str | None, *, zone: str, fine_from: datetime | None
) -> Span:
    """Cut a period into slots.

    Parameters
    ----------
    step
        How long a slot is; None: as short as an answer of a readable length can have it.
    fine_from
        Before this instant there are only hours.

    Raises
    ------
    Refused
        If the period ends before it begins, or has more slots than anybody reads.
    """
    if begins >= ends:
        raise Refused("The period must begin before it ends.", attr="from")
    length = ends - begins
    if step == "PT1M":
        step = "PT5M"  # the shortest there is
    if step is None:
        step = next((one for one, each in STEPS.items() if length / each <= AT_MOST), "P1D")
    if step == "PT5M" and fine_from is not None and begins < fine_from:
        step = "PT1H"
    if length / STEPS[step] > MOST_SLOTS:
        raise Refused(
            f"That would be more than {MOST_SLOTS:,} slots: ask for a shorter period"
            " or a longer step.",
            attr="step",
        )
    at = list(_slots(begins, ends, step, zone))
    end = _slot_after(at[-1], step, zone)
    return Span(at[0], end, step, at)


def _slots(begins: datetime, ends: datetime, step: str, zone: str) -> Iterator[datetime]:
    if step == "P1D":
        local = begins.astimezone(ZoneInfo(zone))
        at = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    else:
        at = begins - (begins - OPENING) % STEPS[step]
    while at < ends:
        yield at.astimezone(UTC)
        at = _slot_after(at, step, zone)


def _slot_after(at: datetime, step: str, zone: str) -> datetime:
    if step != "P1D":
        return at + STEPS[step]
    return (at.astimezone(ZoneInfo(zone)) + DAY).astimezone(UTC)  # a day by the clock on the wall


def series_of(
    flow: Flow,
    *,
    begins: datetime | None,
    ends: datetime | None,
    step: str | None,
    zone: str,
    now: datetime,
) -> dict[str, Any]:
    """The counts of a flow over a period (the last day), and its counters at the same instant.

    One statement reads both: what the counters grow by afterwards came after these figures.
    """
    ends = ends or now
    fine = mark_of(FINE)
    try:
        begins = begins or ends - DAY
        span = span_of(begins, ends, step, zone=zone, fine_from=fine[0] if fine else None)
    except OverflowError as refused:
        raise Refused("The period is beyond the calendar.", attr="from") from refused
    place = {at: i for i, at in enumerate(span.at)}
    totals = {what: [0] * len(span.at) for what in TOTALS}
    nodes: dict[str, dict[str, list[int]]] = {}
    counters: list[tuple[str, str, int]] = []
    with connection.cursor() as cursor:
        params: dict[str, Any] = {"flow": flow.id, "from": span.begins, "to": span.ends}
        if span.step == "P1D":
            cursor.execute(SQL["series_by_day"], {**params, "zone": zone})
        else:
            seconds = STEPS[span.step].total_seconds()
            cursor.execute(SQL["series"], {**params, "step": seconds})
        rows = cursor.fetchall()
    for slot, node, what, n in rows:
        if slot is None:
            counters.append((node, what, n))
            continue
        i = place.get(slot.astimezone(UTC))
        if i is None:
            continue
        if not node:
            if what in totals:
                totals[what][i] = n
        elif what in AT_NODES:
            empty = {one: [0] * len(span.at) for one in AT_NODES.values()}
            nodes.setdefault(node, empty)[AT_NODES[what]][i] = n
    return {
        "from": span.begins,
        "to": span.ends,
        "step": span.step,
        "since": series_since(flow),
        "at": span.at,
        "totals": totals,
        "nodes": nodes,
        "ever": counts_from(counters),
    }


def slots_roll(before: datetime) -> Iterator[int]:
    """Fold the slots of each full hour before an instant into one."""
    yield from _folded(FINE, before, HOUR)


def slots_clean(before: datetime) -> Iterator[int]:
    """Fold the days before an instant into the opening."""
    yield from _folded(FROM, before, DAY)


def _folded(what: str, before: datetime, length: timedelta) -> Iterator[int]:
    """Fold what there is before an instant, a stretch of this length in each transaction."""
    upto = before - (before - OPENING) % length
    mark = mark_of(what)
    at = OPENING + STEPS["PT5M"] if what == FROM or mark is None else mark[0]
    while at < upto:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SQL["next_slot"], {"from": at, "to": upto})
            (first,) = cursor.fetchone()
            rows = 0
            if first is None:
                at = upto
            else:
                begins = first - (first - OPENING) % length
                into = OPENING if what == FROM else begins
                at = begins + length
                params = {"from": max(begins, first), "to": at, "into": into}
                cursor.execute(SQL["fold"], params)
                rows = cursor.fetchone()[0]
            if mark is None or at > mark[0]:
                mark_set(what, at, 0)
        if rows:
            yield rows


UPKEEPS: Final = (
    Upkeep(FINE, "five-minute figures of flows, which become hours", "P14D", slots_roll),
    Upkeep("flow_series", "hourly figures of flows", "P1095D", slots_clean),
)
