"""One visit told: what let it in, what became of its e-mails, and the visits beside it."""

from __future__ import annotations

import pytest
from django.test import Client

from flows.models import Visit
from messaging.models import Message
from tests.builders_flows import HOUR, MAIL, Nodes, Stage, build_flow, on
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

NODES: Nodes = {"come": on("Come"), "mail": MAIL, "hour": HOUR}
EDGES = ["come next mail", "mail next hour"]


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer")


@pytest.fixture
def stage() -> Stage:
    """Ada comes; her e-mail is written and she waits an hour."""
    stage = Stage()
    build_flow(nodes=NODES, edges=EDGES, settings={"reentry": {"type": "after_exit"}})
    stage.does("ada", "Come", total=129, product="Tent", gift=True, listed=[1])
    return stage


def test_the_first_step_says_what_she_came_with(stage: Stage, viewer: Client) -> None:
    visit = Visit.objects.get()
    shown = viewer.get(f"/api/visits/{visit.id}/").json()
    assert shown["path"][0]["reason"] in (
        "Came with total 129, product Tent",
        "Came with product Tent, total 129",
    )
    assert shown["visits"] == [
        {"id": visit.id, "entered_at": shown["entered_at"], "outcome": "inside"}
    ]


def test_a_step_that_mails_says_what_became_of_it(stage: Stage, viewer: Client) -> None:
    visit = Visit.objects.get()
    Message.objects.update(status="withheld", reason="unsubscribed from offers")
    path = viewer.get(f"/api/visits/{visit.id}/").json()["path"]
    (mail,) = (step for step in path if step["node"] == "mail")
    assert mail["reason"] == "The e-mail was withheld: unsubscribed from offers"


def test_her_other_visits_of_the_flow_are_told_oldest_first(stage: Stage, viewer: Client) -> None:
    stage.after("PT2H")
    stage.does("ada", "Come")
    first, second = Visit.objects.order_by("id")
    visits = viewer.get(f"/api/visits/{first.id}/").json()["visits"]
    assert [(one["id"], one["outcome"]) for one in visits] == [
        (first.id, "completed"),
        (second.id, "inside"),
    ]


def test_a_pause_is_told_in_whole_seconds(stage: Stage, viewer: Client) -> None:
    stage.after("PT1H0.2S")
    visit = Visit.objects.get()
    hour = viewer.get(f"/api/visits/{visit.id}/").json()["path"][-1]
    assert "0." not in hour["reason"]
