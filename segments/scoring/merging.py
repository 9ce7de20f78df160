"""What becomes of awards when contacts are joined; called by `contacts`."""

from __future__ import annotations

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from segments.scoring.ledger import SQL


def merge_awards(
    cursor: CursorWrapper,
    *,
    kept_lane: int,
    kept_id: int,
    lost_lane: int,
    lost_id: int,
    now: datetime,
) -> None:
    """Give the kept contact the lost one's awards; `contacts` moves the entries and the score.

    What the two together have too much of (a rule that gave both, a limit) the next pulse takes
    away: it alone may change a score while contacts are being joined.
    """
    params: dict[str, int | datetime] = {
        "kept_lane": kept_lane,
        "kept": kept_id,
        "lost_lane": lost_lane,
        "lost": lost_id,
        "now": now,
    }
    cursor.execute(SQL["merge_awards"], params)
    if cursor.rowcount:
        cursor.execute(SQL["merge_touch"], params)
