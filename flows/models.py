"""Flows as stored: the drafts, the versions, who is where, every step, the counts.

Rows about a contact (`Visit`, `Step`) carry the contact's lane; foreign keys between per-contact
tables are composite and written in the migration. `FlowCount` rows are kept per lane, so that two
engine workers never touch one row.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings as django_settings
from django.db import models

LONGEST_KEY = 90
"""A new flow's key is at most this long, so that the group of its sockets has a name, too."""


class Flow(models.Model):
    """A flow: its draft, its settings, and which version is live."""

    class Status(models.TextChoices):
        DRAFT = "draft"  # → live
        LIVE = "live"  # → paused, archived
        PAUSED = "paused"  # → live, archived
        ARCHIVED = "archived"  # for good

    id = models.BigAutoField(primary_key=True)
    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    graph = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)
    tests = models.JSONField(default=list)
    """Timelines with where they should lead, as a file of the flow carries them (`flows.code`)."""
    revision = models.BigIntegerField(default=1)
    live_version = models.ForeignKey(
        "FlowVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    moving_to = models.BigIntegerField(null=True)
    """The version that those inside are still being moved to (`Rollout`); older ones rest."""
    alert = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "flow"
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether contacts are carried through it now."""
        return self.status == self.Status.LIVE


class FlowVersion(models.Model):
    """A published graph with its settings. It never changes."""

    id = models.BigAutoField(primary_key=True)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    settings = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_open = models.BooleanField(default=True, db_default=True)
    """Whether anybody may still be inside it: what is not live and empty is not compiled."""

    class Meta:
        db_table = "flow_version"
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_number_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of flow {self.flow_id}"


class Rollout(models.Model):
    """What a command does to many people: done lane by lane by the engine.

    `moves` is None where those inside stay. The lanes that are still to be done are rows of
    `rollout_lane`.
    """

    class Kind(models.TextChoices):
        PUBLISH = "publish"  # those inside are moved, existing members let in
        RESUME = "resume"  # what was held in a pause goes on
        END = "end"  # those inside leave, with `reason`

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PUBLISH)
    reason = models.TextField(blank=True, default="")
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, db_index=False)
    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, db_index=False)
    moves = models.JSONField(null=True)
    spread_seconds = models.FloatField(default=0)
    entering = models.JSONField(default=list)
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        db_table = "rollout"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["flow"], name="rollout_open", condition=models.Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of version {self.version_id}"


class Visit(models.Model):
    """One contact's way through one flow."""

    class State(models.TextChoices):
        INSIDE = "inside"  # → any of the others
        COMPLETED = "completed"
        CONVERTED = "converted"
        EXITED = "exited"
        FAILED = "failed"  # parked with an error; → inside (retry, skip), exited

    id = models.BigAutoField(primary_key=True)
    lane = models.SmallIntegerField()
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    version = models.ForeignKey(
        FlowVersion, on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    contact_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State)
    node = models.CharField(max_length=100)
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    held_due_at = models.DateTimeField(null=True)
    goal_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    entry_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    left_by = models.CharField(max_length=100, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")
    """The error without what differs from contact to contact."""
    trigger = models.JSONField(null=True)
    steps = models.IntegerField(default=0)

    class Meta:
        db_table = "visit"
        indexes: ClassVar[list[models.Index]] = [
            # the pulse: what is due in these lanes
            models.Index(
                fields=["lane", "due_at"],
                name="visit_due",
                condition=models.Q(due_at__isnull=False),
            ),
            # the pulse: who of a flow rests at a node; the canvas: the people there
            models.Index(
                fields=["flow", "lane", "node"],
                name="visit_resting",
                condition=models.Q(state__in=["inside", "failed"]),
            ),
            # entering: has this contact been in this flow; a contact's page
            models.Index(fields=["lane", "contact_id", "flow", "id"], name="visit_of_contact"),
            # resuming a paused flow: what fell due meanwhile
            models.Index(
                fields=["flow", "lane"],
                name="visit_held",
                condition=models.Q(held_due_at__isnull=False),
            ),
            # the pulse: whose goal time may have made true
            models.Index(
                fields=["lane", "goal_at"],
                name="visit_goal",
                condition=models.Q(goal_at__isnull=False, state__in=["inside", "failed"]),
            ),
            # the people page, newest first
            models.Index(fields=["flow", "-id"], name="visit_of_flow"),
            # failures: their groups, and since when; a repair, lane by lane
            models.Index(
                fields=["flow", "node", "lane", "failed_at"],
                name="visit_failed",
                condition=models.Q(state="failed"),
                include=["failure", "id"],
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # never two visits of one flow at once: entering relies on it
            models.UniqueConstraint(
                fields=["lane", "contact_id", "flow"],
                name="visit_one_at_a_time",
                condition=models.Q(state__in=["inside", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Step(models.Model):
    """An arrival at a node; never changed. `came_by` is the branch of the step before."""

    pk = models.CompositePrimaryKey("lane", "visit_id", "number")
    lane = models.SmallIntegerField()
    visit_id = models.BigIntegerField()
    number = models.IntegerField()
    flow_id = models.BigIntegerField()
    node = models.CharField(max_length=100)
    at = models.DateTimeField()
    came_by = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "step"

    def __str__(self) -> str:
        return f"step {self.number} of visit {self.visit_id}"


class SetAside(models.Model):
    """A touch that the engine cannot process, with the reason: kept until somebody retries it.

    A stage of the pulse that fails concerns no contact: `kind` is `stage`, `name` which.
    """

    id = models.BigAutoField(primary_key=True)
    lane = models.SmallIntegerField()
    contact_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    name = models.TextField()
    event_id = models.BigIntegerField(null=True)
    detail = models.JSONField(null=True)
    at = models.DateTimeField()
    error = models.TextField()
    aside_at = models.DateTimeField()

    class Meta:
        db_table = "set_aside"

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}: {self.error}"


class FlowCount(models.Model):
    """A live counter, per lane. `check_counts` recounts them from visits and steps.

    `node` is '' for the flow's totals, where `what` is entered, completed, converted, exited or
    failed; at a node it is `in`, `failed` or `out:<branch>` (`out:` for leaving the flow there).
    """

    pk = models.CompositePrimaryKey("lane", "flow_id", "node", "what")
    lane = models.SmallIntegerField()
    flow_id = models.BigIntegerField()
    node = models.CharField(max_length=100)
    what = models.CharField(max_length=110)
    n = models.BigIntegerField()

    class Meta:
        db_table = "flow_count"

    def __str__(self) -> str:
        return f"{self.node} {self.what}"


class FlowTimer(models.Model):
    """A trigger that goes by the clock, as one or more versions of a flow have it (`flows.timers`).

    `terms` say what makes it another trigger than before; of `once` that is the instant alone, so
    that nobody gets twice what went out at that instant.
    """

    id = models.BigAutoField(primary_key=True)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, db_index=False)
    node = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[("date", "Date"), ("once", "Once")])
    terms = models.JSONField()
    person_by = models.TextField()
    begins_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flow_timer"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # what went out once at an instant never does again: publishing relies on it
            models.UniqueConstraint(
                fields=["flow", "node", "terms"],
                name="flow_timer_once",
                condition=models.Q(kind="once"),
            ),
            # the book: one timer per trigger
            models.UniqueConstraint(
                fields=["flow", "node"],
                name="flow_timer_in_use",
                condition=models.Q(retired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.node}"


class FlowTimerLane(models.Model):
    """How far the work of a timer has come in a lane."""

    class Phase(models.TextChoices):
        FILL = "fill"  # date: appointments are made of the dates there are → done
        GATHER = "gather"  # once: members are gathered → choose
        CHOOSE = "choose"  # once: one contact per person gets an appointment → done
        DONE = "done"
        SWEEP = "sweep"  # retired: what is left of it is deleted → swept
        SWEPT = "swept"

    pk = models.CompositePrimaryKey("lane", "timer_id")
    lane = models.SmallIntegerField()
    timer = models.ForeignKey(FlowTimer, on_delete=models.CASCADE, db_index=False)
    phase = models.CharField(max_length=10, choices=Phase)
    upto = models.TextField(default="", blank=True)

    class Meta:
        db_table = "flow_timer_lane"

    def __str__(self) -> str:
        return f"timer {self.timer_id} in lane {self.lane}"


class Appointment(models.Model):
    """When a timer lets a contact in (`at`), and the last instant at which it has (`done_at`)."""

    pk = models.CompositePrimaryKey("lane", "contact_id", "timer_id")
    lane = models.SmallIntegerField()
    contact_id = models.BigIntegerField()
    timer_id = models.BigIntegerField()
    at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "appointment"

    def __str__(self) -> str:
        return f"contact {self.contact_id} at {self.at}"


class Gathered(models.Model):
    """Whom a `once` has gathered, in the lane of the person's key, where its contacts meet."""

    pk = models.CompositePrimaryKey("lane", "timer_id", "person", "contact_id")
    lane = models.SmallIntegerField()
    timer_id = models.BigIntegerField()
    person = models.UUIDField()
    contact_id = models.BigIntegerField()
    barred = models.BooleanField()
    reachable = models.BooleanField()
    seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "gathered"

    def __str__(self) -> str:
        return f"contact {self.contact_id}"


class LaneZone(models.Model):
    """In which time zone of the workspace the deadlines of a lane were worked out."""

    lane = models.SmallIntegerField(primary_key=True)
    zone = models.TextField()

    class Meta:
        db_table = "lane_zone"

    def __str__(self) -> str:
        return f"lane {self.lane}"


class Backtest(models.Model):
    """A draft tried on a past period, beside the live version; its job says how far it is."""

    id = models.BigAutoField(primary_key=True)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    job_id = models.UUIDField(null=True)
    days = models.IntegerField()
    segment = models.TextField(null=True)
    resolution = models.TextField(null=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    graph = models.JSONField()
    settings = models.JSONField()
    live_version = models.ForeignKey(
        FlowVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    result = models.JSONField(null=True)
    notes = models.JSONField(default=list)
    figures = models.JSONField(default=dict)

    class Meta:
        db_table = "backtest"

    def __str__(self) -> str:
        return f"backtest {self.pk} of flow {self.flow_id}"
