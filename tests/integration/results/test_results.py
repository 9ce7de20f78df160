"""What came of a flow, against small flows counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.permissions import COMMAND
from contacts.services import NewEvent, events_record
from flows.lives import flow_pause
from messaging.models import Message
from segments.services import members_change
from tests.builders import NOW
from tests.builders_flows import (
    BOUGHT,
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    on,
    redraw,
)
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

NODES: Nodes = {
    "come": on("Come"),
    "test": ("split", {"branches": [{"branch": "a", "weight": 50}, {"branch": "b", "weight": 50}]}),
    "mail": MAIL,
    "hour": HOUR,
}
EDGES = ["come next test", "test a mail", "mail next hour", "test b hour"]
SETTINGS = {"goal": BOUGHT, "exit_when": [{"type": "event", "name": "Gone"}]}
NAMES = [f"c{i}" for i in range(8)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer")


@pytest.fixture
def stage() -> Stage:
    """Eight come; c0 and c1 buy after half an hour, c2 goes, the others go on after an hour."""
    stage = Stage()
    build_flow(nodes=NODES, edges=EDGES, settings=SETTINGS)
    for name in NAMES:
        stage.does(name, "Come")
    stage.after("PT30M")
    stage.does("c0", "Order Completed")
    stage.does("c1", "Order Completed")
    stage.does("c2", "Gone")
    return stage


def get(client: Client, path: str, *, status: int = 200, **query: Any) -> Any:
    answer = client.get(f"/api/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json() if status == 200 else answer.json()["errors"][0]


def results(client: Client, clock: time_machine.Traveller, stage: Stage, **query: Any) -> Any:
    clock.move_to(stage.now, tick=False)
    return get(client, "flows/cart/results/", **query)


def test_the_funnel_the_goal_and_the_drop_off_are_as_counted_by_hand(
    stage: Stage, viewer: Client, clock: time_machine.Traveller
) -> None:
    stage.after("PT1S")
    found = results(viewer, clock, stage)
    assert (found["entered"], found["inside"]) == (8, 5)
    assert found["outcomes"] == {"completed": 0, "converted": 2, "exited": 1, "failed": 0}
    on_a = sum("mail" in stage.path(name) for name in NAMES)
    assert [(one["node"], one["reached"]) for one in found["funnel"]] == [
        ("come", 8),
        ("test", 8),
        ("mail", on_a),
        ("hour", 8),
    ]
    assert found["funnel"][3]["share"] == 1.0
    assert found["funnel"][3]["sentence"] == "Wait 1 hour"
    goal = found["goal"]
    assert (goal["reached"], goal["share"], goal["median_seconds"]) == (2, 0.25, 1800.0)
    assert (round(goal["low"], 3), round(goal["high"], 3)) == (0.071, 0.591)
    assert [(day["entered"], day["reached"]) for day in goal["by_day"]] == [(8, 2)]
    (gone,) = found["drop_off"]
    assert (gone["node"], gone["left"], gone["share"]) == ("hour", 1, 0.125)
    assert gone["outcomes"] == {"exited": 1}


def test_a_split_is_told_by_its_branches(
    stage: Stage, viewer: Client, clock: time_machine.Traveller
) -> None:
    stage.after("PT1S")
    (split,) = results(viewer, clock, stage)["splits"]
    on_a = {name for name in NAMES if "mail" in stage.path(name)}
    bought = {"c0", "c1"}
    assert [(one["branch"], one["entered"], one["converted"]) for one in split["branches"]] == [
        ("a", len(on_a), len(on_a & bought)),
        ("b", 8 - len(on_a), len(bought - on_a)),
    ]
    assert split["best"] is None
    assert split["words"]


def test_e_mails_are_told_with_what_became_of_them(
    stage: Stage, viewer: Client, clock: time_machine.Traveller
) -> None:
    stage.after("PT1S")
    mail = Message.objects.filter(status="queued").order_by("id").first()
    assert mail is not None
    Message.objects.filter(id=mail.id).update(status="sent", sent_at=stage.now)
    told = [
        NewEvent(mail.lane, mail.contact_id, name, stage.now, {"message": str(mail.id)})
        for name in ("Email Opened", "Email Opened", "Email Link Clicked", "Email Bounced")
    ]
    events_record(told, now=stage.now)
    (found,) = results(viewer, clock, stage)["emails"]
    assert (found["node"], found["template"], found["sent"]) == ("mail", "hello", 1)
    assert (found["opened"], found["clicked"], found["bounced"]) == (1, 1, 1)
    assert found["unsubscribed"] == 0
    sums = found["queued"] + found["sent"] + found["cancelled"]
    assert sums == sum("mail" in stage.path(name) for name in NAMES)


def test_they_are_narrowed_to_a_period_a_segment_and_a_version(
    stage: Stage, viewer: Client, clock: time_machine.Traveller
) -> None:
    segment = build_segment("few", None, kind="static")
    few = [stage.id_of("c0"), stage.id_of("c4")]
    members_change(segment.key, few, change="add", cause="by hand", now=stage.now)
    stage.settle()
    stage.after("PT1S")
    found = results(viewer, clock, stage, segment="few")
    assert (found["entered"], found["goal"]["reached"]) == (2, 1)
    assert results(viewer, clock, stage, version=1)["entered"] == 8
    assert results(viewer, clock, stage, to="2020-01-01T00:00Z")["entered"] == 0
    since = stage.now.isoformat()
    assert results(viewer, clock, stage, **{"from": since, "to": "2999-01-01"})["entered"] == 0


def test_a_flow_without_a_goal_has_none(viewer: Client) -> None:
    build_flow()
    found = get(viewer, "flows/cart/results/")
    assert (found["goal"], found["splits"], found["entered"]) == (None, [], 0)
    assert [one["reached"] for one in found["funnel"]] == [0, 0, 0]
    draft = build_flow("draft", live=False)
    assert get(viewer, f"flows/{draft.key}/results/")["funnel"] == []


def test_a_bad_question_is_refused_with_a_sentence(viewer: Client) -> None:
    build_flow()
    for place in ("results", "series"):
        path = f"flows/cart/{place}/"
        query: dict[str, Any] = {"from": "2026-02-01T00:00Z", "to": "2026-01-01T00:00Z"}
        refused = get(viewer, path, status=400, **query)
        assert refused["detail"] == "The period must begin before it ends."
        assert get(viewer, path, status=400, **{"from": "yesterday"})["attr"] == "from"
        assert get(viewer, path, status=400, to="2026-13-01")["attr"] == "to"
        query = {"from": "0001-01-01T00:00Z", "to": "0001-01-01T12:00Z"}
        get(viewer, path, **query)
    assert "“none”" in get(viewer, "flows/cart/results/", status=404, segment="none")["detail"]
    get(viewer, "flows/cart/results/", status=404, version=7)
    assert get(viewer, "flows/cart/results/", status=400, version="x")["attr"] == "version"
    assert get(viewer, "flows/cart/series/", status=400, step="PT7M")["attr"] == "step"
    query = {"from": "2020-01-01T00:00Z", "step": "PT5M"}
    assert "slots" in get(viewer, "flows/cart/series/", status=400, **query)["detail"]
    get(viewer, "flows/none/results/", status=404)
    get(viewer, "visits/999999999999999999999/", status=404)


def test_who_comes_to_a_step_again_by_a_loop_counts_once(
    viewer: Client, clock: time_machine.Traveller
) -> None:
    stage = Stage()
    build_flow(
        nodes={"come": on("Come"), "hour": HOUR, "mail": MAIL},
        edges=["come next hour", "hour next mail", "mail next hour"],
    )
    stage.does("c0", "Come")
    stage.after("PT4H")
    assert stage.path("c0").count("mail") > 1
    assert reached(results(viewer, clock, stage)) == {"come": 1, "hour": 1, "mail": 1}


WALK: Nodes = {
    "come": on("Come"),
    "mail": MAIL,
    "hour": HOUR,
    "half": ("wait", {"for": "PT30M"}),
}
WALK_EDGES = ["come next mail", "mail next hour", "hour next half"]


def test_who_comes_to_a_step_again_by_an_edit_counts_once(
    viewer: Client, clock: time_machine.Traveller
) -> None:
    stage = Stage()
    build_flow(nodes=WALK, edges=WALK_EDGES)
    stage.does("c0", "Come")
    stage.after("PT1H10M")
    later = ["come next hour", "hour next half", "half next mail"]
    redraw("cart", WALK, later, now=stage.now, inside="move")
    stage.after("PT3H")
    assert stage.path("c0").count("mail") == 2
    assert reached(results(viewer, clock, stage)) == dict.fromkeys(WALK, 1)


def test_who_is_moved_back_to_a_step_counts_once(
    viewer: Client, clock: time_machine.Traveller
) -> None:
    stage = Stage()
    build_flow(nodes=WALK, edges=WALK_EDGES)
    stage.does("c0", "Come")
    without = {node: said for node, said in WALK.items() if node != "hour"}
    edges = ["come next mail", "mail next half"]
    redraw("cart", without, edges, now=stage.now, inside="move", moves={"hour": "mail"})
    stage.after("PT3H")
    assert stage.path("c0").count("mail") == 2
    assert reached(results(viewer, clock, stage))["mail"] == 1


def reached(found: Any) -> dict[str, int]:
    """How many came to each step."""
    return {one["node"]: one["reached"] for one in found["funnel"]}


def test_as_many_statements_whoever_is_in_it(
    stage: Stage, viewer: Client, django_assert_max_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as few:
        get(viewer, "flows/cart/results/")
    for name in ("d0", "d1", "d2"):
        stage.does(name, "Come")
    with django_assert_max_num_queries(len(few)):
        get(viewer, "flows/cart/results/")


def test_nobody_sees_them_without_signing_in(stage: Stage) -> None:
    visit = stage.visit("c0")
    paths = ["flows/cart/series/", "flows/cart/results/", f"visits/{visit.id}/", "home/"]
    for path in paths:
        assert Client().get(f"/api/{path}").status_code in (401, 403)


# ── one visit ───────────────────────────────────────────────────────────────────────────────────


def test_a_visit_tells_its_path_and_where_it_will_be_next(stage: Stage, viewer: Client) -> None:
    visit = stage.visit("c4")
    found = get(viewer, f"visits/{visit.id}/")
    assert [step["node"] for step in found["path"]] == stage.path("c4")
    assert found["path"][0]["branch"] == "next"
    assert found["contact"]["external_id"] == "c4"
    assert found["here"]["node"] == "hour"
    assert found["here"]["next"] == "Goes on when time is up."
    (after,) = found["next"]
    assert (after["node"], after["words"]) == (None, "The visit is completed")
    assert after["at"] == found["here"]["until"] is not None
    flow_pause("cart", actor=COMMAND, now=stage.now)
    assert "paused" in get(viewer, f"visits/{visit.id}/")["here"]["next"]


def test_a_visit_that_is_over_tells_why(stage: Stage, viewer: Client) -> None:
    found = get(viewer, f"visits/{stage.visit('c0').id}/")
    assert (found["outcome"], found["here"], found["next"]) == ("converted", None, [])
    assert found["path"][-1]["reason"] == found["reason"] != ""


def test_a_visit_at_a_waiting_rule_tells_what_for(viewer: Client) -> None:
    stage = Stage()
    never = {"type": "event", "name": "Never"}
    nodes: Nodes = {
        "come": on("Come"),
        "wait": ("wait_for", {"rule": never, "timeout": "P9D"}),
        "mail": MAIL,
    }
    build_flow(nodes=nodes, edges=["come next wait", "wait timeout mail"])
    stage.does("ada", "Come")
    found = get(viewer, f"visits/{stage.visit('ada').id}/")
    assert [one["branch"] for one in found["next"]] == ["matched", "timeout"]
    assert [one["node"] for one in found["next"]] == [None, "mail"]
    assert "Never" in found["next"][0]["words"]
    stage.after("P10D")
    found = get(viewer, f"visits/{stage.visit('ada').id}/")
    assert "Time was up after 9 days, not:" in found["path"][1]["reason"]


# ── home ────────────────────────────────────────────────────────────────────────────────────────


def test_the_home_page_says_what_runs(
    stage: Stage, viewer: Client, clock: time_machine.Traveller
) -> None:
    build_flow("draft", live=False)
    build_segment("few", None, kind="static")
    members_change("few", [stage.id_of("c0")], change="add", cause="x", now=stage.now)
    clock.move_to(stage.now, tick=False)
    found = get(viewer, "home/")
    (flow,) = found["running"]
    assert (flow["key"], flow["status"], flow["inside"]) == ("cart", "live", 5)
    assert sum(flow["series"]) == flow["entered_today"] == flow["rate_per_hour"] == 8
    assert flow["converted_today"] == 2
    assert len(flow["series"]) == 24
    assert found["now"]["inside"] == 5
    mails = Message.objects.count()
    assert len(found["messages"]["at"]) == len(found["joins"]["at"]) == 14
    assert sum(found["messages"]["withheld"]) + sum(found["messages"]["sent"]) <= mails
    assert found["joins"]["joined"][-1] == 1


def test_the_home_page_of_an_empty_workspace(viewer: Client) -> None:
    found = get(viewer, "home/")
    assert found["running"] == []
    assert found["now"] == {"moving_per_minute": 0.0, "inside": 0, "events_per_minute": 0}
