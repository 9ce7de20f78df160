"""How many events a second come in: through the front door, and from the inbox into the tables.

Prints figures and never fails by time. The floor is what the same rows cost by plain SQL inserts.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from common.clock import utcnow
from contacts.intake import accept, take
from contacts.models import Contact, Event, Touch
from contacts.services import source_create

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVENTS = 40_000
CONTACTS = 4_000
BATCH = 100


def messages(n: int, tag: str) -> list[dict[str, Any]]:
    """A shop's traffic: nine events and an identify in ten, several per contact."""
    made: list[dict[str, Any]] = []
    for i in range(n):
        contact = (i * 7919) % CONTACTS
        common = {
            "messageId": f"{tag}-{i}",
            "anonymousId": f"anon-{contact}",
            "timestamp": (NOW - timedelta(seconds=n - i)).isoformat(),
            "context": {"library": {"name": "bench", "version": "1"}, "ip": "203.0.113.7"},
        }
        if i % 10 == 9:
            traits = {
                "email": f"c{contact}@example.com",
                "firstName": "Ada",
                "plan": "trial" if i % 3 else "paid",
                "company": {"name": "Acme"},
            }
            made.append({**common, "type": "identify", "userId": f"c{contact}", "traits": traits})
        else:
            properties = {"product_id": i % 97, "price": 9.5, "currency": "EUR", "coupon": "X"}
            made.append(
                {**common, "type": "track", "event": "Product Added", "properties": properties}
            )
    return made


def report(name: str, n: int, seconds: float, floor: float | None = None) -> float:
    rate = n / seconds
    beside = "" if floor is None else f"  ({rate / floor:.0%} of the floor)"
    sys.stdout.write(f"\n{name}: {rate:,.0f} a second{beside}\n")
    return rate


@pytest.mark.django_db(transaction=True)
def test_accept_through_v1_batch() -> None:
    _, key = source_create("Bench", now=utcnow())
    client = Client()
    bodies = [
        json.dumps({"batch": part, "writeKey": key}) for part in batches(messages(EVENTS // 2, "a"))
    ]
    began = time.perf_counter()
    for body in bodies:
        answer = client.post("/v1/batch", body, content_type="application/json")
        assert answer.status_code == 200
    report("accepted through /v1/batch, without the network", EVENTS // 2, _since(began))


@pytest.mark.django_db(transaction=True)
def test_take_from_the_inbox() -> None:
    floor = report("floor: the same rows by plain SQL", EVENTS, plain_sql())
    connection.cursor().execute("TRUNCATE contact, identity, event, touch, event_message CASCADE")
    for part in batches(messages(EVENTS, "t")):
        accept(None, part, NOW)
    began = time.perf_counter()
    taken = 0
    while n := take(NOW):
        taken += n
    seconds = _since(began)
    assert taken == EVENTS
    assert Event.objects.count() == EVENTS * 9 // 10
    assert Contact.objects.count() == CONTACTS
    report("taken from the inbox, new contacts", EVENTS, seconds, floor)
    for part in batches(messages(EVENTS, "again")):
        accept(None, part, NOW)
    Touch.objects.all().delete()
    began = time.perf_counter()
    while take(NOW):
        pass
    report("taken from the inbox, known contacts", EVENTS, _since(began), floor)


def plain_sql() -> float:
    """Insert the rows that taking makes, in sets of 5,000, knowing everything beforehand."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, external_id, email, created_at, fields, field_times) "
            "SELECT i, i %% 64, 'c' || i, 'c' || i || '@example.com', %s, "
            """'{"plan": "trial", "company.name": "Acme"}', '{}' """
            "FROM generate_series(1, %s) i",
            [NOW, CONTACTS],
        )
        cursor.execute(
            "INSERT INTO identity SELECT k, k || i, i %% 64, i FROM generate_series(1, %s) i, "
            "unnest(ARRAY['external_id', 'anonymous_id', 'email']) k",
            [CONTACTS],
        )
    for first in range(0, EVENTS, 5_000):
        with transaction.atomic(), connection.cursor() as cursor:
            span = [first, first + 4_999]
            cursor.execute(
                "INSERT INTO event_message SELECT 'm-' || i, %s FROM generate_series(%s, %s) i",
                [NOW, *span],
            )
            cursor.execute(
                "INSERT INTO event (lane, contact_id, name, at, properties, message_id, "
                "received_at) SELECT c %% 64, c, 'Product Added', %s, "
                """'{"product_id": 7, "price": 9.5, "currency": "EUR", "coupon": "X"}', """
                "'m-' || i, %s FROM generate_series(%s, %s) i, LATERAL "
                "(SELECT 1 + i * 7919 %% %s AS c) x WHERE i %% 10 <> 9",
                [NOW, NOW, *span, CONTACTS],
            )
            cursor.execute(
                "INSERT INTO touch (lane, contact_id, kind, name, event_id, at) "
                "SELECT contact_id %% 64, contact_id, 'event', name, id, %s FROM event "
                "ORDER BY id DESC LIMIT 4500",
                [NOW],
            )
            cursor.execute(
                "UPDATE contact SET last_seen_at = %s WHERE id %% 2 = %s",
                [NOW, first // 5_000 % 2],
            )
    return _since(began)


def batches(made: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [made[i : i + BATCH] for i in range(0, len(made), BATCH)]


def _since(began: float) -> float:
    return time.perf_counter() - began
