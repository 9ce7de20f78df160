"""Scoring for tests: what its jobs do, done at an instant of the test's own."""

from __future__ import annotations

from datetime import datetime

from common.models import Job
from segments.builds import segment_build
from segments.models import Segment
from segments.scoring.settling import KIND, rule_settle


def work(now: datetime) -> None:
    """Do the open builds and settlings, as the job worker would."""
    for job in Job.objects.filter(status__in=("queued", "running")).order_by("created_at"):
        if job.kind == KIND:
            rule_settle(job.id, job.detail["rule"], clock=lambda: now)
        else:
            segment = Segment.every.get(key=job.detail["segment"])
            segment_build(job.id, segment.id, clock=lambda: now)
