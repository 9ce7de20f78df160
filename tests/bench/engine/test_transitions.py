"""How many steps a second one engine worker takes, and two, beside the same rows by hand-made SQL.

`BENCH_CONTACTS` sets how many contacts (200,000); with `BENCH_PROFILE=1` it prints where Python's
time goes.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from flows.engine.worker import Engine, seldom_collect
from flows.models import Step, Visit
from flows.recount import differences
from messaging.models import Message
from tests.bench.engine.floor import DAY, HOUR, floor
from tests.bench.engine.flows import (
    NOW,
    TWELVE,
    TWELVE_EDGES,
    contacts_made,
    everybody_added,
    flow_made,
    template_made,
)
from tests.bench.engine.spent import spending
from tests.bench.engine.workers import in_processes

CONTACTS = int(os.environ.get("BENCH_CONTACTS", "200000"))
INSTANTS = (NOW, HOUR, DAY)


@pytest.mark.django_db(transaction=True)
def test_steps_a_second_of_one_worker_beside_the_floor() -> None:
    everybody_there(CONTACTS)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    seldom_collect()
    parts = []
    with profiled(), spending() as engine_spent:
        for instant in INSTANTS:
            clock["now"] = instant
            began = time.perf_counter()
            engine.until_idle()
            parts.append(time.perf_counter() - began)
    assert engine.transitions == CONTACTS * len(TWELVE)
    everybody_walked(CONTACTS)
    floor_spent = floor()
    steps = CONTACTS * len(TWELVE)
    print(
        f"\none worker, {CONTACTS:,} contacts through {len(TWELVE)} nodes, by the clock:"
        f" {steps / engine_spent.clock:,.0f} steps a second,"
        f" {floor_spent.clock / engine_spent.clock:.0%} of the floor"
        f" ({steps / floor_spent.clock:,.0f})\n"
        f"  in {', '.join(f'{part:.1f}' for part in parts)} s\n"
        f"  by processors: {steps / engine_spent.processors:,.0f} steps a second,"
        f" {floor_spent.processors / engine_spent.processors:.0%} of the floor"
        f" ({steps / floor_spent.processors:,.0f});"
        f" {engine_spent.python / steps * 1e6:.1f} µs a step in Python,"
        f" {engine_spent.postgres / steps * 1e6:.1f} in PostgreSQL"
        f" (floor {floor_spent.postgres / steps * 1e6:.1f})\n{sizes()}"
    )


@pytest.mark.django_db(transaction=True)
def test_steps_a_second_of_two_workers(database_url: str) -> None:
    everybody_there(CONTACTS)
    seconds, shares = in_processes(2, database_url, INSTANTS)
    everybody_walked(CONTACTS)
    steps = CONTACTS * len(TWELVE)
    print(
        f"\ntwo workers, {CONTACTS:,} contacts: {steps / seconds:,.0f} steps a second;"
        f" they took {' and '.join(f'{share / steps:.0%}' for share in shares)} of them"
    )


def everybody_there(contacts: int) -> None:
    """Contacts, a live flow, and everybody asked to enter it."""
    contacts_made(contacts)
    template_made()
    flow_made("bench", TWELVE, TWELVE_EDGES)
    everybody_added("bench", contacts)


def everybody_walked(contacts: int) -> None:
    """Each took each step once, has two messages and is out; the counters agree."""
    assert Step.objects.count() == contacts * len(TWELVE)
    assert Visit.objects.filter(state="exited").count() == contacts
    assert Message.objects.count() == 2 * contacts
    assert differences() == []


def sizes() -> str:
    """Rows and bytes per visit, indexes included."""
    lines = []
    with connection.cursor() as cursor:
        for table in ("visit", "step", "message"):
            cursor.execute(
                f"SELECT count(*), pg_total_relation_size('{table}'), pg_relation_size('{table}')"
                f" FROM {table}"
            )
            rows, whole, heap = cursor.fetchone()
            lines.append(
                f"  {table}: {rows / CONTACTS:.0f} rows and {whole / CONTACTS:,.0f} bytes per visit"
                f" ({(whole - heap) / CONTACTS:,.0f} of them indexes)"
            )
    return "\n".join(lines)


@contextmanager
def profiled() -> Iterator[None]:
    """Print where Python's time goes and what each statement takes, if that was asked for."""
    if not os.environ.get("BENCH_PROFILE"):
        yield
        return
    statements: Counter[str] = Counter()

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        answer = execute(sql, params, many, context)
        statements[sql[:60].replace("\n", " ")] += int(1e6 * (time.perf_counter() - began))
        return answer

    profile = cProfile.Profile()
    with connection.execute_wrapper(timed):
        profile.enable()
        yield
        profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    for statement, micros in statements.most_common(25):
        print(f"  {micros / 1e6:7.3f} s  {statement}")
