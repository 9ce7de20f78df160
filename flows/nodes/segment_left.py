"""Trigger: a contact leaves a segment."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from flows.nodes.base import Config, Names, Reference, Trigger


class SegmentLeftConfig(Config):
    segment: str = Field(min_length=1)


class SegmentLeft(Trigger[SegmentLeftConfig]):
    type = "segment_left"
    icon = "door-exit"
    title = "Leaves a segment"
    description = "Lets a contact in the moment they leave a segment."
    Config = SegmentLeftConfig

    def sentence(self, config: SegmentLeftConfig, names: Names) -> str:
        return f"Leaves {names('segment', config.segment)}"

    def references(self, config: SegmentLeftConfig) -> Iterable[Reference]:
        return (Reference("segment", config.segment, "segment"),)
