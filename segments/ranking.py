"""Ranked segments: a rule's matches, cut to the first so many by a number.

They alone depend on other contacts, so they do not follow single events: they are ranked anew
every `refresh_every`, when they are built, and when they are edited. For hands the cut counts as
the rule: who falls out of it is no longer held out, and who is held in stays beyond the limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from common import jobs
from common.arrays import int_array
from common.lanes import LANES
from common.models import Job
from segments.catalogue import SQL, LiveSegment, catalogue
from segments.edges import not_before_the_look
from segments.listeners import is_heard
from segments.models import Segment
from segments.refresh import Change, changes_write, lanes_lock
from segments.rules import Compiled
from segments.top import Top

LANES_PER_PIECE: Final = 8
"""So many lanes are held at once while joins and leaves are written."""

_SLACK: Final = timedelta(seconds=30)
"""The look for what is due comes once a minute: what is due before the next half is due."""


# ── who is first ────────────────────────────────────────────────────────────────────────────────


def ranked_select(
    compiled: Compiled,
    top: Mapping[str, Any],
    *,
    fields: Mapping[str, str],
    now: datetime,
    zone: str,
    lanes: Sequence[int] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return a SELECT of the rule's matches in the order of their rank, and its parameters.

    Columns: lane, contact_id, value, rank (from 1). Whom nothing is known of to rank by is not
    among them; of two alike the older contact comes first. It is not cut: the limit is the
    parameter `top_limit`.

    Parameters
    ----------
    lanes
        Only the contacts in these; None: all.
    """
    value, order, source, params = _ranking(
        compiled, top, fields=fields, now=now, zone=zone, lanes=lanes
    )
    rank = f"row_number() OVER ({order}) AS rank"
    return f"SELECT c.lane, c.id AS contact_id, {value} AS value, {rank} {source}", params


def _ranking(
    compiled: Compiled,
    top: Mapping[str, Any],
    *,
    fields: Mapping[str, str],
    now: datetime,
    zone: str,
    lanes: Sequence[int] | None = None,
) -> tuple[str, str, str, dict[str, Any]]:
    """The pieces of a ranking: the value, the order, whom it is taken of, and the parameters."""
    read = Top.read(top)
    value, joined, params = read.sql(fields, now=now)
    in_lanes = "" if lanes is None else "c.lane = ANY(%(top_lanes)s::smallint[]) AND "
    source = f"FROM contact c {joined} WHERE {in_lanes}{compiled.whole} AND {value} IS NOT NULL"
    params |= {"top_limit": read.limit, **compiled.bind(now, zone)}
    if lanes is not None:
        params["top_lanes"] = int_array(lanes)
    return value, f"ORDER BY {value} DESC, c.created_at, c.id", source, params


@dataclass(frozen=True, slots=True)
class Ranked:
    """The head of a ranking: how many there are to rank, and the ids of the first."""

    matches: int
    first: Sequence[int]


