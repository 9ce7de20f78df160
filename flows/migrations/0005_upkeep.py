"""What keeps the tables of flows from growing without end, and light to write."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

LIGHTER = """
-- The engine writes visits under their contact's lane, and whoever deletes or joins contacts holds
-- it too. So a key that is checked for every row guards against nobody; the visits of a contact
-- still go with it, whoever deletes it.
ALTER TABLE visit DROP CONSTRAINT visit_contact;
CREATE FUNCTION contact_takes_its_visits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM visit v USING gone g WHERE v.lane = g.lane AND v.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_gone_visits AFTER DELETE ON contact REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION contact_takes_its_visits();
"""

HEAVIER = """
DROP TRIGGER contact_gone_visits ON contact;
DROP FUNCTION contact_takes_its_visits;
ALTER TABLE visit ADD CONSTRAINT visit_contact FOREIGN KEY (lane, contact_id)
    REFERENCES contact (lane, id) ON DELETE CASCADE;
"""


PAST = """
-- What visits and steps that are gone had added to the counters; in a table of its own, so that the
-- rows that are left and these sums come to what the counters say.
CREATE TABLE flow_past (
    lane smallint NOT NULL,
    flow_id bigint NOT NULL,
    node varchar(100) NOT NULL,
    what varchar(110) NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT flow_past_pkey PRIMARY KEY (lane, flow_id, node, what)
);
-- The clean-up walks along it.
CREATE INDEX visit_ended ON visit (lane, left_at, id) WHERE left_at IS NOT NULL;
"""

NO_PAST = "DROP INDEX visit_ended; DROP TABLE flow_past;"


class Migration(migrations.Migration):
    """What keeps the tables of flows from growing without end, and light to write."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0004_editions")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(LIGHTER, HEAVIER),
        migrations.RunSQL(PAST, NO_PAST),
    ]
