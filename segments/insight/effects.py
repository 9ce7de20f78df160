"""What follows downstream when contacts join and leave a segment: rooms register to be asked.

`flows` registers from its AppConfig.ready(): before an edit is saved, a person sees which live
flows contacts would enter, leave, or be kept out of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

How = Literal["enters", "leaves", "suppressed by"]


@dataclass(frozen=True, slots=True)
class Effect:
    """So many contacts would enter a flow, leave it, or be put out of it as suppressed."""

    key: str
    name: str
    status: str
    how: How
    contacts: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Who would join and leave a segment, by contact id."""

    segment: str
    joining: Sequence[int]
    leaving: Sequence[int]
    now: datetime


FindEffects = Callable[[Moves], Sequence[Effect]]

_FINDERS: Final[list[FindEffects]] = []


def register_effects(find: FindEffects) -> None:
    """Have a room asked what would follow from contacts' joining and leaving a segment."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def effects_of(moves: Moves) -> list[Effect]:
    """Return what rooms downstream would do; those that nobody would notice are there with 0."""
    return [effect for find in _FINDERS for effect in find(moves)]
