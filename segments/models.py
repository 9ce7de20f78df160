"""The rows of the room `segments`.

The tables, the collation and the functions that rules compare by are written in SQL in
`migrations/0001_initial.py`. Every row about a contact carries the contact's `lane`.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from contacts.models import ContactOwned
from segments.scoring.models import ScoreAward, ScoreEntry, ScoreRule

__all__ = [
    "HeldOut",
    "Membership",
    "MembershipChange",
    "NamingConvention",
    "ScoreAward",
    "ScoreEntry",
    "ScoreRule",
    "Segment",
    "SegmentDay",
    "SegmentOwned",
    "SegmentSize",
    "TimeEdge",
]


class SegmentsOfPeople(models.Manager["Segment"]):
    """The segments that people made: what is listed, named in rules and looked at."""

    def get_queryset(self) -> models.QuerySet[Segment]:
        """Leave out what the product keeps for itself."""
        return super().get_queryset().filter(system=False)


class Segment(models.Model):
    """A named set of contacts, made by a rule, by hand, or both."""

    class Kind(models.TextChoices):
        """When a contact joins and leaves."""

        STATIC = "static", "Static"  # joins once, when built; afterwards only by hand
        GROWING = "growing", "Growing"  # joins whenever the rule is true; leaves only by hand
        DYNAMIC = "dynamic", "Dynamic"  # joins and leaves as the rule turns true and false

    class Status(models.TextChoices):
        """Transitions: building → ready, and back whenever the rule is edited."""

        BUILDING = "building"
        READY = "ready"

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    rule = models.JSONField(null=True)
    description = models.TextField(blank=True, default="")
    status = models.TextField(choices=Status.choices, default=Status.BUILDING)
    edition = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    top = models.JSONField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    system = models.BooleanField(default=False)

    objects = SegmentsOfPeople()
    every: ClassVar[models.Manager[Segment]] = models.Manager()
    """Those too that the product keeps for itself (`segments.scoring`)."""

    class Meta:
        db_table = "segment"
        ordering: ClassVar[list[str]] = ["name", "key"]

    def __str__(self) -> str:
        return self.key


class SegmentOwned(ContactOwned):
    """A row about a contact and a segment."""

    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Membership(SegmentOwned):
    """A contact is in a segment. With `by_hand` (held in), the rule does not take them out."""

    pk = models.CompositePrimaryKey("lane", "segment", "contact")
    since = models.DateTimeField()
    by_hand = models.BooleanField(default=False)

    class Meta:
        db_table = "membership"

    def __str__(self) -> str:
        return f"contact {self.contact_id} in segment {self.segment_id}"


class HeldOut(SegmentOwned):
    """A contact was taken out by hand while the rule was true: out until it has been false."""

    pk = models.CompositePrimaryKey("lane", "segment", "contact")
    since = models.DateTimeField()

    class Meta:
        db_table = "held_out"

    def __str__(self) -> str:
        return f"contact {self.contact_id} held out of segment {self.segment_id}"


class MembershipChange(SegmentOwned):
    """One join or leave, never changed: what flows are triggered by and history is read from."""

    class Change(models.TextChoices):
        ENTERED = "entered"
        LEFT = "left"

    id = models.BigAutoField(primary_key=True)
    change = models.TextField(choices=Change.choices)
    at = models.DateTimeField()
    cause = models.TextField()

    class Meta:
        db_table = "membership_change"

    def __str__(self) -> str:
        return f"contact {self.contact_id} {self.change} segment {self.segment_id}"


class SegmentSize(models.Model):
    """How many members a segment has in one lane; the sum over all lanes is its size."""

    pk = models.CompositePrimaryKey("lane", "segment")
    lane = models.SmallIntegerField()
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    n = models.BigIntegerField(default=0)

    class Meta:
        db_table = "segment_size"

    def __str__(self) -> str:
        return f"{self.n} in lane {self.lane} of segment {self.segment_id}"


class SegmentDay(models.Model):
    """Joins and leaves of one day (in the workspace's zone) and lane."""

    pk = models.CompositePrimaryKey("lane", "segment", "day")
    lane = models.SmallIntegerField()
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    joined = models.BigIntegerField(default=0)
    parted = models.BigIntegerField(default=0)

    class Meta:
        db_table = "segment_day"

    def __str__(self) -> str:
        return f"{self.day} in lane {self.lane} of segment {self.segment_id}"


class TimeEdge(SegmentOwned):
    """When time alone may next change what a segment's rule says of a contact; never too late."""

    pk = models.CompositePrimaryKey("lane", "segment", "contact")
    due_at = models.DateTimeField()

    class Meta:
        db_table = "time_edge"

    def __str__(self) -> str:
        return f"contact {self.contact_id} of segment {self.segment_id} at {self.due_at}"


class TouchEarly(ContactOwned):
    """What touched a contact before its own instant: an event that bears a later time."""

    pk = models.CompositePrimaryKey("lane", "due_at", "contact", "key")
    due_at = models.DateTimeField()
    key = models.TextField()

    class Meta:
        db_table = "touch_early"

    def __str__(self) -> str:
        return f"{self.key} of contact {self.contact_id} at {self.due_at}"


class NamingConvention(models.Model):
    """How segments are to be named: parts, in order, with a separator between. One row at most."""

    class Enforce(models.TextChoices):
        """What a name that breaks the convention meets."""

        OFF = "off"
        WARN = "warn"
        REFUSE = "refuse"

    id = models.SmallIntegerField(primary_key=True)
    parts = models.JSONField(default=list)
    separator = models.TextField(default=" · ")
    enforce = models.TextField(choices=Enforce.choices, default=Enforce.OFF)

    class Meta:
        db_table = "naming_convention"

    def __str__(self) -> str:
        return self.separator.join(part.get("label", "") for part in self.parts)
