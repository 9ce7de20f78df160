"""Which members segments share: how many contacts are in exactly which of them.

Exact as long as the segments together have at most `EXACT_UP_TO` members; above, some lanes are
counted and multiplied: contacts are spread over the lanes by their ids, which say nothing of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from common.arrays import int_array
from common.errors import NotFound, Refused
from common.lanes import LANES
from segments.models import Segment
from segments.selectors import segment_sizes
from segments.uses import SQL

MOST_SETS: Final = 6
EXACT_UP_TO: Final = 200_000
"""Memberships that are counted at most for one answer."""

_LOOKED_AT: Final = 2_000
"""About so many members are looked at to find the segments that share most."""


@dataclass(frozen=True, slots=True)
class Set:
    """One of the segments compared."""

    key: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Region:
    """How many contacts are in exactly these of the segments compared, and in no other of them."""

    within: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Sets and their regions, the largest region first; empty regions are left out."""

    exact: bool
    sets: tuple[Set, ...]
    regions: tuple[Region, ...]


def overlap_of(segment: Segment, others: Sequence[str] | None = None) -> Overlap:
    """Compare a segment with others.

    Parameters
    ----------
    others
        Keys; None for the segments that share most members with it.

    Raises
    ------
    NotFound
        If there is no segment of a key.
    Refused
        If there are more than can be told apart on a page.
    """
    compared = [segment, *(_sharing_most(segment) if others is None else _named(segment, others))]
    sizes = segment_sizes(one.id for one in compared)
    lanes = _lanes_to_count(sum(sizes.values()))
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["overlap"],
            {"segments": int_array(one.id for one in compared), "lanes": int_array(lanes)},
        )
        counted = cursor.fetchall()
    regions = [
        Region(
            within=tuple(one.key for bit, one in enumerate(compared) if bits >> bit & 1),
            count=round(n * LANES / len(lanes)),
        )
        for bits, n in counted
    ]
    return Overlap(
        exact=len(lanes) == LANES,
        sets=tuple(Set(one.key, one.name, sizes.get(one.id, 0)) for one in compared),
        regions=tuple(sorted(regions, key=lambda region: (-region.count, region.within))),
    )


def _lanes_to_count(members: int) -> Sequence[int]:
    if members <= EXACT_UP_TO:
        return range(LANES)
    return range(max(LANES * EXACT_UP_TO // members, 1))


def _named(segment: Segment, keys: Sequence[str]) -> list[Segment]:
    wanted = list(dict.fromkeys(key for key in keys if key != segment.key))
    if len(wanted) >= MOST_SETS:
        raise Refused(f"at most {MOST_SETS} segments can be compared", code="invalid", attr="with")
    found = Segment.objects.in_bulk(wanted, field_name="key")
    for key in wanted:
        if key not in found:
            raise NotFound(f"there is no segment “{key}”", attr="with")
    return [found[key] for key in wanted]


def _sharing_most(segment: Segment) -> list[Segment]:
    """The segments that share most members, as some of the members tell."""
    size = segment_sizes([segment.id]).get(segment.id, 0)
    lanes = range(min(LANES, max(1, math.ceil(LANES * _LOOKED_AT / max(size, 1)))))
    params: dict[str, int | str] = {
        "segment": segment.id,
        "lanes": int_array(lanes),
        "every": max(size * len(lanes) // LANES // _LOOKED_AT, 1),
        "most": MOST_SETS - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["sharing_most"], params)
        ids = [row[0] for row in cursor.fetchall()]
    found = Segment.objects.in_bulk(ids)
    return [found[one] for one in ids if one in found]
