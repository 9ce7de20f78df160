"""Every write of messaging: templates, and messages in sets.

`messages_queue` and `messages_cancel` run inside the pulse's transaction: a few statements for
thousands of contacts, and no network. What leaves the house is done by `messaging.delivery`.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from common.arrays import int_array, json_array, text_array
from common.clock import canonical
from common.errors import Conflict, Refused
from contacts.services import NewEvent, events_record
from messaging.calls import calls_cancel
from messaging.models import Message, Template
from messaging.rendering import Parts, faults
from messaging.statements import SQL
from messaging.tasks import wake_delivery


@dataclass(frozen=True, slots=True)
class NewMessage:
    """An e-mail that a flow wants sent.

    Attributes
    ----------
    template
        The template's key.
    topic
        What it is about, so that an unsubscription can speak of it; None: of nothing in particular.
    from_email, subject
        The sender, the subject (Liquid), if not the workspace's and the template's.
    trigger
        Properties of the event that let the visit in, for `{{ trigger.total }}`.
    """

    lane: int
    contact_id: int
    flow: str | None
    visit_id: int | None
    step: int | None
    node: str | None
    template: str
    topic: str | None = None
    from_email: str | None = None
    subject: str | None = None
    trigger: Mapping[str, Any] | None = field(default=None)


def messages_queue(messages: Sequence[NewMessage], *, now: datetime) -> None:
    """Put messages into the outbox: queued, or withheld with the reason.

    One statement for all of them, and a second that wakes delivery if anything is to be sent. A
    message that is there already (same visit and step) is left as it is.
    """
    if not messages:
        return
    instant = canonical(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            SQL["messages_insert"],
            {
                "now": now,
                "lanes": int_array(message.lane for message in messages),
                "contact_ids": int_array(message.contact_id for message in messages),
                "flows": text_array(message.flow for message in messages),
                "visit_ids": _nullable_int_array(message.visit_id for message in messages),
                "steps": _nullable_int_array(message.step for message in messages),
                "nodes": text_array(message.node for message in messages),
                "templates": text_array(message.template for message in messages),
                "topics": text_array(message.topic for message in messages),
                "triggers": json_array(dict(message.trigger or {}) for message in messages),
                "from_emails": text_array(message.from_email or "" for message in messages),
                "subjects": text_array(message.subject for message in messages),
                "keys": text_array(_idempotency_key(message, instant) for message in messages),
            },
        )
        [queued] = cursor.fetchone()
        if queued:
            wake_delivery()


def messages_cancel(visits: Sequence[tuple[int, int]], *, reason: str, now: datetime) -> None:
    """Call back what visits have in the outbox, as long as its sending has not begun.

    Calls to other systems that have not been made yet are called off likewise.

    Parameters
    ----------
    visits
        `(lane, visit_id)` of each.
    reason
        Why, in words: "left the flow: purchase".
    now
        The instant of the pulse that ended the visits.
    """
    if not visits:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["messages_cancel"],
            {
                "lanes": int_array(lane for lane, _ in visits),
                "visit_ids": int_array(visit_id for _, visit_id in visits),
                "reason": reason,
            },
        )
    calls_cancel(visits, reason=reason, now=now)


def _nullable_int_array(values: Iterable[int | None]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _idempotency_key(message: NewMessage, instant: str) -> str:
    """Name a message once for all its tries, differently in every installation.

    Mail servers drop a second message of the same id, so the secret keeps two installations of one
    company (and the instant a database filled anew) from coming to the same one.
    """
    place = f"{message.contact_id}/{message.visit_id}/{message.step}/{instant}"
    if message.visit_id is None:
        place = f"{place}/{uuid.uuid4()}"
    secret = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(place.encode(), key=secret, digest_size=16).hexdigest()


def template_create(*, key: str, name: str, now: datetime, parts: Parts) -> Template:
    """Add a template. Liquid that can't be read is refused, with the line."""
    _check(parts)
    try:
        with transaction.atomic():
            return Template.objects.create(
                key=key, name=name, created_at=now, updated_at=now, **parts.as_dict()
            )
    except IntegrityError:
        raise Refused(
            f"There is already a template with the key {key}.", code="unique", attr="key"
        ) from None


def template_update(template: Template, *, name: str, now: datetime, parts: Parts) -> Template:
    """Change what a template says; messages not yet sent are rendered from what it says then."""
    _check(parts)
    template.name = name
    for part, source in parts.as_dict().items():
        setattr(template, part, source)
    template.updated_at = now
    template.save()
    return template


def template_delete(template: Template) -> None:
    """Remove a template, unless messages still wait to be rendered from it."""
    waiting = Message.objects.filter(template=template, status__in=["queued", "sending"])
    with transaction.atomic():
        if waiting.exists():
            raise Conflict("Messages made from this template are still waiting to be sent.")
        template.delete()


def _check(parts: Parts) -> None:
    for fault in faults(parts):
        raise Refused(fault.sentence, code=fault.code, attr=fault.part)


def message_unsubscribe(message: Message, *, topic: str | None, now: datetime) -> None:
    """Take a reader at their word: no more about this topic, or (None) no more at all.

    It comes in as the event `Unsubscribed`, as it would from any other system: seen on the
    contact's timeline, and setting off flows.
    """
    properties = {"message": str(message.id), "flow": message.flow}
    if topic is not None:
        properties["topic"] = topic
    event = NewEvent(message.lane, message.contact_id, "Unsubscribed", now, properties)
    events_record([event], now=now)
