"""Whether steps get slower as contacts grow: the twelve steps, with few and with many.

`BENCH_GROWTH` sets the numbers of contacts (10000,100000).
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from flows.engine.worker import Engine, seldom_collect
from tests.bench.engine.flows import NOW, TWELVE
from tests.bench.engine.spent import spending
from tests.bench.engine.test_transitions import everybody_there

SIZES = [int(size) for size in os.environ.get("BENCH_GROWTH", "10000,100000").split(",")]
MOMENTS = (timedelta(0), timedelta(hours=1), timedelta(days=1, hours=1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("contacts", SIZES)
def test_steps_a_second_as_contacts_grow(contacts: int) -> None:
    everybody_there(contacts)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    seldom_collect()
    with spending() as spent:
        for moment in MOMENTS:
            clock["now"] = NOW + moment
            engine.until_idle()
    steps = contacts * len(TWELVE)
    assert engine.transitions == steps
    print(
        f"\n{contacts:,} contacts: {steps / spent.clock:,.0f} steps a second by the clock,"
        f" {steps / spent.processors:,.0f} by processors"
    )
