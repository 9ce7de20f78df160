"""What each kind of step does to one contact who stands at it, as flows.md says it.

Part of `tests.flows_on_paper`; shares no code with `flows.nodes`. A step is asked when somebody
arrives at it and whenever they may go on, and answers by an `Answer`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from operator import floordiv, mod
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from common.clock import parse_instant
from common.durations import parse_duration, parse_offset
from tests import mails_on_paper
from tests.people_on_paper import TRIGGERS

if TYPE_CHECKING:
    from tests.flows_on_paper import Paper
    from tests.people_on_paper import Person, Way

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WAITS = frozenset({"wait", "wait_until", "wait_date", "wait_for", "webhook"})
ZONES = available_timezones()
TEXTS: Mapping[Any, tuple[Callable[[float, float], float], str]] = {
    "{{ 6 | divided_by: size }}": (floordiv, "Line …: divided_by: can't divide by …"),
    "{{ 6 | modulo: size }}": (mod, "Line …: modulo: can't divide by …"),
}
"""What these texts come to, and of what kind the failure is where the size is 0."""


@dataclass(frozen=True)
class Answer:
    """What becomes of who stands at a step: leaves by `branch`, rests `until`, or is out."""

    branch: str | None = None
    until: datetime | None = None
    out: str = ""
    reason: str = ""
    fails: str = ""
    """Of what kind the failure is that parks who stands here."""


def ask(paper: Paper, person: Person, way: Way, now: datetime) -> Answer:
    """Ask the step at which a visit stands; what it does to the person is done by this."""
    kind, config = way.version.nodes[way.node]
    if kind in TRIGGERS:
        return Answer("next")
    if kind in WAITS:
        return _wait(paper, person, way, now)
    if kind in ("condition", "switch", "split"):
        return Answer(_choice(paper, person, way, now))
    if kind == "goal":
        return Answer(out="converted", reason="reached the goal")
    if kind == "exit":
        return Answer(out="exited", reason=config.get("reason") or "came to an exit")
    if kind == "update_fields":
        return _fields_updated(paper, person, config, now)
    _act(paper, person, way, now)
    return Answer("next")


def listens_to(kind: str, config: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """The rule, and the fields, whose change may end a rest at this step."""
    if kind == "wait_for":
        return config["rule"], ()
    if kind == "wait_date":
        return None, (config["field"],)
    if kind == "wait_until" and config.get("timezone", "contact") == "contact":
        return None, ("timezone",)
    return None, ()


# ── waits ───────────────────────────────────────────────────────────────────────────────────────


def _wait(paper: Paper, person: Person, way: Way, now: datetime) -> Answer:
    kind, config = way.version.nodes[way.node]
    if kind == "wait_for":
        if paper.is_true(config["rule"], person, now, way):
            return Answer("matched")
        return _until(way.arrived_at + parse_duration(config["timeout"]), now, "timeout")
    if kind == "wait_date":
        value = person.fields.get(config["field"])
        if not isinstance(value, str):
            return Answer("passed")
        deadline = parse_instant(value)
        if config.get("offset"):
            deadline += parse_offset(config["offset"])
        return Answer("passed") if deadline <= way.arrived_at else _until(deadline, now, "next")
    if kind == "wait_until":
        return _until(_clock(paper, person, config, way.arrived_at), now, "next")
    return _until(way.arrived_at + parse_duration(config["for"]), now, "next")


def _until(deadline: datetime, now: datetime, branch: str) -> Answer:
    return Answer(branch) if deadline <= now else Answer(until=deadline)


def _clock(paper: Paper, person: Person, config: Mapping[str, Any], after: datetime) -> datetime:
    """The first moment, from `after` on, at which the clock on the wall says so."""
    name = config.get("timezone", "contact")
    if name == "contact":
        name = person.fields.get("timezone")
    zone = ZoneInfo(name if name in ZONES else paper.zone)
    days = config.get("weekdays") or DAYS
    first, last = config.get("between") or (config["time"], config["time"])
    today = after.astimezone(zone).date()
    moments = []
    for day in (today + timedelta(days=n) for n in range(-1, 16)):
        if DAYS[day.weekday()] in days:
            opens = datetime.combine(day, _time(first), zone).astimezone(UTC)
            over = day if _time(last) > _time(first) else day + timedelta(days=1)
            closes = datetime.combine(over, _time(last), zone).astimezone(UTC)
            is_inside = first != last and opens <= after < closes
            moments += [after] if is_inside else [opens] if opens >= after else []
    return min(moments)


def _time(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


# ── conditions ──────────────────────────────────────────────────────────────────────────────────


def _choice(paper: Paper, person: Person, way: Way, now: datetime) -> str:
    kind, config = way.version.nodes[way.node]
    if kind == "condition":
        return "yes" if paper.is_true(config["rule"], person, now, way) else "no"
    if kind == "switch":
        for case in config["cases"]:
            if paper.is_true(case["rule"], person, now, way):
                return str(case["branch"])
        return "else"
    # The same contact always goes the same way: a number in [0, 100) made of who and where.
    made_of = f"{way.flow.id}/{way.node}/{person.id}".encode()
    digits = hashlib.blake2b(made_of, digest_size=8).digest()
    place = (int.from_bytes(digits, "big") >> 11) / 2**53 * 100
    for share in config["branches"]:
        if place < share["weight"]:
            return str(share["branch"])
        place -= share["weight"]
    return str(config["branches"][-1]["branch"])


# ── actions ─────────────────────────────────────────────────────────────────────────────────────


def _fields_updated(
    paper: Paper, person: Person, config: Mapping[str, Any], now: datetime
) -> Answer:
    """All of them, or none where one of the texts fails."""
    values = dict(config.get("set", {}))
    for key, value in values.items():
        if value in TEXTS:
            work, kind = TEXTS[value]
            if not person.fields["size"]:
                return Answer(fails=kind)
            values[key] = str(int(work(6, person.fields["size"])))
    paper.set_fields(person, values, config.get("unset", ()), now=now)
    return Answer("next")


def _act(paper: Paper, person: Person, way: Way, now: datetime) -> None:
    kind, config = way.version.nodes[way.node]
    if kind == "send_email":
        mails_on_paper.queue(paper, person, way, config, now)
    elif kind == "adjust_score":
        paper.adjust_score(person, config["by"], now=now)
    elif kind in ("add_to_segment", "remove_from_segment"):
        change = "add" if kind == "add_to_segment" else "remove"
        paper.by_hand(person, config["segment"], change, now=now)
    elif kind in ("add_to_flow", "remove_from_flow"):
        paper.ask_flow(person, config["flow"], "add" if kind == "add_to_flow" else "remove")
    elif kind == "set_consent":
        paper.set_consent(person, config["topic"], config.get("state", "subscribed"))
    elif kind == "record_event":
        paper.happen(person, config["name"], config.get("properties", {}), at=now)
    else:
        raise NotImplementedError(f"nobody has said on paper what {kind} does")
