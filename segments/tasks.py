"""The jobs of segments: builds, settling score rules. The clock is read here, and handed down."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from common.clock import utcnow
from common.comebacks import AGAIN, database_is_away
from common.jobs import job_fail


@app.task(name="segments.build", queue="builds", retry=AGAIN)
def build(job_id: str, segment_id: int) -> None:
    """Build a segment in pieces, going on where an earlier try was stopped."""
    from segments.builds import segment_build

    try:
        segment_build(job_id, segment_id, clock=utcnow)
    except Exception as error:
        if not database_is_away(error):
            job_fail(job_id, error=f"The build stopped: {error}", now=utcnow())
        raise


@app.task(name="segments.score_settle", queue="builds", retry=AGAIN)
def score_settle(job_id: str, rule_id: int) -> None:
    """Settle the points of a rule in pieces, going on where an earlier try was stopped."""
    from segments.scoring.settling import rule_settle

    try:
        rule_settle(job_id, rule_id, clock=utcnow)
    except Exception as error:
        if not database_is_away(error):
            job_fail(job_id, error=f"Settling the points stopped: {error}", now=utcnow())
        raise


@app.periodic(cron="* * * * *")
@app.task(name="segments.rank_due", queue="builds", queueing_lock="segments.rank_due")
def rank_due(timestamp: int) -> None:
    """Have the ranked segments that are due ranked anew, each by a job of its own."""
    from segments.ranking import rankings_due

    for segment_id in rankings_due(now=utcnow()):
        # The same lock as the builds': a segment is never built and ranked at once.
        job = rank.configure(lock=f"segment:{segment_id}", queueing_lock=f"rank:{segment_id}")
        with suppress(AlreadyEnqueued), transaction.atomic():
            job.defer(segment_id=segment_id)


@app.task(name="segments.rank", queue="builds", retry=AGAIN)
def rank(segment_id: int) -> None:
    """Rank a segment anew."""
    from segments.ranking import ranking_refresh

    ranking_refresh(segment_id, now=utcnow())


@app.periodic(cron="23 4 * * *")
@app.task(name="segments.fold_days", queue="upkeep", queueing_lock="segments.fold_days")
def fold_days(timestamp: int) -> None:
    """Add up the lanes of the days that are over."""
    from segments.insight.growth import days_fold

    days_fold(now=utcnow())


@app.periodic(cron="43 4 * * *")
@app.task(name="segments.sweep", queue="upkeep", queueing_lock="segments.sweep")
def sweep(timestamp: int) -> None:
    """Take away what deleted segments have left, each night and after a deletion."""
    from segments import sweeping

    sweeping.sweep()
