"""How much the contact's score has changed in a window. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from pydantic import StrictFloat, StrictInt

from segments.rules.base import Check, Condition
from segments.rules.conditions.event import Relation
from segments.rules.errors import Problem
from segments.rules.grouping import grouped_sql
from segments.rules.operators import COMPARE, compares, is_number, said
from segments.rules.passing import Slice
from segments.rules.turning import Passing, Turn, day_said, turns_tallied
from segments.rules.values import ScoreData, View, number_of
from segments.rules.windows import EVER, Window

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter


class ScoreChangeCondition(Condition):
    """The sum of the score's changes in the window, compared."""

    type: Literal["score_change"]
    window: Window = EVER
    op: Relation
    value: StrictInt | StrictFloat

    def faults(self, check: Check) -> Iterator[Problem]:
        yield from self.window.faults(check)
        if not is_number(self.value):
            yield Problem("value", "value", "that number is too large")

    def sql(self, to: SqlWriter) -> str:
        change = to.alias("g")
        # As numeric (15 digits, as PostgreSQL casts), so that the order of adding can't matter.
        if to.whole:
            value = to.value(str(self.value), "numeric")
            return grouped_sql(
                f"SELECT {change}.contact_id FROM score_change {change} WHERE {change}.at "
                f"<= {to.now()}{self.window.sql(f'{change}.at', to)} GROUP BY {change}.contact_id",
                f"sum({change}.delta::numeric) {COMPARE[self.op]} {value}",
                of_none=self._fulfilled(Fraction(0)),
            )
        return (
            f"((SELECT coalesce(sum({change}.delta::numeric), 0) FROM score_change {change} "
            f"WHERE {change}.lane = c.lane AND {change}.contact_id = c.id "
            f"AND {change}.at <= {to.now()}{self.window.sql(f'{change}.at', to)}) "
            f"{COMPARE[self.op]} {to.value(str(self.value), 'numeric')})"
        )

    def holds(self, view: View) -> bool:
        return self._fulfilled(self._sum(view))

    def _fulfilled(self, figure: Fraction | None) -> bool:
        wanted = number_of(self.value)
        return None not in (figure, wanted) and compares(self.op, figure, wanted)

    def _sum(self, view: View) -> Fraction:
        there = (_exactly(one) for one in view.contact.scores if self._matches(one, view))
        return sum(there, Fraction(0))

    def _matches(self, change: ScoreData, view: View) -> bool:
        return change.at <= view.now and self.window.holds(change.at, view)

    def turns(self, view: View) -> Iterator[Turn]:
        def passing(change: ScoreData) -> Passing:
            day = day_said(change.at, now=view.now, zone=view.zone)
            return Passing(
                _exactly(change),
                [*self.window.moments(change.at, f"the score change of {day}", view)],
                lambda then: self._matches(change, then),
            )

        return turns_tallied(
            "sum",
            [passing(change) for change in view.contact.scores],
            holds=self._fulfilled,
            view=view,
        )

    def words(self) -> str:
        relation = {
            "eq": "exactly", "ne": "anything but", "gt": "more than", "gte": "at least",
            "lt": "less than", "lte": "at most",
        }[self.op]  # fmt: skip
        return f"score changed by {relation} {said(self.value)}{self.window.words()}"

    def mentions(self) -> Iterable[str]:
        yield "score:"
        yield "field:score"

    def depends_on_time(self) -> bool:
        return self.window.depends_on_time()

    def slices(self) -> Iterator[Slice]:
        for edge, closed in self.window.moving():
            yield Slice("score", None, edge, closed)

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        """In a flow, when the window's edge next passes a change, or one to come is there."""
        if to.in_flow:
            change = to.alias("g")
            edges = to.after_now([f"{change}.at", *self.window.next_edges(f"{change}.at", to)])
            yield (
                f"(SELECT min({edges}) FROM score_change {change} "
                f"WHERE {change}.lane = c.lane AND {change}.contact_id = c.id)"
            )

    def saw(self, view: View) -> Mapping[str, Any]:
        return {"value": float(self._sum(view))}


def _exactly(change: ScoreData) -> Fraction:
    """A change as PostgreSQL casts it to numeric: to 15 digits."""
    return Fraction(f"{change.delta:.15g}")
