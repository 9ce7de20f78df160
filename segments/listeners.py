"""Who listens to a segment: whether its joins and leaves must be told to the engine by touches.

A build of a million members that nothing follows would else put a million touches in the engine's
way. Rooms downstream register from their AppConfig.ready(); they are asked while lanes are held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from segments.catalogue import Catalogue

Listens = Callable[[str], bool]
"""Whether a room follows the joins and leaves of the segment of this key now."""

_LISTENERS: Final[list[Listens]] = []


def register_listener(listens: Listens) -> None:
    """Have a room asked whether it follows a segment."""
    if listens not in _LISTENERS:
        _LISTENERS.append(listens)


def is_heard(book: Catalogue, key: str) -> bool:
    """Whether another segment's rule or a room downstream follows this segment."""
    own = book.by_key(key)
    followed = book.by_mention.get(f"segment:{key}", ())
    if any(own is None or one != own.id for one in followed):
        return True
    return any(listens(key) for listens in _LISTENERS)
