"""The rows of scoring: rules, what each gave, and the ledger with the rule that wrote each entry.

The tables are written in SQL in `migrations/0003_scoring.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from contacts.models import ContactOwned


class ScoreRule(models.Model):
    """For what points are given: for each event of some kind, or while a rule is true."""

    class Kind(models.TextChoices):
        """For what points are given."""

        EVENT = "event", "Event"  # for each such event, once
        RULE = "rule", "Rule"  # when the rule turns true, until it turns false

    class Status(models.TextChoices):
        """Transitions: active ⇄ paused, either → leaving (a job is at it) → deleted."""

        ACTIVE = "active"
        PAUSED = "paused"
        LEAVING = "leaving"
        DELETED = "deleted"  # kept, so that the ledger can name it

    id = models.BigAutoField(primary_key=True)
    key = models.TextField()
    name = models.TextField()
    description = models.TextField(blank=True, default="")
    kind = models.TextField(choices=Kind.choices)
    event = models.TextField(null=True)
    conditions: models.JSONField[Any, Any] = models.JSONField(default=list)
    rule: models.JSONField[Any, Any] = models.JSONField(null=True)
    segment = models.ForeignKey(
        "segments.Segment",
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    points = models.DecimalField(max_digits=8, decimal_places=2)
    decay_per_week = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    limit_times = models.IntegerField(null=True)
    limit_per = models.TextField(null=True)
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE)
    edition = models.IntegerField(default=1)
    kept_until = models.IntegerField(default=0)
    void_until = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "score_rule"
        ordering: ClassVar[list[str]] = ["name", "key"]

    def __str__(self) -> str:
        return self.key

    @property
    def active(self) -> bool:
        """Whether it gives points."""
        return self.status == self.Status.ACTIVE

    @property
    def limit(self) -> dict[str, Any] | None:
        """How often at most, as the API says it."""
        if self.limit_times is None:
            return None
        return {"times": self.limit_times, "per": self.limit_per}


class ScoreAward(ContactOwned):
    """What a rule gave a contact, for one event or while it is true, and what is left of it."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(
        ScoreRule,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    event_id = models.BigIntegerField(null=True)
    edition = models.IntegerField()
    at = models.DateTimeField()
    points = models.DecimalField(max_digits=8, decimal_places=2)
    remaining = models.DecimalField(max_digits=8, decimal_places=2)
    decay_per_week = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    next_decay_at = models.DateTimeField(null=True)
    span = models.BigIntegerField(null=True)
    surplus = models.BooleanField(default=False)

    class Meta:
        db_table = "score_award"

    def __str__(self) -> str:
        return f"{self.remaining:+g} of {self.points:+g} to contact {self.contact_id}"


class ScoreEntry(ContactOwned):
    """An entry of the contacts' ledger as this room sees it: with the rule that wrote it.

    `contacts.ScoreChange` is the same row; that room knows no rules.
    """

    id = models.BigAutoField(primary_key=True)
    delta = models.FloatField()
    at = models.DateTimeField()
    reason = models.TextField(default="")
    rule = models.ForeignKey(
        ScoreRule,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    award_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "score_change"
        managed = False

    def __str__(self) -> str:
        return f"{self.delta:+g}"
