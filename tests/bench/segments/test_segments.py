"""How fast segments are: builds beside hand-written SQL, refresh by touch, ticks, previews.

`BENCH_CONTACTS` lists how many contacts there are (100000,1000000), with ten events each.
`BENCH_PLANS=1` prints the plans of the builds' looks.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from common.lanes import LANES, lane_of
from common.models import Job
from segments.builds import segment_build
from segments.catalogue import catalogue
from segments.edges import lanes_passed
from segments.models import Segment
from segments.refresh import Touched, refresh, refresh_time
from segments.selectors import rule_preview, sizes_recounted
from segments.services import segment_create
from tests.bench.segments.population import EVENTS_EACH, populate, windowed

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
SIZES = [int(n) for n in os.environ.get("BENCH_CONTACTS", "100000,1000000").split(",")]
ALL_LANES = list(range(LANES))

RULES: dict[str, Any] = {
    "by field": {"type": "field", "field": "plan", "op": "eq", "value": "trial"},
    "bought lately": {"type": "event", "name": "Order Completed", "window": {"last": "P7D"}},
    "often": {"type": "event", "name": "Login", "op": "gte", "value": 2},
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
    "by field": "SELECT c.lane, c.id FROM contact c WHERE lower(c.fields->>'plan') = 'trial'",
    "bought lately": "SELECT DISTINCT lane, contact_id FROM event WHERE name = 'Order Completed'"
    " AND at > %(now)s - interval '7 days' AND at <= %(now)s",
    "often": "SELECT lane, contact_id FROM event WHERE name = 'Login' AND at <= %(now)s"
    " GROUP BY lane, contact_id HAVING count(*) >= 2",
    "abandoned": "SELECT DISTINCT a.lane, a.contact_id FROM event a WHERE a.name = 'Product Added'"
    " AND a.at > %(now)s - interval '3 days' AND a.at <= %(now)s - interval '1 hour'"
    " AND NOT EXISTS (SELECT FROM event b WHERE b.contact_id = a.contact_id AND b.lane = a.lane"
    " AND b.name = 'Order Completed' AND b.at > a.at AND b.at <= %(now)s)",
    "all of it": "SELECT c.lane, c.id FROM contact c WHERE c.email IS NOT NULL AND c.score >= 50"
    " AND c.unsubscribed_at IS NULL AND c.complained_at IS NULL AND c.hard_bounced_at IS NULL"
    " AND c.soft_bounces < 4 AND NOT EXISTS (SELECT FROM event e WHERE e.lane = c.lane"
    " AND e.contact_id = c.id AND e.name = 'Order Completed' AND e.at <= %(now)s)",
}
WRITTEN_BY_HAND = """
WITH found (lane, id) AS ({answer}),
joined AS (INSERT INTO membership (lane, segment_id, contact_id, since)
    SELECT lane, %(segment)s, id, %(now)s FROM found RETURNING lane, segment_id, contact_id)
INSERT INTO membership_change (lane, segment_id, contact_id, change, at, cause)
SELECT lane, segment_id, contact_id, 'entered', %(now)s, 'built' FROM joined
"""
"""The floor of a build: the same answer and the rows that it must leave, in one statement."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build(segment: Segment) -> None:
    job = Job.objects.get(detail__edition=str(segment.edition))
    segment_build(job.id, segment.id, clock=lambda: NOW)


@pytest.mark.parametrize("contacts", SIZES)
def test_segments_at_size(contacts: int) -> None:
    with connection.cursor() as cursor:
        took = seconds(lambda: populate(cursor, contacts=contacts, now=NOW))
    say(f"\n══ {contacts:,} contacts, {contacts * EVENTS_EACH:,} events (made in {took:.0f} s)")
    builds_beside_hand_written_sql()
    previews()
    hundred_segments()
    touched(contacts)
    ticks()
    assert sizes_recounted() == []


