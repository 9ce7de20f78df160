"""Visits say when they failed and of what kind the failure is, so that they can be mended in sets."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

COLUMNS = """
ALTER TABLE visit
    ADD COLUMN failed_at timestamptz,
    -- The error without what differs from contact to contact (`flows.failures.kind_of`).
    ADD COLUMN failure varchar(200) NOT NULL DEFAULT '';
UPDATE visit
   SET failed_at = arrived_at,
       failure = coalesce(nullif(left(regexp_replace(split_part(error, E'\\n', 1), '[0-9]+', '…', 'g'), 200), ''), 'it failed')
 WHERE state = 'failed';
-- Who has failed where, of what, since when: groups, alerts, and the pieces of a repair by lane.
CREATE INDEX visit_failed ON visit (flow_id, node, lane, failed_at) INCLUDE (failure, id)
    WHERE state = 'failed';
-- How many have failed at each step, for the alerts: few of the counters are such.
CREATE INDEX flow_count_failed ON flow_count (flow_id, node)
    WHERE what = 'failed' AND node <> '';
"""

WITHOUT = """
DROP INDEX flow_count_failed;
DROP INDEX visit_failed;
ALTER TABLE visit DROP COLUMN failed_at, DROP COLUMN failure;
"""


class Migration(migrations.Migration):
    """When a visit failed, and of what kind the failure is."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0002_times")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            COLUMNS,
            WITHOUT,
            state_operations=[
                migrations.AddField(
                    model_name="visit", name="failed_at", field=models.DateTimeField(null=True)
                ),
                migrations.AddField(
                    model_name="visit",
                    name="failure",
                    field=models.CharField(blank=True, default="", max_length=200),
                ),
                migrations.AddIndex(
                    model_name="visit",
                    index=models.Index(
                        condition=models.Q(("state", "failed")),
                        fields=["flow", "node", "lane", "failed_at"],
                        include=["failure", "id"],
                        name="visit_failed",
                    ),
                ),
            ],
        )
    ]
