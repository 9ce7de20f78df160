"""Who signs in, managed by admins; and the log of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from tests.doors import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    """Send JSON."""
    return getattr(client, method)(path, body, "application/json")


def test_an_admin_makes_somebody_whose_password_is_shown_once() -> None:
    admin = signed_in("admin")
    made = send(admin, "post", "/api/people/", {"email": "Ada@Example.org", "role": "editor"})
    assert made.status_code == 201
    body = made.json()
    assert body["email"] == "ada@example.org"
    assert User.objects.get(email="ada@example.org").check_password(body["password"])
    assert "password" not in admin.get(f"/api/people/{body['id']}/").json()
    given = {"email": "bob@example.org", "role": "viewer", "password": PASSWORD}
    assert send(admin, "post", "/api/people/", given).json()["password"] is None


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"email": "admin@example.org", "role": "viewer"}, "email"),
        ({"email": "ADMIN@example.org", "role": "viewer"}, "email"),
        ({"email": "nobody", "role": "viewer"}, "email"),
        ({"email": "a@example.org", "role": "emperor"}, "role"),
        ({"email": "a@example.org"}, "role"),
        ({"email": "a@example.org", "role": "viewer", "password": "short"}, "password"),
        ({"email": "a@example.org", "role": "viewer", "name": "n" * 201}, "name"),
    ],
)
def test_what_makes_nobody_is_refused_with_the_reason(body: dict[str, Any], attr: str) -> None:
    answer = send(signed_in("admin"), "post", "/api/people/", body)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [attr]
    assert User.objects.count() == 1


def test_the_last_admin_stays_one() -> None:
    admin = signed_in("admin")
    here = f"/api/people/{User.objects.get().pk}/"
    for answer in (
        send(admin, "patch", here, {"role": "editor"}),
        send(admin, "patch", here, {"is_active": False}),
        admin.delete(here),
    ):
        assert answer.status_code == 409
        assert answer.json()["errors"][0]["code"] == "last_admin"
    other = person("admin", "second@example.org")
    assert send(admin, "patch", f"/api/people/{other.pk}/", {"is_active": False}).status_code == 200
    assert admin.delete(here).status_code == 409  # somebody deactivated is no admin


def test_a_demotion_counts_from_the_next_request() -> None:
    admin, viewer_pk = signed_in("admin"), person("admin", "ada@example.org").pk
    ada = Client()
    ada.force_login(User.objects.get(pk=viewer_pk))
    assert ada.get("/api/people/").status_code == 200
    send(admin, "patch", f"/api/people/{viewer_pk}/", {"role": "viewer"})
    assert ada.get("/api/people/").status_code == 403
    assert admin.delete(f"/api/people/{viewer_pk}/").status_code == 204
    assert ada.get("/api/me/").status_code == 401


def test_what_is_done_is_in_the_log_with_who_and_what() -> None:
    admin = signed_in("admin")
    made = send(admin, "post", "/api/people/", {"email": "ada@example.org", "role": "viewer"})
    send(admin, "patch", f"/api/people/{made.json()['id']}/", {"role": "editor"})
    send(admin, "patch", f"/api/people/{made.json()['id']}/", {"role": "editor"})
    send(admin, "patch", "/api/workspace/", {"timezone": "Europe/Vienna"})
    entries = admin.get("/api/audit/").json()["results"]
    assert [(entry["actor"], entry["action"], entry["target"]) for entry in entries] == [
        ("admin@example.org", "workspace.changed", "workspace"),
        ("admin@example.org", "user.changed", "user:ada@example.org"),
        ("admin@example.org", "user.created", "user:ada@example.org"),
        ("command", "user.created", "user:admin@example.org"),
    ]
    assert entries[1]["detail"] == {"role": ["viewer", "editor"]}
    assert made.json()["password"] not in str(list(AuditEntry.objects.values()))


def test_the_workspace_takes_what_makes_sense() -> None:
    admin = signed_in("admin")
    good = {"name": "Mill", "timezone": "Asia/Tokyo", "from_email": "mill@example.org"}
    assert send(admin, "patch", "/api/workspace/", good).json()["timezone"] == "Asia/Tokyo"
    for bad in ({"timezone": "Mars/Base"}, {"from_email": "x"}, {"name": ""}, {"name": None}):
        assert send(admin, "patch", "/api/workspace/", bad).status_code == 400
    seen = admin.get("/api/me/").json()["workspace"]
    assert seen == {"name": "Mill", "timezone": "Asia/Tokyo", "sends_email": False}


def test_there_is_nobody_of_an_unknown_number() -> None:
    admin = signed_in("admin")
    assert send(admin, "patch", "/api/people/999999/", {"name": "x"}).status_code == 404
    assert admin.get(f"/api/people/{2**63}/").status_code == 404
    assert admin.get(f"/api/people/{'9' * 5000}/").status_code == 404
