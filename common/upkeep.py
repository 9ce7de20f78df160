"""Upkeep: no table grows without end. What is old goes each night, in small bites.

Each room says what of its own can go (`register_upkeep`, from its AppConfig.ready()), each by a
name under which `workspace.keep` holds for how long it is kept: an ISO duration, or null for ever.
A bite is a transaction of a few thousand rows at most; between two bites the work may be stopped,
cancelled or killed, and goes on with the next night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from common.durations import DurationRefused, parse_duration
from common.jobs import job_create, job_fail, job_finish, job_progress, job_start
from common.models import Job, Workspace
from common.sql import queries

SQL: Final = queries("common", "upkeep")

BITE: Final = 5_000
"""So many rows go in one transaction, at most."""
AT_MOST: Final = timedelta(hours=3)
"""What a night has not done, the next one does."""
KIND: Final = "upkeep"

Clean = Callable[[datetime], Iterator[int]]
"""Removes what is older than an instant; yields after each bite how many rows that were."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """One thing that does not stay for ever.

    Attributes
    ----------
    key
        Its name in `workspace.keep`.
    title
        What it is, in words: "steps of visits that have ended".
    keep
        For how long it is kept where the workspace says nothing; None: for ever.
    """

    key: str
    title: str
    keep: str | None
    clean: Clean


_UPKEEPS: Final[dict[str, Upkeep]] = {}


def register_upkeep(*upkeeps: Upkeep) -> None:
    """Have a room's old rows removed."""
    _UPKEEPS.update({one.key: one for one in upkeeps})


def upkeeps() -> list[Upkeep]:
    """All there are, in the order in which the rooms stand."""
    return list(_UPKEEPS.values())


def kept_for(keep: Mapping[str, Any]) -> dict[str, str | None]:
    """For how long each thing is kept: what the workspace says, else the default."""
    return {one.key: keep.get(one.key, one.keep) for one in upkeeps()}


def keep_faults(keep: Any) -> Iterator[str]:
    """Say in sentences what is wrong with a workspace's own periods."""
    if not isinstance(keep, dict):
        yield "Give an object of names and periods."
        return
    for key, period in keep.items():
        if key not in _UPKEEPS:
            yield f"There is nothing called “{key}” to be kept."
        elif period is not None:
            try:
                shortest = timedelta(days=1)
                if not isinstance(period, str) or parse_duration(period) < shortest:
                    yield f"“{key}” is kept for a day at least, or (null) for ever."
            except DurationRefused as refused:
                yield f"“{key}”: {refused}"


def upkeep_begin(*, now: datetime) -> Job:
    """Put tonight's clean-up on record; one whose worker died is set down as failed."""
    for dead in Job.objects.filter(kind=KIND, status__in=[Job.Status.QUEUED, Job.Status.RUNNING]):
        job_fail(dead.id, error="Its worker died; what is left goes with the next.", now=now)
    return job_create(KIND, title="Clean up what is old", now=now)


def upkeep_run(job_id: UUID | str, *, clock: Callable[[], datetime]) -> None:
    """Remove what is older than its period, a bite at a time, and say how many rows that were."""
    began = clock()
    if not job_start(job_id, now=began):
        return
    periods = kept_for(Workspace.objects.values_list("keep", flat=True).first() or {})
    removed: dict[str, int] = {}
    for one in upkeeps():
        period = periods[one.key]
        if period is None:
            continue
        for rows in one.clean(began - parse_duration(period)):
            removed[one.key] = removed.get(one.key, 0) + rows
            goes_on = job_progress(job_id, done=sum(removed.values()), detail={"removed": removed})
            if not goes_on or clock() - began > AT_MOST:
                job_finish(job_id, now=clock(), detail={"removed": removed, "rest": "tomorrow"})
                return
    job_finish(job_id, now=clock(), detail={"removed": removed})


def bites(statement: str, params: Mapping[str, Any], *, bite: int = BITE) -> Iterator[int]:
    """Run a statement that removes `%(bite)s` rows at most, until it finds fewer."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {**params, "bite": bite})
            rows = cursor.rowcount
        if rows:
            yield rows
        if rows < bite:
            return


def mark_of(what: str, lane: int = -1) -> tuple[datetime, int] | None:
    """How far a clean-up has come in a lane: the instant and the id of the last row it saw."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["mark"], {"what": what, "lane": lane})
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1])


def mark_set(what: str, at: datetime, row_id: int, lane: int = -1) -> None:
    """Remember how far a clean-up has come, within its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["set_mark"], {"what": what, "lane": lane, "at": at, "id": row_id})


def jobs_clean(before: datetime) -> Iterator[int]:
    """Remove jobs that ended before an instant, and those of the queue that failed before it."""
    yield from bites(SQL["old_jobs"], {"before": before})
    yield from bites(SQL["old_queue"], {"before": before})


register_upkeep(Upkeep("jobs", "jobs that are over", "P90D", jobs_clean))
