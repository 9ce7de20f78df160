"""Writes one piece of a file: thousands of rows, in a fixed number of statements.

As intake does with messages: who is meant is found and locked, all is worked through in memory,
and written once. Runs in the caller's transaction. A row that only the database refuses is found by
halving the piece, and spoils no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from common.clock import canonical
from common.lanes import lane_of
from common.sql import queries
from contacts.importing.mapping import Plan, Said
from contacts.intake.gathering import SetMovedOn, people_of, people_write
from contacts.intake.parsing import Parsed
from contacts.intake.people import People
from contacts.state import ContactState
from contacts.store import IMPORTED, TouchRow, consents_write, touches_insert

SQL: Final = queries("contacts", "importing")

_UNSUBSCRIBED = "They have unsubscribed from “{topic}”; an import does not undo that."
_OTHERS_ID = "The external id “{id}” belongs to a contact with another e-mail address."
_OTHER_ID = "the contact of this address has another external id, and keeps it"


@dataclass(slots=True)
class Folded:
    """What all rows of one key say together: of the same field, the last one counts."""

    last: Said
    rows: int = 1

    @classmethod
    def of(cls, said: Said) -> Folded:
        """Begin with the first row of a key."""
        return cls(said)

    def fold(self, later: Said) -> None:
        """Add a later row of the key."""
        before = self.last
        kept = {key: value for key, value in before.values.items() if key not in later.erased}
        later.values = {**kept, **later.values}
        erased = dict.fromkeys([*before.erased, *later.erased])
        later.erased = [key for key in erased if key not in later.values]
        later.consents = {**before.consents, **later.consents}
        later.email = later.email or ("" if "email" in later.erased else before.email) or None
        later.external_id = later.external_id or before.external_id
        self.last = later
        self.rows += 1


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the report: refused, or (at a column) taken without a cell."""

    said: Said
    reason: str
    column: int | None = None


@dataclass(slots=True)
class Tally:
    """What became of rows. Every row is one of the first five."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    repeated: int = 0
    cells_left_out: int = 0
    joined: int = 0
    notes: list[Note] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    """Whom the rows are about, each once: those that a segment is to take in."""

    def refuse(self, said: Said, reason: str) -> None:
        """Note a row that is not taken in."""
        self.refused += 1
        self.notes.append(Note(said, reason))

    def leave_out(self, said: Said, column: int, reason: str) -> None:
        """Note a cell that is not taken in."""
        self.cells_left_out += 1
        self.notes.append(Note(said, reason, column))

    def add(self, other: Tally) -> None:
        """Add what became of further rows."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.notes += other.notes
        self.contacts += other.contacts


COUNTED: Final = (
    "created",
    "updated",
    "unchanged",
    "refused",
    "repeated",
    "cells_left_out",
    "joined",
)


def folded(rows: Iterable[Said], tally: Tally) -> list[Folded]:
    """Put the rows of each key together, in the order of lines; note the refused ones.

    Rows are only held together by their key, however many there are.
    """
    found: dict[str, Folded] = {}
    for said in rows:
        if said.refusal:
            tally.refuse(said, said.refusal)
            continue
        for column, reason in said.faults:
            tally.leave_out(said, column, reason)
        earlier = found.get(said.key)
        if earlier is None:
            found[said.key] = Folded.of(said)
        else:
            earlier.fold(said)
            tally.repeated += 1
    return list(found.values())


def piece_apply(
    plan: Plan, rows: Sequence[Folded], *, now: datetime, last_try: bool = False
) -> Tally:
    """Write what these rows say.

    Parameters
    ----------
    last_try
        Whether what might go by has stayed: then the row that it is about is refused.

    Raises
    ------
    SetMovedOn, OperationalError, IntegrityError
        For what goes by when the transaction is tried anew.
    """
    if not rows:
        return Tally()
    try:
        with transaction.atomic():
            return _Piece(plan, now).apply(rows)
    except (DatabaseError, psycopg.Error) as error:
        if not _is_of_a_row(error, last_try=last_try):
            raise
        if len(rows) == 1:
            said = str(error).strip().splitlines() or ["?"]
            tally = Tally()
            tally.refuse(rows[0].last, f"The database refused it: {said[0][:300]}")
            return tally
        middle = len(rows) // 2
        tally = piece_apply(plan, rows[:middle], now=now, last_try=last_try)
        tally.add(piece_apply(plan, rows[middle:], now=now, last_try=last_try))
        return tally


def goes_by(error: BaseException) -> bool:
    """Whether trying the piece anew will do: a deadlock, or somebody else was quicker."""
    return isinstance(error, SetMovedOn) or isinstance(
        _cause(error),
        psycopg.IntegrityError
        | psycopg.errors.DeadlockDetected
        | psycopg.errors.SerializationFailure,
    )


def _cause(error: BaseException) -> BaseException:
    """Return the driver's own error: Django wraps it, but not where rows are copied."""
    return error if isinstance(error, psycopg.Error) else error.__cause__ or error


def _is_of_a_row(error: BaseException, *, last_try: bool) -> bool:
    """Whether one row is at fault, and not the database or another writer."""
    cause = _cause(error)
    if isinstance(cause, psycopg.IntegrityError):
        return last_try
    return isinstance(cause, psycopg.errors.ProgramLimitExceeded) or not isinstance(
        cause, psycopg.OperationalError | psycopg.InterfaceError
    )


