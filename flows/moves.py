"""Moving people to another edition of a flow: in sets, in lanes that are held.

Where each goes is `flows.graph.moving`'s to say; how long they rest there, the nodes'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DataError, connection, transaction

from common.arrays import instant_array, int_array, text_array
from common.lanes import LANES
from common.selectors import workspace
from common.sql import queries
from flows.endings import ALL_LANES, Place, counts_bump, visits_end
from flows.engine.codes import instant_of, json_value
from flows.engine.world import PostgresWorld
from flows.graph import Graph, Node, Plan, compile_plan
from flows.graph.moving import Landing, default_spread, landing, spread_due, waits_for_data
from flows.models import Flow, FlowVersion
from flows.nodes.base import Walker
from segments.selectors import fields_known

SQL = {**queries("flows"), **queries("flows", "editions")}

SAMPLE: Final = 10_000
"""So many of those at changed waits are looked at to say how many become due at once."""
REMOVED: Final = "removed by edit"


@dataclass(frozen=True, slots=True)
class Edition:
    """What people are moved to: a version that is or may be published."""

    flow: Flow
    graph: Graph
    goal: Any
    version_id: int = 0


@dataclass(slots=True)
class Stander:
    """A visit where it stands, and where it is to stand; `was` is the version it comes from."""

    walker: Walker
    due: datetime | None
    landing: Landing
    was: int


# ── where everybody stands ──────────────────────────────────────────────────────────────────────


def inside_by_place(flow_id: int, lanes: Sequence[int] = ALL_LANES) -> dict[Place, tuple[int, int]]:
    """How many stand at each node of each version, and how many of them are parked."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["inside_by_place"], {"flow": flow_id, "lanes": list(lanes)})
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def landings(
    edition: Edition, places: Sequence[Place], moves: Mapping[str, str | None]
) -> dict[Place, Landing]:
    """Where those at some places would stand in an edition."""
    version_ids = {version_id for version_id, _ in places}
    graphs = FlowVersion.objects.filter(id__in=version_ids).values_list("id", "graph")
    nodes: dict[Place, Node] = {
        (version_id, node.id): node
        for version_id, graph in graphs
        for node in Graph.model_validate(graph).nodes
    }
    return {
        place: landing(nodes.get(place), edition.graph, place[1], moves)
        for place in places
        if place[0] != edition.version_id
    }


def _other_goal(edition: Edition, version_ids: Collection[int]) -> set[int]:
    """The versions that have another goal than an edition."""
    if edition.goal is None:
        return set()
    goals = FlowVersion.objects.filter(id__in=version_ids).values_list("id", "settings")
    return {version_id for version_id, agreed in goals if agreed.get("goal") != edition.goal}


def _standers(flow_id: int, landed: Mapping[Place, Landing], lanes: Sequence[int]) -> list[Stander]:
    """The visits at some places, by one statement."""
    if not landed:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["visits_at_places"],
            {
                "flow": flow_id,
                "versions": [version_id for version_id, _ in landed],
                "nodes": [node for _, node in landed],
                "lanes": list(lanes),
            },
        )
        return [_stander(row, landed[row[3], row[4]], flow_id) for row in cursor.fetchall()]


def _stander(row: Sequence[Any], landed: Landing, flow_id: int) -> Stander:
    walker = Walker(
        visit_id=row[0],
        lane=row[1],
        contact_id=row[2],
        version_id=row[3],
        node=row[4],
        arrived_at=instant_of(row[5]),
        entered_at=instant_of(row[6]),
        entry_at=instant_of(row[7]),
        trigger=json_value(row[8]),
        steps=row[9],
        parked=row[10],
        flow_id=flow_id,
    )
    return Stander(walker, row[11], landed, row[3])


def _land(standers: Sequence[Stander], *, now: datetime) -> None:
    """Have those who go to another node arrive there, and be no longer parked."""
    for stander in standers:
        if stander.landing.fate == "goes":
            walker = stander.walker
            walker.node, walker.arrived_at = str(stander.landing.node), now
            walker.steps += 1
            walker.parked = False


def _rests(
    plan: Plan, standers: Sequence[Stander], *, now: datetime, lanes: Sequence[int]
) -> dict[int, datetime | None]:
    """When the rest of each visit ends; who is not in it goes on at once.

    The nodes themselves say so: a rest is a function of the arrival, the config and the contact's
    data. For whom that fails, the engine finds out, and parks them.
    """
    world = PostgresWorld(
        now=now,
        zone=workspace().timezone,
        fields=fields_known(),
        lanes=lanes,
        compiled={},
        flow_keys={},
    )
    by_node: dict[str, list[Walker]] = {}
    for stander in standers:
        by_node.setdefault(stander.walker.node, []).append(stander.walker)
    rests: dict[int, datetime | None] = {}
    for key, walkers in by_node.items():
        node = plan.nodes[key]
        if node.type.group != "wait":
            continue
        try:
            with transaction.atomic():
                outcome = node.type.run(node.config, walkers, world)
        except (ValueError, TypeError, ArithmeticError, LookupError, DataError):
            continue
        rests |= {walker.visit_id: until for walker, until in outcome.rest}
    return rests


def _at_once(
    standers: Sequence[Stander], rests: Mapping[int, datetime | None], now: datetime
) -> int:
    """How many go on at once who would not have."""
    return sum(
        one.walker.visit_id not in rests and (one.due is None or one.due > now)
        for one in standers
        if not one.walker.parked
    )


