"""The job of an import: reads the file once for its keys, then takes it in piece by piece.

Each piece is one short transaction with the import's position in it, so that an import whose worker
died goes on with the very next row, and one that is cancelled stops between two pieces.

The first reading counts the rows and finds the keys that come more than once. Rows of such a key
wait until the last of them and are put together there: so importing a file again changes nothing,
whatever it holds.
"""

from __future__ import annotations

import gc
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from common import jobs
from common.arrays import int_array
from contacts.importing.applying import (
    COUNTED,
    SQL,
    Folded,
    Note,
    Tally,
    folded,
    goes_by,
    piece_apply,
)
from contacts.importing.files import reader_of
from contacts.importing.mapping import Plan, Said, plan_from_json
from contacts.importing.models import ContactImport
from contacts.importing.reading import Reader, Row
from contacts.importing.targets import target_of
from contacts.intake.gathering import SetMovedOn

log = logging.getLogger(__name__)

PIECE_ROWS: Final = 1_000
PIECE_BYTES: Final = 4 * 1024 * 1024
"""A piece holds contacts against the engine for so many rows, or so many bytes of them."""
LONG_QUEUE: Final = 2_000
"""With more touches than this waiting for the engine, an import waits before its next piece."""
WAIT: Final = 0.05
WAITS: Final = 1_200
"""Seconds between looks at the queue, and how many of them at most before a piece."""

TRIES: Final = 5
MOST_NOTED: Final = 100_000
"""Lines in a report; more are counted, but nobody mends them by hand."""

_READ_AT_A_TIME: Final = 20_000
_HELD_AT_A_TIME: Final = 2_000
_LONGEST_CELL: Final = 2_000


class ImportStopped(Exception):
    """Somebody has asked the import to stop."""


class ImportTakenOver(Exception):
    """Another worker carries the import on, or it has been deleted."""


@dataclass(slots=True)
class _Piece:
    """Some rows as they were read, and where the file goes on after them."""

    rows: list[Row]
    position: int
    line: int
    broken: int
    held: list[tuple[int, Row]] = field(default_factory=list)
    folded: list[Folded] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def import_run(job_id: UUID | str, import_id: int, *, clock: Callable[[], datetime]) -> None:
    """Carry an import on from where it stands to its end.

    Parameters
    ----------
    clock
        Gives the instant of each piece.
    """
    if not jobs.job_start(job_id, now=clock()):
        return
    one = ContactImport.objects.get(id=import_id)
    if one.mapping is None or str(one.job_id) != str(job_id):
        return
    run = _Run(job_id, one, plan_from_json(one.mapping), clock)
    # Rows are many short-lived lists, for which Python's collector looks through all that the
    # process has again and again; what was there before, it need not look at meanwhile.
    gc.freeze()
    try:
        if one.rows_total is None:
            run.count()
        run.write()
    except ImportTakenOver:
        log.info("import %s is carried on by another worker", import_id)
        return
    except ImportStopped:
        log.info("import %s stops", import_id)
    else:
        run.tidy()
    finally:
        gc.unfreeze()
    ContactImport.objects.filter(id=import_id).update(finished_at=clock())
    jobs.job_finish(job_id, now=clock())