class _Piece:
    """One piece being written."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        self._now = now
        self._at = canonical(now)
        self._tally = Tally()
        self._done: list[tuple[int, bool]] = []
        self._consents: dict[int, dict[str, str]] = defaultdict(dict)
        self._row_of: dict[int, Folded] = {}

    def apply(self, rows: Sequence[Folded]) -> Tally:
        with connection.cursor() as cursor:
            messages = [_message(row.last, self._now) for row in rows]
            people = people_of(cursor, messages)
            for row, message in zip(rows, messages, strict=True):
                self._say(people, row, message)
            known = [state for state in people.alive() if state.id > 0]
            consents = self._consents_allowed(cursor, people)
            touched = [(state, list(state.touched)) for state in known]
            final, merged = people_write(cursor, people, now=self._now)
            chosen = consents_write(
                cursor,
                {
                    (final(contact_id), topic): (state, self._now)
                    for contact_id, choices in consents.items()
                    for topic, state in choices.items()
                },
            )
            fresh = {final(contact_id) for contact_id, _ in self._done if contact_id < 0}
            fresh -= {state.id for state in known}
            touches_insert(
                cursor,
                [
                    # Of somebody new the engine asks every rule anyway: one touch says it all.
                    *(TouchRow(contact_id, "new", IMPORTED) for contact_id in sorted(fresh)),
                    *merged,
                    *(TouchRow(state.id, *key) for state, keys in touched for key in keys),
                    *(touch for touch in chosen if touch.contact_id not in fresh),
                ],
                now=self._now,
            )
        self._count(final, fresh, {touch.contact_id for touch in chosen})
        self._tally.contacts = sorted({final(contact_id) for contact_id, _ in self._done})
        return self._tally

    def _say(self, people: People, row: Folded, message: Parsed) -> None:
        """Work one key's rows into their contact."""
        said, plan = row.last, self._plan
        found = self._known(people, said)
        if plan.key == "email" and said.external_id is not None:
            other = people.owner("external_id", said.external_id)
            if other is not None and other is not found:
                self._tally.refuse(said, _OTHERS_ID.format(id=said.external_id[:100]))
                return
            if found is not None and found.external_id not in (None, said.external_id):
                self._leave_out(said, "field", "external_id", _OTHER_ID)
                message = replace(message, external_id=None)
        stored = found is not None and found.id > 0
        if found is not None and stored and plan.existing == "skip":
            self._done.append((found.id, False))
            return
        filling = stored and plan.existing == "fill_empty"
        if found is not None and filling and found.email is not None:
            message = replace(message, email=found.email)
        before = len(found.touched) if found is not None else -1
        state, _ = people.contact_of(message)
        self._set(people, state, said, filling=filling)
        self._done.append((state.id, state is not found or len(state.touched) > before))
        self._row_of[state.id] = row
        for topic, choice in said.consents.items():
            self._consents[state.id][topic] = choice

    def _known(self, people: People, said: Said) -> ContactState | None:
        """Return the contact that a row speaks of, if there is one."""
        by_email = people.owner("email", said.email.lower() if said.email else None)
        if self._plan.key == "email":
            return by_email
        found = people.owner("external_id", said.external_id)
        if found is None and by_email is not None and by_email.external_id is None:
            return by_email
        return found

    def _set(self, people: People, state: ContactState, said: Said, *, filling: bool) -> None:
        if said.email is not None and not (filling and state.email is not None):
            if (state.email or "").lower() != said.email.lower():
                people.release_email(state)
            state.assign("email", said.email, self._at)
        for key, value in said.values.items():
            if not filling or state.value(key) is None:
                state.assign(key, value, self._at)
        for key in said.erased:
            if key == "email":
                people.release_email(state)
            state.erase(key)

    def _consents_allowed(
        self, cursor: CursorWrapper, people: People
    ) -> Mapping[int, Mapping[str, str]]:
        """Leave out what would undo an unsubscription, or what was only to be filled in."""
        ids = sorted(
            {people.find(one) for one, choices in self._consents.items() if one > 0 and choices}
        )
        ids = [contact_id for contact_id in ids if contact_id > 0]
        if not ids:
            return self._consents
        topics = sorted({topic for choices in self._consents.values() for topic in choices})
        cursor.execute(
            SQL["consents_of"],
            {"ids": ids, "lanes": [lane_of(one) for one in ids], "topics": topics},
        )
        stands = {(contact_id, topic): state for contact_id, topic, state in cursor.fetchall()}
        for contact_id, choices in self._consents.items():
            for topic, choice in list(choices.items()):
                before = stands.get((people.find(contact_id), topic))
                if before is None or before == choice:
                    continue
                if self._plan.existing == "fill_empty":
                    del choices[topic]
                elif before == "unsubscribed":
                    del choices[topic]
                    said = self._row_of[contact_id].last
                    self._leave_out(said, "consent", topic, _UNSUBSCRIBED.format(topic=topic))
        return self._consents

    def _leave_out(self, said: Said, kind: str, key: str, reason: str) -> None:
        """Note a cell that was not taken, at the column that it came from."""
        columns = self._plan.columns
        column = next(one.index for one in columns if (one.kind, one.key) == (kind, key))
        self._tally.leave_out(said, column, reason)

    def _count(self, final: Callable[[int], int], fresh: set[int], chose: set[int]) -> None:
        made = set(fresh)
        for contact_id, changed in self._done:
            found = final(contact_id)
            if found in made:
                made.discard(found)
                self._tally.created += 1
            elif changed or found in chose:
                self._tally.updated += 1
            else:
                self._tally.unchanged += 1


def _message(said: Said, now: datetime) -> Parsed:
    """Say who is meant in the words of intake, which knows whom that is."""
    return Parsed(
        kind="identify",
        at=now,
        received_at=now,
        source_id=None,
        message_id=None,
        external_id=said.external_id,
        anonymous_id=None,
        email=said.email,
    )
