"""Small types that the engine's modules share. PURE."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from contacts.store import IMPORTED
from segments.rules import Compiled

KnownRules = dict[int, tuple[Any, Compiled, frozenset[str]]]
"""Rules by the identity of their JSON: that JSON, the SQL, and the segments they ask for."""

Match = tuple[Mapping[str, Any], ...]
"""Property conditions that an event must fulfil, all of them; none means any event."""


def json_value(column: Any) -> Any:
    """What a jsonb column holds; not to be changed, as equal texts share one value."""
    return _decoded(column) if isinstance(column, str) else column


@lru_cache(maxsize=4096)
def _decoded(text: str) -> Any:
    return json.loads(text)


@lru_cache(maxsize=65536)
def instant_of(micros: int) -> datetime:
    """The instant so many microseconds after 1970 (UTC).

    The engine reads instants as integers: thousands of them are the same, and reading a
    timestamptz anew each time costs more than all the rest of a row.

    Examples
    --------
    >>> instant_of(1_000_000)
    datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=micros)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """A touch taken out of the queue, with the event it speaks of."""

    id: int
    lane: int
    contact_id: int
    kind: str
    name: str
    event_id: int | None
    detail: Mapping[str, Any] | None
    at: datetime | None
    properties: Mapping[str, Any] | None
    touched_at: datetime | None = None
    is_activity: bool = True
    """Of an event: the contact made it, not the product about what it sent."""

    @property
    def key(self) -> str:
        """The touch key that rules and flows mention it by."""
        if self.kind == "call":
            return "call:"
        return f"{self.kind}:{self.name}"

    def changes(self, field: str) -> bool:
        """Whether it says that a field has taken a value, or lost it.

        Whoever is new has just been created. An import says of them all that is known of them so.
        """
        if self.kind == "new":
            return self.name == IMPORTED or field == "created_at"
        return self.kind == "field" and self.name == field


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who may enter a flow: at which trigger, let in by what and when."""

    flow_id: int
    lane: int
    contact_id: int
    node: str
    entry_at: datetime
    trigger: Mapping[str, Any] | None
    upto: int


@dataclass(slots=True)
class Tally:
    """What a pulse did, for the worker's log and the benches."""

    lanes: int = 0
    touches: int = 0
    entered: int = 0
    transitions: int = 0
    due: int = 0
    messages: int = 0
    early: bool = False
    """Something bears a later instant than the pulse: look at time again soon."""
    last_lane: int = -1
    """The last of the lanes that were held."""
    more: bool = False
    """There is more to do at this very instant: pulse again before resting."""

    @property
    def idle(self) -> bool:
        """Nothing was there to do."""
        return not (self.touches or self.entered or self.transitions or self.due or self.more)
