"""Long work as a person sees it: states, progress, cancelling."""

from datetime import timedelta
from uuid import uuid4

import pytest

from common.errors import Conflict, NotFound
from common.jobs import (
    job_cancel,
    job_create,
    job_fail,
    job_finish,
    job_progress,
    job_start,
    job_state,
    jobs_open,
)
from common.models import Job, Lane, Workspace
from tests.builders import NOW, build_job

pytestmark = pytest.mark.django_db


def test_a_job_runs_to_its_end() -> None:
    job = job_create("import", title="Import people.csv", total=10, now=NOW)
    assert job_start(job.id, now=NOW)
    assert job_progress(job.id, done=4)
    job_finish(job.id, now=NOW + timedelta(minutes=1), detail={"rows": 10})

    job.refresh_from_db()
    assert job_state(job) | {"id": "…"} == {
        "id": "…",
        "kind": "import",
        "title": "Import people.csv",
        "status": "done",
        "done": 4,
        "total": 10,
        "detail": {"rows": 10},
        "error": "",
        "cancel_requested": False,
        "created_at": "2026-05-01T12:00:00.000000Z",
        "started_at": "2026-05-01T12:00:00.000000Z",
        "finished_at": "2026-05-01T12:01:00.000000Z",
    }


def test_a_job_whose_worker_died_is_taken_up_again_and_keeps_its_start() -> None:
    job = build_job()
    assert job_start(job.id, now=NOW)
    assert job_start(job.id, now=NOW + timedelta(hours=1))
    job.refresh_from_db()
    assert job.started_at == NOW


def test_a_queued_job_is_cancelled_at_once_and_never_starts() -> None:
    job = build_job()
    assert job_cancel(job.id, now=NOW).status == Job.Status.CANCELLED
    assert not job_start(job.id, now=NOW)


def test_a_running_job_learns_of_its_cancelling_and_ends_as_cancelled() -> None:
    job = build_job(status=Job.Status.RUNNING)
    assert job_cancel(job.id, now=NOW).status == Job.Status.RUNNING
    assert not job_progress(job.id, done=5)
    job_finish(job.id, now=NOW)
    job.refresh_from_db()
    assert job.status == Job.Status.CANCELLED
    assert job.is_over


def test_a_failed_job_says_why_and_is_not_open() -> None:
    job = build_job()
    assert jobs_open() == 1
    job_fail(job.id, error="Line 7 has no e-mail address.", now=NOW)
    job.refresh_from_db()
    assert (job.status, job.error) == ("failed", "Line 7 has no e-mail address.")
    assert jobs_open() == 0


def test_cancelling_what_is_over_or_unknown_is_refused() -> None:
    with pytest.raises(Conflict, match="already done"):
        job_cancel(build_job(status=Job.Status.DONE).id, now=NOW)
    with pytest.raises(NotFound):
        job_cancel(uuid4(), now=NOW)


def test_the_migrations_made_the_lanes_and_the_workspace() -> None:
    assert sorted(Lane.objects.values_list("lane", flat=True)) == list(range(64))
    assert Workspace.objects.get().timezone == "UTC"


@pytest.mark.django_db(transaction=True)
class TestStandingRows:
    """The rows of the migrations outlive a test that empties the tables."""

    def test_first(self) -> None:
        assert Lane.objects.count() == 64

    def test_second(self) -> None:
        assert Lane.objects.count() == 64
