"""What time alone will do to a contact's memberships: who joins and leaves if nothing else happens.

Follows the segments that a rule asks for, and those that these ask for, down to the last: each is
looked at after the ones it needs. Reads a few statements, whatever the number of segments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from segments.catalogue import Catalogue
from segments.models import Segment
from segments.rules import ContactData, Rule, RuleRefused, parse, segments_needed
from segments.rules.until import rule_turns
from segments.rules.values import Ahead, View, zone_of

MOST_TURNS: Final = 500
"""Joins and leaves ahead that are followed of one segment."""


def rules_needed(rule: Rule, book: Catalogue) -> dict[str, Rule]:
    """Return the rules of the segments that a rule needs, and of those that these need, by key.

    What is ranked, or has a rule that can't be put to use, does not follow time and is not there.
    """
    found: dict[str, Rule] = {}
    asked: set[str] = set()
    wanted = set(segments_needed(rule))
    while wanted:
        asked |= wanted
        rows = Segment.objects.filter(key__in=wanted, rule__isnull=False, top__isnull=True)
        wanted = set()
        for key, data in rows.values_list("key", "rule"):
            try:
                found[key] = parse(data, fields=book.fields)
            except RuleRefused:
                continue
            wanted |= segments_needed(found[key])
        wanted -= asked
    return found


def contact_ahead(
    contact: ContactData,
    rules: Mapping[str, Rule],
    *,
    by_hand: Iterable[str],
    held_out: Iterable[str],
    book: Catalogue,
    now: datetime,
) -> ContactData:
    """Return the contact with what time alone will do to its memberships (`ContactData.ahead`).

    Parameters
    ----------
    rules
        The rules of the segments that are to be followed, by key, in any order.
    by_hand, held_out
        The keys of the segments in which the contact is held, or out of which it is.
    """
    held = (frozenset(by_hand), frozenset(held_out))
    for key in _needed_first(rules):
        live = book.by_key(key)
        if live is None or not live.follows_rule:
            continue
        view = View(contact, now, zone_of(book.zone), book.fields)
        changes = membership_turns(
            rules[key],
            view,
            leaves=live.leaves,
            member=key in contact.segments,
            by_hand=key in held[0],
            held_out=key in held[1],
        )
        contact = replace(contact, ahead={**contact.ahead, key: list(changes)})
    return contact


def membership_turns(
    rule: Rule, view: View, *, leaves: bool, member: bool, by_hand: bool, held_out: bool
) -> Iterator[Ahead]:
    """Yield the joins and leaves that time alone brings, with the hands that hold in and out.

    Parameters
    ----------
    leaves
        Whether the rule takes contacts out (dynamic segments).
    """
    turns = (turned[""] for turned in rule_turns(rule, view) if "" in turned)
    for turn in islice(turns, MOST_TURNS):
        if turn.is_true is None:
            yield turn.at, None, ""
        elif turn.is_true and not member and not held_out:
            member = True
            yield turn.at, True, turn.said
        elif not turn.is_true:
            held_out = False
            if member and leaves and not by_hand:
                member = False
                yield turn.at, False, turn.said
    beyond = next(turns, None)
    if beyond:
        yield beyond.at, None, ""


def _needed_first(rules: Mapping[str, Rule]) -> list[str]:
    order: list[str] = []

    def visit(key: str, above: frozenset[str]) -> None:
        if key in rules and key not in order and key not in above:
            for needed in sorted(segments_needed(rules[key])):
                visit(needed, above | {key})
            order.append(key)

    for key in rules:
        visit(key, frozenset())
    return order
