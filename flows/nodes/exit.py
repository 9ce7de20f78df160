"""End: the contact leaves the flow."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from flows.nodes.base import Config, Names, NodeType, Outcome, Walker, World


class ExitConfig(Config):
    reason: str = Field(default="", max_length=200)


class Exit(NodeType[ExitConfig]):
    type = "exit"
    group = "end"
    icon = "door-exit"
    title = "Exit"
    description = "Ends the visit here, with a reason for the record."
    Config = ExitConfig

    def branches(self, config: ExitConfig) -> tuple[str, ...]:
        return ()

    def sentence(self, config: ExitConfig, names: Names) -> str:
        return f"Exit: {config.reason}" if config.reason else "Exit"

    def run(self, config: ExitConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        reason = config.reason or "came to an exit"
        return Outcome(end=[(walker, "exited", reason) for walker in walkers])
