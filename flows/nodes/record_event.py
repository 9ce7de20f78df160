"""Action: an event recorded about the contact, to which segments and flows react."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    Config,
    Names,
    NodeType,
    Outcome,
    RecordEvent,
    Walker,
    World,
)


class RecordEventConfig(Config):
    """`properties`: texts may hold Liquid over the contact."""

    name: str = Field(min_length=1, max_length=200)
    properties: dict[str, Any] = Field(default_factory=dict, max_length=100)


class RecordEventNode(NodeType[RecordEventConfig]):
    type = "record_event"
    group = "action"
    icon = "timeline-event"
    title = "Record an event"
    description = "Records an event about the contact, to which segments and flows react."
    Config = RecordEventConfig

    def sentence(self, config: RecordEventConfig, names: Names) -> str:
        return f"Record {config.name}"

    def run(self, config: RecordEventConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        liquid = {
            key: value
            for key, value in config.properties.items()
            if isinstance(value, str) and "{" in value
        }
        if not liquid:
            return Outcome.all_by(NEXT, walkers, RecordEvent(config.name, config.properties))
        outcome = Outcome(leave={NEXT: []})
        rendered = world.render(liquid, walkers)
        for walker in walkers:
            texts = rendered[walker.visit_id]
            if isinstance(texts, Exception):
                outcome.failed.append((walker, str(texts)))
                continue
            outcome.leave[NEXT].append(walker)
            event = RecordEvent(config.name, {**config.properties, **texts})
            outcome.effects.append((event, [walker]))
        return outcome
