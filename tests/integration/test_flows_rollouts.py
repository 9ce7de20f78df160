"""Moving many lane by lane, and spreading who becomes due at once, on a virtual clock."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.errors import Refused
from common.jobs import job_cancel
from common.models import Job
from flows import rollouts
from flows.lives import flow_publish, flow_rollback
from flows.models import Flow
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    AGAIN,
    BOUGHT,
    CART,
    CART_EDGES,
    HOUR,
    IN_VIP,
    LEAVE_ON_PURCHASE,
    MAIL,
    Nodes,
    Stage,
    build_crowd,
    build_flow,
    build_segment,
    everything_adds_up,
    minutes,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db


# ── lane by lane ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people are many, and a lane is a step."""
    monkeypatch.setattr(rollouts, "AT_ONCE", 1)
    monkeypatch.setattr(rollouts, "ROWS_PER_STEP", 0)


def test_many_are_moved_lane_by_lane_with_a_job_that_shows_it(stage: Stage, many: None) -> None:
    build_crowd(stage)
    shorter = {**CART, "hour": ("wait", {"for": "PT30M"})}
    version = redraw("cart", shorter, CART_EDGES, now=stage.now, inside="move")
    assert {visit.version.number for visit in stage.visits()} == {1}
    job = Job.objects.get(kind="flow_rollout")
    assert (job.status, job.done, job.total) == ("running", 0, 9)
    assert job.title == "Bring version 2 of Cart to 9 people"
    assert rollouts.rollout_step(now=stage.now)
    everything_adds_up()
    stage.settle()
    assert {visit.version_id for visit in stage.visits()} == {version.id}
    assert {visit.due_at for visit in stage.visits()} == {NOW + minutes(30)}
    job.refresh_from_db()
    assert (job.status, job.done) == ("done", 9)
    assert Flow.objects.get().moving_to is None
    assert not rollouts.rollout_step(now=stage.now)


