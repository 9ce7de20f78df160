"""The world of a simulation: nodes' questions answered from one contact in memory. No IO."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flows.nodes.base import (
    AdjustScore,
    BrokenError,
    ChangeFlow,
    ChangeSegment,
    Effect,
    RecordEvent,
    SetConsent,
    UpdateFields,
    Walker,
)
from flows.trial.segments import Segments
from flows.trial.stand import Stand
from messaging.rendering import render_texts
from segments.rules import (
    ContactData,
    Rule,
    RuleRefused,
    VisitData,
    depends_on_time,
    evaluate,
    parse,
    until,
)


class MemoryWorld:
    """Answers and acts at one instant, for one contact.

    Parameters
    ----------
    stand, segments
        The contact.
    see
        Gives the contact as rules see them now.
    messages_of
        What the condition `flow_email` looks at, by visit.
    """

    def __init__(
        self,
        stand: Stand,
        segments: Segments,
        *,
        see: Callable[[], ContactData],
        messages_of: Callable[[int], Sequence[Mapping[str, Any]]],
        now: datetime,
        zone: str,
    ) -> None:
        self.stand = stand
        self.segments = segments
        self.see = see
        self.messages_of = messages_of
        self.now = now
        self.zone = zone
        self.ended: dict[tuple[int, int], str] = {}
        """How calls ended, by visit and step."""
        self._parsed: dict[int, tuple[Any, Rule | None]] = {}

    def rule(self, rule: Any) -> Rule | None:
        """A rule parsed; None for a broken one, which is true for nobody (law 2)."""
        known = self._parsed.get(id(rule))
        if known is None:
            try:
                parsed = parse(rule, fields=self.stand.fields, in_flow=True)
            except RuleRefused:
                parsed = None
            known = self._parsed[id(rule)] = (rule, parsed)
        return known[1]

    def fulfils(self, rule: Any, walkers: Sequence[Walker]) -> set[int]:
        """The visits whose contact fulfils the rule now."""
        parsed = self.rule(rule)
        if parsed is None:
            raise BrokenError("The rule of this step cannot be used.")
        return {
            walker.visit_id
            for walker in walkers
            if evaluate(
                parsed,
                self.see(),
                now=self.now,
                zone=self.zone,
                fields=self.stand.fields,
                visit=self._visit(walker),
            )
        }

    def next_looks(self, rule: Any, walkers: Sequence[Walker]) -> Mapping[int, datetime]:
        """When time alone next changes the answer for each of these visits."""
        turns = {walker.visit_id: self.turn(rule, walker) for walker in walkers}
        return {visit_id: turn for visit_id, turn in turns.items() if turn is not None}

    def turn(self, rule: Any, walker: Walker) -> datetime | None:
        """When time alone next changes the answer to a rule."""
        parsed = self.rule(rule)
        if parsed is None or not depends_on_time(parsed):
            return None
        return until(
            parsed,
            self.see(),
            now=self.now,
            zone=self.zone,
            fields=self.stand.fields,
            visit=self._visit(walker),
        )

    def _visit(self, walker: Walker) -> VisitData:
        return VisitData(
            entry_at=walker.entry_at,
            step_at=walker.step_at(),
            trigger=walker.trigger,
            upto=walker.upto,
            visit_id=walker.visit_id,
            others={"messages": self.messages_of(walker.visit_id)},
        )

    def calls_of(self, walkers: Sequence[Walker]) -> Mapping[int, str]:
        """How the calls ended that visits asked for at the step where they are."""
        asked = {walker.visit_id: (walker.visit_id, walker.steps - 1) for walker in walkers}
        return {one: self.ended[place] for one, place in asked.items() if place in self.ended}

    def field_values(
        self, keys: Sequence[str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, Any]]:
        """The present values of some fields."""
        wanted = set(keys)
        values = {key: value for key, value in self.stand.values().items() if key in wanted}
        return {walker.contact_id: values for walker in walkers}

    def render(
        self, texts: Mapping[str, str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, str] | Exception]:
        """Liquid over the contact."""
        values = self.stand.values()
        return {
            walker.visit_id: render_texts(
                texts,
                fields=values,
                trigger=walker.trigger,
                known=self.stand.fields,
                now=self.now,
            )
            for walker in walkers
        }

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        """Do what nodes want done to the contact."""
        for effect, walkers in effects:
            for _walker in walkers:
                self._apply(effect)

    def _apply(self, effect: Effect) -> None:
        stand, now = self.stand, self.now
        match effect:
            case UpdateFields():
                for key, reason in stand.changes(effect.set, effect.unset, now):
                    stand.notes[f"The field {key} was left as it was: {reason}."] = None
            case AdjustScore():
                stand.scores_by(effect.by, now, now=now)
            case SetConsent():
                stand.chooses({effect.topic: effect.state}, now)
            case RecordEvent():
                stand.does(effect.name, now, effect.properties, seen=False)
            case ChangeSegment():
                self.segments.by_hand(effect.segment, effect.change, now)
            case ChangeFlow():
                stand.sent_to(effect.flow, {"change": effect.change}, now)
