"""Action: add to a segment, as by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    ChangeSegment,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    Walker,
    World,
)


class AddToSegmentConfig(Config):
    segment: str = Field(min_length=1)


class AddToSegment(NodeType[AddToSegmentConfig]):
    type = "add_to_segment"
    group = "action"
    icon = "users-plus"
    title = "Add to a segment"
    description = "Adds the contact to a segment as by hand: the rule does not take them out."
    Config = AddToSegmentConfig

    def sentence(self, config: AddToSegmentConfig, names: Names) -> str:
        return f"Add to {names('segment', config.segment)}"

    def references(self, config: AddToSegmentConfig) -> Iterable[Reference]:
        return (Reference("segment", config.segment, "segment"),)

    def run(self, config: AddToSegmentConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers, ChangeSegment(config.segment, "add"))
