"""Flows with segments, with other flows, and with contacts that are merged."""

from __future__ import annotations

import pytest

from accounts.permissions import COMMAND
from common.lanes import lane_of
from contacts.services import FieldChange, contacts_merge, fields_update
from flows.lives import flow_pause
from flows.models import Flow
from flows.services import contacts_add, contacts_remove
from messaging.models import Message
from segments.services import members_change
from tests.builders import NOW
from tests.builders_flows import (
    AGAIN,
    BOUGHT,
    HOUR,
    IN_VIP,
    LEAVE_ON_PURCHASE,
    MAIL,
    Stage,
    build_flow,
    build_segment,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("total", "bought_first", "state"),
    [(50, False, "exited"), (50, True, "inside"), (5, False, "inside")],
)
def test_a_purchase_that_merging_brings_takes_out_if_it_came_after_the_cart(
    stage: Stage, total: int, bought_first: bool, state: str
) -> None:
    big = [{"property": "total", "op": "gte", "value": 10}]
    leave = {"type": "event", "name": "Order Completed", "where": big}
    build_flow(settings={"exit_when": [leave]})
    ada, lost = stage.contact("ada"), stage.contact("ada-too")
    deeds: list[tuple[str, str, dict[str, int]]] = [
        ("ada", "Product Added", {}),
        ("ada-too", "Order Completed", {"total": total}),
    ]
    for name, event, properties in reversed(deeds) if bought_first else deeds:
        stage.does(name, event, **properties)
        stage.jump("PT5M")
    contacts_merge(kept_id=ada, lost_id=lost, now=stage.now)
    stage.settle()
    assert stage.states() == [state]


@pytest.mark.parametrize(
    ("rule", "branch"),
    [
        ({"type": "flow", "flow": "own", "op": "inside"}, "yes"),
        ({"type": "flow", "flow": "own", "op": "entered"}, "yes"),
        ({"type": "flow", "flow": "own", "op": "entered", "window": {"last": "PT1H"}}, "yes"),
        ({"type": "flow", "flow": "own", "op": "completed"}, "no"),
        ({"type": "flow", "flow": "another", "op": "inside"}, "no"),
    ],
)
def test_a_visit_that_asks_for_its_own_flow_finds_itself_on_its_first_pass(
    stage: Stage, rule: dict[str, object], branch: str
) -> None:
    build_flow("another", {"in": on("Nothing")}, [])
    stage.contact("ada")
    nodes = {
        "in": on("Came"),
        "asks": ("condition", {"rule": rule}),
        "yes": HOUR,
        "no": HOUR,
    }
    build_flow("own", nodes, ["in next asks", "asks yes yes", "asks no no"])
    stage.does("ada", "Came")
    assert stage.path("ada", "own") == ["in", "asks", branch]
