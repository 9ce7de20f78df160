"""The pulse: one transaction that moves everything forward in a set of lanes.

1. Take what data has touched; let the events, one after another per contact, take contacts out of
   flows and into flows, and carry them to rest; then compare the segments, and let the joins and
   leaves do the same. Repeat until nothing is touched any more (flows touch contacts, too).
2. Only then, time: segments whose windows have moved, goals that time may have made true, triggers
   that go by the clock, and every visit whose rest is over.

Data comes before time. The instant of a pulse is the *watermark*: everything accepted up to it has
been taken in, and a wait falls due only once the queue of its lanes is empty up to that instant. So
what was accepted before a wait's end always wins over that end, however far the engine lags.

Nothing here reads the clock: `now` comes from the caller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from common.arrays import int_array, text_array
from common.lanes import LANES
from common.sql import queries
from contacts.intake import watermark
from contacts.store import IMPORTED
from flows.engine.aside import Aside
from flows.engine.book import Book, load_book
from flows.engine.codes import Taken, Tally, instant_of, json_value
from flows.engine.ledger import Ledger
from flows.engine.reactions import Reactions
from flows.engine.times import Times, lanes_waiting
from flows.engine.world import PostgresWorld
from segments.catalogue import catalogue
from segments.edges import lanes_passed
from segments.refresh import Touched, refresh, refresh_time
from segments.scoring.ledger import lanes_decaying, score_changes, score_decay, score_events

SQL = queries("flows")
TIMES = queries("flows", "times")

ALL_LANES = list(range(LANES))
TAKE = 5_000
"""How many touches one round takes, and after how many a pulse leaves the rest to the next: what it
has found out is seen when it ends."""
NEW_LIKE = 8
"""Whoever is new is asked for all segments: so many of them weigh as much as one other touch."""
DUE = 20_000
"""How many due visits one pulse carries at most."""
ROUNDS = 25
"""How often one pulse lets flows touch contacts anew before it leaves the rest to the next."""
GOALS = 20_000
"""How many goals that time may have made true one pulse asks."""
ZONES = 4
"""In how many lanes at once deadlines are worked out anew when the workspace's zone changes."""

Moved = tuple[int, int, str, str]
"""Lane, contact id, segment key, `entered` or `left`."""


def pulse(
    known: Book | None,
    *,
    now: datetime,
    zone: str = "UTC",
    lanes: Sequence[int] = ALL_LANES,
    share: int = LANES,
    first: int = 0,
    due: int = DUE,
    look: bool = True,
    careful: bool = False,
) -> tuple[Tally, dict[int, str], Book]:
    """Work the free lanes among `lanes` that have anything to do.

    Parameters
    ----------
    known
        The book of the worker's last pulse.
    now
        The instant (UTC); time does not run past it.
    zone
        The workspace's time zone.
    lanes
        Which lanes to try; those that another worker holds are skipped.
    share, first
        So many lanes at most, from this one on and round: others work the rest meanwhile.
    due
        So many due visits at most.
    look
        Whether to look at what time has changed for segments, and at triggers that go by the clock.
    careful
        Park the visits that make a pass fail, instead of failing: slower, for when it has failed.

    Returns
    -------
    (Tally, {flow id: key}, Book)
        What was done, the flows whose counts changed (to be made known after the commit), and the
        book by which it was done.
    """
    before = load_book(None) if known is None else known
    with transaction.atomic():
        with connection.cursor() as cursor:
            params: dict[str, Any] = {
                "lanes": list(lanes),
                "moved": _moved(before, lanes, now=now, zone=zone) if look else [],
                "now": now,
                "share": share,
                "first": first,
            }
            cursor.execute(SQL["lock_lanes"], params)
            held = [row[0] for row in cursor.fetchall()]
        # Read under the lanes: whoever pauses, resumes, archives or publishes holds them too, so
        # no pulse carries by a book that has become untrue.
        book = load_book(before)
        if not held:
            return Tally(more=book is not before), {}, book
        run = _Run(book, held, now=now, zone=zone, due=due, careful=careful)
        run.all(look=look)
        # Where there was something to do in a full share, there may be as much in the others.
        is_full = len(held) == share < len(lanes) and not run.tally.idle
        run.tally.more |= is_full or book is not before
        run.tally.last_lane = held[-1]
        return run.tally, run.changed, book


