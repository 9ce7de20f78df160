"""What a second costs in which nothing happens: 100 live flows, many contacts resting in them.

`BENCH_RESTING` sets how many contacts rest (100,000).
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from flows.engine.worker import Engine, seldom_collect
from tests.bench.engine.flows import NOW, contacts_made, flow_made, resting, template_made
from tests.bench.engine.spent import spending

RESTING = int(os.environ.get("BENCH_RESTING", "100000"))
FLOWS = 100
SECONDS = 20
BOUGHT: dict[str, Any] = {"type": "event", "name": "Bought", "window": {"last": "P7D"}}


@pytest.mark.django_db(transaction=True)
def test_a_second_in_which_nothing_happens() -> None:
    contacts_made(RESTING)
    template_made()
    each = RESTING // FLOWS
    for number in range(FLOWS):
        flow_made(
            f"flow-{number}",
            {
                "in": ("event", {"name": f"Event {number}"}),
                "mail": ("send_email", {"template": "hello"}),
                "for": ("wait_for", {"rule": BOUGHT, "timeout": "P30D"}),
            },
            ["in next mail", "mail next for"],
            settings={"goal": {"type": "event", "name": f"Goal {number}"}},
        )
        due = NOW + timedelta(days=20)
        resting(f"flow-{number}", "for", each, due=due, after=number * each)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE visit")
    now = {"now": NOW}
    engine = Engine(clock=lambda: now["now"])
    engine.until_idle()
    seldom_collect()
    with spending() as looked:
        for _ in range(SECONDS):
            now["now"] += timedelta(seconds=1)
            engine.turn()
    with spending() as idle:
        for _ in range(SECONDS):
            engine.turn()
    print(
        f"\n{FLOWS} live flows, {RESTING:,} contacts resting:\n"
        f"  a turn that looks what time has changed (one a second):"
        f" {looked.clock / SECONDS * 1000:.1f} ms by the clock,"
        f" {looked.processors / SECONDS * 1000:.1f} ms of processors\n"
        f"  a turn in between (up to 20 a second):"
        f" {idle.clock / SECONDS * 1000:.1f} ms, {idle.processors / SECONDS * 1000:.1f} ms"
    )
    assert engine.transitions == 0
