"""No foreign key for every event; whom an import has yet to put into its segment."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# A statement of its own takes the events of contacts that go, instead of a check for each event
# that comes: docs/decisions/0021-no-foreign-keys-on-what-is-written-most.md.
LIGHTER = """
ALTER TABLE event DROP CONSTRAINT IF EXISTS event_contact;
CREATE FUNCTION contact_takes_its_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM event e USING gone g WHERE e.lane = g.lane AND e.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_gone_events AFTER DELETE ON contact REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION contact_takes_its_events();
"""

HEAVIER = """
DROP TRIGGER contact_gone_events ON contact;
DROP FUNCTION contact_takes_its_events();
ALTER TABLE event ADD CONSTRAINT event_contact FOREIGN KEY (lane, contact_id)
    REFERENCES contact (lane, id) ON DELETE CASCADE;
"""

JOINING = """
-- Whom the last piece wrote: put into the segment by the next transaction.
ALTER TABLE contact_import ADD COLUMN joining bigint[] NOT NULL DEFAULT '{}';
-- Merging asks whether it concerns one of them.
CREATE INDEX contact_import_joining ON contact_import (id) WHERE joining <> '{}';
"""

NO_JOINING = "ALTER TABLE contact_import DROP COLUMN joining"


class Migration(migrations.Migration):
    """Lighter events, and imports that hold the lanes only while they join."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("contacts", "0003_upkeep")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.RunSQL(LIGHTER, HEAVIER),
        migrations.RunSQL(
            JOINING,
            NO_JOINING,
            state_operations=[
                migrations.AddField(
                    model_name="contactimport",
                    name="joining",
                    field=ArrayField(models.BigIntegerField(), default=list),
                )
            ],
        ),
    ]
