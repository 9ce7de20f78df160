"""Where a segment is used by rooms downstream, which register how to find out.

`flows` registers from its AppConfig.ready(), so that a segment that a flow needs is not deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

FindUses = Callable[[str], Sequence[str]]
"""From a segment's key to what uses it, in words: "the flow “Abandoned cart”"."""

_FINDERS: Final[list[FindUses]] = []


def register_use(find: FindUses) -> None:
    """Have a room asked whether it uses a segment."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def uses_of(key: str) -> list[str]:
    """Return what rooms downstream use a segment for, in words."""
    return [use for find in _FINDERS for use in find(key)]
