"""Cells of a file, read as values of a type. PURE: no Django, no IO.

Promises that what comes out is what a field of that type keeps (`contacts.values.fit` would change
nothing about it). What can't be read so is a `Misfit` with a sentence that names the cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from common.clock import canonical, parse_instant
from contacts.values import MAX_TEXT

Parse = Callable[[str], Any]

FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": (),
    "number": ("point", "comma"),
    "boolean": (),
    "datetime": ("iso", "dmy", "mdy", "ymd", "unix", "unix_ms"),
    "list": (";", ",", "|"),
}
"""The ways to write a value of each type, the usual one first."""

YES: Final = frozenset(
    {
        "yes",
        "y",
        "true",
        "t",
        "1",
        "on",
        "x",
        "✓",
        "ja",
        "j",
        "oui",
        "o",
        "si",
        "sí",
        "sim",
        "wahr",
        "vrai",
        "vero",
        "subscribed",
        "opted-in",
        "opt-in",
    }
)
NO: Final = frozenset(
    {
        "no",
        "n",
        "false",
        "f",
        "0",
        "off",
        "nein",
        "non",
        "não",
        "falsch",
        "faux",
        "falso",
        "unsubscribed",
        "opted-out",
        "opt-out",
    }
)

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_AROUND = " \u00a0\u202f€$£¥%"
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier",
            "feb february februar février",
            "mar march märz mars mrz",
            "apr april avril",
            "may mai",
            "jun june juni juin",
            "jul july juli juillet",
            "aug august août",
            "sep sept september septembre",
            "oct october okt oktober octobre",
            "nov november novembre",
            "dec december dez dezember décembre",
        ),
        start=1,
    )
    for name in names.split()
}
_DATE = re.compile(
    r"(?P<one>\w+)\.?[-./ ,]+(?P<two>\w+)\.?[-./ ,]+(?P<three>\d{1,4})"
    r"(?:[T ,]+(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_NEAR_CENTURY = 70


class Misfit(ValueError):
    """A cell can't be read as that type; the message is a sentence."""


def text_of(cell: str) -> str:
    """Return a text without the spaces around it."""
    text = cell.strip()
    if len(text) > MAX_TEXT:
        raise Misfit(f"a text longer than {MAX_TEXT:,} characters is not kept")
    if "\x00" in text:
        raise Misfit("it holds a NUL, which can't be stored")
    return text


def number_of(cell: str, decimal: str = "point") -> int | float:
    """Read a number, also with thousands set apart and a currency around it.

    Examples
    --------
    >>> number_of("1,234.50"), number_of("€ 1.234,50", "comma"), number_of("12 %")
    (1234.5, 1234.5, 12)
    """
    text = cell.strip(_AROUND).replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if decimal == "comma":
        text = text.replace(".", "").replace(",", ".") if "," in text else _ungrouped(text)
    elif "," in text and _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    text = text.replace("’", "").replace("'", "")
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise Misfit(f"{shown(cell)} is not a number")
    if text.lstrip("+-").isdecimal() and len(text) < 18:
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise Misfit(f"{shown(cell)} is too large a number")
    return value


def boolean_of(cell: str) -> bool:
    """Read yes or no, in several words.

    Examples
    --------
    >>> boolean_of("Yes"), boolean_of("0")
    (True, False)
    """
    word = cell.strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Misfit(f"{shown(cell)} is not yes or no")


def instant_of(cell: str, order: str = "iso") -> str:
    """Read a date, with or without a time, as a canonical instant; without an offset it is UTC.

    Examples
    --------
    >>> instant_of("15.06.2026", "dmy"), instant_of("6/15/26 1:30 PM", "mdy")
    ('2026-06-15T00:00:00.000000Z', '2026-06-15T13:30:00.000000Z')
    """
    text = cell.strip()
    try:
        if order == "iso":
            return canonical(parse_instant(text))
        if order in ("unix", "unix_ms"):
            seconds = float(number_of(text)) / (1000 if order == "unix_ms" else 1)
            return canonical(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
        return canonical(_ordered(text, order))
    except Misfit:
        raise
    except (ValueError, OverflowError, KeyError):
        raise Misfit(f"{shown(cell)} is not a date{_ORDER_WORDS.get(order, '')}") from None


def list_of(cell: str, separator: str = ";") -> list[str]:
    """Read a list of texts.

    Examples
    --------
    >>> list_of("red; blue;;")
    ['red', 'blue']
    """
    return [item for item in map(str.strip, text_of(cell).split(separator)) if item]


def consent_of(cell: str) -> str:
    """Read a choice for a topic.

    Examples
    --------
    >>> consent_of("yes"), consent_of("Unsubscribed")
    ('subscribed', 'unsubscribed')
    """
    try:
        return "subscribed" if boolean_of(cell) else "unsubscribed"
    except Misfit:
        raise Misfit(f"{shown(cell)} is not subscribed or unsubscribed, yes or no") from None


def parser_of(field_type: str, form: str = "") -> Parse:
    """Return the function that reads cells of this type and format.

    Examples
    --------
    >>> parser_of("list", ",")("a,b")
    ['a', 'b']
    """
    usual = FORMATS[field_type][0] if FORMATS[field_type] else ""
    form = form or usual
    if field_type == "number":
        return number_of if form == "point" else lambda cell: number_of(cell, form)
    if field_type == "datetime":
        return lambda cell: instant_of(cell, form)
    if field_type == "list":
        return lambda cell: list_of(cell, form)
    return boolean_of if field_type == "boolean" else text_of


def shown(cell: str) -> str:
    """Quote a cell, cut to what a person wants to see of it."""
    text = " ".join(cell.replace("\x00", "\ufffd").split())
    return f"“{text}”" if len(text) <= 60 else f"“{text[:57]}…”"


_ORDER_WORDS: Final[Mapping[str, str]] = {
    "iso": " such as 2026-06-15",
    "dmy": " with the day first",
    "mdy": " with the month first",
    "ymd": " with the year first",
    "unix": ": it should be a number of seconds",
    "unix_ms": ": it should be a number of milliseconds",
}


def _ungrouped(text: str) -> str:
    """`1.234` is a thousand where the comma is the decimal; `1.5` is no such number."""
    return text.replace(".", "") if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", text) else text


def _ordered(text: str, order: str) -> datetime:
    if order == "ymd" and re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    parts = [found["one"], found["two"], found["three"]]
    if not parts[0].isdecimal() and order == "dmy":  # "June 15, 2026" says itself which is which
        order = "mdy"
    elif not parts[1].isdecimal() and order == "mdy":
        order = "dmy"
    named = dict(zip(order, parts, strict=True))
    month = int(named["m"]) if named["m"].isdecimal() else _MONTHS[named["m"].lower()]
    hour = int(found["hour"] or 0)
    half = (found["half"] or "").replace(".", "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "pm" else 0)
    naive = (
        f"{_year(named['y']):04}-{month:02}-{int(named['d']):02}T{hour:02}:"
        f"{found['minute'] or '00'}:{found['second'] or '00'}"
    )
    zone = found["zone"] or ""
    return parse_instant(naive + ("Z" if zone in ("UTC", "GMT") else zone))


def _year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        raise ValueError(text)
    short = int(text)
    return short + (1900 if short >= _NEAR_CENTURY else 2000)
