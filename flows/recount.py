"""Every number on a canvas, counted anew from the rows, and compared with the live counters.

Counters are written in the transactions that write the rows, so in any one snapshot of the database
they agree. One statement takes both; nobody has to stand still for it, however long it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from common.sql import queries
from flows.series import OPENING, counts_add

SQL: Final = {**queries("flows"), **queries("flows", "recount")}

LANE: Final = 0
"""In whose rows a difference is made good: the sum over the lanes is what counts."""
_LOCK: Final = 0x636F756E


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that is not what the rows say."""

    flow_id: int
    node: str
    what: str
    counted: int
    recounted: int


def differences() -> list[Difference]:
    """Where the live counters and the rows disagree; empty when all is well."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["memory"])
        cursor.execute(SQL["differences"])
        return [Difference(*row) for row in cursor.fetchall()]


def repair() -> list[Difference]:
    """Have the live counters say what the rows say; returns what was wrong.

    The difference is added, not the number set: what is counted meanwhile stays counted.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["one_repair"], {"lock": _LOCK})
        wrong = differences()
        if wrong:
            cursor.execute(SQL["hold_lane"], {"lane": LANE})
            counts_add(
                (((one.flow_id, one.node, one.what), one.recounted - one.counted) for one in wrong),
                lane=LANE,
                at=OPENING,
            )
    return wrong
