"""Why a contact is, or is not, in a segment: read from the rows, explained by `segments.rules`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.errors import NotFound
from common.lanes import lane_of
from segments.catalogue import catalogue
from segments.loading import contacts_load
from segments.models import HeldOut, Membership, Segment
from segments.rules import RuleRefused, explain, mentions
from segments.rules.parsing import parse_shape


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the rule is true, whether the contact is a member, and why."""

    is_true: bool
    member: bool
    by_hand: bool
    held_out: bool
    tree: dict[str, Any] | None


def segment_explain(segment: Segment, contact_id: int, *, now: datetime) -> Explanation:
    """Explain a segment's rule for a contact.

    Raises
    ------
    NotFound
        If there is no such contact.
    """
    book = catalogue()
    tree: dict[str, Any] | None = None
    try:
        rule = parse_shape(segment.rule)
        keys = mentions(rule)
        names = {key.removeprefix("event:") for key in keys if key.startswith("event:")}
        found = contacts_load([contact_id], event_names=None if "*" in names else names)
    except RuleRefused:
        rule, found = None, contacts_load([contact_id], event_names=())
    contact = found.get(contact_id)
    if contact is None:
        raise NotFound("there is no such contact", attr="contact")
    if rule is not None:
        tree = explain(rule, contact, now=now, zone=book.zone, fields=book.fields)
    which = {"lane": lane_of(contact_id), "segment": segment, "contact_id": contact_id}
    membership = Membership.objects.filter(**which).first()
    return Explanation(
        is_true=bool(tree and tree["is_true"]),
        member=membership is not None,
        by_hand=bool(membership and membership.by_hand),
        held_out=HeldOut.objects.filter(**which).exists(),
        tree=tree,
    )