class _Run:
    """One import being carried on."""

    def __init__(
        self, job_id: UUID | str, one: ContactImport, plan: Plan, clock: Callable[[], datetime]
    ) -> None:
        self._job_id = job_id
        self._one = one
        self._plan = plan
        self._clock = clock
        self._hash_of = plan.key_hash()
        self._read = plan.reader()

    # ── the first reading ───────────────────────────────────────────────────────────────────────

    def count(self) -> None:
        """Count the rows, and find the keys that come more than once."""
        rows = 0
        reader = reader_of(self._one)
        with connection.cursor() as cursor:
            cursor.execute(SQL["keys_begin"])
            cursor.execute(SQL["keys_empty"])
            while True:
                keys = [(self._hash_of(row), row.line) for row in islice(reader, _READ_AT_A_TIME)]
                if not keys:
                    break
                rows += len(keys)
                with cursor.copy(SQL["keys_add"]) as copy:
                    copy.write("".join(f"{key}\t{line}\n" for key, line in keys if key is not None))
                self._tell(0, phase="reading", read=rows)
            with transaction.atomic():
                cursor.execute(SQL["repeats_forget"], {"import": self._one.id})
                cursor.execute(SQL["repeats_keep"], {"import": self._one.id})
                ContactImport.objects.filter(id=self._one.id).update(rows_total=rows)
            cursor.execute(SQL["keys_end"])
        self._one.rows_total = rows

    # ── piece by piece ──────────────────────────────────────────────────────────────────────────

    def write(self) -> None:
        """Take the file in."""
        self._join()  # whom the last piece of a worker that died wrote
        for piece in self._pieces(reader_of(self._one)):
            self._prepare(piece)
            self._give_way()
            goes_on = self._write_trying(piece)
            self._join()
            if not goes_on:
                raise ImportStopped

    def tidy(self) -> None:
        """Forget what was kept only until the end."""
        with connection.cursor() as cursor:
            cursor.execute(SQL["repeats_forget"], {"import": self._one.id})
            cursor.execute("DELETE FROM contact_import_held WHERE import_id = %s", [self._one.id])

    def _pieces(self, reader: Reader) -> Iterator[_Piece]:
        while True:
            rows: list[Row] = []
            begin = reader.position
            for row in reader:
                rows.append(row)
                if len(rows) >= PIECE_ROWS or reader.position - begin >= PIECE_BYTES:
                    break
            if reader.position == begin:
                return
            yield _Piece(rows, reader.position, reader.line, reader.broken)

    def _prepare(self, piece: _Piece) -> None:
        """Read the cells and put the rows of each key together; nothing is locked meanwhile."""
        waiting = self._waiting(piece)
        now_due = [key for key, last in waiting.items() if last <= piece.line]
        rows: list[Row] = []
        for row in piece.rows:
            key = self._hash_of(row) if waiting else None
            if key is not None and waiting.get(key, 0) > piece.line:
                piece.held.append((key, row))
            else:
                rows.append(row)
        piece.folded = folded(self._said(now_due, rows), piece.tally)

    def _said(self, due: Sequence[int], rows: Sequence[Row]) -> Iterator[Said]:
        """Yield what rows say: first those that waited for one of this piece, then its own."""
        yield from map(self._read, self._held(due))
        yield from map(self._read, rows)

    def _waiting(self, piece: _Piece) -> dict[int, int]:
        """Return the keys of this piece that come more than once, with their last lines."""
        hashes = {key for key in map(self._hash_of, piece.rows) if key is not None}
        with connection.cursor() as cursor:
            cursor.execute(SQL["repeats_of"], {"import": self._one.id, "hashes": int_array(hashes)})
            return dict(cursor.fetchall())

    def _held(self, due: Sequence[int]) -> Iterator[Row]:
        after = (-(2**63), -1)
        while due:
            with connection.cursor() as cursor:
                cursor.execute(
                    SQL["held_page"],
                    {
                        "import": self._one.id,
                        "hashes": int_array(due),
                        "after_hash": after[0],
                        "after_line": after[1],
                        "limit": _HELD_AT_A_TIME,
                    },
                )
                found = cursor.fetchall()
            for _, line, cells in found:
                yield Row(line, 0, json.loads(cells) if isinstance(cells, str) else cells)
            if len(found) < _HELD_AT_A_TIME:
                return
            after = (found[-1][0], found[-1][1])

    def _write_trying(self, piece: _Piece) -> bool:
        for attempt in range(TRIES):
            try:
                goes_on, counts = self._write(piece, last_try=attempt == TRIES - 1)
            except Exception as error:
                if not goes_by(error) or attempt == TRIES - 1:
                    raise
                log.info("a piece of import %s is taken anew: %s", self._one.id, error)
            else:
                one = self._one
                one.counts, one.position, one.line = counts, piece.position, piece.line
                return goes_on
        raise AssertionError  # the last attempt has returned or raised

    @transaction.atomic
    def _write(self, piece: _Piece, *, last_try: bool) -> tuple[bool, dict[str, int]]:
        """Write one piece with the position after it; return whether to go on, and the counts."""
        one = self._one
        with connection.cursor() as cursor:
            cursor.execute(SQL["import_locked"], {"import": one.id})
            found = cursor.fetchone()
            if found is None or found[0] != one.position:
                raise ImportTakenOver
            tally = Tally()
            tally.add(piece.tally)
            tally.add(piece_apply(self._plan, piece.folded, now=self._clock(), last_try=last_try))
            # Those that wait count as repeated now: what becomes of their key counts once, later.
            counts = {name: one.counts.get(name, 0) + getattr(tally, name) for name in COUNTED}
            counts["rows"] = one.counts.get("rows", 0) + len(piece.rows)
            self._hold(cursor, piece)
            self._note(cursor, tally.notes)
            cursor.execute(
                SQL["import_advance"],
                {
                    "import": one.id,
                    "position": piece.position,
                    "line": piece.line,
                    "broken": piece.broken,
                    "counts": json.dumps(counts),
                    "joining": [] if self._plan.segment is None else tally.contacts,
                },
            )
        return self._progress(counts["rows"], phase="writing", **counts), counts

    def _join(self) -> None:
        """Put whom the last piece wrote into the segment.

        In a transaction of its own, because it holds the lanes: short, and taken before any row, as
        everybody does who takes both.
        """
        if self._plan.segment is None:
            return
        for attempt in range(TRIES):
            try:
                self._join_once(self._plan.segment)
            except SetMovedOn:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    @transaction.atomic
    def _join_once(self, segment: str) -> None:
        one = self._one
        with connection.cursor() as cursor:
            cursor.execute(SQL["import_joining"], {"import": one.id})
            found = cursor.fetchone()
            if found is None or found[0] != one.position:
                raise ImportTakenOver
            if not found[1]:
                return
            joined = target_of("segment").join(segment, found[1], now=self._clock())
            counts = {**one.counts, "joined": one.counts.get("joined", 0) + joined}
            cursor.execute(
                SQL["import_joined"],
                {"import": one.id, "joining": found[1], "counts": json.dumps(counts)},
            )
            if not cursor.rowcount:
                raise SetMovedOn  # one of them was merged with another contact meanwhile
        one.counts = counts

    def _give_way(self) -> None:
        """Wait while the engine has much to do: what happens meanwhile comes after these rows."""
        for _ in range(WAITS):
            with connection.cursor() as cursor:
                cursor.execute(SQL["is_queue_long"], {"long": LONG_QUEUE})
                [is_long] = cursor.fetchone()
            if not is_long:
                return
            time.sleep(WAIT)

    def _hold(self, cursor: Any, piece: _Piece) -> None:
        if not piece.held:
            return
        with cursor.copy(SQL["held_add"]) as copy:
            for key, row in piece.held:
                copy.write_row((self._one.id, key, row.line, _stored(row.cells)))

    def _note(self, cursor: Any, notes: Sequence[Note]) -> None:
        """Write lines for the report, one for each line of the file."""
        if not notes:
            return
        cursor.execute(SQL["faults_count"], {"import": self._one.id})
        room = max(0, MOST_NOTED - cursor.fetchone()[0])
        lines: dict[int, list[Note]] = {}
        for note in notes:
            lines.setdefault(note.said.line, []).append(note)
        kept = dict(islice(sorted(lines.items()), room))
        if kept:
            cursor.execute(
                SQL["faults_add"],
                {
                    "import": self._one.id,
                    "lines": list(kept),
                    "refused": [any(n.column is None for n in found) for found in kept.values()],
                    "reasons": [self._reason(found) for found in kept.values()],
                    "cells": [_stored(found[0].said.cells, cut=True) for found in kept.values()],
                },
            )

    def _reason(self, notes: Sequence[Note]) -> str:
        refusal = next((note.reason for note in notes if note.column is None), None)
        if refusal is not None:
            return refusal.replace("\x00", "\ufffd")
        names = self._plan.names
        said = "; ".join(f"{names[note.column or 0]}: {note.reason}" for note in notes)
        return f"Left out: {said}".replace("\x00", "\ufffd")

    def _progress(self, done: int, **detail: Any) -> bool:
        return jobs.job_progress(
            self._job_id,
            done=done,
            total=self._one.rows_total,
            detail={"import": self._one.id, **detail},
        )

    def _tell(self, done: int, **detail: Any) -> None:
        if not self._progress(done, **detail):
            raise ImportStopped


def _stored(cells: Sequence[str], *, cut: bool = False) -> str:
    """Write cells as JSON that PostgreSQL can hold."""
    if cut:
        cells = [c if len(c) <= _LONGEST_CELL else f"{c[:_LONGEST_CELL]}…" for c in cells]
    return json.dumps([cell.replace("\x00", "\ufffd") for cell in cells])


def counts_of(one: ContactImport) -> dict[str, int]:
    """Return what has become of the rows so far."""
    return {name: int(one.counts.get(name, 0)) for name in ("rows", *COUNTED)}
