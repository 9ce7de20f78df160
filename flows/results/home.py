"""What the home page shows: a fixed number of statements, none of which reads visits or steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from common.arrays import int_array, text_array
from common.sql import queries
from flows.models import Flow
from flows.selectors import counts_of
from flows.series import HOUR, OPENING

SQL: Final = {**queries("flows", "results"), **queries("flows", "series")}

DAYS: Final = 14
HOURS: Final = 24
LATELY: Final = timedelta(minutes=5)
LATE: Final = timedelta(hours=1)
"""Ids of messages and the instants they were made at may be out of step by less than this."""


def home_shown(*, now: datetime, zone: str) -> dict[str, Any]:
    """What runs, how fast things go just now, and the last two weeks by days of the zone."""
    running = list(
        Flow.objects.filter(status__in=[Flow.Status.LIVE, Flow.Status.PAUSED])
        .only("id", "key", "name", "status")
        .order_by("name")
    )
    counts = counts_of([flow.id for flow in running])
    inside = {flow.id: counts[flow.id].totals["inside"] for flow in running}
    days = _days(now, zone)
    figures = _by_hour(list(inside), since=min(days[-1], _hour(now) - (HOURS - 1) * HOUR))
    rates = _rates(list(inside), now)
    flows = [
        {
            "key": flow.key,
            "name": flow.name,
            "status": flow.status,
            "inside": inside[flow.id],
            "rate_per_hour": rates.get(flow.id, 0),
            **_day_shown(flow.id, figures, now=now, today=days[-1]),
        }
        for flow in running
    ]
    return {
        "running": flows,
        "now": {**_lately(list(inside), now), "inside": sum(inside.values())},
        "joins": _joins(days, zone),
        "messages": _messages(days, zone),
    }


def _days(now: datetime, zone: str) -> list[datetime]:
    """The beginnings of the last days in the zone, today's last."""
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    return [
        datetime.combine(today - timedelta(days=ago), time(), there).astimezone(UTC)
        for ago in range(DAYS - 1, -1, -1)
    ]


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


Figures = Mapping[tuple[int, str], Mapping[datetime, int]]


def _by_hour(flow_ids: list[int], *, since: datetime) -> Figures:
    found: dict[tuple[int, str], dict[datetime, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        whats = ["entered", "converted"]
        params: dict[str, Any] = {
            "flows": int_array(flow_ids),
            "from": since,
            "whats": text_array(whats),
        }
        cursor.execute(SQL["series_of_flows"], params)
        for flow_id, hour, what, n in cursor.fetchall():
            found[flow_id, what][hour.astimezone(UTC)] = n
    return found


def _day_shown(flow_id: int, figures: Figures, *, now: datetime, today: datetime) -> dict[str, Any]:
    entered = figures.get((flow_id, "entered"), {})
    converted = figures.get((flow_id, "converted"), {})
    hours = [_hour(now) - ago * HOUR for ago in range(HOURS - 1, -1, -1)]
    return {
        "entered_today": sum(n for hour, n in entered.items() if hour >= today),
        "converted_today": sum(n for hour, n in converted.items() if hour >= today),
        "series": [entered.get(hour, 0) for hour in hours],
    }


def _rates(flow_ids: list[int], now: datetime) -> dict[int, int]:
    """How many entered each flow in the last hour, to the slot."""
    with connection.cursor() as cursor:
        params: dict[str, Any] = {"flows": int_array(flow_ids), "from": _slot(now) - HOUR + LATELY}
        cursor.execute(SQL["entered_lately"], params)
        return dict(cursor.fetchall())


def _slot(at: datetime) -> datetime:
    """The beginning of the slot an instant is in."""
    return at - (at - OPENING) % LATELY


def _lately(flow_ids: list[int], now: datetime) -> dict[str, Any]:
    begins = _slot(now) - LATELY
    with connection.cursor() as cursor:
        cursor.execute(SQL["moved_lately"], {"flows": int_array(flow_ids), "from": begins})
        moved = cursor.fetchone()[0]
        cursor.execute(SQL["events_lately"], {"from": now - timedelta(minutes=1)})
        events = cursor.fetchone()[0]
    return {
        "moving_per_minute": round(moved / ((now - begins) / timedelta(minutes=1)), 1),
        "events_per_minute": events,
    }


def _joins(days: list[datetime], zone: str) -> dict[str, Any]:
    there = ZoneInfo(zone)
    dates = [day.astimezone(there).date() for day in days]
    with connection.cursor() as cursor:
        cursor.execute(SQL["joined_by_day"], {"since": dates[0]})
        found = {day: (joined, left) for day, joined, left in cursor.fetchall()}
    return {
        "at": days,
        "joined": [found.get(day, (0, 0))[0] for day in dates],
        "left": [found.get(day, (0, 0))[1] for day in dates],
    }


def _messages(days: list[datetime], zone: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["message_since"], {"at": days[0] - LATE})
        first = cursor.fetchone()[0] or 0
        params = {"first": first, "from": days[0], "zone": zone}
        cursor.execute(SQL["messages_by_day"], params)
        found = {row[0].astimezone(UTC): row[1:] for row in cursor.fetchall()}
    kinds = ("sent", "withheld", "failed")
    by_kind = {kind: [found.get(day, (0, 0, 0))[i] for day in days] for i, kind in enumerate(kinds)}
    return {"at": days, **by_kind}
