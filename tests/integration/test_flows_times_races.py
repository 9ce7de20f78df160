"""One-off sends and dates while workers die: everybody once, nobody twice, nobody left out."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from common.clock import canonical, utcnow
from contacts.models import Contact, Field
from flows.engine import times
from flows.engine.worker import Engine
from flows.models import Appointment, FlowTimerLane, Gathered, Visit
from messaging.models import Message
from tests.builders_flows import (
    MAIL,
    Nodes,
    build_contacts,
    build_flow,
    build_segment,
    everything_adds_up,
)

pytestmark = pytest.mark.django_db(transaction=True)

N = 3000
TWINS = 600
"""So many of them share an address with one other."""


def _work() -> None:
    """A worker that takes small pieces, so that there is much to die between."""
    times.PIECE, times.ENTRIES = 256, 128
    Engine(clock=utcnow, look=timedelta(milliseconds=20)).run(lambda: False, rest=0.005)


def _killed_at_random(processes: Callable[..., Any], finished: Callable[[], bool]) -> None:
    """Two workers, one of them killed every now and then, until all is done."""
    dice = random.Random(11)
    workers = [processes(_work) for _ in range(2)]
    deadline = time.monotonic() + 60
    kills = 0
    while not finished() and time.monotonic() < deadline:
        time.sleep(dice.uniform(0.1, 0.5))
        if kills < 12:
            victim = workers.pop(dice.randrange(2))
            os.kill(victim.pid, signal.SIGKILL)
            victim.join(10)
            workers.append(processes(_work))
            kills += 1
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(10)
    assert finished()


def test_a_one_off_send_reaches_every_person_once_whatever_dies(
    processes: Callable[..., Any],
) -> None:
    ids = build_contacts(N)
    build_segment("news", None, kind="static")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contact SET email = 'twin' || (id %% %(half)s) || '@example.org'"
            " WHERE id = ANY(%(some)s)",
            {"half": TWINS // 2, "some": ids[:TWINS]},
        )
        cursor.execute(
            "INSERT INTO membership (lane, segment_id, contact_id, since, by_hand)"
            " SELECT c.lane, s.id, c.id, %s, true FROM contact c, segment s",
            [utcnow()],
        )
    nodes: Nodes = {"all": ("once", {"segments": ["news"]}), "mail": MAIL}
    build_flow(nodes=nodes, edges=["all next mail"], now=utcnow())
    persons = N - TWINS // 2

    def finished() -> bool:
        phases = set(FlowTimerLane.objects.values_list("phase", flat=True))
        return phases == {"done"} and not Appointment.objects.exists()

    _killed_at_random(processes, finished)
    assert Visit.objects.count() == persons
    reached = set(Visit.objects.values_list("contact_id", flat=True))
    assert len(set(Contact.objects.filter(id__in=reached).values_list("email", flat=True))) == (
        persons
    )
    assert Message.objects.count() == persons
    assert not Gathered.objects.exists()
    everything_adds_up()


def test_dates_come_once_each_whatever_dies(processes: Callable[..., Any]) -> None:
    now = utcnow()
    Field.objects.create(key="ends", name="Ends", type="datetime", created_at=now, builtin=False)
    build_contacts(N)
    Contact.objects.update(fields={"ends": canonical(now + timedelta(seconds=4))})
    nodes: Nodes = {"comes": ("date", {"field": "ends"}), "mail": MAIL}
    again = {"reentry": {"type": "after_exit"}}
    build_flow(nodes=nodes, edges=["comes next mail"], settings=again, now=now)

    def finished() -> bool:
        return Appointment.objects.filter(done_at__isnull=False).count() == N

    _killed_at_random(processes, finished)
    assert Visit.objects.count() == N
    assert Visit.objects.values("contact_id").distinct().count() == N
    assert not Appointment.objects.filter(at__isnull=False).exists()
    everything_adds_up()
