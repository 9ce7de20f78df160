"""What tells one person from another when something goes to several segments."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("common", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="workspace",
            name="dedupe_key",
            field=models.TextField(
                choices=[("email", "E-mail address"), ("external_id", "External id")],
                default="email",
                db_default="email",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                name="workspace_dedupe_key",
                condition=models.Q(dedupe_key__in=["email", "external_id"]),
            ),
        ),
    ]
