"""Action: take the contact out of another flow, wherever they rest in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    ChangeFlow,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    Walker,
    World,
)


class RemoveFromFlowConfig(Config):
    flow: str = Field(min_length=1)


class RemoveFromFlow(NodeType[RemoveFromFlowConfig]):
    type = "remove_from_flow"
    group = "action"
    icon = "logout"
    title = "Remove from a flow"
    description = "Takes the contact out of another flow, wherever they are in it."
    Config = RemoveFromFlowConfig

    def sentence(self, config: RemoveFromFlowConfig, names: Names) -> str:
        return f"Remove from the flow {names('flow', config.flow)}"

    def references(self, config: RemoveFromFlowConfig) -> Iterable[Reference]:
        return (Reference("flow", config.flow, "flow"),)

    def run(self, config: RemoveFromFlowConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers, ChangeFlow(config.flow, "remove"))
