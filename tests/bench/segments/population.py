"""A workspace of any size, made inside the database: contacts, ten events each, live segments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

NAMES = (
    "Page Viewed", "Product Viewed", "Product Added", "Checkout Started", "Order Completed",
    "Login", "Search Performed", "Email Opened", "Email Link Clicked", "Signed Up",
    "Trial Started", "Plan Changed", "Invoice Paid", "Friend Added", "File Downloaded",
    "Video Played", "Review Written", "Coupon Used", "Support Asked", "Profile Completed",
)  # fmt: skip
DAYS = 60
EVENTS_EACH = 10
"""So many days back the events lie, and so many each contact has."""


class Cursor(Protocol):
    """What is needed of a cursor, Django's or psycopg's."""

    def execute(self, statement: Any, params: Any = None) -> Any:
        """Run a statement."""


def populate(cursor: Cursor, *, contacts: int, now: datetime) -> None:
    """Fill an empty database, outside a transaction, and leave it as autovacuum would.

    Contacts have ids from 1, an address, a plan (a third each), a score of 0–99 and a trial's end.
    """
    cursor.execute(
        "INSERT INTO field (key, name, type, created_at)"
        " VALUES ('plan', 'Plan', 'string', %(now)s),"
        " ('trial_end', 'Trial end', 'datetime', %(now)s)",
        {"now": now},
    )
    cursor.execute(
        "INSERT INTO contact (id, lane, external_id, email, score, created_at, fields)"
        " SELECT n, n %% 64, 'u' || n, 'c' || n || '@example.org', abs(hashint8(n)::bigint) %% 100,"
        " %(now)s::timestamptz - make_interval(hours => (n %% 2000)::int),"
        " jsonb_build_object('plan', (ARRAY['trial', 'pro', 'free'])[n %% 3 + 1], 'trial_end',"
        "  to_char(%(now)s::timestamptz AT TIME ZONE 'UTC'"
        "   + make_interval(mins => (n %% 40000)::int - 20000),"
        '  \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'))'
        " FROM generate_series(1, %(n)s) n",
        {"now": now, "n": contacts},
    )
    cursor.execute(
        "INSERT INTO identity (kind, value, lane, contact_id)"
        " SELECT 'external_id', 'u' || n, n %% 64, n FROM generate_series(1, %(n)s) n",
        {"n": contacts},
    )
    cursor.execute("SELECT setval(pg_get_serial_sequence('contact', 'id'), %(n)s)", {"n": contacts})
    cursor.execute(
        "INSERT INTO event (lane, contact_id, name, at, received_at, properties)"
        " SELECT n %% 64, n, (%(names)s::text[])[h %% %(kinds)s + 1], m.at, m.at,"
        " jsonb_build_object('total', h %% 200)"
        " FROM generate_series(1, %(n)s) n, generate_series(1, %(each)s) k,"
        " LATERAL (SELECT abs(hashint8(n * 10 + k)::bigint) h) x,"
        " LATERAL (SELECT %(now)s::timestamptz"
        "  - make_interval(secs => (h / 64) %% (%(days)s * 86400)) AS at) m",
        {
            "now": now,
            "n": contacts,
            "names": list(NAMES),
            "kinds": len(NAMES),
            "each": EVENTS_EACH,
            "days": DAYS,
        },
    )
    for table in ("contact", "event", "identity"):
        cursor.execute(f"VACUUM ANALYZE {table}")


def windowed(n: int = 100, *, mention: str = "Order Completed", of: int = 10) -> Iterator[Any]:
    """Yield `n` rules with windows of their own, `of` of which mention one event."""
    others = [name for name in NAMES if name != mention]
    for number in range(n):
        name = mention if number < of else others[number % len(others)]
        window = {"last": f"PT{3 + number}H"}
        if number % 4 == 3:
            window["older_than"] = "PT1H"
        rule: dict[str, Any] = {"type": "event", "name": name, "window": window}
        if number % 5 == 4:
            rule |= {"op": "gte", "value": 2}
        if number % 5 == 3:
            rule = {
                "type": "all",
                "rules": [rule, {"type": "field", "field": "plan", "op": "eq", "value": "trial"}],
            }
        yield rule
