"""The instants at which the answer of a random rule may change, found without knowing the rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from common.durations import parse_duration
from segments.rules import ContactData
from segments.rules.values import instant_of
from tests.rule_strategies import NOW

TINY = timedelta(microseconds=1)
SPANS = [timedelta(0), *(parse_duration(one) for one in ("PT1M", "PT1H", "P1D", "P7D"))]
HOURS = [
    at
    for at in (NOW + timedelta(hours=hour) for hour in range(1, 24 * 70))
    if at.hour in (0, 4, 10, 11, 22)
]
"""The midnights of all the zones, for ten weeks."""


def instants_in(value: Any) -> set[datetime]:
    """Every instant anywhere in a value."""
    if isinstance(value, dict):
        return set().union(*map(instants_in, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(instants_in, value))
    instant = instant_of(value)
    return set() if instant is None else {instant}


def instants_to_ask(contact: ContactData) -> list[datetime]:
    """Around every datum moved by every duration that the rules use; and every full hour."""
    data = instants_in(dict(contact.fields)) | instants_in(dict(contact.field_times))
    data |= {score.at for score in contact.scores}
    for event in contact.events:
        data |= {event.at} | instants_in(dict(event.properties))
    edges = {at + sign * span for at in data for span in SPANS for sign in (1, -1)}
    near = {edge + nudge for edge in edges for nudge in (-TINY, timedelta(0), TINY)}
    return sorted({at for at in near if at > NOW} | set(HOURS))
