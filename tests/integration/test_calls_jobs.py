"""Calls made by real workers: their jobs, two at a time, one killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app

from common.clock import utcnow
from common.lanes import lane_of
from contacts.models import Contact, Touch
from messaging.calling import AT_ONCE, CLAIM_LASTS, calls_make, calls_recover
from messaging.calls import NewCall, calls_queue
from messaging.models import Call
from tests.builders import NOW
from tests.calls import CALLER, Reply, http_server, make

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_jobs(transactional_db: None) -> None:
    """Begin without jobs: Django does not empty tables it does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def queue_calls(n: int, *urls: str) -> None:
    """Queue so many calls to each address, of contacts made for it."""
    ids = range(100_000, 100_000 + n * len(urls))
    Contact.objects.bulk_create(
        Contact(id=i, lane=lane_of(i), email=f"c{i}@example.org", created_at=NOW) for i in ids
    )
    calls_queue(
        [
            NewCall(lane_of(i), i, "hook", i, 1, "call", "webhook", request(urls[i % len(urls)]))
            for i in ids
        ],
        now=NOW,
    )


def request(url: str) -> dict[str, object]:
    return {"method": "POST", "url": url, "headers": {}, "body": "{}", "timeout": 20.0}


def environment(database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOW_PRIVATE_WEBHOOKS": "1",
        "EMAIL_URL": "",
    }


def work(database_url: str) -> None:
    """Run the product's worker until nothing is left to do."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once"],
        cwd=ROOT,
        env=environment(database_url),
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr


def statuses() -> dict[str, int]:
    found: dict[str, int] = {}
    for status in Call.objects.values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_a_worker_takes_the_job_and_makes_the_calls(database_url: str) -> None:
    with http_server() as server:
        queue_calls(100, server.url)
        work(database_url)
    assert statuses() == {"done": 100}
    assert len(server.heard) == 100
    assert Touch.objects.filter(kind="call").count() == 100


def test_a_sweep_run_by_a_worker_has_later_tries_made(database_url: str) -> None:
    with http_server() as server:
        queue_calls(1, server.url)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        app.configure_task("messaging.sweep").defer(timestamp=0)
        work(database_url)
        work(database_url)
    assert statuses() == {"done": 1}


def test_several_workers_call_each_once() -> None:
    def run() -> None:
        make(NOW)
        connections.close_all()

    with http_server() as one, http_server() as other:
        queue_calls(60, one.url, other.url)
        workers = [threading.Thread(target=run) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)
    assert statuses() == {"done": 120}
    heard = [request.headers["webhook-id"] for request in [*one.heard, *other.heard]]
    assert len(set(heard)) == len(heard) == 120
    assert Touch.objects.filter(kind="call").count() == 120


KILLED = """
import django
django.setup()
from common.clock import utcnow
from messaging.calling import calls_make
from messaging.outgoing import HttpCaller
calls_make(clock=utcnow, caller=HttpCaller(allow_private=True))
"""


def test_a_worker_killed_in_the_middle_is_made_good_under_the_same_key(database_url: str) -> None:
    """SIGKILL between the call and its marking: at least once, and recognisable."""
    held = threading.Event()
    with http_server(lambda heard: Reply(wait=held)) as server:
        queue_calls(3, server.url)
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED], cwd=ROOT, env=environment(database_url)
        )
        deadline = time.monotonic() + 30
        while len(server.heard) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=10)
        held.set()
        assert statuses() == {"calling": 3}
        later = utcnow() + CLAIM_LASTS * 2
        assert calls_recover(now=later)
        calls_make(clock=lambda: later, caller=CALLER)
    assert statuses() == {"done": 3}
    ids = [heard.headers["webhook-id"] for heard in server.heard]
    assert sorted(ids[:3]) == sorted(ids[3:])


def test_many_hosts_are_called_side_by_side() -> None:
    """Of more hosts than one run calls at once, each gets its turn."""
    with http_server() as server:
        urls = [f"http://127.0.0.{i}:{server.port}" for i in range(2, AT_ONCE + 12)]
        queue_calls(2, *[url.replace(url, server.url) for url in urls])
        for i, call in enumerate(Call.objects.order_by("id")):
            Call.objects.filter(id=call.id).update(host=f"host{i % len(urls)}.example")
        make(NOW)
    assert statuses() == {"done": 2 * len(urls)}
