"""The jobs of segments: builds, settling score rules. The clock is read here, and handed down."""

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


@app.task(name="segments.score_settle", queue="builds")
def score_settle(job_id: str, rule_id: int) -> None:
    """Settle the points of a rule in pieces, going on where an earlier try was stopped."""
    from segments.scoring.settling import rule_settle

    try:
        rule_settle(job_id, rule_id, clock=utcnow)
    except Exception as error:
        job_fail(job_id, error=f"Settling the points stopped: {error}", now=utcnow())
        raise
