"""Publishing a live flow anew: who stays, who is moved and where, on a virtual clock."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.errors import Refused
from flows import rollouts
from flows.lives import flow_pause, flow_publish
from messaging.models import Call
from segments.models import Membership
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
    build_segment,
    everything_adds_up,
    minutes,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db


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
