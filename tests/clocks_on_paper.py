"""Dates and one-off sends on paper: whom the clock lets in, and when.

Part of `tests.flows_on_paper`. A date comes once for each value it has, or each year; a one-off
send is of who is there when it goes out, each person once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.clock import parse_instant
from common.durations import parse_offset

if TYPE_CHECKING:
    from tests.flows_on_paper import Paper
    from tests.people_on_paper import Flow, Person

LEAP_DAY = (2, 29)


@dataclass
class Clock:
    """A trigger that goes by the clock, as the versions of a flow have it in common.

    Attributes
    ----------
    terms
        What makes it another than before.
    since
        For a date, the publishing: what was past then does not count; for a one-off send, when.
    came
        When each person's date last let them in, or would have.
    asked
        How each person stood when the one-off send went out: "in", "barred", or not there ("").
    chosen
        Whom the one-off send goes to, once everybody has been asked and is not yet let in.
    """

    terms: tuple[Any, ...]
    since: datetime
    came: dict[int, datetime] = field(default_factory=dict)
    asked: dict[int, str] = field(default_factory=dict)
    chosen: set[int] | None = None


def publish(flow: Flow, now: datetime) -> None:
    """What is the same as before goes on; another date begins anew, another instant sends anew."""
    before, flow.clocks = flow.clocks, {}
    for node, kind, config in flow.version.triggers:
        if kind == "date":
            terms: tuple[Any, ...] = (
                kind,
                config["field"],
                config.get("offset"),
                config.get("repeat", "never"),
            )
            known = before.get(node)
            same = known is not None and known.terms == terms
            flow.clocks[node] = known if known and same else Clock(terms, now)
        elif kind == "once":
            at = parse_instant(config["at"]) if config.get("at") else None
            terms = (kind, at)
            clock = flow.sends.get((node, at)) or Clock(terms, at or now)
            flow.clocks[node] = flow.sends[node, at] = clock
    for node, clock in before.items():
        if clock.terms[0] == "once" and flow.clocks.get(node) is not clock:
            if clock.since > now:
                del flow.sends[node, clock.terms[1]]  # it had not begun, so it may be set anew
            else:
                clock.chosen = set()


def let_in(paper: Paper, person: Person, now: datetime) -> list[tuple[datetime, Flow, str]]:
    """Whom the clock lets in now: the instant, the flow, the trigger."""
    found = []
    for flow in paper.running():
        for node, clock in flow.clocks.items() if flow.status == "live" else ():
            config = flow.version.nodes[node][1]
            if clock.terms[0] == "date":
                at = _date_came(person, clock, config, now)
            else:
                at = _sent(paper, person, clock, config, now)
            if at is not None:
                found.append((at, flow, node))
    return sorted(found, key=lambda one: one[0])


def _date_came(
    person: Person, clock: Clock, config: Mapping[str, Any], now: datetime
) -> datetime | None:
    """The first instant that has come since it was last looked at, of the date as it is now."""
    value, told = person.fields.get(config["field"]), person.told.get(config["field"])
    since = max(one for one in (clock.since, told, clock.came.get(person.id)) if one)
    came = [at for at in _instants(value, config, now.year + 1) if since < at <= now]
    if came:
        clock.came[person.id] = now
    return min(came, default=None)


def _instants(value: Any, config: Mapping[str, Any], last: int) -> Sequence[datetime]:
    """Every instant of a date: its own, or one for each year."""
    if value is None:
        return []
    date = parse_instant(value).astimezone(UTC)
    years = range(date.year, last + 1) if config.get("repeat") == "yearly" else [date.year]
    shift = parse_offset(config["offset"]) if config.get("offset") else date - date
    found = []
    for year in years:
        is_common = year % 4 or (year % 100 == 0 and year % 400)
        is_missing = is_common and (date.month, date.day) == LEAP_DAY
        found.append(date.replace(year=year, day=28 if is_missing else date.day) + shift)
    return found


def _sent(
    paper: Paper, person: Person, clock: Clock, config: Mapping[str, Any], now: datetime
) -> datetime | None:
    """The instant of the send, if it goes to this person and has not been seen to."""
    if clock.since > now:
        return None
    if clock.chosen is None:
        clock.asked.setdefault(person.id, _standing(person, config))
        if clock.asked.keys() >= paper.people.keys():
            clock.chosen = _chosen(paper, clock.asked)
    if clock.chosen is None or person.id not in clock.chosen:
        return None
    clock.chosen.remove(person.id)
    return clock.since


def _standing(person: Person, config: Mapping[str, Any]) -> str:
    if any(person.stand(key).member for key in config.get("exclude", ())):
        return "barred"
    return "in" if any(person.stand(key).member for key in config["segments"]) else ""


def _chosen(paper: Paper, asked: Mapping[int, str]) -> set[int]:
    """One of each person's contacts: who can be reached, was seen last, is older."""
    persons: dict[str, list[Person]] = {}
    for number in sorted(asked):
        person = paper.people.get(number)
        if person is not None and asked[number]:
            address = str(person.fields.get("email") or "").strip().lower()
            persons.setdefault(address or f"nobody else than {number}", []).append(person)
    chosen = set()
    for contacts in persons.values():
        if all(asked[one.id] != "barred" for one in contacts):
            best = min(contacts, key=lambda one: (not one.is_reachable, -_seen(one), one.id))
            chosen.add(best.id)
    return chosen


def _seen(person: Person) -> float:
    return max((event.at.timestamp() for event in person.events), default=0)
