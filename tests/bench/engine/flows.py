"""What the benches walk: contacts made inside the database, and flows of known steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.permissions import COMMAND
from flows.lives import flow_publish
from flows.services import flow_create
from messaging.rendering import Parts
from messaging.services import template_create

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

Nodes = Mapping[str, tuple[str, Mapping[str, Any]]]

TWELVE: Nodes = {
    "in": ("manual", {}),
    "begun": ("update_fields", {"set": {"stage": "begun"}}),
    "graz": (
        "condition",
        {"rule": {"type": "field", "field": "city", "op": "eq", "value": "Graz"}},
    ),
    "first": ("send_email", {"template": "hello"}),
    "hour": ("wait", {"for": "PT1H"}),
    "bought": (
        "condition",
        {"rule": {"type": "event", "name": "Bought", "window": {"since": "entry"}}},
    ),
    "half": (
        "split",
        {"branches": [{"branch": "a", "weight": 50}, {"branch": "b", "weight": 50}]},
    ),
    "second": ("send_email", {"template": "hello"}),
    "day": ("wait", {"for": "P1D"}),
    "still": (
        "condition",
        {"rule": {"type": "field", "field": "stage", "op": "eq", "value": "begun"}},
    ),
    "done": ("update_fields", {"set": {"stage": "done"}}),
    "end": ("exit", {"reason": "done"}),
}
"""Twelve nodes that everybody walks: conditions, a split, field updates, e-mails, waits."""

TWELVE_EDGES = (
    "in next begun",
    "begun next graz",
    "graz yes first",
    "graz no first",
    "first next hour",
    "hour next bought",
    "bought yes half",
    "bought no half",
    "half a second",
    "half b second",
    "second next day",
    "day next still",
    "still yes done",
    "still no done",
    "done next end",
)


def contacts_made(n: int) -> None:
    """Make contacts with the ids from 1, half of them in Graz."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, external_id, email, city, created_at, fields)"
            " SELECT i, i %% 64, 'c' || i, 'c' || i || '@example.com',"
            " CASE WHEN i %% 2 = 0 THEN 'Graz' ELSE 'Linz' END, %s, '{\"plan\": \"trial\"}'"
            " FROM generate_series(1, %s) i",
            [NOW, n],
        )
        cursor.execute("SELECT setval(pg_get_serial_sequence('contact', 'id'), %s)", [n])
        cursor.execute(
            "INSERT INTO field (key, name, type, created_at)"
            " VALUES ('stage', 'Stage', 'string', %s), ('plan', 'Plan', 'string', %s)",
            [NOW, NOW],
        )
        cursor.execute("VACUUM ANALYZE contact")


def template_made() -> None:
    """Make the template `hello`."""
    template_create(key="hello", name="Hello", now=NOW, parts=Parts(subject="Hi", text="Hi"))


def flow_made(
    key: str, nodes: Nodes, edges: Sequence[str], *, settings: Mapping[str, Any] | None = None
) -> None:
    """Publish a flow; edges are written `source branch target`."""
    parts = [edge.split() for edge in edges]
    graph = {
        "nodes": [
            {"id": node, "type": kind, "config": config} for node, (kind, config) in nodes.items()
        ],
        "edges": [
            {"source": source, "branch": branch, "target": target}
            for source, branch, target in parts
        ],
    }
    flow_create(
        key=key, name=key, graph=graph, settings=dict(settings or {}), actor=COMMAND, now=NOW
    )
    flow_publish(key, actor=COMMAND, now=NOW)


def everybody_added(flow: str, n: int) -> None:
    """Ask the engine to add the contacts 1 to n to a flow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO touch (lane, contact_id, kind, name, detail, at)"
            " SELECT i %% 64, i, 'flow', %s, '{\"change\": \"add\"}', %s"
            " FROM generate_series(1, %s) i",
            [flow, NOW, n],
        )


def resting(
    flow: str, node: str, n: int, *, due: datetime, arrived: datetime = NOW, after: int = 0
) -> None:
    """Put the `n` contacts after the id `after` to rest at a node, as if they had walked there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visit (lane, flow_id, version_id, contact_id, state, node, arrived_at,"
            " due_at, entered_at, entry_at, steps)"
            " SELECT i %% 64, f.id, f.live_version_id, i, 'inside', %(node)s, %(arrived)s, %(due)s,"
            " %(arrived)s, %(arrived)s, 5"
            " FROM flow f, generate_series(%(after)s::bigint + 1, %(after)s::bigint + %(n)s) i"
            " WHERE f.key = %(flow)s",
            {"flow": flow, "node": node, "n": n, "after": after, "due": due, "arrived": arrived},
        )
        cursor.execute("ANALYZE visit")
