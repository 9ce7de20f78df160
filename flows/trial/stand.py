"""A contact in memory: what happens to them, and the touches that this leaves. No IO, no clock.

The counterpart of the tables of `contacts`, for one contact. Values are fitted, e-mail events told
and instants kept by the very functions that the services use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.clock import canonical, parse_instant
from common.lanes import lane_of
from contacts import reach
from contacts.services.writing import values_apply
from contacts.state import ContactState
from contacts.store import FieldBook, refusal_of_key
from contacts.values import DoesNotFit, fit, is_missing, type_of
from flows.engine.codes import Taken
from flows.trial.shapes import SceneContact, TrialRefused
from segments.rules import BUILTIN_FIELDS, ContactData, EventData, ReachData, ScoreData

INSTANTS = ("created_at", "last_seen_at")


class Stand:
    """How a contact stands.

    Parameters
    ----------
    given
        The contact at the start.
    types
        Custom fields with their types.
    now
        The start: when a contact came of whom that is not known.
    """

    def __init__(self, given: SceneContact, types: Mapping[str, str], *, now: datetime) -> None:
        self.id = given.id
        self.lane = lane_of(given.id)
        self.book = FieldBook({**BUILTIN_FIELDS, **types})
        self.notes: dict[str, None] = {}
        self.state = self._state(given, now)
        self.events = sorted(given.events, key=lambda event: event.id)
        self.consents = dict(given.consents)
        self.scores = list(given.scores)
        self.members: dict[str, bool] = dict(given.segments)
        self.held_out: set[str] = set(given.held_out)
        self.earlier = list(given.visits)
        self.touches: list[Taken] = []
        self._touch_id = 0
        self._event_id = max((event.id for event in self.events), default=0)
        self._seen: ContactData | None = None

    def _state(self, given: SceneContact, now: datetime) -> ContactState:
        state = ContactState.new(given.id, created_at=now)
        at = canonical(now)
        self.register(given.fields.items())
        for key, value in given.fields.items():
            if is_missing(value):
                continue
            if key in INSTANTS:
                state.row[key] = _instant(key, value)
            elif key == "score":
                state.row["score"] = _number(value)
            elif key in state.row:
                state.row[key] = str(value)
            else:
                reason = self.book.change(state, key, value, at)
                if reason is not None:
                    self.notes[f"The field {key} was left out: {reason}."] = None
        state.field_times = {key: _text(value) for key, value in given.field_times.items()}
        standing = given.reach
        state.row["unsubscribed_at"] = now if standing.unsubscribed else None
        state.row["complained_at"] = now if standing.complained else None
        state.row["hard_bounced_at"] = now if standing.hard_bounced else None
        state.row["soft_bounces"] = standing.soft_bounces
        state.touched.clear()
        return state

    # ── how they are seen ───────────────────────────────────────────────────────────────────────

    @property
    def fields(self) -> dict[str, str]:
        """Every field with its type."""
        return self.book.types

    def seen(self, visits: Sequence[Mapping[str, Any]] = ()) -> ContactData:
        """The contact as rules see them."""
        if self._seen is None:
            row = self.state.row
            self._seen = ContactData(
                id=self.id,
                fields={**self.state.fields, **{key: row[key] for key in BUILTIN_FIELDS}},
                events=self.events,
                consents=self.consents,
                scores=self.scores,
                segments=self.members.keys(),
                reach=ReachData(
                    unsubscribed=row["unsubscribed_at"] is not None,
                    complained=row["complained_at"] is not None,
                    hard_bounced=row["hard_bounced_at"] is not None,
                    soft_bounces=row["soft_bounces"],
                ),
                field_times=self.state.field_times,
                others={"flow": [*self.earlier, *visits]},
            )
        return self._seen

    def changed(self) -> None:
        """What was seen is no longer true."""
        self._seen = None

    def values(self) -> dict[str, Any]:
        """All fields that are not missing, instants as canonical text."""
        row = self.state.row
        found = {key: _text(row[key]) for key in BUILTIN_FIELDS if row[key] is not None}
        return {**found, **self.state.fields}

    # ── what happens to them ────────────────────────────────────────────────────────────────────

    def does(
        self,
        name: str,
        at: datetime,
        properties: Mapping[str, Any],
        *,
        touch: bool = False,
        seen: bool = True,
    ) -> None:
        """An event comes; by one of their own doing the contact is `seen`."""
        self._event_id += 1
        self.events.append(EventData(name, at, properties, touch, self._event_id))
        self._touch("event", name, at, event_id=self._event_id, at=at, properties=properties)
        if name in reach.TELLING:
            topic = reach.apply(self.state, name, properties, at)
            if topic is not None:
                self.chooses({topic: "unsubscribed"}, at)
        if seen and not touch and name not in reach.TOLD_BY_MAIL_SERVERS:
            self.state.see(at)
        self._settle(at)

    def changes(
        self, values: Mapping[str, Any], unset: Collection[str], now: datetime
    ) -> list[tuple[str, str]]:
        """Fields are set and erased; returns what was left out, and why."""
        self.register(values.items())
        left_out = values_apply(self.book, self.state, values, list(unset), now=now)
        self._settle(now)
        return left_out

    def scores_by(self, delta: float, at: datetime, *, now: datetime) -> None:
        """Points are added, or taken."""
        if not delta:
            return
        self.scores.append(ScoreData(at, delta))
        self.state.row["score"] += delta
        since = self.state.field_times.get("score", "")
        self.state.field_times["score"] = max(canonical(at), since)
        self.state.touch("field", "score")
        self.state.touch("score")
        self._settle(max(at, now))

    def chooses(self, consents: Mapping[str, str], at: datetime) -> None:
        """The contact chooses topics, or turns them down."""
        for topic, state in consents.items():
            if self.consents.get(topic) != state:
                self.consents[topic] = state
                self._touch("consent", topic, at)

    def put(self, segment: str, change: str, at: datetime) -> None:
        """Somebody put the contact into a segment or out of it: the engine is told."""
        self._touch("segment", segment, at, detail={"change": change})

    def sent_to(self, flow: str, detail: Mapping[str, Any], at: datetime) -> None:
        """The contact is added to a flow or taken out; or has moved in it (`change`)."""
        self._touch("flow", flow, at, detail=detail)

    def answered(self, at: datetime) -> None:
        """A call to another system that was made about the contact has ended."""
        self._touch("call", "", at)

    def take_touches(self) -> list[Taken]:
        """The queue, emptied."""
        taken, self.touches = self.touches, []
        return taken

    def _settle(self, at: datetime) -> None:
        for kind, name in self.state.touched:
            self._touch(kind, name, at)
        self.state.touched.clear()
        self.changed()

    def _touch(
        self,
        kind: str,
        name: str,
        touched_at: datetime,
        *,
        event_id: int | None = None,
        at: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._touch_id += 1
        self.touches.append(
            Taken(
                self._touch_id,
                self.lane,
                self.id,
                kind,
                name,
                event_id,
                detail,
                at,
                properties,
                touched_at,
            )
        )
        self.changed()

    def register(self, values: Iterable[tuple[str, Any]]) -> None:
        """Let fields be known that were not: they get the type of their first value."""
        for key, value in values:
            if key not in self.book.types and not is_missing(value):
                found = type_of(value)
                if found is not None and refusal_of_key(key) is None:
                    self.book.types[key] = found


def _text(value: Any) -> Any:
    return canonical(value) if isinstance(value, datetime) else value


def _instant(key: str, value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return parse_instant(fit(value, "datetime"))
    except DoesNotFit as trouble:
        raise TrialRefused(f"{key}: {trouble}", attr=f"contact.fields.{key}") from trouble


def _number(value: Any) -> float:
    try:
        return float(fit(value, "number"))
    except DoesNotFit as trouble:
        raise TrialRefused(f"score: {trouble}", attr="contact.fields.score") from trouble
