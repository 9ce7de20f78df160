"""What the engine promises of one flow's life, one promise per test, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest

from accounts.permissions import COMMAND
from contacts.intake.applying import set_apply
from contacts.models import RejectedMessage
from flows.engine.book import Book, load_book
from flows.engine.pulse import pulse
from flows.lives import flow_archive, flow_pause, flow_publish, flow_resume
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    AGAIN,
    BOUGHT,
    HOUR,
    IN_VIP,
    LEAVE_ON_PURCHASE,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    minutes,
    on,
    totals_of,
)

pytestmark = pytest.mark.django_db


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
