"""A rule asked of plain data: slow, obvious, and the measure of the compiled SQL. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from segments.rules.base import Check, Rule
from segments.rules.checking import problems_of
from segments.rules.values import ContactData, View, VisitData, zone_of


def evaluate(
    rule: Rule,
    contact: ContactData,
    *,
    now: datetime,
    zone: str | ZoneInfo,
    fields: Mapping[str, str],
    visit: VisitData | None = None,
) -> bool:
    """Whether a rule is true of a contact at an instant.

    Parameters
    ----------
    rule
        A parsed rule.
    contact
        All there is to know of the contact.
    now
        The instant (aware).
    zone
        The workspace's time zone, for calendar windows.
    fields
        The workspace's custom fields with their types. A rule that asks for a field that is not
        among them is true of nobody.
    visit
        The visit, for a rule in a flow.

    Examples
    --------
    >>> from datetime import UTC
    >>> from segments.rules import parse
    >>> rule = parse({"type": "field", "field": "city", "op": "eq", "value": "paris"}, fields={})
    >>> lea = ContactData(id=1, fields={"city": "Paris"})
    >>> evaluate(rule, lea, now=datetime(2026, 6, 1, tzinfo=UTC), zone="UTC", fields={})
    True
    """
    if problems_of(rule, Check(fields, visit is not None)):
        return False
    return rule.holds(View(contact, now, zone_of(zone), fields, visit))
