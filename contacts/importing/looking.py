"""A look at the beginning of a file: what it is, and how its first rows would be read.

It reads the first chunk alone, however large the file is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from common.errors import Refused
from contacts.importing.decoding import read_as
from contacts.importing.files import chunks_of
from contacts.importing.guessing import (
    MOST_COLUMNS,
    SAMPLED,
    Guess,
    column_names,
    delimiter_of,
    has_header,
    mapping_guess,
)
from contacts.importing.mapping import Plan, Said
from contacts.importing.models import ContactImport
from contacts.importing.reading import DELIMITERS, Reader, Row, TooBroken, whole_rows
from contacts.models import Field, Topic

SHOWN: Final = 20
_SHOWN_CELL: Final = 300
_FOR_DELIMITER: Final = 256 * 1024
_SEPARATOR_SAID = re.compile(rb"\"?sep=(.)\"?[ ]*(?:\r\n|\n|\r)")


@dataclass(frozen=True, slots=True)
class Look:
    """What the beginning of a file shows. The rows begin at `position`, after `line` lines."""

    delimiter: str
    header: bool
    names: list[str]
    rows: list[Row]
    rows_about: int
    is_all: bool
    position: int
    line: int


def look_at(one: ContactImport, *, anew: bool = False) -> Look:
    """Read the beginning of a file.

    Parameters
    ----------
    anew
        Whether delimiter and header are to be guessed; else they are read from the import.

    Raises
    ------
    Refused
        If there are no rows in it, or too many columns.
    """
    sample = next(chunks_of(one.id), b"")
    is_all = len(sample) == one.size
    said = _SEPARATOR_SAID.match(sample)
    start = said.end() if said else 0
    encoding = read_as(one.encoding)
    delimiter = one.delimiter
    if anew:
        told = said[1].decode("latin-1") if said else ""
        beginning = whole_rows(sample[start : start + _FOR_DELIMITER], is_all=is_all)
        delimiter = told if told in DELIMITERS else delimiter_of(beginning, encoding)
    reader = Reader(
        [whole_rows(sample, is_all=is_all)[start:]],
        encoding=encoding,
        delimiter=delimiter,
        position=start,
        line=1 if said else 0,
    )
    try:
        rows = list(islice(reader, 1))
        first_ends, first_lines = reader.position, reader.line
        rows += islice(reader, SAMPLED)
    except TooBroken as broken:
        raise Refused(str(broken), code="broken", attr="file") from None
    if not rows:
        raise Refused("There are no rows in this file.", code="empty", attr="file")
    width = max(len(row.cells) for row in rows[:SHOWN])
    if width > MOST_COLUMNS:
        raise Refused(
            f"The file has {width:,} columns; up to {MOST_COLUMNS:,} can be imported.",
            code="too_many_columns",
            attr="file",
        )
    header = has_header([row.cells for row in rows[:2]]) if anew else one.header
    first = rows[0]
    names = column_names(first.cells if header else None, len(first.cells) if header else width)
    read = rows[-1].end - start
    about = (
        len(rows) if is_all and len(rows) <= SAMPLED else int((one.size - start) * len(rows) / read)
    )
    return Look(
        delimiter=delimiter,
        header=header,
        names=names,
        rows=rows[1:] if header else rows,
        rows_about=max(0, about - header),
        is_all=is_all and len(rows) <= SAMPLED,
        position=first_ends if header else start,
        line=first_lines if header else int(bool(said)),
    )


def guesses_of(look: Look) -> list[Guess]:
    """Propose what the columns become."""
    fields = {
        key: (name, kind) for key, name, kind in Field.objects.values_list("key", "name", "type")
    }
    topics = Topic.objects.values_list("key", flat=True)
    rows = [row.cells for row in look.rows]
    return mapping_guess(look.names, rows, fields=fields, topics=topics)


def columns_shown(look: Look, guesses: Sequence[Guess]) -> list[dict[str, Any]]:
    """Describe the columns: names, samples, how full they are, what they are guessed to be."""
    shown = []
    for index, (name, guess) in enumerate(zip(look.names, guesses, strict=True)):
        values = [row.cells[index] for row in look.rows if index < len(row.cells)]
        filled = [value.strip() for value in values if value.strip()]
        shown.append(
            {
                "index": index,
                "name": name,
                "samples": [_cut(value) for value in dict.fromkeys(filled[:200])][:5],
                "filled": round(len(filled) / len(look.rows), 3) if look.rows else 0.0,
                "guess": {
                    "target": guess.target,
                    "type": guess.type or None,
                    "format": guess.format or None,
                    "sure": guess.sure,
                },
            }
        )
    return shown


def sample_shown(look: Look) -> list[dict[str, Any]]:
    """Return the first rows as they stand in the file."""
    return [
        {"line": row.line, "cells": [_cut(cell) for cell in row.cells]} for row in look.rows[:SHOWN]
    ]


def rows_read(look: Look, plan: Plan) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Say how the first rows would be read, and how many faults there are in some more."""
    read = plan.reader()
    all_said = [read(row) for row in look.rows[:SAMPLED]]
    per_column = Counter(
        chain.from_iterable((index for index, _ in said.faults) for said in all_said)
    )
    rows = [_row_shown(said, plan) for said in all_said[:SHOWN]]
    summary = {
        "of": len(all_said),
        "refused": sum(bool(said.refusal) for said in all_said),
        "left_out": sum(per_column.values()),
        "columns": [
            {"column": column, "left_out": number} for column, number in sorted(per_column.items())
        ],
        "refusals": [
            {"line": said.line, "reason": said.refusal} for said in all_said if said.refusal
        ][:5],
    }
    return rows, summary


def _row_shown(said: Said, plan: Plan) -> dict[str, Any]:
    faults = dict(said.faults)
    cells = []
    for one in plan.columns:
        value: Any = None
        if one.kind == "consent":
            value = said.consents.get(one.key)
        elif one.kind == "name":
            parts = (said.values.get("first_name"), said.values.get("last_name"))
            value = " · ".join(filter(None, parts)) or None
        elif one.key in ("email", "external_id"):
            value = said.email if one.key == "email" else said.external_id
        else:
            value = said.values.get(one.key)
        cells.append(
            {
                "column": one.index,
                "value": _cut(value) if isinstance(value, str) else value,
                "fault": faults.get(one.index),
            }
        )
    return {"line": said.line, "refusal": said.refusal or None, "cells": cells}


def _cut(text: str) -> str:
    text = text.replace("\x00", "\ufffd")
    return text if len(text) <= _SHOWN_CELL else f"{text[:_SHOWN_CELL]}…"
