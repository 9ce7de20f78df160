"""Windows: which span of time an event, or a change of score, must lie in. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from common.clock import parse_instant
from common.durations import describe_duration, parse_duration
from segments.rules.base import Check, Duration, Instant, Part
from segments.rules.errors import Problem
from segments.rules.instants import FIRST, LAST, shifted
from segments.rules.operators import compares
from segments.rules.passing import Edge
from segments.rules.turning import Moment
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

Calendar = Literal[
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year"
]

_SIGNS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


class Window(Part):
    """A span of time; what it names must hold all at once. Naming nothing, it is ever."""

    last: Duration | None = None
    older_than: Duration | None = None
    from_: Instant | None = Field(default=None, alias="from")
    to: Instant | None = None
    calendar: Calendar | None = None
    since: Literal["entry", "step"] | None = None

    def faults(self, check: Check) -> Iterator[Problem]:
        """Yield what is wrong with the window where it is used."""
        if self.since and not check.in_flow:
            yield Problem("window.since", "only_in_flow", "“since” has a meaning only in a flow")
        if self.from_ and self.to and parse_instant(self.from_) >= parse_instant(self.to):
            yield Problem("window.to", "window", "the window must end after it begins")

    def edges(self) -> Iterator[tuple[str, Edge]]:
        """Yield each comparison that `at` must stand, with its edge as a function of now."""
        if self.last:
            span = parse_duration(self.last)
            yield ">", lambda now, _zone: shifted(now, -span)
        if self.older_than:
            age = parse_duration(self.older_than)
            yield "<=", lambda now, _zone: shifted(now, -age)
        if self.from_:
            first = parse_instant(self.from_)
            yield ">=", lambda _now, _zone: first
        if self.to:
            end = parse_instant(self.to)
            yield "<", lambda _now, _zone: end
        if self.calendar:
            name = self.calendar
            yield ">=", lambda now, zone: calendar_span(name, now, zone)[0]
            yield "<", lambda now, zone: calendar_span(name, now, zone)[1]

    def sql(self, at: str, to: SqlWriter) -> str:
        """Return `AND …` for every edge; "" for none."""
        edges = "".join(f" AND {at} {sign} {to.edge(edge)}" for sign, edge in self.edges())
        return edges + (f" AND {at} > w.{self.since}_at" if self.since else "")

    def holds(self, at: datetime, view: View) -> bool:
        """Whether an instant lies in the window."""
        if self.since:
            if view.visit is None:
                return False
            start = view.visit.entry_at if self.since == "entry" else view.visit.step_at
            if at <= start:
                return False
        return all(
            compares(_SIGNS[sign], at, edge(view.now, view.zone)) for sign, edge in self.edges()
        )

    def depends_on_time(self) -> bool:
        """Whether the passing of time moves an edge."""
        return bool(self.last or self.older_than or self.calendar)

    def moving(self) -> Iterator[tuple[Edge, bool]]:
        """Yield each edge that time moves, and whether an instant on it lies before it."""
        if self.depends_on_time():
            for sign, edge in self.edges():
                yield edge, sign in (">", "<=")

    def next_edges(self, at: str, to: SqlWriter) -> Iterator[str]:
        """Yield, as SQL, the instants at which an edge of the window may pass `at`.

        Of a calendar span it is the end of the present one: what lies before its start never comes
        back into it.
        """
        for span in (self.last, self.older_than):
            if span:
                seconds = to.value(parse_duration(span).total_seconds(), "double precision")
                yield f"{at} + make_interval(secs => {seconds})"
        if self.calendar:
            name = self.calendar
            start = to.edge(lambda now, zone: calendar_span(name, now, zone)[0])
            turn = to.edge(lambda now, zone: calendar_span(_PRESENT[name], now, zone)[1])
            yield f"CASE WHEN {at} >= {start} THEN {turn} END"

    def moments(self, at: datetime, datum: str, view: View) -> Iterator[Moment]:
        """Yield when an instant, said as `datum`, may come into the window or leave it."""
        yield Moment(at, f"{datum} comes")
        for text in (self.last, self.older_than):
            if text:
                span = parse_duration(text)
                yield Moment(shifted(at, span), f"{datum} passes {describe_duration(span)}")
        if self.calendar and FIRST.year < at.year < LAST.year:
            present = _PRESENT[self.calendar]
            begins, ends = calendar_span(present, at, view.zone)
            after = calendar_span(present, ends, view.zone)[1]
            said = f"a new {_UNITS[present]} begins"
            yield from (Moment(turn, said) for turn in (begins, ends, after))

    def words(self) -> str:
        """Return the window in words, with a space before; "" for ever."""
        said = []
        if self.last:
            said.append(f"in the last {describe_duration(parse_duration(self.last))}")
        if self.older_than:
            said.append(f"at least {describe_duration(parse_duration(self.older_than))} ago")
        if self.from_:
            said.append(f"from {_day(self.from_)}")
        if self.to:
            said.append(f"until {_day(self.to)}")
        if self.calendar:
            said.append(self.calendar.replace("_", " "))
        if self.since:
            said.append(f"since {'entering the flow' if self.since == 'entry' else 'this step'}")
        return f" {' and '.join(said)}" if said else ""


EVER = Window()

_PRESENT: Mapping[Calendar, Calendar] = {
    "today": "today", "yesterday": "today", "this_week": "this_week", "last_week": "this_week",
    "this_month": "this_month", "last_month": "this_month", "this_year": "this_year",
}  # fmt: skip
"""The span whose end moves this one on."""

_UNITS: Mapping[Calendar, str] = {
    "today": "day", "this_week": "week", "this_month": "month", "this_year": "year",
}  # fmt: skip


def calendar_span(name: Calendar, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of a calendar span and the first after it, in UTC.

    Parameters
    ----------
    name
        `today`, `yesterday`, `this_week`, `last_week` (from Monday), `this_month`, …
    now
        The instant from which "this" and "last" are meant.
    zone
        The time zone whose midnights count.

    Examples
    --------
    >>> span = calendar_span("this_week", datetime(2026, 6, 17, tzinfo=UTC), ZoneInfo("UTC"))
    >>> [str(day.date()) for day in span]
    ['2026-06-15', '2026-06-22']
    """
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    start, end = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (monday, monday + timedelta(weeks=1)),
        "last_week": (monday - timedelta(weeks=1), monday),
        "this_month": (first, (first + timedelta(days=32)).replace(day=1)),
        "last_month": (before, first),
        "this_year": (today.replace(month=1, day=1), date(today.year + 1, 1, 1)),
    }[name]
    return _midnight(start, zone), _midnight(end, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _day(text: str) -> str:
    instant = parse_instant(text)
    shown = f"{instant.day} {instant:%B %Y}"
    return shown if instant.time() == time.min else f"{shown} {instant:%H:%M}"
