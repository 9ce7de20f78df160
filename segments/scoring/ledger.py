"""What the pulse calls: points for events, for rules that turn true and false, and decay.

Each is a fixed number of statements for any number of contacts, in the caller's transaction, which
holds the lanes. Each ends by bringing the scores up to the ledger and touching whom it concerns, so
that segments and flows that look at scores follow in the same pulse.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from django.db import connection
from pydantic import TypeAdapter, ValidationError

from common.arrays import instant_array, int_array, text_array
from common.clock import canonical
from common.durations import parse_duration
from common.sql import queries
from segments.rules.base import ANY_ACTIVITY
from segments.rules.properties import PropertyCondition, Where
from segments.rules.values import zone_of
from segments.scoring.terms import WEEK, faded, span_of

SQL: Final = queries("segments", "scoring")

MOST_FADING: Final = 10_000
"""How many awards fade in one step; the rest in the next pulse, at once."""
SYSTEM_KEY: Final = "score:"
"""The keys of the segments behind rule-kind score rules begin so; no person's can."""

Row = tuple[int, int, Decimal, datetime]
"""An entry that was written: lane, contact id, change of score, instant."""


class TouchLike(Protocol):
    """What is needed of a touch that the pulse has taken."""

    @property
    def lane(self) -> int:
        """The contact's lane."""

    @property
    def contact_id(self) -> int:
        """Of whom."""

    @property
    def kind(self) -> str:
        """What changed: `event`, `score`, `segment` and so on."""

    @property
    def name(self) -> str:
        """Which of that kind: the event's name, the segment's key."""

    @property
    def event_id(self) -> int | None:
        """The event, if one happened."""

    @property
    def detail(self) -> Mapping[str, Any] | None:
        """What else is known."""

    @property
    def at(self) -> datetime | None:
        """When the event happened."""

    @property
    def properties(self) -> Mapping[str, Any] | None:
        """The event's properties."""


class ChangeLike(Protocol):
    """What is needed of a join or a leave."""

    @property
    def lane(self) -> int:
        """The contact's lane."""

    @property
    def contact_id(self) -> int:
        """Who."""

    @property
    def key(self) -> str:
        """The segment."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """An event-kind rule as it is put to use."""

    id: int
    edition: int
    event: str
    where: tuple[PropertyCondition, ...]
    points: Decimal
    decay: Decimal | None
    times: int | None
    per: timedelta | None


def system_key(rule_id: int) -> str:
    """Return the key of the segment behind a rule-kind score rule.

    Examples
    --------
    >>> system_key(7)
    'score:7'
    """
    return f"{SYSTEM_KEY}{rule_id}"


def of_kind(kind: str) -> str:
    """Return the condition by which the index on the awards of rules of this kind is used."""
    return {
        "event": "w.event_id IS NOT NULL",
        "rule": "w.event_id IS NULL AND NOT w.surplus",
    }[kind]


# ── the three doors ─────────────────────────────────────────────────────────────────────────────


def score_events(touches: Sequence[TouchLike], *, now: datetime, zone: str | ZoneInfo) -> None:
    """Give points for the events among these touches, each event once for each rule.

    Parameters
    ----------
    touches
        What the pulse has taken, in any order; what is no event is passed over.
    now
        The instant of the pulse.
    zone
        The workspace's time zone, on whose days limits count.
    """
    joined = {
        (touch.lane, touch.contact_id)
        for touch in touches
        if touch.kind == "score" and touch.detail and touch.detail.get("change") == "merged"
    }
    happened = [touch for touch in touches if touch.kind == "event" and touch.event_id is not None]
    written = _award(happened, now=now, zone=zone_of(zone)) if happened else []
    if joined:
        written += rows_written("settle_joined", {**_contacts(joined)})
    scores_apply(written, now=now)


def score_changes(
    touches: Iterable[TouchLike], changes: Iterable[ChangeLike], *, now: datetime
) -> None:
    """Give points to whom score rules have turned true of, and take them from whom false.

    It goes by how things stand, not by what the changes say: twice is as good as once.

    Parameters
    ----------
    touches
        What the pulse has taken: builds and joined contacts speak of segments by touches.
    changes
        The joins and leaves of this refresh.
    """
    asked = {
        (touch.lane, touch.contact_id, touch.name)
        for touch in touches
        if touch.kind == "segment" and touch.name.startswith(SYSTEM_KEY)
    }
    asked |= {
        (change.lane, change.contact_id, change.key)
        for change in changes
        if change.key.startswith(SYSTEM_KEY)
    }
    if not asked:
        return
    rows = sorted((lane, one, int(key[len(SYSTEM_KEY) :])) for lane, one, key in asked)
    params = {
        "lanes": int_array(row[0] for row in rows),
        "contacts": int_array(row[1] for row in rows),
        "rules": int_array(row[2] for row in rows),
    }
    scores_apply(settled("asked_contacts", params, now=now), now=now)


def score_decay(lanes: Sequence[int], *, now: datetime) -> bool:
    """Take from awards what decay takes up to now, each step at its own instant.

    Returns
    -------
    bool
        Whether more is due than one step does.
    """
    return _fade({"lanes": int_array(lanes), "contacts": None}, now=now)


def lanes_decaying(lanes: Sequence[int], *, now: datetime) -> list[int]:
    """Return in which of these lanes something is due to fade."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["lanes_decaying"], {"lanes": int_array(lanes), "now": now})
        return [row[0] for row in cursor.fetchall()]


