"""The report of an import, as CSV: the lines that were refused or lack cells, and why.

It can be mended in a spreadsheet and imported again: its first two columns are ignored then.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection

from common.spreadsheets import defused
from contacts.importing.applying import SQL
from contacts.importing.models import ContactImport

LINE: Final = "Line"
WHAT: Final = "What happened"
_AT_A_TIME: Final = 1_000


def report_csv(one: ContactImport) -> Iterator[bytes]:
    """Yield the report, some lines at a time, however long it is."""
    yield b"\xef\xbb\xbf" + _written([[LINE, WHAT, *map(defused, one.columns)]], one.delimiter)
    after = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["faults_page"], {"import": one.id, "after": after, "limit": _AT_A_TIME}
            )
            found = cursor.fetchall()
        if not found:
            return
        yield _written(
            [
                [str(line), defused(reason), *map(defused, _loaded(cells))]
                for line, _, reason, cells in found
            ],
            one.delimiter,
        )
        after = found[-1][0]


def report_rows(one: ContactImport) -> int:
    """Return how many lines the report has."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["faults_count"], {"import": one.id})
        (number,) = cursor.fetchone()
    return int(number)


def _written(rows: Sequence[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _loaded(cells: Any) -> list[str]:
    """Django's connections hand jsonb over as text."""
    loaded: list[str] = json.loads(cells) if isinstance(cells, str) else cells
    return loaded
