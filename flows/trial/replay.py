"""The replay: the engine itself carries a past period through one flow, on a virtual clock.

Runs in a process whose `search_path` is the trial's schema alone, and says nothing to anybody: no
news, no jobs, no mail, no call. The pulses are the engine's own; only the clock, and what comes in,
are the replay's.

The resolution: where little happens, the clock stops at every instant at which anything comes or
falls due, and every instant of the result is exact. Where much happens, it goes in slices: what
comes in a slice is taken in at its end, so instants are late by a slice at most. What happened in a
slice before a wait's end comes before it, and what happened after it comes after, as in life.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from accounts.permissions import Actor
from common import live
from common.arrays import int_array
from common.clock import canonical
from common.durations import parse_duration
from common.lanes import LANES
from contacts.models import BUILTIN_FIELDS
from contacts.services import (
    ConsentChange,
    NewEvent,
    NewTouch,
    consents_set,
    events_record,
    touches_write,
)
from flows.engine.book import Book
from flows.engine.pulse import pulse
from flows.lives import flow_publish
from flows.models import Flow
from flows.selectors import counts_of
from flows.trial.period import (
    MARKETING,
    Concern,
    Period,
    concern_of,
    feed_make,
    instant_said,
    period_copy,
)
from flows.trial.schema import SQL, schema_index, schema_make
from segments.catalogue import catalogue
from segments.edges import edges_passed, lanes_tick
from segments.refresh import lanes_refresh

ALL_LANES: Final = list(range(LANES))
FINE: Final = 3
"""So many instants of a slice are stopped at one by one."""
INSTANT: Final = timedelta(microseconds=1)
EXACT: Final = timedelta(seconds=1)
"""So exactly the passing of a window's edge is found where nothing else happens."""
SLICES: Final = 2_000
"""A replay is cut into at most about so many slices, if nothing else is asked for."""
TIDY: Final = 100
"""After so many slices the tables are vacuumed."""
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=2)
TRIAL: Final = Actor("backtest")

Say = Callable[[float], None]


@dataclass(frozen=True)
class Asked:
    """What is replayed: a flow as it is drawn, on a period.

    Attributes
    ----------
    flow
        id, key and name of the flow.
    resolution
        How long a slice is; None: by the period.
    """

    schema: str
    period: Period
    flow: Mapping[str, Any]
    graph: Mapping[str, Any]
    settings: Mapping[str, Any]
    zone: str = "UTC"
    resolution: timedelta | None = None


@dataclass
class Outcome:
    """What came of a replay; `result` is as the API shows it."""

    result: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


def replay(asked: Asked, *, say: Say, ticks: Callable[[], float]) -> Outcome:
    """Make the schema, copy the period, let the engine work through it, and count.

    Parameters
    ----------
    say
        Told how far it has come, from 0 to 1.
    ticks
        A clock for the figures (seconds).
    """
    live.mute()
    clock = _Stopwatch(ticks)
    period = asked.period
    schema_make(asked.schema, source=period.source)
    clock.lap("structure")
    concern = _concern(asked)
    notes = period_copy(period, concern, own=f"flow:{asked.flow['key']}")
    clock.lap("copying")
    schema_index(asked.schema, source=period.source)
    feed_make(period, concern)
    if f"event:{MARKETING}" not in concern.keys:
        with connection.cursor() as cursor:
            cursor.execute(SQL["sent_at_once"])
    clock.lap("indexes")
    _members_at_start(period.begins)
    clock.lap("memberships")
    _flow_live(asked)
    say(0.0)
    run = _Replay(asked, concern)
    run.all(say)
    clock.lap("pulses")
    outcome = Outcome(_result(asked), [*notes, *_notes(asked, concern, run)], clock.laps)
    outcome.figures |= {"slices": run.slices, "pulsed": run.pulses}
    clock.lap("counting")
    return outcome


