"""Reads of the room `contacts` that span rows, for its API and for rooms downstream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from common.clock import canonical
from common.lanes import lane_of
from contacts.models import BUILTIN_FIELDS, Consent, Contact, Event, Field, Identity
from contacts.state import SOFT_BOUNCES_UNTIL_UNREACHABLE
from contacts.store import SQL

EVENT_NAMES_SAMPLE: Final = 100_000
EVENT_NAMES_LIMIT: Final = 500
PROPERTIES_PER_LANE: Final = 20
PROPERTIES_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a contact can be written to by e-mail, and if not, why."""

    email: bool
    reason: str


def fields_known() -> dict[str, str]:
    """Return every field's type by its key, built-in ones too."""
    return {**BUILTIN_FIELDS, **dict(Field.objects.values_list("key", "type"))}


def contact_get(contact_id: int) -> Contact | None:
    """Return a contact, or None."""
    return Contact.objects.filter(id=contact_id, lane=lane_of(contact_id)).first()


def contacts_search(
    *, search: str = "", external_id: str = "", email: str = ""
) -> QuerySet[Contact]:
    """Return contacts by the beginning of their name, e-mail address or external id.

    Two words are the beginnings of the first and the last name. Every condition is on an index
    (`contact_*_prefix`, `identity_pkey`).
    """
    contacts = Contact.objects.annotate(
        email_lower=Lower("email"),
        first_lower=Lower("first_name"),
        last_lower=Lower("last_name"),
    )
    if external_id:
        owners = Identity.objects.filter(kind="external_id", value=external_id)
        contacts = contacts.filter(id__in=owners.values("contact_id"))
    if email:
        contacts = contacts.filter(email_lower=email.strip().lower())
    term = search.strip()
    if term:
        contacts = contacts.filter(_begins_with(term))
    return contacts


def _begins_with(term: str) -> Q:
    lowered = term.lower()
    found = (
        Q(email_lower__startswith=lowered)
        | Q(first_lower__startswith=lowered)
        | Q(last_lower__startswith=lowered)
        | Q(external_id__startswith=term)
    )
    first, _, last = lowered.partition(" ")
    if last.strip():
        found |= Q(first_lower=first, last_lower__startswith=last.strip())
    return found


def contact_values(contact: Contact) -> dict[str, Any]:
    """Return all fields of a contact that are not missing, built-in and custom, as rules see them.

    Instants are canonical text.
    """
    values: dict[str, Any] = {}
    for key in BUILTIN_FIELDS:
        value = getattr(contact, key)
        if value is not None:
            values[key] = canonical(value) if isinstance(value, datetime) else value
    values.update(contact.fields)
    return values


def contact_reach(contact: Contact) -> Reach:
    """Tell whether a contact can be written to by e-mail, as the condition `reachable` does."""
    reasons: Mapping[str, bool] = {
        "no_address": not contact.email,
        "unsubscribed": contact.unsubscribed_at is not None,
        "complained": contact.complained_at is not None,
        "hard_bounced": contact.hard_bounced_at is not None,
        "soft_bounced": contact.soft_bounces >= SOFT_BOUNCES_UNTIL_UNREACHABLE,
    }
    reason = next((word for word, holds in reasons.items() if holds), "")
    return Reach(email=not reason, reason=reason)


def contact_consents(contact: Contact) -> QuerySet[Consent]:
    """Return what a contact chose, by topic. Index: consent_once."""
    return Consent.objects.filter(lane=contact.lane, contact_id=contact.id).order_by("topic")


def contact_identities(contact: Contact) -> QuerySet[Identity]:
    """Return by what a contact is recognised. Index: identity_of_contact."""
    return Identity.objects.filter(lane=contact.lane, contact_id=contact.id).order_by(
        "kind", "value"
    )


def contact_events(contact_id: int) -> QuerySet[Event]:
    """Return the events of a contact. Index: event_of_contact."""
    return Event.objects.filter(lane=lane_of(contact_id), contact_id=contact_id)


def event_names() -> list[dict[str, Any]]:
    """Return the names among the latest events, how often each came, and when last."""
    return _rows(SQL["event_names"], {"sample": EVENT_NAMES_SAMPLE, "limit": EVENT_NAMES_LIMIT})


def event_properties(name: str) -> list[dict[str, Any]]:
    """Return the properties of the latest events of a name, the commonest type of each."""
    rows = _rows(
        SQL["event_properties"],
        {"name": name, "per_lane": PROPERTIES_PER_LANE, "limit": PROPERTIES_LIMIT},
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["type"] != "null":
            found.setdefault(row["property"], {"property": row["property"], "type": row["type"]})
    return list(found.values())


def _rows(query: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
