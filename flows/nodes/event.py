"""Trigger: a contact does something; the visit remembers the event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from flows.nodes.base import Config, Names, Trigger
from segments.rules import RuleRefused, parse


class EventConfig(Config):
    """`where`: property conditions as in rules, all on this one event."""

    name: str = Field(min_length=1, max_length=200)
    where: list[dict[str, Any]] = Field(default_factory=list)


class Event(Trigger[EventConfig]):
    type = "event"
    icon = "activity"
    title = "Does something"
    description = "Lets a contact in when they do something, such as adding to a cart."
    Config = EventConfig

    def sentence(self, config: EventConfig, names: Names) -> str:
        return f"Does {config.name}" + (", if it fits" if config.where else "")

    def faults(self, config: EventConfig) -> Iterable[tuple[str, str, str]]:
        if not config.where:
            return
        try:
            parse({"type": "event", "name": config.name, "where": config.where}, fields={})
        except RuleRefused as refused:
            for problem in refused.problems:
                yield "where", problem.code, problem.detail