class _Stopwatch:
    def __init__(self, ticks: Callable[[], float]) -> None:
        self.ticks = ticks
        self.begun = ticks()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = self.ticks()
        self.laps[name] = round(now - self.begun, 3)
        self.begun = now


def _concern(asked: Asked) -> Concern:
    source = asked.period.source
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, rule::text FROM {source}.segment")
        rules = {key: json.loads(rule) if rule else None for key, rule in cursor.fetchall()}
        cursor.execute(f"SELECT key, type FROM {source}.field")
        fields = {**BUILTIN_FIELDS, **dict(cursor.fetchall())}
    return concern_of(asked.graph, asked.settings, rules=rules, fields=fields)


def _members_at_start(now: datetime) -> None:
    """Who is in the segments at the start; that sets nothing off."""
    book = catalogue()
    for generation in book.generations:
        for segment_id in generation:
            lanes_refresh(book, book.segments[segment_id], lanes=ALL_LANES, now=now)
    lanes_tick(book, ALL_LANES, now=now)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE membership_change, segment_day, touch")
        cursor.execute("ANALYZE membership")


def _flow_live(asked: Asked) -> None:
    """The one flow that lives in the trial. Others are there by name, so that it may name them."""
    period = asked.period
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, key, name FROM {period.source}.flow WHERE status <> 'archived'")
        others = [row for row in cursor.fetchall() if row[0] != asked.flow["id"]]
    Flow.objects.bulk_create(
        Flow(
            id=flow_id,
            key=key,
            name=name,
            created_at=period.begins,
            updated_at=period.begins,
        )
        for flow_id, key, name in others
    )
    Flow.objects.create(
        **asked.flow,
        graph=asked.graph,
        settings=asked.settings,
        created_at=period.begins,
        updated_at=period.begins,
    )
    flow_publish(asked.flow["key"], actor=TRIAL, now=period.begins)


