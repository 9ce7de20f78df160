"""The jobs that look after jobs: a sweep of those whose worker died, and clean-up of old ones."""

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from common.clock import utcnow

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
