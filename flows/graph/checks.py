"""Everything that keeps a graph from being published, each fault at its node with a sentence.

PURE: no Django, no IO. What exists in the workspace is passed in as `Known`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
from pydantic import ValidationError

from common.durations import DurationRefused, parse_duration
from flows.graph.model import MAX_EDGES, MAX_NODES, EventExit, Graph, Node, Settings
from flows.nodes import NODE_TYPES
from messaging.terms import CONTACT, clock_time, is_zone
from segments.rules import RuleRefused, mentions, parse

MOST_EMAILS = 1_000
"""The highest limit per contact that still is one."""

MISSING: Mapping[str, str] = {
    "segment": "Choose a segment.",
    "name": "Choose an event.",
    "for": "Say how long to wait.",
    "timeout": "Say how long to wait at most.",
    "rule": "Choose at least one condition.",
    "cases": "Add at least one way out with its rule.",
    "branches": "Add at least two ways out with their shares.",
    "template": "Choose a template.",
    "topic": "Choose a topic.",
    "flow": "Choose a flow.",
    "field": "Choose a date field.",
    "by": "Say how many points.",
    "url": "Say which address to call.",
    "text": "Say what to tell.",
}
"""What to do about a config field that is missing or empty."""


UNSET: Mapping[str, str] = {
    "slack_webhook": "Slack is not connected yet: an admin sets its webhook in the settings.",
    "private_webhooks": "This address lies in Millrace's own network, which may not be called. "
    "Choose a public one, or have ALLOW_PRIVATE_WEBHOOKS set where Millrace runs.",
}
"""What to do about a setting of the workspace that a step needs."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `node` is None for a fault of the flow itself; `field` names the config field."""

    node: str | None
    code: str
    detail: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The keys that exist in the workspace, per kind, and the fields with their types."""

    segments: Collection[str] = ()
    templates: Collection[str] = ()
    topics: Collection[str] = ()
    flows: Collection[str] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    settings: Collection[str] = ()
    """Which settings of the workspace and the installation are set, of those that steps need."""

    def has(self, kind: str, key: str) -> bool:
        """Whether a thing of this kind exists."""
        collections: dict[str, Collection[str]] = {
            "segment": self.segments,
            "template": self.templates,
            "topic": self.topics,
            "flow": self.flows,
            "field": self.fields,
            "setting": self.settings,
        }
        return key in collections[kind]


def problems_of(graph: Graph, settings: Settings, known: Known) -> list[Problem]:
    """All faults of a draft, in the order of its nodes.

    Parameters
    ----------
    graph, settings
        The draft.
    known
        What exists in the workspace.

    Returns
    -------
    list of Problem
        Empty when the draft may be published.

    Examples
    --------
    >>> [problem.code for problem in problems_of(Graph(), Settings(), Known())]
    ['no_trigger']
    """
    found = [*_size(graph), *_triggers(graph), *_nodes(graph, known), *_edges(graph)]
    found += _reach(graph)
    found += _settings(settings, known, graph)
    order = {node.id: place for place, node in enumerate(graph.nodes)}
    return sorted(found, key=lambda problem: order.get(problem.node or "", -1))


def parse_settings(data: Any) -> Settings:
    """The settings model; a pydantic ValidationError says what does not fit."""
    return Settings.model_validate(data or {})


def branches_of(node: Node) -> tuple[str, ...] | None:
    """The node's ways out, or None where its type or config does not tell."""
    node_type = NODE_TYPES.get(node.type)
    if node_type is None:
        return None
    try:
        return node_type.branches(node_type.Config.model_validate(node.config))
    except ValidationError:
        return None


def is_group(node: Node, group: str) -> bool:
    """Whether the node's type belongs to this group of the palette."""
    node_type = NODE_TYPES.get(node.type)
    return node_type is not None and node_type.group == group


def as_digraph(graph: Graph) -> nx.DiGraph[str]:
    """The graph as NetworkX holds it; edges from or to nowhere are left out."""
    directed: nx.DiGraph[str] = nx.DiGraph()
    directed.add_nodes_from(node.id for node in graph.nodes)
    directed.add_edges_from(
        (edge.source, edge.target)
        for edge in graph.edges
        if edge.source in directed and edge.target in directed
    )
    return directed


