"""Segments for tests: their builds done by a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from segments.builds import segment_build
from segments.models import Segment
from segments.selectors import builds_open


def build(key: str, *, clock: Callable[[], datetime]) -> None:
    """Do a segment's open build, if it has one, as the job worker would."""
    job = builds_open([key]).get(key)
    if job is not None:
        segment_build(job, Segment.objects.get(key=key).id, clock=clock)
