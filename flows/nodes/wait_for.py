"""Wait: until a rule is true, but no longer than a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import field_validator

from common.durations import describe_duration, parse_duration
from flows.nodes.base import Config, Names, Outcome, Wait, Walker, World, rest_or_leave
from segments.rules import describe


class WaitForConfig(Config):
    """Goes on by `matched` the moment `rule` is true, or by `timeout` when time is up.

    Where time alone may make the rule true before that, the visit is looked at again then.
    """

    rule: dict[str, Any]
    timeout: str

    @field_validator("timeout")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        parse_duration(value)
        return value


class WaitFor(Wait[WaitForConfig]):
    type = "wait_for"
    icon = "hourglass"
    title = "Wait for something"
    description = "Holds a contact until a rule is true, or until time is up."
    Config = WaitForConfig

    def branches(self, config: WaitForConfig) -> tuple[str, ...]:
        return ("matched", "timeout")

    def sentence(self, config: WaitForConfig, names: Names) -> str:
        longest = describe_duration(parse_duration(config.timeout))
        return f"Wait up to {longest} until: {describe(config.rule)}"

    def rules(self, config: WaitForConfig) -> Mapping[str, Any]:
        return {"rule": config.rule}

    def listens_to_rule(self, config: WaitForConfig) -> Any:
        return config.rule

    def run(self, config: WaitForConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        true_for = world.fulfils(config.rule, walkers)
        longest = parse_duration(config.timeout)
        outcome = rest_or_leave(
            [walker for walker in walkers if walker.visit_id not in true_for],
            lambda walker: walker.arrived_at + longest,
            world.now,
            branch="timeout",
        )
        looks = world.next_looks(config.rule, [walker for walker, _until in outcome.rest])
        if looks:
            outcome.rest = [
                (walker, _earlier(until, looks.get(walker.visit_id)))
                for walker, until in outcome.rest
            ]
        outcome.leave["matched"] = [walker for walker in walkers if walker.visit_id in true_for]
        return outcome


def _earlier(until: datetime | None, look: datetime | None) -> datetime | None:
    return min((one for one in (until, look) if one is not None), default=None)