def _moved(book: Book, lanes: Sequence[int], *, now: datetime, zone: str) -> list[int]:
    """The lanes in which time has changed something for segments, scores or triggers."""
    upto = min(now, watermark(now))
    fading = lanes_decaying(lanes, now=upto)
    passed = lanes_passed(catalogue(), lanes=list(lanes), now=upto)
    with connection.cursor() as cursor:
        cursor.execute(TIMES["zones_left"], {"lanes": int_array(lanes), "zone": zone})
        zoned = [row[0] for row in cursor.fetchall()]
    return [*fading, *passed, *zoned, *lanes_waiting(book, lanes, now=upto)]


def _taken(row: Sequence[Any]) -> Taken:
    touch_id, lane, contact_id, kind, name, event_id, detail, touched_at, at, properties, made = row
    return Taken(
        touch_id,
        lane,
        contact_id,
        kind,
        name,
        event_id,
        json_value(detail),
        None if at is None else instant_of(at),
        json_value(properties),
        instant_of(touched_at),
        made is not True,
    )


def _net(touches: Iterable[Taken]) -> list[Moved]:
    """What changes by hand and by builds come to: who was put in and out again has not moved."""
    changes: dict[tuple[int, int, str], list[str]] = {}
    for touch in touches:
        if touch.kind == "segment":
            change = str((touch.detail or {}).get("change"))
            changes.setdefault((touch.lane, touch.contact_id, touch.name), []).append(change)
    return [(*whom, made[-1]) for whom, made in changes.items() if made[0] == made[-1]]


def _early(touches: Iterable[Taken], now: datetime) -> list[Touched]:
    """What bears a later instant than now: clocks differ, and some data is dated ahead."""
    return [
        Touched(touch.lane, touch.contact_id, touch.key, at)
        for touch in touches
        for at in {touch.at, touch.touched_at}
        if at is not None and at > now
    ]


