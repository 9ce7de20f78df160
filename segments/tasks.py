"""The jobs of segments: builds. The clock is read here, and handed down."""

from procrastinate.contrib.django import app

from common.clock import utcnow
from common.jobs import job_fail


@app.task(name="segments.build", queue="builds")
def build(job_id: str, segment_id: int) -> None:
    """Build a segment in pieces, going on where an earlier try was stopped."""
    from segments.builds import segment_build

    try:
        segment_build(job_id, segment_id, clock=utcnow)
    except Exception as error:
        job_fail(job_id, error=f"The build stopped: {error}", now=utcnow())
        raise
