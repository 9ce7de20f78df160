"""Clock times in a time zone: the next 09:00, the next opening of a window. PURE."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD = 15
"""Days in which a moment of any weekday is found, whatever daylight saving does."""


def zone_named(name: object, fallback: str) -> ZoneInfo:
    """The time zone of that name; the fallback for none and for an unknown one.

    Examples
    --------
    >>> zone_named("Mars/Olympus", "UTC").key
    'UTC'
    """
    for candidate in (name, fallback):
        if isinstance(candidate, str) and candidate:
            try:
                return ZoneInfo(candidate)
            except (KeyError, ValueError, OSError):
                continue
    return ZoneInfo("UTC")


def clock_time(text: str) -> time:
    """A time of day written `09:00`.

    Raises
    ------
    ValueError
        With a sentence, if it is none.
    """
    try:
        hours, minutes = text.split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError(f"“{text}” is no time of day; write it like 09:00.") from None


def next_time(
    after: datetime, at: time, *, zone: ZoneInfo, weekdays: Collection[str] = WEEKDAYS
) -> datetime:
    """The next such clock time, `after` itself included, as an instant (UTC).

    A time that daylight saving skips is taken as zoneinfo takes it, an hour later by the clock; one
    that comes twice is its first.

    Examples
    --------
    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> str(next_time(datetime(2026, 3, 28, 12, tzinfo=UTC), time(9), zone=berlin))
    '2026-03-29 07:00:00+00:00'
    """
    return next_opening(after, (at, at), zone=zone, weekdays=weekdays)


def next_opening(
    after: datetime,
    window: tuple[time, time],
    *,
    zone: ZoneInfo,
    weekdays: Collection[str] = WEEKDAYS,
) -> datetime:
    """`after` if it lies in the window, else the window's next opening (UTC).

    Parameters
    ----------
    after
        An aware instant.
    window
        From (included) and to (not included); it crosses midnight if `to` is not later. Equal
        times make a window that is only its opening.
    weekdays
        Of the day on which the window begins.

    Examples
    --------
    >>> night = (time(22), time(6))
    >>> str(next_opening(datetime(2026, 6, 5, 12, tzinfo=UTC), night, zone=ZoneInfo("UTC")))
    '2026-06-05 22:00:00+00:00'
    """
    opens, closes = window
    today = after.astimezone(zone).date()
    for days in range(-1, LOOK_AHEAD):
        day = today + timedelta(days=days)
        if WEEKDAYS[day.weekday()] not in weekdays:
            continue
        opening = _instant(day, opens, zone)
        if opening >= after:
            return opening
        if opens != closes:
            last = day if closes > opens else day + timedelta(days=1)
            if after < _instant(last, closes, zone):
                return after
    raise ValueError("Choose at least one weekday.")


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
