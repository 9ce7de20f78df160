"""The values of fields: their types, what fits, and how traits become fields. PURE.

Promises that whatever leaves here can be stored in `contact` as `rules` expect to find it: text as
text, numbers finite, instants in canonical text, lists as lists of text. Imports no Django.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from common.clock import canonical, parse_instant

MAX_KEY = 200
MAX_TEXT = 32_000
MAX_NESTING = 5
MAX_EMAIL = 320

BUILTIN_OF_TRAIT: Final[Mapping[str, str]] = {
    "firstName": "first_name",
    "lastName": "last_name",
    "address.city": "city",
    "address.country": "country",
    "createdAt": "created_at",
    "locale": "language",
    "leadStage": "lead_stage",
    "opportunityStage": "opportunity_stage",
}
"""Traits of the Segment spec that are built-in fields here. A trait that has a built-in field's own
name (`email`, `phone`, `city`, `lead_stage`, …) is that field."""

KEPT_BY_PRODUCT: Final = frozenset({"external_id", "last_seen_at", "score"})
"""Built-in fields that no trait may set: they follow from identities, events and the ledger."""

NEVER_MISSING: Final = frozenset({"created_at"})

_EMAIL = re.compile(r"[^@\s\x00-\x1f,;<>\"]+@[^@\s\x00-\x1f,;<>\"]+")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


class DoesNotFit(ValueError):
    """A value can't be kept in a field of that type; the message is a sentence."""


def is_missing(value: object) -> bool:
    """Whether a value says "nothing here": null, the empty text, the empty list.

    Examples
    --------
    >>> [is_missing(value) for value in (None, "", [], 0, False)]
    [True, True, True, False, False]
    """
    return value is None or value in ("", [])


def type_of(value: object) -> str | None:
    """Tell the type a field gets from its first value, or None if none can hold it.

    Examples
    --------
    >>> type_of("trial"), type_of(3), type_of(True), type_of(["a"])
    ('string', 'number', 'boolean', 'list')
    >>> type_of("2026-06-15T12:00:00Z"), type_of("2026-06-15"), type_of({"a": 1})
    ('datetime', 'datetime', None)
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, str):
        return "datetime" if _is_instant(value) else "string"
    if isinstance(value, list):
        return "list"
    return None


def fit(value: object, field_type: str) -> Any:
    """Return the form in which a field of this type keeps the value.

    Parameters
    ----------
    value
        A JSON value that is not missing (`is_missing`), or a datetime.
    field_type
        `string`, `number`, `boolean`, `datetime` or `list`.

    Raises
    ------
    DoesNotFit
        With a sentence a marketer understands.

    Examples
    --------
    >>> fit("2026-06-15", "datetime")
    '2026-06-15T00:00:00.000000Z'
    >>> fit([1, "b", True], "list")
    ['1', 'b', 'true']
    >>> fit("seven", "number")
    Traceback (most recent call last):
        ...
    contacts.values.DoesNotFit: "seven" is not a number
    """
    if field_type == "string" and isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise DoesNotFit(f"a text longer than {MAX_TEXT:,} characters is not kept")
        return value
    if field_type == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if field_type == "boolean" and isinstance(value, bool):
        return value
    if field_type == "datetime" and isinstance(value, str | datetime):
        try:
            return canonical(parse_instant(value))
        except ValueError as error:
            raise DoesNotFit(str(error)) from None
    if field_type == "list" and isinstance(value, list):
        return [_list_item(item) for item in value if not is_missing(item)]
    raise DoesNotFit(f"{_shown(value)} is not {_ARTICLED.get(field_type, field_type)}")


def traits_flat(traits: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each trait as (field key, value), nested ones under dotted keys, in the order given.

    `name` is split into first and last name where these are not given themselves. What is nested
    too deep is yielded as it is and fits no field.

    Examples
    --------
    >>> list(traits_flat({"firstName": "Ada", "company": {"name": "Acme"}, "plan": None}))
    [('first_name', 'Ada'), ('company.name', 'Acme'), ('plan', None)]
    >>> list(traits_flat({"name": "Ada King Lovelace"}))
    [('first_name', 'Ada'), ('last_name', 'King Lovelace')]
    """
    given = traits.keys()
    for key, value in _flat("", traits, 0):
        if key == "name" and isinstance(value, str):
            if not given & {"firstName", "first_name", "lastName", "last_name"}:
                yield from _split_name(value)
        else:
            yield BUILTIN_OF_TRAIT.get(key, key), value


def email_of(value: object) -> str | None:
    """Return a usable e-mail address without the spaces around it, or None.

    Examples
    --------
    >>> email_of(" Ada@Example.com ")
    'Ada@Example.com'
    >>> email_of("nobody") is None
    True
    """
    if not isinstance(value, str):
        return None
    address = value.strip()
    return address if len(address) <= MAX_EMAIL and _EMAIL.fullmatch(address) else None


def _flat(prefix: str, traits: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in traits.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and depth < MAX_NESTING:
            yield from _flat(dotted, value, depth + 1)
        else:
            yield dotted, value


def _split_name(name: str) -> Iterator[tuple[str, Any]]:
    first, _, last = name.strip().partition(" ")
    if first:
        yield "first_name", first
    if last.strip():
        yield "last_name", last.strip()


def _is_instant(value: str) -> bool:
    if len(value) > 40 or not _ISO.fullmatch(value):
        return False
    try:
        parse_instant(value)
    except ValueError:
        return False
    return True


def _number(value: float) -> int | float:
    try:
        finite = math.isfinite(float(value))
    except OverflowError:
        finite = False
    if not finite:
        raise DoesNotFit("the number is too large")
    return value


def _list_item(item: object) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str) and len(item) <= MAX_TEXT:
        return item
    if isinstance(item, int | float):
        return str(_number(item))
    raise DoesNotFit("a list holds texts, not objects or lists")


_ARTICLED: Final[Mapping[str, str]] = {
    "string": "a text",
    "number": "a number",
    "boolean": "yes or no (true or false)",
    "datetime": "a date and time",
    "list": "a list of texts",
}


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a nested object"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
