"""Why a rule is refused: every fault with its place in the rule and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `path` is dotted (`rules.1.where.0.value`), "" for the rule as a whole."""

    path: str
    code: str
    detail: str


class RuleRefused(ValueError):
    """A rule can't be put to use; `problems` says all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = tuple(problems)
