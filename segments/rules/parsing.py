"""Reading a rule: structure first (so that nothing hostile is ever walked), then shape, then sense.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from segments.rules import registry
from segments.rules.base import Check, Condition, Rule
from segments.rules.checking import joined, problems_of
from segments.rules.errors import Problem, RuleRefused

DEEPEST = 10
"""Groups within groups."""

MOST_CONDITIONS = 200
"""Conditions in one rule."""

_GROUPS = {"all": "rules", "any": "rules", "not": "rule"}


def parse(data: Any, *, fields: Mapping[str, str], in_flow: bool = False) -> Rule:
    """Read and check a rule.

    Parameters
    ----------
    data
        The rule as JSON gives it.
    fields
        The workspace's custom fields with their types (built-in ones are known).
    in_flow
        Whether conditions and windows that speak of a visit are allowed.

    Raises
    ------
    RuleRefused
        With every fault: its dotted place, a code, and a sentence a marketer understands.

    Examples
    --------
    >>> parse({"type": "all", "rules": []}, fields={})
    Traceback (most recent call last):
        ...
    segments.rules.errors.RuleRefused: choose at least one condition
    """
    rule = parse_shape(data)
    problems = problems_of(rule, Check(fields, in_flow))
    if problems:
        raise RuleRefused(problems)
    return rule


def parse_shape(data: Any) -> Rule:
    """Read a rule without asking whether its fields exist and its values fit them.

    Raises
    ------
    RuleRefused
        If the shape is wrong.
    """
    problems = list(_structure(data))
    if problems:
        raise RuleRefused(problems)
    rule = _build(data, "", problems)
    if rule is None or problems:
        raise RuleRefused(problems)
    return rule


def _structure(data: Any) -> Iterator[Problem]:
    """Refuse what is too deep or too wide, and empty groups, without recursion."""
    conditions = 0
    waiting: list[tuple[str, Any, int]] = [("", data, 1)]
    while waiting:
        path, node, depth = waiting.pop()
        inner_name = _GROUPS.get(str(node.get("type"))) if isinstance(node, Mapping) else None
        if inner_name is None:
            conditions += 1
            if conditions > MOST_CONDITIONS:
                yield Problem("", "too_many", f"a rule has at most {MOST_CONDITIONS} conditions")
                return
            continue
        if depth > DEEPEST:
            yield Problem(path, "too_deep", f"groups nest at most {DEEPEST} levels deep")
            return
        inner = node.get(inner_name)
        if inner_name == "rule":
            waiting.append((joined(path, "rule"), inner, depth + 1))
        elif not isinstance(inner, list) or not inner:
            yield Problem(path, "empty_group", "choose at least one condition")
        else:
            waiting.extend(
                (joined(path, f"rules.{index}"), one, depth + 1)
                for index, one in reversed(list(enumerate(inner)))
            )


def _build(data: Any, path: str, problems: list[Problem]) -> Condition | None:
    """Build a condition from the inside out, each by its own model; None where one is wrong."""
    if not isinstance(data, Mapping):
        problems.append(Problem(path, "not_a_condition", "this is not a condition"))
        return None
    model = registry.type_of(data.get("type"))
    if model is None:
        named = data.get("type")
        detail = f"there is no condition “{str(named)[:40]}”" if named else "choose a condition"
        problems.append(Problem(joined(path, "type"), "unknown_type", detail))
        return None
    data = dict(data)
    inner_name = _GROUPS.get(str(data["type"]))
    if inner_name == "rule":
        data["rule"] = _build(data.get("rule"), joined(path, "rule"), problems)
        if data["rule"] is None:
            return None
    elif inner_name == "rules":
        built = [
            _build(inner, joined(path, f"rules.{index}"), problems)
            for index, inner in enumerate(data["rules"])
        ]
        if None in built:
            return None
        data["rules"] = built
    try:
        return model.model_validate(data)
    except ValidationError as refused:
        problems.extend(_all_said(refused.errors(include_url=False), path))
        return None


def _all_said(errors: Iterable[ErrorDetails], path: str) -> list[Problem]:
    """One problem per place: a value that fits no branch of a union is one fault, not five."""
    by_place: dict[str, list[Problem]] = {}
    for error in errors:
        problem = _said(error, path)
        by_place.setdefault(problem.path, []).append(problem)
    inner = tuple(by_place)
    return [
        min(found, key=_vagueness)
        if len({problem.code for problem in found}) == 1 or min(map(_vagueness, found)) == 0
        else Problem(place, "value", f"“{_name_in(place.split('.'))}” does not fit here")
        for place, found in by_place.items()
        # What is wrong within a value says more than that the value as a whole is wrong.
        if not any(other.startswith(f"{place}.") for other in inner)
    ]


def _name_in(steps: list[str]) -> str:
    """The last name in a place within a rule; positions in lists are no names."""
    return next((step for step in reversed(steps) if step and not step.isdigit()), "this")


def _vagueness(problem: Problem) -> int:
    """Faults of a kind that only the right branch of a union can have come first."""
    return int(problem.code.endswith("_type"))


_SENTENCES = {
    "missing": "“{name}” is needed",
    "extra_forbidden": "“{name}” is no part of this condition",
    "string_type": "“{name}” must be a text",
    "string_too_short": "“{name}” must not be empty",
    "string_too_long": "“{name}” is too long",
    "too_long": "“{name}” holds too many",
    "too_short": "“{name}” must hold at least one",
    "int_type": "“{name}” must be a number",
    "float_type": "“{name}” must be a number",
    "finite_number": "“{name}” must be a number",
    "tuple_type": "“{name}” must be a list",
    "model_type": "“{name}” must be an object",
    "model_attributes_type": "“{name}” must be an object",
}


def _said(error: ErrorDetails, path: str) -> Problem:
    """One of pydantic's errors as a sentence, at its place in the rule."""
    # What is no key of the rule is the name of a branch of a union, such as "function-after[…]".
    steps = [str(step) for step in error["loc"] if not _is_branch(step)]
    name = _name_in(steps)
    kind = error["type"]
    if kind == "literal_error":
        detail = f"“{name}” must be one of: {error.get('ctx', {}).get('expected', '')}"
    elif kind == "value_error":
        detail = f"“{name}”: {error['msg'].removeprefix('Value error, ')}"
    else:
        detail = _SENTENCES.get(kind, f"“{name}” does not fit here").format(name=name)
    return Problem(joined(path, *steps), kind, detail)


def _is_branch(step: int | str) -> bool:
    if isinstance(step, int):
        return False
    return step in ("bool", "int", "float", "str", "Measure", "literal['count']") or any(
        mark in step for mark in "[]()"
    )