class _Run:
    """The state of one pulse."""

    def __init__(
        self,
        book: Book,
        lanes: list[int],
        *,
        now: datetime,
        zone: str,
        due: int,
        careful: bool,
    ) -> None:
        self.book = book
        self.due = due
        self.lanes = lanes
        self.limit_now = now
        self.now = now
        self.zone = zone
        self.tally = Tally(lanes=len(lanes))
        self.changed: dict[int, str] = {}
        self.fields: dict[str, str] = dict(book.fields)
        self.world = PostgresWorld(
            now=now,
            zone=zone,
            fields=self.fields,
            lanes=lanes,
            compiled=book.compiled,
            flow_keys={flow.id: flow.key for flow in book.flows.values()},
            heard=self._is_heard,
            segments=lambda: segments.keys,
        )
        segments = catalogue()
        self._worked = 0
        self._weights = {
            "new": 1 + len(segments.concerned("new:")) // NEW_LIKE,
            "imported": 1 + len(segments.concerned(f"new:{IMPORTED}")) // NEW_LIKE,
        }
        watched = frozenset(
            key.removeprefix("flow:")
            for index in (segments.by_mention, book.goals, book.listeners)
            for key in index
            if key.startswith("flow:")
        )
        self.ledger = Ledger(lanes=lanes, now=now, watched=watched)
        self.aside = Aside(self.ledger) if careful else None
        self.times = Times(book, lanes)
        self.reactions = Reactions(
            book,
            world=self.world,
            ledger=self.ledger,
            lanes=lanes,
            tally=self.tally,
            careful=careful,
        )

    def _is_heard(self, field: str) -> bool:
        """Whether anybody follows changes of a field; held lanes keep that true."""
        return self.book.hears(field) or bool(catalogue().concerned(f"field:{field}"))

    def all(self, *, look: bool) -> None:
        """Data until quiet, then time, then the data that time has made."""
        if self._data_until_quiet():
            if look:
                self._stage(self._look_at_segments)
            self._stage(self._ask_goals)
            if look:
                self._stage(self._look_at_timers)
            if self._data_until_quiet():
                self._carry_due()
                self.tally.more |= not self._data_until_quiet()
            else:
                self.tally.more = True
        else:
            self.tally.more = True
        self.ledger.write_counts()
        self.changed.update(self.ledger.changed)

    def _stage(self, do: Callable[[], None]) -> None:
        """Do a stage that is about time; a careful pulse leaves out one that fails."""
        if self.aside is None:
            do()
        else:
            self.aside.stage(do, do.__name__.strip("_"))

    def _set_instant(self) -> None:
        """Everything accepted up to this instant has been taken in."""
        self.now = min(self.limit_now, watermark(self.limit_now))
        self.world.now = self.now
        self.ledger.now = self.now

    def _data_until_quiet(self) -> bool:
        """Work the queue of these lanes until it is empty; False if it would not end."""
        for _ in range(ROUNDS):
            self._set_instant()
            touches = self._take()
            if not touches:
                return True
            self.tally.touches += len(touches)
            self._set_instant()
            if self.aside is None:
                self._work(touches)
            else:
                self.aside.work(touches, self._work)
            self._worked += sum(map(self._weight, touches))
            if self._worked >= TAKE:
                return False
        return False

    def _take(self) -> list[Taken]:
        with connection.cursor() as cursor:
            params: dict[str, Any] = {
                "lanes": self.lanes,
                "per_lane": max(1, TAKE // len(self.lanes)),
                **self._weights,
            }
            cursor.execute(SQL["take_touches"], params)
            return [_taken(row) for row in cursor.fetchall()]

    def _weight(self, touch: Taken) -> int:
        if touch.kind != "new":
            return 1
        return self._weights[IMPORTED if touch.name == IMPORTED else "new"]

    def _work(self, touches: Sequence[Taken]) -> None:
        """One set of touches: points for events, these in order of arrival, then segments."""
        score_events(touches, now=self.now, zone=self.zone)
        for occurrences in self._rounds(touches):
            self.reactions.occur(occurrences)
        touched = {(touch.lane, touch.contact_id, touch.key) for touch in touches}
        happened = {touch.id for touch in touches if touch.kind == "event" and touch.event_id}
        early = _early(touches, self.now)
        self.tally.early |= bool(early)
        changes = refresh([*(Touched(*row) for row in touched), *early], now=self.now)
        score_changes(touches, changes, now=self.now)
        moved = _net(touches) + [
            (change.lane, change.contact_id, change.key, change.change) for change in changes
        ]
        changed = {
            (touch.lane, touch.contact_id, touch.key)
            for touch in touches
            if touch.id not in happened
        }
        self.times.follow(touches)
        self.reactions.follow_changes(changed, moved, changed=self._fields_changed(touches))

    def _fields_changed(self, touches: Sequence[Taken]) -> dict[str, dict[int, int]]:
        """Whose fields have changed that let contacts into flows: field → contact id → lane."""
        fields = [
            key.removeprefix("field:") for key in self.book.entries if key.startswith("field:")
        ]
        found: dict[str, dict[int, int]] = {}
        for touch in touches if fields else ():
            for field in fields:
                if touch.changes(field):
                    found.setdefault(field, {})[touch.contact_id] = touch.lane
        return found

    def _rounds(self, touches: Sequence[Taken]) -> Iterable[list[Taken]]:
        """The k-th round holds each contact's k-th occurrence that flows react to at once."""
        rounds: list[list[Taken]] = []
        seen: dict[int, int] = defaultdict(int)
        for touch in touches:
            is_event = touch.kind == "event" and touch.event_id is not None
            if touch.kind == "flow" or (is_event and self.book.concerns(touch.key)):
                place = seen[touch.contact_id]
                seen[touch.contact_id] = place + 1
                if place == len(rounds):
                    rounds.append([])
                rounds[place].append(touch)
        return rounds

    def _look_at_segments(self) -> None:
        """Points fade; windows have moved: whom their edges have passed joins and leaves."""
        self.tally.more |= score_decay(self.lanes, now=self.now)
        looked = refresh_time(now=self.now, lanes=self.lanes)
        score_changes((), looked.changes, now=self.now)
        self.tally.more |= looked.more
        moved = [
            (change.lane, change.contact_id, change.key, change.change) for change in looked.changes
        ]
        if moved:
            self.reactions.follow_changes((), moved)
            self.tally.touches += len(moved)

    def _ask_goals(self) -> None:
        """Goals that time alone may have made true."""
        with connection.cursor() as cursor:
            params: dict[str, Any] = {"lanes": int_array(self.lanes), "until": self.now}
            cursor.execute(TIMES["goals_due"], {**params, "limit": GOALS})
            rows = cursor.fetchall()
        if rows:
            self.reactions.goals_due(rows)
            self.tally.due += len(rows)
            self.tally.more |= len(rows) == GOALS

    def _look_at_timers(self) -> None:
        """Whom dates and one-off sends let in; then a piece of the work that these have to do."""
        self._follow_zone()
        entries, more = self.times.due(now=self.now, stopped=self.reactions.stopped, most=self.due)
        self.reactions.let_in(entries)
        worked = self.times.work(now=self.now, most=self.due)
        self.tally.more |= more or worked

    def _follow_zone(self) -> None:
        """Deadlines on the clock of the workspace's zone move when that is corrected."""
        params = {"lanes": int_array(self.lanes), "zone": self.zone}
        with connection.cursor() as cursor:
            cursor.execute(TIMES["zones_new"], params)
            cursor.execute(TIMES["zones_left"], params)
            left = [row[0] for row in cursor.fetchall()]
            if not left:
                return
            lanes = int_array(left[:ZONES])
            places = list(_places_by_zone(self.book))
            cursor.execute(
                TIMES["rests_anew"],
                {
                    "flows": int_array(flow_id for flow_id, _, _ in places),
                    "versions": int_array(version_id for _, version_id, _ in places),
                    "nodes": text_array(node for _, _, node in places),
                    "lanes": lanes,
                    "now": self.now,
                },
            )
            for flow, version_id in _goals_by_zone(self.book):
                goals: dict[str, Any] = {"flow": flow, "version": version_id, "lanes": lanes}
                cursor.execute(TIMES["goals_anew"], {**goals, "now": self.now})
            cursor.execute(TIMES["zones_keep"], {**params, "lanes": lanes})
        self.tally.more = True

    def _carry_due(self) -> None:
        """Carry whose rest is over, up to the instant before which everything is taken in."""
        params: dict[str, Any] = {
            "lanes": self.lanes,
            "until": self.now,
            "limit": self.due,
            "versions": [
                version_id
                for version_id, flow_id in self.book.flow_of_version.items()
                if self.book.flows[flow_id].carries(version_id)
            ],
        }
        with connection.cursor() as cursor:
            if self.book.paused:
                cursor.execute(SQL["hold_due"], {**params, "flows": self.book.paused})
            cursor.execute(SQL["visits_due"], params)
            rows = cursor.fetchall()
        self.tally.due += len(rows)
        self.tally.more |= len(rows) == self.due
        self.reactions.carry_all([], self.reactions.walkers(rows))


def _places_by_zone(book: Book) -> Iterable[tuple[int, int, str]]:
    """Where the end of a rest may depend on the workspace's zone: flow, version, node."""
    for flow in book.flows.values():
        for version in flow.versions.values():
            for node_id in version.plan.listening:
                yield flow.id, version.id, node_id


def _goals_by_zone(book: Book) -> Iterable[tuple[int, int]]:
    """The flows and versions with a goal; most do not depend on the zone, and are asked once."""
    for flow in book.flows.values():
        for version in flow.versions.values():
            if version.settings.goal is not None:
                yield flow.id, version.id
