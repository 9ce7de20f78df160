"""What of messages and calls does not stay for ever: first what they said, then they themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction

from common.sql import queries
from common.upkeep import Upkeep, bites, mark_of, mark_set

SQL: Final = queries("messaging", "upkeep")

BODIES: Final = 1_000
"""So many bodies go in one transaction: they are long."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def bodies_clean(before: datetime) -> Iterator[int]:
    """Empty the bodies of messages made before an instant; whom they went to, and when, stays."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            _at, last = mark_of("message_bodies") or (_LONG_AGO, 0)
            cursor.execute(SQL["old_bodies"], {"before": before, "id": last, "bite": BODIES})
            rows, last_id, last_at = cursor.fetchone()
            if not rows:
                return
            mark_set("message_bodies", last_at, last_id)
        yield rows
        if rows < BODIES:
            return


def messages_clean(before: datetime) -> Iterator[int]:
    """Remove messages made before an instant."""
    return bites(SQL["old_messages"], {"before": before})


def calls_clean(before: datetime) -> Iterator[int]:
    """Remove calls to other systems that were over before an instant."""
    return bites(SQL["old_calls"], {"before": before})


UPKEEPS: Final = (
    Upkeep("message_bodies", "what messages said", "P365D", bodies_clean),
    Upkeep("messages", "messages", "P1095D", messages_clean),
    Upkeep("calls", "calls to other systems", "P180D", calls_clean),
)
