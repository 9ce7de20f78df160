"""Templates, the messages made from them, and calls to other systems.

A message or a call is outbox and history at once: the pulse writes it, a job takes it up, and what
became of it stays readable. The tables, with their keys and indexes, are in `migrations/`.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Template(models.Model):
    """What an e-mail says, in Liquid. `key` is fixed at creation: flows and files name it."""

    id = models.BigAutoField(primary_key=True)
    key = models.SlugField(max_length=100, unique=True, db_index=False)
    name = models.TextField()
    subject = models.TextField(default="", blank=True)
    preheader = models.TextField(default="", blank=True)
    html = models.TextField(default="", blank=True)
    text = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "template"
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One e-mail to one contact, whatever became of it.

    The keys carry the lane; `(lane, visit_id, step)` is unique: a message exists at most once per
    visit and step.
    """

    class Status(models.TextChoices):
        """What became of a message.

        Transitions: (nothing) → queued | withheld | held_back | failed; queued → sending |
        cancelled; sending → sent | failed | withheld, back to queued after a temporary error or a
        worker's death, and → cancelled as long as sending has not begun.
        """

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        WITHHELD = "withheld"
        HELD_BACK = "held_back"
        CANCELLED = "cancelled"
        FAILED = "failed"

    class Purpose(models.TextChoices):
        """`notice`: to a sales rep, so that no choice of the contact and no limit concerns it."""

        MARKETING = "marketing"
        NOTICE = "notice"

    id = models.BigAutoField(primary_key=True)
    lane = models.SmallIntegerField()
    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    channel = models.TextField(default="email")
    purpose = models.TextField(choices=Purpose.choices, default=Purpose.MARKETING)
    flow = models.TextField(null=True)
    visit_id = models.BigIntegerField(null=True)
    step = models.IntegerField(null=True)
    node = models.TextField(null=True)
    template = models.ForeignKey(
        Template,
        null=True,
        on_delete=models.SET_NULL,
        related_name="messages",
        db_constraint=False,
    )
    topic = models.TextField(null=True)
    trigger = models.JSONField(default=dict)
    """Properties of the event that let the visit in, for `{{ trigger.total }}`."""
    to = models.TextField(default="")
    from_email = models.TextField(default="")
    """The sender, if not the workspace's."""
    subject = models.TextField(default="")
    """As sent; until then as written."""
    subject_override = models.TextField(null=True)
    """The subject in Liquid, if not the template's."""
    html = models.TextField(default="")
    body_text = models.TextField(default="")
    status = models.TextField(choices=Status.choices)
    reason = models.TextField(default="")
    error = models.TextField(default="")
    idempotency_key = models.TextField()
    attempts = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)
    """The end of the quiet hours it waits for, if it does."""
    terms = models.JSONField(null=True)
    """The quiet hours and the limit of its flow, which hold when it is sent, too."""
    claimed_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    begun_at = models.DateTimeField(null=True)
    """Set by the last check before sending; from then on nothing can call the message back."""
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"

    def __str__(self) -> str:
        return f"{self.subject} → {self.to} ({self.status})"


class Call(models.Model):
    """One HTTP call to another system, for one contact, whatever became of it.

    The keys carry the lane; `(lane, visit_id, step)` is unique.
    """

    class Status(models.TextChoices):
        """What became of a call.

        Transitions: (nothing) → queued | failed; queued → calling | cancelled; calling → done |
        failed, back to queued for a later try; failed → queued, when a person wants it tried again.
        """

        QUEUED = "queued"
        CALLING = "calling"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Kind(models.TextChoices):
        """What is called: an address of a flow's own, or the workspace's Slack."""

        WEBHOOK = "webhook"
        SLACK = "slack"

    id = models.BigAutoField(primary_key=True)
    lane = models.SmallIntegerField()
    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    flow = models.TextField(null=True)
    visit_id = models.BigIntegerField(null=True)
    step = models.IntegerField(null=True)
    node = models.TextField(null=True)
    kind = models.TextField(choices=Kind.choices)
    host = models.TextField()
    """Whom it goes to, with the port if one is named: what the circuit breaker keeps apart."""
    request = models.JSONField()
    """method, url, headers (values sealed: `messaging.sealing`), body, timeout (seconds); of Slack,
    text."""
    status = models.TextField(choices=Status.choices)
    reason = models.TextField(default="")
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    idempotency_key = models.TextField()
    """The same at each try: `webhook-id`, by which a receiver knows a repetition."""
    answer = models.JSONField(default=dict)
    """The last try's: code, body (its beginning), error, ms."""
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "call"

    def __str__(self) -> str:
        return f"{self.kind} → {self.host} ({self.status})"


class CallHost(models.Model):
    """The circuit breaker of one host that has failed; `messaging.circuits` says how it goes on."""

    host = models.TextField(primary_key=True)
    failures = models.IntegerField()
    """Failures in a row."""
    openings = models.IntegerField()
    """How often it has opened in a row: the pause grows with it."""
    opened_at = models.DateTimeField(null=True)
    """Since when nothing but probes is sent; None: closed."""
    retry_at = models.DateTimeField(null=True)
    """When the next probe may go out."""
    error = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "call_host"

    def __str__(self) -> str:
        return self.host
