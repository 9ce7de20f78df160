"""Writes to one contact, as a person or a program asked for them: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from common.errors import Conflict, NotFound, Refused
from contacts.intake.parsing import MAX_IDENTITY
from contacts.merging import delete_rows, merge_rows
from contacts.services.writing import states_write, touches_of, values_apply
from contacts.state import ContactState
from contacts.store import (
    contact_ids,
    contacts_insert,
    contacts_update,
    field_book,
    identities_write,
    lock_contacts,
    lock_lanes,
    owners_of,
    touches_insert,
)


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
        _refuse_misfits(values_apply(book, state, values, (), now=now))
        contacts_insert(cursor, [state])
        claims += _email_claimed(cursor, state, None)
        _claim(cursor, claims)
        touches_insert(cursor, touches_of([state]), now=now)
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
        _refuse_misfits(values_apply(book, state, set or {}, unset, now=now))
        claims += _email_claimed(cursor, state, before)
        changed = before is not None and before.lower() != (state.email or "").lower()
        releases = [(("email", before.lower()), contact_id)] if changed and before else []
        states_write(cursor, [state], releases=releases, claim_email=False, now=now)
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
        touches_insert(cursor, [*touches_of([kept]), *touches], now=now)


def _refuse_misfits(left_out: Sequence[tuple[str, str]]) -> None:
    for key, reason in left_out:
        raise Refused(f"{key}: {reason}.", code="does_not_fit", attr=key)


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
