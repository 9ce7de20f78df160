"""No foreign keys on what a join writes: statements of their own take along what is gone."""

from typing import ClassVar

from django.db import migrations

# Four keys to check for every join and every leave cost more than the rows themselves:
# docs/decisions/0021-no-foreign-keys-on-what-is-written-most.md. What belonged to a contact goes by
# a trigger in the statement that deletes it; what belonged to a segment by a job (`sweeping.py`).
LIGHTER = """
ALTER TABLE membership
    DROP CONSTRAINT IF EXISTS membership_segment_id_fkey,
    DROP CONSTRAINT IF EXISTS membership_contact;
ALTER TABLE membership_change
    DROP CONSTRAINT IF EXISTS membership_change_segment_id_fkey,
    DROP CONSTRAINT IF EXISTS membership_change_contact;
ALTER TABLE time_edge
    DROP CONSTRAINT IF EXISTS time_edge_segment_id_fkey,
    DROP CONSTRAINT IF EXISTS time_edge_contact;
ALTER TABLE segment_size DROP CONSTRAINT IF EXISTS segment_size_segment_id_fkey;
ALTER TABLE segment_day DROP CONSTRAINT IF EXISTS segment_day_segment_id_fkey;
CREATE FUNCTION contact_takes_its_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM membership m USING gone g WHERE m.lane = g.lane AND m.contact_id = g.id;
    DELETE FROM membership_change m USING gone g WHERE m.lane = g.lane AND m.contact_id = g.id;
    DELETE FROM time_edge d USING gone g WHERE d.lane = g.lane AND d.contact_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_gone_memberships AFTER DELETE ON contact REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION contact_takes_its_memberships();
"""

HEAVIER = """
DROP TRIGGER contact_gone_memberships ON contact;
DROP FUNCTION contact_takes_its_memberships();
DELETE FROM membership m WHERE NOT EXISTS (SELECT FROM segment s WHERE s.id = m.segment_id);
DELETE FROM membership_change m WHERE NOT EXISTS (SELECT FROM segment s WHERE s.id = m.segment_id);
DELETE FROM time_edge m WHERE NOT EXISTS (SELECT FROM segment s WHERE s.id = m.segment_id);
DELETE FROM segment_size m WHERE NOT EXISTS (SELECT FROM segment s WHERE s.id = m.segment_id);
DELETE FROM segment_day m WHERE NOT EXISTS (SELECT FROM segment s WHERE s.id = m.segment_id);
ALTER TABLE membership
    ADD CONSTRAINT membership_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment ON DELETE CASCADE,
    ADD CONSTRAINT membership_contact FOREIGN KEY (lane, contact_id) REFERENCES contact (lane, id) ON DELETE CASCADE;
ALTER TABLE membership_change
    ADD CONSTRAINT membership_change_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment ON DELETE CASCADE,
    ADD CONSTRAINT membership_change_contact FOREIGN KEY (lane, contact_id) REFERENCES contact (lane, id) ON DELETE CASCADE;
ALTER TABLE time_edge
    ADD CONSTRAINT time_edge_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment ON DELETE CASCADE,
    ADD CONSTRAINT time_edge_contact FOREIGN KEY (lane, contact_id) REFERENCES contact (lane, id) ON DELETE CASCADE;
ALTER TABLE segment_size
    ADD CONSTRAINT segment_size_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment ON DELETE CASCADE;
ALTER TABLE segment_day
    ADD CONSTRAINT segment_day_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segment ON DELETE CASCADE;
"""


class Migration(migrations.Migration):
    """Lighter joins and leaves."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("segments", "0004_insight"),
        ("contacts", "0001_initial"),
    ]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.RunSQL(LIGHTER, HEAVIER)
    ]