def due_at_once(
    edition: Edition,
    landed: Mapping[Place, Landing],
    places: Mapping[Place, tuple[int, int]],
    *,
    now: datetime,
) -> tuple[int, bool]:
    """How many would become due at once by a move, and whether that is exact.

    Of many, those of some lanes are looked at: a lane is a fair sample of all.
    """
    asked = {place: one for place, one in landed.items() if one.fate in ("thinks_anew", "goes")}
    n = sum(places[place][0] for place in asked)
    if not n:
        return 0, True
    plan = compile_plan(edition.graph, fields=fields_known())
    lanes = ALL_LANES if n <= SAMPLE else ALL_LANES[: max(1, LANES * SAMPLE // n)]
    standers = _standers(edition.flow.id, asked, lanes)
    _land(standers, now=now)
    found = _at_once(standers, _rests(plan, standers, now=now, lanes=lanes), now)
    if len(lanes) == LANES:
        return found, True
    return round(found * n / max(1, len(standers))), False


# ── the move itself ─────────────────────────────────────────────────────────────────────────────


def people_move(
    edition: Edition,
    lanes: Sequence[int],
    *,
    moves: Mapping[str, str | None],
    spread: timedelta | None,
    began: datetime,
    now: datetime,
    is_late: bool = False,
) -> None:
    """Move everybody in some lanes: those who rest on, those who think anew, go, or leave.

    Parameters
    ----------
    moves
        Where those at removed nodes go; None (or nothing) means out of the flow.
    spread
        Over how long, from `began`, those are spread who become due at once; None for the usual.
    is_late
        The lanes were worked since the publishing: what somebody waits for may have come, and they
        were not let go on.
    """
    flow = edition.flow
    landed = landings(edition, list(inside_by_place(flow.id, lanes)), moves)
    leaving = [place for place, one in landed.items() if one.fate == "leaves"]
    if leaving:
        visits_end(flow, places=leaving, reason=REMOVED, lanes=lanes, now=now)
    asking = _other_goal(edition, {version_id for version_id, _ in landed})
    missed = {place for place in landed if is_late and _listens(edition, place, landed)}
    staying = [
        place for place, one in landed.items() if one.fate == "stays" and place not in missed
    ]
    if staying:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["move_staying"],
                {
                    "flow": flow.id,
                    "version": edition.version_id,
                    "versions": [version_id for version_id, _ in staying],
                    "nodes": [node for _, node in staying],
                    "ask": [version_id in asking for version_id, _ in staying],
                    "lanes": list(lanes),
                    "now": now,
                },
            )
    asked = {
        place: one
        for place, one in landed.items()
        if one.fate in ("thinks_anew", "goes") or place in missed
    }
    standers = _standers(flow.id, asked, lanes)
    if standers:
        counts_bump(flow, _counts_of_going(standers), lane=lanes[0], now=now)
        _land(standers, now=now)
        rests = _rests(
            compile_plan(edition.graph, fields=fields_known()), standers, now=now, lanes=lanes
        )
        if spread is None:
            spread = default_spread(_at_once(standers, rests, now))
        dues = _dues(standers, rests, began=began, over=spread, now=now)
        _write(edition, standers, dues, asking, lanes=lanes, now=now)


def _listens(edition: Edition, place: Place, landed: Mapping[Place, Landing]) -> bool:
    """Whether those who stay at a node wait for data there."""
    node = next((one for one in edition.graph.nodes if one.id == place[1]), None)
    return landed[place].fate == "stays" and node is not None and waits_for_data(node)


def _counts_of_going(standers: Sequence[Stander]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for one in standers:
        if one.landing.fate == "goes":
            counts[one.walker.node, "out:moved"] += 1
            counts[str(one.landing.node), "in"] += 1
            if one.walker.parked:
                counts[one.walker.node, "failed"] -= 1
                counts["", "failed"] -= 1
    return counts


def _dues(
    standers: Sequence[Stander],
    rests: Mapping[int, datetime | None],
    *,
    began: datetime,
    over: timedelta,
    now: datetime,
) -> list[datetime | None]:
    """When each rest ends; those whose rest is over are spread, those parked stay so."""
    return [_due(one, rests, began=began, over=over, now=now) for one in standers]


def _due(
    one: Stander,
    rests: Mapping[int, datetime | None],
    *,
    began: datetime,
    over: timedelta,
    now: datetime,
) -> datetime | None:
    visit_id = one.walker.visit_id
    if one.walker.parked:
        return None
    if visit_id in rests:
        return rests[visit_id]
    if one.landing.fate == "stays":
        return now  # not by the edit: what they waited for has come
    return spread_due(visit_id, now, began=began, over=over, old=one.due)


def _write(
    edition: Edition,
    standers: Sequence[Stander],
    dues: Sequence[datetime | None],
    asking: Collection[int],
    *,
    lanes: Sequence[int],
    now: datetime,
) -> None:
    walkers = [one.walker for one in standers]
    gone = [one.walker for one in standers if one.landing.fate == "goes"]
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["move_visits"],
            {
                "version": edition.version_id,
                "ids": int_array(walker.visit_id for walker in walkers),
                "visit_lanes": int_array(walker.lane for walker in walkers),
                "states": text_array("failed" if one.parked else "inside" for one in walkers),
                "nodes": text_array(walker.node for walker in walkers),
                "arrived": instant_array(walker.arrived_at for walker in walkers),
                "due": instant_array(dues),
                "ask": [one.was in asking for one in standers],
                "now": now,
                "steps": int_array(walker.steps for walker in walkers),
                "lanes": list(lanes),
            },
        )
        cursor.execute(
            SQL["insert_moved_steps"],
            {
                "flow": edition.flow.id,
                "step_lanes": int_array(walker.lane for walker in gone),
                "visits": int_array(walker.visit_id for walker in gone),
                "numbers": int_array(walker.steps - 1 for walker in gone),
                "nodes": text_array(walker.node for walker in gone),
                "now": now,
            },
        )