# ── their work ──────────────────────────────────────────────────────────────────────────────────


def _award(happened: Sequence[TouchLike], *, now: datetime, zone: ZoneInfo) -> list[Row]:
    rules = _event_rules()
    if not rules:
        return []
    wanted = [
        (touch, rule)
        for touch in happened
        for name in (touch.name, ANY_ACTIVITY)
        for rule in rules.get(name, ())
        if touch.at is not None and _fits(rule, touch)
    ]
    if not wanted:
        return []
    dated = [(touch, rule, touch.at) for touch, rule in wanted if touch.at is not None]
    nexts = [at + WEEK if rule.decay is not None else None for _, rule, at in dated]
    params = {
        "lanes": int_array(touch.lane for touch, _, _ in dated),
        "contacts": int_array(touch.contact_id for touch, _, _ in dated),
        "rules": int_array(rule.id for _, rule, _ in dated),
        "editions": int_array(rule.edition for _, rule, _ in dated),
        "events": int_array(touch.event_id or 0 for touch, _, _ in dated),
        "ats": instant_array(at for _, _, at in dated),
        "points": text_array(str(rule.points) for _, rule, _ in dated),
        "decays": text_array(_text(rule.decay) for _, rule, _ in dated),
        "nexts": instant_array(nexts),
        "spans": text_array(
            str(span_of(at, rule.per, zone)) if rule.per else None for _, rule, at in dated
        ),
        "mosts": text_array(_text(rule.times) for _, rule, _ in dated),
        "activities": text_array(
            "true" if rule.event == ANY_ACTIVITY else "false" for _, rule, _ in dated
        ),
    }
    written = rows_written("award_events", params)
    overdue = {
        (touch.lane, touch.contact_id)
        for (touch, _, _), due in zip(dated, nexts, strict=True)
        if due is not None and due <= now
    }
    if overdue:
        # What came late has faded already: nobody joins a segment by points that are gone.
        scores_apply(written, now=now)
        while _fade(_contacts(overdue), now=now):
            pass
        return []
    return written


def _fits(rule: EventRule, touch: TouchLike) -> bool:
    properties = touch.properties or {}
    return all(condition.holds(properties, touch.at) for condition in rule.where)


def _event_rules() -> dict[str, list[EventRule]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["event_rules"])
        rows = cursor.fetchall()
    found: dict[str, list[EventRule]] = {}
    for rule_id, edition, event, conditions, points, decay, times, per in rows:
        where = _where(conditions if isinstance(conditions, str) else json.dumps(conditions))
        if where is not None:
            span = parse_duration(per) if per else None
            rule = EventRule(rule_id, edition, event, where, points, decay, times, span)
            found.setdefault(event, []).append(rule)
    return found


