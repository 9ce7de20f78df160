"""Events through `/v1/batch` into 100 live segments, over HTTP, daphne and the engine.

Prints how many a second are accepted and until they are in segments; the lag from accepted to in a
segment at a steady pace; and the same while a large segment is built, and while contacts are
imported. Each for traffic as shops have it, where one contact in twenty is active and comes again
and again, and for the worst there is, where every event is somebody else's and makes them join
several segments. `BENCH_CONTACTS` is how many contacts there are (its last size), `BENCH_PACE` the
steady pace (5000), `BENCH_SECONDS` how long it is kept (20), `BENCH_ROWS` how many contacts are
imported beside it (200,000).
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from config import embedded
from tests.bench.processes import described, memory
from tests.bench.segments.importing import Importing
from tests.bench.segments.population import NAMES, populate, windowed
from tests.bench.test_latency import spread
from tests.bench.test_throughput import BATCH, Arrivals, idle, sent
from tests.served import Door, Program, Served, wait_until

CONTACTS = int(os.environ.get("BENCH_CONTACTS", "1000000").split(",")[-1])
EVENTS = int(os.environ.get("BENCH_EVENTS", "60000"))
PACE = int(os.environ.get("BENCH_PACE", "5000"))
CALM_PACE = 400
SECONDS = int(os.environ.get("BENCH_SECONDS", "20"))
ROWS = int(os.environ.get("BENCH_ROWS", "200000"))
DOORS = 2


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


def test_events_into_a_hundred_segments(served: Served) -> None:
    write_key = served.made("create_source", "Bench")
    program = Program(
        served.url,
        api_key=served.made("create_api_key", "bench", "--role", "admin"),
        write_key=write_key,
    )
    url = embedded.database_url(served.var_dir)
    with psycopg.connect(url, autocommit=True) as database:
        with database.cursor() as cursor:
            populate(cursor, contacts=CONTACTS, now=datetime.now(UTC))
        segments(program)
        database.execute("ANALYZE membership")
        say(
            f"\n(d) {CONTACTS:,} contacts, 102 live segments, {DOORS} connections,"
            f" batches of {BATCH}"
        )
        for words, active in (("one in twenty is active", CONTACTS // 20), ("all", CONTACTS)):
            say(f"  traffic: {words}")
            whole(served, write_key, url, database, active)
            for pace in (CALM_PACE, PACE):
                rate, lags = paced(served, write_key, url, pace, active=active)
                say(f"  at {pace:,} a second (kept {rate:,.0f}): lag {spread(lags)}")
                idle(database)
        with Rebuilding(program) as rebuilding:
            rate, lags = paced(served, write_key, url, CALM_PACE)
        say(
            f"  at {CALM_PACE} a second while a segment of a third of all contacts was rebuilt"
            f" {rebuilding.times} times: lag {spread(lags)}"
        )
        idle(database)
        with Importing(program, ROWS) as importing:
            rate, lags = paced(served, write_key, url, CALM_PACE)
            rows = importing.rows_in()
        say(
            f"  at {CALM_PACE} a second while {rows:,} of {ROWS:,} new contacts were imported (all"
            f" in {importing.seconds:,.0f} s): lag {spread(lags)}"
        )
        say(described(memory(served)))


def whole(
    served: Served,
    write_key: str,
    url: str,
    database: psycopg.Connection[Any],
    active: int,
) -> None:
    """Send as fast as it goes, and say how fast that was."""
    prefix = f"full{active}"
    bodies = made(prefix, EVENTS, active)
    with Arrivals(url, prefix) as arrivals:
        began = time.perf_counter()
        accepted = sent(served, write_key, bodies)
        all_accepted = max(accepted.values())
        idle(database)
        done = time.perf_counter()
        wait_until(lambda: len(arrivals.seen) == len(accepted), seconds=60)
    lags = [arrivals.seen[name] - at for name, at in accepted.items()]
    say(
        f"  {EVENTS:,} at once: accepted {EVENTS / (all_accepted - began):,.0f} a second,"
        f" until in segments {EVENTS / (done - began):,.0f} a second; lag {spread(lags)}"
    )


def segments(program: Program) -> None:
    rules = {f"windowed-{number}": rule for number, rule in enumerate(windowed())}
    rules["marked"] = {"type": "event", "name": "Marked"}
    rules["trial"] = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}
    for key, rule in rules.items():
        program.post("/api/segments/", {"key": key, "name": key, "kind": "dynamic", "rule": rule})
    wait_until(
        lambda: all(
            segment["status"] == "ready"
            for segment in program.get("/api/segments/?limit=200")["results"]
        ),
        seconds=1200,
        every=1,
    )


class Rebuilding:
    """Rebuilds the largest segment again and again, one build after the other."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.times = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End after the build that is under way."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.is_set():
            job = self.program.post("/api/segments/trial/rebuild/", {})["job"]
            wait_until(partial(self._is_done, job), seconds=300, every=0.2)
            self.times += 1

    def _is_done(self, job: str) -> bool:
        return bool(self.program.get(f"/api/jobs/{job}/")["status"] == "done")


def paced(
    served: Served, write_key: str, url: str, pace: int, *, active: int = CONTACTS
) -> tuple[float, list[float]]:
    """Send at a steady pace; returns the pace that was kept, and the lags."""
    prefix = f"pace{pace}-{time.time_ns()}"
    bodies = made(prefix, pace * SECONDS, active)
    accepted: dict[str, float] = {}

    def send(share: Sequence[tuple[int, tuple[str, str]]], began: float) -> None:
        with Door(served.port, write_key) as door:
            for number, (name, body) in share:
                time.sleep(max(0.0, began + number * BATCH / pace - time.perf_counter()))
                accepted[name] = door.send_body(body)

    with Arrivals(url, prefix) as arrivals:
        began = time.perf_counter()
        numbered = list(enumerate(bodies))
        threads = [
            threading.Thread(target=send, args=[numbered[at::DOORS], began]) for at in range(DOORS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(bodies) * BATCH / (max(accepted.values()) - began)
        wait_until(lambda: len(arrivals.seen) == len(accepted), seconds=120)
    return rate, [arrivals.seen[name] - at for name, at in accepted.items()]


def made(prefix: str, n: int, active: int) -> list[tuple[str, str]]:
    """Traffic of contacts that are there, in batches, each with a mark: somebody to see arrive."""
    chance = random.Random(prefix)
    found = []
    for first in range(0, n, BATCH):
        mark = f"{prefix}-mark-{first}"
        messages = [
            {
                "type": "track",
                "userId": f"u{chance.randint(1, active)}",
                "messageId": f"{prefix}-{number}",
                "event": chance.choice(NAMES),
                "properties": {"sku": f"s-{number % 97}", "total": number % 60},
            }
            for number in range(first, first + BATCH - 1)
        ]
        messages.append({"type": "track", "userId": mark, "event": "Marked"})
        found.append((mark, json.dumps({"batch": messages})))
    return found


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