def ranking_head(
    compiled: Compiled,
    top: Mapping[str, Any],
    *,
    fields: Mapping[str, str],
    now: datetime,
    zone: str,
    many: int,
    lanes: Sequence[int] | None = None,
) -> Ranked:
    """Return the first of a ranking that is not kept, for a preview."""
    select, params = ranked_select(compiled, top, fields=fields, now=now, zone=zone, lanes=lanes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH ranked AS ({select}) SELECT count(*), array_agg(contact_id ORDER BY rank)"
            f" FILTER (WHERE rank <= least(%(top_limit)s, %(many)s)) FROM ranked",
            {**params, "many": many},
        )
        matches, first = cursor.fetchone() or (0, None)
    return Ranked(int(matches), list(first or ()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contact stands in a ranking now.

    Attributes
    ----------
    rank, value
        None if the rule is false of the contact, or there is nothing to rank it by.
    of
        How many are ranked.
    cutoff
        The value of the last who is in; None if all are.
    """

    by: Any
    limit: int
    rank: int | None
    value: float | None
    of: int
    cutoff: float | None
    refreshes_at: datetime | None
    sentence: str

    @property
    def is_in(self) -> bool:
        """Whether the contact is among the first."""
        return self.rank is not None and self.rank <= self.limit


def ranking_place(segment: Segment, contact_id: int, *, now: datetime) -> Place | None:
    """Return where a contact stands in a ranked segment; None if the segment is not ranked."""
    book = catalogue()
    live = book.segments.get(segment.id)
    if live is None or live.top is None:
        return None
    top = Top.read(live.top)
    value, _, source, params = _ranking(
        live.compiled, live.top, fields=book.fields, now=now, zone=book.zone
    )
    with connection.cursor() as cursor:
        # Counted, not sorted: who is before the contact, among however many.
        cursor.execute(
            f"WITH c AS MATERIALIZED (SELECT c.id, c.created_at, {value} AS value {source}),"
            " own AS MATERIALIZED (SELECT * FROM c WHERE c.id = %(contact)s)"
            " SELECT (SELECT count(*) FROM c), own.value, (SELECT c.value FROM c"
            " ORDER BY c.value DESC, c.created_at, c.id OFFSET %(top_limit)s - 1 LIMIT 1),"
            " (SELECT 1 + count(*) FROM c WHERE c.value > own.value OR (c.value = own.value"
            " AND (c.created_at, c.id) < (own.created_at, own.id)))"
            " FROM (SELECT) one LEFT JOIN own ON true",
            {**params, "contact": contact_id},
        )
        of, own, cutoff, rank = cursor.fetchone() or (0, None, None, None)
    rank = None if own is None else rank
    at = None if live.kind == Segment.Kind.STATIC else segment.refreshed_at
    return Place(
        by=live.top["by"],
        limit=top.limit,
        rank=rank,
        value=None if own is None else float(own),
        of=of,
        cutoff=None if cutoff is None else float(cutoff),
        refreshes_at=at and at + top.refresh_every,
        sentence=_place_words(top, rank, own, of, cutoff),
    )


def _place_words(top: Top, rank: int | None, value: Any, of: int, cutoff: Any) -> str:
    limit = f"the first {top.limit:,} are in" if top.limit > 1 else "the first alone is in"
    edge = "" if cutoff is None else f", down to {float(cutoff):g}"
    if rank is None:
        return f"not among the {of:,} that are ranked by {top.words()}; {limit}{edge}"
    return f"number {rank:,} of {of:,} by {top.words()}, with {float(value):g}; {limit}{edge}"


# ── ranked anew ─────────────────────────────────────────────────────────────────────────────────


def rankings_due(*, now: datetime) -> list[int]:
    """Return the ids of the segments that are to be ranked anew."""
    ranked = Segment.objects.filter(
        top__isnull=False, rule__isnull=False, status=Segment.Status.READY
    ).exclude(kind=Segment.Kind.STATIC)
    return [
        segment.id
        for segment in ranked.order_by("id")
        if segment.refreshed_at is None
        or segment.refreshed_at + Top.read(segment.top or {}).refresh_every <= now + _SLACK
    ]


def rankings_refresh(*, now: datetime) -> list[Change]:
    """Rank anew whatever is due: what the worker does once a minute, for a clock of one's own."""
    return [change for one in rankings_due(now=now) for change in ranking_refresh(one, now=now)]


def ranking_refresh(
    segment_id: int,
    *,
    now: datetime,
    cause: str = "rule",
    goes_on: Callable[[int], bool] = lambda _lanes: True,
) -> list[Change]:
    """Rank a segment anew, and write who joins and leaves; a few lanes at a time.

    Parameters
    ----------
    now
        The instant of the ranking.
    goes_on
        Is told how many lanes are done, and says whether to go on.
    """
    book = catalogue()
    segment = book.segments.get(segment_id)
    if segment is None or segment.top is None:
        return []
    _, order, source, params = _ranking(
        segment.compiled, segment.top, fields=book.fields, now=now, zone=book.zone
    )
    first: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        # With a LIMIT, PostgreSQL keeps only so many at a time and never sorts all the matches.
        cursor.execute(f"SELECT c.lane, c.id {source} {order} LIMIT %(top_limit)s", params)
        for lane, contact_id in cursor.fetchall():
            first[lane].append(contact_id)
    changes: list[Change] = []
    for lane in range(0, LANES, LANES_PER_PIECE):
        lanes = range(lane, min(lane + LANES_PER_PIECE, LANES))
        ranked = [contact_id for one in lanes for contact_id in first[one]]
        written = _piece(segment, lanes, ranked, cause=cause, now=now)
        if written is None or not goes_on(lanes[-1] + 1):
            return changes + (written or [])
        changes += written
    Segment.objects.filter(id=segment_id, edition=segment.edition).update(refreshed_at=now)
    return changes


@transaction.atomic
def _piece(
    segment: LiveSegment, lanes: Sequence[int], ranked: Sequence[int], *, cause: str, now: datetime
) -> list[Change] | None:
    """Write the joins and leaves in some lanes; None if the segment is another by now."""
    lanes_lock(lanes)
    if not Segment.objects.filter(id=segment.id, edition=segment.edition).exists():
        return None
    book = catalogue()
    params = {
        "segment": segment.id,
        "lanes": int_array(lanes),
        "ranked": int_array(ranked),
        "leaves": segment.leaves,
        "touching": is_heard(book, segment.key),
        "cause": cause,
        "now": not_before_the_look(now, lanes),
    }
    rule = "c.id = ANY(%(ranked)s::bigint[])"
    return changes_write(book, SQL["refresh_lanes"], params, rule=rule, writes="")


def is_ranked(segment_id: int) -> bool:
    """Whether a segment is ranked."""
    return Segment.objects.filter(id=segment_id, top__isnull=False).exists()


def ranking_build(job: Job, segment_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Build a ranked segment; false if it was cancelled, edited or deleted meanwhile."""
    segment = catalogue().segments.get(segment_id)
    if segment is None or segment.edition != job.detail["edition"]:
        return False

    def goes_on(lanes: int) -> bool:
        return jobs.job_progress(job.id, done=100 * lanes // LANES)

    ranking_refresh(segment_id, now=clock(), cause="built", goes_on=goes_on)
    job.refresh_from_db()
    return job.done == 100 and not job.cancel_requested
