"""Resuming and ending flows with many people inside, lane by lane as publishing is."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

COLUMNS = """
-- What is done in each lane: `publish`, `resume`, or `end` with the reason that visits bear.
ALTER TABLE rollout ADD COLUMN kind varchar(10) NOT NULL DEFAULT 'publish',
    ADD COLUMN reason text NOT NULL DEFAULT '';
"""

GONE = "ALTER TABLE rollout DROP COLUMN kind, DROP COLUMN reason;"


class Migration(migrations.Migration):
    """Kinds of rollouts."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0007_series")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            COLUMNS,
            GONE,
            state_operations=[
                migrations.AddField(
                    "rollout",
                    "kind",
                    models.CharField(
                        max_length=10,
                        choices=[("publish", "Publish"), ("resume", "Resume"), ("end", "End")],
                        default="publish",
                    ),
                ),
                migrations.AddField("rollout", "reason", models.TextField(blank=True, default="")),
            ],
        )
    ]
