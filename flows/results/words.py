"""What a test of several branches can tell, in one sentence, and which branch is the best: PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flows.results.intervals import Z95, difference, wilson

QUANTILES: Final = (Z95, 1.959963984540054, 2.241402727604947, 2.393979800093549, 2.497705474412374)
"""By the number of comparisons: with several of them, each must be surer (Bonferroni)."""
SURER: Final = 3.0
"""For more comparisons than those: surer than 95 % for up to 18 of them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """How many came to a branch, and how many of them reached the goal."""

    branch: str
    entered: int
    converted: int

    @property
    def share(self) -> float:
        """The share of those who reached the goal."""
        return self.converted / self.entered if self.entered else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between what that share lies, at 95 %."""
        return wilson(self.converted, self.entered)


def verdict(branches: Sequence[Branch]) -> tuple[str | None, str]:
    """Return the branch that is better than every other, if that can be told, and what to say.

    Examples
    --------
    >>> verdict([Branch("a", 1000, 100), Branch("b", 1000, 160)])
    ('b', 'b converts 6.0 points more than a (between 3.1 and 8.9, 95 %).')
    >>> verdict([Branch("a", 20, 2), Branch("b", 20, 3)])[0] is None
    True
    """
    tried = [one for one in branches if one.entered]
    if len(tried) < 2:
        return None, "There is nothing to compare yet: nobody has come to two of the branches."
    if not any(one.converted for one in tried):
        return None, "No difference can be told yet: nobody has reached the goal on any branch."
    ranked = sorted(tried, key=lambda one: (-one.share, one.branch))
    first, second = ranked[0], ranked[1]
    others = len(ranked) - 1
    z = QUANTILES[others] if others < len(QUANTILES) else SURER
    gaps = [
        difference(first.converted, first.entered, one.converted, one.entered, z)
        for one in ranked[1:]
    ]
    low, high = gaps[0]
    points = (first.share - second.share) * 100
    if all(gap[0] > 0 for gap in gaps):
        sure = "95 %" if others == 1 else f"95 % for all {others} comparisons together"
        return first.branch, (
            f"{first.branch} converts {points:.1f} points more than {second.branch} "
            f"(between {low * 100:.1f} and {high * 100:.1f}, {sure})."
        )
    if points == 0:
        ahead = f"{first.branch} and {second.branch} convert alike so far"
    else:
        ahead = f"{first.branch} is {points:.1f} points ahead of {second.branch} so far"
    return None, (
        f"No difference can be told yet: {ahead}, but the true difference may be anything between "
        f"{low * 100:.1f} and {high * 100:.1f} points."
    )