def builds_beside_hand_written_sql() -> None:
    say("(a) full builds: the answer alone, then with members and history written")
    for name, rule in RULES.items():
        segment = segment_create(name=name, kind="dynamic", rule=rule, now=NOW)
        live = catalogue().segments[segment.id]
        with connection.cursor() as cursor:
            by_hand, compiled = [], []
            asked = (
                f"SELECT c.lane, c.id FROM contact c WHERE {live.compiled.whole}",
                live.compiled.bind(NOW, "UTC"),
            )
            for _ in range(3):
                by_hand.append(seconds(partial(cursor.execute, BY_HAND[name], {"now": NOW})))
                expected = cursor.rowcount
                compiled.append(seconds(partial(cursor.execute, *asked)))
                assert cursor.rowcount == expected
            written = WRITTEN_BY_HAND.format(answer=BY_HAND[name])
            with undone():
                floor = seconds(
                    partial(cursor.execute, written, {"now": NOW, "segment": segment.id})
                )
            if os.environ.get("BENCH_PLANS"):
                explain(*asked)
        built = seconds(partial(build, segment))
        answer, rule_answer = min(by_hand), min(compiled)
        say(
            f"  {name:>14} {expected:>8,} members: by hand {answer:6.3f} s,"
            f" rule {rule_answer:6.3f} s ({rule_answer / answer:4.2f});"
            f" written by hand {floor:6.3f} s, build {built:6.3f} s ({built / floor:4.2f})"
        )


def previews() -> None:
    say("    previews while typing, and exact")
    for name, rule in RULES.items():
        seen = rule_preview(rule, now=NOW)
        exact = rule_preview(rule, now=NOW, exact=True)
        about = "exact" if seen.exact else f"about, {seen.count / max(exact.count, 1) - 1:+.1%}"
        say(f"  {name:>14} {seen.count:>8,} ({about}) {seen.ms:5.0f} ms; exact {exact.ms:6.0f} ms")


def hundred_segments() -> None:
    begun = time.perf_counter()
    for number, rule in enumerate(windowed()):
        segment = segment_create(name=f"windowed {number}", kind="dynamic", rule=rule, now=NOW)
        build(segment)
    took = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM membership")
        members = cursor.fetchone()[0]
        for table in ("membership", "segment", "segment_size", "segment_day"):
            cursor.execute(f"ANALYZE {table}")
    say(f"    100 windowed segments built in {took:.1f} s; {members:,} memberships in all")


def touched(contacts: int) -> None:
    ids = [n * (contacts // 1000) + 1 for n in range(1000)]
    touches = [Touched(lane_of(one), one, "event:Order Completed") for one in ids]
    took = []
    for moment in range(12):
        with transaction.atomic():
            at = NOW + timedelta(milliseconds=moment)
            took.append(seconds(partial(refresh, touches, now=at)))
    mention = sum("event:Order Completed" in one.mentions for one in catalogue().segments.values())
    count = Segment.objects.count()
    say(
        f"(b) 1,000 touched contacts, {count} dynamic segments of which {mention} mention it:"
        f" first {took[0] * 1000:.0f} ms, then median {statistics.median(took[1:]) * 1000:.0f} ms"
    )


def ticks() -> None:
    """Idle: nothing passes an edge; then second by second, as the events lie."""
    book = catalogue()
    at = NOW + timedelta(seconds=1)
    with transaction.atomic():
        refresh_time(now=at, lanes=ALL_LANES)
    idle, moving, moved = [], [], 0
    for step in range(10):
        still = at + timedelta(microseconds=step + 1)
        idle.append(seconds(partial(lanes_passed, book, lanes=ALL_LANES, now=still)))
    for step in range(1, 11):
        instant = at + timedelta(seconds=step)
        with transaction.atomic():
            begun = time.perf_counter()
            lanes = lanes_passed(book, lanes=ALL_LANES, now=instant)
            moved += len(refresh_time(now=instant, lanes=lanes or ALL_LANES[:1]).changes)
            moving.append(time.perf_counter() - begun)
    windows = sum(len(one.compiled.slices) for one in book.moved_by_time())
    say(
        f"(c) a tick with {len(book.moved_by_time())} segments of {windows} moving edges: idle"
        f" median {statistics.median(idle) * 1000:.1f} ms; a second in which edges pass (on average"
        f" {moved / 10:.0f} joins and leaves) {statistics.median(moving) * 1000:.1f} ms"
    )
    jump = NOW + timedelta(hours=1)
    turns, changes, begun = 0, 0, time.perf_counter()
    longest = 0.0
    while True:
        with transaction.atomic():
            one = time.perf_counter()
            looked = refresh_time(now=jump, lanes=ALL_LANES)
            longest = max(longest, time.perf_counter() - one)
        turns += 1
        changes += len(looked.changes)
        if not looked.more:
            break
    say(
        f"    an hour at once: {changes:,} joins and leaves in {time.perf_counter() - begun:.2f} s,"
        f" {turns} transactions, the longest {longest * 1000:.0f} ms"
    )


def explain(statement: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", params)
        say("\n".join(row[0] for row in cursor.fetchall()))
