"""When two contacts turn out to be one: the messages and calls of the lost one go along."""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from common.sql import queries
from messaging.statements import SQL


def messages_move(
    cursor: CursorWrapper,
    *,
    kept_lane: int,
    kept_id: int,
    lost_lane: int,
    lost_id: int,
    now: datetime,
) -> None:
    """Give the lost contact's messages and calls to the kept one, in the merge's transaction."""
    who = {
        "kept_lane": kept_lane,
        "kept_id": kept_id,
        "lost_lane": lost_lane,
        "lost_id": lost_id,
    }
    cursor.execute(SQL["messages_move"], who)
    cursor.execute(queries("messaging", "calls")["calls_move"], who)
