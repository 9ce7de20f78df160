"""Sweeping: takes away what deleted segments have left, in bites that hold nobody up.

Whatever asks for members asks for a segment that exists, so what is left is seen by nobody.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from django.db import connection, transaction
from procrastinate.exceptions import AlreadyEnqueued

from common.sql import queries

SQL: Final = queries("segments", "sweeping")

TABLES: Final = ("membership", "membership_change", "time_edge", "segment_size", "segment_day")
BITE: Final = 10_000
"""So many rows go in one transaction."""


def sweep() -> int:
    """Delete all that belongs to segments that are no more; return how many rows that were.

    Can be stopped at any point, and goes on with the next call.
    """
    rows = 0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(SQL["dead_segments"].replace("{table}", table))
            for (segment_id,) in cursor.fetchall():
                params = {"segment": segment_id, "bite": BITE}
                while True:
                    cursor.execute(SQL["sweep"].replace("{table}", table), params)
                    rows += cursor.rowcount
                    if cursor.rowcount < BITE:
                        break
    return rows


def sweep_enqueue() -> None:
    """Have a worker sweep when this transaction is committed, unless one is about to."""
    from segments.tasks import sweep as job

    with suppress(AlreadyEnqueued), transaction.atomic():
        job.configure().defer(timestamp=0)
