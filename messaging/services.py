"""Every write of messaging: templates, and messages in sets.

`messages_queue` and `messages_cancel` run inside the pulse's transaction: a few statements for
thousands of contacts, and no network. What leaves the house is done by `messaging.delivery`.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from common.arrays import instant_array, int_array, json_array, text_array
from common.clock import canonical
from common.errors import Conflict, Refused
from common.models import Workspace
from contacts.services import NewEvent, events_record
from messaging.calls import calls_cancel
from messaging.keys import key_made
from messaging.models import Message, Template
from messaging.rendering import Parts, faults
from messaging.statements import SQL
from messaging.tasks import wake_delivery
from messaging.terms import CONTACT, WAITS, Terms, quiet_ends


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


def messages_queue(
    messages: Sequence[NewMessage], *, now: datetime, terms: Mapping[str, Any] | None = None
) -> None:
    """Put messages into the outbox: queued, or withheld or held back with the reason.

    One statement for all of them, and a second that wakes delivery if anything is to be sent. A
    message that is there already (same visit and step) is left as it is.

    Parameters
    ----------
    terms
        `quiet_hours` and `email_limit` of the flow that wants them, as its settings say them; None
        for a flow with neither.
    """
    if not messages:
        return
    instant = canonical(now)
    statement = "messages_insert_on_terms" if terms else "messages_insert"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            SQL[statement],
            {
                **(_on_terms(terms, now=now) if terms else {}),
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


def _on_terms(said: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What the statement needs to know of a flow's terms: instants per time zone, and the limit."""
    terms = Terms.of(said)
    quiet, limit = terms.quiet, terms.limit
    ends: Mapping[str, datetime | None] = {}
    otherwise: datetime | None = None
    if quiet is not None:
        zone = Workspace.objects.get().timezone
        otherwise = quiet.until_for(now, None, workspace_zone=zone)
        ends = quiet_ends(quiet, now) if quiet.zone == CONTACT else {}
    per = limit.per if limit else timedelta()
    return {
        "terms": json.dumps(dict(said)),
        "zones": text_array(ends),
        "zone_ends": instant_array(ends.values()),
        "zone_sinces": instant_array((end or now) - per for end in ends.values()),
        "ends": otherwise,
        "since": (otherwise or now) - per,
        "most": limit.count if limit else None,
        "over": limit.reason() if limit else "",
        "waits": WAITS,
    }


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
    place = (message.contact_id, message.visit_id, message.step, instant)
    return key_made(*place) if message.visit_id is not None else key_made(*place, uuid.uuid4())


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
