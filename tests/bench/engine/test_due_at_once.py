"""Many waits fall due at once while new events arrive: how long the new ones wait.

`BENCH_DUE` sets how many waits (100,000).
"""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime, timedelta
from typing import Self

import pytest
from django.db import connection, connections

from contacts.intake import accept
from flows.engine.worker import Engine, seldom_collect
from flows.models import Flow, Visit
from tests.bench.engine.flows import (
    NOW,
    TWELVE,
    TWELVE_EDGES,
    contacts_made,
    flow_made,
    resting,
    template_made,
)
from tests.bench.test_latency import spread

DUE = int(os.environ.get("BENCH_DUE", "100000"))
EVERY = 0.05
MORE_SECONDS = 2.0
ARRIVED = """
SELECT c.external_id FROM visit v JOIN contact c ON c.lane = v.lane AND c.id = v.contact_id
WHERE v.flow_id = %s AND c.id > %s
"""


class Newcomers:
    """Has somebody new do something every so often, and knows when that was accepted."""

    def __init__(self) -> None:
        self.accepted: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._come)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _come(self) -> None:
        while not self._done.wait(EVERY):
            name = f"new-{len(self.accepted)}"
            accept(None, [{"type": "track", "userId": name, "event": "Signed Up"}], NOW)
            self.accepted[name] = time.perf_counter()
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_the_lag_of_new_events_while_many_waits_are_over() -> None:
    contacts_made(DUE)
    template_made()
    flow_made("bench", TWELVE, TWELVE_EDGES)
    flow_made(
        "welcome",
        {"in": ("event", {"name": "Signed Up"}), "day": ("wait", {"for": "P1D"})},
        ["in next day"],
    )
    resting("bench", "hour", DUE, due=NOW, arrived=NOW - timedelta(hours=1))
    welcome = Flow.objects.get(key="welcome").id
    began = time.perf_counter()
    arrived: dict[str, float] = {}

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.perf_counter() - began)

    engine = Engine(clock=clock)
    seldom_collect()
    turns: list[float] = []
    finished = 0.0
    with Newcomers() as newcomers, connection.cursor() as cursor:
        while not finished or time.perf_counter() - finished < MORE_SECONDS:
            turn = time.perf_counter()
            engine.turn()
            turns.append(time.perf_counter() - turn)
            cursor.execute(ARRIVED, [welcome, DUE])
            for (name,) in cursor.fetchall():
                arrived.setdefault(name, time.perf_counter())
            if not finished and not Visit.objects.filter(due_at__lte=NOW).exists():
                finished = time.perf_counter()
    meanwhile: list[float] = []
    after: list[float] = []
    for name, at in newcomers.accepted.items():
        if name in arrived:
            (meanwhile if at < finished else after).append(arrived[name] - at)
    print(
        f"\n{DUE:,} waits over at once: gone on after {finished - began:.1f} s,"
        f" {engine.transitions / (finished - began):,.0f} steps a second;"
        f" the longest turn {max(turns):.2f} s\n"
        f"  {len(meanwhile)} new ones meanwhile, accepted until in a flow: {spread(meanwhile)}\n"
        f"  {len(after)} new ones afterwards:                         {spread(after)}"
    )
