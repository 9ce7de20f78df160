"""How fast segments are: builds beside hand-written SQL, refresh by touch, an idle tick.

`BENCH_CONTACTS` says how many contacts there are (100,000), with ten events each.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from common.lanes import LANES, lane_of
from segments.catalogue import catalogue
from segments.refresh import Touched, lanes_refresh, refresh, refresh_time
from segments.selectors import rule_preview, sizes_recounted
from segments.services import segment_create

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "100000"))
EVENTS = ("Page Viewed", "Product Added", "Checkout Started", "Order Completed", "Login")

RULES: dict[str, Any] = {
    "by field": {"type": "field", "field": "plan", "op": "eq", "value": "trial"},
    "bought lately": {"type": "event", "name": "Order Completed", "window": {"last": "P7D"}},
    "often": {"type": "event", "name": "Login", "op": "gte", "value": 3},
    "abandoned": {
        "type": "event",
        "name": "Product Added",
        "window": {"last": "P3D", "older_than": "PT1H"},
        "not_followed_by": {"name": "Order Completed"},
    },
    "all of it": {
        "type": "all",
        "rules": [
            {"type": "reachable", "channel": "email"},
            {"type": "event", "name": "Order Completed", "op": "eq", "value": 0},
            {"type": "field", "field": "score", "op": "gte", "value": 50},
        ],
    },
}
BY_HAND = {
    "by field": "SELECT c.id FROM contact c WHERE lower(c.fields->>'plan') = 'trial'",
    "bought lately": "SELECT DISTINCT contact_id FROM event WHERE name = 'Order Completed'"
    " AND at > %(now)s - interval '7 days' AND at <= %(now)s",
    "often": "SELECT contact_id FROM event WHERE name = 'Login' AND at <= %(now)s"
    " GROUP BY contact_id HAVING count(*) >= 3",
    "abandoned": "SELECT DISTINCT a.contact_id FROM event a WHERE a.name = 'Product Added'"
    " AND a.at > %(now)s - interval '3 days' AND a.at <= %(now)s - interval '1 hour'"
    " AND NOT EXISTS (SELECT FROM event b WHERE b.contact_id = a.contact_id AND b.lane = a.lane"
    " AND b.name = 'Order Completed' AND b.at > a.at AND b.at <= %(now)s)",
    "all of it": "SELECT c.id FROM contact c WHERE c.email IS NOT NULL AND c.score >= 50"
    " AND c.unsubscribed_at IS NULL AND c.complained_at IS NULL AND c.hard_bounced_at IS NULL"
    " AND c.soft_bounces < 4 AND NOT EXISTS (SELECT FROM event e WHERE e.lane = c.lane"
    " AND e.contact_id = c.id AND e.name = 'Order Completed' AND e.at <= %(now)s)",
}


def populate() -> None:
    """Make contacts and events inside the database."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO field (key, name, type, created_at)"
                       " VALUES ('plan', 'Plan', 'string', %s)", [NOW])  # fmt: skip
        cursor.execute(
            "INSERT INTO contact (id, lane, email, score, created_at, fields)"
            " SELECT n, n %% 64, 'c' || n || '@example.org', n %% 100,"
            " %(now)s::timestamptz - make_interval(hours => n %% 2000),"
            " jsonb_build_object('plan', (ARRAY['trial', 'pro', 'free'])[n %% 3 + 1])"
            " FROM generate_series(1, %(n)s) n",
            {"now": NOW, "n": CONTACTS},
        )
        cursor.execute(
            "INSERT INTO event (lane, contact_id, name, at, received_at, properties)"
            " SELECT n %% 64, n, (%(names)s::text[])[h %% 5 + 1], m.at, m.at,"
            " jsonb_build_object('total', h %% 200)"
            " FROM generate_series(1, %(n)s) n, generate_series(1, 10) k,"
            " LATERAL (SELECT abs(hashint8(n * 10 + k)) h) x,"
            " LATERAL (SELECT %(now)s::timestamptz - make_interval(mins => h %% 86400) AS at) m",
            {"now": NOW, "n": CONTACTS, "names": list(EVENTS)},
        )
        cursor.execute("ANALYZE contact; ANALYZE event")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def explain(statement: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", params)
        say("\n".join(row[0] for row in cursor.fetchall()))


def test_segments_at_size() -> None:
    populate()
    say(f"\n{CONTACTS:,} contacts, {CONTACTS * 10:,} events")
    book = None
    for name, rule in RULES.items():
        segment = segment_create(name=name, kind="dynamic", rule=rule, now=NOW)
        book = catalogue()
        live = book.segments[segment.id]

        def build(live: Any = live, book: Any = book) -> None:
            for first in range(0, LANES, 4):
                lanes_refresh(
                    book, live, lanes=range(first, first + 4), cause="built", now=NOW, touching=True
                )

        with connection.cursor() as cursor:
            by_hand = seconds(partial(cursor.execute, BY_HAND[name], {"now": NOW}))
            expected = cursor.rowcount
            asked = (
                f"SELECT c.id FROM contact c WHERE {live.compiled.text}",
                live.compiled.bind(NOW, "UTC"),
            )
            compiled = seconds(partial(cursor.execute, *asked))
            assert cursor.rowcount == expected
        built = seconds(build)
        say(
            f"{name:>14}: {expected:>8,} members; by hand {by_hand:6.3f} s, rule {compiled:6.3f} s"
            f" ({compiled / by_hand:.2f}), build with history and touches {built:6.3f} s"
        )
        if os.environ.get("BENCH_PLANS"):
            explain(*asked)
    for number in range(90):
        rule = {"type": "event", "name": f"Other {number}", "window": {"last": "P7D"}}
        segment_create(name=f"other {number}", kind="dynamic", rule=rule, now=NOW)
    for number in range(5):
        rule = {**RULES["bought lately"], "window": {"last": f"P{number + 10}D"}}
        segment_create(name=f"buyers {number}", kind="dynamic", rule=rule, now=NOW)
    refresh_time(now=NOW, lanes=range(LANES))

    ids = [n * (CONTACTS // 1000) + 1 for n in range(1000)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE membership; ANALYZE segment")
    touches = [Touched(lane_of(one), one, "event:Order Completed") for one in ids]
    took = []
    for minute in range(7):
        with transaction.atomic():
            at = NOW + timedelta(minutes=minute)
            took.append(seconds(partial(refresh, touches, now=at)))
    say(
        f"1,000 touched contacts, 100 segments of which 8 mention it:"
        f" first {took[0] * 1000:.0f} ms, then median {statistics.median(took[1:]) * 1000:.0f} ms"
    )
    tick = seconds(lambda: refresh_time(now=NOW + timedelta(minutes=8), lanes=range(LANES)))
    say(f"a tick in full over all lanes, 97 windowed segments: {tick:.2f} s")
    for name in ("abandoned", "all of it"):
        seen = rule_preview(RULES[name], now=NOW)
        say(f"preview of {name}: {seen.count:,}, exact {seen.exact}, {seen.ms:.0f} ms")
    assert sizes_recounted() == []
