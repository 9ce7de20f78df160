"""What score rules have to do with segments: which they need, and which are theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from segments.models import ScoreRule
from segments.rules import RuleRefused, segments_needed
from segments.rules.parsing import parse_shape
from segments.scoring.ledger import SYSTEM_KEY
from segments.uses import Use


def follows_segment(key: str) -> bool:
    """Whether the joins and leaves of the segment of this key give and take points."""
    return key.startswith(SYSTEM_KEY)


def segments_needed_by_rules(_keys: Collection[str] | None) -> Iterable[tuple[str, Use]]:
    """Yield the segments that rule-kind score rules ask for, each with the rule."""
    standing = ScoreRule.objects.filter(kind=ScoreRule.Kind.RULE).exclude(
        status=ScoreRule.Status.DELETED
    )
    for rule in standing:
        try:
            needed = segments_needed(parse_shape(rule.rule))
        except RuleRefused:
            continue
        for key in sorted(needed):
            yield key, Use("score", rule.key, rule.name, "gives points")
