"""Settling: the job that follows when a rule is edited, paused, resumed or deleted.

A lane at a time, each its own transaction with the progress in it: it takes back what a person has
made void, and brings what the rule gave in line with whom it is true of. A job whose worker died
goes on where it was; one that is cancelled is done anew when the person asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from common import jobs
from common.arrays import int_array
from common.lanes import LANES
from common.models import Job
from segments.edges import not_before_the_look
from segments.models import ScoreRule, Segment
from segments.refresh import lanes_lock
from segments.scoring.ledger import SQL, Row, of_kind, rows_written, scores_apply, settled

KIND: Final = "score_settle"


def settle_enqueue(rule: ScoreRule, *, reason: str, title: str, now: datetime) -> Job:
    """Record the job, and have a worker do it when this transaction is committed.

    Parameters
    ----------
    reason
        What the ledger says of what is taken back: `edited`, `paused`, `deleted`.
    """
    from segments.tasks import score_settle

    detail = {"rule": rule.id, "key": rule.key, "reason": reason}
    job = jobs.job_create(KIND, title=title, now=now, total=LANES, detail=detail)
    score_settle.configure(lock=f"score_rule:{rule.id}").defer(job_id=str(job.id), rule_id=rule.id)
    return job


def rule_settle(job_id: UUID | str, rule_id: int, *, clock: Callable[[], datetime]) -> None:
    """Settle a rule, going on where an earlier try was stopped.

    Parameters
    ----------
    clock
        Gives the instant of each piece.
    """
    if not jobs.job_start(job_id, now=clock()):
        return
    job = Job.objects.get(id=job_id)
    for lane in range(job.done, LANES):
        if not _settle_lane(job, rule_id, lane, now=clock()):
            break
    else:
        _depart(rule_id, now=clock())
    jobs.job_finish(job_id, now=clock())


@transaction.atomic
def _settle_lane(job: Job, rule_id: int, lane: int, *, now: datetime) -> bool:
    """Settle one lane; false if the job is cancelled."""
    lanes_lock([lane])
    now = not_before_the_look(now, [lane])
    rule = ScoreRule.objects.get(id=rule_id)
    which: dict[str, Any] = {"rule": rule_id, "lanes": int_array([lane])}
    reason = f"rule:{job.detail['reason']}"
    written: Sequence[Row] = rows_written(
        "take_back", {**which, "now": now, "reason": reason}, of_kind=of_kind(rule.kind)
    )
    if rule.status == ScoreRule.Status.LEAVING:
        with connection.cursor() as cursor:
            cursor.execute(SQL["forget_awards"].replace("{of_kind}", of_kind(rule.kind)), which)
    elif rule.kind == ScoreRule.Kind.RULE:
        written = [*written, *settled("asked_lanes", which, now=now)]
    scores_apply(written, now=now)
    return jobs.job_progress(job.id, done=lane + 1)


@transaction.atomic
def _depart(rule_id: int, *, now: datetime) -> None:
    """A rule that is leaving is gone now, and its segment with it."""
    rule = ScoreRule.objects.select_for_update().get(id=rule_id)
    if rule.status != ScoreRule.Status.LEAVING:
        return
    segment_id, rule.segment = rule.segment_id, None
    rule.status = ScoreRule.Status.DELETED
    rule.updated_at = now
    rule.save(update_fields=["status", "segment", "updated_at"])
    if segment_id is not None:
        Segment.every.filter(id=segment_id).delete()