def _size(graph: Graph) -> Iterator[Problem]:
    if len(graph.nodes) > MAX_NODES:
        yield Problem(
            None,
            "too_many_nodes",
            f"A flow holds at most {MAX_NODES} steps; this one has {len(graph.nodes)}. "
            "Split it and join the parts with “Add to a flow”.",
        )
    if len(graph.edges) > MAX_EDGES:
        yield Problem(None, "too_many_edges", f"A flow holds at most {MAX_EDGES} connections.")
    for node_id, times in Counter(node.id for node in graph.nodes).items():
        if times > 1:
            yield Problem(
                node_id, "duplicate_id", f"{times} steps share the id {node_id}; ids must differ."
            )


def _triggers(graph: Graph) -> Iterator[Problem]:
    triggers = {node.id for node in graph.nodes if is_group(node, "trigger")}
    if not triggers:
        yield Problem(
            None, "no_trigger", "Add a trigger: nobody can enter a flow that has no start."
        )
    for edge in graph.edges:
        if edge.target in triggers:
            yield Problem(
                edge.target,
                "edge_into_trigger",
                "A trigger is a start: no step may lead into it. Remove the connection.",
            )


def _nodes(graph: Graph, known: Known) -> Iterator[Problem]:
    for node in graph.nodes:
        node_type = NODE_TYPES.get(node.type)
        if node_type is None:
            yield Problem(node.id, "unknown_type", f"There is no step of the type {node.type}.")
            continue
        try:
            config = node_type.Config.model_validate(node.config)
        except ValidationError as refused:
            yield from _config_faults(node, refused)
            continue
        for where, code, detail in node_type.faults(config):
            yield Problem(node.id, code, detail, where)
        for reference in node_type.references(config):
            if not known.has(reference.kind, reference.key):
                yield Problem(
                    node.id,
                    f"unknown_{reference.kind}",
                    UNSET.get(reference.key, "")
                    if reference.kind == "setting"
                    else f"There is no {reference.kind} “{reference.key}”. "
                    "Choose another or create it.",
                    reference.field,
                )
        for where, code, detail in node_type.misfits(config, known.fields):
            yield Problem(node.id, code, detail, where)
        for where, rule in node_type.rules(config).items():
            yield from _rule_faults(node.id, where, rule, known, graph)


def _config_faults(node: Node, refused: ValidationError) -> Iterator[Problem]:
    for error in refused.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in error["loc"]) or None
        if error["type"] in {"missing", "string_too_short"}:
            missing = MISSING.get(where or "", "Fill in what this step needs.")
            yield Problem(node.id, "required", missing, where)
        else:
            detail = error["msg"].removeprefix("Value error, ")
            yield Problem(node.id, "invalid", f"{where}: {detail}" if where else detail, where)


def _rule_faults(
    node: str | None, where: str, rule: Any, known: Known, graph: Graph
) -> Iterator[Problem]:
    try:
        parsed = parse(rule, fields=known.fields, in_flow=True)
    except RuleRefused as refused:
        for problem in refused.problems:
            yield Problem(node, problem.code, problem.detail, f"{where}.{problem.path}".rstrip("."))
        return
    kinds = {"segment": "segment", "flow": "flow", "consent": "topic"}
    for mention in sorted(mentions(parsed)):
        kind, _, key = mention.partition(":")
        if kind in kinds and key and kind != "consent" and not known.has(kinds[kind], key):
            yield Problem(
                node,
                f"unknown_{kind}",
                f"The rule asks for the {kind} “{key}”, which does not exist.",
                where,
            )
    sending = {one.id for one in graph.nodes if one.type == "send_email"}
    for asked in sorted(_mails_asked(parsed) - sending):
        yield Problem(
            node,
            "unknown_node",
            f"The rule asks for the e-mail of the step “{asked}”, and no such step sends one.",
            where,
        )


def _mails_asked(rule: Any) -> set[str]:
    """The steps about whose e-mails a rule asks (`flow_email`)."""
    own = {str(rule.node)} if rule.type == "flow_email" else set()
    return own.union(*(_mails_asked(part) for _, part in rule.parts()))


