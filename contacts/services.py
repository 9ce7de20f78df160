"""Everything that changes contacts, but for intake. Set-based; each writes the touches.

All run in a transaction (their own if none is open) and take `now`. Those that the engine calls for
thousands of contacts (`fields_update`, `events_record`, `scores_adjust`, `consents_set`) take a
fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.keys import key_make
from common.clock import canonical
from common.errors import Conflict, NotFound, Refused
from common.lanes import lane_of
from contacts import reach
from contacts.intake.inbox import append, storable
from contacts.intake.parsing import MAX_IDENTITY
from contacts.merging import delete_rows, merge_rows
from contacts.models import ConsentState, RejectedMessage, Source, Topic
from contacts.state import ContactState, all_dirty
from contacts.store import (
    SQL,
    EventRow,
    FieldBook,
    TouchRow,
    consents_write,
    contact_ids,
    contacts_insert,
    contacts_update,
    events_insert,
    field_book,
    fields_warn,
    identities_write,
    lock_contacts,
    lock_lanes,
    owners_of,
    touches_insert,
)
from contacts.values import email_of, is_missing

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


@transaction.atomic
def fields_update(changes: Sequence[FieldChange], *, now: datetime) -> list[FieldLeftOut]:
    """Set and erase fields, in the order given; contacts that do not exist are left out.

    Returns
    -------
    list of FieldLeftOut
        The values that did not fit. They are counted as warnings on their fields too.
    """
    with connection.cursor() as cursor:
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
            for key, reason in _apply(book, state, change.set, change.unset, now=now):
                left_out.append(FieldLeftOut(change.contact_id, key, reason))
            if before is not None and before.lower() != (state.email or "").lower():
                releases.append((("email", before.lower()), state.id))
        _states_write(cursor, states.values(), releases=releases, now=now)
        fields_warn(cursor, book)
    return left_out


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
        _states_write(cursor, states.values(), now=now)


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


@transaction.atomic
def contact_create(
    *,
    now: datetime,
    external_id: str | None = None,
    email: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> int:
    """Create a contact and return its id.

    Raises
    ------
    Conflict
        If the external id or the address is another's.
    Refused
        If a value does not fit its field.
    """
    with connection.cursor() as cursor:
        (contact_id,) = contact_ids(cursor, 1)
        state = ContactState.new(contact_id, created_at=now)
        values = dict(fields or {})
        if email is not None:
            values["email"] = email
        book = field_book(cursor, values.items(), now=now)
        claims = _external_id_set(cursor, state, external_id)
        _refuse_misfits(_apply(book, state, values, (), now=now))
        contacts_insert(cursor, [state])
        claims += _email_claimed(cursor, state, None)
        _claim(cursor, claims)
        touches_insert(cursor, _touches([state]), now=now)
    return contact_id


@transaction.atomic
def contact_update(
    contact_id: int,
    *,
    now: datetime,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word of FieldChange
    unset: Sequence[str] = (),
    external_id: str | None = None,
) -> None:
    """Change one contact as a person or a program asked for: all of it or nothing.

    Raises
    ------
    NotFound
        If there is no such contact.
    Conflict
        If the external id or the address is another's.
    Refused
        If a value does not fit its field.
    """
    with connection.cursor() as cursor:
        state = lock_contacts(cursor, [contact_id]).get(contact_id)
        if state is None:
            raise NotFound("There is no such contact.")
        before = state.email
        book = field_book(cursor, (set or {}).items(), now=now)
        claims = _external_id_set(cursor, state, external_id)
        _refuse_misfits(_apply(book, state, set or {}, unset, now=now))
        claims += _email_claimed(cursor, state, before)
        changed = before is not None and before.lower() != (state.email or "").lower()
        releases = [(("email", before.lower()), contact_id)] if changed and before else []
        _states_write(cursor, [state], releases=releases, claim_email=False, now=now)
        _claim(cursor, claims)


@transaction.atomic
def contact_delete(contact_id: int) -> None:
    """Delete a contact with all its data, in every room.

    Raises
    ------
    NotFound
        If there is no such contact.
    """
    with connection.cursor() as cursor:
        lock_lanes(cursor, [contact_id])
        if contact_id not in lock_contacts(cursor, [contact_id]):
            raise NotFound("There is no such contact.")
        delete_rows(cursor, [contact_id])


@transaction.atomic
def contacts_merge(*, kept_id: int, lost_id: int, now: datetime) -> None:
    """Join two contacts into `kept_id`, whatever they are known by: a person asked for it.

    Raises
    ------
    NotFound
        If one of them does not exist.
    Refused
        If they are one already.
    """
    if kept_id == lost_id:
        raise Refused("A contact can't be joined with itself.")
    with connection.cursor() as cursor:
        lock_lanes(cursor, [kept_id, lost_id])
        states = lock_contacts(cursor, [kept_id, lost_id])
        if len(states) != 2:
            raise NotFound("There is no such contact.")
        kept, lost = states[kept_id], states[lost_id]
        kept.absorb(lost)
        touches = merge_rows(cursor, {lost_id: kept_id}, now=now)
        contacts_update(cursor, [kept])
        touches_insert(cursor, [*_touches([kept]), *touches], now=now)


def source_create(name: str, *, now: datetime) -> tuple[Source, str]:
    """Create a source and return it with its write key, which is shown this once.

    Raises
    ------
    Refused
        If the name is empty.
    """
    name = name.strip()
    if not name:
        raise Refused("A source needs a name.", attr="name")
    key = key_make()
    base = _slug(name) or "source"
    with transaction.atomic():
        taken = {*Source.objects.filter(key__startswith=base).values_list("key", flat=True)}
        slug = next(s for s in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if s not in taken)
        source = Source.objects.create(
            key=slug, name=name, prefix=key.prefix, digest=key.digest, created_at=now
        )
    return source, key.plain


def source_delete(source: Source) -> None:
    """Remove a source: its write key is refused from now on, what it sent stays."""
    source.delete()


@transaction.atomic
def rejected_retry(rejected: Iterable[RejectedMessage]) -> int:
    """Put messages that were set aside back into the inbox; return how many."""
    rows = list(rejected)
    sources = {*Source.objects.values_list("id", flat=True)}
    for row in rows:
        # A source that has been removed since must not keep its messages from being taken in.
        known = row.source_id if row.source_id in sources else None
        append(known, f"[{storable(row.payload)}]", size=1, kind="retry", now=row.received_at)
    RejectedMessage.objects.filter(id__in=[row.id for row in rows]).delete()
    return len(rows)


def topic_create(*, key: str, name: str, opt_in: bool) -> Topic:
    """Create a topic.

    Raises
    ------
    Conflict
        If there is one of this key.
    """
    try:
        with transaction.atomic():
            return Topic.objects.create(key=key, name=name, opt_in=opt_in)
    except IntegrityError:
        raise Conflict("There is a topic of this key already.", attr="key") from None


def _apply(
    book: FieldBook,
    state: ContactState,
    values: Mapping[str, Any],
    unset: Sequence[str],
    *,
    now: datetime,
) -> list[tuple[str, str]]:
    """Set and erase fields of one contact; return (key, reason) of what was left out."""
    at = canonical(now)
    left_out = []
    for key, value in (*values.items(), *((key, None) for key in unset)):
        stored = value
        if key == "email" and not is_missing(value):
            stored = email_of(value)
            if stored is None:
                reason = f"{str(value)[:60]!r} is not an e-mail address"
                book.warn(key, reason)
                left_out.append((key, reason))
                continue
        reason_or_none = book.change(state, key, stored, at)
        if reason_or_none is not None:
            left_out.append((key, reason_or_none))
    return left_out


def _refuse_misfits(left_out: Sequence[tuple[str, str]]) -> None:
    for key, reason in left_out:
        raise Refused(f"{key}: {reason}.", code="does_not_fit", attr=key)


def _states_write(
    cursor: CursorWrapper,
    states: Iterable[ContactState],
    *,
    now: datetime,
    releases: Sequence[tuple[tuple[str, str], int]] = (),
    claim_email: bool = True,
) -> None:
    dirty = all_dirty(states)
    if not dirty:
        return
    contacts_update(cursor, dirty)
    identities_write(cursor, "release_identities", releases)
    if claim_email:
        claims = [
            (("email", state.email.lower()), state.id)
            for state in dirty
            if state.email is not None and ("field", "email") in state.touched
        ]
        identities_write(cursor, "claim_free_identities", claims)
    touches_insert(cursor, _touches(dirty), now=now)


def _touches(states: Iterable[ContactState]) -> list[TouchRow]:
    return [TouchRow(state.id, *key) for state in states for key in state.touched]


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
    _states_write(cursor, states.values(), now=now)
    touches_insert(cursor, consents_write(cursor, consents), now=now)


def _external_id_set(
    cursor: CursorWrapper, state: ContactState, external_id: str | None
) -> list[tuple[tuple[str, str], int]]:
    """Give a contact an external id; return the identity to claim."""
    if external_id is None or external_id == state.external_id:
        return []
    if not external_id.strip() or len(external_id) > MAX_IDENTITY:
        raise Refused(f"An external id is a text of up to {MAX_IDENTITY} characters.")
    key = ("external_id", external_id)
    owner = owners_of(cursor, [key]).get(key)
    if owner is not None and owner != state.id:
        raise Conflict("Another contact has this external id.", attr="external_id")
    state.row["external_id"] = external_id
    state.touch("field", "external_id")
    return [] if owner is not None else [(key, state.id)]


def _email_claimed(
    cursor: CursorWrapper, state: ContactState, before: str | None
) -> list[tuple[tuple[str, str], int]]:
    """Return the address to claim, if it is new; one that identifies another is refused."""
    if state.email is None or (before is not None and before.lower() == state.email.lower()):
        return []
    key = ("email", state.email.lower())
    owner = owners_of(cursor, [key]).get(key)
    if owner is not None and owner != state.id:
        raise Conflict("Another contact has this e-mail address.", attr="email")
    return [] if owner is not None else [(key, state.id)]


def _claim(cursor: CursorWrapper, claims: list[tuple[tuple[str, str], int]]) -> None:
    try:
        with transaction.atomic():
            identities_write(cursor, "claim_identities", claims)
    except IntegrityError:
        raise Conflict("Another contact has just been given this id or address.") from None


def _slug(name: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60]
