"""What live flows would do if contacts joined or left a segment: asked before an edit is saved.

Counts by the conditions of the engine's own gate; `segments` asks through its registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from common.arrays import int_array
from common.durations import parse_duration
from common.lanes import lane_of
from common.sql import queries
from flows.engine.codes import json_value
from flows.graph.model import SegmentExit, Settings
from segments.catalogue import catalogue
from segments.insight.effects import Effect, How, Moves
from segments.rules import NOBODY, Compiled, RuleRefused, compile_rule, parse
from segments.selectors import fields_known

SQL = queries("flows")


def flows_affected(moves: Moves) -> list[Effect]:
    """Return what each live flow that reacts to the segment would do, by flow.

    A handful of statements for each such flow, whatever the number of contacts.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["live_flows_of_segment"], {"key": moves.segment})
        rows = cursor.fetchall()
    found: list[Effect] = []
    for flow_id, key, name, status, settings, joining_in, leaving_in in rows:
        agreed = Settings.model_validate(json_value(settings))
        ways = _ways(agreed, moves, joining_in=joining_in, leaving_in=leaving_in)
        for how, contacts in ways:
            if how == "enters":
                n = _count_may_enter(flow_id, agreed, contacts, moves)
            else:
                n = _count("count_inside", {"flow": flow_id, **_of(contacts)})
            found.append(Effect(key, name, status, how, n))
    return found


def _ways(
    settings: Settings, moves: Moves, *, joining_in: bool, leaving_in: bool
) -> list[tuple[How, Sequence[int]]]:
    """How a flow reacts, and to whose joins or leaves."""
    entering = [*(moves.joining if joining_in else ()), *(moves.leaving if leaving_in else ())]
    exits = [leave for leave in settings.exit_when if isinstance(leave, SegmentExit)]
    leaving: list[int] = []
    out = False
    for leave in exits:
        if leave.segment == moves.segment:
            out = True
            joins = leave.type == "segment_entered"
            leaving += moves.joining if joins else moves.leaving
    ways: list[tuple[How, Sequence[int]]] = []
    if joining_in or leaving_in:
        ways.append(("enters", entering))
    if out:
        ways.append(("leaves", leaving))
    if moves.segment in settings.suppress:
        ways.append(("suppressed by", moves.joining))
    return ways


def _count_may_enter(
    flow_id: int, settings: Settings, contacts: Sequence[int], moves: Moves
) -> int:
    if moves.segment in settings.suppress:  # who joins is suppressed, who has left is not
        joining = set(moves.joining)
        contacts = [one for one in contacts if one not in joining]
    goal = goal_of(settings)
    params: dict[str, Any] = {
        "flow": flow_id,
        "gap": gap_of(settings),
        "suppress": [key for key in settings.suppress if key != moves.segment],
        "now": moves.now,
        **_of(contacts),
        **goal.bind(moves.now, catalogue().zone),
    }
    return _count("count_may_enter", params, goal=goal.text)


def gap_of(settings: Settings) -> float | None:
    """Seconds that must pass before a contact may come again; None if never."""
    if settings.reentry.type == "once":
        return None
    gap = settings.reentry.gap
    return parse_duration(gap).total_seconds() if gap else 0.0


def goal_of(settings: Settings) -> Compiled:
    """The goal as SQL; nobody's, where it asks for what only a visit has."""
    if settings.goal is None:
        return NOBODY
    fields = fields_known()
    try:
        return compile_rule(parse(settings.goal, fields=fields), fields=fields, prefix="goal")
    except RuleRefused:
        return NOBODY


def _of(contacts: Sequence[int]) -> dict[str, str]:
    return {"lanes": int_array(map(lane_of, contacts)), "contacts": int_array(contacts)}


def _count(query: str, params: dict[str, Any], **pieces: str) -> int:
    statement = SQL[query]
    for name, text in pieces.items():
        statement = statement.replace(f"{{{name}}}", text)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        (n,) = cursor.fetchone() or (0,)
    return int(n)
