"""A rule as SQL: one boolean expression over a contact `c`, with named parameters.

Promises that the expression is never NULL, that every subquery names the lane, that no value of a
rule is ever part of the text, and that a broken rule is `false`. The text is made once; what
depends on the instant (the edges of windows) is computed in Python by `Compiled.bind`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from segments.rules.base import Check, Rule
from segments.rules.checking import problems_of
from segments.rules.passing import Slice
from segments.rules.values import zone_of

Bound = Callable[[datetime, ZoneInfo], Any]
"""A parameter that depends on the instant."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule as SQL text, and its parameters.

    Attributes
    ----------
    text
        A boolean expression over `c`, and over `w` for rules of a flow.
    whole
        The same for asking about everybody, or about many: what adds up events does so in one pass
        for all contacts.
    slices
        The moving ends of its windows over events and changes of score.
    next_edge
        The next instant at which time may change the answer for `c` otherwise, as SQL: a
        timestamptz after now, or NULL. "" if there can be none. In a flow, where nobody looks at
        slices, their edges are among these.
    """

    text: str
    whole: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    edges: Mapping[str, Bound] = field(default_factory=dict)
    slices: Sequence[Slice] = ()
    next_edge: str = ""

    def bind(self, now: datetime, zone: str | ZoneInfo) -> dict[str, Any]:
        """Return the parameters at this instant.

        Parameters
        ----------
        now
            The instant (aware) at which the rule is asked.
        zone
            The workspace's time zone, for calendar windows.
        """
        place = zone_of(zone)
        return {**self.fixed, **{name: edge(now, place) for name, edge in self.edges.items()}}


NOBODY = Compiled("false", "false")


class SqlWriter:
    """Hands out parameters and aliases while the conditions of one rule write their SQL."""

    def __init__(self, *, fields: Mapping[str, str], in_flow: bool, prefix: str) -> None:
        self.fields = fields
        self.in_flow = in_flow
        self._prefix = prefix
        self._fixed: dict[str, Any] = {}
        self._edges: dict[str, Bound] = {}
        self._aliases = 0
        self.whole = False
        """Whether what is written is to be asked about everybody."""

    def value(self, value: Any, cast: str) -> str:
        """Return a placeholder, cast to its SQL type, for a value of the rule."""
        name = self._name()
        self._fixed[name] = value
        return f"%({name})s::{cast}"

    def edge(self, edge: Bound, cast: str = "timestamptz") -> str:
        """Return a placeholder for a value that depends on the instant."""
        name = self._name()
        self._edges[name] = edge
        return f"%({name})s::{cast}"

    def now(self) -> str:
        """Return the placeholder of the instant itself."""
        name = f"{self._prefix}_now"
        self._edges[name] = _the_instant
        return f"%({name})s::timestamptz"

    def after_now(self, instants: Iterable[str]) -> str:
        """Return the earliest of these instants (SQL) that is after now; NULL if none is."""
        now = self.now()
        later = [f"CASE WHEN ({one}) > {now} THEN ({one}) END" for one in instants]
        return later[0] if len(later) == 1 else f"least({', '.join(later)})"

    def exists(self, select: str) -> str:
        """Return whether a subquery on `c` finds a row.

        Asked of some contacts, it is to be a probe of an index for each: OFFSET 0 keeps PostgreSQL
        from reading the rows of everybody into a hash for them.
        """
        return f"EXISTS ({select})" if self.whole else f"EXISTS ({select} OFFSET 0)"

    def alias(self, letter: str) -> str:
        """Return a table alias that no other part of the rule has."""
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def compiled(self, text: str, whole: str, slices: Sequence[Slice], next_edge: str) -> Compiled:
        """Return what has been written."""
        return Compiled(text, whole, self._fixed, self._edges, slices, next_edge)

    def _name(self) -> str:
        return f"{self._prefix}_{len(self._fixed) + len(self._edges)}"


def compile_rule(
    rule: Rule, *, fields: Mapping[str, str], in_flow: bool = False, prefix: str = "r"
) -> Compiled:
    """Compile a rule to a boolean SQL expression.

    Parameters
    ----------
    rule
        A parsed rule.
    fields
        The workspace's fields with their types. A rule that asks for another field, or compares it
        with a value that does not fit, is true for nobody (never for everybody).
    in_flow
        Whether the expression may use `w` (entry_at, step_at, trigger, visit_id, upto).
    prefix
        What the parameters' names begin with, so that several rules can share a statement.

    Examples
    --------
    >>> from segments.rules import parse
    >>> rule = parse({"type": "field", "field": "score", "op": "gte", "value": 5}, fields={})
    >>> compile_rule(rule, fields={}).text
    '(c.score IS NOT NULL AND c.score >= %(r_0)s::double precision)'
    """
    if problems_of(rule, Check(fields, in_flow)):
        return NOBODY
    to = SqlWriter(fields=fields, in_flow=in_flow, prefix=prefix)
    text = whole = rule.sql(to)
    if not in_flow:
        to.whole = True
        whole = rule.sql(to)
        to.whole = False
    guard = _segments_exist(rule, to)
    edges = list(_next_edges(rule, to))
    return to.compiled(
        f"({text} AND {guard})" if guard else text,
        f"({whole} AND {guard})" if guard else whole,
        () if in_flow else tuple(_slices(rule)),
        to.after_now(edges) if edges else "",
    )


def _slices(rule: Rule) -> Iterator[Slice]:
    yield from rule.slices()
    for _, inner in rule.parts():
        yield from _slices(inner)


def _next_edges(rule: Rule, to: SqlWriter) -> Iterator[str]:
    yield from rule.next_edges(to)
    for _, inner in rule.parts():
        yield from _next_edges(inner, to)


def _segments_exist(rule: Rule, to: SqlWriter) -> str:
    """Make a rule that names a segment that is gone true for nobody, "not in" included."""
    keys = sorted(_segment_keys(rule))
    if not keys:
        return ""
    alias = to.alias("s")
    wanted = to.value(keys, "text[]")
    count = to.value(len(keys), "integer")
    return f"(SELECT count(*) FROM segment {alias} WHERE {alias}.key = ANY({wanted})) = {count}"


def _segment_keys(rule: Rule) -> set[str]:
    own = {key[len("segment:") :] for key in rule.mentions() if key.startswith("segment:")}
    return own.union(*(_segment_keys(inner) for _, inner in rule.parts()))


def _the_instant(now: datetime, _zone: ZoneInfo) -> datetime:
    return now
