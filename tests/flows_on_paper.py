"""Flows on paper: one person after another, one thing after another, as flows.md describes it.

Slow and obvious, and the measure of the engine. It shares no code with `flows.engine` and
`flows.nodes`, and knows nothing of sets, lanes, touches in a table, books or counters: a person
has a list of what has happened to them and not been looked at, and a list of visits. Rules are
asked of plain data (`segments.rules.evaluate`). Nothing is read from the database.

What a caller does: tell what happens (`happen`, `set_fields`, …) and let time come (`look`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from common.clock import canonical
from common.durations import parse_duration
from segments.rules import (
    ContactData,
    EventData,
    Rule,
    ScoreData,
    VisitData,
    depends_on_time,
    evaluate,
    matches_where,
    mentions,
    parse,
    segments_needed,
)
from tests.steps_on_paper import TRIGGERS, ask, listens_to

ALWAYS = 2**63 - 1
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MOST_A_DAY = 100


@dataclass
class Version:
    """A published graph with its settings."""

    number: int
    nodes: Mapping[str, tuple[str, Mapping[str, Any]]]
    ways: Mapping[tuple[str, str], str]
    settings: Mapping[str, Any]

    @property
    def triggers(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Node, type and config of each trigger, by the nodes' names."""
        found = [(node, *self.nodes[node]) for node in sorted(self.nodes)]
        return [one for one in found if one[1] in TRIGGERS]


@dataclass
class Flow:
    """A flow: its versions, and whether it lives."""

    id: int
    key: str
    versions: list[Version] = field(default_factory=list)
    status: str = "draft"

    @property
    def version(self) -> Version:
        """The version that those walk who come in now."""
        return self.versions[-1]


@dataclass
class Mail:
    """A message that a visit has sent."""

    node: str
    at: datetime
    status: str


@dataclass
class Way:
    """One person's way through a flow: a visit."""

    flow: Flow
    version: Version
    node: str
    entry_at: datetime
    entered_at: datetime
    arrived_at: datetime
    trigger: Mapping[str, Any] | None = None
    upto: int = ALWAYS
    order: int = 0
    path: list[tuple[str, datetime]] = field(default_factory=list)
    state: str = "inside"
    left_at: datetime | None = None
    reason: str = ""
    due: datetime | None = None
    held: datetime | None = None
    came_round: bool = False
    """Whether it rests because it has come to a step again: time alone does not end that sooner."""
    mails: list[Mail] = field(default_factory=list)

    def leave(self, state: str, reason: str, now: datetime, *, called_back: bool = False) -> None:
        """Be out; who was taken out gets nothing any more that had not been sent yet."""
        self.state, self.reason, self.left_at = state, reason, now
        self.due = self.held = None
        for mail in self.mails:
            if called_back and mail.status == "queued":
                mail.status = "cancelled"


@dataclass
class Happening:
    """Something that has happened to a person and has not been looked at yet."""

    order: int
    key: str
    event: EventData | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Entry:
    """What would let a person into a flow."""

    node: str
    at: datetime
    trigger: Mapping[str, Any] | None = None
    upto: int = ALWAYS


@dataclass
class Stand:
    """How a person stands to a segment."""

    member: bool = False
    by_hand: bool = False
    held_out: bool = False


@dataclass
class Person:
    """A contact, with all there is about them."""

    id: int
    fields: dict[str, Any] = field(default_factory=dict)
    field_times: dict[str, str] = field(default_factory=dict)
    events: list[EventData] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    scores: list[ScoreData] = field(default_factory=list)
    stands: dict[str, Stand] = field(default_factory=dict)
    changes: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)

    def stand(self, segment: str) -> Stand:
        """How they stand to a segment."""
        return self.stands.setdefault(segment, Stand())

    def open(self) -> list[Way]:
        """The visits that are not over."""
        return [way for way in self.ways if way.state in ("inside", "failed")]

    def of_flow(self, flow: Flow) -> list[Way]:
        """The visits of one flow, in order."""
        return [way for way in self.ways if way.flow is flow]


@dataclass
class Segment:
    """A segment with its rule."""

    key: str
    kind: str
    rule: Any


