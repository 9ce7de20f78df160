"""Simulating over HTTP: a real contact or a made-up one, and nothing stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from common.lanes import lane_of
from contacts import services as contacts
from flows.models import Flow
from messaging.models import Template
from tests.builders import NOW
from tests.builders_flows import (
    BOUGHT,
    HOUR,
    MAIL,
    Stage,
    build_flow,
    build_segment,
    build_template,
    on,
)
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in("viewer")


def _post(client: Client, key: str = "cart", **body: Any) -> Any:
    path = f"/api/flows/{key}/simulate/"
    return client.post(path, body, content_type="application/json")


def _rows() -> dict[str, int]:
    tables = ("contact", "event", "touch", "visit", "step", "message", "membership", "flow_count",
              "membership_change", "score_change", "consent", "field", "topic")  # fmt: skip
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
        return found


def test_a_made_up_contact_goes_through_the_draft(client: Client) -> None:
    build_flow(live=False)
    before = _rows()
    answer = _post(
        client,
        contact={"fields": {"email": "ada@example.org", "first_name": "Ada"}},
        start="2026-06-01T08:00:00Z",
        end="2026-06-02T08:00:00Z",
        timeline=[{"at": "2026-06-01T09:00:00Z", "event": "Product Added"}],
    )
    assert answer.status_code == 200, answer.json()
    found = answer.json()
    (visit,) = found["visits"]["cart"]
    assert [(step["node"], step["at"][:16], step["branch"]) for step in visit["path"]] == [
        ("cart", "2026-06-01T09:00", "next"),
        ("hour", "2026-06-01T09:00", "next"),
        ("remind", "2026-06-01T10:00", "next"),
    ]
    assert visit["path"][0]["reason"] == "did Product Added"
    assert "1 hour" in visit["path"][1]["reason"]
    assert visit["outcome"] == "completed"
    (mail,) = found["messages"]
    assert (mail["to"], mail["subject"], mail["status"]) == ("ada@example.org", "Hello", "sent")
    assert _rows() == before


def test_a_real_contact_with_their_data(client: Client) -> None:
    build_segment("vip", {**BOUGHT, "value": 2})
    build_flow(
        nodes={
            "cart": on("Product Added"),
            "vip": ("condition", {"rule": {"type": "segment", "segment": "vip", "op": "in"}}),
            "remind": MAIL,
            "other": HOUR,
        },
        edges=["cart next vip", "vip yes remind", "vip no other"],
    )
    Template.objects.filter(key="hello").update(subject="{{ first_name }} {{ trigger.total }}")
    stage = Stage()
    lea = stage.contact("lea", first_name="Lea")
    stage.does("lea", "Order Completed")
    before = _rows()
    timeline = [
        {"at": "PT1H", "event": "Order Completed"},
        {"at": "PT2H", "event": "Product Added", "properties": {"total": 7}},
    ]
    answer = _post(client, contact_id=lea, draft=False, timeline=timeline)
    found = answer.json()
    assert answer.status_code == 200, found
    assert [step["node"] for step in found["visits"]["cart"][0]["path"]] == [
        "cart",
        "vip",
        "remind",
    ]
    assert found["messages"][0]["subject"] == "Lea 7"
    assert [change for _at, change in found["segments"]["vip"]] == ["entered"]
    assert _rows() == before


def test_other_live_flows_run_beside_it_and_can_be_left_out(client: Client) -> None:
    build_flow()
    build_flow(
        "stop",
        nodes={"bought": on("Order Completed"), "out": ("remove_from_flow", {"flow": "cart"})},
        edges=["bought next out"],
    )
    timeline = [
        {"at": "PT1H", "event": "Product Added"},
        {"at": "PT90M", "event": "Order Completed"},
    ]
    with_others = _post(client, timeline=timeline).json()
    assert with_others["visits"]["cart"][0]["outcome"] == "exited"
    assert [visit["outcome"] for visit in with_others["visits"]["stop"]] == ["completed"]
    alone = _post(client, timeline=timeline, others=False).json()
    assert alone["visits"]["cart"][0]["outcome"] == "completed"


def test_engagement_is_told_of_the_message_that_was_sent(client: Client) -> None:
    clicked = {"type": "flow_email", "node": "remind", "op": "clicked"}
    build_flow(
        nodes={
            "cart": on("Product Added"),
            "remind": MAIL,
            "click": ("wait_for", {"rule": clicked, "timeout": "P2D"}),
        },
        edges=["cart next remind", "remind next click"],
    )
    timeline = [
        {"at": "PT1H", "event": "Product Added"},
        {"at": "PT3H", "event": "Email Link Clicked", "message_of": "remind"},
    ]
    contact = {"fields": {"email": "ada@example.org"}}
    found = _post(client, contact=contact, timeline=timeline).json()
    assert found["visits"]["cart"][0]["path"][-1]["branch"] == "matched"


def test_what_cannot_be_tried_is_refused_with_a_sentence(client: Client) -> None:
    build_flow(live=False)
    for body in (
        {"timeline": [{"at": "never", "event": "X"}]},
        {"timeline": [{"at": "PT1H"}]},
        {"timeline": [{"at": "PT1H", "events": "X"}]},
        {"timeline": [{"at": "P400D", "event": "X"}]},
        {"start": "2026-01-01", "end": "2028-01-01"},
        {"start": "2026-01-02", "end": "2026-01-01"},
        {"timeline": [{"at": "PT1H", "add_to_segment": "nowhere"}]},
        {"timeline": [{"at": "PT1H", "consents": {"news": "maybe"}}]},
        {"draft": False},
        {"graph": {"nodes": "none"}},
        {"contact": {"fields": {"created_at": "no date"}}},
        {"contact": {"fields": {"score": "many"}}},
    ):
        answer = _post(client, **body)
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["detail"]
    assert _post(client, contact_id=987654321).status_code == 404
    assert _post(client, key="nothing").status_code == 404


def test_a_loop_is_bounded(client: Client) -> None:
    build_template()
    build_flow(
        nodes={
            "cart": on("X"),
            "tick": ("wait", {"for": "PT1S"}),
            "again": ("wait", {"for": "PT1S"}),
        },
        edges=["cart next tick", "tick next again", "again next tick"],
        live=False,
    )
    answer = _post(client, timeline=[{"at": "PT1S", "event": "X"}])
    assert answer.status_code == 400
    assert "steps" in answer.json()["errors"][0]["detail"]


def test_an_unsaved_draft_and_its_faults(client: Client) -> None:
    build_flow(live=False)
    graph = {
        "nodes": [
            {"id": "in", "type": "event", "config": {"name": "X"}},
            {"id": "mail", "type": "send_email", "config": {"template": "nothing"}},
        ],
        "edges": [{"source": "in", "target": "mail"}],
    }
    found = _post(client, graph=graph, timeline=[{"at": "PT1S", "event": "X"}]).json()
    assert [step["node"] for step in found["visits"]["cart"][0]["path"]] == ["in", "mail"]
    assert found["messages"][0]["status"] == "failed"
    assert any("Fault" in note for note in found["notes"])
    assert Flow.objects.get(key="cart").graph["nodes"][0]["id"] == "cart"


def test_who_is_inside_begins_outside(client: Client) -> None:
    build_flow()
    stage = Stage()
    stage.does("lea", "Product Added")
    timeline = [{"at": "PT1S", "event": "Product Added"}]
    found = _post(client, contact_id=stage.id_of("lea"), timeline=timeline).json()
    assert [visit["outcome"] for visit in found["visits"]["cart"]] == ["completed"]
    assert "begins outside" in found["notes"][0]
    contacts.consents_set(
        [
            contacts.ConsentChange(
                lane_of(stage.id_of("lea")), stage.id_of("lea"), "n", "subscribed"
            )
        ],
        now=NOW,
    )
