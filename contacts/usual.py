"""Usual values of fields and of event properties: offered while a rule is written.

Counted in a sample that does not grow with the data, so the answer comes as fast among ten million
events as among ten; a rare value may be missing from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from common.errors import NotFound
from common.sql import queries
from contacts.models import BUILTIN_FIELDS
from contacts.selectors import fields_known

SQL = queries("contacts", "usual")

CONTACTS_SAMPLED: Final = 20_000
EVENTS_PER_LANE: Final = 40
MOST_VALUES: Final = 20


@dataclass(frozen=True, slots=True)
class Usual:
    """A value and how often it came among those sampled."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class UsualValues:
    """The usual values, the commonest first; `of` contacts or events that were looked at."""

    values: tuple[Usual, ...]
    of: int


def field_values(field: str, *, search: str = "") -> UsualValues:
    """Return the usual values of a field.

    Parameters
    ----------
    search
        Part of the value, whatever its capitals.

    Raises
    ------
    NotFound
        If there is no such field.
    """
    if field not in fields_known():
        raise NotFound(f"there is no field “{field}”", attr="field")
    value = f"to_jsonb(c.{field})" if field in BUILTIN_FIELDS else "c.fields->%(field)s"
    with connection.cursor() as cursor:
        cursor.execute(SQL["reckoned"])
        (contacts,) = cursor.fetchone() or (0,)
    params = {
        "field": field,
        "sample": CONTACTS_SAMPLED,
        "percent": min(100.0, 100.0 * CONTACTS_SAMPLED / max(contacts, 1)),
    }
    return _usual(SQL["field_values"].replace("{value}", value), params, search)


def event_values(name: str, prop: str, *, search: str = "") -> UsualValues:
    """Return the usual values of a property (a dotted path) of the latest events of a name."""
    params = {"name": name, "path": prop.split("."), "per_lane": EVENTS_PER_LANE}
    return _usual(SQL["event_values"], params, search)


def _usual(statement: str, params: Mapping[str, Any], search: str) -> UsualValues:
    given = {**params, "search": search.strip().lower(), "limit": MOST_VALUES + 1}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows = cursor.fetchall()
    found = [Usual(_json(value), count) for value, count, _ in rows if value is not None]
    return UsualValues(tuple(found[:MOST_VALUES]), rows[0][2])


def _json(column: Any) -> Any:
    return json.loads(column) if isinstance(column, str) else column
