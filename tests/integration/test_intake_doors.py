"""The tracking API over HTTP: what is accepted, what is refused, and that it is durable."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from django.test import Client

from common.clock import utcnow
from contacts import tracking
from contacts.intake import take
from contacts.models import Contact, Event, Inbox, RejectedMessage, Source
from contacts.services import source_create, source_delete

pytestmark = pytest.mark.django_db

TRACK = {"userId": "u1", "event": "Paid", "properties": {"total": 5}}


@pytest.fixture(autouse=True)
def _no_keys_remembered() -> None:
    tracking._SOURCES.clear()


@pytest.fixture
def key() -> str:
    return source_create("Web shop", now=utcnow())[1]


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def post(path: str, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    # CSRF is enforced as for a browser: this door must not need a token.
    client = Client(enforce_csrf_checks=True)
    return client.post(path, raw, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("names", "body", "event"),
    [
        (("track", "t"), TRACK, "Paid"),
        (("page", "p"), {"userId": "u1"}, "Page Viewed"),
        (("screen", "s"), {"userId": "u1"}, "Screen Viewed"),
        (("identify", "i"), {"userId": "u1", "traits": {"plan": "trial"}}, None),
        (("group", "g"), {"userId": "u1", "groupId": "g1"}, None),
        (("alias", "a"), {"userId": "u1", "previousId": "a1"}, None),
        (("batch", "b", "import"), {"batch": [{**TRACK, "type": "track"}]}, "Paid"),
    ],
)
def test_every_call_has_its_long_and_short_address(
    key: str, names: tuple[str, ...], body: dict[str, Any], event: str | None
) -> None:
    for name in names:
        for path in (f"/v1/{name}", f"/v1/{name}/"):
            answer = post(path, body, **basic(key))
            assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert Inbox.objects.count() == 2 * len(names)
    take(utcnow())
    assert Contact.objects.get().external_id == "u1"
    assert {*Event.objects.values_list("name", flat=True)} == ({event} if event else set())


def test_a_browsers_text_plain_with_the_key_in_the_body_is_taken_from_any_origin(
    key: str,
) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/v1/t",
        json.dumps({**TRACK, "writeKey": key}),
        content_type="text/plain",
        headers={"Origin": "https://shop.example"},
    )
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert "writeKey" not in Inbox.objects.get().payload[0]


def test_a_browser_may_ask_beforehand() -> None:
    answer = Client().options(
        "/v1/t",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert "Authorization" in answer["Access-Control-Allow-Headers"]


def test_other_addresses_answer_no_foreign_origin(key: str) -> None:
    answer = Client().get("/api/health/", headers={"Origin": "https://shop.example"})
    assert "Access-Control-Allow-Origin" not in answer


def test_gzip_is_accepted(key: str) -> None:
    body = gzip.compress(json.dumps({"batch": [{**TRACK, "type": "track"}]}).encode())
    answer = post("/v1/batch", body, **basic(key), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("mr_nobody"),
        basic(""),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic /////w=="},
    ],
)
@pytest.mark.parametrize("write_key", [None, "", "nobody", 7, ["x"], "\ud800", "x" * 10_000])
def test_a_bad_write_key_is_refused(headers: dict[str, str], write_key: Any) -> None:
    answer = post("/v1/track", {**TRACK, "writeKey": write_key}, **headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "invalid_write_key"
    assert not Inbox.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/track", b"{", "not_json"),
        ("/v1/track", b"", "not_json"),
        ("/v1/track", b"[]", "not_json"),
        ("/v1/track", b"\xff", "not_json"),
        ("/v1/track", b"[" * 200_000, "not_json"),
        ("/v1/track", b" " * 600_000, "too_large"),
        ("/v1/track", {"event": "Paid"}, "no_identity"),
        ("/v1/track", {"userId": "u"}, "no_event"),
        ("/v1/track", {**TRACK, "properties": {"x": "y" * 40_000}}, "too_large"),
        ("/v1/identify", {"userId": "u", "traits": []}, "invalid"),
        ("/v1/batch", {}, "invalid"),
        ("/v1/batch", {"batch": [{"type": "track", "event": "Paid"}]}, "no_identity"),
    ],
)
def test_a_bad_body_is_refused_with_the_reason(key: str, path: str, body: Any, code: str) -> None:
    answer = post(path, body, **basic(key))
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["code"] == code
    assert error["detail"].endswith(".")
    assert not Inbox.objects.exists()


def test_a_zip_bomb_is_refused(key: str) -> None:
    bomb = gzip.compress(b'{"batch": [' + b" " * 100_000_000 + b"]}", 9)
    answer = post("/v1/batch", bomb, **basic(key), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_large")


def test_a_bad_message_in_a_good_batch_is_set_aside_and_spoils_nothing(key: str) -> None:
    good = {**TRACK, "type": "track"}
    batch = [
        good,
        "text",
        {**good, "properties": {"x": "\x00"}},
        {**good, "properties": {"x": "\ud800"}},
        {**good, "properties": {"x": float("inf")}},
        {**good, "properties": {"x": "y" * 40_000}},
        {"type": "track", "event": "Paid"},
        {"type": "sing", "userId": "u1"},
        good,
    ]
    assert post("/v1/batch", {"batch": batch}, **basic(key)).status_code == 200
    take(utcnow())
    assert Event.objects.count() == 2
    assert sorted(RejectedMessage.objects.values_list("code", flat=True)) == sorted(
        ["not_a_message", "unsafe", "unsafe", "unsafe", "too_large", "no_identity", "unknown_type"]
    )
    assert not Inbox.objects.exists()


def test_only_post_is_answered(key: str) -> None:
    assert Client().get("/v1/track", headers=basic(key)).status_code == 405


def test_a_removed_sources_key_is_refused_at_once_though_it_was_believed(key: str) -> None:
    assert post("/v1/track", TRACK, **basic(key)).status_code == 200
    source_delete(Source.objects.get())
    assert post("/v1/track", TRACK, **basic(key)).status_code == 401
    assert post("/v1/track", TRACK, **basic(key)).status_code == 401
    assert Inbox.objects.count() == 1


def test_accepting_costs_one_statement(key: str, django_assert_num_queries: Any) -> None:
    post("/v1/track", TRACK, **basic(key))
    with django_assert_num_queries(1):
        post("/v1/track", TRACK, **basic(key))


def test_a_browser_library_is_told_where_to_send(key: str) -> None:
    answer = Client().get(f"/v1/projects/{key}/settings")
    destination = answer.json()["integrations"]["Segment.io"]
    assert destination["apiHost"] == "testserver/v1"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert Client().get("/v1/projects/nobody/settings").status_code == 404
