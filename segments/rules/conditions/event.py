"""Event conditions: what the contact did, how often, how much, and followed by what. Pure.

Source of the semantics: `followed_by` counts an event only if one of the other kind comes strictly
later, so a purchase made before the cart was filled does not hide an abandoned cart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt, field_validator

from common.clock import canonical
from common.durations import describe_duration, parse_duration
from segments.rules.base import ANY_ACTIVITY, Check, Condition, Duration, Name, Part
from segments.rules.conditions.event_sql import event_edges, event_sql
from segments.rules.errors import Problem
from segments.rules.operators import compares, is_number, said
from segments.rules.passing import Slice
from segments.rules.properties import (
    PropertyCondition,
    Where,
    property_at,
    where_faults,
    where_words,
)
from segments.rules.turning import Moment, Passing, Turn, day_said, turns_tallied
from segments.rules.values import EventData, View, number_of
from segments.rules.windows import EVER, Window

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

Names = Name | Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]
Relation = Literal["eq", "ne", "gt", "gte", "lt", "lte"]


class Measure(Part):
    """A figure over a numeric property of the matching events; exactly one is named."""

    sum: Name | None = None
    min: Name | None = None
    max: Name | None = None
    avg: Name | None = None

    @property
    def named(self) -> list[tuple[str, str]]:
        """The figures that are named, each with its property."""
        return [(kind, path) for kind, path in self if path is not None]

    @property
    def figure(self) -> tuple[str, str]:
        """Which figure, of which property."""
        return self.named[0]


class Follow(Part):
    """The later event that must, or must not, come."""

    name: Names
    where: Where = ()
    within: Duration | None = None

    def words(self) -> str:
        """Return the later event in words."""
        soon = f" within {describe_duration(parse_duration(self.within))}" if self.within else ""
        return f"{_names_words(self.name)}{where_words(self.where)}{soon}"


class EventCondition(Condition):
    """The events of some name in some window, measured, and the measure compared."""

    type: Literal["event"]
    name: Names
    where: Where = ()
    window: Window = EVER
    measure: Literal["count"] | Measure = "count"
    op: Relation = "gte"
    value: StrictInt | StrictFloat = 1
    followed_by: Follow | None = None
    not_followed_by: Follow | None = None

    @field_validator("window", mode="before")
    @classmethod
    def _ever(cls, value: Any) -> Any:
        return EVER if value is None else value

    def faults(self, check: Check) -> Iterator[Problem]:
        yield from _name_faults(self.name, "name")
        yield from where_faults(self.where)
        yield from self.window.faults(check)
        if not is_number(self.value):
            yield Problem("value", "value", "that number is too large")
        if isinstance(self.measure, Measure) and len(self.measure.named) != 1:
            yield Problem("measure", "measure", "choose one of: count, sum, min, max, avg")
        for place, follow in (
            ("followed_by", self.followed_by),
            ("not_followed_by", self.not_followed_by),
        ):
            if follow:
                yield from _name_faults(follow.name, f"{place}.name")
                yield from where_faults(follow.where, f"{place}.where")

    # ── in SQL ──────────────────────────────────────────────────────────────────────────────────

    def sql(self, to: SqlWriter) -> str:
        return event_sql(self, to)

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        return event_edges(self, to)

    def asks_for_one(self) -> bool | None:
        """Whether the count only asks for at least one (True) or none (False); None if for more."""
        if self.measure != "count":
            return None
        wanted = number_of(self.value) or Fraction(0)
        at_least_one = (self.op == "gte" and 0 < wanted <= 1) or (
            self.op == "gt" and 0 <= wanted < 1
        )
        if at_least_one or (self.op == "ne" and wanted == 0):
            return True
        none = (self.op == "lt" and 0 < wanted <= 1) or (self.op == "lte" and 0 <= wanted < 1)
        return False if none or (self.op == "eq" and wanted == 0) else None

    # ── in memory ───────────────────────────────────────────────────────────────────────────────

    def holds(self, view: View) -> bool:
        return self._fulfilled(self._figure(self._matching(view)))

    def _fulfilled(self, figure: Fraction | None) -> bool:
        return figure is not None and compares(self.op, figure, number_of(self.value))

    def _matching(self, view: View) -> list[EventData]:
        seen = view.events()
        return [event for event in seen if self._matches(event, seen, view)]

    def _matches(self, event: EventData, seen: Sequence[EventData], view: View) -> bool:
        return (
            event.at <= view.now
            and _is_named(event, self.name)
            and self.window.holds(event.at, view)
            and _fits(event, self.where, view)
            and (self.followed_by is None or _followed(event, self.followed_by, seen, view))
            and not (self.not_followed_by and _followed(event, self.not_followed_by, seen, view))
        )

    def _figure(self, events: Sequence[EventData]) -> Fraction | None:
        if not isinstance(self.measure, Measure):
            return Fraction(len(events))
        kind, path = self.measure.figure
        found = (number_of(property_at(event.properties, path)) for event in events)
        numbers = [number for number in found if number is not None]
        if kind == "sum":
            return sum(numbers, Fraction(0))
        if not numbers:
            return None
        if kind == "avg":
            return sum(numbers, Fraction(0)) / len(numbers)
        return min(numbers) if kind == "min" else max(numbers)

    def turns(self, view: View) -> Iterator[Turn]:
        follows = [follow for follow in (self.followed_by, self.not_followed_by) if follow]
        known = view.known()
        later = [event for event in known if any(_is_named(event, one.name) for one in follows)]
        kind, path = self.measure.figure if isinstance(self.measure, Measure) else ("count", "")

        def passing(event: EventData) -> Passing:
            return Passing(
                number_of(property_at(event.properties, path)) if path else None,
                [
                    *self.window.moments(event.at, _event_said(event, view), view),
                    *_where_moments(self.where, event, view),
                ],
                lambda then: self._matches(event, later, then),
            )

        return turns_tallied(
            kind,
            [passing(event) for event in known if _is_named(event, self.name)],
            shared=[moment for event in later for moment in _later_moments(event, follows, view)],
            holds=self._fulfilled,
            view=view,
        )

    def saw(self, view: View) -> Mapping[str, Any]:
        matching = self._matching(view)
        figure = self._figure(matching)
        last = max(matching, key=lambda event: (event.at, event.id), default=None)
        return {
            "count": len(matching),
            "value": None if figure is None else float(figure),
            "last": last
            and {"name": last.name, "at": canonical(last.at), "properties": dict(last.properties)},
        }

    def without_events(self) -> bool | None:
        return self._fulfilled(self._figure([]))

    # ── in words, and when to ask again ─────────────────────────────────────────────────────────

    def words(self) -> str:
        what = f"{_names_words(self.name)}{where_words(self.where)}"
        text = f"{self._measure_words(what)}{self.window.words()}"
        if self.followed_by:
            text += f", followed by {self.followed_by.words()}"
        if self.not_followed_by:
            text += f", not followed by {self.not_followed_by.words()}"
        return text

    def _measure_words(self, what: str) -> str:
        relation = {
            "eq": "exactly", "ne": "any number but", "gt": "more than", "gte": "at least",
            "lt": "fewer than", "lte": "at most",
        }[self.op]  # fmt: skip
        if isinstance(self.measure, Measure):
            kind, path = self.measure.figure
            figure = {"sum": "sum", "min": "lowest", "max": "highest", "avg": "average"}[kind]
            return f"has {relation} {said(self.value)} as {figure} {path} of {what}"
        if (self.op, self.value) == ("gte", 1):
            return f"did {what}"
        if (self.op, self.value) == ("eq", 0):
            return f"did not do {what}"
        times = "time" if self.value == 1 else "times"
        return f"did {what} {relation} {said(self.value)} {times}"

    def mentions(self) -> Iterable[str]:
        follows = [follow.name for follow in (self.followed_by, self.not_followed_by) if follow]
        for names in (self.name, *follows):
            for name in (names,) if isinstance(names, str) else names:
                yield f"event:{name}"

    def depends_on_time(self) -> bool:
        wheres = [self.where]
        wheres += [follow.where for follow in (self.followed_by, self.not_followed_by) if follow]
        return self.window.depends_on_time() or any(
            condition.depends_on_time() for where in wheres for condition in where
        )

    def slices(self) -> Iterator[Slice]:
        names = (self.name,) if isinstance(self.name, str) else self.name
        for edge, closed in self.window.moving():
            for name in names:
                yield Slice("event", None if name == ANY_ACTIVITY else name, edge, closed)


def _is_named(event: EventData, names: str | tuple[str, ...]) -> bool:
    if names == ANY_ACTIVITY:
        return not event.touch
    return event.name == names or (isinstance(names, tuple) and event.name in names)


def _fits(event: EventData, where: Sequence[PropertyCondition], view: View) -> bool:
    return all(condition.holds(event.properties, view.now) for condition in where)


def _followed(event: EventData, follow: Follow, seen: Sequence[EventData], view: View) -> bool:
    within = parse_duration(follow.within) if follow.within else None
    return any(
        event.at < later.at <= view.now
        and (within is None or later.at - event.at <= within)
        and _is_named(later, follow.name)
        and _fits(later, follow.where, view)
        for later in seen
    )


def _event_said(event: EventData, view: View) -> str:
    return f"{event.name} of {day_said(event.at, now=view.now, zone=view.zone)}"


def _where_moments(
    where: Sequence[PropertyCondition], event: EventData, view: View
) -> list[Moment]:
    relative = [condition for condition in where if condition.depends_on_time()]
    return [
        moment
        for condition in relative
        for moment in condition.moments(event.properties, _event_said(event, view), view)
    ]


def _later_moments(event: EventData, follows: Sequence[Follow], view: View) -> Iterator[Moment]:
    """When a later event, or what is asked of it, may begin or cease to count for all before it."""
    if event.at > view.now:
        yield Moment(event.at, f"{_event_said(event, view)} comes")
    for follow in follows:
        if _is_named(event, follow.name):
            yield from _where_moments(follow.where, event, view)


def _name_faults(names: str | tuple[str, ...], place: str) -> Iterator[Problem]:
    if isinstance(names, tuple) and ANY_ACTIVITY in names:
        yield Problem(place, "name", "choose “any activity” alone, or events by name")


def _names_words(names: str | tuple[str, ...]) -> str:
    if names == ANY_ACTIVITY:
        return "any activity"
    return names if isinstance(names, str) else " or ".join(names)