def test_nobody_takes_a_step_of_the_old_version_while_the_move_is_under_way(
    stage: Stage, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = build_crowd(stage, settings=LEAVE_ON_PURCHASE)
    stage.jump("PT2H")
    without = {"cart": on("Product Added"), "hour": HOUR}
    redraw("cart", without, ["cart next hour"], settings=LEAVE_ON_PURCHASE, now=stage.now,
           inside="move")  # fmt: skip
    monkeypatch.setattr("flows.engine.worker.rollout_step", lambda now: False)
    stage.does(names[0], "Order Completed")
    assert stage.states() == ["exited"] + ["inside"] * 8, "exits hold, steps rest"
    monkeypatch.undo()
    stage.settle()
    assert stage.states() == ["exited"] + ["completed"] * 8
    assert not Message.objects.exists(), "the removed e-mail was never sent"


def test_what_was_waited_for_during_the_move_is_seen_after_it(
    stage: Stage, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: Nodes = {
        "cart": on("Product Added"),
        "hour": ("wait_for", {"rule": BOUGHT, "timeout": "P1D"}),
        "remind": MAIL,
    }
    edges = ["cart next hour", "hour matched remind"]
    names = build_crowd(stage, nodes=nodes, edges=edges)
    redraw("cart", nodes, edges, now=stage.now, inside="move")
    monkeypatch.setattr("flows.engine.worker.rollout_step", lambda now: False)
    stage.does(names[0], "Order Completed")
    assert stage.states("cart", names[0]) == ["inside"]
    monkeypatch.undo()
    stage.settle()
    assert stage.states("cart", names[0]) == ["completed"]


def test_a_move_that_is_cancelled_leaves_the_rest_where_they_are(stage: Stage, many: None) -> None:
    build_crowd(stage)
    redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    rollouts.rollout_step(now=stage.now)
    job_cancel(Job.objects.get(kind="flow_rollout").id, now=stage.now)
    stage.settle()
    assert Job.objects.get(kind="flow_rollout").status == "cancelled"
    assert {visit.version.number for visit in stage.visits()} <= {1, 2}
    assert Flow.objects.get().moving_to is None
    stage.after("PT1H")
    assert stage.states() == ["completed"] * 9


def test_a_move_that_is_overtaken_by_another_goes_on_from_where_it_was(
    stage: Stage, many: None
) -> None:
    build_crowd(stage)
    first = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"}), "remind": MAIL}
    redraw("cart", first, ["cart next half", "half next remind"], now=stage.now,
           inside="move", moves={"hour": "half"})  # fmt: skip
    while {visit.node for visit in stage.visits()} == {"hour"}:
        assert rollouts.rollout_step(now=stage.now)
    assert {visit.node for visit in stage.visits()} == {"hour", "half"}
    flow_rollback("cart", version=1, inside="move", moves={"half": "hour"}, actor=COMMAND,
                  now=stage.now)  # fmt: skip
    stage.settle()
    assert {(visit.version.number, visit.node) for visit in stage.visits()} == {(3, "hour")}
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    stage.after("PT1H")
    assert stage.states() == ["completed"] * 9


def test_publishing_without_moving_lets_an_earlier_move_go_on(stage: Stage, many: None) -> None:
    build_crowd(stage)
    redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    redraw("cart", CART, CART_EDGES, now=stage.now)
    stage.settle()
    assert {visit.version.number for visit in stage.visits()} == {2}
    stage.does("late", "Product Added")
    assert stage.visit("late").version.number == 3


def test_many_existing_members_are_let_in_lane_by_lane(stage: Stage, many: None) -> None:
    for i in range(5):
        stage.contact(f"c{i}", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    build_flow("v", {"in": entered, "hour": HOUR}, ["in next hour"], settings=AGAIN)
    assert Job.objects.get(kind="flow_rollout").total == 5
    rollouts.rollout_step(now=stage.now)
    stage.settle()
    assert stage.states("v") == ["inside"] * 5


def test_two_workers_share_the_lanes_of_a_move(stage: Stage, many: None) -> None:
    build_crowd(stage)
    redraw("cart", CART, CART_EDGES, now=stage.now, inside="move")
    left = []
    while rollouts.rollout_step(now=stage.now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM rollout_lane")
            left.append(cursor.fetchone()[0])
    assert left[:3] == [63, 62, 61]
    assert left[-1] == 0


# ── spread ──────────────────────────────────────────────────────────────────────────────────────


def test_who_becomes_due_at_once_is_spread_if_that_is_asked(stage: Stage) -> None:
    build_crowd(stage, 30, nodes={**CART, "hour": ("wait", {"for": "P1D"})})
    stage.jump("PT10M")
    redraw("cart", {**CART, "hour": ("wait", {"for": "PT5M"})}, CART_EDGES, now=stage.now,
           inside="move", spread="PT1H")  # fmt: skip
    dues = sorted(visit.due_at for visit in stage.visits() if visit.due_at)
    began = NOW + minutes(10)
    assert len(dues) == 30
    assert began <= dues[0]
    assert dues[-1] < began + minutes(60)
    assert len(set(dues)) == 30
    assert dues[20] - dues[5] > minutes(10), "they are spread, not bunched"
    stage.after("PT30M")
    assert set(stage.states()) == {"completed", "inside"}
    stage.after("PT30M")
    assert stage.states() == ["completed"] * 30


def test_a_spread_keeps_nobody_longer_than_the_old_wait_would_have(stage: Stage) -> None:
    build_crowd(stage, 20)
    stage.jump("PT50M")
    redraw("cart", {**CART, "hour": ("wait", {"for": "PT5M"})}, CART_EDGES, now=stage.now,
           inside="move", spread="PT5H")  # fmt: skip
    assert max(visit.due_at for visit in stage.visits() if visit.due_at) == NOW + minutes(60)


def test_exits_go_on_during_a_spread(stage: Stage) -> None:
    long = {**CART, "hour": ("wait", {"for": "P1D"})}
    names = build_crowd(stage, 5, nodes=long, settings=LEAVE_ON_PURCHASE)
    stage.jump("PT2H")
    redraw("cart", CART, CART_EDGES, settings=LEAVE_ON_PURCHASE, now=stage.now,
           inside="move", spread="PT10H")  # fmt: skip
    stage.settle()
    stage.does(names[3], "Order Completed")
    assert stage.states("cart", names[3]) == ["exited"]
    stage.after("PT10H")
    assert sum(stage.mails("queued").values()) == 4


@pytest.mark.parametrize("spread", ["PT0S", "P2D", "soon", "P1M"])
def test_a_spread_that_is_no_duration_or_too_long_is_refused(stage: Stage, spread: str) -> None:
    build_flow()
    with pytest.raises(Refused):
        flow_publish("cart", inside="move", spread=spread, actor=COMMAND, now=NOW)
