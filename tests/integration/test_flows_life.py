"""What the engine promises, one promise per test, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.lanes import lane_of
from contacts.intake.applying import set_apply
from contacts.models import Contact, RejectedMessage
from contacts.services import FieldChange, contact_delete, contacts_merge, fields_update
from flows.engine import ledger
from flows.engine.book import Book, load_book
from flows.engine.pulse import pulse
from flows.lives import flow_archive, flow_pause, flow_publish, flow_resume
from flows.models import Flow
from flows.services import contacts_add, contacts_remove
from messaging.models import Message
from messaging.services import messages_queue
from segments.services import members_change, segment_delete
from tests.builders import NOW
from tests.builders_flows import (
    BOUGHT,
    CART,
    CART_EDGES,
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    everything_adds_up,
    minutes,
    on,
    redraw,
    totals_of,
)

pytestmark = pytest.mark.django_db

LEAVE_ON_PURCHASE = {"exit_when": [{"type": "event", "name": "Order Completed"}]}
AGAIN = {"reentry": {"type": "after_exit"}}
IN_VIP = {"type": "field", "field": "plan", "op": "eq", "value": "vip"}


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage; whatever a test does, all numbers must add up at its end."""
    stage = Stage()
    yield stage
    everything_adds_up()


# ── coming again ────────────────────────────────────────────────────────────────────────────────


