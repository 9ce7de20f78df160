"""What of contacts' rows does not stay for ever.

An event goes when it is older than its period *and* than what any rule looks back to: nobody joins
or leaves a segment because something was cleaned up. Rooms downstream that have rules say how far
these look back (`register_reach`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from common.lanes import LANES
from common.sql import queries
from common.upkeep import Upkeep, bites

SQL: Final = queries("contacts", "upkeep")

Reach = Callable[[], dict[str, timedelta | None]]
"""How far back rules ask for events, by their name (`*`: of any name); None: for ever."""

_REACHES: Final[list[Reach]] = []


def register_reach(reach: Reach) -> None:
    """Have the events stay that a room's rules ask for."""
    if reach not in _REACHES:
        _REACHES.append(reach)


def events_clean(before: datetime) -> Iterator[int]:
    """Remove the events before an instant, but for those that some rule may ask for.

    How far back a rule asks is counted from that instant, too: on the safe side.
    """
    reach = _reach()
    for lane in range(LANES):
        with connection.cursor() as cursor:
            cursor.execute(SQL["event_names_in_lane"], {"lane": lane})
            names = [row[0] for row in cursor.fetchall()]
        for name in names:
            upto = _upto(reach, name, before)
            if upto is not None:
                yield from bites(SQL["old_events"], {"lane": lane, "name": name, "before": upto})


def _reach() -> dict[str, timedelta | None]:
    """What all rooms' rules together look back to."""
    found: dict[str, timedelta | None] = {}
    for reach in _REACHES:
        for name, back in reach().items():
            found[name] = back if name not in found else _longer(found[name], back)
    return found


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    """The longer of two looks back; None is for ever."""
    return None if one is None or other is None else max(one, other)


def _upto(reach: dict[str, timedelta | None], name: str, before: datetime) -> datetime | None:
    """Up to which instant the events of a name may go; None: all of them stay."""
    backs = [reach[key] for key in (name, "*") if key in reach]
    if any(back is None for back in backs):
        return None
    return min([before, *(before - back for back in backs if back is not None)])


def message_ids_clean(before: datetime) -> Iterator[int]:
    """Forget by which ids messages were known: one that comes again after that counts anew."""
    return bites(SQL["old_message_ids"], {"before": before})


def rejected_clean(before: datetime) -> Iterator[int]:
    """Remove messages that were set aside long ago."""
    return bites(SQL["old_rejected"], {"before": before})


UPKEEPS: Final = (
    Upkeep("events", "events that no rule asks for", None, events_clean),
    Upkeep(
        "message_ids", "the ids by which repeated messages are known", "P90D", message_ids_clean
    ),
    Upkeep("rejected_messages", "messages that were set aside", "P90D", rejected_clean),
)
