"""The same values for many contacts, by one statement that reads no row into memory.

What a flow's step sets is mostly this: a text, the same for thousands. Only fields whose change
means nothing but itself are written so; an e-mail address is an identity too, and goes the long
way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from common.arrays import int_array
from common.clock import canonical
from common.lanes import lane_of
from common.sql import queries
from contacts.models import BUILTIN_FIELDS
from contacts.store import FieldBook, refusal_of_key
from contacts.values import KEPT_BY_PRODUCT, NEVER_MISSING, DoesNotFit, fit, is_missing

SQL: Final = queries("contacts", "alike")

Heard = Callable[[str], bool]
"""Whether anybody follows changes of the field of this key."""

_PLAIN_COLUMNS: Final = BUILTIN_FIELDS.keys() - KEPT_BY_PRODUCT - NEVER_MISSING - {"email"}


def can_be_set_alike(values: Mapping[str, Any]) -> bool:
    """Whether these values can be written by `set_alike`: none erases, none is an address.

    Examples
    --------
    >>> can_be_set_alike({"plan": "pro"}), can_be_set_alike({"email": "a@b.c"})
    (True, False)
    >>> can_be_set_alike({"plan": None})
    False
    """
    return bool(values) and not any(
        is_missing(value) or (key in BUILTIN_FIELDS and key not in _PLAIN_COLUMNS)
        for key, value in values.items()
    )


def set_alike(
    cursor: CursorWrapper,
    book: FieldBook,
    ids: Sequence[int],
    values: Mapping[str, Any],
    *,
    now: datetime,
    heard: Heard,
) -> list[tuple[int, str, str]]:
    """Set fields of contacts to the same values; return (contact id, key, reason) of what is not.

    A touch is written where `heard` says so. Contacts that do not exist are left out.
    """
    stored: dict[str, Any] = {}
    left_out: list[tuple[int, str, str]] = []
    for key, value in values.items():
        if key not in book.types:
            reason = refusal_of_key(key) or "no field can hold this value"
            left_out += [(contact_id, key, reason) for contact_id in ids]
            continue
        try:
            stored[key] = fit(value, book.types[key])
        except DoesNotFit as error:
            book.warn(key, str(error), times=len(ids))
            left_out += [(contact_id, key, str(error)) for contact_id in ids]
    if stored:
        statement, params = _statement(stored, canonical(now))
        cursor.execute(
            statement,
            {
                **params,
                "ids": int_array(ids),
                "lanes": int_array(map(lane_of, ids)),
                "now": now,
                "heard": [key for key in stored if heard(key)],
            },
        )
    return left_out


def _statement(stored: Mapping[str, Any], at: str) -> tuple[str, dict[str, Any]]:
    """The statement for these fields; keys and values are parameters, columns the code's own."""
    params: dict[str, Any] = {"at": at}
    is_new, touches = [], []
    assignments = [
        "field_times = c.field_times"
        + "".join(
            f" || CASE WHEN m.new_{i} THEN jsonb_build_object(%(key_{i})s::text, %(at)s::text)"
            " ELSE '{}' END"
            for i in range(len(stored))
        )
    ]
    custom: dict[str, Any] = {}
    for i, (key, value) in enumerate(stored.items()):
        params[f"key_{i}"] = key
        if key in _PLAIN_COLUMNS:
            params[f"value_{i}"] = value
            is_new.append(f"c.{key} IS DISTINCT FROM %(value_{i})s AS new_{i}")
            assignments.append(f"{key} = %(value_{i})s")
        else:
            custom[key] = value
            params[f"value_{i}"] = json.dumps(value)
            is_new.append(
                f"c.fields -> %(key_{i})s IS DISTINCT FROM %(value_{i})s::jsonb AS new_{i}"
            )
        touches.append(f"(%(key_{i})s::text, w.new_{i})")
    if custom:
        params["custom"] = json.dumps(custom)
        assignments.append("fields = c.fields || %(custom)s::jsonb")
    news = [f"m.new_{i}" for i in range(len(stored))]
    pieces = {
        "is_new": ", ".join(is_new),
        "assignments": ", ".join(assignments),
        "is_any_new": " OR ".join(news),
        "news": ", ".join(news),
        "touches": ", ".join(touches),
    }
    statement = SQL["set_alike"]
    for name, piece in pieces.items():
        statement = statement.replace(f"{{{name}}}", piece)
    return statement, params
