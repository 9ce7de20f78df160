"""Points in a simulation: what score rules give a contact, and what fades. No IO, no clock.

The counterpart of `segments.scoring.ledger` for one contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flows.engine.codes import Taken
from flows.trial.stand import Stand
from segments.rules.base import ANY_ACTIVITY
from segments.rules.properties import PropertyCondition
from segments.scoring.ledger import SYSTEM_KEY, system_key
from segments.scoring.terms import WEEK, faded, span_of


@dataclass(frozen=True, slots=True)
class PointsRule:
    """A rule that gives points: for each `event`, or (None) while its own segment is true."""

    id: int
    points: Decimal
    event: str | None = None
    where: tuple[PropertyCondition, ...] = ()
    decay: Decimal | None = None
    times: int | None = None
    per: timedelta | None = None


@dataclass(slots=True)
class Award:
    """What a rule gave, and what is left of it."""

    rule_id: int
    remaining: Decimal
    is_event: bool
    per_week: Decimal | None = None
    next_at: datetime | None = None
    span: int | None = None


class Points:
    """All that gives one contact points."""

    def __init__(
        self,
        rules: Sequence[PointsRule],
        stand: Stand,
        awards: Iterable[Award],
        *,
        zone: ZoneInfo,
    ) -> None:
        self.stand = stand
        self.zone = zone
        self.awards = list(awards)
        self.for_events = [rule for rule in rules if rule.event is not None]
        self.by_segment = {system_key(rule.id): rule for rule in rules if rule.event is None}

    def happened(self, touches: Sequence[Taken], now: datetime) -> None:
        """Give points for the events among these touches."""
        for touch in touches:
            if touch.kind != "event" or touch.at is None:
                continue
            for rule in self.for_events:
                if self._fits(rule, touch):
                    span = span_of(touch.at, rule.per, self.zone) if rule.per else None
                    if not self._is_enough(rule, span):
                        self._give(rule, touch.at, now=now, span=span)

    def moved(self, changes: Iterable[tuple[str, str]], now: datetime) -> None:
        """Give points to whom rules have turned true of, and take them from whom false."""
        for key, change in changes:
            rule = self.by_segment.get(key) if key.startswith(SYSTEM_KEY) else None
            if rule is None:
                continue
            given = [one for one in self.awards if one.rule_id == rule.id and not one.is_event]
            if change == "entered" and not given:
                self._give(rule, now, now=now, span=None)
            elif change == "left":
                for award in given:
                    self.awards.remove(award)
                    self.stand.scores_by(-float(award.remaining), now, now=now)

    def fade(self, now: datetime) -> None:
        """Take what decay takes up to now, each step at its own instant."""
        for award in self.awards:
            if award.next_at is not None and award.next_at <= now and award.per_week is not None:
                fading = faded(award.remaining, award.per_week, award.next_at, now=now)
                award.remaining, award.next_at = fading.remaining, fading.next_at
                for at, delta in fading.steps:
                    self.stand.scores_by(float(delta), at, now=now)

    def next_fading(self) -> datetime | None:
        """When decay next takes something."""
        return min((one.next_at for one in self.awards if one.next_at is not None), default=None)

    def _fits(self, rule: PointsRule, touch: Taken) -> bool:
        if rule.event not in (touch.name, ANY_ACTIVITY):
            return False
        event = next((one for one in self.stand.events if one.id == touch.event_id), None)
        if rule.event == ANY_ACTIVITY and event is not None and event.touch:
            return False
        properties = touch.properties or {}
        return all(condition.holds(properties, touch.at) for condition in rule.where)

    def _is_enough(self, rule: PointsRule, span: int | None) -> bool:
        if rule.times is None:
            return False
        given = sum(one.rule_id == rule.id and one.span == span for one in self.awards)
        return given >= rule.times

    def _give(self, rule: PointsRule, at: datetime, *, now: datetime, span: int | None) -> None:
        following = at + WEEK if rule.decay is not None else None
        is_event = rule.event is not None
        self.awards.append(Award(rule.id, rule.points, is_event, rule.decay, following, span))
        self.stand.scores_by(float(rule.points), at, now=now)
