"""The rows of the room `contacts`.

The tables are written in SQL in `migrations/0001_initial.py`, because what matters about them
(composite keys that carry the lane, foreign keys that cascade, storage settings of queues) has no
words in Django's models. The models here are what the API and the admin read and write them by; set
work goes through `sql/queries.sql`.

Every row about a contact carries the contact's `lane` (`contact_id % 64`).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from contacts.importing import models as _importing  # noqa: F401 - Django finds them by this

BUILTIN_FIELDS: dict[str, str] = {
    "email": "string",
    "external_id": "string",
    "first_name": "string",
    "last_name": "string",
    "phone": "string",
    "city": "string",
    "country": "string",
    "timezone": "string",
    "language": "string",
    "created_at": "datetime",
    "last_seen_at": "datetime",
    "score": "number",
    "lead_stage": "string",
    "opportunity_stage": "string",
    "owner": "string",
}
"""The fields that are columns of `contact`, with their types. All others are in `fields`."""


class FieldType(models.TextChoices):
    """What a field holds; fixed when the field is registered."""

    STRING = "string", "Text"
    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "Yes or no"
    DATETIME = "datetime", "Date and time"
    LIST = "list", "List of texts"


class IdentityKind(models.TextChoices):
    """By what a contact is recognised."""

    EXTERNAL_ID = "external_id", "External id"
    ANONYMOUS_ID = "anonymous_id", "Anonymous id"
    EMAIL = "email", "E-mail address"


class ConsentState(models.TextChoices):
    """What a contact chose for a topic; no row means that they never chose."""

    SUBSCRIBED = "subscribed", "Subscribed"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"


class Contact(models.Model):
    """One person the workspace knows, by name or only by a browser's cookie."""

    id = models.BigAutoField(primary_key=True)
    lane = models.SmallIntegerField()
    external_id = models.TextField(null=True)
    email = models.TextField(null=True)
    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    phone = models.TextField(null=True)
    city = models.TextField(null=True)
    country = models.TextField(null=True)
    timezone = models.TextField(null=True)
    language = models.TextField(null=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    score = models.FloatField(default=0)
    lead_stage = models.TextField(null=True)
    opportunity_stage = models.TextField(null=True)
    owner = models.TextField(null=True)
    fields = models.JSONField(default=dict)
    field_times = models.JSONField(default=dict)
    unsubscribed_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    hard_bounced_at = models.DateTimeField(null=True)
    soft_bounces = models.IntegerField(default=0)

    class Meta:
        db_table = "contact"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name to show: first and last name, else what else the contact is known by."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return full or self.email or self.external_id or f"Contact {self.id}"


class ContactOwned(models.Model):
    """A row that belongs to one contact. The foreign key (lane, contact_id) is in the migration."""

    lane = models.SmallIntegerField()
    contact = models.ForeignKey(
        Contact,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class Identity(ContactOwned):
    """One way by which a contact is recognised. E-mail addresses are kept in lower case."""

    pk = models.CompositePrimaryKey("kind", "value")
    kind = models.TextField(choices=IdentityKind.choices)
    value = models.TextField()

    class Meta:
        db_table = "identity"

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Field(models.Model):
    """A field that contacts may have; registers itself with the first value that arrives."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    name = models.TextField()
    type = models.TextField(choices=FieldType.choices)
    builtin = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    warnings = models.IntegerField(default=0)
    last_warning = models.TextField(blank=True, default="")

    class Meta:
        db_table = "field"
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return self.key


class Event(ContactOwned):
    """Something a contact did (or, with `touch`, that the product recorded about a message).

    Ids ascend in the order of arrival.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    at = models.DateTimeField()
    properties = models.JSONField(default=dict)
    touch = models.BooleanField(default=False)
    message_id = models.TextField(null=True)
    received_at = models.DateTimeField()
    source_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "event"

    def __str__(self) -> str:
        return self.name


class EventMessage(models.Model):
    """A message id that has been taken in; its key makes every message count once.

    A table of its own, so that `event` can be partitioned by month.
    """

    message_id = models.TextField(primary_key=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "event_message"

    def __str__(self) -> str:
        return self.message_id


class Topic(models.Model):
    """What a contact may subscribe to. With `opt_in`, silence means no."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    name = models.TextField()
    opt_in = models.BooleanField(default=False)

    class Meta:
        db_table = "topic"
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return self.key


class Consent(ContactOwned):
    """What a contact last chose for a topic."""

    id = models.BigAutoField(primary_key=True)
    topic = models.TextField()
    state = models.TextField(choices=ConsentState.choices)
    at = models.DateTimeField()

    class Meta:
        db_table = "consent"

    def __str__(self) -> str:
        return f"{self.topic} {self.state}"


class ScoreChange(ContactOwned):
    """One entry of the ledger of which `contact.score` is the sum."""

    id = models.BigAutoField(primary_key=True)
    delta = models.FloatField()
    at = models.DateTimeField()
    reason = models.TextField(default="")

    class Meta:
        db_table = "score_change"

    def __str__(self) -> str:
        return f"{self.delta:+g}"


class Source(models.Model):
    """A place that data comes from, with its write key (only the digest is kept)."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    name = models.TextField()
    prefix = models.TextField()
    digest = models.TextField(unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "source"
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return self.name


class Inbox(models.Model):
    """A batch that has been accepted and not yet been taken in. `payload` is a list of messages."""

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    source_id = models.BigIntegerField(null=True)
    kind = models.TextField(default="batch")
    size = models.IntegerField()
    payload = models.JSONField()

    class Meta:
        db_table = "inbox"

    def __str__(self) -> str:
        return f"{self.kind} of {self.size}"


class RejectedMessage(models.Model):
    """A message that could not be taken in, set aside with the reason until a person sees to it."""

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    source_id = models.BigIntegerField(null=True)
    payload = models.JSONField()
    code = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "rejected_message"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.reason


class Touch(ContactOwned):
    """Something about a contact that changed and that the engine has not looked at yet.

    The engine takes touches in the order of their ids and deletes them. An `event` touch without an
    `event_id` says that the contact's events changed without one happening (contacts were merged).
    """

    class Kind(models.TextChoices):
        NEW = "new"
        EVENT = "event"
        FIELD = "field"
        CONSENT = "consent"
        SCORE = "score"
        REACH = "reach"
        SEGMENT = "segment"
        FLOW = "flow"

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(choices=Kind.choices)
    name = models.TextField(default="")
    event_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    detail = models.JSONField(null=True)

    class Meta:
        db_table = "touch"

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
