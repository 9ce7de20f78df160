"""Durations: ISO 8601 with weeks, days, hours, minutes and seconds only, and how they are said.

Months and years are refused because they have no fixed length; a day is 24 hours. Zero is refused
because a wait or a window of nothing is always a mistake. Pure: no Django, no IO.
"""

import re
from datetime import timedelta

LONGEST = timedelta(days=36525)
"""A hundred years: long enough for any wait, short enough that adding it to an instant is safe."""

_TEXT = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,12}(?:[.,]\d{1,6})?)S)?)?",
    re.ASCII,
)
_CALENDAR = re.compile(r"P[\dWD]*[YM]|P(?:\d+[WD])*\d+[YM]", re.ASCII)
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class DurationRefused(ValueError):
    """A text is no duration the product takes; the message is a sentence a person can act on."""


def parse_duration(text: object) -> timedelta:
    """Read a duration such as `P7D`, `PT90M`, `P1DT12H` or `P2W`.

    Parameters
    ----------
    text
        ISO 8601, upper case, with W, D, H, M (minutes) and S only; greater than zero and at most
        a hundred years. Seconds may have up to six decimals.

    Raises
    ------
    DurationRefused
        With a sentence, for everything else.

    Examples
    --------
    >>> parse_duration("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    >>> parse_duration("PT0S")
    Traceback (most recent call last):
        ...
    common.durations.DurationRefused: a duration must be longer than zero
    """
    if not isinstance(text, str):
        raise DurationRefused("a duration is text such as P7D or PT90M")
    found = _TEXT.fullmatch(text)
    if found is None:
        if _CALENDAR.match(text):
            raise DurationRefused(
                "months and years have no fixed length: use weeks or days, such as P30D"
            )
        shown = repr(text if len(text) <= 40 else f"{text[:39]}…")
        raise DurationRefused(f"{shown} is not a duration such as P7D, PT90M or P1DT12H")
    parts = {
        unit: float(amount.replace(",", ".")) if unit == "seconds" else int(amount)
        for unit, amount in found.groupdict().items()
        if amount is not None
    }
    try:
        duration = timedelta(**parts)
    except OverflowError:
        duration = timedelta.max
    if duration > LONGEST:
        raise DurationRefused("a duration is at most a hundred years")
    if duration <= timedelta(0):
        raise DurationRefused("a duration must be longer than zero")
    return duration


def parse_offset(text: object) -> timedelta:
    """Read a duration that may lead with `-`, for "three days before" (`-P3D`); `PT0S` is allowed.

    Raises
    ------
    DurationRefused
        As `parse_duration`, but zero is an offset.

    Examples
    --------
    >>> parse_offset("-P3D")
    datetime.timedelta(days=-3)
    >>> parse_offset("PT0S")
    datetime.timedelta(0)
    """
    if text in ("P0D", "PT0S", "PT0M", "PT0H", "P0W"):
        return timedelta(0)
    if isinstance(text, str) and text.startswith("-"):
        return -parse_duration(text[1:])
    return parse_duration(text)


def describe_duration(duration: timedelta) -> str:
    """Say a duration in words, in days, hours, minutes and seconds.

    Examples
    --------
    >>> describe_duration(timedelta(hours=1))
    '1 hour'
    >>> describe_duration(timedelta(days=1, hours=12))
    '1 day 12 hours'
    >>> describe_duration(timedelta(seconds=-90))
    'minus 1 minute 30 seconds'
    """
    if duration < timedelta(0):
        return f"minus {describe_duration(-duration)}"
    left = duration.days * 86_400 + duration.seconds
    words = []
    for unit, seconds in _UNITS:
        amount, left = divmod(left, seconds)
        if amount:
            words.append(f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s")
    if duration.microseconds:
        fraction = f"{duration.microseconds / 1_000_000:g}"
        words.append(f"{fraction} seconds")
    return " ".join(words) or "0 seconds"
