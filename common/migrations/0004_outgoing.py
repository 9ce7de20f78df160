"""What calls to other systems are made and signed with."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


def _text(name: str) -> Operation:
    return migrations.AddField(
        "workspace", name, models.TextField(blank=True, db_default="", default="")
    )


class Migration(migrations.Migration):
    """What calls to other systems are made and signed with."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("common", "0003_upkeep")]

    operations: ClassVar[list[Operation]] = [
        _text("slack_webhook"),
        _text("webhook_secret"),
        _text("webhook_secret_before"),
    ]
