"""Why a rule is true or false of a contact: a tree, with what each condition saw. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from common.clock import canonical, parse_instant
from segments.rules.base import Check, Rule
from segments.rules.checking import problems_of
from segments.rules.operators import said
from segments.rules.turning import Turn, turn_said
from segments.rules.until import first_turns
from segments.rules.values import ContactData, View, is_missing, zone_of

_VERBS = {True: "turns true", False: "turns false"}


def explain(
    rule: Rule,
    contact: ContactData,
    *,
    now: datetime,
    zone: str | ZoneInfo,
    fields: Mapping[str, str],
) -> dict[str, Any]:
    """Return a rule as a tree for one contact.

    Returns
    -------
    dict
        Each node is the rule's own JSON with `is_true`, `until` (when time alone will change it,
        as canonical text; None if it will not) and `until_words` (what happens then); a condition
        also has `words`, `saw` (in words) and `data` (what it saw, as data). The inner rules are
        under `rules` or `rule`.

    Examples
    --------
    >>> from datetime import UTC
    >>> from segments.rules import parse
    >>> rule = parse({"type": "field", "field": "city", "op": "set"}, fields={})
    >>> lea = ContactData(id=1, fields={"city": "Paris"})
    >>> tree = explain(rule, lea, now=datetime(2026, 6, 1, tzinfo=UTC), zone="UTC", fields={})
    >>> tree["is_true"], tree["saw"]
    (True, '“Paris”')
    """
    view = View(contact, now, zone_of(zone), fields)
    if problems_of(rule, Check(fields)):
        return _explained(rule, view, "", None)
    return _explained(rule, view, "", first_turns(rule, view))


def _explained(
    rule: Rule, view: View, place: str, turns: Mapping[str, Turn] | None
) -> dict[str, Any]:
    """A broken rule (no `turns`) is true of nobody, whatever its conditions say: none is asked."""
    broken = turns is None
    node: dict[str, Any] = rule.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"rules", "rule"}
    )
    node["is_true"] = not broken and rule.holds(view)
    turn = (turns or {}).get(place)
    node["until"] = canonical(turn.at) if turn else None
    node["until_words"] = turn and turn_said(turn, _VERBS[bool(turn.is_true)], now=view.now)
    inner = [
        _explained(one, view, f"{place}.{name}" if place else name, turns)
        for name, one in rule.parts()
    ]
    if inner:
        alone = rule.parts()[0][0] == "rule"
        return {**node, "rule": inner[0]} if alone else {**node, "rules": inner}
    data = {} if broken else dict(rule.saw(view))
    return {**node, "words": rule.words(), "saw": saw_words(data), "data": data}


def saw_words(data: Mapping[str, Any]) -> str | None:
    """Say what a condition saw.

    Examples
    --------
    >>> saw_words({"value": None})
    'nothing'
    >>> saw_words({"count": 0, "value": 0.0, "last": None})
    'never'
    """
    if not data:
        return None
    if "count" in data:
        return _events_words(data)
    value = data["value"]
    if is_missing(value):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(said(one) for one in value)
    return said(value)


def _events_words(data: Mapping[str, Any]) -> str:
    count, value, last = data["count"], data["value"], data["last"]
    if not count:
        return "never"
    times = "once" if count == 1 else f"{count} times"
    at = parse_instant(last["at"])
    text = f"{times}, last {last['name']} on {at.day} {at:%B %Y at %H:%M} UTC"
    return text if value in (None, count) else f"{value:g} over {text}"
