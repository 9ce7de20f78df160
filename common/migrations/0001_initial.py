"""The lanes, the workspace, and long work."""

import uuid

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("lane", models.SmallIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "lane",
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("title", models.TextField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                    ),
                ),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("detail", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True, default="")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("cancel_requested", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "job",
                "indexes": [models.Index(fields=["-created_at", "-id"], name="job_recent")],
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(default="My workspace")),
                ("timezone", models.TextField(default="UTC")),
                ("from_email", models.TextField(blank=True, default="")),
                ("postal_address", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "workspace",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="workspace_is_one")
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO lane (lane) SELECT generate_series(0, 63)", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "INSERT INTO workspace (id, name, timezone, from_email, postal_address)"
            " VALUES (1, 'My workspace', 'UTC', '', '')",
            migrations.RunSQL.noop,
        ),
    ]
