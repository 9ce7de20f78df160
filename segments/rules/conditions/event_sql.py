"""Event conditions in SQL: of one contact, of everybody in one pass, and their next edges. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from common.durations import parse_duration
from segments.rules.base import ANY_ACTIVITY
from segments.rules.grouping import grouped_sql
from segments.rules.operators import COMPARE, compares
from segments.rules.properties import where_sql
from segments.rules.values import number_of
from segments.rules.windows import EVER

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter
    from segments.rules.conditions.event import EventCondition, Follow


def event_sql(condition: EventCondition, to: SqlWriter) -> str:
    """Return the condition as a boolean expression over the contact `c`."""
    one = condition.asks_for_one()
    if to.whole and one is None:
        return _grouped(condition, to)
    event = to.alias("e")
    matching = f"FROM event {event} WHERE {_matching(condition, event, to)}"
    if one is not None:  # whether there is one at all is asked without counting
        return f"{'' if one else 'NOT '}{to.exists(f'SELECT {matching}')}"
    figure, wanted = _figure(condition, event, to)
    compared = f"{figure} {COMPARE[condition.op]} {wanted}"
    # Without a number to compare there is no lowest, highest or average: that is not fulfilled.
    return f"coalesce((SELECT {compared} {matching}), false)"


def _kind(condition: EventCondition) -> str:
    """Which figure is compared."""
    measure = condition.measure
    return "count" if measure == "count" else measure.figure[0]


def _figure(condition: EventCondition, event: str, to: SqlWriter) -> tuple[str, str]:
    """Return the figure as an aggregate over `event`, and what it is compared with."""
    wanted = to.value(str(condition.value), "numeric")  # as text: 0.1 is a tenth
    if condition.measure == "count":
        return "count(*)", wanted
    kind, path = condition.measure.figure
    found = "".join(f"->{to.value(name, 'text')}" for name in path.split("."))
    root = f"({event}.properties{found})"
    number = f"CASE WHEN jsonb_typeof({root}) = 'number' THEN {root}::numeric END"
    if kind == "sum":
        return f"coalesce(sum({number}), 0)", wanted
    if kind == "avg":
        # Multiplied out, so that no division rounds what the evaluator keeps exact.
        return f"sum({number})", f"{wanted} * count({number})"
    return f"{kind}({number})", wanted


def _grouped(condition: EventCondition, to: SqlWriter) -> str:
    """All contacts at once: the events are added up in one pass, and not contact by contact."""
    event = to.alias("e")
    figure, wanted = _figure(condition, event, to)
    matching = _matching(condition, event, to, correlated=False)
    return grouped_sql(
        f"SELECT {event}.contact_id FROM event {event} WHERE {matching} "
        f"GROUP BY {event}.contact_id",
        f"{figure} {COMPARE[condition.op]} {wanted}",
        of_none=_kind(condition) in ("count", "sum")
        and compares(condition.op, Fraction(0), number_of(condition.value)),
    )


def _matching(
    condition: EventCondition, event: str, to: SqlWriter, *, correlated: bool = True
) -> str:
    text = (
        f"{_of_contact(event, condition.name, to, owner='c' if correlated else None)} "
        f"AND {event}.at <= {to.now()}"
        f"{condition.window.sql(f'{event}.at', to)}"
        f"{where_sql(condition.where, f'{event}.properties', to)}"
    )
    follows = ((condition.followed_by, ""), (condition.not_followed_by, "NOT "))
    for follow, negation in follows:
        if follow:
            text += f" AND {negation}EXISTS ({_follow_sql(follow, event, to)})"
    return text


def event_edges(condition: EventCondition, to: SqlWriter) -> Iterator[str]:
    """Instants in properties, where a condition on them is relative to now.

    In a flow also the window's edges over the events, and events that are still to come.
    """
    follows = [follow for follow in (condition.followed_by, condition.not_followed_by) if follow]
    asked = [(condition.name, condition.where, condition.window)]
    for names, where, window in [*asked, *((f.name, f.where, EVER) for f in follows)]:
        event = to.alias("e")
        at = f"{event}.at"
        instants = [
            instant for part in where for instant in part.next_edges(f"{event}.properties", to)
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
