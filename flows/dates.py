"""When a contact's own date lets them into a flow. PURE: no Django, no IO, no clock.

The instant is the field's value plus an offset; with `yearly`, each anniversary of the value plus
the offset, the value itself being the first. Anniversaries are counted in UTC, as all instants
without a zone are: a birthday given as a day is midnight UTC of that day, every year, whatever zone
the workspace is in now. Who was born on 29 February has their day on 28 February in common years.
"""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from common.clock import parse_instant

Repeat = Literal["never", "yearly"]

LAST_YEAR = 9998
"""Later anniversaries are not followed: an offset must not lead beyond the calendar."""


def next_instant(
    value: Any, *, offset: timedelta, repeat: Repeat, after: datetime
) -> datetime | None:
    """Return the first instant after another at which a date lets its contact in; None for never.

    Parameters
    ----------
    value
        The field's value as it is stored: an instant, as text or not; None if it is missing.
    offset
        What is added to it; negative for "before".
    repeat
        `never`: the value counts once; `yearly`: each of its anniversaries does.
    after
        The instant is later than this.

    Examples
    --------
    >>> born, now = "2024-02-29T00:00:00.000000Z", datetime(2026, 1, 1, tzinfo=UTC)
    >>> str(next_instant(born, offset=timedelta(days=-3), repeat="yearly", after=now))
    '2026-02-25 00:00:00+00:00'
    >>> next_instant(born, offset=timedelta(0), repeat="never", after=now) is None
    True
    """
    try:
        date = parse_instant(value).astimezone(UTC)
        first = date + offset
    except (ValueError, OverflowError):
        return None
    if first > after:
        return first
    if repeat == "never":
        return None
    try:
        year = max((after - offset).astimezone(UTC).year, date.year)
    except OverflowError:
        return None
    for candidate in (year, year + 1):
        if candidate > LAST_YEAR:
            return None
        try:
            at = anniversary(date, candidate) + offset
        except OverflowError:
            return None
        if at > after:
            return at
    return None


def anniversary(date: datetime, year: int) -> datetime:
    """Return the same day and time of another year; 28 February for a 29th that is not there.

    Examples
    --------
    >>> str(anniversary(datetime(2024, 2, 29, 8, tzinfo=UTC), 2027))
    '2027-02-28 08:00:00+00:00'
    """
    if (date.month, date.day) == (2, 29) and not isleap(year):
        return date.replace(year=year, day=28)
    return date.replace(year=year)