@lru_cache(maxsize=1_000)
def _where(conditions: str) -> tuple[PropertyCondition, ...] | None:
    """Property conditions as they are put to use; None for broken ones, which no event fulfils."""
    try:
        where = _WHERE.validate_json(conditions)
    except ValidationError:
        return None
    return None if any(fault for one in where for fault in one.faults()) else where


_WHERE: Final[TypeAdapter[tuple[PropertyCondition, ...]]] = TypeAdapter(Where)


def settled(asked: str, params: Mapping[str, Any], *, now: datetime) -> list[Row]:
    """Bring what rule-kind rules gave in line with whom they are true of; return what changed.

    Parameters
    ----------
    asked
        The piece that yields who and which rule: `asked_contacts`, `asked_lanes`.
    params
        The piece's.
    """
    given = {**params, "now": now, "in_a_week": now + WEEK}
    return [
        row
        for query in ("settle_taking", "settle_giving")
        for row in rows_written(query, given, asked=SQL[asked])
    ]


def _fade(which: Mapping[str, Any], *, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(SQL["decays_due"], {**which, "now": now, "most": MOST_FADING})
        due = cursor.fetchall()
        if not due:
            return False
        fadings = [faded(row[4], row[5], row[6], now=now) for row in due]
        cursor.execute(
            SQL["fade_awards"],
            {
                "ids": int_array(row[0] for row in due),
                "lanes": int_array(row[1] for row in due),
                "remaining": text_array(str(fading.remaining) for fading in fadings),
                "nexts": instant_array(fading.next_at for fading in fadings),
            },
        )
        steps = [
            (row, at, delta)
            for row, fading in zip(due, fadings, strict=True)
            for at, delta in fading.steps
        ]
        cursor.execute(
            SQL["write_decays"],
            {
                "lanes": int_array(row[1] for row, _, _ in steps),
                "contacts": int_array(row[2] for row, _, _ in steps),
                "deltas": text_array(str(delta) for _, _, delta in steps),
                "ats": instant_array(at for _, at, _ in steps),
                "rules": int_array(row[3] for row, _, _ in steps),
                "awards": int_array(row[0] for row, _, _ in steps),
            },
        )
    scores_apply([(row[1], row[2], delta, at) for row, at, delta in steps], now=now)
    return len(due) == MOST_FADING


def scores_apply(written: Sequence[Row], *, now: datetime) -> None:
    """Bring contacts' scores up to entries that were written, and touch whom they concern.

    A score has its value since the instant of the latest entry, whenever that came to be written.
    """
    if not written:
        return
    sums: dict[tuple[int, int], tuple[Decimal, datetime]] = {}
    for lane, contact_id, delta, at in written:
        total, latest = sums.get((lane, contact_id), (Decimal(0), at))
        sums[lane, contact_id] = (total + Decimal(str(delta)), max(latest, at))
    keys = sorted(sums, key=lambda key: key[1])
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_scores"], _contacts(keys))
        cursor.execute(
            SQL["change_scores"],
            {
                **_contacts(keys),
                "deltas": text_array(str(sums[key][0]) for key in keys),
                "sinces": text_array(canonical(sums[key][1]) for key in keys),
                # What is dated ahead is looked at again at its own instant.
                "ats": instant_array(max(sums[key][1], now) for key in keys),
            },
        )


def _contacts(contacts: Iterable[tuple[int, int]]) -> dict[str, str]:
    rows = list(contacts)
    return {
        "lanes": int_array(lane for lane, _ in rows),
        "contacts": int_array(contact_id for _, contact_id in rows),
    }


def rows_written(query: str, params: Mapping[str, Any], **pieces: str) -> list[Row]:
    """Run one of the statements that write entries, and return these."""
    statement = SQL[query]
    for name, text in pieces.items():
        statement = statement.replace(f"{{{name}}}", text)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [(lane, one, Decimal(str(delta)), at) for lane, one, delta, at in cursor.fetchall()]


def _text(value: Decimal | int | None) -> str | None:
    return None if value is None else str(value)
