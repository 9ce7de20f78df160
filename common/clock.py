"""Instants: aware datetimes in UTC, their one text form, and reading them from data.

Promises that an instant has exactly one canonical text, of fixed width, so that canonical texts
sort as the instants do (in JSON, in an index, in SQL). `utcnow` is the one place where the product
asks what time it is: everything below a command, a view or a job is handed `now`.
"""

import re
from datetime import UTC, datetime

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].+)?")


def utcnow() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def canonical(instant: datetime) -> str:
    """Write an instant in its one canonical form: UTC, six decimals, `Z`.

    Parameters
    ----------
    instant
        An aware datetime. A naive one is taken as UTC.

    Examples
    --------
    >>> from datetime import timedelta, timezone
    >>> canonical(datetime(2026, 5, 1, 12, 30, tzinfo=UTC))
    '2026-05-01T12:30:00.000000Z'
    >>> canonical(datetime(2026, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))))
    '2026-05-01T10:30:00.000000Z'
    """
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(value: object) -> datetime:
    """Read an instant from a datetime or from ISO 8601 text; without an offset it is UTC.

    Parameters
    ----------
    value
        A datetime, or text such as `2026-05-01`, `2026-05-01T12:30:00+02:00`, `2026-05-01 12:30Z`.
        Decimals beyond microseconds are cut off.

    Returns
    -------
    datetime
        Aware, in UTC.

    Raises
    ------
    ValueError
        With a sentence, if this is no such text or lies outside the years 1 to 9999.

    Examples
    --------
    >>> parse_instant("2026-05-01T12:30:00+02:00")
    datetime.datetime(2026, 5, 1, 10, 30, tzinfo=datetime.timezone.utc)
    >>> parse_instant("2026-05-01")
    datetime.datetime(2026, 5, 1, 0, 0, tzinfo=datetime.timezone.utc)
    >>> parse_instant("tomorrow")
    Traceback (most recent call last):
        ...
    ValueError: 'tomorrow' is not a date and time such as 2026-05-01T12:30:00Z
    """
    if isinstance(value, datetime):
        parsed = value
    else:
        # The shape is checked first: fromisoformat also reads "20260501" and "2026-W18", and a
        # text of digits in a contact's data is far more often a number than a date.
        text = value.strip() if isinstance(value, str) else ""
        try:
            parsed = datetime.fromisoformat(text if _SHAPE.fullmatch(text) else "")
        except ValueError:
            raise ValueError(_refusal(value)) from None
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError(_refusal(value)) from None


def _refusal(value: object) -> str:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
    return f"{shown} is not a date and time such as 2026-05-01T12:30:00Z"
