"""Contacts as plain data, for the in-memory evaluator: a few statements for any number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from common.lanes import lane_of
from contacts.models import Consent, Contact, Event, ScoreChange
from segments.models import Membership
from segments.rules import BUILTIN_FIELDS, ContactData, EventData, ReachData, ScoreData

Load = Callable[[Sequence[int]], Mapping[int, Any]]
"""From contact ids to what a room's own conditions look at, by contact."""

_LOADS: Final[dict[str, Load]] = {}


def register_load(condition: str, load: Load) -> None:
    """Have `ContactData.others[condition]` filled by the room whose condition it is."""
    _LOADS[condition] = load


def contacts_load(
    contact_ids: Iterable[int], *, event_names: Iterable[str] | None = None
) -> dict[int, ContactData]:
    """Return contacts with all that rules may look at.

    Parameters
    ----------
    event_names
        Only events of these names are read; None: all.
    """
    ids = list(contact_ids)
    of = {"lane__in": {lane_of(one) for one in ids}, "contact_id__in": ids}
    events: dict[int, list[EventData]] = defaultdict(list)
    found = Event.objects.filter(**of)
    if event_names is not None:
        found = found.filter(name__in=list(event_names))
    for event in found.order_by("at", "id"):
        events[event.contact_id].append(
            EventData(event.name, event.at, event.properties, event.touch, event.id)
        )
    consents: dict[int, dict[str, str]] = defaultdict(dict)
    for consent in Consent.objects.filter(**of):
        consents[consent.contact_id][consent.topic] = consent.state
    scores: dict[int, list[ScoreData]] = defaultdict(list)
    for change in ScoreChange.objects.filter(**of):
        scores[change.contact_id].append(ScoreData(change.at, change.delta))
    segments: dict[int, set[str]] = defaultdict(set)
    for one, key in Membership.objects.filter(**of).values_list("contact_id", "segment__key"):
        segments[one].add(key)
    others = {condition: load(ids) for condition, load in _LOADS.items()}
    return {
        contact.id: ContactData(
            id=contact.id,
            fields=_fields(contact),
            events=events[contact.id],
            consents=consents[contact.id],
            scores=scores[contact.id],
            segments=segments[contact.id],
            reach=_reach(contact),
            field_times=contact.field_times,
            others={name: loaded.get(contact.id, ()) for name, loaded in others.items()},
        )
        for contact in Contact.objects.filter(lane__in=of["lane__in"], id__in=ids)
    }


def _fields(contact: Contact) -> dict[str, Any]:
    builtin = {key: getattr(contact, key) for key in BUILTIN_FIELDS}
    return {**contact.fields, **builtin}


def _reach(contact: Contact) -> ReachData:
    return ReachData(
        unsubscribed=contact.unsubscribed_at is not None,
        complained=contact.complained_at is not None,
        hard_bounced=contact.hard_bounced_at is not None,
        soft_bounces=contact.soft_bounces,
    )
