"""The book: every running flow, compiled, and an index of what lets contacts in and out.

Read once and kept by a worker until a flow is published, paused, resumed or archived, or a field is
registered; a pulse asks in one small statement whether it is still true.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from common.arrays import int_array
from common.durations import parse_duration
from common.lanes import LANES
from common.sql import queries
from flows.dates import next_instant
from flows.engine.codes import KnownRules, Match, json_value
from flows.graph import (
    EventExit,
    Graph,
    Plan,
    SegmentExit,
    Settings,
    compile_plan,
)
from segments.rules import depends_on_time, mentions, parse
from segments.selectors import fields_known

log = logging.getLogger(__name__)
SQL = queries("flows")
TIMES = queries("flows", "times")


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


@dataclass(frozen=True, slots=True)
class BookTimer:
    """A trigger of a running flow's live version that goes by the clock (`flows.timers`)."""

    id: int
    flow: BookFlow
    node: str
    kind: str
    begins_at: datetime
    person_by: str
    config: Any

    @property
    def field(self) -> str:
        """The field of a `date`."""
        return str(self.config.field)

    @property
    def is_yearly(self) -> bool:
        """Whether its dates come again every year."""
        return bool(self.config.repeat == "yearly")

    def works(self, now: datetime) -> bool:
        """Whether it has work to do: a `once` when its time has come and the flow lets in."""
        return self.kind == "date" or (self.flow.live and self.begins_at <= now)

    def next(self, date: Any, *, after: datetime) -> datetime | None:
        """When a contact with this date is let in next."""
        if date is None:
            return None
        shift, repeat = self.config.shift, self.config.repeat
        return next_instant(date, offset=shift, repeat=repeat, after=after)


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
    """Touch key → (flow, version id) whose goal mentions it."""
    listeners: dict[str, list[tuple[BookFlow, int, str]]] = field(default_factory=dict)
    """Touch key → (flow, version id, node) where a resting visit may be freed."""
    timers: dict[int, BookTimer] = field(default_factory=dict)
    dates: dict[str, list[BookTimer]] = field(default_factory=dict)
    """Datetime field → the timers that go by it."""
    paused: list[int] = field(default_factory=list)
    fields: Mapping[str, str] = field(default_factory=dict)
    compiled: KnownRules = field(default_factory=dict)
    """The rules of these flows that have been compiled to SQL, by the identity of their JSON."""
    exit_rules: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def rule_of_exit(self, key: str, match: Match) -> Mapping[str, Any]:
        """The event of an exit as a rule: whether one has come since what let the visit in."""
        name = key.removeprefix("event:")
        where = [dict(one) for one in match]
        rule = {"type": "event", "name": name, "where": where, "window": {"since": "entry"}}
        return self.exit_rules.setdefault(repr(rule), rule)

    def hears(self, field: str) -> bool:
        """Whether any flow follows changes of this field."""
        key = f"field:{field}"
        indexes = (self.entries, self.exits, self.goals, self.listeners)
        return field in self.dates or any(key in index for index in indexes)

    def concerns(self, event_key: str) -> bool:
        """Whether any flow reacts to this event at once."""
        return any(
            key in index
            for key in (event_key, "event:*")
            for index in (self.entries, self.exits, self.goals, self.listeners)
        )


def load_book(known: Book | None) -> Book:
    """The book as it is now: `known` itself if nothing has changed.

    What is asked in each pulse is one short line. When something has changed, only those versions
    are read and compiled that are live or have open visits, and are not known from before.
    """
    with connection.cursor() as cursor:
        cursor.execute(TIMES["book_state"])
        signature = cursor.fetchone() or ()
        if known is not None and known.signature == signature:
            return known
        cursor.execute(SQL["running_flows"])
        rows = cursor.fetchall()
        fields = fields_known()
        versions = _versions_open(cursor, rows)
        kept: Mapping[int, BookVersion] = {}
        if known is not None and known.fields.items() <= fields.items():
            kept = {one.id: one for flow in known.flows.values() for one in flow.versions.values()}
        fresh = int_array(version_id for version_id in versions if version_id not in kept)
        cursor.execute(TIMES["versions_by_id"], {"versions": fresh})
        compiled: dict[int, dict[int, BookVersion]] = defaultdict(dict)
        for one in [kept[version_id] for version_id in versions if version_id in kept] + list(
            _compiled(cursor.fetchall(), fields)
        ):
            compiled[versions[one.id]][one.id] = one
        cursor.execute(TIMES["timers_in_use"], {"flows": int_array(row[0] for row in rows)})
        timers = cursor.fetchall()
    book = _bound(rows, compiled, fields=fields, signature=signature, timers=timers)
    if kept and known is not None:
        book.compiled = known.compiled
    return book


