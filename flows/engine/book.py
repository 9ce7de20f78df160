"""The book: every running flow, compiled, and an index of what lets contacts in and out.

Read once and kept by a worker until a flow is published, paused, resumed or archived, or a field is
registered; a pulse asks in one small statement whether it is still true.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from common.durations import parse_duration
from common.sql import queries
from flows.engine.codes import Match, json_value
from flows.graph import (
    EventExit,
    Graph,
    Plan,
    PlanRefusedError,
    SegmentExit,
    Settings,
    compile_plan,
)
from segments.rules import Compiled, RuleRefused, depends_on_time, mentions, parse
from segments.selectors import fields_known

SQL = queries("flows")


@dataclass(frozen=True, slots=True)
class BookVersion:
    """One version of a running flow, compiled."""

    id: int
    number: int
    plan: Plan
    settings: Settings
    goal_keys: frozenset[str] = frozenset()
    goal_by_time: bool = False


@dataclass(frozen=True, slots=True)
class BookFlow:
    """A running flow."""

    id: int
    key: str
    name: str
    live: bool
    version: BookVersion
    versions: Mapping[int, BookVersion]
    moving_to: int | None = None
    """The version to which those inside are being moved (`flows.rollouts`)."""

    def carries(self, version_id: int) -> bool:
        """Whether visits take steps now: not in a paused flow, nor while they wait to be moved."""
        return self.live and (self.moving_to is None or version_id >= self.moving_to)

    @property
    def gap_seconds(self) -> float | None:
        """Seconds that must pass before a contact may come again; None if never."""
        reentry = self.version.settings.reentry
        if reentry.type == "once":
            return None
        return parse_duration(reentry.gap).total_seconds() if reentry.gap else 0.0


@dataclass(slots=True)
class Book:
    """All running flows and what concerns them, by touch key."""

    signature: tuple[Any, ...] = ()
    flows: dict[int, BookFlow] = field(default_factory=dict)
    by_key: dict[str, BookFlow] = field(default_factory=dict)
    entries: dict[str, list[tuple[BookFlow, str, Match]]] = field(default_factory=dict)
    """Touch key → (flow, trigger node, what the event must be like). Segment changes have the keys
    `segment_entered:<key>` and `segment_left:<key>`."""
    exits: dict[str, dict[int, list[tuple[Match, str]]]] = field(default_factory=dict)
    """Touch key → version id → (what the event must be like, reason)."""
    flow_of_version: dict[int, int] = field(default_factory=dict)
    goals: dict[str, list[tuple[BookFlow, int]]] = field(default_factory=dict)
    """Touch key → (flow, version id) whose goal mentions it; `*` for those that time can change."""
    listeners: dict[str, list[tuple[BookFlow, int, str]]] = field(default_factory=dict)
    """Touch key → (flow, version id, node) where a resting visit may be freed; `*` likewise."""
    paused: list[int] = field(default_factory=list)
    fields: Mapping[str, str] = field(default_factory=dict)
    compiled: dict[int, tuple[Any, Compiled | None]] = field(default_factory=dict)
    """The rules of these flows that have been compiled to SQL, by the identity of their JSON."""

    def concerns(self, event_key: str) -> bool:
        """Whether any flow reacts to this event at once."""
        return any(
            key in index
            for key in (event_key, "event:*")
            for index in (self.entries, self.exits, self.goals, self.listeners)
        )


def load_book(known: Book | None) -> Book:
    """The book as it is now: `known` itself if nothing has changed."""
    fields = fields_known()
    with connection.cursor() as cursor:
        cursor.execute(SQL["running_flows"])
        rows = cursor.fetchall()
        signature = (*rows, json.dumps(fields, sort_keys=True))
        if known is not None and known.signature == signature:
            return known
        cursor.execute(SQL["versions_of"], {"flows": [row[0] for row in rows]})
        versions = cursor.fetchall()
    return book_of(rows, versions, fields=fields, signature=signature)


def book_of(
    running: Iterable[Sequence[Any]],
    versions: Iterable[Sequence[Any]],
    *,
    fields: Mapping[str, str],
    signature: tuple[Any, ...] = (),
) -> Book:
    """A book of flows and versions as they are read (`running_flows`, `versions_of`)."""
    compiled: dict[int, dict[int, BookVersion]] = defaultdict(dict)
    for version_id, flow_id, number, graph, settings in versions:
        one = _compile(version_id, number, json_value(graph), json_value(settings), fields)
        if one is not None:
            compiled[flow_id][version_id] = one
    book = Book(signature=signature, fields=fields)
    for flow_id, key, name, status, live_version_id, *moving in running:
        version = compiled[flow_id].get(live_version_id)
        if version is None:
            continue
        live = status == "live"
        flow = BookFlow(flow_id, key, name, live, version, compiled[flow_id], *moving)
        book.flows[flow_id] = book.by_key[key] = flow
        if not flow.live:
            book.paused.append(flow_id)
        _index(book, flow)
    return book


def _compile(
    version_id: int, number: int, graph: Any, settings: Any, fields: Mapping[str, str]
) -> BookVersion | None:
    """A version that cannot be compiled carries nobody (law 2); publishing refuses such."""
    try:
        parsed = Settings.model_validate(settings)
        plan = compile_plan(Graph.model_validate(graph), fields=fields)
        keys: frozenset[str] = frozenset()
        by_time = False
        if parsed.goal is not None:
            goal = parse(parsed.goal, fields=fields, in_flow=True)
            keys, by_time = mentions(goal), depends_on_time(goal)
        return BookVersion(version_id, number, plan, parsed, keys, by_time)
    except (RuleRefused, PlanRefusedError, ValueError):
        return None


def _index(book: Book, flow: BookFlow) -> None:
    entries: defaultdict[str, list[Any]] = defaultdict(list, book.entries)
    goals: defaultdict[str, list[Any]] = defaultdict(list, book.goals)
    listeners: defaultdict[str, list[Any]] = defaultdict(list, book.listeners)
    if flow.live:
        for key, trigger, match in _ways_in(flow.version):
            entries[key].append((flow, trigger, match))
    for version in flow.versions.values():
        book.flow_of_version[version.id] = flow.id
        for key, match, reason in _ways_out(version.settings):
            of_version = book.exits.setdefault(key, {}).setdefault(version.id, [])
            of_version.append((match, reason))
        for key in version.goal_keys:
            goals[key].append((flow, version.id))
        if version.goal_by_time:
            goals["*"].append((flow, version.id))
        if flow.live:
            for node_id, keys in version.plan.listening.items():
                for key in keys:
                    listeners[key].append((flow, version.id, node_id))
                node = version.plan.nodes[node_id]
                rule = node.type.listens_to_rule(node.config)
                if rule is not None and depends_on_time(
                    parse(rule, fields=book.fields, in_flow=True)
                ):
                    listeners["*"].append((flow, version.id, node_id))
    book.entries = dict(entries)
    book.goals, book.listeners = dict(goals), dict(listeners)


def _ways_in(version: BookVersion) -> Iterable[tuple[str, str, Match]]:
    for node in version.plan.nodes.values():
        if node.type.type in ("segment_entered", "segment_left"):
            yield f"{node.type.type}:{node.config.segment}", node.id, ()
        elif node.type.type == "event":
            yield f"event:{node.config.name}", node.id, tuple(node.config.where)


def _ways_out(settings: Settings) -> Iterable[tuple[str, Match, str]]:
    for leave in settings.exit_when:
        if isinstance(leave, EventExit):
            yield f"event:{leave.name}", tuple(leave.where), f"did {leave.name}"
        elif isinstance(leave, SegmentExit):
            verb = "entered" if leave.type == "segment_entered" else "left"
            yield f"{leave.type}:{leave.segment}", (), f"{verb} segment {leave.segment}"
    for key in settings.suppress:
        yield f"segment_entered:{key}", (), f"suppressed by segment {key}"
