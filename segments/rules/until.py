"""Until when a rule, and each part of it, keeps its answer if nothing but time happens. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge
from itertools import groupby
from zoneinfo import ZoneInfo

from segments.rules.base import Check, Group, Rule
from segments.rules.checking import problems_of
from segments.rules.turning import Turn
from segments.rules.values import ContactData, View, VisitData, zone_of


def rule_turns(rule: Rule, view: View) -> Iterator[Mapping[str, Turn]]:
    """Yield what turns at each instant after now: the parts of a rule by their places ("": all).

    The turns of the single conditions are merged in order; at each, the groups above are combined
    anew. Where it is not known what one of them does next, that is said last (`is_true` None).
    """
    parts = dict(_parts(rule, ""))
    singles = {place: part for place, part in parts.items() if not isinstance(part, Group)}
    answers = {place: part.holds(view) for place, part in singles.items()}
    _combine(rule, "", answers)
    streams = [_placed(place, part.turns(view)) for place, part in singles.items()]
    for _, there in groupby(merge(*streams, key=_instant), key=_instant):
        turned = dict(there)
        unknown = next((turn for turn in turned.values() if turn.is_true is None), None)
        if unknown:
            yield {"": unknown}
            return
        before = dict(answers)
        answers |= {place: bool(turn.is_true) for place, turn in turned.items()}
        _combine(rule, "", answers)
        yield {
            place: _turn_of(place, answers[place], turned)
            for place in parts
            if answers[place] is not before[place]
        }


def first_turns(rule: Rule, view: View) -> dict[str, Turn]:
    """Return the next turn of each part of a rule that has one, by its place ("": all of it)."""
    first: dict[str, Turn] = {}
    waiting = {place for place, _ in _parts(rule, "")}
    for turned in rule_turns(rule, view):
        for place, turn in turned.items():
            if turn.is_true is not None:
                first.setdefault(place, turn)
        if waiting == first.keys():
            break
    return first


def until(
    rule: Rule,
    contact: ContactData,
    *,
    now: datetime,
    zone: str | ZoneInfo,
    fields: Mapping[str, str],
    visit: VisitData | None = None,
) -> datetime | None:
    """Return the next instant at which time alone changes a rule's answer; None for never.

    Exact, to the microsecond, for what is known of the contact now. "Never" is also said of what is
    farther than `turning.FARTHEST`, and where a condition has more than `turning.MOST_MOMENTS`
    instants to be asked at.

    Examples
    --------
    >>> from datetime import UTC
    >>> from segments.rules import parse
    >>> asked = {"type": "field", "field": "last_seen_at", "op": "in_last", "value": "P7D"}
    >>> lea = ContactData(id=1, fields={"last_seen_at": "2026-05-14T09:30:00Z"})
    >>> at = datetime(2026, 5, 18, tzinfo=UTC)
    >>> str(until(parse(asked, fields={}), lea, now=at, zone="UTC", fields={}))
    '2026-05-21 09:30:00+00:00'
    """
    if problems_of(rule, Check(fields, visit is not None)):
        return None
    view = View(contact, now, zone_of(zone), fields, visit)
    turn = next((turned[""] for turned in rule_turns(rule, view) if "" in turned), None)
    return None if turn is None or turn.is_true is None else turn.at


def _parts(rule: Rule, place: str) -> Iterator[tuple[str, Rule]]:
    yield place, rule
    for name, part in rule.parts():
        yield from _parts(part, f"{place}.{name}" if place else name)


def _placed(place: str, turns: Iterator[Turn]) -> Iterator[tuple[str, Turn]]:
    for turn in turns:
        yield place, turn


def _instant(placed: tuple[str, Turn]) -> datetime:
    return placed[1].at


def _combine(rule: Rule, place: str, answers: dict[str, bool]) -> bool:
    """Fill in the answers of the groups from those of the single conditions."""
    if isinstance(rule, Group):
        places = [(f"{place}.{name}" if place else name, part) for name, part in rule.parts()]
        answers[place] = rule.combined([_combine(part, where, answers) for where, part in places])
    return answers[place]


def _turn_of(place: str, is_true: bool, turned: Mapping[str, Turn]) -> Turn:
    """The turn of a part: by the first single condition in it that turns at the instant."""
    inner = f"{place}." if place else ""
    cause = turned.get(place) or next(
        turn for where, turn in turned.items() if where.startswith(inner)
    )
    return Turn(cause.at, is_true, cause.said)
