"""Who and what there is on paper: people, segments, flows, and people's ways through flows.

Plain data for `tests.world_on_paper` and `tests.flows_on_paper`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from segments.rules import EventData, ScoreData
from tests.clocks_on_paper import Clock

ALWAYS = 2**63 - 1
TRIGGERS = frozenset(
    {"segment_entered", "segment_left", "event", "field_changed", "date", "once", "manual"}
)


@dataclass
class Version:
    """A published graph with its settings."""

    number: int
    nodes: Mapping[str, tuple[str, Mapping[str, Any]]]
    ways: Mapping[tuple[str, str], str]
    settings: Mapping[str, Any]

    @property
    def triggers(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Node, type and config of each trigger, by the nodes' names."""
        found = [(node, *self.nodes[node]) for node in sorted(self.nodes)]
        return [one for one in found if one[1] in TRIGGERS]


@dataclass
class Move:
    """Those inside are brought to a version, some after others; who has not been rests."""

    version: Version
    moves: Mapping[str, str | None]
    left: set[int]
    """Who has not been brought there yet."""


@dataclass
class Flow:
    """A flow: its versions, and whether it lives."""

    id: int
    key: str
    versions: list[Version] = field(default_factory=list)
    status: str = "draft"
    clocks: dict[str, Clock] = field(default_factory=dict)
    sends: dict[tuple[str, datetime | None], Clock] = field(default_factory=dict)
    """Every one-off send there has been, by its step and instant."""
    move: Move | None = None
    """The move to another version that is under way."""

    def carries(self, way: Way) -> bool:
        """Whether who walks this way takes steps now."""
        waits = self.move is not None and way.version.number < self.move.version.number
        return self.status == "live" and not waits

    @property
    def version(self) -> Version:
        """The version that those walk who come in now."""
        return self.versions[-1]


@dataclass
class Mail:
    """A message that a visit has sent."""

    node: str
    at: datetime
    status: str
    topic: str | None
    terms: Mapping[str, Any]
    """The settings of its flow: quiet hours, and how many mails may go."""
    order: int
    waits_until: datetime | None = None
    sent_at: datetime | None = None


@dataclass
class Way:
    """One person's way through a flow: a visit."""

    flow: Flow
    version: Version
    node: str
    entry_at: datetime
    entered_at: datetime
    arrived_at: datetime
    trigger: Mapping[str, Any] | None = None
    upto: int = ALWAYS
    order: int = 0
    path: list[tuple[str, datetime]] = field(default_factory=list)
    state: str = "inside"
    left_at: datetime | None = None
    reason: str = ""
    failure: str = ""
    due: datetime | None = None
    held: datetime | None = None
    came_round: bool = False
    """Whether it rests because it has come to a step again: time alone does not end that sooner."""
    mails: list[Mail] = field(default_factory=list)

    def park(self, failure: str) -> None:
        """Stand still at a step that has failed, until a person does something about it."""
        self.state, self.failure = "failed", failure
        self.due = self.held = None

    def leave(self, state: str, reason: str, now: datetime, *, called_back: bool = False) -> None:
        """Be out; who was taken out gets nothing any more that had not been sent yet."""
        self.state, self.reason, self.left_at = state, reason, now
        self.failure = ""
        self.due = self.held = None
        for mail in self.mails:
            if called_back and mail.status == "queued":
                mail.status = "cancelled"


@dataclass
class Happening:
    """Something that has happened to a person and has not been looked at yet."""

    order: int
    key: str
    event: EventData | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Entry:
    """What would let a person into a flow."""

    node: str
    at: datetime
    trigger: Mapping[str, Any] | None = None
    upto: int = ALWAYS


@dataclass
class Stand:
    """How a person stands to a segment."""

    member: bool = False
    by_hand: bool = False
    held_out: bool = False


@dataclass
class Person:
    """A contact, with all there is about them."""

    id: int
    fields: dict[str, Any] = field(default_factory=dict)
    field_times: dict[str, str] = field(default_factory=dict)
    events: list[EventData] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    scores: list[ScoreData] = field(default_factory=list)
    stands: dict[str, Stand] = field(default_factory=dict)
    changes: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    told: dict[str, datetime] = field(default_factory=dict)
    """When each field was last told to be another."""
    bounced: bool = False
    happenings: list[Happening] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)

    @property
    def is_reachable(self) -> bool:
        """Whether a mail can be sent to them."""
        return bool(self.fields.get("email")) and not self.bounced

    def stand(self, segment: str) -> Stand:
        """How they stand to a segment."""
        return self.stands.setdefault(segment, Stand())

    def open(self) -> list[Way]:
        """The visits that are not over."""
        return [way for way in self.ways if way.state in ("inside", "failed")]

    def of_flow(self, flow: Flow) -> list[Way]:
        """The visits of one flow, in order."""
        return [way for way in self.ways if way.flow is flow]


@dataclass
class Segment:
    """A segment with its rule."""

    key: str
    kind: str
    rule: Any
