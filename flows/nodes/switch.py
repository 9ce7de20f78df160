"""Condition: several rules in order; the first that is true decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, Field

from flows.nodes.base import Config, Names, NodeType, Outcome, Walker, World

ELSE = "else"


class Case(Config):
    """One way out and the rule that leads there."""

    branch: str = Field(min_length=1, max_length=100)
    rule: dict[str, Any]


class SwitchConfig(Config):
    """`cases`, asked in order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"cases": [{"branch": "case 1", "rule": {"type": "all", "rules": []}}]}]
        }
    )

    cases: list[Case] = Field(min_length=1, max_length=20)


class Switch(NodeType[SwitchConfig]):
    type = "switch"
    group = "condition"
    icon = "arrows-split-2"
    title = "Switch"
    description = "Sends each contact by the first rule that is true."
    Config = SwitchConfig

    def branches(self, config: SwitchConfig) -> tuple[str, ...]:
        return (*(case.branch for case in config.cases), ELSE)

    def sentence(self, config: SwitchConfig, names: Names) -> str:
        return "By the first that is true: " + ", ".join(case.branch for case in config.cases)

    def rules(self, config: SwitchConfig) -> Mapping[str, Any]:
        return {f"cases.{place}.rule": case.rule for place, case in enumerate(config.cases)}

    def faults(self, config: SwitchConfig) -> Iterable[tuple[str, str, str]]:
        for branch, times in Counter(case.branch for case in config.cases).items():
            if times > 1 or branch == ELSE:
                yield (
                    "cases",
                    "duplicate",
                    f"Two ways out are called “{branch}”; names must differ.",
                )

    def run(self, config: SwitchConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        outcome = Outcome()
        left = list(walkers)
        for case in config.cases:
            true_for = world.fulfils(case.rule, left)
            outcome.leave[case.branch] = [one for one in left if one.visit_id in true_for]
            left = [one for one in left if one.visit_id not in true_for]
        outcome.leave[ELSE] = left
        return outcome
