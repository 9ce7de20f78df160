"""Editions published while several workers carry people; workers that die while they move them."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common import jobs
from common.clock import utcnow
from common.models import Job
from flows import rollouts
from flows.engine.worker import Engine
from flows.lives import flow_rollback
from flows.models import Flow, Step, Visit
from flows.services import contacts_add
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    MAIL,
    Nodes,
    build_contacts,
    build_flow,
    everything_adds_up,
    redraw,
)
from tests.integration.test_flows_races import busy, in_threads

pytestmark = pytest.mark.django_db(transaction=True)

FIRST: Nodes = {"in": ("manual", {}), "a": ("wait", {"for": "PT1S"}), "mail": MAIL}
EDGES = ["in next a", "a next mail"]
OTHER: Nodes = {"in": ("manual", {}), "b": ("wait", {"for": "PT1S"}), "mail": MAIL}
OTHER_EDGES = ["in next b", "b next mail"]


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few people are many, so that each edit is a rollout."""
    monkeypatch.setattr(rollouts, "AT_ONCE", 10)
    monkeypatch.setattr(rollouts, "ROWS_PER_STEP", 40)


def test_edits_under_load_move_everybody_and_lose_nobody() -> None:
    ids = build_contacts(400)
    build_flow("walk", FIRST, EDGES)
    over = threading.Event()

    def work() -> None:
        engine = Engine(clock=utcnow)
        while not over.is_set() or busy() or Flow.objects.exclude(moving_to=None).exists():
            if not engine.turn():
                time.sleep(0.01)

    def edit() -> None:
        try:
            for start in range(0, 400, 100):
                contacts_add("walk", ids[start : start + 100], actor=COMMAND, now=utcnow())
                time.sleep(0.2)
                redraw("walk", OTHER, OTHER_EDGES, now=utcnow(), inside="move", moves={"a": "b"})
                time.sleep(0.1)
                flow_rollback("walk", version=1, inside="move", moves={"b": "a"}, actor=COMMAND,
                              now=utcnow())  # fmt: skip
        finally:
            over.set()

    in_threads(work, work, edit)
    assert Visit.objects.count() == 400
    assert set(Visit.objects.values_list("state", flat=True)) == {"completed"}
    assert Message.objects.count() == 400
    assert Message.objects.values("contact_id").distinct().count() == 400
    assert not Job.objects.filter(kind="flow_rollout", status__in=["queued", "running"]).exists()
    everything_adds_up()


def test_a_worker_that_dies_in_the_midst_of_a_move_has_moved_nobody_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = build_contacts(200)
    build_flow("walk", FIRST, EDGES, now=NOW)
    contacts_add("walk", ids, actor=COMMAND, now=NOW)
    engine = Engine(clock=lambda: NOW)
    engine.until_idle()
    redraw("walk", OTHER, OTHER_EDGES, now=NOW, inside="move", moves={"a": "b"})
    done = jobs.job_progress
    calls: list[int] = []

    def dies(*given: Any, **named: Any) -> bool:
        calls.append(1)
        if len(calls) % 2:
            raise KeyboardInterrupt
        return bool(done(*given, **named))

    monkeypatch.setattr("flows.rollouts.jobs.job_progress", dies)
    died = 0
    while True:
        try:
            if not rollouts.rollout_step(now=NOW):
                break
        except KeyboardInterrupt:
            died += 1
            everything_adds_up()
    assert died >= 3
    assert set(Visit.objects.values_list("node", "version__number")) == {("b", 2)}
    assert Step.objects.filter(came_by="moved").count() == 200
    everything_adds_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rollout_lane")
        assert cursor.fetchone()[0] == 0
