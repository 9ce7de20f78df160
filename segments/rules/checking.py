"""What is wrong with a rule of the right shape: asked when it is saved and when it is used."""

from __future__ import annotations

from segments.rules.base import Check, Rule
from segments.rules.errors import Problem


def problems_of(rule: Rule, check: Check, path: str = "") -> list[Problem]:
    """Return every fault of a rule and its inner rules, with places beneath `path`."""
    found = [
        Problem(joined(path, problem.path), problem.code, problem.detail)
        for problem in rule.faults(check)
    ]
    if rule.in_flow_only and not check.in_flow:
        found.append(Problem(path, "only_in_flow", "this condition has a meaning only in a flow"))
    for place, inner in rule.parts():
        found.extend(problems_of(inner, check, joined(path, place)))
    return found


def joined(*places: str) -> str:
    """Join places within a rule with dots, leaving out empty ones."""
    return ".".join(place for place in places if place)
