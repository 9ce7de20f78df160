"""What keeps the tables of contacts from growing without end."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What keeps the tables of contacts from growing without end."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("contacts", "0002_imports")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            "CREATE INDEX event_message_received ON event_message (received_at)",
            "DROP INDEX event_message_received",
        )
    ]