def _edges(graph: Graph) -> Iterator[Problem]:
    nodes = {node.id: node for node in graph.nodes}
    for (source, branch), times in Counter(
        (edge.source, edge.branch) for edge in graph.edges
    ).items():
        if times > 1 and source in nodes:
            yield Problem(
                source,
                "two_edges_on_branch",
                f"{times} connections leave by “{branch}”; one way out leads to one step.",
            )
    for edge in graph.edges:
        if edge.source not in nodes:
            anchor = edge.target if edge.target in nodes else None
            yield Problem(
                anchor,
                "edge_from_nowhere",
                f"A connection starts at “{edge.source}”, which does not exist.",
            )
            continue
        if edge.target not in nodes:
            yield Problem(
                edge.source,
                "edge_to_nowhere",
                f"A connection leads to “{edge.target}”, which does not exist.",
            )
        branches = branches_of(nodes[edge.source])
        if branches is not None and edge.branch not in branches:
            yield Problem(
                edge.source,
                "unknown_branch",
                f"This step has no way out called “{edge.branch}”. Remove the connection.",
            )


def _reach(graph: Graph) -> list[Problem]:
    directed = as_digraph(graph)
    triggers = [node.id for node in graph.nodes if is_group(node, "trigger")]
    found: list[Problem] = []
    if triggers:
        started = directed.copy()
        started.add_edges_from(("", trigger) for trigger in triggers)  # no node has this id
        reached = nx.descendants(started, "")
        found += [
            Problem(
                node.id, "unreachable", "No trigger leads to this step. Connect it or remove it."
            )
            for node in graph.nodes
            if node.id not in reached
        ]
    waits = [node.id for node in graph.nodes if is_group(node, "wait")]
    timeless = directed.copy()
    timeless.remove_nodes_from(waits)
    for component in nx.strongly_connected_components(timeless):
        first = min(component)
        if len(component) > 1 or timeless.has_edge(first, first):
            found += [
                Problem(
                    node_id,
                    "loop_without_wait",
                    "No time passes in the loop that this step is part of. Put a wait into it.",
                )
                for node_id in sorted(component)
            ]
    return found


def _settings(settings: Settings, known: Known, graph: Graph) -> Iterator[Problem]:
    if settings.reentry.gap is not None:
        try:
            parse_duration(settings.reentry.gap)
        except DurationRefused as refused:
            yield Problem(None, "invalid", str(refused), "reentry.gap")
    for place, leave in enumerate(settings.exit_when):
        where = f"exit_when.{place}"
        if isinstance(leave, EventExit):
            rule = {"type": "event", "name": leave.name, "where": leave.where}
            yield from _rule_faults(None, where, rule, known, graph)
        elif leave.segment not in known.segments:
            yield Problem(
                None,
                "unknown_segment",
                f"“Exit when” names the segment “{leave.segment}”, which does not exist.",
                where,
            )
    for key in settings.suppress:
        if key not in known.segments:
            yield Problem(
                None,
                "unknown_segment",
                f"The suppression segment “{key}” does not exist.",
                "suppress",
            )
    if settings.goal is not None:
        yield from _rule_faults(None, "goal", settings.goal, known, graph)
    yield from _sending(settings)


def _sending(settings: Settings) -> Iterator[Problem]:
    quiet, limit = settings.quiet_hours, settings.email_limit
    if quiet is not None:
        try:
            if clock_time(quiet.from_) == clock_time(quiet.to):
                sentence = "Quiet hours begin and end at the same time; choose two."
                yield Problem(None, "invalid", sentence, "quiet_hours")
        except ValueError as refused:
            yield Problem(None, "invalid", str(refused), "quiet_hours")
        if quiet.timezone != CONTACT and not is_zone(quiet.timezone):
            sentence = f"There is no time zone “{quiet.timezone}”."
            yield Problem(None, "invalid", sentence, "quiet_hours")
    if limit is not None:
        if not 1 <= limit.count <= MOST_EMAILS:
            sentence = f"A limit is 1 to {MOST_EMAILS:,} e-mails."
            yield Problem(None, "invalid", sentence, "email_limit")
        try:
            parse_duration(limit.per)
        except DurationRefused as refused:
            yield Problem(None, "invalid", str(refused), "email_limit")


__all__ = ["Known", "Problem", "as_digraph", "branches_of", "parse_settings", "problems_of"]
