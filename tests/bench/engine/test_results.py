"""How long a flow's pages wait for their answers, when a great many have walked it.

`BENCH_VISITS` sets how many (100,000), of twelve steps and two e-mails each. The floor is one pass
over the same rows: counting the steps by node, and the messages by node and status.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from flows.engine.worker import Engine, seldom_collect
from flows.models import Flow
from flows.results.answers import results_of
from flows.selectors import counts_of
from tests.bench.engine.floor import DAY, HOUR
from tests.bench.engine.flows import (
    NOW,
    TWELVE,
    TWELVE_EDGES,
    contacts_made,
    everybody_added,
    flow_made,
    template_made,
)

VISITS = int(os.environ.get("BENCH_VISITS", "100000"))
TURNS = 3


@pytest.mark.django_db(transaction=True)
def test_answers_about_a_flow_that_many_have_walked() -> None:
    walked()
    flow = Flow.objects.get(key="bench")
    now = DAY + timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE visit, step, message")
    floor = timed(lambda: every_row_once(flow.id))

    def results() -> dict[str, Any]:
        return results_of(
            flow, begins=NOW - timedelta(days=1), ends=now, segment=None, version=None,
            zone="UTC", now=now,
        )  # fmt: skip

    found = results()
    assert found["entered"] == VISITS
    assert [step["reached"] for step in found["funnel"]] == [VISITS] * len(TWELVE)
    took = timed(results)
    print(
        f"\n{VISITS:,} visits, {VISITS * len(TWELVE):,} steps:\n"
        f"  results {took * 1e3:,.0f} ms, {took / floor:.1f} times the floor ({floor * 1e3:,.0f})\n"
        f"  counts  {timed(lambda: counts_of([flow.id])) * 1e3:,.1f} ms"
    )


def walked() -> None:
    """Everybody walks the twelve nodes to their end."""
    contacts_made(VISITS)
    template_made()
    flow_made("bench", TWELVE, TWELVE_EDGES)
    everybody_added("bench", VISITS)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    seldom_collect()
    for instant in (NOW, HOUR, DAY):
        clock["now"] = instant
        engine.until_idle()


def every_row_once(flow: int) -> None:
    """What nobody who counts steps and messages can do without."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT node, count(*) FROM step WHERE flow_id = %s GROUP BY node", [flow])
        cursor.fetchall()
        cursor.execute("SELECT node, status, count(*) FROM message GROUP BY node, status")
        cursor.fetchall()


def timed(ask: Callable[[], object]) -> float:
    """Seconds that it takes, the median of some turns."""
    seconds = []
    for _ in range(TURNS):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
