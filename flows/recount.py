"""Every number on a canvas, counted anew from the rows, and compared with the live counters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import connection, transaction

from common.sql import queries

SQL = queries("flows")
UPKEEP = queries("flows", "upkeep")

Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that is not what the rows say."""

    flow_id: int
    node: str
    what: str
    counted: int
    recounted: int


def recount() -> Counter[Key]:
    """Count visits and steps, those cleaned up too: (flow, node, what) → n, as in `FlowCount`."""
    found: Counter[Key] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(SQL["recount_ends"])
        for flow_id, state, n in cursor.fetchall():
            found[flow_id, "", "entered"] += n
            if state != "inside":
                found[flow_id, "", state] += n
        cursor.execute(SQL["recount_nodes"])
        for flow_id, node, n in cursor.fetchall():
            found[flow_id, node, "in"] += n
        cursor.execute(SQL["recount_here"])
        for flow_id, node, state, n in cursor.fetchall():
            if state == "failed":
                found[flow_id, node, "failed"] += n
        cursor.execute(SQL["recount_branches"])
        for flow_id, node, branch, n in cursor.fetchall():
            found[flow_id, node, f"out:{branch}"] += n
        cursor.execute(SQL["recount_last"])
        for flow_id, node, branch, n in cursor.fetchall():
            found[flow_id, node, f"out:{branch}"] += n
        cursor.execute(UPKEEP["recount_past"])
        for flow_id, node, what, n in cursor.fetchall():
            found[flow_id, node, what] += n
    return found


def differences() -> list[Difference]:
    """Where the live counters and the rows disagree, in one snapshot; empty when all is well."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["lock_all_lanes"])
        return _differences()


def repair() -> list[Difference]:
    """Set the live counters to what the rows say; returns what was wrong."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["lock_all_lanes"])
        wrong = _differences()
        if wrong:
            cursor.execute(SQL["clear_counts"])
            rows = sorted(recount().items())
            cursor.execute(
                SQL["bump_counts"],
                {
                    "lane": 0,
                    "flows": [key[0] for key, _ in rows],
                    "nodes": [key[1] for key, _ in rows],
                    "whats": [key[2] for key, _ in rows],
                    "ns": [n for _, n in rows],
                },
            )
    return wrong


def _differences() -> list[Difference]:
    live: Counter[Key] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT flow_id, node, what, sum(n)::bigint FROM flow_count GROUP BY 1, 2, 3"
        )
        for flow_id, node, what, n in cursor.fetchall():
            live[flow_id, node, what] = n
    true = recount()
    return [
        Difference(*key, counted=live[key], recounted=true[key])
        for key in sorted(live.keys() | true.keys())
        if live[key] != true[key]
    ]
