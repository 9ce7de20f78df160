"""Applies one set of parsed messages to the database, in a fixed number of statements.

The set is read once (who is meant, their rows, locked), worked through message by message in memory
(`intake.people`, `state`), and written once. Runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from common.clock import canonical
from contacts import reach
from contacts.intake.gathering import people_of, people_write
from contacts.intake.inbox import RejectedRow
from contacts.intake.parsing import Parsed
from contacts.intake.people import People
from contacts.state import ContactState
from contacts.store import (
    SQL,
    EventRow,
    FieldBook,
    TouchRow,
    consents_write,
    events_insert,
    field_book,
    fields_warn,
    touches_insert,
)
from contacts.values import email_of, is_missing

SHARED_ADDRESS = "An address belongs to two contacts with different external ids; both keep it"


@dataclass(slots=True)
class _Outcome:
    """What one set of messages comes to, contacts by the ids that `People` gave them."""

    people: People
    book: FieldBook
    events: list[tuple[int, Parsed]] = field(default_factory=list)
    consents: list[tuple[int, str, datetime]] = field(default_factory=list)
    left_out: list[RejectedRow] = field(default_factory=list)


def set_apply(messages: Sequence[Parsed], *, now: datetime) -> list[RejectedRow]:
    """Apply messages in their order; each message id counts once.

    Returns
    -------
    list of RejectedRow
        Traits that no field can hold, to be set aside. Their messages are applied without them.

    Raises
    ------
    SetMovedOn
        If another door changed a contact meanwhile; the transaction is to be tried anew.
    """
    with connection.cursor() as cursor:
        messages = _not_yet_known(cursor, messages)
        if not messages:
            return []
        people = people_of(cursor, messages)
        traits = (trait for message in messages for trait in message.traits)
        outcome = _Outcome(people, field_book(cursor, traits, now=now))
        for message in messages:
            _apply(outcome, message)
        _write(cursor, outcome, now=now)
        return outcome.left_out


def _not_yet_known(cursor: CursorWrapper, messages: Sequence[Parsed]) -> list[Parsed]:
    """Leave out messages whose id has been taken in before, in this set or an earlier one."""
    first: dict[str, Parsed] = {}
    for message in messages:
        if message.message_id is not None:
            first.setdefault(message.message_id, message)
    fresh: set[str] = set()
    if first:
        cursor.execute(
            SQL["know_messages"],
            {
                "ids": list(first),
                "received": [message.received_at for message in first.values()],
            },
        )
        fresh = {message_id for (message_id,) in cursor.fetchall()}
    return [
        message
        for message in messages
        if message.message_id is None
        or (message.message_id in fresh and first[message.message_id] is message)
    ]


def _apply(outcome: _Outcome, message: Parsed) -> None:
    state, shared = outcome.people.contact_of(message)
    if shared:
        outcome.book.warn("email", SHARED_ADDRESS)
    at = canonical(message.at)
    if message.email is not None and message.kind != "identify" and state.email is None:
        _change(outcome, state, "email", message.email, at)
    unfit: dict[str, Any] = {}
    for key, value in message.traits:
        reason = _change(outcome, state, key, value, at)
        if reason is not None and key not in outcome.book.types:
            unfit[key] = value
    if unfit:
        outcome.left_out.append(_left_out(message, unfit))
    if message.event is not None:
        if message.event in reach.TELLING:
            topic = reach.apply(state, message.event, message.properties, message.at)
            if topic is not None:
                outcome.consents.append((state.id, topic, message.at))
        if message.event not in reach.TOLD_BY_MAIL_SERVERS:
            state.see(message.at)
        outcome.events.append((state.id, message))


def _change(outcome: _Outcome, state: ContactState, key: str, value: Any, at: str) -> str | None:
    """Change a field; an address that goes identifies its contact no longer."""
    if key == "email":
        address = None if is_missing(value) else email_of(value)
        if address is None and not is_missing(value):
            reason = f"{str(value)[:60]!r} is not an e-mail address"
            outcome.book.warn(key, reason)
            return reason
        if (state.email or "").lower() != (address or "").lower():
            outcome.people.release_email(state)
        value = address
    return outcome.book.change(state, key, value, at)


def _left_out(message: Parsed, unfit: dict[str, Any]) -> RejectedRow:
    payload: dict[str, Any] = {
        "type": "identify",
        "traits": unfit,
        "timestamp": canonical(message.at),
    }
    if message.external_id is not None:
        payload["userId"] = message.external_id
    if message.anonymous_id is not None:
        payload["anonymousId"] = message.anonymous_id
    return RejectedRow(
        message.received_at,
        message.source_id,
        payload,
        "no_field",
        f"No field can hold {', '.join(sorted(unfit))[:200]}: nested too deep, the key is too "
        "long, or there are too many fields. The rest of the message was taken in.",
    )


def _write(cursor: CursorWrapper, outcome: _Outcome, *, now: datetime) -> None:
    final, merged = people_write(cursor, outcome.people, now=now)
    alive = list(outcome.people.alive())
    consents: dict[tuple[int, str], tuple[str, datetime]] = {}
    for contact_id, topic, at in outcome.consents:
        consents.setdefault((final(contact_id), topic), ("unsubscribed", at))
    chosen = consents_write(cursor, consents)
    event_ids = events_insert(
        cursor,
        [
            EventRow(
                final(contact_id),
                message.event or "",
                message.at,
                message.properties,
                message.received_at,
                message_id=message.message_id,
                source_id=message.source_id,
            )
            for contact_id, message in outcome.events
        ],
    )
    touches_insert(
        cursor,
        [
            *(TouchRow(s.id, *key) for s in alive for key in s.touched if key[0] == "new"),
            *merged,
            *(
                TouchRow(final(contact_id), "event", message.event or "", event_id)
                for (contact_id, message), event_id in zip(outcome.events, event_ids, strict=True)
            ),
            *(TouchRow(s.id, *key) for s in alive for key in s.touched if key[0] != "new"),
            *chosen,
        ],
        now=now,
    )
    fields_warn(cursor, outcome.book)
