"""Resuming, archiving and taking back lane by lane: what holds between two bites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common import jobs
from common.errors import Conflict
from common.jobs import job_cancel
from common.lanes import lane_of
from common.models import Job
from contacts.services import contacts_merge
from flows import rollouts
from flows.lives import flow_archive, flow_pause, flow_publish, flow_resume
from flows.models import Flow, Rollout, Visit
from flows.unpublishing import flow_unpublish
from messaging.holding import flows_held
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    BOUGHT,
    CART,
    CART_EDGES,
    LEAVE_ON_PURCHASE,
    MAIL,
    Nodes,
    Stage,
    build_crowd,
    everything_adds_up,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db

WAITING: Nodes = {
    "cart": on("Product Added"),
    "hour": ("wait_for", {"rule": BOUGHT, "timeout": "P1D"}),
    "remind": MAIL,
}
WAITING_EDGES = ["cart next hour", "hour matched remind"]


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people are many, and a lane is a bite."""
    monkeypatch.setattr(rollouts, "AT_ONCE", 1)
    monkeypatch.setattr(rollouts, "ROWS_PER_STEP", 0)


@pytest.fixture
def resting() -> Iterator[Callable[[], None]]:
    """No lane's turn comes by itself, until what is given is called."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.engine.worker.rollout_step", lambda now: False)
        yield patch.undo


def job_now() -> Job:
    """The newest job of a rollout."""
    job_id = Rollout.objects.latest("id").job_id
    assert job_id is not None
    return Job.objects.get(id=job_id)


def held() -> int:
    """How many are held."""
    return Visit.objects.exclude(held_due_at=None).count()


def bite(stage: Stage) -> None:
    """Have the turn of the next lane come in which anybody is."""
    before = list(Visit.objects.order_by("id").values_list("state", "due_at"))
    while list(Visit.objects.order_by("id").values_list("state", "due_at")) == before:
        assert rollouts.rollout_step(now=stage.now)


def paused_crowd(stage: Stage, **given: Any) -> list[str]:
    """Nine who have fallen due while their flow is paused."""
    names = build_crowd(stage, **given)
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.after("PT2H")
    assert held() == 9
    return names


# ── resuming ────────────────────────────────────────────────────────────────────────────────────


def test_many_are_brought_back_lane_by_lane_and_take_each_step_once(
    stage: Stage, resting: Callable[[], None]
) -> None:
    paused_crowd(stage)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    assert Flow.objects.get().status == "live"
    assert (held(), stage.states()) == (9, ["inside"] * 9)
    job = job_now()
    assert (job.status, job.title, job.total) == ("running", "Let 9 people in Cart go on", 9)
    stage.settle()
    assert stage.states() == ["inside"] * 9, "until its turn has come, a lane rests"
    bite(stage)
    stage.settle()
    assert 0 < stage.states().count("completed") < 9
    everything_adds_up()
    resting()
    stage.settle()
    assert stage.states() == ["completed"] * 9
    assert Message.objects.count() == 9
    job.refresh_from_db()
    assert (job.status, job.done) == ("done", 9)
    everything_adds_up()


def test_who_comes_and_who_leaves_while_a_flow_is_brought_back(
    stage: Stage, resting: Callable[[], None]
) -> None:
    names = paused_crowd(stage, settings=LEAVE_ON_PURCHASE)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.does(names[0], "Order Completed")
    stage.does("late", "Product Added")
    assert stage.states("cart", names[0]) == ["exited"], "exits hold before the lane's turn"
    assert stage.states("cart", "late") == ["inside"]
    resting()
    stage.settle()
    assert sorted(stage.states()) == ["completed"] * 8 + ["exited", "inside"]
    everything_adds_up()


def test_what_was_waited_for_in_the_pause_is_seen_at_the_lanes_turn(
    stage: Stage, resting: Callable[[], None]
) -> None:
    names = build_crowd(stage, nodes=WAITING, edges=WAITING_EDGES)
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.does(names[0], "Order Completed")
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.does(names[1], "Order Completed")
    assert stage.states("cart", names[0]) == ["inside"]
    assert stage.states("cart", names[1]) == ["completed"], "who is not held hears as ever"
    resting()
    stage.settle()
    assert stage.states("cart", names[0]) == ["completed"]
    assert Message.objects.count() == 2


def test_a_pause_overtakes_a_resuming_and_a_second_one_brings_back_the_rest(
    stage: Stage, resting: Callable[[], None]
) -> None:
    paused_crowd(stage)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    bite(stage)
    stage.settle()
    flow_pause("cart", actor=COMMAND, now=stage.now)
    assert not Rollout.objects.filter(finished_at=None).exists()
    done = stage.states().count("completed")
    assert 0 < done < 9
    resting()
    stage.settle()
    assert (stage.states().count("completed"), held()) == (done, 9 - done)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states() == ["completed"] * 9
    assert Message.objects.count() == 9
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}


def test_a_pause_by_the_engine_ends_a_resuming_at_its_next_bite(
    stage: Stage, resting: Callable[[], None]
) -> None:
    paused_crowd(stage)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    Flow.objects.update(status="paused")
    resting()
    stage.settle()
    assert held() == 9
    assert not Rollout.objects.filter(finished_at=None).exists()


def test_publishing_a_paused_flow_moves_people_and_brings_them_back(stage: Stage) -> None:
    paused_crowd(stage)
    redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    assert set(Rollout.objects.values_list("kind", flat=True)) == {"publish", "resume"}
    stage.settle()
    assert stage.states() == ["completed"] * 9
    assert Flow.objects.get().moving_to is None


def test_a_pause_amid_both_leaves_the_move_under_way(stage: Stage) -> None:
    paused_crowd(stage)
    version = redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    assert Flow.objects.get().moving_to == version.id
    stage.settle()
    assert Flow.objects.get().moving_to is None
    assert stage.states() == ["inside"] * 9
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states() == ["completed"] * 9


def test_a_merge_takes_a_visits_turn_along(stage: Stage, resting: Callable[[], None]) -> None:
    names = sorted(paused_crowd(stage), key=lambda name: lane_of(stage.id_of(name)))
    kept = stage.contact("kept")
    lost = stage.id_of(names[-1])
    flow_resume("cart", actor=COMMAND, now=stage.now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rollout_lane WHERE lane = %s", [lane_of(kept)])
    contacts_merge(kept_id=kept, lost_id=lost, now=stage.now)
    resting()
    stage.settle()
    assert (held(), stage.states()) == (0, ["completed"] * 9)
    everything_adds_up()


def test_neither_job_can_be_stopped_halfway(stage: Stage) -> None:
    paused_crowd(stage)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    with pytest.raises(Conflict, match="goes on to its end"):
        job_cancel(job_now().id, now=stage.now)
    flow_archive("cart", actor=COMMAND, now=stage.now)
    with pytest.raises(Conflict, match="goes on to its end"):
        job_cancel(job_now().id, now=stage.now)


# ── archiving ───────────────────────────────────────────────────────────────────────────────────


def test_an_archived_flow_takes_no_step_though_many_are_still_to_leave(
    stage: Stage, resting: Callable[[], None]
) -> None:
    names = build_crowd(stage, settings=LEAVE_ON_PURCHASE)
    flow, ended = flow_archive("cart", actor=COMMAND, now=stage.now)
    assert (flow.status, ended) == ("archived", 9)
    assert job_now().title == "Take 9 people out of Cart"
    archived_at = stage.now
    bite(stage)
    everything_adds_up()
    stage.after("PT2H")
    stage.does(names[0], "Order Completed")
    stage.does("late", "Product Added")
    assert set(stage.states()) == {"inside", "exited"}
    assert not Message.objects.exists()
    resting()
    stage.settle()
    assert stage.states() == ["exited"] * 9
    assert set(Visit.objects.values_list("reason", "left_at")) == {("archived", archived_at)}
    assert job_now().status == "done"
    everything_adds_up()


def test_nothing_queued_goes_out_of_a_flow_that_is_ending(
    stage: Stage, resting: Callable[[], None]
) -> None:
    nodes: Nodes = {**CART, "rest": ("wait", {"for": "P1D"})}
    build_crowd(stage, nodes=nodes, edges=[*CART_EDGES, "remind next rest"])
    stage.after("PT1H")
    assert set(Message.objects.values_list("status", flat=True)) == {"queued"}
    flow_archive("cart", actor=COMMAND, now=stage.now)
    assert flows_held() == ["cart"]
    resting()
    stage.settle()
    assert flows_held() == []
    assert set(Message.objects.values_list("status", flat=True)) == {"cancelled"}


def test_archiving_overtakes_a_resuming_and_a_move(stage: Stage) -> None:
    paused_crowd(stage)
    redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    rollouts.rollout_step(now=stage.now)
    flow_archive("cart", actor=COMMAND, now=stage.now)
    open_kinds = Rollout.objects.filter(finished_at=None).values_list("kind", flat=True)
    assert list(open_kinds) == ["end"]
    stage.settle()
    assert set(stage.states()) == {"exited"}
    assert not Message.objects.exists()
    everything_adds_up()


@pytest.mark.parametrize("command", [flow_resume, flow_archive])
def test_a_worker_that_dies_between_bites_changes_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Any]
) -> None:
    paused_crowd(stage)
    command("cart", actor=COMMAND, now=stage.now)
    done, died = jobs.job_progress, iter(range(10**6))

    def dies(*given: Any, **named: Any) -> bool:
        if next(died) % 3 == 0:
            raise KeyboardInterrupt
        return bool(done(*given, **named))

    monkeypatch.setattr("flows.rollouts.jobs.job_progress", dies)
    while True:
        try:
            if not rollouts.rollout_step(now=stage.now):
                break
        except KeyboardInterrupt:
            everything_adds_up()
    assert next(died) > 64
    stage.settle()
    assert set(stage.states()) == {"completed" if command is flow_resume else "exited"}
    assert held() == 0
    everything_adds_up()


# ── taking back ─────────────────────────────────────────────────────────────────────────────────


def test_who_came_in_by_a_first_publishing_is_taken_out_lane_by_lane(
    stage: Stage, resting: Callable[[], None]
) -> None:
    build_crowd(stage)
    Flow.objects.get().versions.update(published_at=stage.now)
    flow, ended = flow_unpublish("cart", version=1, actor=COMMAND, now=stage.now)
    assert (flow.status, ended) == ("draft", 9)
    stage.after("PT2H")
    assert stage.states() == ["inside"] * 9
    with pytest.raises(Conflict, match="still being taken back"):
        flow_publish("cart", actor=COMMAND, now=stage.now)
    resting()
    stage.settle()
    assert set(Visit.objects.values_list("state", "reason")) == {("exited", "unpublished")}
    assert not Message.objects.exists()
    assert flow_publish("cart", actor=COMMAND, now=stage.now).number == 2
    everything_adds_up()


def test_a_draft_that_is_still_being_emptied_can_be_archived(stage: Stage) -> None:
    build_crowd(stage)
    Flow.objects.get().versions.update(published_at=NOW)
    flow_unpublish("cart", version=1, actor=COMMAND, now=NOW)
    _, ended = flow_archive("cart", actor=COMMAND, now=NOW)
    assert ended == 0
    stage.settle()
    assert set(Visit.objects.values_list("state", "reason")) == {("exited", "unpublished")}
    assert not Rollout.objects.filter(finished_at=None).exists()
