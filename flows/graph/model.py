"""The graph as it is stored and sent: nodes, edges, settings.

PURE: no Django, no IO. A draft may hold any fault, so these models ask only for the outer shape;
`flows.graph.checks` says what keeps a graph from being published.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MAX_NODES = 500
MAX_EDGES = 2000
MAX_NOTES = 200
NOTE_WIDTH = 220
"""How wide a note is drawn of which nothing else is said."""


class Position(BaseModel):
    """Where the canvas draws a node; nothing else reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: float = 0
    y: float = 0


class Node(BaseModel):
    """One step. `id` lasts from version to version: it is what "the same step" means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")
    type: str = Field(min_length=1, max_length=50)
    config: dict[str, Any] = Field(default_factory=dict)
    position: Position = Field(default_factory=Position)
    note: str = Field(default="", max_length=5000)


class Edge(BaseModel):
    """The way from one node to another, on one branch of its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(max_length=100)
    target: str = Field(max_length=100)
    branch: str = Field(default="next", max_length=100)


class Note(BaseModel):
    """A note lying on the canvas: for whoever draws or watches the flow, nothing else reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")
    text: str = Field(default="", max_length=5000)
    position: Position = Field(default_factory=Position)
    width: float = Field(default=NOTE_WIDTH, ge=120, le=800)


class Graph(BaseModel):
    """A flow as drawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: list[Node] = Field(default_factory=list, max_length=4 * MAX_NODES)
    edges: list[Edge] = Field(default_factory=list, max_length=4 * MAX_EDGES)
    notes: list[Note] = Field(default_factory=list, max_length=MAX_NOTES)

    @field_validator("notes")
    @classmethod
    def _each_once(cls, notes: list[Note]) -> list[Note]:
        if len({note.id for note in notes}) < len(notes):
            raise ValueError("Two notes share an id; ids must differ.")
        return notes


class Reentry(BaseModel):
    """Whether a contact may come again: never, or once out and `gap` later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["once", "after_exit"] = "once"
    gap: str | None = None


class SegmentExit(BaseModel):
    """Takes a contact out when they enter or leave a segment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["segment_entered", "segment_left"]
    segment: str = Field(min_length=1)


class EventExit(BaseModel):
    """Takes a contact out when they do something."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["event"]
    name: str = Field(min_length=1, max_length=200)
    where: list[dict[str, Any]] = Field(default_factory=list)


class QuietHours(BaseModel):
    """When no e-mail goes out: clock times such as 22:00, by the contact's zone or a named one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: str = Field(alias="from", max_length=20)
    to: str = Field(max_length=20)
    timezone: str = Field(default="contact", max_length=100)


class EmailLimit(BaseModel):
    """At most `count` marketing e-mails to one contact in `per`, over all flows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    per: str = Field(max_length=50)


class Settings(BaseModel):
    """What holds for the whole flow, whatever node a contact rests at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reentry: Reentry = Field(default_factory=Reentry)
    exit_when: list[SegmentExit | EventExit] = Field(default_factory=list, max_length=50)
    goal: dict[str, Any] | None = None
    suppress: list[str] = Field(default_factory=list, max_length=50)
    quiet_hours: QuietHours | None = None
    email_limit: EmailLimit | None = None

    def terms(self) -> dict[str, Any] | None:
        """On what terms e-mails go out, as `messaging` reads them; None for none."""
        said = self.model_dump(by_alias=True, include={"quiet_hours", "email_limit"})
        return {name: value for name, value in said.items() if value} or None
