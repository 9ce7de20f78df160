"""Action: add the contact to another flow, if that flow lets them in."""

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


class AddToFlowConfig(Config):
    flow: str = Field(min_length=1)


class AddToFlow(NodeType[AddToFlowConfig]):
    type = "add_to_flow"
    group = "action"
    icon = "arrow-ramp-right"
    title = "Add to a flow"
    description = "Adds the contact to another flow, if its settings let them in."
    Config = AddToFlowConfig

    def sentence(self, config: AddToFlowConfig, names: Names) -> str:
        return f"Add to the flow {names('flow', config.flow)}"

    def references(self, config: AddToFlowConfig) -> Iterable[Reference]:
        return (Reference("flow", config.flow, "flow"),)

    def run(self, config: AddToFlowConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers, ChangeFlow(config.flow, "add"))
