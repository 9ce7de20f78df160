"""The compiled graph: a NetworkX digraph and the order in which a pass visits the nodes.

PURE: no Django, no IO. A plan is made once per published version and never changes.

The order is topological over the graph without the edges that leave waits (and without triggers'
incoming edges, which the checks refuse): between two waits a flow is a DAG, so in one sweep every
node has all its arrivals before it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from flows.graph.model import Graph
from flows.nodes import NODE_TYPES, AnyNodeType
from segments.rules import mentions, parse

CALL_ENDED = "call:"
"""The touch key that frees who rests until a call has ended, whatever flow it was made for."""


class PlanRefusedError(ValueError):
    """The graph cannot be compiled: it was not checked, or the checks let a fault through."""


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node, ready to run.

    `place` is its position in the order of a pass; `targets` maps branches to node ids.
    """

    id: str
    place: int
    type: AnyNodeType
    config: Any
    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A version's graph, compiled."""

    digraph: nx.DiGraph[str]
    nodes: Mapping[str, PlanNode]
    order: tuple[str, ...]
    listening: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Nodes where a resting visit may be freed by data → the touch keys that may free it."""

    door: str = ""
    """The trigger by which those come in who are added by hand: a manual one if there is one."""


def compile_plan(graph: Graph, *, fields: Mapping[str, str]) -> Plan:
    """Compile a checked graph.

    Parameters
    ----------
    graph
        A graph without problems (see `flows.graph.checks`).
    fields
        The workspace's fields with their types, for the rules inside.

    Raises
    ------
    PlanRefusedError
        If a type is unknown, a way leads nowhere, or a loop spends no time.
    """
    directed: nx.DiGraph[str] = nx.DiGraph()
    by_id = {node.id: node for node in graph.nodes}
    for node in graph.nodes:
        if node.type not in NODE_TYPES:
            raise PlanRefusedError(f"There is no step of the type {node.type}.")
        directed.add_node(node.id)
    targets: dict[str, dict[str, str]] = {node.id: {} for node in graph.nodes}
    for edge in graph.edges:
        if edge.source not in by_id or edge.target not in by_id:
            raise PlanRefusedError(f"The way {edge.source} → {edge.target} leads nowhere.")
        targets[edge.source][edge.branch] = edge.target
        directed.add_edge(edge.source, edge.target)
    flowing: nx.DiGraph[str] = nx.DiGraph(directed)
    for node in graph.nodes:
        if NODE_TYPES[node.type].group == "wait":
            flowing.remove_edges_from(list(flowing.out_edges(node.id)))
    try:
        order = tuple(nx.lexicographical_topological_sort(flowing))
    except nx.NetworkXUnfeasible as loop:
        raise PlanRefusedError("The flow holds a loop in which no time passes.") from loop
    nodes: dict[str, PlanNode] = {}
    listening: dict[str, frozenset[str]] = {}
    for place, node_id in enumerate(order):
        node = by_id[node_id]
        node_type = NODE_TYPES[node.type]
        config = node_type.Config.model_validate(node.config)
        nodes[node_id] = PlanNode(node_id, place, node_type, config, targets[node_id])
        keys = {f"field:{key}" for key in node_type.asks_fields(config)}
        rule = node_type.listens_to_rule(config)
        if rule is not None:
            keys |= mentions(parse(rule, fields=fields, in_flow=True))
        if node_type.awaits_call:
            keys.add(CALL_ENDED)
        if keys:
            listening[node_id] = frozenset(keys)
    triggers = [node for node in nodes.values() if node.type.group == "trigger"]
    triggers.sort(key=lambda node: (node.type.type != "manual", node.place))
    door = triggers[0].id if triggers else ""
    return Plan(directed, nodes, order, listening, door)
