"""The members of a segment as CSV, a batch at a time.

Batches go by contact id along an index, each in a statement of its own: a slow download of a
million members takes as much memory as one batch, and holds no transaction open (as a cursor of the
server's would) that would keep the rest from being tidied up.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from contacts.models import Field
from segments.models import Segment
from segments.uses import SQL

BATCH: Final = 5_000

_COLUMNS: Final = ("id", "external_id", "email", "first_name", "last_name", "since", "by_hand")
_BEGINS_FORMULA: Final = frozenset("=+-@\t\r")
"""A spreadsheet takes a cell that begins so for a formula, and runs it."""


@dataclass(slots=True)
class MembersCsv:
    """The CSV of a segment's members; `next_text()` until it is empty."""

    segment: Segment
    custom: Sequence[str] = ()
    before: int = 2**63 - 1
    begun: bool = field(default=False)

    def next_text(self) -> str:
        """Return the next lines; "" at the end."""
        if not self.begun:
            self.begun = True
            self.custom = list(
                Field.objects.filter(builtin=False).order_by("key").values_list("key", flat=True)
            )
            return _lines([[*_COLUMNS, *map(text_safe, self.custom)]])
        with connection.cursor() as cursor:
            given = {"segment": self.segment.id, "before": self.before, "batch": BATCH}
            cursor.execute(SQL["members_batch"], given)
            rows = cursor.fetchall()
        if not rows:
            return ""
        self.before = rows[-1][0]
        return _lines([self._cells(row) for row in rows])

    def __iter__(self) -> Iterator[str]:
        while text := self.next_text():
            yield text

    def _cells(self, row: Sequence[Any]) -> list[str | int]:
        contact_id, *texts, since, by_hand, fields = row
        values = json.loads(fields) if isinstance(fields, str) else fields
        return [
            contact_id,
            *("" if text is None else text_safe(text) for text in texts),
            since,
            by_hand,
            *(cell(values.get(key)) for key in self.custom),
        ]


def cell(value: Any) -> str:
    """Return a field's value as a cell: lists with semicolons between, texts safe.

    Examples
    --------
    >>> cell(-5), cell(True), cell(["a", "b"]), cell(None), cell("=1+1")
    ('-5', 'true', 'a; b', '', "'=1+1")
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return text_safe("; ".join(map(str, value)))
    return text_safe(str(value))


def text_safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with a ' before it, if need be.

    Examples
    --------
    >>> text_safe("@SUM(A1)"), text_safe("a=b")
    ("'@SUM(A1)", 'a=b')
    """
    return f"'{text}" if text[:1] in _BEGINS_FORMULA and text else text


def _lines(rows: Sequence[Sequence[str | int]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
