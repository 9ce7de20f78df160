"""No points for points: a score rule's rule must not look at the score, nor through segments.

Else a rule that gives 60 points to whom has less than 50 would give and take them for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from common.errors import Refused
from segments.models import ScoreRule, Segment
from segments.rules import Rule, RuleRefused, mentions, segments_needed
from segments.rules.parsing import parse_shape

SCORE: Final = frozenset({"score:", "field:score"})

Rules = Mapping[str, Rule | None]
"""The parsed rules of segments by key."""


def score_circle_refuse(key: str, rule: Rule, *, top: Mapping[str, Any] | None = None) -> None:
    """Refuse a segment's rule by which points would come to depend on points.

    Parameters
    ----------
    key
        The segment that is being saved.
    top
        What makes it a ranked segment: by the score, it looks at the score.

    Raises
    ------
    Refused
        If a score rule needs the segment, and the segment looks at the score.
    """
    standing = ScoreRule.objects.filter(
        kind=ScoreRule.Kind.RULE,
        status__in=(ScoreRule.Status.ACTIVE, ScoreRule.Status.PAUSED),
    )
    if not key or not standing:
        return
    rules = {**segment_shapes(), key: rule}
    ranked = _ranked_by_score() - {key}
    if top and _is_by_score(top.get("by")):
        ranked |= {key}
    for score_rule in standing:
        try:
            parsed = parse_shape(score_rule.rule)
        except RuleRefused:
            continue
        way = _way_to_score(parsed, rules, ranked)
        if way is not None and key in way:
            raise Refused(
                f"the score rule “{score_rule.name}” needs this segment: its points can't depend "
                "on the score",
                code="circle",
                attr="rule",
            )


def score_rule_refuse(rule: Rule) -> None:
    """Refuse a score rule's rule that looks at the score.

    Raises
    ------
    Refused
        With the segments through which it does.
    """
    way = _way_to_score(rule, segment_shapes(), _ranked_by_score())
    if way is None:
        return
    through = f", by the segment “{' → '.join(way)}”" if way else ""
    raise Refused(
        f"a rule that gives points can't ask for the score itself{through}",
        code="circle",
        attr="rule",
    )


def segment_shapes() -> dict[str, Rule | None]:
    """Return every segment's rule by key; None for what is none."""
    found: dict[str, Rule | None] = {}
    for key, rule in Segment.objects.values_list("key", "rule"):
        try:
            found[key] = None if rule is None else parse_shape(rule)
        except RuleRefused:
            found[key] = None
    return found


def _ranked_by_score() -> set[str]:
    tops = Segment.objects.exclude(top=None).values_list("key", "top")
    return {key for key, top in tops if top and _is_by_score(top.get("by"))}


def _is_by_score(by: object) -> bool:
    return by == "score" or (isinstance(by, Mapping) and "score_change" in by)


def _way_to_score(rule: Rule, rules: Rules, ranked: set[str]) -> list[str] | None:
    """The keys of the segments by which a rule looks at the score; [] if itself, None if not."""
    if mentions(rule) & SCORE:
        return []
    waiting = [[key] for key in sorted(segments_needed(rule))]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop()
        key = way[-1]
        inner = rules.get(key)
        if key in ranked or (inner is not None and mentions(inner) & SCORE):
            return way
        if key not in seen and inner is not None:
            seen.add(key)
            waiting.extend([*way, needed] for needed in sorted(segments_needed(inner)))
    return None
