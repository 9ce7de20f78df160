"""What the passing of time changes: how a condition says which contacts to look at again. Pure.

Two ways, for two kinds of data:

- *Slices*: the edge of a window moves over events (or changes of score), which an index keeps in
  the order of their instants. What the edge has passed between two looks is a slice of that index.
- *Next edges*: for all else (a field relative to now, a value that has stood for so long, an
  instant in a property) the condition says, as SQL, when time next changes its answer.

Both may name too many contacts or come too early; never too few or too late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from common.durations import parse_duration

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

Edge = Callable[[datetime, ZoneInfo], datetime]
"""An end of a window as a function of now."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """One moving end of a window over dated rows.

    Attributes
    ----------
    source
        `event` or `score` (changes of the score).
    name
        The name of the events; None: any activity, or not of events.
    edge
        Where the end stands at an instant.
    closed
        Whether a row on the end itself is on its earlier side (`at > edge`, `at <= edge`).
    """

    source: Literal["event", "score"]
    name: str | None
    edge: Edge
    closed: bool

    def between(
        self, before: datetime, now: datetime, zone: ZoneInfo
    ) -> tuple[datetime, datetime] | None:
        """Return which rows the end has passed from one look to the next: `low < at <= high`.

        None if it has not moved.

        Examples
        --------
        >>> from datetime import UTC
        >>> week = Slice("event", "Login", lambda now, _: now - timedelta(days=7), closed=True)
        >>> low, high = week.between(
        ...     datetime(2026, 6, 8, tzinfo=UTC), datetime(2026, 6, 9, tzinfo=UTC), ZoneInfo("UTC")
        ... )
        >>> str(low.date()), str(high.date())
        ('2026-06-01', '2026-06-02')
        """
        low, high = self.edge(before, zone), self.edge(now, zone)
        if low == high:
            return None
        low, high = min(low, high), max(low, high)
        return (low, high) if self.closed else (low - _INSTANT, high - _INSTANT)


def relative_edges(op: str, span: object, instant: str, to: SqlWriter) -> Iterator[str]:
    """Yield, as SQL, the instants at which an operator relative to now changes its answer.

    Parameters
    ----------
    op
        `in_last`, `older_than`, `in_next` or `beyond`.
    span
        Its duration, as ISO 8601.
    instant
        The datetime it looks at, as SQL: a timestamptz or NULL.
    to
        The writer of the rule's parameters.
    """
    if op in ("in_last", "in_next"):
        yield instant
    sign = "+" if op in ("in_last", "older_than") else "-"
    seconds = to.value(parse_duration(span).total_seconds(), "double precision")
    yield f"{instant} {sign} make_interval(secs => {seconds})"
