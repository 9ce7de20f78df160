"""Random flows, random days, several workers: the engine does what the paper does.

A state machine draws flows that feed one another and lets things happen: events (several at one
instant, late ones), changed fields, wishes, merges, deletions, pauses, new editions, workers that
hold only some of the lanes or take only a few messages, time that passes minute by minute or jumps.
After every turn of a worker the engine's rows are compared with `tests.flows_on_paper`, and after
every step all counters with the rows.

`HYPOTHESIS_PROFILE=explore` runs it long.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.permissions import COMMAND
from common.clock import canonical
from common.lanes import lane_of
from contacts import services as contacts
from contacts.intake import accept, take
from contacts.models import Consent, Contact, Inbox, Topic, Touch
from flows.engine.book import Book
from flows.engine.pulse import ALL_LANES, pulse
from flows.lives import flow_archive, flow_pause, flow_publish, flow_resume
from flows.models import Flow as FlowRow
from flows.models import Visit
from flows.selectors import paths_of
from flows.services import contacts_add, contacts_remove, flow_create, flow_update
from messaging.models import Message
from segments.models import Membership, MembershipChange
from segments.services import members_change, segment_create
from tests import flow_lives_on_paper as lives
from tests.builders_flows import build_graph, build_template, everything_adds_up
from tests.builders_segments import build
from tests.casebook import fields_insert
from tests.flow_strategies import (
    FIELDS,
    FLOWS,
    SEGMENTS,
    ZONES,
    Drawing,
    drawings,
    segment_rules,
)
from tests.flows_on_paper import Flow, Paper, Person, Segment, Version

pytestmark = pytest.mark.django_db

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
START = datetime(2026, 3, 28, 23, 56, tzinfo=UTC)
"""Four minutes before midnight, in the night in which Europe puts its clocks forward."""
MINUTE = timedelta(minutes=1)
NAMES = ("ada", "bob", "cyd")
who = st.integers(0, 5)
which = st.sampled_from(FLOWS)


class Worker:
    """One engine worker: it holds some of the lanes, and may take few messages at a time."""

    def __init__(self, lanes: list[int], *, limit: int = 5000, careful: bool = False) -> None:
        self.lanes = lanes
        self.limit = limit
        self.careful = careful
        self.book: Book | None = None


class Days(RuleBasedStateMachine):
    """The engine and the paper, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.block = ExitStack()
        self.now = START
        self.paper = Paper(fields=FIELDS)
        self.ids: dict[str, int] = {}
        self.waiting: list[tuple[datetime, str, str, dict[str, Any], datetime]] = []
        self.joined: set[int] = set()
        self.first_change = 0
        self.workers = [
            Worker(list(range(0, 64, 2))),
            Worker(list(range(1, 64, 2)), limit=2, careful=True),
            Worker(list(range(16, 64)), limit=1),
        ]

    def teardown(self) -> None:
        self.block.close()

    @initialize(
        rules=st.lists(segment_rules, min_size=2, max_size=2),
        kinds=st.lists(st.sampled_from(["dynamic", "dynamic", "growing"]), min_size=2, max_size=2),
        drawn=st.lists(drawings(), min_size=3, max_size=3),
    )
    def begin(self, rules: list[Any], kinds: list[str], drawn: list[Drawing]) -> None:
        # Not when it is made: a machine that is only looked at is never torn down.
        self.block.enter_context(transaction.atomic())
        self.block.callback(transaction.set_rollback, True)
        fields_insert(FIELDS)
        build_template()
        # Mails are about news; flows choose about offers: whether a mail is wanted is asked when
        # the pass is over, so a later step of the same pass could still change it.
        for topic in ("news", "offers"):
            if not Topic.objects.filter(key=topic).exists():
                contacts.topic_create(key=topic, name=topic, opt_in=False)
        for name in NAMES:
            made = contacts.contact_create(
                now=self.now,
                external_id=name,
                email=f"{name}@example.org",
                fields={"plan": "a"},
            )
            self.ids[name] = made
            email = f"{name}@example.org"
            self.paper.person(made, self.now, external_id=name, email=email, plan="a")
        self._all_work()
        needs = {"type": "segment", "segment": "s0", "op": "in"}
        made_of: list[tuple[str, Any]] = [
            (kinds[0], rules[0]),
            (kinds[1], {"type": "any", "rules": [rules[1], needs]}),
            ("static", {"type": "field", "field": "plan", "op": "eq", "value": "b"}),
        ]
        for key, (kind, asked) in zip(SEGMENTS, made_of, strict=True):
            segment_create(key=key, name=key, kind=kind, rule=asked, now=self.now)
            self.paper.segments[key] = Segment(key, kind, asked)
            build(key, clock=lambda: self.now)
            for person in self.paper.people.values():
                person.stand(key).member = self.paper.is_true(asked, person, self.now)
        self._all_work()
        for person in self.paper.people.values():
            person.changes.clear()
        last = MembershipChange.objects.order_by("-id").values_list("id", flat=True).first()
        self.first_change = last or 0
        for key in FLOWS:
            row = flow_create(
                key=key, name=key, graph=None, settings=None, actor=COMMAND, now=self.now
            )
            self.paper.flows[key] = Flow(row.id, key)
        for key, drawing in zip(FLOWS, drawn, strict=True):
            self._published(key, drawing, None)
        self.settle()

    # ── what happens ────────────────────────────────────────────────────────────────────────────

    def _person(self, number: int) -> Person:
        people = sorted(self.paper.people)
        return self.paper.people[people[number % len(people)]]

    @rule(
        name=st.sampled_from([*NAMES, "dan"]),
        done=st.lists(
            st.tuples(st.sampled_from("AABC"), st.integers(1, 2), st.sampled_from([0, 0, 0, 1, 3])),
            min_size=1,
            max_size=3,
        ),
        rests=st.booleans(),
    )
    def something_is_done(self, name: str, done: list[tuple[str, int, int]], rests: bool) -> None:
        for event, n, late in done:
            at = self.now - late * MINUTE
            message = {
                "type": "track",
                "userId": name,
                "event": event,
                "properties": {"n": n},
                "timestamp": canonical(at),
            }
            accept(None, [message], self.now)
            self.waiting.append((self.now, name, event, {"n": n}, at))
        if rests:
            self.settle()

    @rule(number=who, plan=st.sampled_from(["a", "b", "g"]))
    def plan_changes(self, number: int, plan: str) -> None:
        self._set(number, {"plan": plan})

    @rule(number=who, ahead=st.integers(-1, 4))
    def end_changes(self, number: int, ahead: int) -> None:
        self._set(number, {"ends": canonical(self.now + ahead * MINUTE)})

    @rule(number=who, zone=st.sampled_from(ZONES))
    def zone_changes(self, number: int, zone: str) -> None:
        self._set(number, {"timezone": zone})

    def _set(self, number: int, values: dict[str, Any]) -> None:
        person = self._person(number)
        change = contacts.FieldChange(lane_of(person.id), person.id, values)
        contacts.fields_update([change], now=self.now)
        self.paper.set_fields(person, values, now=self.now)

    @rule(number=who, state=st.sampled_from(["subscribed", "unsubscribed"]))
    def consent_changes(self, number: int, state: str) -> None:
        person = self._person(number)
        change = contacts.ConsentChange(lane_of(person.id), person.id, "news", state)
        contacts.consents_set([change], now=self.now)
        self.paper.set_consent(person, "news", state)

    @rule(number=who, key=st.sampled_from(SEGMENTS), change=st.sampled_from(["add", "remove"]))
    def hand_moves(self, number: int, key: str, change: Any) -> None:
        person = self._person(number)
        members_change(key, [person.id], change=change, cause="manual", now=self.now)
        self.paper.by_hand(person, key, change, now=self.now)

    @rule(number=who, key=which)
    def wish_to_add(self, number: int, key: str) -> None:
        person, flow = self._person(number), self.paper.flows[key]
        if flow.status == "live":
            contacts_add(key, [person.id], actor=COMMAND, now=self.now)
            self.paper.ask_flow(person, key, "add")

    @rule(number=who, key=which)
    def wish_to_remove(self, number: int, key: str) -> None:
        person, flow = self._person(number), self.paper.flows[key]
        if flow.status in ("live", "paused"):
            contacts_remove(key, [person.id], actor=COMMAND, now=self.now)
            self.paper.ask_flow(person, key, "remove")

    @rule(kept=who, lost=who)
    def two_are_one(self, kept: int, lost: int) -> None:
        one, other = self._person(kept), self._person(lost)
        if one is other or kept % 2 or self.waiting:
            return
        contacts.contacts_merge(kept_id=one.id, lost_id=other.id, now=self.now)
        lives.merge(self.paper, one, other, self.now)
        chosen = Consent.objects.filter(contact_id=one.id)
        one.consents = dict(chosen.values_list("topic", "state"))
        self.joined.add(one.id)
        self.ids = {
            name: one.id if contact_id == other.id else contact_id
            for name, contact_id in self.ids.items()
        }

    @rule(number=who)
    def somebody_is_deleted(self, number: int) -> None:
        person = self._person(number)
        if number == 5 and len(self.paper.people) > 2:
            contacts.contact_delete(person.id)
            del self.paper.people[person.id]
            self.ids = {name: one for name, one in self.ids.items() if one != person.id}

    # ── flows ───────────────────────────────────────────────────────────────────────────────────

    @rule(key=which)
    def pause_or_resume(self, key: str) -> None:
        flow = self.paper.flows[key]
        if flow.status == "live":
            flow_pause(key, actor=COMMAND, now=self.now)
            lives.pause(flow)
        elif flow.status == "paused":
            flow_resume(key, actor=COMMAND, now=self.now)
            lives.resume(self.paper, flow, self.now)

    @rule(key=which, number=who)
    def archive(self, key: str, number: int) -> None:
        flow = self.paper.flows[key]
        if number == 5 and flow.status != "archived":
            flow_archive(key, actor=COMMAND, now=self.now)
            lives.archive(self.paper, flow, self.now)

    @rule(key=which, drawing=drawings(), moves=st.booleans(), data=st.data())
    def new_edition(self, key: str, drawing: Drawing, moves: bool, data: st.DataObject) -> None:
        flow = self.paper.flows[key]
        if flow.status == "archived":
            return
        removed = sorted(
            {node for version in flow.versions for node in version.nodes} - drawing.nodes.keys()
        )
        targets = [None, *(node for node in drawing.nodes if not node.startswith("t"))]
        leads = {node: data.draw(st.sampled_from(targets)) for node in removed} if moves else None
        self._published(key, drawing, leads)

    def _published(self, key: str, drawing: Drawing, moves: dict[str, str | None] | None) -> None:
        row, flow = FlowRow.objects.get(key=key), self.paper.flows[key]
        flow_update(
            key,
            name=key,
            graph=build_graph(drawing.nodes, drawing.edges),
            settings=drawing.settings,
            revision=row.revision,
            now=self.now,
        )
        inside = "stay" if moves is None else "move"
        flow_publish(key, inside=inside, moves=moves, actor=COMMAND, now=self.now)
        number = len(flow.versions) + 1
        version = Version(number, drawing.nodes, drawing.ways, drawing.settings)
        lives.publish(self.paper, flow, version, moves=moves, now=self.now)

    # ── time, and the workers ───────────────────────────────────────────────────────────────────

    @rule(number=st.integers(0, 2))
    def one_works(self, number: int) -> None:
        """A worker works until its lanes are at rest, the others sleep."""
        worker = self.workers[number]
        self._works(worker)
        self._compare()

    @rule(minutes=st.integers(1, 5))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.now += MINUTE
            self.settle()

    @rule(minutes=st.integers(1, 4))
    def nobody_works_for_a_while(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule()
    def settle(self) -> None:
        """All work until nothing is left to do."""
        self._all_work()
        self._compare()
        assert not Inbox.objects.exists()
        assert not Touch.objects.exists()
        live = Visit.objects.filter(flow__status="live")
        assert not live.filter(due_at__lte=self.now).exists(), "a lane was skipped"

    def _all_work(self) -> None:
        busy = True
        while busy:
            busy = False
            for worker in self.workers:
                busy |= self._works(worker)

    def _works(self, worker: Worker) -> bool:
        """Turn until idle; the paper does the same. Returns whether anything was done."""
        for turns in range(300):
            if not self._turns(worker):
                return turns > 0
        raise AssertionError("the worker does not come to rest")

    def _turns(self, worker: Worker) -> bool:
        taken = take(self.now, limit=worker.limit)
        for _received, name, event, properties, at in self.waiting[:taken]:
            self.paper.happen(self._known(name), event, properties, at=at)
        del self.waiting[:taken]
        tally, _changed, worker.book = pulse(
            worker.book, now=self.now, lanes=worker.lanes, careful=worker.careful
        )
        upto = min([self.now, *(one[0] for one in self.waiting[:1])])
        for person in self.paper.people.values():
            if lane_of(person.id) in worker.lanes:
                self.paper.look(person, upto)
        return bool(taken) or not tally.idle

    def _known(self, name: str) -> Person:
        """Whom a message is about: somebody new, if nobody is known by that name."""
        if name not in self.ids:
            contact = Contact.objects.get(external_id=name)
            self.ids[name] = contact.id
            self.paper.person(contact.id, contact.created_at, external_id=name)
        return self.paper.people[self.ids[name]]

    # ── compared ────────────────────────────────────────────────────────────────────────────────

    def _compare(self) -> None:
        alive = {*Contact.objects.values_list("id", flat=True)}
        assert alive == self.paper.people.keys()
        visits = list(Visit.objects.select_related("flow").order_by("id"))
        paths = paths_of(visits)
        mails = list(
            Message.objects.order_by("created_at", "id").values_list(
                "contact_id", "flow", "node", "created_at", "status"
            )
        )
        members = set(Membership.objects.values_list("contact_id", "segment__key"))
        rows = {contact.id: contact for contact in Contact.objects.all()}
        for person in self.paper.people.values():
            for flow in self.paper.flows.values():
                found = [
                    (
                        [(step["node"], step["at"]) for step in paths[visit.id]],
                        visit.state,
                        visit.left_at,
                        visit.reason,
                    )
                    for visit in visits
                    if (visit.contact_id, visit.flow_id) == (person.id, flow.id)
                ]
                wanted = [
                    (way.path, way.state, way.left_at, way.reason) for way in person.of_flow(flow)
                ]
                assert sorted(found, key=str) == sorted(wanted, key=str), (person.id, flow.key)
            sent = [tuple(mail[1:]) for mail in mails if mail[0] == person.id]
            noted = [
                (way.flow.key, mail.node, mail.at, mail.status)
                for way in person.ways
                for mail in way.mails
            ]
            assert sorted(sent, key=str) == sorted(noted, key=str), person.id
            there = {key for key, stand in person.stands.items() if stand.member}
            assert {key for one, key in members if one == person.id} == there, person.id
            row = rows[person.id]
            assert row.score == person.fields["score"]
            assert row.fields.get("plan") == person.fields.get("plan")
        self._compare_history()

    def _compare_history(self) -> None:
        found: dict[tuple[int, str], list[tuple[datetime, str]]] = {}
        changes = MembershipChange.objects.filter(id__gt=self.first_change).order_by("id")
        for one, key, at, change in changes.values_list(
            "contact_id", "segment__key", "at", "change"
        ):
            found.setdefault((one, key), []).append((at, change))
        for person in self.paper.people.values():
            for key in SEGMENTS if person.id not in self.joined else ():
                wanted = person.changes.get(key, [])
                assert found.get((person.id, key), []) == wanted, (person.id, key)

    @invariant()
    def every_number_can_be_counted_anew(self) -> None:
        everything_adds_up()

    @invariant()
    def no_step_is_missing_or_doubled(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT v.id FROM visit v LEFT JOIN step s ON s.lane = v.lane AND s.visit_id = v.id"
                " GROUP BY v.lane, v.id, v.steps"
                " HAVING count(s.number) <> v.steps OR max(s.number) <> v.steps - 1"
            )
            assert cursor.fetchall() == []


def test_the_engine_does_what_the_paper_does() -> None:
    assert set(ALL_LANES) == {lane for worker in Days().workers for lane in worker.lanes}
    run_state_machine_as_test(
        Days,
        settings=settings(
            max_examples=400 if EXPLORING else 30,
            stateful_step_count=30 if EXPLORING else 14,
            suppress_health_check=list(HealthCheck),
        ),
    )