class _Replay:
    """The virtual clock, and what comes in."""

    def __init__(self, asked: Asked, concern: Concern) -> None:
        self.asked = asked
        self.concern = concern
        self.now = asked.period.begins
        self.ends = asked.period.ends
        self.slice = asked.resolution or _slice_of(asked)
        self.begins = instant_said(asked.period.begins)
        self.book: Book | None = None
        self.slices = 0
        self.pulses = 0
        self.coarse = False
        self.quiet = bool(asked.settings.get("quiet_hours"))
        self.calls = any(
            node.get("type") in ("webhook", "slack") for node in asked.graph.get("nodes", ())
        )

    def all(self, say: Say) -> None:
        """Go through the period, slice after slice."""
        begun, span = self.now, self.ends - self.now
        self._settle()
        while self.now < self.ends:
            self._slice()
            self.slices += 1
            if self.slices % 20 == 0:
                say((self.now - begun) / span)
            if self.slices % TIDY == 0:
                _tidy()

    def _slice(self) -> None:
        """Go on: to the next moment at which anything happens, or by a slice where much does."""
        upto = min(self.now + self.slice, self.ends)
        coming = self._next_events()
        due = self._next_due()
        first = min([at for at in (*coming[:1], due) if at is not None], default=self.ends)
        if first > upto:
            self._go(self._quiet_until(min(first, self.ends)))
        elif sum(at <= upto for at in coming) <= FINE:
            self._go(max(first, self.now + INSTANT))
        else:
            self.coarse = True
            self._go(upto)

    def _quiet_until(self, moment: datetime) -> datetime:
        """Where nothing comes: the moment itself, or about when the edge of a window passes."""
        book = catalogue()
        if not book.moved_by_time() or not self._passed(moment):
            return moment
        quiet, passed = self.now, moment
        while passed - quiet > EXACT:
            middle = quiet + (passed - quiet) / 2
            if self._passed(middle):
                passed = middle
            else:
                quiet = middle
        return passed

    def _passed(self, moment: datetime) -> bool:
        return edges_passed(catalogue(), lanes=ALL_LANES, now=moment).found

    def _go(self, moment: datetime) -> None:
        """Bring the clock to a moment: what has come up to it comes in, and the engine works."""
        if self.quiet:
            # What waited for the end of quiet hours has gone out before anything more happens.
            self._sent(moment - INSTANT)
        after, self.now = self.now, moment
        with connection.cursor() as cursor:
            at = {"after": after, "upto": moment}
            cursor.execute(SQL["feed_slice"], at)
            rows = cursor.fetchall()
            if rows:
                self._feed(cursor, rows)
            cursor.execute(SQL["touch_events"].format(begins=self.begins), at)
            (late,) = cursor.fetchone() or (0,)
            if self.concern.last_seen:
                cursor.execute(SQL["seen_in_slice"].format(begins=self.begins), at)
                self._touch("field", "last_seen_at", cursor.fetchall())
        self._settle()
        if late:
            with connection.cursor() as cursor:
                cursor.execute(SQL["touch_late"])
            self._settle()

    def _settle(self) -> None:
        """Work until there is nothing to do at this instant."""
        while True:
            tally, _changed, self.book = pulse(self.book, now=self.now, zone=self.asked.zone)
            self.pulses += 1
            sent = self._sent(self.now) if tally.messages else False
            called = self._called() if self.calls else False
            if not (tally.more or sent or called):
                return

    def _sent(self, upto: datetime) -> bool:
        """What is due is taken to be sent; whether that has touched anybody."""
        with connection.cursor() as cursor:
            cursor.execute(SQL["send_messages"], {"now": upto})
            rows = cursor.fetchall()
        if not rows or f"event:{MARKETING}" not in self.concern.keys:
            return False
        events_record(
            [
                NewEvent(
                    lane,
                    contact_id,
                    MARKETING,
                    self.now,
                    {"message": str(message_id), "flow": flow, "node": node},
                    True,
                )
                for lane, contact_id, message_id, flow, node in rows
            ],
            now=self.now,
        )
        return True

    def _called(self) -> bool:
        """What would have been called is taken to have gone well; whether there was anything."""
        with connection.cursor() as cursor:
            cursor.execute(SQL["end_calls"], {"now": self.now})
            rows = cursor.fetchall()
        self._touch("call", "", [(lane, contact_id) for lane, contact_id, *_ in rows])
        return bool(rows)

    def _touch(self, kind: str, name: str, contacts: Sequence[tuple[int, int]]) -> None:
        if contacts:
            touches_write(
                [NewTouch(lane, contact_id, kind, name, {}) for lane, contact_id in contacts],
                now=self.now,
            )

    def _feed(self, cursor: Any, rows: Sequence[Sequence[Any]]) -> None:
        """What comes besides events is written as it would have been, with its touch."""
        for kind, name, lane, contact_id, text, at in rows:
            value = None if text is None else json.loads(text)
            who: dict[str, Any] = {
                "lane": lane,
                "id": contact_id,
                "name": name,
                "at": at,
                "value": text,
            }
            who["since"] = canonical(at)
            match kind:
                case "new":
                    cursor.execute(SQL["come"], who)
                    self._touch("new", "", [(lane, contact_id)])
                case "field":
                    cursor.execute(SQL["set_field"], who)
                    self._touch("field", name, [(lane, contact_id)])
                case "column":
                    cursor.execute(SQL["set_column"].format(column=name), {**who, "value": value})
                    self._touch("field", name, [(lane, contact_id)])
                case "reach":
                    cursor.execute(SQL["set_reach"].format(column=name), who)
                    self._touch("reach", "", [(lane, contact_id)])
                case "consent":
                    consents_set([ConsentChange(lane, contact_id, name, str(value))], now=self.now)
                case "score":
                    cursor.execute(SQL["add_score"], {**who, "value": value})
                    self._touch("field", "score", [(lane, contact_id)])
                    self._touch("score", "", [(lane, contact_id)])
                case _:
                    self._by_hand(cursor, who, str(value))

    def _by_hand(self, cursor: Any, who: Mapping[str, Any], change: str) -> None:
        cursor.execute(SQL["join"] if change == "entered" else SQL["part"], who)
        if cursor.rowcount:
            touch = NewTouch(who["lane"], who["id"], "segment", who["name"], {"change": change})
            touches_write([touch], now=self.now)

    def _next_events(self) -> list[datetime]:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["next_events"].format(begins=self.begins),
                {"after": self.now, "most": FINE + 1},
            )
            return [at for (at,) in cursor.fetchall()]

    def _next_due(self) -> datetime | None:
        with connection.cursor() as cursor:
            cursor.execute(SQL["next_due"], {"lanes": int_array(ALL_LANES), "now": self.now})
            due: datetime | None = cursor.fetchone()[0]
            return due


