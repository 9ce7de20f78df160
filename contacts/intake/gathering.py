"""The contacts that a set is about: found and locked before it is worked through, written after.

What comes in by messages and what comes in by files go through here alike. Every function runs in
the caller's transaction, in a fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from contacts.intake.parsing import Parsed
from contacts.intake.people import People, joinable_groups
from contacts.merging import merge_rows
from contacts.state import all_dirty
from contacts.store import (
    TouchRow,
    contact_ids,
    contacts_insert,
    contacts_update,
    identities_write,
    lock_contacts,
    lock_lanes,
    owners_of,
)


class SetMovedOn(Exception):
    """A contact of this set was changed by another door between two looks; look again."""


def people_of(cursor: CursorWrapper, messages: Sequence[Parsed]) -> People:
    """Find and lock who is meant: first the lanes of who may be joined, then the contacts.

    Raises
    ------
    SetMovedOn
        If another door changed a contact meanwhile; the transaction is to be tried anew.
    """
    keys = {key for message in messages for key in message.identities()}
    owners = owners_of(cursor, keys)
    groups = joinable_groups(messages, owners)
    if groups:
        lock_lanes(cursor, frozenset[int]().union(*groups))
        if owners_of(cursor, keys) != owners:
            raise SetMovedOn
    states = lock_contacts(cursor, owners.values())
    if len(states) != len(set(owners.values())):
        raise SetMovedOn
    return People(owners, states.values())


def people_write(
    cursor: CursorWrapper, people: People, *, now: datetime
) -> tuple[Callable[[int], int], list[TouchRow]]:
    """Write contacts that were worked on: new ones, joined ones, changed ones, their identities.

    Returns
    -------
    tuple of a function and a list of TouchRow
        The function leads from an id that `People` gave to the one in the database. The touches are
        what joining has changed; those of the states are the caller's to write.
    """
    alive = list(people.alive())
    stored_lost = [lost for lost in people.joined if lost > 0]
    fresh = sorted((state for state in alive if state.id < 0), key=lambda state: -state.id)
    real = dict(zip((state.id for state in fresh), contact_ids(cursor, len(fresh)), strict=True))

    def final(contact_id: int) -> int:
        found = people.find(contact_id)
        return real.get(found, found)

    for state in fresh:
        state.id = real[state.id]
    if fresh:
        contacts_insert(cursor, fresh)
    merged = merge_rows(cursor, {lost: final(lost) for lost in stored_lost}, now=now)
    made = frozenset(real.values())
    stored = all_dirty(state for state in alive if state.id not in made)
    contacts_update(cursor, stored)
    released = [(key, final(contact_id)) for key, contact_id in people.releases]
    identities_write(cursor, "release_identities", released)
    claimed = [(key, final(contact_id)) for key, contact_id in people.claims.items()]
    identities_write(cursor, "claim_identities", claimed)
    return final, merged
