"""What a person does to the people inside a flow, over HTTP: take out, move, send on now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.permissions import COMMAND
from flows.lives import flow_pause, flow_resume
from flows.models import Step, Visit
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
    everything_adds_up,
    on,
    redraw,
)
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

NODES: Nodes = {
    "come": on("Come"),
    "hour": HOUR,
    "mail": MAIL,
    "wait": ("wait_for", {"rule": {"type": "event", "name": "Never"}, "timeout": "P9D"}),
    "late": ("send_email", {"template": "hello"}),
}
EDGES = ["come next hour", "hour next mail", "mail next wait", "wait timeout late"]
NAMES = ("ada", "bob", "cyd")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The doors read the clock of the stage."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


@pytest.fixture
def stage() -> Stage:
    """Three people at the wait of an hour."""
    stage = Stage()
    build_flow(nodes=NODES, edges=EDGES, settings={"exit_when": [BOUGHT]})
    for name in NAMES:
        stage.does(name, "Come")
    return stage


def post(client: Client, path: str, body: Any, *, status: int = 202) -> Any:
    answer = client.post(f"/api/flows/cart/{path}/", body, "application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if status == 202 else answer.json()["errors"][0]


# ── take out ────────────────────────────────────────────────────────────────────────────────────


def test_one_some_all_at_a_step_or_those_whom_a_search_finds_are_taken_out(
    stage: Stage, editor: Client
) -> None:
    assert post(editor, "remove", {"contact": stage.id_of("ada")}) == {"count": 1, "job": None}
    assert stage.states() == ["exited", "inside", "inside"]
    assert stage.visit("ada").reason.startswith("removed by ")
    everything_adds_up()
    assert post(editor, "remove", {"search": "bo"})["count"] == 1
    assert stage.states() == ["exited", "exited", "inside"]
    assert post(editor, "remove", {"node": "mail"})["count"] == 0
    assert post(editor, "remove", {"node": "hour"})["count"] == 1
    assert post(editor, "remove", {"all": True})["count"] == 0
    stage.after("PT2H")
    assert stage.mails() == {}
    everything_adds_up()
    actions = AuditEntry.objects.filter(action="flow.people_removed").order_by("id")
    assert [entry.detail["n"] for entry in actions] == [1, 1, 0, 1, 0]


def test_what_is_queued_for_those_taken_out_is_called_back(stage: Stage, editor: Client) -> None:
    stage.after("PT1H")
    with time_machine.travel(stage.now, tick=False):
        post(editor, "remove", {"contacts": [stage.id_of("ada")]})
    assert stage.mails("cancelled") == {"ada": 1}
    assert stage.mails() == {"bob": 1, "cyd": 1}


def test_all_that_is_given_must_hold_and_nothing_is_never_everybody(
    stage: Stage, editor: Client
) -> None:
    assert post(editor, "remove", {}, status=400)["attr"] == "all"
    assert post(editor, "remove", {"all": False}, status=400)["attr"] == "all"
    assert post(editor, "remove", {"search": "   "}, status=400)
    post(editor, "remove", {"contact": 9**9}, status=404)
    both = {"node": "mail", "contacts": [stage.id_of("ada")]}
    assert post(editor, "remove", both)["count"] == 0
    assert post(editor, "remove", {"visits": []})["count"] == 0
    assert stage.states() == ["inside"] * 3
    post(signed_in("viewer"), "remove", {"all": True}, status=403)


def test_those_who_have_failed_at_a_step_are_told_from_those_who_have_not(
    stage: Stage, editor: Client
) -> None:
    bob = stage.visit("bob").id
    Visit.objects.filter(id=bob).update(state="failed", failed_at=NOW, due_at=None, error="?")
    at_hour = {"node": "hour", "to": "wait"}
    assert post(editor, "move", {**at_hour, "failed": True})["count"] == 1
    assert stage.visit("bob").node == "wait"
    assert post(editor, "move", {**at_hour, "failed": True})["count"] == 0
    assert post(editor, "remove", {"node": "hour", "failed": False})["count"] == 2
    assert post(editor, "remove", {"failed": False}, status=400)["attr"] == "all"


def test_a_paused_flow_counts_who_fell_due(stage: Stage, editor: Client) -> None:
    assert editor.get("/api/flows/cart/counts/").json()["held"] == 0
    flow_pause("cart", actor=COMMAND, now=stage.now)
    assert editor.get("/api/flows/cart/counts/").json()["held"] == 0
    stage.after("PT2H")
    assert editor.get("/api/flows/cart/counts/").json()["held"] == len(NAMES)
    flow_resume("cart", actor=COMMAND, now=stage.now)
    assert editor.get("/api/flows/cart/counts/").json()["held"] == 0


# ── move ────────────────────────────────────────────────────────────────────────────────────────


def test_people_are_moved_to_a_step_and_it_is_done_there_at_once(
    stage: Stage, editor: Client
) -> None:
    moved = post(editor, "move", {"contacts": [stage.id_of("ada")], "to": "mail"})
    assert moved == {"count": 1, "job": None}
    everything_adds_up()
    stage.settle()
    assert stage.path("ada") == ["come", "hour", "mail", "wait"]
    assert Step.objects.get(visit_id=stage.visit("ada").id, number=2).came_by == "moved"
    assert stage.mails() == {"ada": 1}
    assert post(editor, "move", {"all": True, "to": "wait"})["count"] == 2, "ada is there already"
    stage.settle()
    assert stage.path("bob") == ["come", "hour", "wait"]
    everything_adds_up()


def test_moving_back_does_a_step_again_as_a_step_of_its_own(stage: Stage, editor: Client) -> None:
    stage.after("PT1H")
    with time_machine.travel(stage.now, tick=False):
        post(editor, "move", {"contacts": [stage.id_of("ada")], "to": "mail"})
    stage.settle()
    assert stage.path("ada") == ["come", "hour", "mail", "wait", "mail", "wait"]
    assert stage.mails() == {"ada": 2, "bob": 1, "cyd": 1}
    everything_adds_up()


def test_nobody_is_moved_to_a_trigger_or_to_a_step_that_is_not_there(
    stage: Stage, editor: Client
) -> None:
    for to in ("come", "nowhere"):
        assert post(editor, "move", {"all": True, "to": to}, status=400)["attr"] == "to"
    post(editor, "move", {"all": True}, status=400)
    everything_adds_up()


def test_to_a_step_of_the_live_version_people_go_over_to_it(stage: Stage, editor: Client) -> None:
    build_segment("vip", None, kind="static")
    newer: Nodes = {**NODES, "new": ("adjust_score", {"by": 1})}
    redraw("cart", newer, [*EDGES, "late next new"], settings={"suppress": ["vip"]}, now=NOW)
    members_change("vip", [stage.id_of("bob")], change="add", cause="manual", now=NOW)
    stage.settle()
    ids = [stage.id_of("ada"), stage.id_of("bob")]
    post(editor, "move", {"contacts": ids, "to": "late"})
    assert stage.visit("ada").version.number == 1, "their own version has it"
    post(editor, "move", {"contacts": ids, "to": "new"})
    stage.settle()
    ada, bob = stage.visit("ada"), stage.visit("bob")
    assert (ada.state, ada.version.number) == ("completed", 2)
    assert (bob.state, bob.reason) == ("exited", "suppressed by segment vip")
    everything_adds_up()


def test_who_has_failed_is_moved_and_is_no_longer_parked(stage: Stage, editor: Client) -> None:
    ada = stage.visit("ada")
    Visit.objects.filter(id=ada.id).update(trigger={"n": 0})
    failing: Nodes = {
        **NODES,
        "text": ("update_fields", {"set": {"x": "{{ trigger.n | divided_by: trigger.n }}"}}),
    }
    edges = ["come next text", "text next hour", *EDGES[1:]]
    build_flow("other", nodes=failing, edges=edges)
    stage.does("dan", "Come", n=0)
    (visit,) = stage.visits("other", "dan")
    assert visit.state == "failed"
    moved = {"visits": [visit.id], "to": "hour"}
    answer = editor.post("/api/flows/other/move/", moved, "application/json")
    assert answer.json()["count"] == 1
    stage.settle()
    visit.refresh_from_db()
    assert (visit.state, visit.node, visit.error) == ("inside", "hour", "")
    everything_adds_up()


# ── go on now ───────────────────────────────────────────────────────────────────────────────────


def test_a_wait_is_ended_now_for_one_or_for_all(stage: Stage, editor: Client) -> None:
    post(editor, "go-on", {"contacts": [stage.id_of("ada")]})
    stage.settle()
    assert stage.mails() == {"ada": 1}
    assert stage.path("ada") == ["come", "hour", "mail", "wait"]
    assert post(editor, "go-on", {"node": "hour"})["count"] == 2
    stage.settle()
    assert stage.mails() == {"ada": 1, "bob": 1, "cyd": 1}
    assert post(editor, "go-on", {"node": "hour"})["count"] == 0
    everything_adds_up()


def test_a_wait_for_something_ends_as_if_time_were_up_or_as_chosen(
    stage: Stage, editor: Client
) -> None:
    stage.after("PT1H")
    with time_machine.travel(stage.now, tick=False):
        post(editor, "go-on", {"contacts": [stage.id_of("ada")]})
        matched = {"contacts": [stage.id_of("bob")], "branch": "matched"}
        post(editor, "go-on", matched)
        wrong = {"contacts": [stage.id_of("cyd")], "branch": "next"}
        assert post(editor, "go-on", wrong, status=400)["attr"] == "branch"
    stage.settle()
    assert stage.path("ada")[-1] == "late"
    assert stage.visit("bob").left_by == "matched"
    assert stage.states() == ["completed", "completed", "inside"]
    everything_adds_up()


def test_in_a_paused_flow_who_is_sent_on_rests_after_the_wait_until_it_is_resumed(
    stage: Stage, editor: Client
) -> None:
    flow_pause("cart", actor=COMMAND, now=NOW)
    post(editor, "go-on", {"all": True})
    stage.settle()
    assert stage.mails() == {}
    everything_adds_up()
    flow_resume("cart", actor=COMMAND, now=NOW)
    stage.settle()
    assert stage.mails() == {"ada": 1, "bob": 1, "cyd": 1}
    everything_adds_up()


def test_nothing_is_done_to_the_people_of_a_flow_that_does_not_run(editor: Client) -> None:
    build_flow(live=False)
    ways: list[tuple[str, dict[str, str]]] = [
        ("remove", {}),
        ("move", {"to": "hour"}),
        ("go-on", {}),
    ]
    for path, more in ways:
        post(editor, path, {"all": True, **more}, status=409)
        body = {"all": True, **more}
        answer = editor.post(f"/api/flows/none/{path}/", body, "application/json")
        assert answer.status_code == 404


def test_statements_do_not_grow_with_the_people(stage: Stage, editor: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        post(editor, "go-on", {"contacts": [stage.id_of("ada")]})
    for n in range(40):
        stage.accepts(f"c{n}", "Come")
    stage.settle()
    with CaptureQueriesContext(connection) as many:
        assert post(editor, "go-on", {"node": "hour"})["count"] == 42
    assert len(many) <= len(few)


ODD: list[Any] = [
    [],
    "all",
    None,
    7,
    {"all": "maybe"},
    {"visits": ["a"]},
    {"visits": [0]},
    {"visits": [10**30]},
    {"visits": {"a": 1}},
    {"contacts": [1] * 10_001},
    {"node": "\0"},
    {"node": "x" * 500},
    {"node": ["hour"]},
    {"search": "\ud800"},
    {"search": "%_\\"},
    {"all": True, "kind": "\0"},
    {"all": True, "kind": "\ud800"},
    {"all": True, "to": "\ud800"},
    {"all": True, "to": {"a": 1}},
    {"all": True, "branch": "\0"},
    {"all": True, "branch": "x" * 99},
    {"all": True, "version": "newest"},
    {"ids": ["x"]},
]


@pytest.mark.parametrize(
    "path", ["remove", "move", "go-on", "failures/retry", "failures/skip", "set-aside"]
)
def test_odd_bodies_are_refused_and_move_nobody(stage: Stage, editor: Client, path: str) -> None:
    address = f"/api/flows/cart/{path}/" if path != "set-aside" else "/api/set-aside/retry/"
    for body in ODD:
        answer = editor.generic("POST", address, json.dumps(body), "application/json")
        assert answer.status_code < 500, (body, answer.content)
        if answer.status_code == 202:
            assert answer.json()["count"] == 0 or body.get("all") is True, body
    everything_adds_up()


def test_the_people_of_a_flow_are_searched(stage: Stage, editor: Client) -> None:
    rows = editor.get("/api/flows/cart/visits/?search=bo").json()["results"]
    assert [row["contact"]["external_id"] for row in rows] == ["bob"]
    assert rows[0]["failed_at"] is None
    assert editor.get("/api/flows/cart/visits/?search=zzz").json()["results"] == []
