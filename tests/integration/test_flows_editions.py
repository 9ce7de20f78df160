"""Publishing a live flow anew: who stays, who is moved and where, on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.errors import Conflict, NotFound, Refused
from common.jobs import job_cancel
from common.models import Job
from flows import rollouts
from flows.lives import FlowHasProblemsError, flow_pause, flow_publish, flow_rollback
from flows.models import Flow
from flows.preview import Preview, publish_preview
from flows.services import flow_update, version_restore
from messaging.models import Call, Message
from segments.models import Membership
from segments.services import segment_delete
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
    build_flow,
    build_graph,
    build_segment,
    everything_adds_up,
    minutes,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage; whatever a test does, all numbers must add up at its end."""
    stage = Stage()
    yield stage
    everything_adds_up()


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


# ── parked, paused, queued ──────────────────────────────────────────────────────────────────────


def _parked(stage: Stage) -> None:
    """`ada` is parked at `set`, `bob` rests at `hour`."""
    template = "{% if first_name == 'ada' %}{{ 1 | divided_by: 0 }}{% endif %}{{ first_name }}"
    nodes = {"in": on("A"), "set": ("update_fields", {"set": {"city": template}}), "hour": HOUR}
    build_flow("a", nodes, ["in next set", "set next hour"])
    for name in ("ada", "bob"):
        stage.contact(name, first_name=name)
        stage.accepts(name, "A")
    stage.settle()
    assert stage.states("a") == ["failed", "inside"]


def test_who_is_parked_moves_along_and_stays_parked(stage: Stage) -> None:
    _parked(stage)
    nodes = {"in": on("A"), "set": ("update_fields", {"set": {"city": "x"}}), "hour": HOUR}
    edges = ["in next set", "set next hour"]
    version = redraw("a", nodes, edges, now=stage.now, inside="move")
    stage.settle()
    ada = stage.visit("ada", "a")
    assert (ada.state, ada.node, ada.version_id) == ("failed", "set", version.id)
    assert ada.error
    assert ada.failed_at == NOW


def test_who_is_parked_at_a_removed_step_goes_where_the_person_points(stage: Stage) -> None:
    _parked(stage)
    nodes = {"in": on("A"), "hour": HOUR}
    redraw("a", nodes, ["in next hour"], now=stage.now, inside="move", moves={"set": "hour"})
    ada = stage.visit("ada", "a")
    assert (ada.state, ada.node, ada.error, ada.failed_at) == ("inside", "hour", "", None)
    everything_adds_up()
    stage.after("PT1H")
    assert stage.states("a") == ["completed", "completed"]


def test_who_is_parked_at_a_removed_step_and_pointed_nowhere_is_out(stage: Stage) -> None:
    _parked(stage)
    redraw("a", {"in": on("A"), "hour": HOUR}, ["in next hour"], now=stage.now, inside="move")
    ada = stage.visit("ada", "a")
    assert (ada.state, ada.reason, ada.failed_at) == ("exited", "removed by edit", None)


