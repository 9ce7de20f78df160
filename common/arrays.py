"""PostgreSQL array literals, made fast: thousands of values as one text parameter.

psycopg adapts a list value by value; for the engine's wide statements the text of the array, joined
in one go and cast in the statement (`%(ids)s::bigint[]`), costs a tenth. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any


def int_array(values: Iterable[int]) -> str:
    """The literal of an integer array.

    Examples
    --------
    >>> int_array([1, 2, 3])
    '{1,2,3}'
    """
    return "{" + ",".join(map(str, values)) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text_array(values: Iterable[str | None]) -> str:
    r"""The literal of a text array; None is NULL. Equal texts are quoted once.

    Examples
    --------
    >>> text_array(["a", None, 'say "x"'])
    '{"a",NULL,"say \\"x\\""}'
    """
    items = list(values)
    quoted = {item: "NULL" if item is None else _quoted(item) for item in set(items)}
    return "{" + ",".join(map(quoted.__getitem__, items)) + "}"


def instant_array(values: Iterable[datetime | None]) -> str:
    """The literal of a timestamptz array; None is NULL.

    Examples
    --------
    >>> from datetime import UTC
    >>> instant_array([datetime(2026, 6, 1, 9, tzinfo=UTC), None])
    '{"2026-06-01T09:00:00+00:00",NULL}'
    """
    items = list(values)
    quoted = {item: "NULL" if item is None else f'"{item.isoformat()}"' for item in set(items)}
    return "{" + ",".join(map(quoted.__getitem__, items)) + "}"


def json_array(values: Iterable[Any]) -> str:
    r"""The literal of a jsonb array; None is NULL (SQL's, not JSON's).

    Examples
    --------
    >>> json_array([{"a": 1}, None])
    '{"{\\"a\\": 1}",NULL}'
    """
    return "{" + ",".join(map(_json, values)) + "}"


def _json(value: Any) -> str:
    if value is None:
        return "NULL"
    return _quoted(json.dumps(value)) if value != {} else '"{}"'
