"""Writes for sets of contacts, in a fixed number of statements: what the engine calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from common.clock import canonical
from common.errors import Refused
from common.lanes import lane_of
from contacts import reach
from contacts.models import ConsentState
from contacts.services.alike import Heard, can_be_set_alike, set_alike
from contacts.services.writing import states_write, values_apply
from contacts.store import (
    SQL,
    EventRow,
    TouchRow,
    consents_write,
    events_insert,
    field_book,
    fields_warn,
    lock_contacts,
    touches_insert,
)

MAX_EVENT_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Fields of one contact to be set and to be erased, built-in or custom."""

    lane: int
    contact_id: int
    set: Mapping[str, Any] = field(default_factory=dict)
    unset: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FieldLeftOut:
    """A value that was not written, and why."""

    contact_id: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded. `touch` marks what the product itself did, which is no activity."""

    lane: int
    contact_id: int
    name: str
    at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    touch: bool = False


@dataclass(frozen=True, slots=True)
class ScoreDelta:
    """Points to be added to (or taken from) a contact's score."""

    lane: int
    contact_id: int
    delta: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A contact's choice for a topic: `subscribed` or `unsubscribed`."""

    lane: int
    contact_id: int
    topic: str
    state: str


def heard_always(_key: str) -> bool:
    """Every change of a field is told to the engine: it may concern somebody."""
    return True


@transaction.atomic
def fields_update(
    changes: Sequence[FieldChange], *, now: datetime, heard: Heard = heard_always
) -> list[FieldLeftOut]:
    """Set and erase fields, in the order given; contacts that do not exist are left out.

    Parameters
    ----------
    heard
        Whether anybody follows a field's changes; else no touch is written. Only who holds the
        contacts' lanes can know that.

    Returns
    -------
    list of FieldLeftOut
        The values that did not fit. They are counted as warnings on their fields too.
    """
    with connection.cursor() as cursor:
        if _all_alike(changes):
            return _update_alike(cursor, changes, now=now, heard=heard)
        states = lock_contacts(cursor, (change.contact_id for change in changes))
        values = (pair for change in changes for pair in change.set.items())
        book = field_book(cursor, values, now=now)
        left_out = []
        releases: list[tuple[tuple[str, str], int]] = []
        for change in changes:
            state = states.get(change.contact_id)
            if state is None:
                continue
            before = state.email
            for key, reason in values_apply(book, state, change.set, change.unset, now=now):
                left_out.append(FieldLeftOut(change.contact_id, key, reason))
            if before is not None and before.lower() != (state.email or "").lower():
                releases.append((("email", before.lower()), state.id))
        states_write(cursor, states.values(), releases=releases, now=now)
        fields_warn(cursor, book)
    return left_out


def _all_alike(changes: Sequence[FieldChange]) -> bool:
    """Whether all get the same values, each contact once, and that can be written at once."""
    if not changes or changes[0].unset or not can_be_set_alike(changes[0].set):
        return False
    first = changes[0].set
    return all(one.set is first and not one.unset for one in changes) and (
        len({one.contact_id for one in changes}) == len(changes)
    )


def _update_alike(
    cursor: CursorWrapper, changes: Sequence[FieldChange], *, now: datetime, heard: Heard
) -> list[FieldLeftOut]:
    book = field_book(cursor, changes[0].set.items(), now=now)
    ids = [one.contact_id for one in changes]
    left_out = set_alike(cursor, book, ids, changes[0].set, now=now, heard=heard)
    fields_warn(cursor, book)
    return [FieldLeftOut(*one) for one in left_out]


@transaction.atomic
def events_record(events: Sequence[NewEvent], *, now: datetime) -> list[int]:
    """Record events in the order given and return their ids, which ascend.

    E-mail events (`reach`) also change what is known of their contacts' reachability. Events of
    contacts that do not exist are left out, and so are their ids.
    """
    with connection.cursor() as cursor:
        known = _existing(cursor, (event.contact_id for event in events))
        events = [event for event in events if event.contact_id in known]
        ids = events_insert(
            cursor,
            [
                EventRow(
                    event.contact_id,
                    event.name[:MAX_EVENT_NAME],
                    event.at,
                    event.properties,
                    now,
                    event.touch,
                )
                for event in events
            ],
        )
        touches_insert(
            cursor,
            (
                TouchRow(event.contact_id, "event", event.name[:MAX_EVENT_NAME], event_id)
                for event, event_id in zip(events, ids, strict=True)
            ),
            now=now,
        )
        _reach_apply(cursor, [event for event in events if event.name in reach.TELLING], now=now)
    return ids


@transaction.atomic
def scores_adjust(deltas: Sequence[ScoreDelta], *, now: datetime) -> None:
    """Write entries of the score ledger and bring the contacts' scores up to them."""
    with connection.cursor() as cursor:
        states = lock_contacts(cursor, (delta.contact_id for delta in deltas))
        deltas = [one for one in deltas if one.contact_id in states and one.delta]
        with cursor.copy(SQL["insert_score_changes"]) as copy:
            for one in deltas:
                lane = lane_of(one.contact_id)
                copy.write_row((lane, one.contact_id, one.delta, now, one.reason))
        for one in deltas:
            state = states[one.contact_id]
            state.row["score"] += one.delta
            state.field_times["score"] = canonical(now)
            state.touch("field", "score")
            state.touch("score")
        states_write(cursor, states.values(), now=now)


@transaction.atomic
def consents_set(changes: Sequence[ConsentChange], *, now: datetime) -> None:
    """Write what contacts chose; of several choices for one topic the last counts.

    Raises
    ------
    Refused
        If a state or a topic is none.
    """
    for change in changes:
        if change.state not in ConsentState.values:
            raise Refused("A consent is subscribed or unsubscribed.", attr="state")
        if not 0 < len(change.topic) <= reach.MAX_TOPIC:
            raise Refused("A consent needs a topic.", attr="topic")
    with connection.cursor() as cursor:
        known = _existing(cursor, (change.contact_id for change in changes))
        chosen = {
            (change.contact_id, change.topic): (change.state, now)
            for change in changes
            if change.contact_id in known
        }
        touches_insert(cursor, consents_write(cursor, chosen), now=now)


def _existing(cursor: CursorWrapper, ids: Iterable[int]) -> set[int]:
    """Keep these contacts from being deleted until the transaction ends, and return their ids."""
    keys = sorted(set(ids))
    if not keys:
        return set()
    cursor.execute(SQL["hold_contacts"], {"ids": keys, "lanes": [lane_of(key) for key in keys]})
    return {row[0] for row in cursor.fetchall()}


def _reach_apply(cursor: CursorWrapper, events: Sequence[NewEvent], *, now: datetime) -> None:
    if not events:
        return
    states = lock_contacts(cursor, (event.contact_id for event in events))
    consents: dict[tuple[int, str], tuple[str, datetime]] = {}
    for event in events:
        state = states[event.contact_id]
        topic = reach.apply(state, event.name, event.properties, event.at)
        if topic is not None:
            consents[state.id, topic] = ("unsubscribed", event.at)
    states_write(cursor, states.values(), now=now)
    touches_insert(cursor, consents_write(cursor, consents), now=now)
