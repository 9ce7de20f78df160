"""Events a second through `/v1/batch`, over HTTP and daphne, until they are in segments.

Prints figures and never fails by time. `BENCH_EVENTS` sets how many events (30,000).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from config import embedded
from tests.bench.processes import described, memory
from tests.bench.test_latency import spread, value
from tests.served import Door, Json, Program, Served, wait_until

EVENTS = int(os.environ.get("BENCH_EVENTS", "30000"))
CONTACTS = 3_000
BATCH = 100
DOORS = 2
LOOK_EVERY = 0.05
CALM_RATE = 400
CALM_SECONDS = 15
RULES: dict[str, Json] = {
    "looked": {"type": "event", "name": "Product Viewed"},
    "keen": {
        "type": "event",
        "name": "Product Viewed",
        "window": {"last": "P7D"},
        "op": "gte",
        "value": 3,
    },
    "cart": {
        "type": "event",
        "name": "Product Added",
        "window": {"last": "P3D"},
        "not_followed_by": {"name": "Order Completed"},
    },
    "spent": {
        "type": "event",
        "name": "Order Completed",
        "measure": {"sum": "total"},
        "op": "gte",
        "value": 100,
    },
    "trial": {"type": "field", "field": "plan", "op": "eq", "value": "trial"},
    "marked": {"type": "event", "name": "Marked"},
}
"""Several live segments; everybody in `marked` is there to be seen arriving."""
WAITING = "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM touch)"
ARRIVED = """
SELECT contact.external_id FROM membership
JOIN segment ON segment.id = membership.segment_id AND segment.key = 'marked'
JOIN contact ON contact.lane = membership.lane AND contact.id = membership.contact_id
WHERE contact.external_id LIKE %s
"""


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


@dataclass
class Arrivals:
    """Watches the segment `marked`, and notes when each mark is seen in it."""

    url: str
    prefix: str
    seen: dict[str, float] = field(default_factory=dict)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as database:
            while not self._done.wait(LOOK_EVERY):
                rows = database.execute(ARRIVED, [f"{self.prefix}-mark-%"]).fetchall()
                now = time.perf_counter()
                for (name,) in rows:
                    self.seen.setdefault(name, now)


def test_events_a_second_until_in_segments(served: Served) -> None:
    write_key = served.made("create_source", "Bench")
    program = Program(
        served.url,
        api_key=served.made("create_api_key", "bench", "--role", "admin"),
        write_key=write_key,
    )
    live_segments(program)
    url = embedded.database_url(served.var_dir)
    with psycopg.connect(url, autocommit=True) as database:
        with Arrivals(url, "full") as arrivals:
            bodies = made("full", EVENTS)
            began = time.perf_counter()
            accepted = sent(served, write_key, bodies)
            all_accepted = max(accepted.values())
            idle(database)
            done = time.perf_counter()
            wait_until(lambda: len(arrivals.seen) == len(accepted), seconds=30)
        full = [arrivals.seen[name] - at for name, at in accepted.items()]
        busy = described(memory(served))
        calm = calmly(served, write_key, url)
        members = database.execute(
            "SELECT segment.key, count(*) FROM membership JOIN segment"
            " ON segment.id = membership.segment_id GROUP BY 1 ORDER BY 1"
        ).fetchall()
    sys.stdout.write(
        f"\n{EVENTS:,} messages, {DOORS} connections, batches of {BATCH}, {len(RULES)} segments:\n"
        f"  accepted            {EVENTS / (all_accepted - began):,.0f} a second\n"
        f"  until in segments   {EVENTS / (done - began):,.0f} a second\n"
        f"  answer until in a segment, at full load          {spread(full)}\n"
        f"  answer until in a segment, at {CALM_RATE} messages a second {spread(calm)}\n"
        f"  members {dict(members)}\n{busy}\n"
    )


def live_segments(program: Program) -> None:
    # A rule may ask for a field once somebody has it.
    program.batch([{"type": "identify", "userId": "bench-0", "traits": {"plan": "trial"}}])
    wait_until(lambda: program.get("/api/contacts/?external_id=bench-0")["results"], seconds=30)
    for key, rule in RULES.items():
        program.post("/api/segments/", {"key": key, "name": key, "kind": "dynamic", "rule": rule})
    wait_until(
        lambda: all(
            segment["status"] == "ready" for segment in program.get("/api/segments/")["results"]
        ),
        seconds=60,
    )


def calmly(served: Served, write_key: str, url: str) -> list[float]:
    """Send at a steady pace that leaves room; returns the lags."""
    accepted = {}
    with Arrivals(url, "calm") as arrivals, Door(served.port, write_key) as door:
        began = time.perf_counter()
        for number, (name, body) in enumerate(made("calm", CALM_RATE * CALM_SECONDS)):
            time.sleep(max(0.0, began + number * BATCH / CALM_RATE - time.perf_counter()))
            accepted[name] = door.send_body(body)
        wait_until(lambda: len(arrivals.seen) == len(accepted), seconds=60)
    return [arrivals.seen[name] - at for name, at in accepted.items()]


def sent(served: Served, write_key: str, bodies: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Send all as fast as it goes; returns when each batch was accepted, by its mark."""
    accepted: dict[str, float] = {}

    def send(share: Sequence[tuple[str, str]]) -> None:
        with Door(served.port, write_key) as door:
            for name, body in share:
                accepted[name] = door.send_body(body)

    threads = [threading.Thread(target=send, args=[bodies[at::DOORS]]) for at in range(DOORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == len(bodies)
    return accepted


def idle(database: psycopg.Connection[Any]) -> None:
    """Wait until the engine has taken in everything and has seen to everybody."""
    wait_until(lambda: value(database, WAITING, None) == 0, seconds=300, every=LOOK_EVERY)


def made(prefix: str, n: int) -> list[tuple[str, str]]:
    """A shop's traffic in batches, each with one mark: somebody new who is seen arriving."""
    found = []
    for first in range(0, n, BATCH):
        mark = f"{prefix}-mark-{first}"
        messages = [message(prefix, number) for number in range(first, first + BATCH - 1)]
        messages.append({"type": "track", "userId": mark, "event": "Marked"})
        found.append((mark, json.dumps({"batch": messages})))
    return found


def message(prefix: str, number: int) -> Json:
    contact = f"bench-{number * 7919 % CONTACTS}"
    if number % 10 == 9:
        traits = {"email": f"{contact}@example.com", "plan": "trial" if number % 3 else "paid"}
        return {"type": "identify", "userId": contact, "traits": traits}
    name = ("Product Viewed", "Product Viewed", "Product Added", "Order Completed")[number % 4]
    return {
        "type": "track",
        "userId": contact,
        "messageId": f"{prefix}-{number}",
        "event": name,
        "properties": {"sku": f"s-{number % 97}", "total": number % 60, "currency": "EUR"},
    }
