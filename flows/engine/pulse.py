"""The pulse: one transaction that moves everything forward in a set of lanes.

1. Take what data has touched; let the events, one after another per contact, take contacts out of
   flows and into flows, and carry them to rest; then compare the segments, and let the joins and
   leaves do the same. Repeat until nothing is touched any more (flows touch contacts, too).
2. Only then, time: segments whose windows have moved, and every visit whose rest is over.

Data comes before time. The instant of a pulse is the *watermark*: everything accepted up to it has
been taken in, and a wait falls due only once the queue of its lanes is empty up to that instant. So
what was accepted before a wait's end always wins over that end, however far the engine lags.

Nothing here reads the clock: `now` comes from the caller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from common.arrays import int_array
from common.lanes import LANES
from common.sql import queries
from contacts.intake import watermark
from flows.engine.book import Book, BookFlow
from flows.engine.carry import carry
from flows.engine.codes import Entry, Match, Taken, Tally, instant_of, json_value
from flows.engine.gate import admit
from flows.engine.ledger import Ledger
from flows.engine.world import PostgresWorld
from flows.nodes.base import Walker
from segments.catalogue import catalogue
from segments.refresh import Touched, refresh, refresh_time
from segments.rules import Compiled, matches_where

SQL = queries("flows")

ALL_LANES = list(range(LANES))
TAKE = 10_000
"""How many touches one round takes."""
DUE = 20_000
"""How many due visits one pulse carries."""
ROUNDS = 25
"""How often one pulse lets flows touch contacts anew before it leaves the rest to the next."""
TICK = timedelta(seconds=60)
"""How often rules that time alone can change are looked at again."""

NEVER = datetime.min.replace(tzinfo=UTC)

Ending = tuple[BookFlow, Walker, str, str]


def pulse(
    book: Book,
    *,
    now: datetime,
    zone: str = "UTC",
    lanes: Sequence[int] = ALL_LANES,
    compiled: dict[int, tuple[Any, Compiled | None]] | None = None,
    tick: timedelta = TICK,
) -> tuple[Tally, dict[int, str]]:
    """Work the free lanes among `lanes` that have anything to do.

    Parameters
    ----------
    book
        The running flows (`flows.engine.book.load_book`).
    now
        The instant (UTC); time does not run past it.
    zone
        The workspace's time zone.
    lanes
        Which lanes to try; those that another worker holds are skipped.
    compiled
        A worker's store of compiled rules, kept from pulse to pulse as long as the book lasts.
    tick
        How long a lane may go without a look at time.

    Returns
    -------
    (Tally, {flow id: key})
        What was done, and the flows whose counts changed (to be made known after the commit).
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            tick_before = now - tick if _time_matters(book) else NEVER
            params: dict[str, Any] = {
                "lanes": list(lanes),
                "now": now,
                "tick_before": tick_before,
            }
            cursor.execute(SQL["lock_lanes"], params)
            held = [row[0] for row in cursor.fetchall()]
        if not held:
            return Tally(), {}
        run = _Run(book, held, now=now, zone=zone, compiled={} if compiled is None else compiled)
        run.all(tick_before)
        return run.tally, run.changed


def _time_matters(book: Book) -> bool:
    """Whether any segment, goal or waiting rule can change by time alone."""
    if "*" in book.goals or "*" in book.listeners:
        return True
    return any(one.by_time and one.follows_rule for one in catalogue().segments.values())


def _taken(row: Sequence[Any]) -> Taken:
    touch_id, lane, contact_id, kind, name, event_id, detail, at, properties = row
    return Taken(
        touch_id,
        lane,
        contact_id,
        kind,
        name,
        event_id,
        json_value(detail),
        at,
        json_value(properties),
    )


