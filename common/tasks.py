"""The jobs that look after jobs and old rows: a sweep of what died, a clean-up each night."""

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from common.clock import utcnow
from common.jobs import job_fail
from common.upkeep import upkeep_begin, upkeep_run

ATTEMPTS_AT_MOST = 5
"""A job whose workers keep dying is probably what kills them: it is set aside as failed."""
DEAD_AFTER_SECONDS = 30
OLD_AFTER_HOURS = 72


@app.periodic(cron="* * * * *")
@app.task(name="common.sweep", queue="upkeep", queueing_lock="common.sweep")
async def sweep(timestamp: int) -> None:
    """Put back the jobs of dead workers (nobody else does), and forget jobs that ended long ago."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        if job.attempts >= ATTEMPTS_AT_MOST:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job, retry_at=utcnow())
    await manager.prune_stalled_workers(seconds_since_heartbeat=10 * DEAD_AFTER_SECONDS)
    # Not delete_jobs="successful": that would also delete the memory of which periodic jobs ran.
    if timestamp // 60 % 60 == 0:
        await manager.delete_old_jobs(nb_hours=OLD_AFTER_HOURS, include_failed=False)


@app.periodic(cron="37 2 * * *")
@app.task(name="common.upkeep", queue="upkeep", queueing_lock="common.upkeep")
def upkeep(timestamp: int) -> None:
    """Remove what has been kept long enough (`common.upkeep`)."""
    job = upkeep_begin(now=utcnow())
    try:
        upkeep_run(job.id, clock=utcnow)
    except Exception as error:
        job_fail(job.id, error=f"The clean-up stopped: {error}", now=utcnow())
        raise
