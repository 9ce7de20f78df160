"""Wait: a fixed time, counted from the arrival."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, field_validator

from common.durations import describe_duration, parse_duration
from flows.nodes.base import Config, Names, Outcome, Wait, Walker, World, rest_or_leave


class WaitConfig(Config):
    """`for`: an ISO 8601 duration in weeks, days, hours, minutes, seconds."""

    for_: str = Field(alias="for")

    @field_validator("for_")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        parse_duration(value)
        return value


class WaitNode(Wait[WaitConfig]):
    type = "wait"
    icon = "clock"
    title = "Wait"
    description = "Holds a contact for a fixed time."
    Config = WaitConfig

    def sentence(self, config: WaitConfig, names: Names) -> str:
        return f"Wait {describe_duration(parse_duration(config.for_))}"

    def run(self, config: WaitConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        duration = parse_duration(config.for_)
        return rest_or_leave(walkers, lambda walker: walker.arrived_at + duration, world.now)
