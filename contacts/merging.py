"""Joining two contacts in the database: what was the lost one's becomes the kept one's.

The rows of this room are moved here, in a few statements for any number of pairs. Rooms downstream
register what to do with theirs (`register_merge`), from their AppConfig.ready(); nothing here knows
them. Whoever calls has locked the lanes of both contacts (`store.lock_lanes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from django.db.backends.utils import CursorWrapper

from common.lanes import lane_of
from contacts.store import SQL, TouchRow


class Merge(Protocol):
    """Moves a room's rows from the lost contact to the kept one, nothing lost or counted twice."""

    def __call__(
        self,
        cursor: CursorWrapper,
        /,
        *,
        kept_lane: int,
        kept_id: int,
        lost_lane: int,
        lost_id: int,
        now: datetime,
    ) -> None:
        """Move the rows, in the transaction of `cursor`."""


class Delete(Protocol):
    """Deletes a room's rows about a contact, where no foreign key does so."""

    def __call__(self, cursor: CursorWrapper, /, *, lane: int, contact_id: int) -> None:
        """Delete the rows, in the transaction of `cursor`."""


_MERGES: Final[list[Merge]] = []
_DELETES: Final[list[Delete]] = []


def register_merge(merge: Merge) -> None:
    """Have a room's rows moved whenever contacts are joined."""
    if merge not in _MERGES:
        _MERGES.append(merge)


def register_delete(delete: Delete) -> None:
    """Have a room's rows deleted whenever a contact is."""
    if delete not in _DELETES:
        _DELETES.append(delete)


def merge_rows(
    cursor: CursorWrapper, kept_of: Mapping[int, int], *, now: datetime
) -> list[TouchRow]:
    """Move all rows of lost contacts to the kept ones and delete the lost.

    Parameters
    ----------
    cursor
        In a transaction that holds the lanes of all contacts concerned.
    kept_of
        {lost id: kept id}; no kept contact is itself lost. The rows of `contact` that are kept are
        the caller's to write (`ContactState.absorb`).
    now
        The instant of the merge.

    Returns
    -------
    list of TouchRow
        What thereby changed about the kept ones. Their events are touched by name alone: none
        happened.
    """
    if not kept_of:
        return []
    lost_ids = sorted(kept_of)
    pairs = {
        "lost_ids": lost_ids,
        "lost_lanes": [lane_of(lost) for lost in lost_ids],
        "kept_ids": [kept_of[lost] for lost in lost_ids],
        "kept_lanes": [lane_of(kept_of[lost]) for lost in lost_ids],
    }
    cursor.execute(SQL["merge_events"], pairs)
    touches = [TouchRow(contact_id, "event", name) for contact_id, name in cursor.fetchall()]
    cursor.execute(SQL["merge_scores"], pairs)
    touches += [TouchRow(contact_id, "score") for (contact_id,) in cursor.fetchall()]
    cursor.execute(SQL["merge_consents"], pairs)
    touches += [TouchRow(contact_id, "consent", topic) for contact_id, topic in cursor.fetchall()]
    cursor.execute(SQL["merge_identities"], pairs)
    cursor.execute(SQL["merge_touches"], pairs)
    cursor.execute(SQL["merge_joining"], pairs)
    for lost in lost_ids:
        for merge in _MERGES:
            merge(
                cursor,
                kept_lane=lane_of(kept_of[lost]),
                kept_id=kept_of[lost],
                lost_lane=lane_of(lost),
                lost_id=lost,
                now=now,
            )
    delete_rows(cursor, lost_ids)
    return touches


def delete_rows(cursor: CursorWrapper, contact_ids: list[int]) -> None:
    """Delete contacts with all that is theirs, in every room."""
    keys = {"lanes": [lane_of(contact_id) for contact_id in contact_ids], "ids": contact_ids}
    for contact_id in contact_ids:
        for delete in _DELETES:
            delete(cursor, lane=lane_of(contact_id), contact_id=contact_id)
    cursor.execute(SQL["delete_touches"], keys)
    cursor.execute(SQL["delete_contacts"], keys)
