"""The visits of a simulated contact: where they stand, and the path with its reasons. No IO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.durations import describe_duration
from flows.engine.book import BookFlow, BookVersion
from flows.graph.plan import PlanNode
from flows.nodes.base import NEXT, Names, Walker
from flows.trial.shapes import StepTaken, VisitMade
from segments.rules import describe


@dataclass(slots=True)
class Arrival:
    """A step: `left_at` and `branch` are known once it has been left."""

    node: str
    at: datetime
    left_at: datetime | None = None
    branch: str | None = None


@dataclass(slots=True)
class Visit:
    """One way through one flow."""

    id: int
    flow: BookFlow
    version: BookVersion
    walker: Walker
    why: str
    state: str = "inside"
    due_at: datetime | None = None
    left_at: datetime | None = None
    reason: str = ""
    path: list[Arrival] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it is not over: inside, or parked."""
        return self.state in ("inside", "failed")

    def woken(self) -> Walker:
        """The visit as a pass takes it up, as if it were read from its row."""
        old = self.walker
        return Walker(
            visit_id=self.id,
            lane=old.lane,
            contact_id=old.contact_id,
            entry_at=old.entry_at,
            entered_at=old.entered_at,
            arrived_at=old.arrived_at,
            node=old.node,
            steps=old.steps,
            trigger=old.trigger,
            version_id=self.version.id,
            flow_id=self.flow.id,
            parked=self.state == "failed",
        )

    def arrive(self, node: str, at: datetime, came_by: str) -> None:
        """Take a step."""
        if self.path:
            self.path[-1].branch, self.path[-1].left_at = came_by or None, at
        self.path.append(Arrival(node, at))

    def end(self, state: str, at: datetime, reason: str, branch: str | None = None) -> None:
        """Be out."""
        self.state, self.left_at, self.reason, self.due_at = state, at, reason, None
        if self.path:
            self.path[-1].branch, self.path[-1].left_at = branch or None, at

    def for_rules(self) -> dict[str, Any]:
        """What the condition `flow` looks at."""
        return {
            "flow": self.flow.key,
            "state": self.state,
            "entered_at": self.walker.entered_at,
            "left_at": self.left_at,
        }

    def shown(self, names: Names) -> VisitMade:
        """The visit as the simulation answers it."""
        steps = [
            StepTaken(one.node, one.at, one.branch, self._because(one, names)) for one in self.path
        ]
        return VisitMade(steps, self.state, self.left_at, self.reason or self.why, self.due_at)

    def _because(self, step: Arrival, names: Names) -> str:
        node = self.version.plan.nodes[step.node]
        if node.type.group == "trigger":
            return self.why
        if step is self.path[-1] and self.state == "failed":
            return self.reason
        said = [_answer(node, step.branch) or node.type.sentence(node.config, names)]
        if step.left_at is not None and step.left_at > step.at:
            said.append(f"went on after {describe_duration(step.left_at - step.at)}")
        elif step is self.path[-1] and self.due_at is not None:
            said.append(f"until {self.due_at:%Y-%m-%d %H:%M} UTC")
        if step is self.path[-1] and self.state in ("exited", "converted") and step.branch is None:
            said.append(self.reason)
        return "; ".join(said)


def _answer(node: PlanNode, branch: str | None) -> str:
    """Say which way a node with several ways out decided for."""
    if branch is None or branch == NEXT:
        return ""
    rules: Mapping[str, Any] = dict(node.type.rules(node.config))
    if branch in ("yes", "matched") and len(rules) == 1:
        return f"{branch}: {describe(next(iter(rules.values())))}"
    if branch in ("no", "timeout") and len(rules) == 1:
        return f"{branch}, not: {describe(next(iter(rules.values())))}"
    for case in getattr(node.config, "cases", ()):
        if case.branch == branch:
            return f"{branch}: {describe(case.rule)}"
    if branch == "else":
        return "else: none of the cases is true"
    return f"{branch} ({node.type.title})"
