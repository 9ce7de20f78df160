"""The jobs of delivery, run by a real worker: enqueued with the rows they are about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from common.lanes import lane_of
from contacts.models import Contact
from messaging.services import messages_queue
from messaging.tasks import sweep
from tests.builders import NOW
from tests.messaging import build_contacts, build_template, queue, statuses, wanted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_jobs(request: pytest.FixtureRequest) -> None:
    """Begin without jobs: Django does not empty tables it does not manage."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    forget_jobs()


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs"
            " WHERE task_name = 'messaging.deliver' AND status = 'todo'"
        )
        [n] = cursor.fetchone()
    return int(n)


def work(database_url: str) -> None:
    """Run the product's worker until nothing is left to do."""
    environment = {**os.environ, "DATABASE_URL": database_url, "EMAIL_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    ended = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once"],
        cwd=ROOT,
        env=environment,
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_the_job_and_empties_the_outbox(database_url: str) -> None:
    build_template()
    rows = [
        Contact(id=i, lane=lane_of(i), email=f"c{i}@example.org", created_at=NOW)
        for i in range(100_000, 101_200)
    ]
    Contact.objects.bulk_create(rows)
    messages_queue([wanted(row.id) for row in rows], now=NOW)
    assert waiting() == 1
    work(database_url)
    assert statuses() == {"sent": 1200}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_run_by_a_worker_wakes_delivery(database_url: str) -> None:
    build_template()
    queue(build_contacts(1))
    forget_jobs()
    app.configure_task("messaging.sweep").defer(timestamp=0)
    work(database_url)
    work(database_url)
    assert statuses() == {"sent": 1}


@pytest.mark.django_db(transaction=True)
def test_a_pulse_that_is_undone_leaves_neither_messages_nor_a_job() -> None:
    build_template()
    contacts = build_contacts(1)
    with transaction.atomic():
        queue(contacts)
        assert waiting() == 1
        transaction.set_rollback(True)
    assert statuses() == {}
    assert waiting() == 0


@pytest.mark.django_db
def test_the_sweep_wakes_delivery_only_if_something_is_due() -> None:
    sweep(timestamp=0)
    assert waiting() == 0
    build_template()
    queue(build_contacts(1))
    sweep(timestamp=0)
    assert waiting() == 2
