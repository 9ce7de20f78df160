"""Rows in the binary form of PostgreSQL's COPY: the quickest way in for thousands of rows.

Nothing is parsed, quoted or planned on the server, and the rows go into the table in whole pages.
Whoever copies packs a row himself: the number of columns, then each column as one of these fields.
Pure.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"

_LENGTH: Final = struct.Struct("!i").pack
_BIGINT: Final = struct.Struct("!iq").pack
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

T = TypeVar("T", bound=Hashable)


def rows_of(rows: Iterable[bytes]) -> bytes:
    """The whole of a COPY: its header, these rows, its end."""
    return b"".join([HEADER, *rows, TRAILER])


def text_field(text: str | None) -> bytes:
    r"""A column of a text type.

    Examples
    --------
    >>> text_field("ab"), text_field(None)
    (b'\x00\x00\x00\x02ab', b'\xff\xff\xff\xff')
    """
    if text is None:
        return NULL
    raw = text.encode()
    return _LENGTH(len(raw)) + raw


def bigint_field(number: int | None) -> bytes:
    r"""A column of the type bigint.

    Examples
    --------
    >>> bigint_field(1)
    b'\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01'
    """
    return NULL if number is None else _BIGINT(8, number)


def instant_field(instant: datetime | None) -> bytes:
    r"""A column of the type timestamptz.

    Examples
    --------
    >>> instant_field(datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC))
    b'\x00\x00\x00\x08\x00\x00\x00\x00\x00\x0fB@'
    """
    return NULL if instant is None else _BIGINT(8, (instant - _EPOCH) // _MICROSECOND)


def json_field(value: Any) -> bytes:
    r"""A column of the type jsonb; None is NULL (SQL's, not JSON's).

    Examples
    --------
    >>> json_field({})
    b'\x00\x00\x00\x03\x01{}'
    """
    if value is None:
        return NULL
    raw = json.dumps(value).encode()
    return _LENGTH(len(raw) + 1) + b"\x01" + raw


def each_once(field: Callable[[T], bytes], values: Iterable[T]) -> Mapping[T, bytes]:
    """The fields of values of which many are the same, each made once."""
    return {value: field(value) for value in set(values)}
