"""From an accepted event until the contact's step is taken, at a steady pace, with real processes.

`BENCH_PACE` sets how many events a second (500), `BENCH_SECONDS` for how long (10).
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
import pytest

from config import embedded
from tests.bench.processes import described, memory
from tests.served import Door, Program, Served, wait_until

PACE = int(os.environ.get("BENCH_PACE", "500"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
BATCH = 10
LOOK_EVERY = 0.005
TAKEN = """
SELECT c.external_id FROM visit v JOIN contact c ON c.lane = v.lane AND c.id = v.contact_id
WHERE v.id > %(seen)s AND v.node = 'day'
"""
GRAPH = {
    "nodes": [
        {"id": "in", "type": "event", "config": {"name": "Signed Up"}},
        {"id": "set", "type": "update_fields", "config": {"set": {"stage": "begun"}}},
        {"id": "day", "type": "wait", "config": {"for": "P1D"}},
    ],
    "edges": [
        {"source": "in", "branch": "next", "target": "set"},
        {"source": "set", "branch": "next", "target": "day"},
    ],
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A Millrace without demo."""
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as folder:
        run = Served(Path(folder) / "var")
        try:
            run.start()
            yield run
        finally:
            run.end()


def test_accepted_until_the_step_is_taken(served: Served) -> None:
    write_key = served.made("create_source", "Bench")
    program = Program(
        served.url,
        api_key=served.made("create_api_key", "bench", "--role", "admin"),
        write_key=write_key,
    )
    program.post("/api/flows/", {"key": "bench", "name": "Bench", "graph": GRAPH, "settings": {}})
    program.post("/api/flows/bench/publish/", {"inside": "stay"})
    accepted: dict[str, float] = {}
    taken: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        url = embedded.database_url(served.var_dir)
        with psycopg.connect(url, autocommit=True) as database:
            while not over.wait(LOOK_EVERY):
                _note(database, taken)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        with Door(served.port, write_key) as door:
            began = time.perf_counter()
            for first in range(0, PACE * SECONDS, BATCH):
                time.sleep(max(0.0, began + first / PACE - time.perf_counter()))
                names = [f"u{number}" for number in range(first, first + BATCH)]
                batch = [{"type": "track", "userId": name, "event": "Signed Up"} for name in names]
                at = door.send_body(json.dumps({"batch": batch}))
                accepted.update(dict.fromkeys(names, at))
        wait_until(lambda: len(taken) == len(accepted), seconds=60)
    finally:
        over.set()
        watching.join()
    lags = [taken[name] - at for name, at in accepted.items()]
    parts = quantiles(lags, n=100, method="inclusive")
    print(
        f"\n{PACE} events a second for {SECONDS} s, accepted until the step is taken:"
        f" p50 {parts[49] * 1000:.0f} ms, p95 {parts[94] * 1000:.0f} ms,"
        f" p99 {parts[98] * 1000:.0f} ms, worst {max(lags) * 1000:.0f} ms\n"
        f"{described(memory(served))}"
    )


def _note(database: psycopg.Connection[Any], taken: dict[str, float]) -> None:
    seen = max(0, len(taken) - 5 * PACE)  # ids ascend with arrival, but for a little
    rows = database.execute(TAKEN, {"seen": seen}).fetchall()
    now = time.perf_counter()
    for (name,) in rows:
        taken.setdefault(name, now)