def test_who_fell_due_in_a_pause_moves_and_goes_on(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.jump("PT2H")
    stage.settle()
    longer = {**CART, "hour": ("wait", {"for": "PT3H"})}
    redraw("cart", longer, CART_EDGES, now=stage.now, inside="move")
    stage.settle()
    assert stage.visit("ada").due_at == NOW + minutes(180), "the rest is what the new wait says"
    stage.after("PT1H")
    assert stage.states() == ["completed"]


def test_what_a_removed_step_has_queued_is_sent_all_the_same(stage: Stage) -> None:
    nodes = {"in": on("A"), "mail": MAIL, "hour": HOUR}
    build_flow("a", nodes, ["in next mail", "mail next hour"])
    stage.does("ada", "A")
    without = {"in": on("A"), "hour": HOUR}
    redraw("a", without, ["in next hour"], now=stage.now, inside="move")
    stage.settle()
    assert stage.mails("queued") == {"ada": 1}, "the step has been taken, and is taken once"
    redraw("a", {"in": on("A"), "day": HOUR}, ["in next day"], now=stage.now, inside="move")
    assert stage.mails("cancelled") == {"ada": 1}, "who is out by the edit gets nothing more"


def test_who_has_left_by_an_edit_is_seen_by_segments_that_ask_for_the_flow(stage: Stage) -> None:
    build_flow()
    build_segment("in-cart", {"type": "flow", "flow": "cart", "op": "inside"})
    stage.does("ada", "Product Added")
    assert Membership.objects.count() == 1
    nodes = {"cart": on("Product Added"), "remind": MAIL}
    redraw("cart", nodes, ["cart next remind"], now=stage.now, inside="move")
    stage.settle()
    assert Membership.objects.count() == 0


def test_a_step_that_is_another_kind_now_is_decided_at_once(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    redraw("cart", {**CART, "hour": MAIL}, CART_EDGES, now=stage.now, inside="move")
    stage.settle()
    assert stage.states() == ["completed"]
    assert stage.mails("queued") == {"ada": 2}


def test_who_comes_under_a_goal_they_have_reached_converts(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.does("ada", "Order Completed")
    redraw("cart", CART, CART_EDGES, settings={"goal": BOUGHT}, now=stage.now, inside="move")
    stage.settle()
    assert stage.states() == ["converted"]


def test_nobody_is_moved_to_a_trigger_or_to_nowhere(stage: Stage) -> None:
    build_flow()
    for target in ("cart", "nowhere"):
        with pytest.raises(Refused):
            flow_publish("cart", inside="move", moves={"hour": target}, actor=COMMAND, now=NOW)


HOOK = ("webhook", {"url": "http://127.0.0.1:9/", "method": "POST"})


def _call_ends(stage: Stage, name: str, branch: str) -> None:
    """The call of a contact's visit ends, as delivery would tell it."""
    visit = stage.visit(name, "a")
    calls = Call.objects.filter(lane=visit.lane, visit_id=visit.id)
    calls.update(status="done" if branch == "next" else "failed")
    (call,) = calls
    detail = {"visit": visit.id, "step": call.step, "branch": branch}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO touch (lane, contact_id, kind, name, detail, at)"
            " VALUES (%s, %s, 'call', 'a', %s, %s)",
            [visit.lane, visit.contact_id, json.dumps(detail), stage.now],
        )


def _calling(stage: Stage) -> None:
    nodes = {"in": on("A"), "hook": HOOK, "hour": HOUR}
    build_flow("a", nodes, ["in next hook", "hook next hour"])
    stage.does("ada", "A")
    assert (stage.visit("ada", "a").node, Call.objects.count()) == ("hook", 1)


@pytest.mark.parametrize("during", [False, True])
def test_a_call_in_flight_is_answered_by_the_new_version_and_made_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, during: bool
) -> None:
    _calling(stage)
    other = ("webhook", {"url": "http://127.0.0.1:9/other", "method": "PUT"})
    nodes = {"in": on("A"), "hook": other, "day": ("wait", {"for": "P1D"})}
    if during:
        monkeypatch.setattr(rollouts, "AT_ONCE", 0)
    redraw("a", nodes, ["in next hook", "hook next day"], now=stage.now, inside="move")
    _call_ends(stage, "ada", "next")
    if during:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("flows.engine.worker.rollout_step", lambda now: False)
            stage.settle()
        assert stage.visit("ada", "a").node == "hook", "it rests until it is moved"
    stage.settle()
    assert stage.path("ada", "a") == ["in", "hook", "day"]
    assert Call.objects.count() == 1


def test_an_answer_to_a_removed_step_finds_nobody(stage: Stage) -> None:
    _calling(stage)
    nodes = {"in": on("A"), "hour": HOUR}
    redraw("a", nodes, ["in next hour"], now=stage.now, inside="move", moves={"hook": "hour"})
    _call_ends(stage, "ada", "failed")
    stage.settle()
    assert stage.path("ada", "a") == ["in", "hook", "hour"]
    assert stage.visit("ada", "a").due_at == NOW + minutes(60)


# ── lane by lane ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people are many, and a lane is a step."""
    monkeypatch.setattr(rollouts, "AT_ONCE", 1)
    monkeypatch.setattr(rollouts, "ROWS_PER_STEP", 0)


def _crowd(stage: Stage, n: int = 9, **given: Any) -> list[str]:
    names = [f"c{i}" for i in range(n)]
    build_flow(**given)
    for name in names:
        stage.accepts(name, "Product Added")
    stage.settle()
    return names


def test_many_are_moved_lane_by_lane_with_a_job_that_shows_it(stage: Stage, many: None) -> None:
    _crowd(stage)
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
    names = _crowd(stage, settings=LEAVE_ON_PURCHASE)
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
    names = _crowd(stage, nodes=nodes, edges=edges)
    redraw("cart", nodes, edges, now=stage.now, inside="move")
    monkeypatch.setattr("flows.engine.worker.rollout_step", lambda now: False)
    stage.does(names[0], "Order Completed")
    assert stage.states("cart", names[0]) == ["inside"]
    monkeypatch.undo()
    stage.settle()
    assert stage.states("cart", names[0]) == ["completed"]


def test_a_move_that_is_cancelled_leaves_the_rest_where_they_are(stage: Stage, many: None) -> None:
    _crowd(stage)
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
    _crowd(stage)
    first = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"}), "remind": MAIL}
    redraw("cart", first, ["cart next half", "half next remind"], now=stage.now,
           inside="move", moves={"hour": "half"})  # fmt: skip
    for _ in range(20):
        rollouts.rollout_step(now=stage.now)
    assert {visit.node for visit in stage.visits()} == {"hour", "half"}
    flow_rollback("cart", version=1, inside="move", moves={"half": "hour"}, actor=COMMAND,
                  now=stage.now)  # fmt: skip
    stage.settle()
    assert {(visit.version.number, visit.node) for visit in stage.visits()} == {(3, "hour")}
    assert set(Job.objects.values_list("status", flat=True)) == {"done"}
    stage.after("PT1H")
    assert stage.states() == ["completed"] * 9


def test_publishing_without_moving_lets_an_earlier_move_go_on(stage: Stage, many: None) -> None:
    _crowd(stage)
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
    _crowd(stage)
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
    _crowd(stage, 30, nodes={**CART, "hour": ("wait", {"for": "P1D"})})
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
    _crowd(stage, 20)
    stage.jump("PT50M")
    redraw("cart", {**CART, "hour": ("wait", {"for": "PT5M"})}, CART_EDGES, now=stage.now,
           inside="move", spread="PT5H")  # fmt: skip
    assert max(visit.due_at for visit in stage.visits() if visit.due_at) == NOW + minutes(60)


def test_exits_go_on_during_a_spread(stage: Stage) -> None:
    long = {**CART, "hour": ("wait", {"for": "P1D"})}
    names = _crowd(stage, 5, nodes=long, settings=LEAVE_ON_PURCHASE)
    stage.jump("PT2H")
    redraw("cart", CART, CART_EDGES, settings=LEAVE_ON_PURCHASE, now=stage.now,
           inside="move", spread="PT10H")  # fmt: skip
    stage.settle()
    stage.does(names[3], "Order Completed")
    assert stage.states("cart", names[3]) == ["exited"]
    stage.after("PT10H")
    assert sum(stage.mails("queued").values()) == 4


def test_a_thousand_at_once_are_no_stampede_and_more_are_spread(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.graph.moving.CALM", 10)
    _crowd(stage, 25, nodes={**CART, "hour": ("wait", {"for": "P1D"})})
    stage.jump("PT2H")
    told = _preview(key="cart", nodes=CART, now=stage.now)
    assert (told.due_now, told.is_exact) == (25, True)
    assert told.spread is not None
    assert (told.spread.over, told.spread.until) == ("PT3M", stage.now + minutes(3))
    flow_publish("cart", inside="move", actor=COMMAND, now=stage.now)
    latest = max(visit.due_at for visit in stage.visits() if visit.due_at)
    assert stage.now < latest < stage.now + minutes(3)


@pytest.mark.parametrize("spread", ["PT0S", "P2D", "soon", "P1M"])
def test_a_spread_that_is_no_duration_or_too_long_is_refused(stage: Stage, spread: str) -> None:
    build_flow()
    with pytest.raises(Refused):
        flow_publish("cart", inside="move", spread=spread, actor=COMMAND, now=NOW)


# ── preview ─────────────────────────────────────────────────────────────────────────────────────


def _preview(
    *, key: str, nodes: Nodes, edges: Sequence[str] = CART_EDGES, now: datetime, **given: Any
) -> Preview:
    """Draw a flow anew, and ask what publishing would do."""
    flow = Flow.objects.get(key=key)
    flow_update(key, name=flow.name, graph=build_graph(nodes, edges), settings={},
                revision=flow.revision, now=now)  # fmt: skip
    return publish_preview(key, now=now, **{"inside": "move", **given})


def test_a_preview_tells_who_is_inside_and_where_they_would_go(stage: Stage) -> None:
    names = _crowd(stage, 3)
    without = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"}), "remind": MAIL}
    edges = ["cart next half", "half next remind"]
    told = _preview(key="cart", nodes=without, edges=edges, now=stage.now)
    assert told.version == 2
    (row,) = told.inside
    assert (row.version, row.node, row.title, row.count) == (1, "hour", "Wait 1 hour", 3)
    assert (row.exists, row.to) == (False, None)
    assert "At “Wait 1 hour”, which is removed: 3 people leave the flow." in told.words
    told = publish_preview("cart", inside="move", moves={"hour": "half"}, now=stage.now)
    assert told.inside[0].to == "half"
    assert told.due_now == 0
    assert stage.states() == ["inside"] * len(names), "nothing is changed by looking"


def test_a_preview_counts_who_would_enter_by_the_conditions_of_the_gate(stage: Stage) -> None:
    for i in range(6):
        stage.contact(f"c{i}", plan="vip")
    build_segment("vips", IN_VIP)
    build_segment("kept-out", {"type": "field", "field": "external_id", "op": "eq", "value": "c0"})
    stage.settle()
    settings = {"suppress": ["kept-out"], "goal": BOUGHT}
    build_flow("v", {"in": on("A"), "hour": HOUR}, ["in next hour"], settings=settings)
    stage.does("c1", "A")
    stage.does("c2", "Order Completed")
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    graph = build_graph({"in": entered, "hour": HOUR}, ["in next hour"])
    flow_update("v", name="V", graph=graph, settings=settings, revision=1, now=stage.now)
    told = publish_preview("v", now=stage.now)
    assert told.enters_now == 3
    flow_publish("v", actor=COMMAND, now=stage.now)
    stage.settle()
    assert len(stage.visits("v")) == 1 + told.enters_now


def test_a_preview_counts_the_people_of_a_one_off_send(stage: Stage) -> None:
    for i in range(4):
        stage.contact(f"c{i}", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    nodes: Nodes = {"in": ("once", {"segments": ["vips"]}), "hour": HOUR}
    build_flow("v", nodes, ["in next hour"], live=False)
    assert publish_preview("v", now=stage.now).enters_now == 4
    flow_publish("v", actor=COMMAND, now=stage.now)
    stage.settle()
    assert len(stage.visits("v")) == 4
    assert publish_preview("v", now=stage.now).enters_now == 0, "what went out is not sent again"


def test_a_preview_says_how_many_become_due_at_once(stage: Stage) -> None:
    _crowd(stage, 3)
    stage.jump("PT40M")
    stage.does("late", "Product Added")
    told = _preview(key="cart", nodes={**CART, "hour": ("wait", {"for": "PT30M"})}, now=stage.now)
    assert (told.due_now, told.spread) == (3, None)
    assert told.words == [
        "“Wait 1 hour” is now “Wait 30 minutes”.",
        "4 people inside move to the new version.",
        "3 people become due at once by this edit.",
    ]
    told = publish_preview("cart", inside="stay", now=stage.now)
    assert (told.due_now, told.words[-1]) == (0, "4 people inside stay as they are.")


def test_a_preview_of_very_many_looks_at_some_lanes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.moves.SAMPLE", 64)
    _crowd(stage, 128)
    stage.jump("PT40M")
    told = _preview(key="cart", nodes={**CART, "hour": ("wait", {"for": "PT30M"})}, now=stage.now)
    assert (told.due_now, told.is_exact) == (128, False)
    assert "About 128 people become due at once by this edit." in told.words


def test_a_preview_of_a_broken_draft_says_what_is_broken(stage: Stage) -> None:
    _crowd(stage, 2)
    told = _preview(key="cart", nodes={"lost": ("wait", {})}, edges=[], now=stage.now)
    assert {problem.code for problem in told.problems} >= {"no_trigger", "required"}
    assert (told.enters_now, told.due_now) == (0, 0)


# ── the way back ────────────────────────────────────────────────────────────────────────────────


def test_a_rollback_publishes_the_earlier_version_anew_and_leaves_the_draft(stage: Stage) -> None:
    _crowd(stage, 3)
    redraw("cart", {**CART, "hour": ("wait", {"for": "P1D"})}, CART_EDGES, now=stage.now,
           inside="move")  # fmt: skip
    stage.settle()
    back = flow_rollback("cart", version=1, inside="move", actor=COMMAND, now=stage.now)
    stage.settle()
    flow = Flow.objects.get()
    assert (back.number, flow.live_version_id) == (3, back.id)
    assert {visit.due_at for visit in stage.visits()} == {NOW + minutes(60)}
    assert flow.graph["nodes"][1]["config"] == {"for": "P1D"}
    with pytest.raises(Conflict, match="live already"):
        flow_rollback("cart", version=3, actor=COMMAND, now=stage.now)
    with pytest.raises(NotFound):
        flow_rollback("cart", version=9, actor=COMMAND, now=stage.now)


def test_a_rollback_lets_nobody_in_a_second_time(stage: Stage) -> None:
    stage.contact("ada", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    build_flow("v", {"in": entered, "mail": MAIL}, ["in next mail"], settings=AGAIN)
    stage.settle()
    redraw("v", {"in": on("A"), "mail": MAIL}, ["in next mail"], settings=AGAIN, now=stage.now)
    flow_rollback("v", version=1, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("v") == ["completed"]


def test_a_rollback_to_what_no_longer_works_is_refused(stage: Stage) -> None:
    build_segment("hot", None, kind="static")
    build_flow("a", {"in": ("segment_entered", {"segment": "hot"}), "hour": HOUR}, ["in next hour"])
    redraw("a", {"in": on("A"), "hour": HOUR}, ["in next hour"], now=stage.now)
    segment_delete("hot")
    with pytest.raises(FlowHasProblemsError):
        flow_rollback("a", version=1, actor=COMMAND, now=stage.now)


def test_a_version_becomes_the_draft_again_unless_somebody_has_saved_meanwhile(
    stage: Stage,
) -> None:
    build_flow()
    redraw("cart", {"cart": on("A"), "hour": HOUR}, ["cart next hour"], now=stage.now)
    flow = version_restore("cart", 1, revision=2, actor=COMMAND, now=stage.now)
    assert (flow.revision, [node["id"] for node in flow.graph["nodes"]]) == (3, list(CART))
    with pytest.raises(Conflict):
        version_restore("cart", 2, revision=2, actor=COMMAND, now=stage.now)
    with pytest.raises(NotFound):
        version_restore("cart", 7, revision=3, actor=COMMAND, now=stage.now)
