"""An index of who is held in by hand: few among many members."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("segments", "0003_scoring")]

    operations: ClassVar = [
        migrations.RunSQL(
            "CREATE INDEX membership_by_hand ON membership (segment_id, contact_id) WHERE by_hand",
            "DROP INDEX membership_by_hand",
        )
    ]
