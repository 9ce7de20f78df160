"""Flows on paper: one person after another, one thing after another, as flows.md describes it.

Slow and obvious, and the measure of the engine. It shares no code with `flows.engine` and
`flows.nodes`, and knows nothing of sets, lanes, touches in a table, books or counters: a person
has a list of what has happened to them and not been looked at, and a list of visits. Rules are
asked of plain data (`segments.rules.evaluate`). Nothing is read from the database.

What a caller does: tell what happens (`happen`, `set_fields`, …) and let time come (`look`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from common.durations import parse_duration
from segments.rules import EventData, depends_on_time, matches_where, mentions
from tests import clocks_on_paper
from tests.people_on_paper import ALWAYS, Entry, Flow, Happening, Person, Version, Way
from tests.steps_on_paper import ask, listens_to
from tests.world_on_paper import World

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MOST_A_DAY = 100


class Paper(World):
    """Everybody, every segment and every flow."""

    def running(self) -> list[Flow]:
        """The flows in which anything happens, in the order in which they were made."""
        flows = [flow for flow in self.flows.values() if flow.status in ("live", "paused")]
        return sorted(flows, key=lambda flow: flow.id)

    # ── somebody is looked at ───────────────────────────────────────────────────────────────────

    def look(self, person: Person, now: datetime) -> None:
        """Data first, until quiet; then time; then the data that this has made."""
        self._until_quiet(person, now)
        changes = self._segments_looked_at(person, self.segments, now)
        if changes:
            self._follow(person, set(), changes, now)
        self._goals_by_time(person, now)
        self._let_in_by_clock(person, now)
        self._until_quiet(person, now)
        for way in sorted(person.open(), key=lambda way: way.flow.id):
            is_due = way.due is not None and way.due <= now
            if way.state != "inside" or not (is_due or self._time_may_free(way)):
                continue
            if way.flow.carries(way):
                self._walk(person, way, now)
            elif is_due and way.flow.status == "paused":
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

    def _let_in_by_clock(self, person: Person, now: datetime) -> None:
        """Dates that have come and one-off sends let in."""
        entering: list[Way] = []
        for at, flow, node in clocks_on_paper.let_in(self, person, now):
            if flow not in [way.flow for way in entering]:
                entering += self._admitted(person, flow, Entry(node, at), now)
        self._all_on(person, entering, [], set(), now)

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
        if not way.flow.carries(way):
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
            if answer.fails:
                way.park(answer.fails)
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
