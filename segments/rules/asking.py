"""When a rule must be asked again: what it mentions, and whether time alone can change it. Pure."""

from __future__ import annotations

from segments.rules.base import Rule


def mentions(rule: Rule) -> frozenset[str]:
    """Return the touch keys that may change the rule's answer for a contact.

    `event:Order Completed`, `event:*` (any activity), `field:plan`, `consent:news`, `score:`,
    `reach:`, `segment:vip`, and what other rooms' conditions name.
    """
    return frozenset(rule.mentions()).union(*(mentions(inner) for _, inner in rule.parts()))


def segments_needed(rule: Rule) -> frozenset[str]:
    """Return the keys of the segments whose members the rule asks for."""
    return frozenset(
        key.removeprefix("segment:") for key in mentions(rule) if key.startswith("segment:")
    )


def awaits_events(rule: Rule) -> bool:
    """Whether the rule is false of whoever has no event, whatever else is known of them.

    Examples
    --------
    >>> from segments.rules.parsing import parse
    >>> did = {"type": "event", "name": "Login"}
    >>> awaits_events(parse({"type": "all", "rules": [did, {"type": "everyone"}]}, fields={}))
    True
    >>> awaits_events(parse({"type": "not", "rule": did}, fields={}))
    False
    """
    return rule.without_events() is False


def depends_on_time(rule: Rule) -> bool:
    """Whether the passing of time alone may change the rule's answer."""
    return rule.depends_on_time() or any(depends_on_time(inner) for _, inner in rule.parts())
