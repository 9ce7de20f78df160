"""Instants moved by durations, held within what a datetime can be. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def shifted(now: datetime, by: timedelta) -> datetime:
    """Return an instant moved by a duration; the first or last there is where that overflows."""
    try:
        return now + by
    except OverflowError:
        return FIRST if by < timedelta(0) else LAST
