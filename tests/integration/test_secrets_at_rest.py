"""Secrets of the workspace: in clear for who may, encrypted in the database, keys that change."""

import logging
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from accounts.permissions import COMMAND
from common.errors import MillraceError
from common.models import Workspace
from common.secretbox import MARK, opened, resealed, sealed
from messaging.secrets import signing_secrets, webhook_secret_rotate
from tests.builders import NOW

pytestmark = pytest.mark.django_db

migration: Any = import_module("common.migrations.0005_secrets")
NAMES = migration.NAMES
ADDRESS = "https://hooks.slack.com/services/T0/B0/x"


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(NAMES)} FROM workspace")
        return list(cursor.fetchone() or ())


def test_what_the_database_holds_is_not_what_is_read() -> None:
    Workspace.objects.update(slack_webhook=ADDRESS)
    first = signing_secrets()[0]
    second = webhook_secret_rotate(COMMAND, now=NOW)
    assert all(one.startswith(MARK) for one in stored())
    workspace = Workspace.objects.get()
    assert (workspace.slack_webhook, signing_secrets()) == (ADDRESS, (second, first))
    assert len({sealed("a"), sealed("a")}) == 2, "equal secrets cannot be told"
    assert sealed("") == ""


def test_the_migration_encrypts_what_is_there_and_can_be_taken_back() -> None:
    clear = [ADDRESS, "whsec_a", ""]
    with connection.cursor() as cursor:
        said = ", ".join(f"{name} = %s" for name in NAMES)
        cursor.execute(f"UPDATE workspace SET {said}", clear)
    assert signing_secrets() == ("whsec_a",), "read as it stands until then"
    with connection.schema_editor() as editor:
        migration.encrypt(None, editor)
    encrypted = stored()
    assert [bool(one) for one in encrypted] == [True, True, False]
    assert not any("whsec" in one or "slack" in one for one in encrypted)
    assert (Workspace.objects.get().slack_webhook, signing_secrets()) == (ADDRESS, ("whsec_a",))
    with connection.schema_editor() as editor:
        migration.encrypt(None, editor)
        assert stored() == encrypted, "once is enough"
        migration.decrypt(None, editor)
    assert stored() == clear


def test_keys_can_be_changed_and_the_one_before_still_reads() -> None:
    with override_settings(SECRET_KEY="old", SECRETS_KEYS=[]):
        before = sealed("s3cret")
    with override_settings(SECRET_KEY="old", SECRETS_KEYS=["new"]):
        assert opened(before) == "s3cret"
        after = resealed(before)
        assert resealed(after) == after
    with override_settings(SECRET_KEY="other", SECRETS_KEYS=["new"]):
        assert (opened(after), opened(before)) == ("s3cret", None)
        assert resealed(before) == before, "what cannot be read is not lost"


def test_the_wrong_key_stops_signing_and_overwrites_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = signing_secrets()[0]
    kept = stored()
    with override_settings(SECRET_KEY="another"), caplog.at_level(logging.ERROR):
        with pytest.raises(MillraceError, match="cannot be read"):
            signing_secrets()
        assert Workspace.objects.get().name
    assert "SECRETS_KEYS" in caplog.text
    assert stored() == kept
    assert signing_secrets() == (secret,)
