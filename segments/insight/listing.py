"""The list of segments: filters, orders, and all that a row shows, in a few statements per page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from common.arrays import int_array
from common.selectors import workspace
from segments.conventions import convention, name_problems
from segments.models import Segment
from segments.rules.values import zone_of
from segments.uses import SQL, Use, uses_of

TREND_DAYS: Final = 30
"""A trend is the size at the end of each of so many days gone by, and the size now."""

_SIZE: Final = (
    "coalesce((SELECT sum(z.n) FROM segment_size z WHERE z.segment_id = segment.id), 0)::bigint"
)
_UPDATED: Final = "(extract(epoch FROM segment.updated_at) * 1000000)::bigint"
_LARGEST: Final = 9_000_000_000_000_000_000

_PLACES: Final[Mapping[str, str]] = {
    "name": "lower(segment.name) || ' ' || segment.key",
    "size": f"lpad(({_SIZE})::text, 19, '0') || ' ' || segment.key",
    "-size": f"lpad(({_LARGEST} - {_SIZE})::text, 19, '0') || ' ' || segment.key",
    "updated_at": f"lpad(({_UPDATED})::text, 19, '0') || ' ' || segment.key",
    "-updated_at": f"lpad(({_LARGEST} - {_UPDATED})::text, 19, '0') || ' ' || segment.key",
}
"""Where a segment stands in an order, as one text that no other segment has: a cursor may point at
it, however many segments are of one size, and equals come by key in either direction."""

ORDERS: Final = ("key", "name", "-name", "size", "-size", "updated_at", "-updated_at")


def segments_found(
    *,
    search: str = "",
    kind: str = "",
    owner: int | None = None,
    owned: bool | None = None,
    used: bool | None = None,
) -> QuerySet[Segment]:
    """Return the segments that fit, with their owners.

    Parameters
    ----------
    search
        Part of the name or the key.
    owner
        The id of a user whose segments are asked for.
    owned
        Whether there is an owner at all.
    used
        Whether another segment, a flow or a score rule uses it.
    """
    found = Segment.objects.select_related("owner")
    if search:
        found = found.filter(Q(key__icontains=search) | Q(name__icontains=search))
    if kind:
        found = found.filter(kind=kind)
    if owner is not None:
        found = found.filter(owner_id=owner)
    if owned is not None:
        found = found.filter(owner__isnull=not owned)
    if used is not None:
        keys = list(uses_of())
        found = found.filter(key__in=keys) if used else found.exclude(key__in=keys)
    return found


def ordered(found: QuerySet[Segment], ordering: str) -> tuple[QuerySet[Segment], str]:
    """Return segments with their place in an order, and by what a page is to be ordered.

    Parameters
    ----------
    ordering
        One of `ORDERS`; any other is by key.
    """
    place = _PLACES.get(ordering.removeprefix("-") if ordering == "-name" else ordering)
    if place is None:
        return found, "key"
    placed = found.annotate(place=RawSQL(place, ()))  # noqa: S611 - one of our own texts
    return placed, "-place" if ordering == "-name" else "place"


@dataclass(frozen=True, slots=True)
class Shown:
    """What rows show besides what is in the segment's own row, each by id or key."""

    sizes: Mapping[int, int]
    trends: Mapping[int, Sequence[int]]
    uses: Mapping[str, Sequence[Use]]
    naming: Mapping[str, Sequence[str]]


def segments_shown(segments: Sequence[Segment], *, now: datetime) -> Shown:
    """Read what some segments' rows show: five statements for any number of segments."""
    today = now.astimezone(zone_of(workspace().timezone)).date()
    trends = trends_of([segment.id for segment in segments], today=today)
    agreed = convention()
    return Shown(
        sizes={segment_id: trend[-1] for segment_id, trend in trends.items()},
        trends=trends,
        uses=uses_of([segment.key for segment in segments]) if segments else {},
        naming={segment.key: name_problems(segment.name, agreed) for segment in segments},
    )


def trends_of(segment_ids: Sequence[int], *, today: date) -> dict[int, list[int]]:
    """Return segments' sizes at the end of each of the last days, oldest first, and now.

    Reckoned backwards from the size now by each day's joins and leaves: one statement. (A contact
    that was deleted since is in no past size.)

    Returns
    -------
    dict
        By id, `TREND_DAYS` + 1 sizes.
    """
    changes: dict[int, dict[date | None, int]] = defaultdict(dict)
    since = today - timedelta(days=TREND_DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute(SQL["trends"], {"segments": int_array(segment_ids), "since": since})
        for segment_id, day, change in cursor.fetchall():
            changes[segment_id][day] = change
    days = [today - timedelta(days=ago) for ago in range(TREND_DAYS)]
    return {one: _backwards(changes[one], days) for one in segment_ids}


def _backwards(changes: Mapping[date | None, int], days: Sequence[date]) -> list[int]:
    sizes = [changes.get(None, 0)]
    for day in days:
        sizes.append(max(sizes[-1] - changes.get(day, 0), 0))
    return sizes[::-1]