def test_once_means_once(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.after("PT2H")
    stage.does("ada", "Product Added")
    assert stage.states() == ["completed"]


def test_after_exit_lets_a_contact_in_again_but_never_twice_at_once(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    stage.does("ada", "Product Added")
    stage.does("ada", "Product Added")
    assert stage.states() == ["inside"]
    stage.after("PT1H")
    stage.does("ada", "Product Added")
    assert stage.states() == ["completed", "inside"]


def test_a_gap_counts_from_the_end_of_the_last_visit(stage: Stage) -> None:
    build_flow(settings={"reentry": {"type": "after_exit", "gap": "PT30M"}})
    stage.does("ada", "Product Added")
    stage.after("PT1H")
    stage.jump("PT29M")
    stage.does("ada", "Product Added")
    assert stage.states() == ["completed"]
    stage.jump("PT1M")
    stage.does("ada", "Product Added")
    assert stage.states() == ["completed", "inside"]


def test_two_triggers_of_one_flow_at_one_instant_make_one_visit(stage: Stage) -> None:
    nodes = {"a": on("A"), "b": on("B"), "hour": HOUR}
    build_flow("two", nodes, ["a next hour", "b next hour"], settings=AGAIN)
    stage.accepts("ada", "A")
    stage.accepts("ada", "B")
    stage.settle()
    assert stage.path("ada", "two") == ["a", "hour"]


def test_a_contact_enters_two_flows_at_once(stage: Stage) -> None:
    build_flow()
    build_flow("other")
    stage.does("ada", "Product Added")
    assert stage.states("cart") == stage.states("other") == ["inside"]


# ── going out ───────────────────────────────────────────────────────────────────────────────────


def test_an_event_takes_out_only_where_it_fits(stage: Stage) -> None:
    where = [{"property": "total", "op": "gt", "value": 50}]
    exits = [{"type": "event", "name": "Order Completed", "where": where}]
    build_flow(settings={"exit_when": exits})
    stage.does("ada", "Product Added")
    stage.does("ada", "Order Completed", total=20)
    stage.does("ada", "Order Completed")
    assert stage.states() == ["inside"]
    stage.does("ada", "Order Completed", total=51)
    visit = stage.visit("ada")
    assert (visit.state, visit.reason) == ("exited", "did Order Completed")
    stage.after("PT2H")
    assert not Message.objects.exists()


@pytest.mark.parametrize("kind", ["segment_entered", "segment_left"])
def test_a_segment_takes_out(stage: Stage, kind: str) -> None:
    stage.contact("ada", plan="vip" if kind == "segment_left" else "free")
    build_segment("vips", IN_VIP)
    stage.settle()
    build_flow(settings={"exit_when": [{"type": kind, "segment": "vips"}]})
    stage.does("ada", "Product Added")
    assert stage.states() == ["inside"]
    stage.sets("ada", plan="free" if kind == "segment_left" else "vip")
    assert stage.states() == ["exited"]


def test_the_goal_counts_before_an_exit(stage: Stage) -> None:
    build_flow(settings={**LEAVE_ON_PURCHASE, "goal": BOUGHT})
    stage.does("ada", "Product Added")
    stage.does("ada", "Order Completed")
    assert stage.visit("ada").reason == "reached the goal"
    assert totals_of("cart")["converted"] == 1


def test_who_is_at_the_goal_already_does_not_enter(stage: Stage) -> None:
    build_flow(settings={"goal": BOUGHT})
    stage.does("ada", "Order Completed")
    stage.does("ada", "Product Added")
    assert stage.states() == []


def test_members_of_a_suppressing_segment_neither_enter_nor_stay(stage: Stage) -> None:
    stage.contact("ada", plan="vip")
    stage.contact("bob")
    build_segment("vips", IN_VIP)
    stage.settle()
    build_flow(settings={"suppress": ["vips"]})
    stage.does("ada", "Product Added")
    stage.does("bob", "Product Added")
    assert [visit.contact_id for visit in stage.visits()] == [stage.ids["bob"]]
    stage.sets("bob", plan="vip")
    assert stage.visit("bob").reason == "suppressed by segment vips"


def test_a_message_still_queued_is_called_back_when_its_contact_leaves(stage: Stage) -> None:
    nodes = {"cart": on("Product Added"), "remind": MAIL, "day": ("wait", {"for": "P1D"})}
    build_flow("cart", nodes, ["cart next remind", "remind next day"], settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    assert stage.mails("queued") == {"ada": 1}
    stage.does("ada", "Order Completed")
    message = Message.objects.get()
    assert (message.status, message.reason) == ("cancelled", "left the flow: did Order Completed")


def test_what_a_finished_visit_has_in_the_outbox_is_sent(stage: Stage) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    stage.after("PT1H")
    stage.does("ada", "Order Completed")
    assert stage.states() == ["completed"]
    assert stage.mails("queued") == {"ada": 1}


# ── data before time ────────────────────────────────────────────────────────────────────────────


def test_a_purchase_accepted_before_the_end_wins_however_far_the_engine_lags(stage: Stage) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    stage.jump("PT59M")
    stage.accepts("ada", "Order Completed")
    stage.jump("P3D")
    stage.settle()
    assert stage.states() == ["exited"]
    assert not Message.objects.exists()


def test_a_wait_that_ended_before_the_purchase_was_accepted_still_sends(stage: Stage) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    stage.jump("PT61M")
    stage.settle()
    stage.accepts("ada", "Order Completed")
    stage.settle()
    assert stage.states() == ["completed"]


def test_waits_do_not_run_past_what_lies_in_the_inbox(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.accepts("bob", "Something")
    stage.jump("PT2H")
    monkeypatch.setattr("flows.engine.worker.take", lambda *_args, **_named: 0)
    stage.settle()
    assert stage.states() == ["inside"], "what was accepted is not taken in yet"
    monkeypatch.undo()
    stage.settle()
    assert stage.states() == ["completed"]


def test_a_message_nobody_can_process_does_not_hold_time_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_flow()
    stage.does("ada", "Product Added")

    def fails(messages: Sequence[Any], *, now: datetime) -> Any:
        if any(message.event == "Poison" for message in messages):
            raise ValueError("cannot be digested")
        return set_apply(messages, now=now)

    monkeypatch.setattr("contacts.intake.taking.set_apply", fails)
    stage.accepts("bob", "Poison")
    stage.accepts("cyd", "Product Added")
    stage.jump("PT2H")
    stage.settle()
    assert RejectedMessage.objects.count() == 1
    assert stage.states("cart", "ada") == ["completed"]
    assert stage.states("cart", "cyd") == ["inside"]


def test_a_late_event_enters_now_and_remembers_its_own_time(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added", at=NOW - minutes(90))
    visit = stage.visit("ada")
    assert (visit.state, visit.entry_at, visit.entered_at) == ("inside", NOW - minutes(90), NOW)
    assert visit.due_at == NOW + minutes(60)


# ── pause, resume, archive ──────────────────────────────────────────────────────────────────────


def test_while_paused_nobody_enters_and_nobody_moves(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.jump("PT3H")
    stage.does("bob", "Product Added")
    assert stage.states() == ["inside"]
    assert stage.path("ada") == ["cart", "hour"]
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.visit("ada").left_at == NOW + minutes(180)
    assert stage.states() == ["completed"]


def test_what_has_not_fallen_due_in_a_pause_keeps_its_time(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.jump("PT20M")
    stage.settle()
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.visit("ada").due_at == NOW + minutes(60)


@pytest.mark.parametrize("fell_due", [False, True])
def test_exits_and_goals_hold_in_a_pause(stage: Stage, fell_due: bool) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    if fell_due:
        stage.jump("PT2H")
        stage.settle()
    stage.does("ada", "Order Completed")
    assert stage.states() == ["exited"]
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.after("PT2H")
    assert stage.states() == ["exited"]
    assert not Message.objects.exists()


def test_publishing_a_paused_flow_lets_go_on_what_fell_due(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.jump("PT2H")
    stage.settle()
    flow_publish("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states() == ["completed"]


def test_what_a_contact_waited_for_may_have_come_in_the_pause(stage: Stage) -> None:
    nodes: Nodes = {
        "in": on("A"),
        "paid": ("wait_for", {"rule": BOUGHT, "timeout": "P1D"}),
        "mail": MAIL,
    }
    build_flow("a", nodes, ["in next paid", "paid matched mail"])
    stage.does("ada", "A")
    stage.does("bob", "A")
    flow_pause("a", actor=COMMAND, now=stage.now)
    stage.does("ada", "Order Completed")
    assert stage.path("ada", "a") == ["in", "paid"]
    stage.jump("PT1H")
    flow_resume("a", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.path("ada", "a") == ["in", "paid", "mail"]
    assert stage.visit("bob", "a").due_at == NOW + minutes(24 * 60)


def test_a_worker_that_still_believes_in_the_pause_strands_nobody(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    # The flow is resumed after this worker has read the book and before it has its lanes.
    stage.jump("PT2H")
    _meanwhile(stage, lambda: flow_resume("cart", actor=COMMAND, now=stage.now))
    stage.settle()
    assert stage.states() == ["completed"]


def test_nobody_enters_a_flow_that_is_archived_while_a_worker_reads_the_book(
    stage: Stage,
) -> None:
    build_flow()
    stage.contact("ada")
    stage.settle()
    stage.accepts("ada", "Product Added")
    _meanwhile(stage, lambda: flow_archive("cart", actor=COMMAND, now=stage.now))
    stage.settle()
    assert stage.states() == []


def _meanwhile(stage: Stage, work: Callable[[], object]) -> None:
    """Have something happen between a worker's reading of the book and its pulse."""

    def late(known: Book | None, **given: Any) -> Any:
        book = load_book(known)
        work()
        return pulse(book, **given)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.engine.worker.pulse", late)
        stage.engine.turn()


def test_archiving_ends_every_visit_and_calls_back_what_is_queued(stage: Stage) -> None:
    nodes = {"cart": on("Product Added"), "remind": MAIL, "day": ("wait", {"for": "P1D"})}
    build_flow("cart", nodes, ["cart next remind", "remind next day"])
    for name in ("ada", "bob", "cyd"):
        stage.does(name, "Product Added")
    _flow, ended = flow_archive("cart", actor=COMMAND, now=stage.now)
    assert ended == 3
    assert {(visit.state, visit.reason) for visit in stage.visits()} == {("exited", "archived")}
    assert stage.mails("cancelled") == {"ada": 1, "bob": 1, "cyd": 1}
    stage.does("dan", "Product Added")
    stage.after("P2D")
    assert len(stage.visits()) == 3


# ── versions ────────────────────────────────────────────────────────────────────────────────────


def test_who_stays_walks_the_old_version_with_its_settings(stage: Stage) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    stage.does("ada", "Product Added")
    stage.does("bob", "Product Added")
    redraw("cart", {**CART, "hour": ("wait", {"for": "PT5H"})}, CART_EDGES, now=stage.now)
    stage.does("cyd", "Product Added")
    stage.does("bob", "Order Completed")
    stage.does("cyd", "Order Completed")
    stage.after("PT1H")
    assert stage.states() == ["completed", "exited", "inside"]
    stage.after("PT4H")
    assert stage.states("cart", "cyd") == ["completed"]


def test_who_is_moved_goes_on_waiting_from_the_arrival(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.jump("PT10M")
    shorter = {**CART, "hour": ("wait", {"for": "PT30M"})}
    redraw("cart", shorter, CART_EDGES, now=stage.now, inside="move")
    stage.settle()
    assert stage.visit("ada").due_at == NOW + minutes(30)
    stage.jump("PT25M")
    redraw("cart", {**CART, "hour": ("wait", {"for": "PT3H"})}, CART_EDGES, now=NOW, inside="stay")
    stage.settle()
    assert stage.states() == ["completed"]


def test_who_is_moved_leaves_by_the_new_exits(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    redraw("cart", CART, CART_EDGES, settings=LEAVE_ON_PURCHASE, now=stage.now, inside="move")
    stage.does("ada", "Order Completed")
    assert stage.states() == ["exited"]


def test_who_is_moved_leaves_if_the_new_version_suppresses_them(stage: Stage) -> None:
    stage.contact("ada", plan="vip")
    build_segment("vips", IN_VIP)
    build_flow()
    stage.does("ada", "Product Added")
    stage.does("bob", "Product Added")
    settings = {"suppress": ["vips"]}
    redraw("cart", CART, CART_EDGES, settings=settings, now=stage.now, inside="move")
    stage.settle()
    assert stage.visit("ada").reason == "suppressed by segment vips"
    assert stage.states("cart", "bob") == ["inside"]


def test_who_stands_at_a_removed_step_goes_where_the_person_points(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.jump("PT10M")
    nodes = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"}), "remind": MAIL}
    edges = ["cart next half", "half next remind"]
    redraw("cart", nodes, edges, now=stage.now, inside="move", moves={"hour": "half"})
    stage.settle()
    visit = stage.visit("ada")
    assert (visit.node, visit.due_at) == ("half", NOW + minutes(40))
    stage.after("PT1H")
    assert stage.path("ada") == ["cart", "hour", "half", "remind"]
    assert stage.mails("queued") == {"ada": 1}


def test_who_stands_at_a_removed_step_and_is_pointed_nowhere_is_out(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    nodes = {"cart": on("Product Added"), "remind": MAIL}
    redraw("cart", nodes, ["cart next remind"], now=stage.now, inside="move")
    visit = stage.visit("ada")
    assert (visit.state, visit.reason) == ("exited", "removed by edit")


def test_who_is_in_the_segment_already_enters_once(stage: Stage) -> None:
    for name in ("ada", "bob"):
        stage.contact(name, plan="vip")
    stage.contact("cyd", plan="free")
    build_segment("vips", IN_VIP)
    stage.settle()
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    nodes: Nodes = {"in": entered, "hour": HOUR}
    build_flow("vips", nodes, ["in next hour"], settings=AGAIN)
    stage.settle()
    assert sorted(visit.contact_id for visit in stage.visits("vips")) == sorted(
        stage.ids[name] for name in ("ada", "bob")
    )
    stage.after("PT2H")
    redraw("vips", nodes, ["in next hour"], settings=AGAIN, now=stage.now)
    stage.settle()
    assert len(stage.visits("vips")) == 2, "they enter when the trigger appears, not at each edit"


def test_an_entry_waiting_for_a_trigger_that_is_gone_harms_nobody(stage: Stage) -> None:
    stage.contact("ada", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    build_flow("vips", {"in": entered, "hour": HOUR}, ["in next hour"])
    redraw("vips", {"cart": on("Product Added"), "in": HOUR}, ["cart next in"], now=stage.now)
    redraw("vips", {"cart": on("Product Added"), "hour": HOUR}, ["cart next hour"], now=stage.now)
    stage.does("bob", "Product Added")
    assert [visit.contact_id for visit in stage.visits("vips")] == [stage.id_of("bob")]


# ── segments by hand ────────────────────────────────────────────────────────────────────────────


def test_who_was_put_in_and_out_of_a_segment_before_anybody_looked_does_not_enter(
    stage: Stage,
) -> None:
    build_segment("hot", None, kind="static")
    for name in ("ada", "bob", "cyd"):
        stage.contact(name)
    nodes = {"in": ("segment_entered", {"segment": "hot"}), "hour": HOUR}
    settings = {"exit_when": [{"type": "segment_left", "segment": "hot"}]}
    build_flow("hot", nodes, ["in next hour"], settings=settings)
    stage.settle()
    changes = [("ada", "add"), ("ada", "remove"), ("bob", "add")]
    changes += [("cyd", "add"), ("cyd", "remove"), ("cyd", "add")]
    for name, change in changes:
        members_change("hot", [stage.ids[name]], change=change, cause="manual", now=stage.now)  # type: ignore[arg-type]
    stage.settle()
    assert sorted(visit.contact_id for visit in stage.visits("hot")) == sorted(
        stage.ids[name] for name in ("bob", "cyd")
    )
    assert stage.states("hot") == ["inside", "inside"]


# ── flows and flows ─────────────────────────────────────────────────────────────────────────────


def test_a_flow_adds_to_another_and_takes_out_of_it(stage: Stage) -> None:
    build_flow("b", {"in": ("manual", {}), "day": ("wait", {"for": "P1D"})}, ["in next day"])
    nodes = {
        "in": on("A"),
        "add": ("add_to_flow", {"flow": "b"}),
        "hour": HOUR,
        "out": ("remove_from_flow", {"flow": "b"}),
    }
    build_flow("a", nodes, ["in next add", "add next hour", "hour next out"])
    stage.does("ada", "A")
    assert stage.states("b") == ["inside"]
    stage.after("PT1H")
    assert stage.states("b") == ["exited"]
    assert stage.states("a") == ["completed"]


def test_a_flow_that_removes_its_own_contact_sends_nothing_after_that(stage: Stage) -> None:
    nodes = {
        "in": on("A"),
        "out": ("remove_from_flow", {"flow": "a"}),
        "hour": HOUR,
        "mail": MAIL,
    }
    build_flow("a", {**nodes, "out": HOUR}, ["in next out", "out next mail"], live=False)
    redraw("a", nodes, ["in next out", "out next hour", "hour next mail"], now=NOW)
    stage.does("ada", "A")
    stage.after("PT2H")
    assert stage.states("a") == ["exited"]
    assert not Message.objects.exists()


def test_two_flows_that_set_each_other_off_are_stopped_with_an_alert(stage: Stage) -> None:
    for key, other in (("a", "b"), ("b", "a")):
        nodes = {"in": on(key.upper()), "add": ("add_to_flow", {"flow": other})}
        build_flow(key, {"in": on("X"), "mail": MAIL}, ["in next mail"], live=False)
        if key == "b":
            redraw("b", nodes, ["in next add"], settings=AGAIN, now=NOW)
            nodes = {"in": on("A"), "add": ("add_to_flow", {"flow": "b"})}
            redraw("a", nodes, ["in next add"], settings=AGAIN, now=NOW)
    build_flow("calm", {"in": on("C"), "hour": HOUR}, ["in next hour"])
    stage.does("bob", "C")
    stage.accepts("ada", "A")
    stage.engine.until_idle(most=40)
    stopped = Flow.objects.exclude(alert="")
    assert [flow.status for flow in stopped] == ["paused"]
    assert "100 times" in stopped[0].alert
    assert len(stage.visits(stopped[0].key)) == 100
    stage.after("PT1H")
    assert stage.states("calm") == ["completed"], "the others go on"


def test_contacts_come_in_and_go_out_by_hand(stage: Stage) -> None:
    build_flow()
    ada = stage.contact("ada")
    contacts_add("cart", [ada], actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.path("ada") == ["cart", "hour"]
    contacts_remove("cart", [ada], actor=COMMAND, now=stage.now)
    stage.settle()
    visit = stage.visit("ada")
    assert (visit.state, visit.reason) == ("exited", "removed by command")
    contacts_remove("cart", [ada], actor=COMMAND, now=stage.now)
    stage.settle()


def test_who_is_added_to_a_paused_flow_does_not_enter(stage: Stage) -> None:
    build_flow()
    ada = stage.contact("ada")
    contacts_add("cart", [ada], actor=COMMAND, now=stage.now)
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states() == []


# ── trouble ─────────────────────────────────────────────────────────────────────────────────────


def _failing(stage: Stage) -> None:
    """A flow that fails for `ada` alone: a number divided by nothing."""
    template = "{% if first_name == 'ada' %}{{ 1 | divided_by: 0 }}{% endif %}{{ first_name }}"
    nodes = {"in": on("A"), "set": ("update_fields", {"set": {"city": template}}), "hour": HOUR}
    build_flow("a", nodes, ["in next set", "set next hour"], settings=LEAVE_ON_PURCHASE)
    for name in ("ada", "bob"):
        stage.contact(name, first_name=name)
    for name in ("ada", "bob"):
        stage.accepts(name, "A")
    stage.settle()


def test_a_failing_template_parks_that_contact_alone(stage: Stage) -> None:
    _failing(stage)
    parked = stage.visit("ada", "a")
    assert (parked.state, parked.node) == ("failed", "set")
    assert parked.error
    assert stage.states("a", "bob") == ["inside"]
    assert Contact.objects.get(external_id="bob").city == "bob"
    assert totals_of("a") == {
        "entered": 2, "inside": 1, "completed": 0, "converted": 0, "exited": 0, "failed": 1,
    }  # fmt: skip


def test_who_is_parked_leaves_by_the_exits_all_the_same(stage: Stage) -> None:
    _failing(stage)
    stage.does("ada", "Order Completed")
    assert stage.states("a", "ada") == ["exited"]
    assert totals_of("a")["failed"] == 0


def test_who_is_parked_can_be_taken_out_by_hand(stage: Stage) -> None:
    _failing(stage)
    contacts_remove("a", [stage.ids["ada"]], actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("a", "ada") == ["exited"]


def test_archiving_ends_those_who_are_parked_too(stage: Stage) -> None:
    _failing(stage)
    _flow, ended = flow_archive("a", actor=COMMAND, now=stage.now)
    assert ended == 2
    assert set(stage.states("a")) == {"exited"}


def test_a_step_whose_segment_is_gone_parks_those_who_come_to_it(stage: Stage) -> None:
    build_segment("hot", None, kind="static")
    nodes: Nodes = {"in": on("A"), "hour": HOUR, "add": ("add_to_segment", {"segment": "hot"})}
    build_flow("a", nodes, ["in next hour", "hour next add"])
    build_flow()
    stage.does("ada", "A")
    stage.does("bob", "Product Added")
    redraw("a", {"in": on("A"), "hour": HOUR}, ["in next hour"], now=stage.now)
    segment_delete("hot")
    stage.after("PT1H")
    visit = stage.visit("ada", "a")
    assert (visit.state, visit.node) == ("failed", "hour")
    assert visit.error == "at the step add: NotFound: there is no segment “hot”"
    assert stage.states("cart") == ["completed"]


def test_a_visit_that_the_database_chokes_on_is_parked_and_the_others_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_flow()
    ids = {name: stage.contact(name) for name in "abcdefg"}

    def chokes(messages: Sequence[Any], *, now: datetime) -> None:
        messages_queue(messages, now=now)
        if any(message.contact_id == ids["d"] for message in messages):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(ledger, "messages_queue", chokes)
    for name in ids:
        stage.accepts(name, "Product Added")
    stage.settle()
    stage.after("PT1H")
    assert stage.states() == ["completed"] * 3 + ["failed"] + ["completed"] * 3
    assert stage.mails("queued") == dict.fromkeys("abcefg", 1)
    assert "division by zero" in stage.visit("d").error


def test_a_trigger_that_fails_parks_its_contact_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: Nodes = {"in": on("A"), "mail": MAIL}
    build_flow("a", nodes, ["in next mail"])
    stage.contact("ada")

    def chokes(messages: Sequence[Any], *, now: datetime) -> None:
        if messages:
            raise RuntimeError("no")

    monkeypatch.setattr(ledger, "messages_queue", chokes)
    stage.does("ada", "A")
    assert (stage.states("a"), stage.path("ada", "a")) == (["failed"], ["in"])


def test_a_deleted_contact_takes_its_visits_along(stage: Stage) -> None:
    build_flow()
    for name in ("ada", "bob"):
        stage.does(name, "Product Added")
    contact_delete(stage.id_of("ada"))
    everything_adds_up()
    assert totals_of("cart")["entered"] == 1
    stage.after("PT2H")
    assert stage.states() == ["completed"]


def test_a_contact_deleted_with_work_waiting_harms_nobody(stage: Stage) -> None:
    build_flow()
    for name in ("ada", "bob"):
        stage.contact(name)
    stage.settle()
    contacts_add("cart", [stage.ids["ada"], stage.ids["bob"]], actor=COMMAND, now=stage.now)
    contact_delete(stage.ids["ada"])
    stage.settle()
    assert [visit.contact_id for visit in stage.visits()] == [stage.ids["bob"]]


# ── merging ─────────────────────────────────────────────────────────────────────────────────────


def test_when_one_of_two_is_inside_the_merged_contact_goes_on(stage: Stage) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    ada, lost = stage.contact("ada"), stage.contact("ada-too")
    assert lane_of(ada) != lane_of(lost)
    stage.does("ada-too", "Product Added")
    contacts_merge(kept_id=ada, lost_id=lost, now=stage.now)
    stage.settle()
    assert stage.path("ada") == ["cart", "hour"]
    stage.after("PT1H")
    assert stage.mails("queued") == {"ada": 1}
    assert stage.states() == ["completed"]


def test_when_both_are_inside_the_earlier_visit_goes_on(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    ada, lost = stage.contact("ada"), stage.contact("ada-too")
    stage.does("ada-too", "Product Added")
    stage.jump("PT10M")
    stage.does("ada", "Product Added")
    contacts_merge(kept_id=ada, lost_id=lost, now=stage.now)
    stage.settle()
    assert [(visit.state, visit.reason) for visit in stage.visits()] == [
        ("inside", ""),
        ("exited", "merged with another contact"),
    ]
    assert {visit.contact_id for visit in stage.visits()} == {ada}
    stage.after("PT2H")
    assert stage.mails("queued") == {"ada": 1}


def test_an_exit_that_one_of_two_fulfils_takes_the_merged_contact_out(stage: Stage) -> None:
    build_flow(settings={"goal": BOUGHT})
    ada, lost = stage.contact("ada"), stage.contact("ada-too")
    stage.does("ada-too", "Order Completed")
    stage.does("ada", "Product Added")
    contacts_merge(kept_id=ada, lost_id=lost, now=stage.now)
    stage.settle()
    assert stage.states() == ["converted"]


def test_a_version_that_can_no_longer_be_read_stops_nobody_else(stage: Stage) -> None:
    build_flow()
    nodes = {"in": on("A"), "hour": HOUR}
    build_flow("a", nodes, ["in next hour"])
    stage.does("ada", "A")
    stage.does("bob", "Product Added")
    broken = Flow.objects.get(key="a").live_version
    assert broken is not None
    broken.graph["nodes"][1]["type"] = "gone"
    broken.save()
    stage.engine.book = None
    stage.jump("PT2H")
    stage.engine.until_idle(most=5)
    assert stage.states() == ["completed"]
    assert stage.states("a") == ["inside"]


def test_a_field_change_by_a_person_moves_nobody_twice(stage: Stage) -> None:
    ada = stage.contact("ada", plan="free")
    build_segment("vips", IN_VIP)
    nodes = {"in": ("segment_entered", {"segment": "vips"}), "hour": HOUR, "mail": MAIL}
    build_flow("v", nodes, ["in next hour", "hour next mail"], settings=AGAIN)
    stage.settle()
    for plan in ("vip", "free", "vip"):
        fields_update([FieldChange(lane_of(ada), ada, {"plan": plan})], now=stage.now)
    stage.settle()
    assert stage.path("ada", "v") == ["in", "hour"]
