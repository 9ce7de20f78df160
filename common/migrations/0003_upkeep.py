"""How long things are kept."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

MARKS = """
-- How far a clean-up has come that leaves rows where they are: by lane (-1: of all), the instant and
-- the id of the last row seen.
CREATE TABLE upkeep_mark (
    what text NOT NULL,
    lane smallint NOT NULL DEFAULT -1,
    at timestamptz NOT NULL,
    id bigint NOT NULL,
    CONSTRAINT upkeep_mark_pkey PRIMARY KEY (what, lane)
);
"""


class Migration(migrations.Migration):
    """How long things are kept."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("common", "0002_dedupe_key")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(MARKS, "DROP TABLE upkeep_mark"),
        migrations.AddField(
            model_name="workspace",
            name="keep",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
