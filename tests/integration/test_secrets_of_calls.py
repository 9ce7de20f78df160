"""Headers of calls: sent in clear, shown to editors, encrypted at rest, by keys that change."""

import json
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from common.models import Workspace
from common.secretbox import MARK
from messaging.models import Call
from messaging.secrets import signing_secrets
from tests.builders_flows import Stage, build_flow, on
from tests.calls import http_server, make
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

migration: Any = import_module("messaging.migrations.0004_sealed_headers")
HEADERS = {"Authorization": "Bearer s3cret", "X-Empty": ""}
WRONG: dict[str, Any] = {"SECRET_KEY": "another", "SECRETS_KEYS": []}


def hook(url: str) -> Stage:
    stage = Stage()
    step = ("webhook", {"url": url, "headers": HEADERS})
    build_flow("hook", {"in": on("Signed Up"), "call": step}, ["in next call"])
    return stage


def stored() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (request -> 'headers')::text FROM call")
        [headers] = cursor.fetchone() or ["{}"]
    return dict(json.loads(headers))


def test_a_header_is_sent_in_clear_and_kept_encrypted() -> None:
    with http_server() as server:
        stage = hook(server.url)
        stage.does("ada", "Signed Up")
        kept = stored()
        make(stage.now)
    assert kept["Authorization"].startswith(MARK)
    assert kept["X-Empty"] == ""
    assert server.heard[0].headers["Authorization"] == "Bearer s3cret"
    shown = signed_in("editor").get(f"/api/calls/{Call.objects.get().id}/")
    assert shown.json()["request"]["headers"] == HEADERS


def test_many_calls_with_one_header_encrypt_it_once() -> None:
    stage = hook("https://crm.example")
    stage.does("ada", "Signed Up")
    stage.does("bob", "Signed Up")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM call WHERE request::text LIKE '%%s3cret%%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM call")
        assert cursor.fetchone() == (2,)


def test_the_migration_encrypts_the_log_and_can_be_taken_back() -> None:
    hook("https://crm.example").does("ada", "Signed Up")
    with connection.schema_editor() as editor:
        migration.decrypt(None, editor)
        assert stored() == HEADERS
        migration.encrypt(None, editor)
        kept = stored()
        assert kept["Authorization"].startswith(MARK)
        migration.encrypt(None, editor)
        assert stored() == kept, "once is enough"
        with override_settings(**WRONG), pytest.raises(ValueError, match="no key"):
            migration.decrypt(None, editor)


def test_what_no_key_opens_is_not_sent_but_waits_for_its_key() -> None:
    with http_server() as server:
        stage = hook(server.url)
        stage.does("ada", "Signed Up")
        kept = stored()
        with override_settings(**WRONG):
            make(stage.now)
            shown = signed_in("editor").get(f"/api/calls/{Call.objects.get().id}/").json()
        assert server.heard == []
        call = Call.objects.get()
        assert (call.status, stored()) == ("queued", kept)
        assert "SECRETS_KEYS" in call.answer["error"]
        assert set(shown["request"]["headers"].values()) == {"•••"}
        Workspace.objects.update(webhook_secret="")  # the other key wrote one
        make(call.next_try_at)
    assert server.heard[0].headers["Authorization"] == "Bearer s3cret"


def test_the_command_writes_everything_with_the_new_key() -> None:
    hook("https://crm.example").does("ada", "Signed Up")
    Workspace.objects.update(slack_webhook="https://hooks.slack.com/services/T0/B0/x")
    secret = signing_secrets()
    with override_settings(SECRETS_KEYS=["new"]):
        call_command("reseal_secrets", stdout=StringIO())
        kept = stored()
        call_command("reseal_secrets", stdout=StringIO())
        assert stored() == kept
    with override_settings(SECRET_KEY="another", SECRETS_KEYS=["new"]):
        shown = signed_in("editor").get(f"/api/calls/{Call.objects.get().id}/").json()
        assert shown["request"]["headers"] == HEADERS
        assert signing_secrets() == secret
        assert Workspace.objects.get().slack_webhook.endswith("/x")


def test_the_command_names_what_no_key_opens_and_leaves_it() -> None:
    hook("https://crm.example").does("ada", "Signed Up")
    secret, kept = signing_secrets(), stored()
    with (
        override_settings(**WRONG),
        pytest.raises(CommandError, match=r"calls are signed with, the headers of 1 calls"),
    ):
        call_command("reseal_secrets", stdout=StringIO())
    assert (signing_secrets(), stored()) == (secret, kept)
