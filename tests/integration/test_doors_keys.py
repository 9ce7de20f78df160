"""API keys: made once, stored hashed, revoked for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.models import ApiKey, AuditEntry, User
from accounts.permissions import COMMAND
from accounts.services import key_create, key_revoke, key_used
from tests.doors import signed_in

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def with_key(key: str) -> Client:
    """Return a program that calls with this key. CSRF is enforced, and does not concern it."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"})


def make(role: str = "viewer") -> tuple[ApiKey, str]:
    """Make a key."""
    return key_create(COMMAND, name="nightly", role=role, now=NOW)


def test_a_key_opens_what_its_role_opens() -> None:
    _, plain = make("viewer")
    program = with_key(plain)
    assert program.get("/api/me/").json()["role"] == "viewer"
    assert program.get("/api/people/").status_code == 403
    assert program.post("/api/keys/", {}, "application/json").status_code == 403


def test_an_admins_key_writes_without_csrf_and_is_named_in_the_log() -> None:
    _, plain = make("admin")
    body = {"name": "Mill"}
    assert with_key(plain).patch("/api/workspace/", body, "application/json").status_code == 200
    assert AuditEntry.objects.get(action="workspace.changed").actor == "key:nightly"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Bearer a b", "Bearer mr_000000000000_" + "0" * 64, "Bearer \xff"],
)
def test_what_is_no_key_opens_nothing(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_key_with_one_letter_changed_opens_nothing() -> None:
    _, plain = make()
    other = plain[:-1] + ("0" if plain[-1] != "0" else "1")
    assert with_key(other).get("/api/me/").status_code == 401


def test_a_revoked_key_opens_nothing_and_keeps_its_first_instant() -> None:
    key, plain = make()
    key_revoke(COMMAND, key.pk, now=NOW)
    key_revoke(COMMAND, key.pk, now=NOW + timedelta(days=1))
    assert with_key(plain).get("/api/me/").status_code == 401
    key.refresh_from_db()
    assert key.revoked_at == NOW
    assert AuditEntry.objects.filter(action="key.revoked").count() == 1


def test_a_wrong_key_is_refused_even_with_a_good_session() -> None:
    client = signed_in("admin")
    assert client.get("/api/me/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_no_table_holds_the_secret_of_a_key() -> None:
    client = signed_in("admin")
    made = client.post("/api/keys/", {"name": "ci", "role": "editor"}, "application/json").json()
    secret = made["key"].rsplit("_", 1)[1]
    assert with_key(made["key"]).get("/api/me/").status_code == 200
    for table in ("api_key", "audit_entry", "django_session", "cache_entry"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {table} AS t WHERE strpos(t::text, %s) > 0", [secret]
            )
            assert cursor.fetchone() == (0,), table
    listed = client.get("/api/keys/").json()["results"][0]
    assert "key" not in listed
    assert "digest" not in listed
    assert listed["created_by"] == "admin@example.org"


def test_the_use_of_a_key_is_written_at_most_once_a_minute(
    django_assert_num_queries: Any,
) -> None:
    key, _ = make()
    for seconds, expected in ((0, 0), (30, 0), (59, 0), (60, 60), (90, 60), (121, 121)):
        key.refresh_from_db()
        key_used(key, now=NOW + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at == NOW + timedelta(seconds=expected)
    with django_assert_num_queries(0):
        key_used(key, now=NOW + timedelta(seconds=122))


def test_a_key_is_made_and_revoked_over_http() -> None:
    client = signed_in("admin")
    made = client.post("/api/keys/", {"name": "ci", "role": "editor"}, "application/json")
    assert made.status_code == 201
    assert client.delete(f"/api/keys/{made.json()['id']}/").status_code == 204
    assert client.get("/api/keys/").json()["results"][0]["revoked_at"] is not None
    assert client.delete("/api/keys/999999/").status_code == 404
    refused = client.post("/api/keys/", {"name": "", "role": "emperor"}, "application/json")
    assert refused.status_code == 400
    assert {error["attr"] for error in refused.json()["errors"]} == {"name", "role"}


def test_the_command_prints_a_key_that_works() -> None:
    out, err = StringIO(), StringIO()
    call_command("create_api_key", "ci", "--role", "editor", stdout=out, stderr=err)
    plain = out.getvalue().strip()
    assert with_key(plain).get("/api/me/").json()["role"] == "editor"
    with pytest.raises(CommandError):
        call_command("create_api_key", " ", "--role", "editor")


def test_the_command_makes_somebody_who_signs_in() -> None:
    out, err = StringIO(), StringIO()
    call_command("create_user", "Ada@Example.org", "--role", "admin", stdout=out, stderr=err)
    ada = User.objects.get()
    assert ada.email == "ada@example.org"
    assert ada.check_password(out.getvalue().strip())
    assert out.getvalue().strip() not in err.getvalue()
    with pytest.raises(CommandError, match="already"):
        call_command("create_user", "ada@example.org", "--role", "viewer", stdout=out, stderr=err)


def test_the_command_takes_a_password_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("a mill by the river\n"))
    options = {"stdout": StringIO(), "stderr": StringIO()}
    call_command("create_user", "a@example.org", "--role", "viewer", "--password-stdin", **options)
    assert User.objects.get().check_password("a mill by the river")
    monkeypatch.setattr("sys.stdin", StringIO(""))
    with pytest.raises(CommandError, match="no password"):
        call_command("create_user", "b@example.org", "--role", "viewer", "--password-stdin")
    with pytest.raises(CommandError, match="common"):
        call_command("create_user", "b@example.org", "--role", "viewer", "--password", "1234567890")