class Paper:
    """Everybody, every segment and every flow."""

    def __init__(self, zone: str = "UTC", fields: Mapping[str, str] | None = None) -> None:
        self.zone = zone
        self.fields = dict(fields or {})
        self.people: dict[int, Person] = {}
        self.flows: dict[str, Flow] = {}
        self.segments: dict[str, Segment] = {}
        self.opt_in: set[str] = set()
        self.order = 0
        self._rules: dict[int, tuple[Any, Rule]] = {}

    # ── what is asked ───────────────────────────────────────────────────────────────────────────

    def parsed(self, rule: Any) -> Rule:
        """A rule, read once."""
        known = self._rules.get(id(rule))
        if known is None:
            known = self._rules[id(rule)] = (rule, parse(rule, fields=self.fields, in_flow=True))
        return known[1]

    def is_true(self, rule: Any, person: Person, now: datetime, way: Way | None = None) -> bool:
        """Ask a rule about a person, as a segment asks or in a visit."""
        if rule is None:
            return False
        visit = None
        if way is not None:
            same_pulse = way.arrived_at == way.entered_at
            step_at = way.entry_at if same_pulse else way.arrived_at
            visit = VisitData(way.entry_at, step_at, way.trigger, way.upto)
        visits = [
            {
                "flow": one.flow.key,
                "state": one.state,
                "entered_at": one.entered_at,
                "left_at": one.left_at,
            }
            for one in person.ways
        ]
        contact = ContactData(
            id=person.id,
            fields=person.fields,
            events=person.events,
            consents=person.consents,
            scores=person.scores,
            segments={key for key, stand in person.stands.items() if stand.member},
            field_times=person.field_times,
            others={"flow": visits},
        )
        return evaluate(
            self.parsed(rule), contact, now=now, zone=self.zone, fields=self.fields, visit=visit
        )

    def running(self) -> list[Flow]:
        """The flows in which anything happens, in the order in which they were made."""
        flows = [flow for flow in self.flows.values() if flow.status in ("live", "paused")]
        return sorted(flows, key=lambda flow: flow.id)

    # ── what happens to a person ────────────────────────────────────────────────────────────────

    def _tell(
        self, person: Person, key: str, event: EventData | None = None, **detail: Any
    ) -> None:
        self.order += 1
        person.happenings.append(Happening(self.order, key, event, detail))

    def person(self, contact_id: int, now: datetime, **fields: Any) -> Person:
        """Somebody new."""
        made = self.people[contact_id] = Person(contact_id, {"created_at": now, "score": 0.0})
        made.fields |= fields
        made.field_times |= dict.fromkeys(fields, canonical(now))
        self._tell(made, "new:")
        for key in fields:
            self._tell(made, f"field:{key}")
        return made

    def happen(
        self, person: Person, name: str, properties: Mapping[str, Any], *, at: datetime
    ) -> None:
        """An event."""
        self.order += 1
        event = EventData(name, at, properties, False, self.order)
        person.events.append(event)
        self._tell(person, f"event:{name}", event)

    def set_fields(
        self,
        person: Person,
        values: Mapping[str, Any],
        unset: Iterable[str] = (),
        *,
        now: datetime,
    ) -> None:
        """Fields are set and erased; what was so already has not changed."""
        for key, value in {**values, **dict.fromkeys(unset)}.items():
            if person.fields.get(key) != value:
                person.fields[key] = value
                person.field_times[key] = canonical(now)
                if value is None:
                    del person.fields[key], person.field_times[key]
                self._tell(person, f"field:{key}")

    def adjust_score(self, person: Person, by: float, *, now: datetime) -> None:
        """Points are given or taken."""
        if by:
            person.scores.append(ScoreData(now, by))
            person.fields["score"] += by
            person.field_times["score"] = canonical(now)
            self._tell(person, "score:")
            self._tell(person, "field:score")

    def set_consent(self, person: Person, topic: str, state: str) -> None:
        """They choose for a topic, or somebody says they have."""
        if person.consents.get(topic) != state:
            person.consents[topic] = state
            self._tell(person, f"consent:{topic}")

    def by_hand(self, person: Person, segment: str, change: str, *, now: datetime) -> None:
        """They are put into a segment, or taken out, whatever its rule says."""
        stand = person.stand(segment)
        kind, rule = self.segments[segment].kind, self.segments[segment].rule
        was_in = stand.member
        if change == "add":
            stand.member, stand.by_hand, stand.held_out = True, True, False
        elif was_in:
            stand.member = stand.by_hand = False
            stand.held_out = kind != "static" and self.is_true(rule, person, now)
        if stand.member != was_in:
            self._written(person, segment, now)
            turned = "entered" if stand.member else "left"
            self._tell(person, f"segment:{segment}", change=turned)

    def ask_flow(self, person: Person, flow: str, change: str, **detail: Any) -> None:
        """They are to be added to a flow or taken out of it."""
        self._tell(person, f"flow:{flow}", change=change, **detail)

    def touch_all(self, person: Person, lost: Person, taken: Iterable[str]) -> None:
        """Whatever was the other one's is this one's now: ask everything again.

        `taken` are the fields that this one had not.
        """
        names = {event.name for event in lost.events}
        keys = [f"event:{name}" for name in sorted(names)] + ["new:", "score:", "field:score"]
        keys += [f"field:{key}" for key in taken]
        keys += [f"consent:{topic}" for topic in lost.consents]
        keys += [f"segment:{key}" for key in self.segments] + [f"flow:{key}" for key in self.flows]
        for key in keys:
            self._tell(person, key)

    def _written(self, person: Person, segment: str, now: datetime) -> None:
        turned = "entered" if person.stand(segment).member else "left"
        person.changes.setdefault(segment, []).append((now, turned))

    def send(self, person: Person, way: Way, topic: str | None, now: datetime) -> None:
        """An e-mail, withheld from who does not want it."""
        state = person.consents.get(topic or "")
        refused = state == "unsubscribed" or (topic in self.opt_in and state != "subscribed")
        refused = refused or not person.fields.get("email")
        way.mails.append(Mail(way.node, now, "withheld" if refused else "queued"))

    # ── somebody is looked at ───────────────────────────────────────────────────────────────────

    def look(self, person: Person, now: datetime) -> None:
        """Data first, until quiet; then time; then the data that this has made."""
        self._until_quiet(person, now)
        changes = self._segments_looked_at(person, self.segments, now)
        if changes:
            self._follow(person, set(), changes, now)
        self._goals_by_time(person, now)
        self._until_quiet(person, now)
        for way in sorted(person.open(), key=lambda way: way.flow.id):
            is_due = way.due is not None and way.due <= now
            if way.state != "inside" or not (is_due or self._time_may_free(way)):
                continue
            if way.flow.status == "live":
                self._walk(person, way, now)
            elif is_due:
                way.held, way.due = way.due, None
        self._until_quiet(person, now)

    def _until_quiet(self, person: Person, now: datetime) -> None:
        while person.happenings:
            happenings, person.happenings = person.happenings, []
            for one in happenings:
                if one.event is not None or one.key.startswith("flow:"):
                    self._occur(person, one, now)
            keys = {one.key for one in happenings}
            moved = _net(happenings) + self._segments_looked_at(person, self._asked(keys), now)
            self._follow(person, {one.key for one in happenings if not one.event}, moved, now)

    # ── segments ────────────────────────────────────────────────────────────────────────────────

    def in_order(self) -> list[Segment]:
        """The segments that follow their rules, each after those it needs, else by their keys."""
        left = {one.key: one for one in self.segments.values() if one.rule is not None}
        found: list[Segment] = []
        while left:
            ready = [
                key
                for key in sorted(left)
                if not segments_needed(self.parsed(left[key].rule)) & left.keys()
            ]
            found += [left.pop(key) for key in ready]
        return found

    def _asked(self, keys: set[str]) -> set[str]:
        """The segments that these keys concern."""
        concerns = keys | ({"event:*"} if any(key.startswith("event:") for key in keys) else set())
        return {
            key
            for key, segment in self.segments.items()
            if segment.rule is not None
            and (
                "new:" in keys
                or f"segment:{key}" in keys
                or mentions(self.parsed(segment.rule)) & concerns
            )
        }

    def _segments_looked_at(
        self, person: Person, asked: Iterable[str], now: datetime
    ) -> list[tuple[str, str]]:
        """Ask the rules; who turns out to be in or out joins or leaves."""
        wanted = set(asked)
        moved: list[tuple[str, str]] = []
        for segment in self.in_order():
            needs = {f"segment:{key}" for key, _ in moved}
            if segment.kind == "static" or not (
                segment.key in wanted or mentions(self.parsed(segment.rule)) & needs
            ):
                continue
            stand = person.stand(segment.key)
            truth = self.is_true(segment.rule, person, now)
            was_in = stand.member
            stand.held_out = stand.held_out and truth
            stays = was_in and (truth or stand.by_hand or segment.kind == "growing")
            stand.member = stays or (truth and not stand.held_out)
            if stand.member != was_in:
                self._written(person, segment.key, now)
                moved.append((segment.key, "entered" if stand.member else "left"))
        return moved

    # ── flows: out, then in, then on ────────────────────────────────────────────────────────────

    def _occur(self, person: Person, one: Happening, now: datetime) -> None:
        """One event, or a wish that concerns a flow."""
        keys = {one.key} if one.event is None else {one.key, "event:*"}
        entry = Entry("", now)
        if one.event is not None:
            entry = Entry("", one.event.at, one.event.properties, one.event.id)
        for way in person.open():
            way.upto = entry.upto
        self._taken_out(person, keys, one, now)
        staying = person.open()
        entering = []
        for flow in self.running():
            for node, kind, config in flow.version.triggers:
                if self._lets_in(flow, node, kind, config, one):
                    entering += self._admitted(person, flow, replace(entry, node=node), now)
                    break
        self._all_on(person, entering, staying, keys, now)

    def _lets_in(
        self, flow: Flow, node: str, kind: str, config: Mapping[str, Any], one: Happening
    ) -> bool:
        if flow.status != "live":
            return False
        if one.event is not None:
            fits = kind == "event" and config["name"] in (one.event.name, "*")
            return fits and _is_like(config.get("where", ()), one.event)
        asked = one.key == f"flow:{flow.key}" and one.detail.get("change") == "add"
        return asked and node == (one.detail.get("node") or _door(flow.version))

    def _follow(
        self, person: Person, keys: set[str], moved: Sequence[tuple[str, str]], now: datetime
    ) -> None:
        """What follows from joins, leaves and changed data."""
        keys = {*keys, *(f"segment:{key}" for key, _ in moved)}
        keys |= {f"segment_{change}:{key}" for key, change in moved}
        if not keys:
            return
        for way in person.open():
            way.upto = ALWAYS
        self._taken_out(person, keys, None, now)
        staying = person.open()
        entering: list[Way] = []
        for segment, change in moved:
            for flow in self.running():
                for node, kind, config in flow.version.triggers:
                    fits = kind == f"segment_{change}" and config["segment"] == segment
                    if fits and flow.status == "live" and flow not in [w.flow for w in entering]:
                        entering += self._admitted(person, flow, Entry(node, now), now)
        for flow in self.running():
            for node, kind, config in flow.version.triggers:
                fits = kind == "field_changed" and _has_become(person, keys, config)
                if fits and flow.status == "live" and flow not in [w.flow for w in entering]:
                    entering += self._admitted(person, flow, Entry(node, now), now)
        self._all_on(person, entering, staying, keys, now)

    def _taken_out(
        self, person: Person, keys: set[str], one: Happening | None, now: datetime
    ) -> None:
        """Goals first, then exits."""
        for way in person.open():
            goal = way.version.settings.get("goal")
            concerned = goal is not None and mentions(self.parsed(goal)) & keys
            if concerned and self.is_true(goal, person, now, way):
                self.out(person, way, "converted", "reached the goal", now, called_back=True)
        for way in person.open():
            reason = _exit_reason(way, keys, one) or self._brought(person, way, keys, one, now)
            if reason:
                self.out(person, way, "exited", reason, now, called_back=True)

    def _brought(
        self, person: Person, way: Way, keys: set[str], one: Happening | None, now: datetime
    ) -> str | None:
        """Why events that another one has brought along take out: they came after the entry."""
        for leave in way.version.settings.get("exit_when", ()) if one is None else ():
            if leave["type"] == "event" and f"event:{leave['name']}" in keys:
                for event in person.events:
                    since = event.name == leave["name"] and way.entry_at < event.at <= now
                    if since and _is_like(leave.get("where", ()), event):
                        return f"did {leave['name']}"
        return None

    def _admitted(self, person: Person, flow: Flow, entry: Entry, now: datetime) -> list[Way]:
        """The new visit, if this person may come in now."""
        settings, before = flow.version.settings, person.of_flow(flow)
        reentry = settings.get("reentry") or {"type": "once"}
        if before:
            gap = parse_duration(reentry["gap"]) if reentry.get("gap") else timedelta(0)
            left_at = before[-1].left_at
            if reentry["type"] == "once" or left_at is None or left_at + gap > now:
                return []
        if len(before) >= MOST_A_DAY and before[-MOST_A_DAY].entered_at > now - DAY:
            flow.status = "paused"
            return []
        if any(person.stand(key).member for key in settings.get("suppress", ())):
            return []
        way = Way(flow, flow.version, entry.node, entry.at, now, now, entry.trigger, entry.upto)
        if self.is_true(settings.get("goal"), person, now, way):
            return []
        return [way]

    def out(
        self,
        person: Person,
        way: Way,
        state: str,
        reason: str,
        now: datetime,
        *,
        called_back: bool = False,
    ) -> None:
        """Out of the flow; what asks about that flow hears of it."""
        way.leave(state, reason, now, called_back=called_back)
        self._tell(person, f"flow:{way.flow.key}", change="moved")

    def _all_on(
        self,
        person: Person,
        entering: Sequence[Way],
        staying: Sequence[Way],
        keys: set[str],
        now: datetime,
    ) -> None:
        """Who has come in, and who was waiting for one of these keys, goes on; flow by flow."""
        for way in entering:  # once it is decided for all of them, who may come in
            self.order += 1
            way.order = self.order
            way.path.append((way.node, now))
            person.ways.append(way)
            self._tell(person, f"flow:{way.flow.key}", change="moved")
        waking = [way for way in staying if way.state == "inside" and self._listens(way, keys)]
        for way in sorted([*entering, *waking], key=lambda way: way.flow.id):
            self._walk(person, way, now)

    def _listens(self, way: Way, keys: set[str]) -> bool:
        if way.flow.status != "live":
            return False
        rule, fields = listens_to(*way.version.nodes[way.node])
        heard = {f"field:{key}" for key in fields}
        if rule is not None:
            heard |= mentions(self.parsed(rule))
        return bool(heard & keys)

    def _goals_by_time(self, person: Person, now: datetime) -> None:
        """Goals that time alone may have made true."""
        for way in person.open():
            way.upto = ALWAYS
            goal = way.version.settings.get("goal")
            by_time = goal is not None and depends_on_time(self.parsed(goal))
            if way.state == "inside" and by_time and self.is_true(goal, person, now, way):
                self.out(person, way, "converted", "reached the goal", now, called_back=True)

    def _time_may_free(self, way: Way) -> bool:
        """Whether a visit waits for a rule that time alone may make true."""
        if way.came_round:
            return False
        rule, _ = listens_to(*way.version.nodes[way.node])
        return rule is not None and depends_on_time(self.parsed(rule))

    def _walk(self, person: Person, way: Way, now: datetime) -> None:
        """Go on from where a visit stands until it rests or is out."""
        been = {way.node}
        way.came_round = False
        while True:
            answer = ask(self, person, way, now)
            if answer.out:
                self.out(person, way, answer.out, answer.reason, now)
                return
            if answer.branch is None:
                way.due, way.held = answer.until, None
                return
            target = way.version.ways.get((way.node, answer.branch))
            if target is None:
                self.out(person, way, "completed", "came to the end", now)
                return
            way.node, way.arrived_at = target, now
            way.path.append((target, now))
            if target in been:
                way.due, way.held, way.came_round = now + MINUTE, None, True
                return
            been.add(target)


