"""What the services share: values put into states, states written with their touches.

Used within this package alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from common.clock import canonical
from contacts.state import ContactState, all_dirty
from contacts.store import (
    FieldBook,
    TouchRow,
    contacts_update,
    identities_write,
    touches_insert,
)
from contacts.values import email_of, is_missing


def values_apply(
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


def states_write(
    cursor: CursorWrapper,
    states: Iterable[ContactState],
    *,
    now: datetime,
    releases: Sequence[tuple[tuple[str, str], int]] = (),
    claim_email: bool = True,
) -> None:
    """Write the states that changed, with their touches; `releases` are addresses given up.

    A new address is claimed as an identity if it is nobody's, unless the caller claims it.
    """
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
    touches_insert(cursor, touches_of(dirty), now=now)


def touches_of(states: Iterable[ContactState]) -> list[TouchRow]:
    """Return what changed about these contacts."""
    return [TouchRow(state.id, *key) for state in states for key in state.touched]
