"""Reactions: what data does to visits. First out, then in, then carried to rest.

Occurrences (events, and wishes to add to a flow or take out of it) come one per contact and round;
what follows from segments and changed data comes once per set of touches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from common.arrays import instant_array, int_array
from common.sql import queries
from flows.engine.book import Book, BookFlow, BookVersion
from flows.engine.careful import CarefulWorld
from flows.engine.carry import carry, parked
from flows.engine.codes import Entry, Match, Taken, Tally, instant_of, json_value
from flows.engine.gate import admit
from flows.engine.ledger import Ledger
from flows.engine.times import values_of
from flows.engine.world import PostgresWorld
from flows.nodes.base import Walker
from flows.nodes.field_changed import lets_in
from segments.rules import matches_where

SQL = queries("flows")
TIMES = queries("flows", "times")

TIME = "*"
"""Stands among a contact's touch keys for the passing of time alone."""

PATIENCE = 100
"""So many visits of one pulse are parked one by one; what fails after them is parked in sets."""

Ending = tuple[BookFlow, Walker, str, str]
Walking = tuple[BookFlow, Walker]


class Reactions:
    """How the flows of the book react, in the lanes that one pulse holds."""

    def __init__(
        self,
        book: Book,
        *,
        world: PostgresWorld,
        ledger: Ledger,
        lanes: list[int],
        tally: Tally,
        careful: bool = False,
    ) -> None:
        self.book = book
        self.world = world
        self.ledger = ledger
        self.lanes = lanes
        self.tally = tally
        self.stopped: set[int] = set()
        self.careful = careful
        self.been: dict[int, int] = {}
        self.acting = CarefulWorld.around(world) if careful else world
        self.patience = PATIENCE

    def occur(self, occurrences: Sequence[Taken]) -> None:
        """One occurrence per contact: first out, then in, then carried to rest."""
        by_contact = {touch.contact_id: touch for touch in occurrences}
        book = self.book
        concerned: dict[int, set[str]] = {}
        for touch in occurrences:
            concerned[touch.contact_id] = set(_keys_of(touch))
        walkers = self._inside(occurrences, self._flows_reacting(concerned, occurrences))
        for _flow, walker in walkers:
            touch = by_contact[walker.contact_id]
            if touch.event_id is not None:
                walker.upto = touch.event_id
        gone = self.take_out(walkers, concerned, by_contact)
        staying = [(flow, walker) for flow, walker in walkers if walker.visit_id not in gone]
        entries = [entry for touch in occurrences for entry in self._entries_of(touch)]
        entering = admit(book, entries, world=self.world, stopped=self.stopped)
        self.carry_all(entering, self._listening(staying, concerned))

    def follow_changes(
        self,
        touched: Iterable[tuple[int, int, str]],
        moved: Sequence[tuple[int, int, str, str]],
        *,
        changed: Mapping[str, Mapping[int, int]] | None = None,
    ) -> None:
        """Joins, leaves and changed data take contacts out, let them in and free who waits.

        Parameters
        ----------
        touched
            Lane, contact id and touch key.
        moved
            Lane, contact id, segment key, `entered` or `left`.
        changed
            Field → contact id → lane: whose fields have changed that let contacts in.
        """
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
        gone = self.take_out(walkers, concerned, {})
        entries = [
            Entry(flow.id, lane, contact_id, node, self.world.now, None, 2**63 - 1)
            for lane, contact_id, segment, change in moved
            for flow, node, _match in self.book.entries.get(f"segment_{change}:{segment}", ())
        ]
        entries += self._entries_by_field(changed or {})
        entering = admit(self.book, entries, world=self.world, stopped=self.stopped)
        staying = [(flow, walker) for flow, walker in walkers if walker.visit_id not in gone]
        freed = self._listening(staying, concerned)
        # What flows do to contacts and segments may free them again in the same pulse: a loop that
        # feeds itself so must not spin, whoever comes to a step again rests there first.
        for _flow, walker in freed:
            walker.been |= self.been.get(walker.visit_id, 0)
        self.carry_all(entering, freed)
        self.been.update((walker.visit_id, walker.been) for _flow, walker in freed)

    def let_in(self, entries: Sequence[Entry]) -> None:
        """Let in whom the clock brings."""
        entering = admit(self.book, entries, world=self.world, stopped=self.stopped)
        self.carry_all(entering, [])

    def carry_all(
        self,
        entering: Sequence[Walking],
        waking: Sequence[Walking],
    ) -> None:
        """Carry sets, one flow version after another, and write what happened.

        Always in the order of the flows, so that what one does to a contact is seen by the next
        whoever else is carried with them.
        """
        sets: dict[tuple[int, int], tuple[list[Walker], list[Walker]]] = {}
        for place, batch in enumerate((entering, waking)):
            for flow, walker in batch:
                sets.setdefault((flow.id, walker.version_id), ([], []))[place].append(walker)
        for flow_id, version_id in sorted(sets):
            new, woken = sets[flow_id, version_id]
            carry_set = self._carry_carefully if self.careful else self._carry
            carry_set(self.book.flows[flow_id], version_id, new, woken)

    def _carry(
        self, flow: BookFlow, version_id: int, new: list[Walker], woken: list[Walker]
    ) -> None:
        plan = flow.versions[version_id].plan
        post = self.ledger.post_of(flow, version_id)
        passage = carry(plan, self.acting, entering=new, waking=woken, post=post)
        self.ledger.write_passage(flow, version_id, passage)
        ended = {walker.visit_id for walker, *_ in passage.ended}
        inside = [walker for walker in new if walker.visit_id not in ended]
        self._goals_ahead(flow.versions[version_id], inside)
        self.tally.entered += len(new)
        self.tally.transitions += passage.transitions
        self.tally.messages += passage.posted

    def _carry_carefully(
        self, flow: BookFlow, version_id: int, new: list[Walker], woken: list[Walker]
    ) -> None:
        """Carry a set; cut in halves one that fails, down to the visit at fault, and park that."""
        stood = [(one, one.node, one.arrived_at, one.steps, one.fresh) for one in (*new, *woken)]
        try:
            with transaction.atomic():
                self._carry(flow, version_id, new, woken)
        except (OperationalError, InterfaceError):
            raise  # the database is at fault, and no visit
        except Exception as trouble:  # noqa: BLE001 - kept with the visit, where a person sees it
            error = f"{type(trouble).__name__}: {trouble}"
        else:
            return
        if len(stood) == 1:
            error = f"at the step {stood[0][0].node}: {error}"
        for one, node, arrived_at, steps, fresh in stood:
            one.node, one.arrived_at, one.steps, one.fresh = node, arrived_at, steps, fresh
            one.been = 0
        if len(stood) == 1 or not self.patience:
            self.patience = max(0, self.patience - 1)
            self.ledger.write_passage(flow, version_id, parked(new, woken, error))
            self._goals_ahead(flow.versions[version_id], new)
            return
        half_new, half_woken = len(new) // 2, (len(woken) + 1) // 2
        self._carry_carefully(flow, version_id, new[:half_new], woken[:half_woken])
        self._carry_carefully(flow, version_id, new[half_new:], woken[half_woken:])

    def _flows_reacting(
        self, concerned: Mapping[int, set[str]], occurrences: Sequence[Taken]
    ) -> set[int]:
        """The flows in whose open visits these keys may do something."""
        book = self.book
        keys = set().union(*concerned.values()) if concerned else set()
        flows: set[int] = set()
        for key in keys:
            flows.update(book.flow_of_version[version] for version in book.exits.get(key, ()))
            flows.update(flow.id for flow, _ in book.goals.get(key, ()))
            flows.update(flow.id for flow, *_ in book.listeners.get(key, ()))
        for touch in occurrences:
            if touch.kind == "flow" and touch.name in book.by_key:
                flows.add(book.by_key[touch.name].id)
        return flows

    def _inside(self, contacts: Iterable[Any], flows: Iterable[int]) -> list[Walking]:
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
            return self.walkers(cursor.fetchall())

    def walkers(self, rows: Sequence[Sequence[Any]]) -> list[Walking]:
        """Visits as they are read (`visits_inside` and its like), of flows in the book."""
        found: list[Walking] = []
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
            walker.version_id, walker.parked = row[4], row[11]
            walker.flow_id = row[3]
            found.append((flow, walker))
        return found

    def take_out(
        self,
        walkers: Sequence[Walking],
        concerned: Mapping[int, set[str]],
        by_contact: Mapping[int, Taken],
    ) -> set[int]:
        """Goals first (what converts is not a mere exit), then exits. Returns the visits ended."""
        endings = self._goals(walkers, concerned)
        gone = {walker.visit_id for _flow, walker, _state, _reason in endings}
        staying = [walker for _flow, walker in walkers if walker.visit_id not in gone]
        brought = self._events_brought(staying, concerned, by_contact)
        for flow, walker in walkers:
            if walker.visit_id in gone:
                continue
            reason = self._exit_reason(flow, walker, concerned, by_contact)
            reason = reason or brought.get(walker.visit_id)
            if reason is not None:
                gone.add(walker.visit_id)
                endings.append((flow, walker, "exited", reason))
        self.ledger.write_endings(endings)
        return gone

    def _events_brought(
        self,
        walkers: Sequence[Walker],
        concerned: Mapping[int, set[str]],
        by_contact: Mapping[int, Taken],
    ) -> dict[int, str]:
        """Which visits end by events that merging has brought, later than what let them in."""
        asked: dict[tuple[str, int], list[Walker]] = defaultdict(list)
        for walker in walkers:
            if walker.contact_id not in by_contact:
                for key in concerned[walker.contact_id]:
                    if key.startswith("event:") and walker.version_id in self.book.exits.get(
                        key, {}
                    ):
                        asked[key, walker.version_id].append(walker)
        reasons: dict[int, str] = {}
        for (key, version_id), asking in sorted(asked.items(), key=lambda one: one[0]):
            for match, reason in self.book.exits[key][version_id]:
                rule = self.book.rule_of_exit(key, match)
                reasons |= dict.fromkeys(self.world.surely(rule, asking), reason)
        return reasons

    def _goals(self, walkers: Sequence[Walking], concerned: Mapping[int, set[str]]) -> list[Ending]:
        asked: dict[tuple[int, int], list[Walker]] = defaultdict(list)
        for flow, walker in walkers:
            version = flow.versions[walker.version_id]
            keys = concerned[walker.contact_id]
            if version.goal_keys & keys or (version.settings.goal and TIME in keys):
                asked[flow.id, version.id].append(walker)
        endings: list[Ending] = []
        for (flow_id, version_id), asking in asked.items():
            flow = self.book.flows[flow_id]
            version = flow.versions[version_id]
            true_for = self.world.surely(version.settings.goal, asking)
            endings += [
                (flow, walker, "converted", "reached the goal")
                for walker in asking
                if walker.visit_id in true_for
            ]
            self._goals_ahead(version, [one for one in asking if one.visit_id not in true_for])
        return endings

    def _goals_ahead(self, version: BookVersion, walkers: Sequence[Walker]) -> None:
        """Keep when time alone may next make a goal true that is not."""
        goal = version.settings.goal
        if goal is None or not walkers:
            return
        looks = self.world.surely_looks(goal, walkers)
        ahead = [(walker, looks[walker.visit_id]) for walker in walkers if walker.visit_id in looks]
        if not ahead:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                TIMES["goals_look_sooner"],
                {
                    "visit_lanes": int_array(walker.lane for walker, _ in ahead),
                    "visits": int_array(walker.visit_id for walker, _ in ahead),
                    "ats": instant_array(at for _, at in ahead),
                    "lanes": int_array(self.lanes),
                },
            )

    def goals_due(self, rows: Sequence[Sequence[Any]]) -> None:
        """Ask the goals of visits (`goals_due`) that time may have made true."""
        with connection.cursor() as cursor:
            who = {
                "visit_lanes": int_array(row[1] for row in rows),
                "visits": int_array(row[0] for row in rows),
                "ats": instant_array(None for _ in rows),
            }
            cursor.execute(TIMES["goals_look"], {**who, "lanes": int_array(self.lanes)})
        walkers = self.walkers(rows)
        self.take_out(walkers, {walker.contact_id: {TIME} for _flow, walker in walkers}, {})

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
            for match, reason in self.book.exits.get(key, {}).get(walker.version_id, ()):
                # What only merging has brought is no event of this moment (`_events_brought`).
                if not key.startswith("event:") or (touch and self._matches(match, touch)):
                    return reason
        return None

    def _matches(self, match: Match, touch: Taken) -> bool:
        return not match or matches_where(list(match), touch.properties or {}, now=self.world.now)

    def _entries_of(self, touch: Taken) -> Iterable[Entry]:
        if touch.kind == "flow":
            yield from self._entries_by_hand(touch)
            return
        for key in _keys_of(touch):
            for flow, node, match in self.book.entries.get(key, ()):
                if self._matches(match, touch):
                    yield Entry(
                        flow.id,
                        touch.lane,
                        touch.contact_id,
                        node,
                        touch.at or self.world.now,
                        touch.properties or {},
                        touch.event_id or 2**63 - 1,
                    )

    def _entries_by_field(self, changed: Mapping[str, Mapping[int, int]]) -> Iterable[Entry]:
        """Whose field has taken a value that lets them in: one statement per such field."""
        for field, contacts in changed.items():
            values = values_of(field, contacts)
            for flow, node, _match in self.book.entries.get(f"field:{field}", ()):
                config = flow.version.plan.nodes[node].config
                for contact_id, value in values.items():
                    if lets_in(config, value, self.book.fields):
                        yield Entry(
                            flow.id,
                            contacts[contact_id],
                            contact_id,
                            node,
                            self.world.now,
                            None,
                            2**63 - 1,
                        )

    def _entries_by_hand(self, touch: Taken) -> Iterable[Entry]:
        flow = self.book.by_key.get(touch.name)
        detail = touch.detail or {}
        if flow is None or not flow.live or detail.get("change") != "add":
            return
        plan = flow.version.plan
        node = plan.nodes.get(str(detail.get("node") or plan.door))
        if node is None or node.type.group != "trigger":
            return  # the flow was drawn anew since
        yield Entry(flow.id, touch.lane, touch.contact_id, node.id, self.world.now, None, 2**63 - 1)

    def _listening(
        self,
        walkers: Sequence[Walking],
        concerned: Mapping[int, set[str]],
    ) -> list[Walking]:
        """Who rests at a node that one of these keys may free."""
        return [
            (flow, walker)
            for flow, walker in walkers
            if flow.carries(walker.version_id)
            and not walker.parked
            and flow.versions[walker.version_id].plan.listening.get(walker.node, frozenset())
            & concerned[walker.contact_id]
        ]


def _keys_of(touch: Taken) -> tuple[str, ...]:
    """The keys by which flows react to an occurrence; what the product did is no activity."""
    if touch.kind == "event" and touch.is_activity:
        return (touch.key, "event:*")
    return (touch.key,)