def _net(happenings: Sequence[Happening]) -> list[tuple[str, str]]:
    """Who was put into a segment by hand and taken out again has not moved."""
    turns: dict[str, list[str]] = {}
    for one in happenings:
        if one.key.startswith("segment:") and "change" in one.detail:
            turns.setdefault(one.key.removeprefix("segment:"), []).append(one.detail["change"])
    return [(key, made[-1]) for key, made in turns.items() if made[0] == made[-1]]


def _has_become(person: Person, keys: set[str], config: Mapping[str, Any]) -> bool:
    """Whether a field has changed, to the value that is asked for if one is; not to nothing."""
    value, wanted = person.fields.get(config["field"]), config.get("to")
    return f"field:{config['field']}" in keys and value is not None and wanted in (None, value)


def _exit_reason(way: Way, keys: set[str], one: Happening | None) -> str | None:
    settings = way.version.settings
    asked = one is not None and one.key == f"flow:{way.flow.key}"
    if one is not None and asked and one.detail.get("change") == "remove":
        return str(one.detail.get("reason") or "removed from the flow")
    reasons: list[tuple[str, str]] = []
    for leave in settings.get("exit_when", ()):
        if leave["type"] == "event":
            event = one.event if one is not None else None
            if event is not None and _is_like(leave.get("where", ()), event):
                reasons.append((f"event:{leave['name']}", f"did {leave['name']}"))
        else:
            verb = leave["type"].removeprefix("segment_")
            reasons.append(
                (f"{leave['type']}:{leave['segment']}", f"{verb} segment {leave['segment']}")
            )
    reasons += [
        (f"segment_entered:{key}", f"suppressed by segment {key}")
        for key in settings.get("suppress", ())
    ]
    return next((said for key, said in sorted(reasons, key=lambda r: r[0]) if key in keys), None)


def _is_like(where: Any, event: EventData | None) -> bool:
    return not where or (event is not None and matches_where(list(where), event.properties))


def _door(version: Version) -> str:
    """Where those come in who are added by hand: at a manual trigger, if there is one."""
    found = sorted(version.triggers, key=lambda one: one[1] != "manual")
    return found[0][0]
