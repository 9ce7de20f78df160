"""The workspace's secrets are encrypted at rest; those there are, too."""

from typing import Any, ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from common.secretbox import SecretTextField, opened, resealed

NAMES = ("slack_webhook", "webhook_secret", "webhook_secret_before")


def _rewrite(schema_editor: Any, write: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(NAMES)} FROM workspace FOR UPDATE")
        for workspace, *stored in cursor.fetchall():
            said = ", ".join(f"{name} = %s" for name in NAMES)
            cursor.execute(
                f"UPDATE workspace SET {said} WHERE id = %s", [*map(write, stored), workspace]
            )


def encrypt(_apps: Any, schema_editor: Any) -> None:
    """Encrypt what stands there in clear."""
    _rewrite(schema_editor, resealed)


def _clear(stored: str) -> str:
    clear = opened(stored)
    if clear is None:
        raise ValueError(
            "A secret can be read with no key: set the SECRET_KEY it was written with."
        )
    return clear


def decrypt(_apps: Any, schema_editor: Any) -> None:
    """Write them in clear again, for a release that knows no other way."""
    _rewrite(schema_editor, _clear)


def _secret(name: str) -> Operation:
    return migrations.AlterField(
        "workspace", name, SecretTextField(blank=True, db_default="", default="")
    )


class Migration(migrations.Migration):
    """The workspace's secrets, encrypted at rest."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("common", "0004_outgoing")]

    operations: ClassVar[list[Operation]] = [
        *(_secret(name) for name in NAMES),
        migrations.RunPython(encrypt, decrypt),
    ]
