"""Timers: the triggers of a flow that go by the clock, from publishing to their end.

A `date` or `once` of a live version has a timer, which the engine works in every lane
(`flows.engine.times`). A version that has the same trigger goes on with the same timer; another one
retires it. Called by whoever holds every lane (`flows.lives`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from common.arrays import int_array
from common.clock import canonical
from common.lanes import LANES
from common.selectors import workspace
from common.sql import queries
from flows.graph import Graph
from flows.models import Flow, FlowTimer, FlowTimerLane
from flows.nodes.date import DateConfig
from flows.nodes.once import OnceConfig

SQL = queries("flows", "times")
ALL_LANES = list(range(LANES))
Phase = FlowTimerLane.Phase


def timers_follow(flow: Flow, graph: Graph, *, now: datetime) -> None:
    """Have the timers of a flow be those of the graph that is live from now on.

    What is the same as before goes on: nobody's date comes twice by an edit, and what went out
    once at an instant does not go out again. A `once` at another instant is another.
    """
    wanted = {
        node.id: (node.type, terms_of(node.type, node.config))
        for node in graph.nodes
        if node.type in ("date", "once")
    }
    in_use = {one.node: one for one in flow.flowtimer_set.filter(retired_at__isnull=True)}
    kept = {node for node, one in in_use.items() if wanted.get(node) == (one.kind, one.terms)}
    _retire([one for node, one in in_use.items() if node not in kept], now=now)
    for node, (kind, terms) in wanted.items():
        if node not in kept:
            _begin(flow, node, kind, terms, now=now)


def timers_end(flow: Flow, *, now: datetime) -> None:
    """The flow has ended, and with it its timers."""
    _retire(list(flow.flowtimer_set.filter(retired_at__isnull=True)), now=now)


def version_reopen(version_id: int) -> None:
    """A version ceases to be live; whoever is inside may stay in it."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["version_reopen"], {"version": version_id})


def terms_of(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a trigger another than before.

    Examples
    --------
    >>> terms_of("once", {"segments": ["news"], "at": "2026-06-01T09:00:00+02:00"})
    {'at': '2026-06-01T07:00:00.000000Z'}
    """
    if kind == "once":
        at = OnceConfig.model_validate(config).instant
        return {"at": None if at is None else canonical(at)}
    date = DateConfig.model_validate(config)
    return {"field": date.field, "offset": date.shift.total_seconds(), "repeat": date.repeat}


def _begin(flow: Flow, node: str, kind: str, terms: dict[str, Any], *, now: datetime) -> None:
    began = FlowTimer.objects.filter(flow=flow, node=node, kind="once", terms=terms).first()
    if kind == "once" and began is not None:
        FlowTimer.objects.filter(id=began.id).update(retired_at=None)
        return
    at = OnceConfig.model_validate({"at": terms["at"]}).instant if kind == "once" else None
    timer = FlowTimer.objects.create(
        flow=flow,
        node=node,
        kind=kind,
        terms=terms,
        person_by=workspace().dedupe_key,
        begins_at=at or now,
    )
    phase = Phase.GATHER if kind == "once" else Phase.FILL
    with connection.cursor() as cursor:
        lanes: dict[str, Any] = {"timer": timer.id, "lanes": int_array(ALL_LANES)}
        cursor.execute(SQL["timers_begin"], {**lanes, "phase": phase})


def _retire(timers: list[FlowTimer], *, now: datetime) -> None:
    """Take timers out of use; what had not begun is forgotten, and may be set anew."""
    to_come = [one.id for one in timers if one.kind == "once" and one.begins_at > now]
    FlowTimer.objects.filter(id__in=to_come).delete()
    begun = [one.id for one in timers if one.id not in to_come]
    FlowTimer.objects.filter(id__in=begun).update(retired_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["timers_sweep"], {"lanes": int_array(ALL_LANES), "timers": int_array(begun)}
        )
