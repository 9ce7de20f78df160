"""How long a backtest takes: 90 days, a million events, the draft and the live version beside it.

`BENCH_EVENTS` sets how many events (1,000,000), `BENCH_DAYS` how many days (90), `BENCH_CONTACTS`
how many contacts (100,000). The aim: under a minute.
"""

from __future__ import annotations

import os
import resource
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from common.models import Job
from flows.models import Flow
from flows.trial.backtests import backtest_create, backtest_run
from tests.builders_flows import MAIL, build_flow, build_graph, build_segment, on

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
DAYS = int(os.environ.get("BENCH_DAYS", "90"))
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "100000"))
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
VIP = {
    "type": "event",
    "name": "Order Completed",
    "window": {"last": "P30D"},
    "op": "gte",
    "value": 3,
}
NODES = {
    "cart": on("Product Added"),
    "hour": ("wait", {"for": "PT4H"}),
    "vip": ("condition", {"rule": {"type": "segment", "segment": "vip", "op": "in"}}),
    "remind": MAIL,
    "day": ("wait", {"for": "P1D"}),
    "again": MAIL,
}
EDGES = ["cart next hour", "hour next vip", "vip no remind", "remind next day", "day next again"]
SETTINGS = {
    "reentry": {"type": "after_exit", "gap": "P30D"},
    "exit_when": [{"type": "event", "name": "Order Completed"}],
}


@pytest.mark.django_db(transaction=True)
def test_a_quarter_of_a_year() -> None:
    build_segment("vip", VIP)
    build_flow(nodes=NODES, edges=EDGES, settings=SETTINGS)
    flow = Flow.objects.get(key="cart")
    nodes = {**NODES, "hour": ("wait", {"for": "PT8H"})}
    flow.graph = build_graph(nodes, EDGES)
    flow.save()
    shopping()
    made = backtest_create(flow, days=DAYS, now=NOW)
    assert made.job_id is not None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    backtest_run(made.job_id, made.id, clock=lambda: NOW)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert Job.objects.get(id=made.job_id).status == "done"
    made.refresh_from_db()
    assert made.result is not None
    python = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"\nbacktest of {DAYS} days, {EVENTS:,} events of {CONTACTS:,} contacts, draft and live"
        f" beside each other: {took:.1f} s ({python:.1f} s of processors in Python)"
    )
    for name, figures in sorted(made.figures.items()):
        result = made.result[name]
        parts = ", ".join(f"{part} {spent:.1f}" for part, spent in _parts(figures))
        print(
            f"  {name}: {result['entered']:,} entered, {result['emails']:,} e-mails;"
            f" {figures['slices']:,} slices, {figures['pulsed']:,} pulses; seconds: {parts}"
        )
    print("  " + "\n  ".join(made.notes))


def _parts(figures: dict[str, float]) -> list[tuple[str, float]]:
    order = ("structure", "copying", "indexes", "memberships", "pulses", "counting")
    return [(name, figures[name]) for name in order]


def shopping() -> None:
    """Contacts, and what they did: half of it carts and orders, the rest page views."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, external_id, email, created_at)"
            " SELECT i, i %% 64, 'c' || i, 'c' || i || '@example.org', %(ago)s"
            " FROM generate_series(1000001, 1000000 + %(n)s) i",
            {"n": CONTACTS, "ago": NOW - timedelta(days=2 * DAYS)},
        )
        cursor.execute(
            "INSERT INTO event (lane, contact_id, name, at, properties, touch, received_at)"
            " SELECT c %% 64, c, name, at, '{}', false, at FROM ("
            "   SELECT 1000001 + (hashint8(i) & 2147483647) %% %(contacts)s AS c,"
            "     CASE WHEN i %% 20 < 7 THEN 'Product Added' WHEN i %% 20 < 10"
            "     THEN 'Order Completed' ELSE 'Page Viewed' END AS name,"
            "     %(now)s::timestamptz - %(span)s::interval * (i::float8 / %(n)s) AS at"
            "   FROM generate_series(1, %(n)s) i) x",
            {"n": EVENTS, "contacts": CONTACTS, "now": NOW, "span": f"{DAYS} days"},
        )
        cursor.execute("ANALYZE contact")
        cursor.execute("ANALYZE event")
