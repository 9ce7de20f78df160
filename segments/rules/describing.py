"""A rule as a plain sentence. Pure."""

from __future__ import annotations

from typing import Any

from segments.rules.base import Condition
from segments.rules.errors import RuleRefused
from segments.rules.parsing import parse_shape

UNFINISHED = "an unfinished rule"


def describe(rule: Condition | Any) -> str:
    """Say a rule, parsed or as JSON, in words; a broken or half-made one as "an unfinished rule".

    Examples
    --------
    >>> describe({"type": "not", "rule": {"type": "segment", "segment": "vip", "op": "in"}})
    'not (is in segment vip)'
    >>> describe({"type": "event", "name": "Order Completed", "window": {"last": "P7D"}})
    'did Order Completed in the last 7 days'
    """
    if not isinstance(rule, Condition):
        try:
            rule = parse_shape(rule)
        except RuleRefused:
            return UNFINISHED
    try:
        return rule.words()
    except (ValueError, TypeError, KeyError, IndexError):
        # The shape is right and a value is not yet: a comparison without its number, say.
        return UNFINISHED
