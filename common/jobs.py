"""Long work as a person sees it: a title, progress, an end, and a way to stop it.

The work itself runs in the job worker; it reports here, and asks here whether it should stop. All
of these are writes of one row; each tells whoever watches `/ws/jobs/{id}/`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from common import live
from common.clock import canonical
from common.errors import Conflict, NotFound
from common.models import Job

GROUP = "job"
WHOLE = "whole"
"""In a job's detail: why it cannot be stopped halfway, as a sentence."""


def job_create(
    kind: str,
    *,
    title: str,
    now: datetime,
    total: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Job:
    """Put a job on record as queued. The caller enqueues the work in the same transaction."""
    return Job.objects.create(
        kind=kind, title=title, total=total, detail=dict(detail or {}), created_at=now
    )


def job_start(job_id: UUID | str, *, now: datetime) -> bool:
    """Mark a job as running; false if it is over or was cancelled before it began.

    A job whose worker died is started again: it stays running and keeps its first start.
    """
    open_jobs = Job.objects.filter(id=job_id, cancel_requested=False)
    started = (
        open_jobs.filter(status=Job.Status.QUEUED).update(status=Job.Status.RUNNING, started_at=now)
        or open_jobs.filter(status=Job.Status.RUNNING).exists()
    )
    _tell(job_id)
    return bool(started)


def job_progress(
    job_id: UUID | str,
    *,
    done: int,
    total: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> bool:
    """Say how far a running job has come. Returns whether it should go on (false: cancelled)."""
    changed: dict[str, Any] = {"done": done}
    if total is not None:
        changed["total"] = total
    if detail is not None:
        changed["detail"] = dict(detail)
    goes_on = Job.objects.filter(
        id=job_id, status=Job.Status.RUNNING, cancel_requested=False
    ).update(**changed)
    _tell(job_id)
    return bool(goes_on)


def job_finish(
    job_id: UUID | str, *, now: datetime, detail: Mapping[str, Any] | None = None
) -> None:
    """Mark a job as done, or as cancelled if that was asked for before it ended."""
    changed: dict[str, Any] = {"finished_at": now}
    if detail is not None:
        changed["detail"] = dict(detail)
    running = Job.objects.filter(id=job_id, status__in=_OPEN)
    running.filter(cancel_requested=True).update(status=Job.Status.CANCELLED, **changed)
    running.filter(cancel_requested=False).update(status=Job.Status.DONE, **changed)
    _tell(job_id, at_once=True)


def job_fail(job_id: UUID | str, *, error: str, now: datetime) -> None:
    """Mark a job as failed, with a sentence for the person who started it."""
    Job.objects.filter(id=job_id, status__in=_OPEN).update(
        status=Job.Status.FAILED, error=error, finished_at=now
    )
    _tell(job_id, at_once=True)


def job_cancel(job_id: UUID | str, *, now: datetime) -> Job:
    """Ask a job to stop: a queued one is cancelled now, a running one at its next progress.

    Raises
    ------
    NotFound
        If there is no such job.
    Conflict
        If it is over, or must not stop halfway (`WHOLE`).
    """
    whole = Job.objects.filter(id=job_id, status__in=_OPEN, detail__has_key=WHOLE).first()
    if whole is not None:
        raise Conflict(str(whole.detail[WHOLE]))
    Job.objects.filter(id=job_id, status__in=_OPEN).update(cancel_requested=True)
    Job.objects.filter(id=job_id, status=Job.Status.QUEUED).update(
        status=Job.Status.CANCELLED, finished_at=now
    )
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        raise NotFound("there is no such job")
    if not job.cancel_requested:
        raise Conflict(f"this job is already {job.status}")
    _tell(job_id, at_once=True)
    return job


def jobs_open() -> int:
    """Count the jobs that are queued or running."""
    return Job.objects.filter(Q(status__in=_OPEN)).count()


def job_state(job: Job) -> dict[str, Any]:
    """Return a job as the API and the socket show it."""
    return {
        "id": str(job.id),
        "kind": job.kind,
        "title": job.title,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "detail": job.detail,
        "error": job.error,
        "cancel_requested": job.cancel_requested,
        "created_at": canonical(job.created_at),
        "started_at": canonical(job.started_at) if job.started_at else None,
        "finished_at": canonical(job.finished_at) if job.finished_at else None,
    }


def job_group(job_id: UUID | str) -> str:
    """Return the live group in which news of this job is told."""
    return f"{GROUP}.{job_id}"


_OPEN = (Job.Status.QUEUED, Job.Status.RUNNING)


def _tell(job_id: UUID | str, *, at_once: bool = False) -> None:
    live.notify(job_group(job_id), {}, at_once=at_once)
