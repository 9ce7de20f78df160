"""Condition: one rule, two ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.nodes.base import Config, Names, NodeType, Outcome, Walker, World
from segments.rules import describe


class ConditionConfig(Config):
    rule: dict[str, Any]


class Condition(NodeType[ConditionConfig]):
    type = "condition"
    group = "condition"
    icon = "git-branch"
    title = "Condition"
    description = "Sends contacts one way if a rule is true, the other way if not."
    Config = ConditionConfig

    def branches(self, config: ConditionConfig) -> tuple[str, ...]:
        return ("yes", "no")

    def sentence(self, config: ConditionConfig, names: Names) -> str:
        text = describe(config.rule)
        return f"{text[:1].upper()}{text[1:]}?"

    def rules(self, config: ConditionConfig) -> Mapping[str, Any]:
        return {"rule": config.rule}

    def run(self, config: ConditionConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        true_for = world.fulfils(config.rule, walkers)
        yes = [walker for walker in walkers if walker.visit_id in true_for]
        no = [walker for walker in walkers if walker.visit_id not in true_for]
        return Outcome(leave={"yes": yes, "no": no})
