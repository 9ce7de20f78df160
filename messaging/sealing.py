"""Headers of calls at rest: what a webhook sends to prove itself stands encrypted in the log.

Their names stay readable, their values are sealed (`common.secretbox`), whatever they are called:
nobody can tell by its name whether a header holds a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from common.arrays import int_array, json_array
from common.secretbox import opened, resealed, sealed
from common.sql import queries

SQL = queries("messaging", "calls")

HIDDEN = "•••"
"""In the place of a header's value, for who may not see it, or where no key opens it."""
PIECE = 1_000
"""So many calls one transaction rewrites."""


class Sealer:
    """Seals the headers of one set of calls; a value that all of them hold is encrypted once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request as it is stored."""
        headers = request.get("headers")
        if not headers:
            return dict(request)
        return {**request, "headers": {name: self._one(value) for name, value in headers.items()}}

    def _one(self, value: str) -> str:
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = sealed(value)
        return found


def request_opened(stored: Mapping[str, Any]) -> dict[str, Any] | None:
    """A stored request in clear; None if no key opens one of its headers."""
    headers = {name: opened(value) for name, value in stored.get("headers", {}).items()}
    if None in headers.values():
        return None
    return {**stored, "headers": headers} if headers else dict(stored)


def request_hidden(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored request with the names of its headers alone."""
    if "headers" not in stored:
        return dict(stored)
    return {**stored, "headers": dict.fromkeys(stored["headers"], HIDDEN)}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """How many calls were written anew, and how many hold what no key opens."""

    written: int
    unreadable: int


def headers_rewrite(write: Callable[[str], str] = resealed) -> Rewritten:
    """Write the headers of all calls anew, a piece at a time; may be stopped and begun again.

    Parameters
    ----------
    write
        Says how a stored value is to be stored; by default, as the first key writes it.
    """
    after: int | None = 0
    written = unreadable = 0
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SQL["headers_page"], {"after": after, "limit": PIECE})
            page = [(*row, json.loads(headers)) for *row, headers in cursor.fetchall()]
            rows = [
                (call_id, lane, anew)
                for call_id, lane, headers in page
                if (anew := {name: write(value) for name, value in headers.items()}) != headers
            ]
            unreadable += sum(
                any(opened(value) is None for value in headers.values()) for *_, headers in page
            )
            cursor.execute(
                SQL["headers_write"],
                {
                    "ids": int_array(row[0] for row in rows),
                    "lanes": int_array(row[1] for row in rows),
                    "headers": json_array(row[2] for row in rows),
                },
            )
            written += len(rows)
        after = max(row[0] for row in page) if page else None
    return Rewritten(written, unreadable)
