"""End: the contact leaves as converted."""

from __future__ import annotations

from collections.abc import Sequence

from flows.nodes.base import Names, NoConfig, NodeType, Outcome, Walker, World


class Goal(NodeType[NoConfig]):
    type = "goal"
    group = "end"
    icon = "flag"
    title = "Goal"
    description = "Ends the visit as converted."
    Config = NoConfig

    def branches(self, config: NoConfig) -> tuple[str, ...]:
        return ()

    def sentence(self, config: NoConfig, names: Names) -> str:
        return "Goal reached"

    def run(self, config: NoConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome(end=[(walker, "converted", "reached the goal") for walker in walkers])
