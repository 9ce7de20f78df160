"""Jobs whose database goes away go on when it is back, and only those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from procrastinate.contrib.django import app

from common import jobs
from common.comebacks import AGAIN, database_is_away
from common.models import Job
from segments import tasks
from segments.selectors import builds_open
from segments.services import segment_create
from tests.builders import NOW

GRAZ = {"type": "field", "field": "city", "op": "eq", "value": "Graz"}


def operational(cause: Exception | None) -> OperationalError:
    error = OperationalError("it ended")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (operational(None), True),
        (operational(psycopg.errors.AdminShutdown()), True),
        (operational(psycopg.errors.CannotConnectNow()), True),
        (operational(psycopg.errors.DiskFull()), True),
        (operational(psycopg.errors.DeadlockDetected()), True),
        (operational(psycopg.errors.QueryCanceled()), False),
        (operational(psycopg.errors.StatementTooComplex()), False),
        (DataError("no such thing"), False),
    ],
)
def test_only_what_is_the_databases_fault_is_tried_again(error: Exception, is_away: bool) -> None:
    assert database_is_away(error) == is_away


@pytest.mark.parametrize(
    "name",
    [
        "segments.build",
        "segments.score_settle",
        "segments.rank",
        "contacts.import",
        "flows.act_on_people",
        "flows.backtest",
        "messaging.deliver",
        "messaging.call",
    ],
)
def test_every_job_that_nothing_else_would_begin_again_is_tried_again(name: str) -> None:
    assert app.tasks[name].retry_strategy is AGAIN


@pytest.mark.django_db(transaction=True)
def test_a_build_whose_connection_is_cut_is_not_failed_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    segment = segment_create(key="graz", name="Graz", kind="dynamic", rule=GRAZ, now=NOW)
    job_id = str(builds_open(["graz"])["graz"])
    progress: Callable[..., bool] = jobs.job_progress

    def cut(*args: Any, **named: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return progress(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "job_progress", cut)
        with pytest.raises(OperationalError):
            tasks.build(job_id, segment.id)
    connection.close()
    assert Job.objects.get(id=job_id).status == Job.Status.RUNNING
    tasks.build(job_id, segment.id)
    assert Job.objects.get(id=job_id).status == Job.Status.DONE
