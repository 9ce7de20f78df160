"""Builds: a segment's rule asked about everybody, as a job that holds nobody up.

1. *Barrier.* Every lane is held for a moment: from then on every pulse knows the edited rule, and
   notes whom it asks about (`segment_judged`).
2. *Look.* The rule is asked about everybody as of one instant, in large pieces by contact id that
   hold no lane. What it finds is kept in `segment_match`.
3. *Write.* A few lanes at a time are held while the difference is written; whom the pulse has asked
   about since the look is left as the pulse has it.

Each piece is a transaction with the progress in it: a build whose worker died goes on where it was,
one that is cancelled stops after the piece. Progress is in percent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from common import jobs
from common.arrays import int_array
from common.clock import canonical, parse_instant
from common.lanes import LANES
from common.models import Job
from common.sql import queries
from segments.catalogue import Catalogue, LiveSegment, catalogue
from segments.edges import lanes_tick, not_before_the_look
from segments.listeners import is_heard
from segments.models import Segment
from segments.ranking import is_ranked, ranking_build
from segments.refresh import changes_write, lanes_lock

SQL = queries("segments", "builds")

KIND: Final = "segment_build"
ROWS_PER_PIECE: Final = 5_000
"""About so many rows are written while lanes are held: so few that the engine hardly waits."""
LOOK_MEMORY: Final = "256MB"
"""PostgreSQL may use so much for one sort or hash of the look before it goes to disk."""
CONTACTS_PER_LOOK: Final = 1_000_000
"""So many contact ids one piece of the look covers: the rule is asked of them in one statement."""
LOOKED: Final = 60
"""Percent of a build that the look is taken for."""
ALL_LANES: Final = range(LANES)


def build_enqueue(segment: Segment, *, now: datetime) -> Job:
    """Record the job, and have a worker do it when this transaction is committed."""
    from segments.tasks import build

    job = jobs.job_create(
        KIND,
        title=f"Build the segment {segment.name}",
        now=now,
        total=100,
        detail={"segment": segment.key, "edition": str(segment.edition)},
    )
    build.configure(lock=f"segment:{segment.id}").defer(job_id=str(job.id), segment_id=segment.id)
    return job


def segment_build(job_id: UUID | str, segment_id: int, *, clock: Callable[[], datetime]) -> None:
    """Build a segment, going on where an earlier try was stopped.

    A segment edited meanwhile has a build of its own: this one ends.

    Parameters
    ----------
    clock
        Gives the instant of each piece.
    """
    if not jobs.job_start(job_id, now=clock()):
        return
    job = Job.objects.get(id=job_id)
    goes_on = True
    if is_ranked(segment_id):
        edges_forget(segment_id)
        goes_on = ranking_build(job, segment_id, clock=clock)
    while goes_on and job.done < 100:
        goes_on = _piece(job, segment_id, now=clock())
        job.refresh_from_db()
    _end(segment_id, edition=job.detail["edition"], built=goes_on)
    jobs.job_finish(job_id, now=clock())


@transaction.atomic
def _end(segment_id: int, *, edition: str, built: bool) -> None:
    """Leave nothing behind, unless a younger build has begun: what it found is its own."""
    present = Segment.every.filter(id=segment_id).values_list("edition", flat=True).first()
    if present is not None and str(present) != edition:
        return
    _forget(segment_id)
    if built:
        Segment.every.filter(id=segment_id).update(status=Segment.Status.READY)


@transaction.atomic
def _piece(job: Job, segment_id: int, *, now: datetime) -> bool:
    """Do the next piece; false if the build is over before its end (cancelled, edited, deleted)."""
    detail = dict(job.detail)
    begins = "looked_at" not in detail or not _is_kept(segment_id)
    if begins:
        lanes_lock(ALL_LANES)
    edition = Segment.every.filter(id=segment_id).values_list("edition", flat=True).first()
    if edition is None or str(edition) != detail["edition"]:
        return False
    book = catalogue()
    segment = book.segments[segment_id]
    if begins:
        detail |= _barrier(book, segment, now=now)
        done = 0
    elif detail["upto"] < detail["last"]:
        upto = min(detail["upto"] + CONTACTS_PER_LOOK, detail["last"])
        _look(book, segment, after=detail["upto"], upto=upto, at=parse_instant(detail["looked_at"]))
        detail["upto"] = upto
        done = LOOKED * upto // detail["last"]
        if upto == detail["last"]:
            detail["lanes"] = _lanes_at_once(segment_id)
    else:
        lane = detail["lane"]
        lanes = range(lane, min(lane + detail.get("lanes", LANES), LANES))
        _write(book, segment, lanes, looked_at=parse_instant(detail["looked_at"]), now=now)
        detail["lane"] = lane + len(lanes)
        done = LOOKED + (100 - LOOKED) * detail["lane"] // LANES
    return jobs.job_progress(job.id, done=done, detail=detail)


def _barrier(book: Catalogue, segment: LiveSegment, *, now: datetime) -> dict[str, Any]:
    """Begin: all lanes are held. Everything up to this instant is in the look's sight."""
    at = not_before_the_look(now, ALL_LANES)
    if all(one.building for one in book.moved_by_time()):
        # No built segment depends on time: there is nothing that a look at time has missed.
        lanes_tick(book, ALL_LANES, now=at)
    _forget(segment.id)
    edges_forget(segment.id)
    with connection.cursor() as cursor:
        cursor.execute(SQL["mark_look"], {"segment": segment.id})
        cursor.execute(SQL["last_contact"])
        (last,) = cursor.fetchone() or (0,)
    return {"looked_at": canonical(at), "upto": 0, "last": last, "lane": 0}


def _look(book: Catalogue, segment: LiveSegment, *, after: int, upto: int, at: datetime) -> None:
    compiled = segment.compiled
    edges = compiled.next_edge if segment.follows_rule else ""
    query = SQL["look"] if edges else SQL["look_plain"]
    query = query.replace("{edges}", edges).replace("{rule}", compiled.whole)
    params = {"segment": segment.id, "after": after, "upto": upto, **compiled.bind(at, book.zone)}
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{LOOK_MEMORY}'")
        cursor.execute(query, params)


def _lanes_at_once(segment_id: int) -> int:
    """Return how many lanes to write in one piece, by how many rows may be written at most."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["rows_to_write"], {"segment": segment_id})
        (rows,) = cursor.fetchone() or (0,)
    return max(1, min(LANES, LANES * ROWS_PER_PIECE // max(1, rows)))


def _write(
    book: Catalogue,
    segment: LiveSegment,
    lanes: Sequence[int],
    *,
    looked_at: datetime,
    now: datetime,
) -> None:
    lanes_lock(lanes)
    params = {
        "segment": segment.id,
        "lanes": int_array(lanes),
        "leaves": segment.leaves,
        "touching": is_heard(book, segment.key),
        "cause": "built",
        "looked_at": looked_at,
        "now": not_before_the_look(now, lanes),
    }
    changes_write(book, SQL["write"], params)


def edges_forget(segment_id: int) -> None:
    """Drop the next edges of a segment whose rule is gone; a build does so itself."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["forget_edges"], {"segment": segment_id})


def _forget(segment_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL["forget_matches"], {"segment": segment_id})
        cursor.execute(SQL["forget_judged"], {"segment": segment_id})


def _is_kept(segment_id: int) -> bool:
    """Whether what was found is still there: the tables of a build do not survive a crash."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["look_is_kept"], {"segment": segment_id})
        return bool((cursor.fetchone() or (False,))[0])
