"""An index of memberships by contact that answers "is this contact in that segment?" by itself."""

from typing import ClassVar

from django.db import migrations

# Without the segment in it, an active contact's forty memberships were read for every question
# whenever the planner preferred it to the primary key. One leaf answers all questions about a
# contact, and `by_hand` saves the look at the rows.
WHOLE = """
CREATE INDEX membership_of_contact_whole ON membership (lane, contact_id, segment_id)
    INCLUDE (by_hand);
DROP INDEX membership_of_contact;
ALTER INDEX membership_of_contact_whole RENAME TO membership_of_contact;
"""

PART = """
DROP INDEX membership_of_contact;
CREATE INDEX membership_of_contact ON membership (lane, contact_id);
"""


class Migration(migrations.Migration):
    """Memberships by contact and segment."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("segments", "0005_lighter_joins")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.RunSQL(WHOLE, PART)
    ]
