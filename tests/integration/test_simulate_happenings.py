"""What may happen on the timeline of a simulation, over HTTP: mails, answers, scores, choices."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.builders_flows import MAIL, Nodes, build_flow, on
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

START = "2026-06-01T08:00:00Z"
ADA = {"fields": {"email": "ada@example.org"}}
READ: Nodes = {
    "in": on("Signed Up"),
    "hello": MAIL,
    "read": (
        "wait_for",
        {"rule": {"type": "flow_email", "node": "hello", "op": "opened"}, "timeout": "P3D"},
    ),
    "again": MAIL,
}
READ_EDGES = ["in next hello", "hello next read", "read matched again"]
CALL: Nodes = {
    "in": on("Signed Up"),
    "hook": ("webhook", {"method": "POST", "url": "https://example.org/hook"}),
}
CALL_EDGES = ["in next hook"]
SIGNED_UP = {"at": "PT1H", "event": "Signed Up"}


@pytest.fixture
def client() -> Client:
    return signed_in("viewer")


def _post(client: Client, **body: Any) -> Any:
    told = {"contact": ADA, "start": START, **body}
    return client.post("/api/flows/read/simulate/", told, content_type="application/json")


def _tried(client: Client, **body: Any) -> dict[str, Any]:
    answer = _post(client, **body)
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


def _read(client: Client, *line: dict[str, Any], **body: Any) -> dict[str, Any]:
    build_flow("read", READ, READ_EDGES, live=False)
    return _tried(client, timeline=[SIGNED_UP, *line], **body)


@pytest.mark.parametrize("of", ["hello", 1, None])
def test_an_e_mail_of_the_simulation_is_opened(client: Client, of: str | int | None) -> None:
    said = {} if of is None else {"message_of": of}
    found = _read(client, {"at": "PT3H", "mail": "opened", **said})
    (visit,) = found["visits"]["read"]
    assert [(step["node"], step["at"][11:16], step["branch"]) for step in visit["path"]] == [
        ("in", "09:00", "next"),
        ("hello", "09:00", "next"),
        ("read", "09:00", "matched"),
        ("again", "11:00", "next"),
    ]
    assert [mail["sent_at"][11:16] for mail in found["messages"]] == ["09:00", "11:00"]


def test_who_never_got_an_e_mail_opens_none(client: Client) -> None:
    found = _read(client, {"at": "PT30M", "mail": "opened"}, {"at": "PT3H", "mail": "clicked"})
    assert "No e-mail had been sent by then that could be opened." in found["notes"]
    assert found["visits"]["read"][0]["path"][-1]["branch"] is None or found["messages"]


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("bounced", "the address bounced"),
        ("complained", "complained about an earlier message"),
        ("unsubscribed", "unsubscribed from everything"),
    ],
)
def test_after_a_bounce_or_a_complaint_nothing_more_goes(
    client: Client, deed: str, reason: str
) -> None:
    found = _read(client, {"at": "PT2H", "mail": deed}, {"at": "PT3H", "mail": "opened"})
    assert [(mail["status"], mail["reason"]) for mail in found["messages"]] == [
        ("sent", ""),
        ("withheld", reason),
    ]
    assert found["messages"][1]["sent_at"] is None


@pytest.mark.parametrize(
    ("answer", "branch"), [("next", "next"), ("failed", "failed"), (204, "next"), (404, "failed")]
)
def test_a_call_ends_as_was_said(client: Client, answer: str | int, branch: str) -> None:
    build_flow("read", CALL, CALL_EDGES, live=False)
    found = _tried(client, timeline=[SIGNED_UP], answers={"hook": answer})
    assert [call["branch"] for call in found["calls"]] == [branch]
    assert found["notes"] == []


def test_what_a_call_is_answered_may_change_on_the_way(client: Client) -> None:
    build_flow("read", CALL, CALL_EDGES, live=False)
    line = [{"at": "PT30M", "answers": {"hook": 503}}, SIGNED_UP]
    found = _tried(client, timeline=line)
    assert [call["branch"] for call in found["calls"]] == ["failed"]
    assert any("answered by 503" in note for note in found["notes"])


def test_scores_choices_and_adding_by_hand(client: Client) -> None:
    nodes: Nodes = {"in": ("manual", {}), "hello": MAIL}
    build_flow("read", nodes, ["in next hello"], live=False)
    line = [
        {"at": "PT1H", "score": 5},
        {"at": "PT2H", "consents": {"news": "subscribed"}},
        {"at": "PT3H", "add_to_flow": "read"},
    ]
    found = _tried(client, timeline=line)
    assert [visit["path"][0]["at"][11:16] for visit in found["visits"]["read"]] == ["11:00"]
    assert found["fields"]["score"] == 5


@pytest.mark.parametrize(
    ("row", "attr"),
    [
        ({"mail": "eaten"}, "timeline.0.mail"),
        ({"mail": "opened", "message_of": 0}, "timeline.0.message_of"),
        ({"mail": "clicked", "link": 7}, "timeline.0.link"),
        ({"answers": {"hook": 999}}, "timeline.0.answers"),
        ({"answers": {"hook": True}}, "timeline.0.answers"),
    ],
)
def test_what_cannot_happen_is_refused(client: Client, row: dict[str, Any], attr: str) -> None:
    build_flow("read", CALL, CALL_EDGES, live=False)
    answer = _post(client, timeline=[{"at": "PT1H", **row}])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_an_answer_that_is_none_is_refused(client: Client) -> None:
    build_flow("read", CALL, CALL_EDGES, live=False)
    assert _post(client, answers={"hook": "perhaps"}).status_code == 400
