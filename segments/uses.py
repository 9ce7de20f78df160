"""Where segments are used: by other segments, and by rooms downstream, which register theirs.

`flows` registers from its AppConfig.ready(), so that a segment that a flow needs is not deleted and
its page says which flows it lets contacts into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from common.sql import queries

SQL = queries("segments", "insight")


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One use of a segment.

    Attributes
    ----------
    kind
        Of what it is used by: `segment`, `flow`, `score`.
    key, name
        Of what it is used by.
    how
        What it is used for there, in words: "lets contacts in", "its rule".
    """

    kind: str
    key: str
    name: str
    how: str

    def __str__(self) -> str:
        return f"the {_SAID.get(self.kind, self.kind)} “{self.name}”"


_SAID: Final = {"score": "score rule"}

FindUses = Callable[[Collection[str] | None], Iterable[tuple[str, Use]]]
"""From the keys of segments (None: all) to their uses, each with the segment's key; in a number of
statements that does not grow with the keys. It may find others' too: they are passed over."""

_FINDERS: Final[list[FindUses]] = []


def register_use(find: FindUses) -> None:
    """Have a room asked where it uses segments."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def uses_of(keys: Collection[str] | None = None) -> Mapping[str, list[Use]]:
    """Return by segment key what uses it, segments first; what is used by nothing is not there."""
    wanted = None if keys is None else frozenset(keys)
    found: dict[str, set[Use]] = defaultdict(set)
    for find in (_segments_using, *_FINDERS):
        for key, use in find(keys):
            if wanted is None or key in wanted:
                found[key].add(use)
    return {key: sorted(uses, key=_in_order) for key, uses in found.items()}


def _in_order(use: Use) -> tuple[bool, Use]:
    return use.kind != "segment", use


def _segments_using(_keys: Collection[str] | None) -> Iterable[tuple[str, Use]]:
    """The segments whose rules ask for other segments: one statement, whichever are wanted."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["segments_using"])
        return [
            (needed, Use("segment", key, name, "its rule"))
            for needed, key, name in cursor.fetchall()
        ]