def _versions_open(cursor: Any, rows: Sequence[Sequence[Any]]) -> dict[int, int]:
    """Version → flow, of those that are live or have open visits; what is empty is closed."""
    live = {row[4] for row in rows}
    params = {"flows": int_array(row[0] for row in rows), "live": int_array(live - {None})}
    cursor.execute(TIMES["versions_open"], params)
    versions = dict(cursor.fetchall())
    past = {one: flow_id for one, flow_id in versions.items() if one not in live}
    if past:
        params = {"versions": int_array(past), "flows": int_array(past.values())}
        cursor.execute(TIMES["versions_empty"], {**params, "lanes": int_array(range(LANES))})
        empty = [row[0] for row in cursor.fetchall()]
        if empty:
            cursor.execute(TIMES["versions_close"], {"versions": int_array(empty)})
            versions = {one: flow for one, flow in versions.items() if one not in empty}
    return versions


def book_of(
    running: Iterable[Sequence[Any]],
    versions: Iterable[Sequence[Any]],
    *,
    fields: Mapping[str, str],
    signature: tuple[Any, ...] = (),
) -> Book:
    """A book of flows and versions as they are read (`running_flows`, `versions_by_id`)."""
    compiled: dict[int, dict[int, BookVersion]] = defaultdict(dict)
    rows = list(versions)
    flow_of = {row[0]: row[1] for row in rows}
    for one in _compiled(rows, fields):
        compiled[flow_of[one.id]][one.id] = one
    return _bound(running, compiled, fields=fields, signature=signature)


def _compiled(rows: Iterable[Sequence[Any]], fields: Mapping[str, str]) -> Iterable[BookVersion]:
    for version_id, _flow_id, number, graph, settings in rows:
        try:
            yield version_of(version_id, number, json_value(graph), json_value(settings), fields)
        except Exception as trouble:  # noqa: BLE001 - one version's trouble is not the others'
            log.warning("version %s cannot be walked: %s", version_id, trouble)


def _bound(
    running: Iterable[Sequence[Any]],
    compiled: Mapping[int, Mapping[int, BookVersion]],
    *,
    fields: Mapping[str, str],
    signature: tuple[Any, ...],
    timers: Iterable[Sequence[Any]] = (),
) -> Book:
    book = Book(signature=signature, fields=fields)
    for flow_id, key, name, status, live_version_id, *moving in running:
        versions = compiled.get(flow_id, {})
        version = versions.get(live_version_id)
        if version is None:
            continue
        live = status == "live"
        flow = BookFlow(flow_id, key, name, live, version, versions, *moving)
        book.flows[flow_id] = book.by_key[key] = flow
        if not flow.live:
            book.paused.append(flow_id)
        _index(book, flow)
    for timer_id, flow_id, node, kind, begins_at, person_by in timers:
        of_flow = book.flows.get(flow_id)
        if of_flow is None:
            continue
        trigger = of_flow.version.plan.nodes.get(node)
        if trigger is None or trigger.type.type != kind:
            continue
        timer = BookTimer(timer_id, of_flow, node, kind, begins_at, person_by, trigger.config)
        book.timers[timer_id] = timer
        if kind == "date":
            book.dates.setdefault(timer.field, []).append(timer)
    return book


def version_of(
    version_id: int, number: int, graph: Any, settings: Any, fields: Mapping[str, str]
) -> BookVersion:
    """Compile a version for these fields.

    One that cannot be compiled carries nobody (law 2). Publishing refuses such, but fields and
    what rules may say change later; `flows.alerts` says so.

    Raises
    ------
    RuleRefused, PlanRefusedError, ValueError
        If it cannot be walked (any more).
    """
    parsed = Settings.model_validate(settings)
    plan = compile_plan(Graph.model_validate(graph), fields=fields)
    keys: frozenset[str] = frozenset()
    by_time = False
    if parsed.goal is not None:
        goal = parse(parsed.goal, fields=fields, in_flow=True)
        keys, by_time = mentions(goal), depends_on_time(goal)
    return BookVersion(version_id, number, plan, parsed, keys, by_time)


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
        if flow.live:
            for node_id, keys in version.plan.listening.items():
                for key in keys:
                    listeners[key].append((flow, version.id, node_id))
    book.entries = dict(entries)
    book.goals, book.listeners = dict(goals), dict(listeners)


def _ways_in(version: BookVersion) -> Iterable[tuple[str, str, Match]]:
    for node in version.plan.nodes.values():
        if node.type.type in ("segment_entered", "segment_left"):
            yield f"{node.type.type}:{node.config.segment}", node.id, ()
        elif node.type.type == "event":
            yield f"event:{node.config.name}", node.id, tuple(node.config.where)
        elif node.type.type == "field_changed":
            yield f"field:{node.config.field}", node.id, ()


def _ways_out(settings: Settings) -> Iterable[tuple[str, Match, str]]:
    for leave in settings.exit_when:
        if isinstance(leave, EventExit):
            yield f"event:{leave.name}", tuple(leave.where), f"did {leave.name}"
        elif isinstance(leave, SegmentExit):
            verb = "entered" if leave.type == "segment_entered" else "left"
            yield f"{leave.type}:{leave.segment}", (), f"{verb} segment {leave.segment}"
    for key in settings.suppress:
        yield f"segment_entered:{key}", (), f"suppressed by segment {key}"
