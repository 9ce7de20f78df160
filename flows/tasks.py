"""The jobs of flows. The clock is read here, and handed down."""

from procrastinate.contrib.django import app

from common.clock import utcnow
from common.jobs import job_fail


@app.task(name="flows.act_on_people", queue="builds")
def act_on_people(job_id: str) -> None:
    """Do something to many people in a flow, in pieces, going on where an earlier try stopped."""
    from flows.people import people_job

    try:
        people_job(job_id, clock=utcnow)
    except Exception as error:
        job_fail(job_id, error=f"It stopped: {error}", now=utcnow())
        raise
