"""Trigger: a contact enters a segment."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from flows.nodes.base import Config, Names, Reference, Trigger


class SegmentEnteredConfig(Config):
    """`include_existing`: who is a member at publishing enters too."""

    segment: str = Field(min_length=1)
    include_existing: bool = False


class SegmentEntered(Trigger[SegmentEnteredConfig]):
    type = "segment_entered"
    icon = "bolt"
    title = "Enters a segment"
    description = "Lets a contact in the moment they join a segment."
    Config = SegmentEnteredConfig

    def sentence(self, config: SegmentEnteredConfig, names: Names) -> str:
        who = f"Enters {names('segment', config.segment)}"
        return f"{who}, or is in it already" if config.include_existing else who

    def references(self, config: SegmentEnteredConfig) -> Iterable[Reference]:
        return (Reference("segment", config.segment, "segment"),)