class _Run:
    """The state of one pulse."""

    def __init__(
        self,
        book: Book,
        lanes: list[int],
        *,
        now: datetime,
        zone: str,
        compiled: dict[int, tuple[Any, Compiled | None]],
    ) -> None:
        self.book = book
        self.lanes = lanes
        self.limit_now = now
        self.now = now
        self.tally = Tally(lanes=len(lanes))
        self.changed: dict[int, str] = {}
        self.fields: dict[str, str] = dict(book.fields)
        self.world = PostgresWorld(
            now=now, zone=zone, fields=self.fields, lanes=lanes, compiled=compiled
        )
        watched = frozenset(
            key.removeprefix("flow:") for key in catalogue().by_mention if key.startswith("flow:")
        )
        self.ledger = Ledger(lanes=lanes, now=now, watched=watched)

    def all(self, tick_before: datetime) -> None:
        """Data until quiet, then time, then the data that time has made."""
        if self._data_until_quiet():
            self._look_at_time(tick_before)
            if self._data_until_quiet():
                self._carry_due()
                if not self._data_until_quiet():
                    self.tally.more = True
        else:
            self.tally.more = True
        self.ledger.write_counts()
        self.changed.update(self.ledger.changed)

    def _set_instant(self) -> None:
        """Everything accepted up to this instant has been taken in."""
        self.now = min(self.limit_now, watermark(self.limit_now))
        self.world.now = self.now
        self.ledger.now = self.now

    # ── data ────────────────────────────────────────────────────────────────────────────────────

    def _data_until_quiet(self) -> bool:
        """Work the queue of these lanes until it is empty; False if it would not end."""
        for _ in range(ROUNDS):
            self._set_instant()
            touches = self._take()
            if not touches:
                return True
            self.tally.touches += len(touches)
            self._set_instant()
            self._work(touches)
        return False

    def _take(self) -> list[Taken]:
        with connection.cursor() as cursor:
            per_lane = max(1, TAKE // len(self.lanes))
            cursor.execute(SQL["take_touches"], {"lanes": self.lanes, "per_lane": per_lane})
            return [_taken(row) for row in cursor.fetchall()]

    def _work(self, touches: Sequence[Taken]) -> None:
        """One set of touches: events in order of arrival, then segments, then what follows."""
        for occurrences in self._rounds(touches):
            self._occur(occurrences)
        touched = {(touch.lane, touch.contact_id, touch.key) for touch in touches}
        happened = {touch.id for touch in touches if touch.kind == "event" and touch.event_id}
        changes = refresh([Touched(*row) for row in touched], now=self.now)
        moved = [
            (change.lane, change.contact_id, change.key, change.change) for change in changes
        ] + [
            (touch.lane, touch.contact_id, touch.name, str((touch.detail or {}).get("change")))
            for touch in touches
            if touch.kind == "segment"
        ]
        changed = {
            (touch.lane, touch.contact_id, touch.key)
            for touch in touches
            if touch.id not in happened
        }
        self._follow_changes(changed, moved)

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

    def _occur(self, occurrences: Sequence[Taken]) -> None:
        """One occurrence per contact: first out, then in, then carried to rest."""
        by_contact = {touch.contact_id: touch for touch in occurrences}
        book = self.book
        concerned: dict[int, set[str]] = {}
        for touch in occurrences:
            keys = {touch.key, "event:*"} if touch.kind == "event" else {touch.key}
            concerned[touch.contact_id] = keys
        walkers = self._inside(occurrences, self._flows_reacting(concerned, occurrences))
        for _flow, walker in walkers:
            touch = by_contact[walker.contact_id]
            if touch.event_id is not None:
                walker.upto = touch.event_id
        gone = self._take_out(walkers, concerned, by_contact)
        staying = [(flow, walker) for flow, walker in walkers if walker.visit_id not in gone]
        entries = [entry for touch in occurrences for entry in self._entries_of(touch)]
        entering = admit(book, entries, world=self.world, lanes=self.lanes)
        self._carry_all(entering, self._listening(staying, concerned))

    def _flows_reacting(
        self, concerned: Mapping[int, set[str]], occurrences: Sequence[Taken]
    ) -> set[int]:
        """The flows in whose open visits these keys may do something."""
        book = self.book
        keys = set().union(*concerned.values()) if concerned else set()
        flows: set[int] = set()
        for key in keys:
            flows.update(flow.id for flow, *_ in book.exits.get(key, ()))
            flows.update(flow.id for flow, _ in book.goals.get(key, ()))
            flows.update(flow.id for flow, *_ in book.listeners.get(key, ()))
        for touch in occurrences:
            if touch.kind == "flow" and touch.name in book.by_key:
                flows.add(book.by_key[touch.name].id)
        return flows

    def _inside(
        self, contacts: Iterable[Any], flows: Iterable[int]
    ) -> list[tuple[BookFlow, Walker]]:
        """The open visits of these contacts in these flows, by one statement."""
        wanted = sorted(flows)
        who = {touch.contact_id: touch.lane for touch in contacts}
        if not wanted or not who:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["visits_inside"],
                {
                    "contact_lanes": int_array(who.values()),
                    "contacts": int_array(who.keys()),
                    "flows": wanted,
                    "lanes": self.lanes,
                },
            )
            return self._walkers(cursor.fetchall())

    def _walkers(self, rows: Sequence[Sequence[Any]]) -> list[tuple[BookFlow, Walker]]:
        found: list[tuple[BookFlow, Walker]] = []
        for row in rows:
            flow = self.book.flows.get(row[3])
            if flow is None or row[4] not in flow.versions:
                continue
            walker = Walker(
                visit_id=row[0],
                lane=row[1],
                contact_id=row[2],
                node=row[5],
                arrived_at=instant_of(row[6]),
                entered_at=instant_of(row[7]),
                entry_at=instant_of(row[8]),
                trigger=json_value(row[9]),
                steps=row[10],
            )
            walker.version_id = row[4]
            found.append((flow, walker))
        return found

    # ── out ─────────────────────────────────────────────────────────────────────────────────────

    def _take_out(
        self,
        walkers: Sequence[tuple[BookFlow, Walker]],
        concerned: Mapping[int, set[str]],
        by_contact: Mapping[int, Taken],
    ) -> set[int]:
        """Goals first (what converts is not a mere exit), then exits. Returns the visits ended."""
        endings = self._goals(walkers, concerned)
        gone = {walker.visit_id for _flow, walker, _state, _reason in endings}
        for flow, walker in walkers:
            if walker.visit_id in gone:
                continue
            reason = self._exit_reason(flow, walker, concerned, by_contact)
            if reason is not None:
                gone.add(walker.visit_id)
                endings.append((flow, walker, "exited", reason))
        self.ledger.write_endings(endings)
        return gone

    def _goals(
        self, walkers: Sequence[tuple[BookFlow, Walker]], concerned: Mapping[int, set[str]]
    ) -> list[Ending]:
        asked: dict[tuple[int, int], list[Walker]] = defaultdict(list)
        for flow, walker in walkers:
            version = flow.versions[walker.version_id]
            if version.goal_keys & concerned[walker.contact_id] or (
                version.goal_by_time and "*" in concerned[walker.contact_id]
            ):
                asked[flow.id, version.id].append(walker)
        endings: list[Ending] = []
        for (flow_id, version_id), asking in asked.items():
            flow = self.book.flows[flow_id]
            true_for = self.world.fulfils(flow.versions[version_id].settings.goal, asking)
            endings += [
                (flow, walker, "converted", "reached the goal")
                for walker in asking
                if walker.visit_id in true_for
            ]
        return endings

    def _exit_reason(
        self,
        flow: BookFlow,
        walker: Walker,
        concerned: Mapping[int, set[str]],
        by_contact: Mapping[int, Taken],
    ) -> str | None:
        touch = by_contact.get(walker.contact_id)
        if touch is not None and touch.key == f"flow:{flow.key}":
            detail = touch.detail or {}
            if detail.get("change") == "remove":
                return str(detail.get("reason") or "removed from the flow")
        for key in sorted(concerned[walker.contact_id]):
            for exit_flow, version_id, match, reason in self.book.exits.get(key, ()):
                is_its_own = exit_flow.id == flow.id and version_id == walker.version_id
                if is_its_own and self._matches(match, touch):
                    return reason
        return None

    @staticmethod
    def _matches(match: Match, touch: Taken | None) -> bool:
        if not match:
            return True
        return touch is not None and matches_where(list(match), touch.properties or {})

    # ── in ──────────────────────────────────────────────────────────────────────────────────────

    def _entries_of(self, touch: Taken) -> Iterable[Entry]:
        if touch.kind == "flow":
            yield from self._entries_by_hand(touch)
            return
        for key in (touch.key, "event:*"):
            for flow, node, match in self.book.entries.get(key, ()):
                if self._matches(match, touch):
                    yield Entry(
                        flow.id,
                        touch.lane,
                        touch.contact_id,
                        node,
                        touch.at or self.now,
                        touch.properties or {},
                        touch.event_id or 2**63 - 1,
                    )

    def _entries_by_hand(self, touch: Taken) -> Iterable[Entry]:
        flow = self.book.by_key.get(touch.name)
        detail = touch.detail or {}
        if flow is None or not flow.live or detail.get("change") != "add":
            return
        node = detail.get("node") or flow.version.plan.door
        yield Entry(flow.id, touch.lane, touch.contact_id, str(node), self.now, None, 2**63 - 1)

    # ── what follows from segments and other data ───────────────────────────────────────────────

    def _follow_changes(
        self,
        touched: Iterable[tuple[int, int, str]],
        moved: Sequence[tuple[int, int, str, str]],
    ) -> None:
        """Joins, leaves and changed data take contacts out, let them in and free who waits."""
        concerned: dict[int, set[str]] = defaultdict(set)
        lanes: dict[int, int] = {}
        for lane, contact_id, key in touched:
            concerned[contact_id].add(key)
            lanes[contact_id] = lane
        for lane, contact_id, segment, change in moved:
            concerned[contact_id] |= {f"segment:{segment}", f"segment_{change}:{segment}"}
            lanes[contact_id] = lane
        if not concerned:
            return
        contacts = [
            Taken(0, lanes[contact_id], contact_id, "", "", None, None, None, None)
            for contact_id in concerned
        ]
        walkers = self._inside(contacts, self._flows_reacting(concerned, ()))
        gone = self._take_out(walkers, concerned, {})
        entries = [
            Entry(flow.id, lane, contact_id, node, self.now, None, 2**63 - 1)
            for lane, contact_id, segment, change in moved
            for flow, node, _match in self.book.entries.get(f"segment_{change}:{segment}", ())
        ]
        entering = admit(self.book, entries, world=self.world, lanes=self.lanes)
        staying = [(flow, walker) for flow, walker in walkers if walker.visit_id not in gone]
        self._carry_all(entering, self._listening(staying, concerned))

    def _listening(
        self,
        walkers: Sequence[tuple[BookFlow, Walker]],
        concerned: Mapping[int, set[str]],
    ) -> list[tuple[BookFlow, Walker]]:
        """Who rests at a node that one of these keys may free."""
        return [
            (flow, walker)
            for flow, walker in walkers
            if flow.live
            and flow.versions[walker.version_id].plan.listening.get(walker.node, frozenset())
            & concerned[walker.contact_id]
        ]

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def _look_at_time(self, tick_before: datetime) -> None:
        """Windows have moved: segments, goals and waiting rules that time alone can change."""
        if tick_before == NEVER:
            return
        with connection.cursor() as cursor:
            params: dict[str, Any] = {"lanes": self.lanes, "tick_before": tick_before}
            cursor.execute(SQL["lanes_to_tick"], params)
            lanes = [row[0] for row in cursor.fetchall()]
            if not lanes:
                return
            cursor.execute(SQL["tick_lanes"], {"lanes": lanes, "now": self.now})
        changes = refresh_time(now=self.now, lanes=lanes)
        moved = [(change.lane, change.contact_id, change.key, change.change) for change in changes]
        if moved:
            self._follow_changes((), moved)
            self.tally.touches += len(moved)
        self._time_in_flows(lanes)

    def _time_in_flows(self, lanes: Sequence[int]) -> None:
        book = self.book
        goals = [(flow, version_id, "") for flow, version_id in book.goals.get("*", ())]
        listeners = book.listeners.get("*", [])
        if not goals and not listeners:
            return
        resting = self._resting([*goals, *listeners], lanes)
        concerned = {walker.contact_id: {"*"} for _flow, walker in resting}
        gone = self._take_out(resting, concerned, {})
        waiting = {(flow.id, version_id, node) for flow, version_id, node in listeners}
        self._carry_all(
            [],
            [
                (flow, walker)
                for flow, walker in resting
                if walker.visit_id not in gone
                and (flow.id, walker.version_id, walker.node) in waiting
            ],
        )

    def _resting(
        self, places: Sequence[tuple[BookFlow, int, str]], lanes: Sequence[int]
    ) -> list[tuple[BookFlow, Walker]]:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["visits_resting"],
                {
                    "flows": [flow.id for flow, _, _ in places],
                    "versions": [version_id for _, version_id, _ in places],
                    "nodes": [node for _, _, node in places],
                    "lanes": list(lanes),
                },
            )
            found = self._walkers(cursor.fetchall())
        return list({walker.visit_id: (flow, walker) for flow, walker in found}.values())

    def _carry_due(self) -> None:
        """Carry whose rest is over, up to the instant before which everything is taken in."""
        params: dict[str, Any] = {"lanes": self.lanes, "until": self.now, "limit": DUE}
        with connection.cursor() as cursor:
            if self.book.paused:
                cursor.execute(SQL["hold_due"], {**params, "flows": self.book.paused})
            cursor.execute(SQL["visits_due"], params)
            rows = cursor.fetchall()
        self.tally.due += len(rows)
        self.tally.more |= len(rows) == DUE
        self._carry_all([], self._walkers(rows))

    # ── carrying ────────────────────────────────────────────────────────────────────────────────

    def _carry_all(
        self,
        entering: Sequence[tuple[BookFlow, Walker]],
        waking: Sequence[tuple[BookFlow, Walker]],
    ) -> None:
        """Carry sets, one flow version after another, and write what happened."""
        sets: dict[tuple[int, int], tuple[list[Walker], list[Walker]]] = {}
        for place, batch in enumerate((entering, waking)):
            for flow, walker in batch:
                sets.setdefault((flow.id, walker.version_id), ([], []))[place].append(walker)
        for (flow_id, version_id), (new, woken) in sets.items():
            flow = self.book.flows[flow_id]
            plan = flow.versions[version_id].plan
            passage = carry(plan, self.world, entering=new, waking=woken)
            self.ledger.write_passage(flow, version_id, passage)
            self.tally.entered += len(new)
            self.tally.transitions += passage.transitions
            self.tally.messages += len(passage.messages)
