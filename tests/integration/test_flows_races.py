"""Several workers on one database, and workers that die: every step exactly once, none lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count, Max
from django.test.utils import CaptureQueriesContext

from accounts.permissions import COMMAND
from common.clock import utcnow
from common.models import Lane
from contacts.intake import accept
from contacts.models import Inbox
from flows.engine import ledger
from flows.engine.worker import Engine
from flows.lives import flow_archive, flow_pause, flow_resume
from flows.models import Step, Visit
from flows.services import contacts_add
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    MAIL,
    Nodes,
    build_contacts,
    build_flow,
    everything_adds_up,
    on,
    totals_of,
)

MINUTE = timedelta(minutes=1)
GRAZ = {"type": "field", "field": "city", "op": "eq", "value": "Graz"}


def walk(wait: str) -> Nodes:
    """Two triggers, and five more nodes with all kinds of writes between two waits."""
    return {
        "in": ("manual", {}),
        "seen": on("Seen"),
        "set": ("update_fields", {"set": {"city": "Graz"}}),
        "wait": ("wait", {"for": wait}),
        "graz": ("condition", {"rule": GRAZ}),
        "mail": MAIL,
        "rest": ("wait", {"for": wait}),
    }


EDGES = [
    "in next set",
    "seen next set",
    "set next wait",
    "wait next graz",
    "graz yes mail",
    "mail next rest",
]


def everybody_walked_once(n: int) -> None:
    """Everybody has been through all six nodes, each once, with one message."""
    assert Visit.objects.count() == n
    assert set(Visit.objects.values_list("state", flat=True)) == {"completed"}
    assert Step.objects.count() == 6 * n
    each = Step.objects.values("visit_id").annotate(n=Count("number"), last=Max("number"))
    assert {(row["n"], row["last"]) for row in each} == {(6, 5)}
    assert Message.objects.count() == n
    assert Message.objects.values("contact_id").distinct().count() == n
    assert totals_of("walk")["completed"] == n
    everything_adds_up()


def in_threads(*works: Callable[[], None]) -> None:
    """Run at once, each on a connection of its own; the first failure is raised here."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def busy() -> bool:
    """Whether there is anything left to do or to wait for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM touch) OR EXISTS (SELECT FROM inbox)"
            " OR EXISTS (SELECT FROM visit WHERE due_at IS NOT NULL)"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_workers_racing_on_the_same_contacts_share_them_without_doubling_any() -> None:
    ids = build_contacts(2000)
    build_flow("walk", walk("PT1M"), EDGES)
    clock = {"now": NOW}
    started = [0]
    together = threading.Barrier(2)

    def work() -> None:
        engine = Engine(clock=lambda: clock["now"])
        together.wait(10)
        idle = 0
        while idle < 20:
            if engine.turn():
                started[0] += 1
                idle = 0
            else:
                idle += 1
                time.sleep(0.005)

    for minute in range(3):
        clock["now"] = NOW + minute * MINUTE
        for start in range(0, len(ids) if minute == 0 else 0, 100):
            contacts_add("walk", ids[start : start + 100], actor=COMMAND, now=NOW)
        together.reset()
        in_threads(work, work)
    everybody_walked_once(2000)
    assert started[0] >= 3


@pytest.mark.django_db(transaction=True)
def test_pausing_resuming_and_archiving_under_load_loses_nobody() -> None:
    ids = build_contacts(400)
    build_flow("walk", walk("PT1S"), EDGES)
    build_flow("other", walk("PT1S"), EDGES)
    over = threading.Event()

    def work() -> None:
        engine = Engine(clock=utcnow)
        while not over.is_set() or busy():
            if not engine.turn():
                time.sleep(0.01)

    def meddle() -> None:
        try:
            for start in range(0, 400, 50):
                some = ids[start : start + 50]
                contacts_add("walk", some, actor=COMMAND, now=utcnow())
                contacts_add("other", some, actor=COMMAND, now=utcnow())
                time.sleep(0.05)
            for _ in range(5):
                flow_pause("walk", actor=COMMAND, now=utcnow())
                time.sleep(0.05)
                flow_resume("walk", actor=COMMAND, now=utcnow())
                time.sleep(0.05)
            flow_archive("other", actor=COMMAND, now=utcnow())
        finally:
            over.set()

    in_threads(work, work, meddle)
    assert totals_of("walk")["entered"] == 400
    everybody = Visit.objects.filter(flow__key="walk")
    assert set(everybody.values_list("state", flat=True)) == {"completed"}
    assert not Visit.objects.filter(flow__key="other", state="inside").exists()
    everything_adds_up()


# ── workers that die ────────────────────────────────────────────────────────────────────────────


def _work() -> None:
    Engine(clock=utcnow).run(lambda: False, rest=0.005)


def _pulse_and_hang(reached: Any) -> None:
    """Stop after visits and steps are written, before the counts."""

    def hang(*_args: Any, **_named: Any) -> None:
        reached.set()
        time.sleep(60)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger.Ledger, "write_counts", hang)
        engine = Engine(clock=lambda: NOW)
        while not reached.is_set():
            engine.turn()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_pulse_leaves_nothing_lost_or_doubled(
    processes: Callable[..., Any],
) -> None:
    ids = build_contacts(300)
    build_flow("walk", walk("PT1M"), EDGES)
    contacts_add("walk", ids, actor=COMMAND, now=NOW)
    reached = multiprocessing.get_context("fork").Event()
    worker = processes(_pulse_and_hang, reached)
    assert reached.wait(60)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    assert not engine.turn(), "all lanes are the other's"
    assert not Visit.objects.exists()
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(10)
    deadline = time.monotonic() + 15
    while not Visit.objects.exists() and time.monotonic() < deadline:
        engine.turn()
    for minute in range(1, 3):
        clock["now"] = NOW + minute * MINUTE
        engine.until_idle()
    everybody_walked_once(300)


@pytest.mark.django_db(transaction=True)
def test_workers_killed_at_random_moments_under_load_do_everything_once(
    processes: Callable[..., Any],
) -> None:
    dice = random.Random(7)
    ids = build_contacts(3000)
    build_flow("walk", walk("PT1S"), EDGES)
    workers = [processes(_work) for _ in range(2)]
    for start in range(0, 3000, 300):
        some = ids[start : start + 300]
        contacts_add("walk", some[:100], actor=COMMAND, now=utcnow())
        messages = [{"type": "track", "event": "Seen", "userId": f"c{one}"} for one in some[100:]]
        accept(None, messages, utcnow())
        time.sleep(dice.uniform(0.05, 0.3))
        if dice.random() < 0.7:
            victim = workers.pop(dice.randrange(2))
            os.kill(victim.pid, signal.SIGKILL)
            victim.join(10)
            workers.append(processes(_work))
    deadline = time.monotonic() + 20
    while busy() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Inbox.objects.exists()
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(10)
    assert Lane.objects.count() == 64
    everybody_walked_once(3000)


# ── sets, not contacts ──────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_pulse_over_a_thousand_contacts_asks_no_more_than_one_over_ten() -> None:
    ids = build_contacts(1010)
    build_flow("walk", walk("PT1M"), EDGES)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    engine.until_idle()

    def statements(some: list[int], minutes: int) -> list[int]:
        start = NOW + timedelta(hours=minutes)
        contacts_add("walk", some, actor=COMMAND, now=start)
        found = []
        for minute in range(3):
            clock["now"] = start + minute * MINUTE
            with CaptureQueriesContext(connection) as asked:
                engine.turn()
            news = sum("pg_notify" in one["sql"] for one in asked)  # held back by the clock
            found.append(len(asked) - news)
            engine.until_idle()
        return found

    few = statements(ids[:10], 1)
    many = statements(ids[10:], 2)
    assert many == few
    assert max(few) < 100
    everybody_walked_once(1010)
