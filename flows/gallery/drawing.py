"""Where the nodes of a flow template stand on the canvas. PURE.

Rows follow the longest way from a trigger; what leads back up is no matter. Branches stand side by
side below the node that forks, and where they meet again the way goes on below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import networkx as nx

from flows.graph import Graph, Position

ROW: Final = 156
COLUMN: Final = 300
"""Distances in pixels: a card is 240 wide, and 110 high if its sentence takes three lines."""
PAST: Final = 1.3
"""Columns that a way straight past the other branches takes: room for its name."""
_ROOT: Final = "\0"


def drawn(graph: Graph) -> Graph:
    """The graph with every node in its place."""
    places = _places(_downwards(graph))
    nodes = [
        node.model_copy(update={"position": Position(x=places[node.id][0], y=places[node.id][1])})
        for node in graph.nodes
    ]
    return graph.model_copy(update={"nodes": nodes})


def _downwards(graph: Graph) -> nx.DiGraph[str]:
    """The ways below a root that leads to every trigger, without those that lead back up."""
    ways: nx.DiGraph[str] = nx.DiGraph()
    ways.add_nodes_from([_ROOT, *(node.id for node in graph.nodes)])
    targets = {edge.target for edge in graph.edges}
    ways.add_edges_from((_ROOT, node.id) for node in graph.nodes if node.id not in targets)
    for edge in graph.edges:
        if not nx.has_path(ways, edge.target, edge.source):
            ways.add_edge(edge.source, edge.target)
    return ways


def _places(ways: nx.DiGraph[str]) -> Mapping[str, tuple[float, float]]:
    above = dict(nx.immediate_dominators(ways, _ROOT))
    rows = {_ROOT: 0}
    for node in nx.topological_sort(ways):
        for before in ways.predecessors(node):
            rows[node] = max(rows.get(node, 0), rows[before] + 1)
    below: dict[str, list[str]] = {node: [] for node in ways}
    for node in ways:
        if node != _ROOT and above.get(node) is not None:
            below[above[node]].append(node)
    columns = {_ROOT: 0.0}

    def beside(node: str) -> list[str]:
        """The columns side by side below a node; a way straight to where branches meet is one."""
        return list(ways.successors(node)) if ways.out_degree(node) > 1 else below[node][:1]

    def width(node: str) -> float:
        sides = sum(width(one) if above[one] == node and _alone(ways, one) else PAST
                    for one in beside(node))  # fmt: skip
        meets = [width(one) for one in below[node] if not _alone(ways, one)]
        return max(1.0, sides, *meets)

    def place(node: str) -> None:
        sides = beside(node)
        widths = [width(one) if _alone(ways, one) else PAST for one in sides]
        left = columns[node] - sum(widths) / 2
        for one, wide in zip(sides, widths, strict=True):
            if _alone(ways, one):
                columns[one] = left + wide / 2
            left += wide
        for one in below[node]:
            columns.setdefault(one, columns[node])
            place(one)

    place(_ROOT)
    return {
        node: (columns[node] * COLUMN, (rows[node] - 1) * ROW) for node in ways if node != _ROOT
    }


def _alone(ways: nx.DiGraph[str], node: str) -> bool:
    """Whether only one way leads to a node."""
    return ways.in_degree(node) == 1
