"""Why a contact is, or is not, in a segment: read from the rows, explained by `segments.rules`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.errors import NotFound
from common.lanes import lane_of
from segments.ahead import contact_ahead, rules_needed
from segments.catalogue import Catalogue, catalogue
from segments.loading import contacts_load
from segments.models import HeldOut, Membership, Segment
from segments.ranking import Place, ranking_place
from segments.rules import ContactData, Rule, RuleRefused, explain, mentions, parse
from segments.rules.parsing import parse_shape
from segments.rules.turning import Turn, turn_said
from segments.rules.values import Ahead


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the rule is true, whether the contact is a member, and why.

    Attributes
    ----------
    until
        When time alone makes the contact join or leave; None if it will not.
    until_words
        The same in words: "leaves in 2 days 4 hours, when Login of 14 May passes 7 days".
    ranking
        Where the contact stands, if the segment is ranked: `is_true` is also whether it is in the
        cut.
    """

    is_true: bool
    member: bool
    by_hand: bool
    held_out: bool
    since: datetime | None
    until: datetime | None
    until_words: str | None
    tree: dict[str, Any] | None
    ranking: Place | None


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """A rule that no segment need have, for one contact."""

    is_true: bool
    until: str | None
    until_words: str | None
    tree: dict[str, Any]


def segment_explain(segment: Segment, contact_id: int, *, now: datetime) -> Explanation:
    """Explain a segment's rule for a contact.

    Raises
    ------
    NotFound
        If there is no such contact.
    """
    book = catalogue()
    try:
        rule: Rule | None = parse_shape(segment.rule)
    except RuleRefused:
        rule = None
    contact = _contact(contact_id, segment.key, rule, book=book, now=now)
    tree = explain(rule, contact, now=now, zone=book.zone, fields=book.fields) if rule else None
    which = {"lane": lane_of(contact_id), "segment": segment, "contact_id": contact_id}
    membership = Membership.objects.filter(**which).first()
    place = ranking_place(segment, contact_id, now=now)
    until, until_words = _first(contact.ahead.get(segment.key, ()), now=now)
    return Explanation(
        is_true=bool(tree and tree["is_true"]) and (place is None or place.is_in),
        member=membership is not None,
        by_hand=bool(membership and membership.by_hand),
        held_out=HeldOut.objects.filter(**which).exists(),
        since=membership.since if membership else None,
        until=until,
        until_words=until_words,
        tree=tree,
        ranking=place,
    )


def rule_explain(data: Any, contact_id: int, *, now: datetime) -> RuleExplained:
    """Explain a rule that has not been saved.

    Raises
    ------
    RuleRefused
        If it can't be put to use.
    NotFound
        If there is no such contact.
    """
    book = catalogue()
    rule = parse(data, fields=book.fields)
    contact = _contact(contact_id, "", rule, book=book, now=now)
    tree = explain(rule, contact, now=now, zone=book.zone, fields=book.fields)
    return RuleExplained(tree["is_true"], tree["until"], tree["until_words"], tree)


def _first(ahead: Sequence[Ahead], *, now: datetime) -> tuple[datetime | None, str | None]:
    for at, joins, said in ahead[:1]:
        if joins is not None:
            return at, turn_said(Turn(at, joins, said), "joins" if joins else "leaves", now=now)
    return None, None


def _contact(
    contact_id: int, key: str, rule: Rule | None, *, book: Catalogue, now: datetime
) -> ContactData:
    """Read all that the rule of the segment `key`, and the segments it needs, look at."""
    rules = rules_needed(rule, book) if rule else {}
    live = book.by_key(key)
    if rule and live and live.follows_rule and live.mentions:
        rules |= {key: rule}
    mentioned = frozenset().union(*map(mentions, [*rules.values(), *([rule] if rule else [])]))
    names = {one.removeprefix("event:") for one in mentioned if one.startswith("event:")}
    found = contacts_load([contact_id], event_names=None if "*" in names else names)
    contact = found.get(contact_id)
    if contact is None:
        raise NotFound("there is no such contact", attr="contact")
    of = {"lane": lane_of(contact_id), "contact_id": contact_id, "segment__key__in": list(rules)}
    by_hand = Membership.objects.filter(**of, by_hand=True).values_list("segment__key", flat=True)
    held_out = HeldOut.objects.filter(**of).values_list("segment__key", flat=True)
    return contact_ahead(contact, rules, by_hand=by_hand, held_out=held_out, book=book, now=now)
