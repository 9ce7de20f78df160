"""What came of a flow for those who entered in a period: set-based, a fixed number of statements.

The cohort is put into a table of its own for the length of one transaction; every question is then
one statement over it. Shares of the goal are shares of those who entered, with Wilson's interval.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import networkx as nx
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from common.errors import NotFound, Refused
from common.sql import queries
from flows.conditions import MAIL_EVENTS
from flows.graph import Graph, Node, sentence_of
from flows.models import Flow, FlowVersion
from flows.nodes import NODE_TYPES
from flows.results.intervals import wilson
from flows.results.words import Branch, verdict
from flows.selectors import names_now, version_of
from segments.models import Segment

SQL: Final = queries("flows", "results")

USUAL: Final = timedelta(days=30)
LONGEST_AGO: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATE: Final = timedelta(hours=1)
"""Ids and instants of entering may be out of step by less than this."""
OUTCOMES: Final = ("completed", "converted", "exited", "failed")
HEARD: Final = {
    MAIL_EVENTS["opened"]: "opened",
    MAIL_EVENTS["clicked"]: "clicked",
    MAIL_EVENTS["bounced"]: "bounced",
    "Unsubscribed": "unsubscribed",
}
STATUSES: Final = {
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "withheld": "withheld",
    "held_back": "withheld",
    "failed": "failed",
    "cancelled": "cancelled",
}


def results_of(
    flow: Flow,
    *,
    begins: datetime | None,
    ends: datetime | None,
    segment: str | None,
    version: int | None,
    zone: str,
    now: datetime,
) -> dict[str, Any]:
    """What came of a flow for those who entered in a period (the last 30 days).

    Raises
    ------
    Refused
        If the period ends before it begins.
    NotFound
        If there is no such segment or version.
    """
    ends = ends or now
    begins = begins or max(ends, LONGEST_AGO + USUAL) - USUAL
    if begins >= ends:
        raise Refused("The period must begin before it ends.", attr="from")
    of_version = version_of(flow, version) if version is not None else None
    params: dict[str, Any] = {
        "flow": flow.id,
        "from": begins,
        "to": ends,
        "version": of_version.id if of_version else None,
        "segment": _segment_id(segment),
    }
    asked = _Asked(flow, of_version)
    with transaction.atomic(), connection.cursor() as cursor:
        at = max(begins, LONGEST_AGO) - LATE
        first = _one(cursor, "visit_since", {"at": at})[0] or 0
        cursor.execute("DROP TABLE IF EXISTS pg_temp.cohort")
        cursor.execute(SQL["memory"])
        cursor.execute(SQL["cohort"], {**params, "first": first})
        cursor.execute(SQL["analyse_cohort"])
        stands = _rows(cursor, "outcomes", {})
        reached = _reached(cursor, flow)
        splits = _rows(cursor, "branches", {"nodes": list(asked.splits)}) if asked.splits else []
        emails = _rows(cursor, "emails", {"events": list(HEARD)})
        goal = _goal(cursor, stands, zone) if asked.has_goal or _converted(stands) else None
    entered = sum(n for _, _, n in stands)
    outcomes = Counter(dict.fromkeys(OUTCOMES, 0))
    for state, _node, n in stands:
        outcomes[state] += n
    return {
        "from": begins,
        "to": ends,
        "entered": entered,
        "inside": outcomes.pop("inside", 0),
        "outcomes": dict(outcomes),
        "funnel": asked.funnel(reached, entered),
        "goal": goal,
        "splits": asked.tests(splits),
        "emails": asked.mails(emails),
        "drop_off": asked.drop_off(stands, entered),
    }


def _segment_id(key: str | None) -> int | None:
    if not key:
        return None
    found = Segment.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no segment “{key}”.", attr="segment")
    return found


def _rows(cursor: CursorWrapper, query: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(SQL[query], params)
    return list(cursor.fetchall())


def _one(cursor: CursorWrapper, query: str, params: Mapping[str, Any]) -> tuple[Any, ...]:
    return _rows(cursor, query, params)[0]


def _reached(cursor: CursorWrapper, flow: Flow) -> dict[str, int]:
    """How many came to each node at least once.

    Whom no loop leads back and nobody has moved comes to a node once: there arrivals are people.
    """
    arrivals = _rows(cursor, "arrivals", {})
    reached = {node: n for node, n, _moved in arrivals}
    again = list(reached) if any(moved for *_, moved in arrivals) else [*_loops(flow) & {*reached}]
    if again:
        reached.update(_rows(cursor, "once_each", {"nodes": again}))
    return reached


def _loops(flow: Flow) -> set[str]:
    """The nodes to which somebody may come back, walking one version after another."""
    ways: nx.DiGraph[str] = nx.DiGraph()
    for graph in flow.versions.values_list("graph", flat=True):
        ways.add_edges_from(
            (edge.source, edge.target) for edge in Graph.model_validate(graph).edges
        )
    rings = [ring for ring in nx.strongly_connected_components(ways) if len(ring) > 1]
    return set().union(*rings) | {node for node, _same in nx.selfloop_edges(ways)}


def _converted(stands: Sequence[tuple[Any, ...]]) -> int:
    return sum(n for state, _node, n in stands if state == "converted")


def _goal(cursor: CursorWrapper, stands: Sequence[tuple[Any, ...]], zone: str) -> dict[str, Any]:
    entered = sum(n for _, _, n in stands)
    reached = _converted(stands)
    low, high = wilson(reached, entered)
    return {
        "reached": reached,
        "share": _share(reached, entered),
        "low": low,
        "high": high,
        "median_seconds": _one(cursor, "goal_time", {})[0],
        "by_day": [
            {"day": day.astimezone(UTC), "entered": n, "reached": hits}
            for day, n, hits in _rows(cursor, "goal_by_day", {"zone": zone})
        ],
    }


def _share(n: int, whole: int) -> float:
    return n / whole if whole else 0.0


class _Asked:
    """The drawing by which the figures are told: the version asked for, else the live one."""

    def __init__(self, flow: Flow, version: FlowVersion | None) -> None:
        drawn = version or flow.live_version
        if drawn is None:
            drawn = flow.versions.order_by("-number").first()
        self.nodes: dict[str, Node] = {}
        self.has_goal = False
        graph = Graph()
        if drawn is not None:
            graph = Graph.model_validate(drawn.graph)
            self.has_goal = bool(drawn.settings.get("goal"))
        self.nodes = {node.id: node for node in graph.nodes}
        self.has_goal |= any(node.type == "goal" for node in graph.nodes)
        self.order = {node: place for place, node in enumerate(in_order(graph))}
        self.splits = [node.id for node in graph.nodes if node.type == "split"]
        self._names = names_now()

    def said(self, node_id: str) -> dict[str, Any]:
        """The words for a node; one that this version does not have is called by its id."""
        node = self.nodes.get(node_id)
        if node is None:
            return {"node": node_id, "title": node_id, "sentence": "A step of an earlier version"}
        node_type = NODE_TYPES.get(node.type)
        title = node_type.title if node_type else node.type
        return {"node": node_id, "title": title, "sentence": sentence_of(node, self._names)}

    def _place(self, node_id: str) -> tuple[int, str]:
        return self.order.get(node_id, len(self.order)), node_id

    def funnel(self, reached: Mapping[str, int], entered: int) -> list[dict[str, Any]]:
        """How far they came, in the order of the drawing; steps that are gone come last."""
        return [
            {
                **self.said(node),
                "type": self.nodes[node].type if node in self.nodes else "",
                "reached": reached.get(node, 0),
                "share": _share(reached.get(node, 0), entered),
            }
            for node in sorted({*self.nodes, *reached}, key=self._place)
        ]

    def tests(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """How the branches of each split did."""
        seen = {(node, branch): (n, hits) for node, branch, n, hits in rows if branch}
        found = []
        for node in sorted(self.splits, key=self._place):
            drawn = [str(one["branch"]) for one in self.nodes[node].config.get("branches", ())]
            gone = sorted(branch for at, branch in seen if at == node and branch not in drawn)
            branches = [
                Branch(branch, *seen.get((node, branch), (0, 0))) for branch in [*drawn, *gone]
            ]
            best, words = verdict(branches)
            found.append(
                {
                    **self.said(node),
                    "branches": [
                        {
                            "branch": one.branch,
                            "entered": one.entered,
                            "converted": one.converted,
                            "share": one.share,
                            "low": one.interval[0],
                            "high": one.interval[1],
                        }
                        for one in branches
                    ],
                    "best": best,
                    "words": words,
                }
            )
        return found

    def mails(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """What became of the e-mails of each node."""
        kinds = [*dict.fromkeys(STATUSES.values()), *HEARD.values()]
        found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(kinds, 0))
        for node, what, n in rows:
            found[node or ""][STATUSES.get(what) or HEARD[what]] += n
        for node in self.nodes.values():
            if node.type == "send_email":
                found.setdefault(node.id, dict.fromkeys(kinds, 0))
        return [
            {**self.said(node), "template": self._template(node), **found[node]}
            for node in sorted(found, key=self._place)
        ]

    def _template(self, node_id: str) -> str:
        node = self.nodes.get(node_id)
        return str(node.config.get("template", "")) if node else ""

    def drop_off(self, stands: Sequence[tuple[Any, ...]], entered: int) -> list[dict[str, Any]]:
        """Where those ended who did not reach the goal, the most first."""
        ended: dict[str, Counter[str]] = defaultdict(Counter)
        for state, node, n in stands:
            if state in ("completed", "exited", "failed"):
                ended[node][state] += n
        rows = sorted(ended.items(), key=lambda row: (-row[1].total(), self._place(row[0])))
        return [
            {
                **self.said(node),
                "left": outcomes.total(),
                "share": _share(outcomes.total(), entered),
                "outcomes": dict(outcomes),
            }
            for node, outcomes in rows
        ]


def in_order(graph: Graph) -> list[str]:
    """The nodes as one walks along the drawing: breadth first from its triggers.

    Examples
    --------
    >>> in_order(Graph.model_validate({"nodes": [{"id": "b", "type": "wait"},
    ...     {"id": "a", "type": "event"}], "edges": [{"source": "a", "target": "b"}]}))
    ['a', 'b']
    """
    targets: dict[str, list[str]] = defaultdict(list)
    arriving: Counter[str] = Counter()
    for edge in graph.edges:
        targets[edge.source].append(edge.target)
        arriving[edge.target] += 1
    order = [node.id for node in graph.nodes if not arriving[node.id]]
    seen = set(order)
    for node_id in order:
        for target in targets[node_id]:
            if target not in seen:
                seen.add(target)
                order.append(target)
    return order + [node.id for node in graph.nodes if node.id not in seen]
