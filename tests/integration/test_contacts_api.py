"""The room's REST API: what it shows, takes and refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contacts.intake import accept, take
from contacts.models import Contact, Inbox, RejectedMessage, Source
from contacts.selectors import contacts_search
from contacts.services import contact_create
from tests.builders import NOW
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def patch(client: Client, path: str, body: Any) -> Any:
    return client.patch(path, body, content_type="application/json")


def test_a_contact_is_created_read_changed_and_deleted(editor: Client) -> None:
    made = post(
        editor,
        "/api/contacts/",
        {
            "external_id": "u1",
            "email": "ada@x.io",
            "fields": {"first_name": "Ada", "plan": "trial", "trial_ends": "2026-06-15"},
        },
    )
    assert made.status_code == 201
    contact = made.json()
    assert contact["name"] == "Ada"
    assert contact["fields"]["trial_ends"] == "2026-06-15T00:00:00.000000Z"
    assert contact["reachable"] == {"email": True, "reason": ""}
    assert contact["identities"] == [
        {"kind": "email", "value": "ada@x.io"},
        {"kind": "external_id", "value": "u1"},
    ]
    path = f"/api/contacts/{contact['id']}/"
    changed = patch(editor, path, {"email": None, "fields": {"plan": "paid", "trial_ends": None}})
    assert changed.status_code == 200
    assert changed.json()["reachable"] == {"email": False, "reason": "no_address"}
    shown = editor.get(path).json()
    assert shown["fields"]["plan"] == "paid"
    assert "trial_ends" not in shown["fields"]
    assert "email" not in shown["fields"]
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404


def test_a_list_is_searched_by_beginnings(editor: Client) -> None:
    for external_id, email, first, last in (
        ("u1", "ada@x.io", "Ada", "Lovelace"),
        ("u2", "bob@x.io", "Bob", "Adams"),
        ("u3", "50%_off@x.io", "Ünal", "Öz"),
    ):
        contact_create(
            external_id=external_id,
            email=email,
            fields={"first_name": first, "last_name": last},
            now=NOW,
        )

    def found(**query: str) -> list[str]:
        answer = editor.get("/api/contacts/", query)
        assert answer.status_code == 200
        return sorted(contact["external_id"] for contact in answer.json()["results"])

    assert found() == ["u1", "u2", "u3"]
    assert found(search="ada") == ["u1", "u2"]
    assert found(search="Ada Love") == ["u1"]
    assert found(search="bob@") == ["u2"]
    assert found(search="u2") == ["u2"]
    assert found(search="ünal ö") == ["u3"]
    assert found(search="50%_") == ["u3"]
    assert found(search="5_") == []
    assert found(search="%") == []
    assert found(external_id="u1") == ["u1"]
    assert found(external_id="nobody") == []
    assert found(email="ADA@x.io") == ["u1"]


def test_a_search_is_on_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = contacts_search(search="ada").explain()
    assert "Seq Scan" not in plan
    assert "contact_email_prefix" in plan


def test_a_list_is_paged_by_cursor_and_costs_the_same_per_page(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    accept(None, [{"type": "identify", "userId": f"u{i}"} for i in range(60)], NOW)
    take(NOW)
    with django_assert_max_num_queries(4):
        first = editor.get("/api/contacts/").json()
    assert len(first["results"]) == 50
    second = editor.get(first["next"]).json()
    assert len(second["results"]) == 10
    assert second["next"] is None


def test_the_timeline_is_the_latest_first(editor: Client) -> None:
    accept(
        None,
        [
            {"type": "track", "userId": "u1", "event": name, "timestamp": at.isoformat()}
            for name, at in (("a", NOW - timedelta(hours=2)), ("b", NOW), ("c", NOW))
        ],
        NOW,
    )
    take(NOW)
    contact = Contact.objects.get()
    entries = editor.get(f"/api/contacts/{contact.id}/timeline/").json()["results"]
    assert [entry["name"] for entry in entries] == ["c", "b", "a"]
    assert {entry["type"] for entry in entries} == {"event"}
    events = editor.get(f"/api/contacts/{contact.id}/events/").json()["results"]
    assert events[0]["received_at"].startswith("2026-05-01")
    assert editor.get("/api/contacts/999937/timeline/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["0", "999937", "9223372036854775807", "9223372036854775808", "99999999999999999999", "x"],
)
def test_a_contact_that_is_not_there_is_404(editor: Client, path: str) -> None:
    assert editor.get(f"/api/contacts/{path}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"fields": {"score": 5}}, "score"),
        ({"fields": {"email": "nobody"}}, "email"),
        ({"email": "nobody"}, "email"),
        ({"fields": {"created_at": "soon"}}, "created_at"),
        ({"fields": {"nested": {"a": 1}}}, "nested"),
        ({"fields": []}, "fields"),
        ({"external_id": ""}, "external_id"),
    ],
)
def test_what_does_not_fit_is_refused(editor: Client, body: Any, attr: str) -> None:
    answer = post(editor, "/api/contacts/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr
    assert not Contact.objects.exists()


def test_an_id_that_is_taken_is_a_conflict(editor: Client) -> None:
    contact_create(external_id="u1", now=NOW)
    assert post(editor, "/api/contacts/", {"external_id": "u1"}).status_code == 409


def test_the_registry_shows_fields_and_events(editor: Client) -> None:
    accept(
        None,
        [
            {"type": "identify", "userId": "u1", "traits": {"plan": "x"}},
            {"type": "track", "userId": "u1", "event": "Paid", "properties": {"total": 5}},
            {
                "type": "track",
                "userId": "u1",
                "event": "Paid",
                "properties": {"total": 7, "items": [], "none": None},
            },
            {"type": "track", "userId": "u1", "event": "Seen"},
        ],
        NOW,
    )
    take(NOW)
    fields = {one["key"]: one for one in editor.get("/api/fields/").json()["results"]}
    assert fields["plan"]["type"] == "string"
    assert fields["email"]["builtin"]
    assert [
        (one["name"], one["count"]) for one in editor.get("/api/fields/event-names/").json()
    ] == [("Paid", 2), ("Seen", 1)]
    assert editor.get("/api/fields/event-properties/", {"name": "Paid"}).json() == [
        {"property": "total", "type": "number"},
        {"property": "items", "type": "array"},
    ]
    assert editor.get("/api/fields/event-properties/").status_code == 400
    assert patch(editor, "/api/fields/plan/", {"name": "Tariff"}).json()["name"] == "Tariff"


def test_a_source_shows_its_key_once_and_is_made_by_admins_alone(editor: Client) -> None:
    assert post(editor, "/api/sources/", {"name": "Web shop"}).status_code == 403
    admin = signed_in("admin")
    made = post(admin, "/api/sources/", {"name": "Web shop"}).json()
    assert made["write_key"].startswith(f"mr_{made['prefix']}_")
    (listed,) = admin.get("/api/sources/").json()["results"]
    assert "write_key" not in listed
    assert "digest" not in listed
    assert patch(admin, "/api/sources/web-shop/", {"name": "Shop"}).json()["key"] == "web-shop"
    assert admin.delete("/api/sources/web-shop/").status_code == 204
    assert not Source.objects.exists()
    assert post(admin, "/api/sources/", {"name": " "}).status_code == 400


def test_a_message_set_aside_is_looked_at_retried_and_discarded(editor: Client) -> None:
    bad: list[Any] = [{"type": "sing", "userId": "u1"}, {"type": "track"}, "text"]
    accept(None, bad, NOW)
    take(NOW)
    rows = editor.get("/api/rejected/").json()["results"]
    assert [row["code"] for row in rows] == ["not_a_message", "no_event", "unknown_type"]
    assert editor.delete(f"/api/rejected/{rows[0]['id']}/").status_code == 204
    assert post(editor, f"/api/rejected/{rows[1]['id']}/retry/", {}).json() == {"count": 1}
    assert Inbox.objects.get().received_at == NOW
    assert post(editor, "/api/rejected/retry/", {}).json() == {"count": 1}
    assert not RejectedMessage.objects.exists()
    take(NOW)
    assert RejectedMessage.objects.count() == 2


def test_topics_are_made_and_changed(editor: Client) -> None:
    made = post(editor, "/api/topics/", {"key": "news", "name": "News", "opt_in": True})
    assert made.status_code == 201
    assert post(editor, "/api/topics/", {"key": "news", "name": "News"}).status_code in (400, 409)
    assert post(editor, "/api/topics/", {"key": "No Slug", "name": "x"}).status_code == 400
    assert patch(editor, "/api/topics/news/", {"opt_in": False}).json() == {
        "key": "news",
        "name": "News",
        "opt_in": False,
    }
