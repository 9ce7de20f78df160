"""The jobs of dead workers are put back, and one that kills its workers is set aside."""

import asyncio

import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from common import tasks

pytestmark = pytest.mark.django_db(transaction=True)


def job_of_a_dead_worker(*, attempts: int = 0) -> int:
    """Put in a job that a worker took and never ended."""
    app.configure_task("common.nothing", queue="tests", allow_unknown=True).defer()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone() or (0,)
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s"
            " WHERE queue_name = 'tests' RETURNING id",
            [worker, attempts],
        )
        (job,) = cursor.fetchone() or (0,)
    return int(job)


def sweep() -> None:
    async def once() -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                await tasks.sweep(60)

    asyncio.run(once())


def test_a_dead_workers_job_is_put_back() -> None:
    job = job_of_a_dead_worker()
    sweep()
    found = ProcrastinateJob.objects.get(id=job)
    assert (found.status, found.attempts) == ("todo", 1)


def test_a_job_whose_workers_keep_dying_is_set_aside_as_failed() -> None:
    job = job_of_a_dead_worker(attempts=tasks.ATTEMPTS_AT_MOST)
    sweep()
    assert ProcrastinateJob.objects.get(id=job).status == "failed"


def test_the_worker_ends_when_nothing_is_left_to_do() -> None:
    app.configure_task("common.sweep", queue="upkeep").defer(timestamp=60)
    call_command("worker", "--once")
    # Periodic jobs may have come due meanwhile.
    assert ProcrastinateJob.objects.get(args={"timestamp": 60}).status == "succeeded"