def _tidy() -> None:
    """Clear away what the pulses have left behind: nobody else does in a schema of a minute's life.

    The queue is empty between two slices; indexes full of what has been deleted would be read from
    their dead ends again and again.
    """
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE touch")
        cursor.execute("VACUUM (ANALYZE) visit, membership, time_edge")


def _slice_of(asked: Asked) -> timedelta:
    """Half of the shortest time that the flow waits, as far as the number of slices allows."""
    spans = [span for span in _spans((asked.graph, asked.settings)) if span > SHORTEST]
    wanted = min(max(min(spans, default=LONGEST * 2) / 2, SHORTEST), LONGEST)
    return max(wanted, (asked.period.ends - asked.period.begins) / SLICES)


def _spans(data: Any) -> Iterable[timedelta]:
    """Every duration that is written in a graph or its settings."""
    if isinstance(data, str):
        if data.startswith(("P", "-P")):
            with suppress(ValueError):
                yield parse_duration(data.removeprefix("-"))
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _spans(value)
    elif isinstance(data, Sequence):
        for value in data:
            yield from _spans(value)


def _result(asked: Asked) -> dict[str, Any]:
    """The counts as the API shows them."""
    counts = counts_of([asked.flow["id"]])[asked.flow["id"]]
    with connection.cursor() as cursor:
        cursor.execute(SQL["emails_by_day"], {"zone": asked.zone, "flow": asked.flow["key"]})
        by_day = [{"day": day, "n": n} for day, n in cursor.fetchall()]
    return {
        **counts.totals,
        "nodes": {
            node: {
                "here": one.here,
                "entered": one.entered,
                "left": one.left,
                "failed": one.failed,
                "out": {branch: n for branch, n in one.out.items() if branch},
            }
            for node, one in sorted(counts.nodes.items())
        },
        "emails": sum(row["n"] for row in by_day),
        "emails_by_day": by_day,
        "goal": counts.totals["converted"],
    }


def _notes(asked: Asked, concern: Concern, run: _Replay) -> list[str]:
    """What was assumed, and what cannot be known."""
    minutes = max(1, round(run.slice.total_seconds() / 60))
    exact = (
        f"Where much happened at once, instants are late by up to {minutes} minutes."
        if run.coarse
        else "Every instant is exact."
    )
    notes = [
        exact,
        "Nobody was in the flow at the start; other flows did nothing.",
        "Everything is taken to have come in when it happened.",
    ]
    if concern.fields:
        notes.append(
            "Earlier values of fields are not known: a field that changed in the period is taken "
            "to have been missing until its last change."
        )
    if any(node.get("type") in ("webhook", "slack") for node in asked.graph.get("nodes", ())):
        notes.append("Calls to other systems were not made, and are taken to have gone well.")
    if "flow_email" in json.dumps([asked.graph, asked.settings]):
        notes.append("Nobody opened or clicked: the e-mails of a backtest reach nobody.")
    return notes
