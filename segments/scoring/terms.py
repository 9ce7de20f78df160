"""The arithmetic of points: a rule's terms, when points fade, which stretch a limit counts.

What an award comes to is a function of its own instant and of time alone, never of when it was
looked at: so a clock that jumps leaves the same ledger as one that walks. Pure: no Django, no IO.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from common.durations import describe_duration

WEEK: Final = timedelta(weeks=1)
LONGEST_FADING: Final = 520
"""Weeks after which decay must have taken the last point: ten years."""
MOST_POINTS: Final = Decimal(100000)
MOST_TIMES: Final = 1_000_000
MONDAY: Final = datetime(1970, 1, 5)  # noqa: DTZ001 - a wall clock's reading, of no zone
"""From here a limit's stretches are laid end to end, so that weeks begin on Mondays."""


@dataclass(frozen=True, slots=True)
class Fading:
    """What decay takes from an award, up to some instant.

    Attributes
    ----------
    steps
        When, and how much (with the sign of the change of score), in order.
    remaining
        What is left.
    next_at
        When the next step falls due; None if nothing is left to take.
    """

    steps: tuple[tuple[datetime, Decimal], ...]
    remaining: Decimal
    next_at: datetime | None


def faded(remaining: Decimal, per_week: Decimal, due: datetime, *, now: datetime) -> Fading:
    """Return what decay takes up to `now`; never past zero.

    Parameters
    ----------
    remaining
        What is left of the points, positive or negative.
    per_week
        What one week takes, positive.
    due
        When the next step falls due.

    Examples
    --------
    >>> from datetime import UTC
    >>> begun = datetime(2026, 6, 1, tzinfo=UTC)
    >>> fading = faded(Decimal(5), Decimal(2), begun, now=begun + 3 * WEEK)
    >>> [int(step) for _, step in fading.steps], fading.remaining, fading.next_at
    ([-2, -2, -1], Decimal('0'), None)
    """
    steps = []
    while remaining and due <= now:
        step = min(per_week, abs(remaining)) * (-1 if remaining > 0 else 1)
        steps.append((due, step))
        remaining += step
        due += WEEK
    return Fading(tuple(steps), remaining, due if remaining else None)


def span_of(at: datetime, per: timedelta, zone: ZoneInfo) -> int:
    """Return the number of the stretch of a limit in which an instant lies.

    Stretches are laid end to end on the wall clock of the zone, from a Monday: days are its days.

    Examples
    --------
    >>> from datetime import UTC
    >>> late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> span_of(late, timedelta(days=1), berlin) - span_of(late, timedelta(days=1), ZoneInfo("UTC"))
    1
    """
    return (at.astimezone(zone).replace(tzinfo=None) - MONDAY) // per


def term_faults(
    points: Decimal, decay_per_week: Decimal | None, limit: tuple[int, timedelta] | None
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a rule's terms: the place, and a sentence.

    Examples
    --------
    >>> list(term_faults(Decimal(0), None, None))
    [('points', 'give some points, or take some: 0 changes nothing')]
    """
    if not points:
        yield "points", "give some points, or take some: 0 changes nothing"
    elif abs(points) > MOST_POINTS:
        yield "points", f"at most {MOST_POINTS:,} points at once"
    if decay_per_week is not None:
        if decay_per_week <= 0:
            yield "decay_per_week", "what a week takes is more than 0; leave it out for no decay"
        elif abs(points) > decay_per_week * LONGEST_FADING:
            yield "decay_per_week", "so slow a decay would last for more than ten years"
    if limit is not None and not 0 < limit[0] <= MOST_TIMES:
        yield "limit.times", f"a limit is from 1 to {MOST_TIMES:,} times"


def terms_words(
    points: Decimal, decay_per_week: Decimal | None, limit: tuple[int, timedelta] | None
) -> list[str]:
    """Say a rule's terms: what it gives first.

    Examples
    --------
    >>> terms_words(Decimal(5), Decimal("0.5"), (3, timedelta(days=1)))
    ['+5 points', 'at most 3 times in 1 day', 'fading by 0.5 a week']
    """
    said = [f"{points.normalize():+f} {'point' if abs(points) == 1 else 'points'}"]
    if limit is not None:
        times = "once" if limit[0] == 1 else f"{limit[0]} times"
        said.append(f"at most {times} in {describe_duration(limit[1])}")
    if decay_per_week is not None:
        said.append(f"fading by {decay_per_week.normalize():f} a week")
    return said
