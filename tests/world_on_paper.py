"""The world on paper: everybody, what happens to them, and the segments they are in.

Part of `tests.flows_on_paper`; knows rules and segments, and nothing of flows but what rules ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from common.clock import canonical
from segments.rules import (
    ContactData,
    EventData,
    Rule,
    ScoreData,
    VisitData,
    evaluate,
    mentions,
    parse,
    segments_needed,
)
from tests.people_on_paper import Flow, Happening, Person, Segment, Way


class World:
    """Everybody and every segment; what happens to people is told to them."""

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
        made.told = dict.fromkeys([*fields, "created_at"], now)
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
                person.told[key] = now
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
