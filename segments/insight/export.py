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
from typing import Any, Final

from django.db import connection

from common.spreadsheets import defused
from contacts.models import Field
from segments.models import Segment
from segments.uses import SQL

BATCH: Final = 5_000

_COLUMNS: Final = ("id", "external_id", "email", "first_name", "last_name", "since", "by_hand")


def members_csv(segment: Segment) -> Iterator[str]:
    """Yield the CSV of a segment's members, some thousands of lines at a time."""
    custom = list(Field.objects.filter(builtin=False).order_by("key").values_list("key", flat=True))
    yield _lines([[*_COLUMNS, *map(defused, custom)]])
    before = 2**63 - 1
    while True:
        with connection.cursor() as cursor:
            given = {"segment": segment.id, "before": before, "batch": BATCH}
            cursor.execute(SQL["members_batch"], given)
            rows = cursor.fetchall()
        if not rows:
            return
        before = rows[-1][0]
        yield _lines([_cells(row, custom) for row in rows])


def _cells(row: Sequence[Any], custom: Sequence[str]) -> list[str | int]:
    contact_id, *texts, since, by_hand, fields = row
    values = json.loads(fields) if isinstance(fields, str) else fields
    return [
        contact_id,
        *("" if text is None else defused(text) for text in texts),
        since,
        by_hand,
        *(cell(values.get(key)) for key in custom),
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
        return defused("; ".join(map(str, value)))
    return defused(str(value))


def _lines(rows: Sequence[Sequence[str | int]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
