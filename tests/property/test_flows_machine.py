"""Random flows, random days, several workers: the engine does what the paper does.

A state machine draws flows that feed one another and lets things happen: events (several at one
instant, late ones), changed fields, wishes, merges, deletions, pauses, new editions, workers that
hold only some of the lanes or take only a few messages, time that passes minute by minute or jumps.
After every turn of a worker the engine's rows are compared with `tests.flows_on_paper`, and after
every step all counters with the rows.

`HYPOTHESIS_PROFILE=explore` runs it long.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
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
from contacts.models import Consent
from flows.engine.pulse import ALL_LANES
from flows.lives import flow_archive, flow_pause, flow_resume
from flows.services import contacts_add, contacts_remove
from segments.models import MembershipChange
from segments.services import members_change, segment_create
from tests import flow_lives_on_paper as lives
from tests.builders_flows import everything_adds_up
from tests.builders_segments import build
from tests.flow_strategies import (
    EXPLORING,
    FLOWS,
    SEGMENTS,
    ZONES,
    Drawing,
    drawings,
    segment_rules,
)
from tests.flows_side_by_side import MINUTE, Doing, SideBySide
from tests.people_on_paper import Segment

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
who = st.integers(0, 5)
which = st.sampled_from(FLOWS)


class Days(SideBySide, RuleBasedStateMachine):
    """The engine and the paper, side by side."""

    def teardown(self) -> None:
        self.close()

    @initialize(
        rules=st.lists(segment_rules, min_size=2, max_size=2),
        kinds=st.lists(st.sampled_from(["dynamic", "dynamic", "growing"]), min_size=2, max_size=2),
        drawn=st.lists(drawings(), min_size=3, max_size=3),
    )
    def begin(self, rules: list[Any], kinds: list[str], drawn: list[Drawing]) -> None:
        self.open()
        self.people_come(NAMES, plan="a")
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
        self.all_turn()
        for person in self.paper.people.values():
            person.changes.clear()
        last = MembershipChange.objects.order_by("-id").values_list("id", flat=True).first()
        self.first_change = last or 0
        self.flows_are_made(FLOWS)
        for key, drawing in zip(FLOWS, drawn, strict=True):
            self.publish(key, drawing, None)
        self.settle()

    # ── what happens ────────────────────────────────────────────────────────────────────────────

    @rule(
        name=st.sampled_from([*NAMES, "dan"]),
        done=st.lists(
            st.tuples(st.sampled_from("AABC"), st.integers(1, 2), st.sampled_from([0, 0, 0, 1, 3])),
            min_size=1,
            max_size=3,
        ),
        rests=st.booleans(),
    )
    def something_is_done(self, name: str, done: list[Doing], rests: bool) -> None:
        self.happens(name, done)
        if rests:
            self.settle()

    @rule(number=who, plan=st.sampled_from(["a", "b", "g"]))
    def plan_changes(self, number: int, plan: str) -> None:
        self.set_fields(number, {"plan": plan})

    @rule(number=who, ahead=st.integers(-1, 4))
    def end_changes(self, number: int, ahead: int) -> None:
        self.set_fields(number, {"ends": canonical(self.now + ahead * MINUTE)})

    @rule(number=who, zone=st.sampled_from(ZONES))
    def zone_changes(self, number: int, zone: str) -> None:
        self.set_fields(number, {"timezone": zone})

    @rule(number=who, state=st.sampled_from(["subscribed", "unsubscribed"]))
    def consent_changes(self, number: int, state: str) -> None:
        person = self.person_of(number)
        change = contacts.ConsentChange(lane_of(person.id), person.id, "news", state)
        contacts.consents_set([change], now=self.now)
        self.paper.set_consent(person, "news", state)

    @rule(number=who, key=st.sampled_from(SEGMENTS), change=st.sampled_from(["add", "remove"]))
    def hand_moves(self, number: int, key: str, change: Any) -> None:
        person = self.person_of(number)
        members_change(key, [person.id], change=change, cause="manual", now=self.now)
        self.paper.by_hand(person, key, change, now=self.now)

    @rule(number=who, key=which)
    def wish_to_add(self, number: int, key: str) -> None:
        person, flow = self.person_of(number), self.paper.flows[key]
        if flow.status == "live":
            contacts_add(key, [person.id], actor=COMMAND, now=self.now)
            self.paper.ask_flow(person, key, "add")

    @rule(number=who, key=which)
    def wish_to_remove(self, number: int, key: str) -> None:
        person, flow = self.person_of(number), self.paper.flows[key]
        if flow.status in ("live", "paused"):
            contacts_remove(key, [person.id], actor=COMMAND, now=self.now)
            self.paper.ask_flow(person, key, "remove")

    @rule(kept=who, lost=who)
    def two_are_one(self, kept: int, lost: int) -> None:
        one, other = self.person_of(kept), self.person_of(lost)
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
        person = self.person_of(number)
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
        self.publish(key, drawing, leads)

    # ── time, and the workers ───────────────────────────────────────────────────────────────────

    @rule(number=st.integers(0, 2))
    def one_works(self, number: int) -> None:
        """A worker works until its lanes are at rest, the others sleep."""
        worker = self.workers[number]
        self.works(worker)
        self.compare()

    @rule(minutes=st.integers(1, 5))
    def time_passes(self, minutes: int) -> None:
        self.minutes_pass(minutes)

    @rule()
    def all_work(self) -> None:
        """All work until nothing is left to do."""
        self.settle()

    @rule(minutes=st.integers(1, 4))
    def nobody_works_for_a_while(self, minutes: int) -> None:
        self.now += minutes * MINUTE

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
