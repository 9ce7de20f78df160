"""How sure a share is, and the difference of two: PURE.

Wilson's score interval for a share (Wilson, 1927), and for the difference of two shares Newcombe's
hybrid of two of those (Newcombe, 1998, method 10). Both keep their promise for few people and for
shares near 0 and 1, where the textbook's interval does not.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The quantile of the normal distribution for 95 %."""


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return between what the share lies of which `hits` of `n` were seen.

    Examples
    --------
    >>> [round(edge, 4) for edge in wilson(81, 263)]
    [0.2553, 0.3662]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    low = 0.0 if hits == 0 else (middle - reach) / whole
    high = 1.0 if hits == n else (middle + reach) / whole
    return max(0.0, low), min(1.0, high)


def difference(
    hits: int, n: int, other_hits: int, other_n: int, z: float = Z95
) -> tuple[float, float]:
    """Return between what the difference of two shares lies, the first less the other.

    Examples
    --------
    >>> [round(edge, 4) for edge in difference(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    if n == 0 or other_n == 0:
        return -1.0, 1.0
    share, other = hits / n, other_hits / other_n
    low, high = wilson(hits, n, z)
    other_low, other_high = wilson(other_hits, other_n, z)
    gap = share - other
    return (
        max(-1.0, gap - sqrt((share - low) ** 2 + (other_high - other) ** 2)),
        min(1.0, gap + sqrt((high - share) ** 2 + (other - other_low) ** 2)),
    )
