"""What becomes of memberships when contacts are joined or deleted; called by `contacts`."""

from __future__ import annotations

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from segments.builds import SQL as BUILDS
from segments.catalogue import SQL
from segments.edges import SQL as EDGES

_STEPS = (
    (SQL, "merge_touches"),
    (SQL, "merge_memberships"),
    (SQL, "merge_held_out"),
    (SQL, "merge_history"),
    (EDGES, "merge_early"),
    (BUILDS, "merge_judged"),
)


def merge_segments(
    cursor: CursorWrapper,
    *,
    kept_lane: int,
    kept_id: int,
    lost_lane: int,
    lost_id: int,
    now: datetime,
) -> None:
    """Give the kept contact the lost one's memberships and history.

    Nothing enters or leaves by it: the touches have the rules asked again by the next pulse. The
    lost contact's own rows go with it (`size_less_contact`, and the foreign keys).
    """
    params: dict[str, int | datetime] = {
        "kept_lane": kept_lane,
        "kept": kept_id,
        "lost_lane": lost_lane,
        "lost": lost_id,
        "now": now,
    }
    for statements, step in _STEPS:
        cursor.execute(statements[step], params)


def size_less_contact(cursor: CursorWrapper, *, lane: int, contact_id: int) -> None:
    """Count a contact that is about to be deleted out of its segments' sizes."""
    cursor.execute(SQL["sizes_less_contact"], {"lane": lane, "contact": contact_id})
