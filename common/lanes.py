"""Lanes: the small numbers by which contacts are shared out among workers and, one day, servers.

The number of lanes is for ever: it is written into every row about a contact. Pure.
"""

from collections.abc import Iterable

LANES = 64
"""How many lanes there are. Never to be changed."""


def lane_of(contact_id: int) -> int:
    """Return the lane in which everything about this contact is kept and worked.

    Examples
    --------
    >>> lane_of(64), lane_of(130)
    (0, 2)
    """
    return contact_id % LANES


def by_lane(contact_ids: Iterable[int]) -> dict[int, list[int]]:
    """Group contact ids by lane, lanes ascending, ids in the order given.

    Examples
    --------
    >>> by_lane([65, 2, 1])
    {1: [65, 1], 2: [2]}
    """
    grouped: dict[int, list[int]] = {}
    for contact_id in contact_ids:
        grouped.setdefault(lane_of(contact_id), []).append(contact_id)
    return dict(sorted(grouped.items()))
