"""Segments made and built at an instant, for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common.models import Job
from segments.builds import segment_build
from segments.models import Membership, Segment
from segments.services import segment_create


def make(key: str, rule: Any, *, now: datetime, kind: str = "dynamic", **given: Any) -> Segment:
    """Make a segment and build it, if it has a rule."""
    segment = segment_create(key=key, name=key, kind=kind, rule=rule, now=now, **given)
    if rule is not None:
        build(segment, now=now)
    return segment


def build(segment: Segment, *, now: datetime) -> None:
    """Do the build that the latest edit of a segment has asked for."""
    segment.refresh_from_db()
    job = Job.objects.get(detail__edition=str(segment.edition), status=Job.Status.QUEUED)
    segment_build(job.id, segment.id, clock=lambda: now)
    segment.refresh_from_db()


def members(key: str) -> set[int]:
    """Return the ids of a segment's members."""
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))
