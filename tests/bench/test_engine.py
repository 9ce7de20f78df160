"""How fast one engine worker carries contacts, beside the same rows written by hand-made SQL.

Prints figures and never fails by time. `BENCH_CONTACTS` sets how many contacts (200,000).
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from flows.engine.worker import Engine, seldom_collect
from flows.lives import flow_publish
from flows.models import Step, Visit
from flows.recount import differences
from flows.services import flow_create
from messaging.models import Message
from messaging.rendering import Parts
from messaging.services import template_create

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "200000"))

NODES: dict[str, tuple[str, dict[str, Any]]] = {
    "in": ("manual", {}),
    "pro": ("condition", {"rule": {"type": "field", "field": "city", "op": "eq", "value": "Graz"}}),
    "first": ("send_email", {"template": "hello"}),
    "hour": ("wait", {"for": "PT1H"}),
    "again": (
        "condition",
        {"rule": {"type": "event", "name": "Bought", "window": {"since": "entry"}}},
    ),
    "second": ("send_email", {"template": "hello"}),
    "day": ("wait", {"for": "P1D"}),
    "end": ("exit", {"reason": "done"}),
}
EDGES = [
    ("in", "next", "pro"),
    ("pro", "yes", "first"),
    ("pro", "no", "first"),
    ("first", "next", "hour"),
    ("hour", "next", "again"),
    ("again", "yes", "second"),
    ("again", "no", "second"),
    ("second", "next", "day"),
    ("day", "next", "end"),
]


def _contacts_made(n: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, external_id, email, city, created_at)"
            " SELECT i, i %% 64, 'c' || i, 'c' || i || '@example.com',"
            " CASE WHEN i %% 2 = 0 THEN 'Graz' ELSE 'Linz' END, %s"
            " FROM generate_series(1, %s) i",
            [NOW, n],
        )
        cursor.execute("ANALYZE contact")


def _flow_made() -> None:
    template_create(key="hello", name="Hello", now=NOW, parts=Parts(subject="Hi", text="Hi"))
    graph = {
        "nodes": [
            {"id": key, "type": kind, "config": config} for key, (kind, config) in NODES.items()
        ],
        "edges": [
            {"source": source, "branch": branch, "target": target}
            for source, branch, target in EDGES
        ],
    }
    flow_create(key="bench", name="Bench", graph=graph, settings={}, actor=COMMAND, now=NOW)
    flow_publish("bench", actor=COMMAND, now=NOW)


def _everybody_touched(n: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO touch (lane, contact_id, kind, name, detail, at)"
            " SELECT i %% 64, i, 'flow', 'bench', '{\"change\": \"add\"}', %s"
            " FROM generate_series(1, %s) i",
            [NOW, n],
        )


@pytest.mark.django_db(transaction=True)
def test_transitions_per_second_of_one_worker() -> None:
    _contacts_made(CONTACTS)
    _flow_made()
    _everybody_touched(CONTACTS)
    clock = {"now": NOW}
    engine = Engine(clock=lambda: clock["now"])
    seldom_collect()
    seconds = 0.0
    for instant in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1, hours=1)):
        clock["now"] = instant
        began = time.perf_counter()
        engine.until_idle()
        part = time.perf_counter() - began
        print(f"\n  {instant:%d %H:%M}: {part:.1f} s", end="")
        seconds += part
    assert engine.transitions == CONTACTS * len(NODES) == Step.objects.count()
    assert Visit.objects.filter(state="exited").count() == CONTACTS
    assert Message.objects.count() == 2 * CONTACTS
    assert differences() == []
    rate = engine.transitions / seconds
    floor = CONTACTS * len(NODES) / _floor()
    print(
        f"\nengine, {CONTACTS:,} contacts, {len(NODES)} nodes: {rate:,.0f} transitions a second, "
        f"{rate / floor:.0%} of the floor ({floor:,.0f})"
    )
    with connection.cursor() as cursor:
        for table in ("visit", "step", "message"):
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            size = cursor.fetchone()[0]
            print(f"  {table}: {size / CONTACTS:,.0f} bytes per visit")


def _floor() -> float:
    """The same rows by hand-made SQL: visits in, moved twice and ended, steps, messages."""
    tables = ("visit", "step", "message")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"CREATE TABLE final_{table} AS TABLE {table}")
        # The same tables: LIKE takes over indexes and checks, but no foreign keys.
        for table in ("visit", "message"):
            cursor.execute(
                f"ALTER TABLE floor_{table} ADD FOREIGN KEY (lane, contact_id)"
                " REFERENCES contact (lane, id) ON DELETE CASCADE"
            )
        began = time.perf_counter()
        cursor.execute(
            "INSERT INTO floor_visit (id, lane, flow_id, version_id, contact_id, state, node,"
            " arrived_at, due_at, entered_at, entry_at, steps)"
            " SELECT id, lane, flow_id, version_id, contact_id, 'inside', 'hour', entered_at,"
            " entered_at + interval '1 hour', entered_at, entry_at, 4 FROM final_visit"
        )
        cursor.execute("INSERT INTO floor_step SELECT * FROM final_step WHERE number < 4")
        cursor.execute("INSERT INTO floor_message SELECT * FROM final_message WHERE node = 'first'")
        cursor.execute(
            "UPDATE floor_visit SET node = 'day', arrived_at = due_at,"
            " due_at = due_at + interval '1 day', steps = 7 WHERE due_at <= %s",
            [NOW + timedelta(hours=1)],
        )
        cursor.execute(
            "INSERT INTO floor_step SELECT * FROM final_step WHERE number BETWEEN 4 AND 6"
        )
        cursor.execute(
            "INSERT INTO floor_message SELECT * FROM final_message WHERE node = 'second'"
        )
        cursor.execute(
            "UPDATE floor_visit SET state = 'exited', node = 'end', left_at = due_at,"
            " due_at = NULL, arrived_at = due_at, steps = 8, reason = 'done' WHERE due_at <= %s",
            [NOW + timedelta(days=1, hours=1)],
        )
        cursor.execute("INSERT INTO floor_step SELECT * FROM final_step WHERE number > 6")
        seconds = time.perf_counter() - began
        for table in tables:
            cursor.execute(f"DROP TABLE floor_{table}, final_{table}")
    return seconds
