"""The jobs of flows. The clock is read here, and handed down."""

from procrastinate.contrib.django import app

from common.clock import utcnow
from common.comebacks import AGAIN, database_is_away
from common.jobs import job_fail


@app.task(name="flows.act_on_people", queue="builds", retry=AGAIN)
def act_on_people(job_id: str) -> None:
    """Do something to many people in a flow, in pieces, going on where an earlier try stopped."""
    from flows.people import people_job

    try:
        people_job(job_id, clock=utcnow)
    except Exception as error:
        if not database_is_away(error):
            job_fail(job_id, error=f"It stopped: {error}", now=utcnow())
        raise


@app.task(name="flows.backtest", queue="builds", retry=AGAIN)
def backtest(job_id: str, backtest_id: int) -> None:
    """Try a draft on a past period; a try that was stopped begins anew."""
    from flows.trial.backtests import backtest_run

    try:
        backtest_run(job_id, backtest_id, clock=utcnow)
    except Exception as error:
        if not database_is_away(error):
            job_fail(job_id, error=f"The backtest stopped: {error}", now=utcnow())
        raise


@app.periodic(cron="*/10 * * * *")
@app.task(name="flows.sweep_trials", queue="upkeep", queueing_lock="flows.sweep_trials")
def sweep_trials(timestamp: int) -> None:
    """Remove what backtests left behind whose processes died."""
    from flows.trial.schema import schemas_sweep

    schemas_sweep()
