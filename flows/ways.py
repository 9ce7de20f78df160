"""Where a person can send those who stand at a step: by which branch, to which step.

Read from the versions as they were drawn, not as the engine compiles them: a version that can no
longer be carried can still be left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.errors import Refused
from flows.graph import Graph, Node
from flows.models import Flow, FlowVersion
from flows.nodes import NODE_TYPES
from flows.nodes.base import NEXT

TIMEOUT = "timeout"
"""The branch by which a wait for something is left when time is up."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a visit stands, as a person acts on it."""

    visit_id: int
    lane: int
    contact_id: int
    version_id: int
    node: str
    failed: bool
    steps: int


@dataclass(frozen=True, slots=True)
class Way:
    """How a step is left: by a branch to a step, out of the flow, or by running `again`."""

    branch: str = ""
    target: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Drawn:
    nodes: dict[str, Node]
    targets: dict[tuple[str, str], str]
    suppress: list[str]


class Ways:
    """The ways of one flow's versions, each version read once."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._drawn: dict[int, _Drawn] = {}
        self._out: dict[tuple[int, str, str | None, bool], Way] = {}

    def out(
        self, version_id: int, node_id: str, branch: str | None, *, resting: bool = False
    ) -> Way:
        """The way out of a step by a branch; without one by `next`, if the step has that.

        Parameters
        ----------
        resting
            The visit rests there by its own will, and its rest is to end now: a wait is left (by
            `timeout`, if it has no `next`), any other step is run.

        Raises
        ------
        Refused
            If the step has not that branch, or none is given and it has several.
        """
        asked = (version_id, node_id, branch, resting)
        if asked not in self._out:
            self._out[asked] = self._find(version_id, node_id, branch, resting)
        return self._out[asked]

    def _find(self, version_id: int, node_id: str, branch: str | None, resting: bool) -> Way:
        drawn = self._version(version_id)
        node = drawn.nodes.get(node_id)
        if resting and node is not None and not _is_wait(node):
            return Way(again=True)
        branches = _branches(node) if node is not None else ()
        if branch is None:
            usual = (NEXT, TIMEOUT) if resting else (NEXT,)
            branch = next((one for one in usual if one in branches), None)
        if not branches:
            return Way()
        if branch not in branches:
            ways = " or ".join(f"“{one}”" for one in branches)
            raise Refused(
                f"The step “{node_id}” is left by {ways}: choose one of these.",
                code="invalid" if branch else "required",
                attr="branch",
            )
        return Way(branch, drawn.targets.get((node_id, branch)))

    def to(self, version_id: int, target: str) -> int:
        """The version in which somebody of a version is moved to a step: their own, or the live.

        Raises
        ------
        Refused
            If neither has the step, or it is a trigger.
        """
        for candidate in (version_id, self.flow.live_version_id):
            node = None if candidate is None else self._version(candidate).nodes.get(target)
            if candidate is not None and node is not None:
                kind = NODE_TYPES.get(node.type)
                if kind is not None and kind.group == "trigger":
                    raise Refused("A trigger lets people in; choose a step after it.", attr="to")
                return candidate
        raise Refused(f"There is no step “{target}” to move people to.", attr="to")

    def live_or_own(self, version_id: int, node_id: str) -> int:
        """The live version if it has the step, else the visit's own."""
        live = self.flow.live_version_id
        return live if live is not None and node_id in self._version(live).nodes else version_id

    def suppress(self, version_id: int) -> list[str]:
        """The segments whose members a version does not keep."""
        return self._version(version_id).suppress

    def _version(self, version_id: int) -> _Drawn:
        if version_id not in self._drawn:
            version = FlowVersion.objects.get(id=version_id)
            graph = Graph.model_validate(version.graph)
            self._drawn[version_id] = _Drawn(
                {node.id: node for node in graph.nodes},
                {(edge.source, edge.branch): edge.target for edge in graph.edges},
                list(version.settings.get("suppress") or ()),
            )
        return self._drawn[version_id]


def _is_wait(node: Node) -> bool:
    kind = NODE_TYPES.get(node.type)
    return kind is not None and kind.group == "wait"


def _branches(node: Node) -> tuple[str, ...]:
    """The ways out of a step; `next` where its config can no longer be read."""
    kind: Any = NODE_TYPES.get(node.type)
    if kind is None:
        return (NEXT,)
    if kind.group == "end":
        return ()
    try:
        return tuple(kind.branches(kind.Config.model_validate(node.config)))
    except ValueError:
        return (NEXT,)
