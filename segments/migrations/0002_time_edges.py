"""Time edges, builds that hold nobody up, ranked segments, owners, days, names."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = """
ALTER TABLE segment
    ADD COLUMN owner_id bigint REFERENCES app_user ON DELETE SET NULL,
    -- A ranked segment: {"by": …, "limit": …, "refresh_every": …}.
    ADD COLUMN top jsonb,
    ADD COLUMN refreshed_at timestamptz;

-- Up to which instant, and in which zone, time has been looked at for the segments in a lane.
CREATE TABLE segment_tick (
    lane smallint NOT NULL PRIMARY KEY,
    ticked_at timestamptz NOT NULL,
    zone text NOT NULL
) WITH (fillfactor = 50);

-- When time alone may next change what a segment's rule says of a contact, where no index of the
-- data tells it (fields relative to now, `for`, instants in properties). It may come too early, never
-- too late.
CREATE TABLE time_edge (
    lane smallint NOT NULL,
    segment_id bigint NOT NULL REFERENCES segment ON DELETE CASCADE,
    contact_id bigint NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT time_edge_pkey PRIMARY KEY (lane, segment_id, contact_id),
    CONSTRAINT time_edge_contact FOREIGN KEY (lane, contact_id)
        REFERENCES contact (lane, id) ON DELETE CASCADE
) WITH (fillfactor = 85);
CREATE INDEX time_edge_due ON time_edge (lane, due_at);
CREATE INDEX time_edge_of_contact ON time_edge (lane, contact_id);
CREATE INDEX time_edge_of_segment ON time_edge (segment_id);

-- What touched a contact before its own instant: an event that bears a later time than the pulse.
CREATE TABLE touch_early (
    lane smallint NOT NULL,
    due_at timestamptz NOT NULL,
    contact_id bigint NOT NULL,
    key text NOT NULL,
    CONSTRAINT touch_early_pkey PRIMARY KEY (lane, due_at, contact_id, key),
    CONSTRAINT touch_early_contact FOREIGN KEY (lane, contact_id)
        REFERENCES contact (lane, id) ON DELETE CASCADE
);
CREATE INDEX touch_early_of_contact ON touch_early (lane, contact_id);

-- A build: for whom the rule was true when it looked, and whom the pulse has asked about since. Not
-- logged: a build that the server's death interrupts begins anew.
CREATE UNLOGGED TABLE segment_match (
    lane smallint NOT NULL,
    segment_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    is_true boolean NOT NULL,
    due_at timestamptz,
    CONSTRAINT segment_match_pkey PRIMARY KEY (lane, segment_id, contact_id)
);
CREATE UNLOGGED TABLE segment_judged (
    lane smallint NOT NULL,
    segment_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT segment_judged_pkey PRIMARY KEY (lane, segment_id, contact_id)
);

-- Joins and leaves by day in the workspace's zone: growth charts and trends without the history.
CREATE TABLE segment_day (
    lane smallint NOT NULL,
    segment_id bigint NOT NULL REFERENCES segment ON DELETE CASCADE,
    day date NOT NULL,
    joined bigint NOT NULL DEFAULT 0,
    parted bigint NOT NULL DEFAULT 0,
    CONSTRAINT segment_day_pkey PRIMARY KEY (lane, segment_id, day)
) WITH (fillfactor = 70);
CREATE INDEX segment_day_of_segment ON segment_day (segment_id, day);

-- How segments are to be named, if anybody has said so: one row.
CREATE TABLE naming_convention (
    id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
    parts jsonb NOT NULL DEFAULT '[]',
    separator text NOT NULL DEFAULT ' · ',
    enforce text NOT NULL DEFAULT 'off' CHECK (enforce IN ('off', 'warn', 'refuse'))
);

INSERT INTO segment_day (lane, segment_id, day, joined, parted)
SELECT m.lane, m.segment_id,
    (m.at AT TIME ZONE coalesce((SELECT timezone FROM workspace), 'UTC'))::date,
    count(*) FILTER (WHERE m.change = 'entered'), count(*) FILTER (WHERE m.change = 'left')
FROM membership_change m GROUP BY 1, 2, 3;
"""

GONE = """
DROP TABLE naming_convention, segment_day, segment_judged, segment_match, touch_early, time_edge,
    segment_tick;
ALTER TABLE segment DROP COLUMN owner_id, DROP COLUMN top, DROP COLUMN refreshed_at;
"""


def key_of(*names):
    return models.CompositePrimaryKey(
        *names, blank=True, editable=False, primary_key=True, serialize=False
    )


def of(model):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("segments", "0001_initial"),
        ("common", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.RunSQL(
            TABLES,
            GONE,
            state_operations=[
                migrations.AddField(
                    "Segment",
                    "owner",
                    models.ForeignKey(
                        null=True,
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField("Segment", "top", models.JSONField(null=True)),
                migrations.AddField("Segment", "refreshed_at", models.DateTimeField(null=True)),
                migrations.CreateModel(
                    name="SegmentDay",
                    fields=[
                        ("pk", key_of("lane", "segment", "day")),
                        ("lane", models.SmallIntegerField()),
                        ("day", models.DateField()),
                        ("joined", models.BigIntegerField(default=0)),
                        ("parted", models.BigIntegerField(default=0)),
                        ("segment", of("segments.segment")),
                    ],
                    options={"db_table": "segment_day"},
                ),
                migrations.CreateModel(
                    name="TimeEdge",
                    fields=[
                        ("pk", key_of("lane", "segment", "contact")),
                        ("lane", models.SmallIntegerField()),
                        ("due_at", models.DateTimeField()),
                        ("contact", of("contacts.contact")),
                        ("segment", of("segments.segment")),
                    ],
                    options={"db_table": "time_edge"},
                ),
                migrations.CreateModel(
                    name="TouchEarly",
                    fields=[
                        ("pk", key_of("lane", "due_at", "contact", "key")),
                        ("lane", models.SmallIntegerField()),
                        ("due_at", models.DateTimeField()),
                        ("key", models.TextField()),
                        ("contact", of("contacts.contact")),
                    ],
                    options={"db_table": "touch_early"},
                ),
                migrations.CreateModel(
                    name="NamingConvention",
                    fields=[
                        ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                        ("parts", models.JSONField(default=list)),
                        ("separator", models.TextField(default=" · ")),
                        (
                            "enforce",
                            models.TextField(
                                choices=[
                                    ("off", "Off"),
                                    ("warn", "Warn"),
                                    ("refuse", "Refuse"),
                                ],
                                default="off",
                            ),
                        ),
                    ],
                    options={"db_table": "naming_convention"},
                ),
            ],
        ),
    ]
