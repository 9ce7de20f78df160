"""How a segment grew by day, from the counted days, and how it will go on growing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.db import connection

from common.models import Job
from segments.builds import KIND as BUILD
from segments.insight.forecast import BASIS_DAYS, Forecast, forecast
from segments.models import Segment
from segments.uses import SQL


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the workspace's zone: the size at its end (today: now), and what changed it."""

    day: date
    size: int
    joined: int
    left: int


def growth_of(segment: Segment, *, days: int, today: date) -> list[Day]:
    """Return a segment's last days, oldest first, today last: one statement.

    Sizes are reckoned backwards from the size now. (A contact that was deleted since is in no past
    size.)
    """
    since = today - timedelta(days=days - 1)
    changes: dict[date, tuple[int, int]] = {}
    size = 0
    with connection.cursor() as cursor:
        cursor.execute(SQL["days_of_segment"], {"segment": segment.id, "since": since})
        for day, joined, left in cursor.fetchall():
            if day is None:
                size = joined
            else:
                changes[day] = (joined, left)
    found: list[Day] = []
    for ago in range(days):
        day = today - timedelta(days=ago)
        joined, left = changes.get(day, (0, 0))
        found.append(Day(day, size, joined, left))
        size = max(size - joined + left, 0)
    return found[::-1]


def joins_forecast(segment: Segment, *, days: int, today: date, zone: tzinfo) -> Forecast:
    """Estimate how many contacts will join a segment in the next days.

    Only days since the rule was last edited count, and none on which the segment was built: who
    joins by a build has been there before.
    """
    if segment.kind == Segment.Kind.STATIC:
        return Forecast(
            enough=False,
            sentence="A static segment has no joins of its own to expect: it grows by hand alone.",
        )
    built = _build_days(segment, zone=zone)
    since = max(
        today - timedelta(days=BASIS_DAYS),
        segment.created_at.astimezone(zone).date() + timedelta(days=1),
        *(day + timedelta(days=1) for day, of_this_edition in built if of_this_edition),
    )
    joined = dict.fromkeys((since + timedelta(days=n) for n in range((today - since).days)), 0)
    with connection.cursor() as cursor:
        cursor.execute(SQL["days_of_segment"], {"segment": segment.id, "since": since})
        joined.update((day, n) for day, n, _left in cursor.fetchall() if day in joined)
    for day, _ in built:
        joined.pop(day, None)
    return forecast(joined, today=today, days=days)


def _build_days(segment: Segment, *, zone: tzinfo) -> list[tuple[date, bool]]:
    """The days on which the segment was built, and whether by the first build of its edition."""
    jobs = Job.objects.filter(kind=BUILD, detail__segment=segment.key).order_by("created_at")
    edition = str(segment.edition)
    found: list[tuple[date, bool]] = []
    begun = False
    for job in jobs:
        first = job.detail.get("edition") == edition and not begun
        begun = begun or first
        from_day = (job.started_at or job.created_at).astimezone(zone).date()
        to_day = (job.finished_at or job.started_at or job.created_at).astimezone(zone).date()
        length = (to_day - from_day).days + 1
        found += [(from_day + timedelta(days=n), first) for n in range(length)]
    return found


def days_fold(*, now: datetime) -> None:
    """Add up the lanes of the days that are over everywhere: nobody writes to those any more.

    Lanes keep the writers of today apart; readers of many days would read 64 rows for each.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["fold_days"], {"before": (now - timedelta(days=2)).date()})
