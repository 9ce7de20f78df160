"""Action: remove from a segment, as by hand."""

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


class RemoveFromSegmentConfig(Config):
    segment: str = Field(min_length=1)


class RemoveFromSegment(NodeType[RemoveFromSegmentConfig]):
    type = "remove_from_segment"
    group = "action"
    icon = "users-minus"
    title = "Remove from a segment"
    description = "Takes the contact out of a segment as by hand, until its rule is true anew."
    Config = RemoveFromSegmentConfig

    def sentence(self, config: RemoveFromSegmentConfig, names: Names) -> str:
        return f"Remove from {names('segment', config.segment)}"

    def references(self, config: RemoveFromSegmentConfig) -> Iterable[Reference]:
        return (Reference("segment", config.segment, "segment"),)

    def run(
        self, config: RemoveFromSegmentConfig, walkers: Sequence[Walker], world: World
    ) -> Outcome:
        return Outcome.all_by(NEXT, walkers, ChangeSegment(config.segment, "remove"))
