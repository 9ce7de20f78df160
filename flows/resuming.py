"""Bringing back who was held while a flow was paused, in lanes that are held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from common.sql import queries
from flows.graph import Graph
from flows.graph.moving import waits_for_data
from flows.models import Flow

SQL = queries("flows", "editions")


def visits_resume(flow: Flow, lanes: Sequence[int], *, now: datetime) -> None:
    """What fell due goes on; who waits for data is looked at anew: it may have come meanwhile."""
    waiting = {
        node.id
        for graph in flow.versions.values_list("graph", flat=True)
        for node in Graph.model_validate(graph).nodes
        if waits_for_data(node)
    }
    params: dict[str, Any] = {
        "flow": flow.id,
        "lanes": list(lanes),
        "nodes": sorted(waiting),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["resume_held"], params)
        if waiting:
            cursor.execute(SQL["look_anew"], params)
