"""From an accepted purchase until the contact is out of the cart flow, while the demo runs.

Prints figures and never fails by time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
import pytest

from config import embedded
from tests.bench.processes import described, memory
from tests.served import Door, Json, Program, Served, wait_until

PURCHASES = int(os.environ.get("BENCH_PURCHASES", "200"))
FLOW = "abandon-cart"
LOOK_EVERY = 0.005
INSIDE = """
SELECT count(*) FROM visit
JOIN flow ON flow.id = visit.flow_id
JOIN contact ON contact.lane = visit.lane AND contact.id = visit.contact_id
WHERE flow.key = %s AND visit.state = 'inside' AND contact.external_id LIKE 'bench-%%'
"""
STILL_INSIDE = """
SELECT 1 FROM visit WHERE lane = %(lane)s AND contact_id = %(id)s AND state = 'inside'
AND flow_id = (SELECT id FROM flow WHERE key = %(flow)s)
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Served]:
    """A Millrace with its demo, at the demo's own pace."""
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as folder:
        run = Served(Path(folder) / "var", DEMO="1")
        try:
            run.start()
            yield run
        finally:
            run.end()


def test_purchase_until_out_of_the_cart_flow(demo: Served) -> None:
    write_key = demo.made("create_source", "Bench")
    program = Program(
        demo.url,
        api_key=demo.made("create_api_key", "bench", "--role", "viewer"),
        write_key=write_key,
    )
    with (
        Door(demo.port, write_key) as door,
        psycopg.connect(embedded.database_url(demo.var_dir), autocommit=True) as database,
    ):
        carts = list(range(PURCHASES))
        for first in range(0, PURCHASES, 50):
            door.send([one for number in carts[first : first + 50] for one in cart(number)])
        wait_until(lambda: value(database, INSIDE, [FLOW]) == PURCHASES, seconds=40, every=0.5)
        who = {
            str(name): {"lane": lane, "id": number, "flow": FLOW}
            for name, lane, number in database.execute(
                "SELECT external_id, lane, id FROM contact WHERE external_id LIKE 'bench-%'"
            )
        }
        answers, seconds = [], []
        for number in carts:
            began = time.perf_counter()
            accepted = door.send([purchase(number)])
            answers.append(accepted - began)
            while value(database, STILL_INSIDE, who[f"bench-{number}"]) is not None:
                assert time.perf_counter() - accepted < 60, "they are still in the flow"
                time.sleep(LOOK_EVERY)
            seconds.append(time.perf_counter() - accepted)
    totals = program.get(f"/api/flows/{FLOW}/counts/")["totals"]
    sys.stdout.write(
        f"\n{PURCHASES} purchases with the demo running, one after another:\n"
        f"  answer of the tracking API   {spread(answers)}\n"
        f"  answer until out of the flow {spread(seconds)}\n"
        f"  the flow: {totals}\n{described(memory(demo))}\n"
    )


def cart(number: int) -> list[Json]:
    traits = {"email": f"bench-{number}@example.com", "firstName": "Bench"}
    sku = {"sku": "bench", "name": "Bench", "price": 49, "currency": "EUR"}
    return [
        {"type": "identify", "userId": f"bench-{number}", "traits": traits},
        {"type": "track", "userId": f"bench-{number}", "event": "Product Added", "properties": sku},
    ]


def purchase(number: int) -> Json:
    order = {"order_id": f"bench-{number}", "total": 49, "currency": "EUR"}
    return {
        "type": "track",
        "userId": f"bench-{number}",
        "event": "Order Completed",
        "properties": order,
    }


def value(database: psycopg.Connection[Any], query: str, parameters: Any) -> Any:
    row = database.execute(query, parameters).fetchone()
    return None if row is None else row[0]


def spread(seconds: list[float]) -> str:
    """Return the median and the 95th percentile in words."""
    parts = quantiles(seconds, n=100, method="inclusive")
    return (
        f"p50 {parts[49] * 1000:.0f} ms, p95 {parts[94] * 1000:.0f} ms, "
        f"worst {max(seconds) * 1000:.0f} ms"
    )
