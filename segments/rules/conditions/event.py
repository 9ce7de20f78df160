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
from segments.rules.base import Check, Condition, Duration, Name, Part
from segments.rules.errors import Problem
from segments.rules.grouping import grouped_sql
from segments.rules.operators import COMPARE, compares, is_number, said
from segments.rules.passing import Slice
from segments.rules.properties import (
    PropertyCondition,
    Where,
    property_at,
    where_faults,
    where_sql,
    where_words,
)
from segments.rules.turning import Moment, Passing, Turn, day_said, turns_tallied
from segments.rules.values import EventData, View, number_of
from segments.rules.windows import EVER, Window

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

ANY_ACTIVITY = "*"
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
        if to.whole and self._in_words_of_one() is None:
            return self._grouped_sql(to)
        event = to.alias("e")
        matching = f"FROM event {event} WHERE {self._matching_sql(event, to)}"
        if self.measure == "count":
            return self._count_sql(matching, to)
        assert isinstance(self.measure, Measure)
        kind, path = self.measure.figure
        found = "".join(f"->{to.value(name, 'text')}" for name in path.split("."))
        root = f"({event}.properties{found})"
        number = f"CASE WHEN jsonb_typeof({root}) = 'number' THEN {root}::numeric END"
        sign, wanted = COMPARE[self.op], to.value(_text(self.value), "numeric")
        if kind == "sum":
            return f"((SELECT coalesce(sum({number}), 0) {matching}) {sign} {wanted})"
        if kind == "avg":
            # Multiplied out, so that no division rounds what the evaluator keeps exact.
            return (
                f"coalesce((SELECT sum({number}) {sign} {wanted} * count({number}) {matching} "
                f"HAVING count({number}) > 0), false)"
            )
        return f"coalesce((SELECT {kind}({number}) {matching}) {sign} {wanted}, false)"

    def _count_sql(self, matching: str, to: SqlWriter) -> str:
        """Whether there is one at all is asked without counting."""
        one = self._in_words_of_one()
        if one is not None:
            return f"{'' if one else 'NOT '}{to.exists(f'SELECT {matching}')}"
        value = to.value(_text(self.value), "numeric")
        return f"((SELECT count(*) {matching}) {COMPARE[self.op]} {value})"

    def _in_words_of_one(self) -> bool | None:
        """Whether the count only asks for at least one (True) or none (False) of them."""
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

    def _grouped_sql(self, to: SqlWriter) -> str:
        """All contacts at once: the events are added up in one pass, and not contact by contact."""
        event = to.alias("e")
        sign, wanted = COMPARE[self.op], to.value(_text(self.value), "numeric")
        kind, figure = "count", "count(*)"
        if isinstance(self.measure, Measure):
            kind, path = self.measure.figure
            found = "".join(f"->{to.value(name, 'text')}" for name in path.split("."))
            root = f"({event}.properties{found})"
            number = f"CASE WHEN jsonb_typeof({root}) = 'number' THEN {root}::numeric END"
            figure = f"{'sum' if kind == 'avg' else kind}({number})"
            if kind == "sum":
                figure = f"coalesce({figure}, 0)"
            elif kind == "avg":
                wanted = f"{wanted} * count({number})"
        matching = self._matching_sql(event, to, correlated=False)
        return grouped_sql(
            f"SELECT {event}.contact_id FROM event {event} WHERE {matching} "
            f"GROUP BY {event}.contact_id",
            f"{figure} {sign} {wanted}",
            of_none=kind in ("count", "sum")
            and compares(self.op, Fraction(0), number_of(self.value)),
        )

    def _matching_sql(self, event: str, to: SqlWriter, *, correlated: bool = True) -> str:
        text = (
            f"{_of_contact(event, self.name, to, owner='c' if correlated else None)} "
            f"AND {event}.at <= {to.now()}"
            f"{self.window.sql(f'{event}.at', to)}"
            f"{where_sql(self.where, f'{event}.properties', to)}"
        )
        for follow, negation in ((self.followed_by, ""), (self.not_followed_by, "NOT ")):
            if follow:
                text += f" AND {negation}EXISTS ({_follow_sql(follow, event, to)})"
        return text

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

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        """Instants in properties, where a condition on them is relative to now.

        In a flow also the window's edges over the events, and events that are still to come.
        """
        follows = [follow for follow in (self.followed_by, self.not_followed_by) if follow]
        asked = [(self.name, self.where, self.window)]
        for names, where, window in [*asked, *((f.name, f.where, EVER) for f in follows)]:
            event = to.alias("e")
            at = f"{event}.at"
            instants = [
                instant
                for condition in where
                for instant in condition.next_edges(f"{event}.properties", to)
            ]
            if to.in_flow and not (instants or window.depends_on_time()):
                ahead = f"{_of_contact(event, names, to)} AND {at} > {to.now()}"
                yield f"(SELECT min({at}) FROM event {event} WHERE {ahead})"
                continue
            if to.in_flow:
                instants += [at, *window.next_edges(at, to)]
            if instants:
                yield (
                    f"(SELECT min({to.after_now(instants)}) FROM event {event} "
                    f"WHERE {_of_contact(event, names, to)})"
                )


def _text(number: float) -> str:
    """Numbers go to PostgreSQL as their text, so that 0.1 is a tenth and not its neighbour."""
    return str(number)


def _of_contact(
    event: str, names: str | tuple[str, ...], to: SqlWriter, *, owner: str | None = "c"
) -> str:
    """Which events are meant: those of `c`, of another event's contact, or (None) of anybody."""
    own = "true"
    if owner is not None:
        whose = "id" if owner == "c" else "contact_id"
        own = f"{event}.lane = {owner}.lane AND {event}.contact_id = {owner}.{whose}"
    if to.in_flow:
        own += f" AND {event}.id <= w.upto"
    if names == ANY_ACTIVITY:
        return f"{own} AND NOT {event}.touch"
    if isinstance(names, str):
        return f"{own} AND {event}.name = {to.value(names, 'text')}"
    return f"{own} AND {event}.name = ANY({to.value(list(names), 'text[]')})"


def _follow_sql(follow: Follow, event: str, to: SqlWriter) -> str:
    later = to.alias("f")
    text = (
        f"SELECT FROM event {later} WHERE {_of_contact(later, follow.name, to, owner=event)} "
        f"AND {later}.at > {event}.at AND {later}.at <= {to.now()}"
    )
    if follow.within:
        seconds = to.value(parse_duration(follow.within).total_seconds(), "double precision")
        text += f" AND {later}.at <= {event}.at + make_interval(secs => {seconds})"
    return text + where_sql(follow.where, f"{later}.properties", to)


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
