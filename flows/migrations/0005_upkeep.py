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


class Migration(migrations.Migration):
    """What keeps the tables of flows from growing without end, and light to write."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0004_editions")]

    operations: ClassVar[list[Operation]] = [migrations.RunSQL(LIGHTER, HEAVIER)]
