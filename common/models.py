"""Tables that belong to no room in particular: the lanes, the workspace, long work."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from common.secretbox import SecretTextField


class Lane(models.Model):
    """One row per lane, there to be locked: `FOR UPDATE SKIP LOCKED` gives a lane one worker."""

    lane = models.SmallIntegerField(primary_key=True)

    class Meta:
        db_table = "lane"

    def __str__(self) -> str:
        return str(self.lane)


class Workspace(models.Model):
    """The one company whose contacts these are. There is exactly one row."""

    class DedupeKey(models.TextChoices):
        """By what two contacts are one person, where something goes to several segments."""

        EMAIL = "email", "E-mail address"
        EXTERNAL_ID = "external_id", "External id"

    name = models.TextField(default="My workspace")
    timezone = models.TextField(default="UTC")
    from_email = models.TextField(default="", blank=True)
    postal_address = models.TextField(default="", blank=True)
    dedupe_key = models.TextField(
        choices=DedupeKey.choices, default=DedupeKey.EMAIL, db_default=DedupeKey.EMAIL
    )
    slack_webhook = SecretTextField(default="", db_default="", blank=True)
    """The address of Slack's incoming webhook: a secret, never shown again."""
    webhook_secret = SecretTextField(default="", db_default="", blank=True)
    """What calls to other systems are signed with (Standard Webhooks); made when first needed."""
    webhook_secret_before = SecretTextField(default="", db_default="", blank=True)
    """The one before: calls are signed with both, so that receivers can change over."""

    keep = models.JSONField(default=dict, db_default={}, blank=True)
    """For how long things are kept, where it is not the default (`common.upkeep`)."""

    class Meta:
        db_table = "workspace"
        constraints: ClassVar = [
            # Everybody reads "the" workspace; a second row would make that a matter of luck.
            models.CheckConstraint(name="workspace_is_one", condition=models.Q(id=1)),
            # An audience knows no other.
            models.CheckConstraint(
                name="workspace_dedupe_key",
                condition=models.Q(dedupe_key__in=["email", "external_id"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """Long work with progress: an import, a build, a backtest. `common.jobs` writes it."""

    class Status(models.TextChoices):
        """Transitions: queued → running → done | failed | cancelled, and queued → cancelled."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField()
    title = models.TextField()
    status = models.TextField(choices=Status.choices, default=Status.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        db_table = "job"
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="job_recent")]

    def __str__(self) -> str:
        return f"{self.title} ({self.status})"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to this job."""
        return self.status in (self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED)
