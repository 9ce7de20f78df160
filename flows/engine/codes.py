"""Small types that the engine's modules share. PURE."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Match = tuple[Mapping[str, Any], ...]
"""Property conditions that an event must fulfil, all of them; none means any event."""


def json_value(column: Any) -> Any:
    """What a jsonb column holds: Django's cursors give its text."""
    return json.loads(column) if isinstance(column, str) else column


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

    @property
    def key(self) -> str:
        """The touch key that rules and flows mention it by."""
        return f"{self.kind}:{self.name}"


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
    more: bool = False
    """There is more to do at this very instant: pulse again before resting."""

    @property
    def idle(self) -> bool:
        """Nothing was there to do."""
        return not (self.touches or self.entered or self.transitions or self.due or self.more)
