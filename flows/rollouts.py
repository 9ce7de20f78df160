"""Rollouts: what publishing an edition does to those inside, and to those it lets in at once.

Few people are moved in the transaction that publishes. Many are moved lane by lane by the engine's
workers (`rollout_step`), some lanes at a time in a transaction of its own under their locks, with a
job that shows how far it has come. Until a lane's turn has come, its visits rest at their old
version: goals and exits apply to them, but they take no step of it any more (`Flow.moving_to`). So
at every instant each visit walks one version, and nobody takes a step that an edit has changed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DataError, connection, transaction

from common import jobs
from common.arrays import instant_array, int_array, text_array
from common.lanes import LANES
from common.live import notify
from common.models import Job
from common.selectors import workspace
from common.sql import queries
from flows.engine.codes import instant_of, json_value
from flows.engine.world import PostgresWorld
from flows.graph import Graph, Node, Plan, compile_plan
from flows.graph.moving import Landing, default_spread, landing, spread_due
from flows.models import Flow, FlowVersion, Rollout
from flows.nodes.base import Walker
from flows.selectors import counts_of
from messaging.services import messages_cancel
from segments.catalogue import catalogue
from segments.selectors import fields_known

SQL = {**queries("flows"), **queries("flows", "editions")}

KIND: Final = "flow_rollout"
ALL_LANES: Final = list(range(LANES))
AT_ONCE: Final = 10_000
"""So many people are moved or let in by the transaction that publishes; more, lane by lane."""
ROWS_PER_STEP: Final = 10_000
"""About so many people are moved while some lanes are held: so few that data hardly waits."""
SAMPLE: Final = 10_000
"""So many of those at changed waits are looked at to say how many become due at once."""

REMOVED: Final = "removed by edit"

Place = tuple[int, str]
"""A version's id and a node's."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What people are moved to: a version that is or may be published."""

    flow: Flow
    graph: Graph
    suppress: Sequence[str]
    version_id: int = 0


@dataclass(slots=True)
class Stander:
    """A visit where it stands, and where it is to stand."""

    walker: Walker
    due: datetime | None
    landing: Landing


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
    return Stander(walker, row[11], landed)


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


# ── beginning ───────────────────────────────────────────────────────────────────────────────────


def rollout_begin(
    flow: Flow,
    version: FlowVersion,
    *,
    moves: Mapping[str, str | None] | None,
    spread: timedelta | None,
    entering: Sequence[Mapping[str, str]],
    now: datetime,
) -> Rollout | None:
    """Move those inside, and let existing members in: at once, or lane by lane if they are many.

    Every lane must be held. `flow.moving_to` is set, and saved by the caller.

    Parameters
    ----------
    moves
        Where those at removed nodes go; None: everybody stays at their version.
    spread
        Over how long those are spread who become due at once; None for the usual.
    entering
        `{"node", "segment"}` of each trigger whose segment's members enter.

    Returns
    -------
    Rollout or None
        What is under way; None if all is done.
    """
    if moves is not None:
        moves = _supersede(flow, version, moves, now=now)
    totals = counts_of([flow.id])[flow.id].totals
    people = totals["inside"] + totals["failed"] if moves is not None else 0
    people += _members([str(one["segment"]) for one in entering])
    rollout = Rollout(
        flow=flow,
        version=version,
        moves=None if moves is None else dict(moves),
        entering=[dict(one) for one in entering],
        began_at=now,
    )
    if people <= AT_ONCE:
        _work(rollout, ALL_LANES, spread=spread, now=now)
        return None
    if moves is not None:
        flow.moving_to = version.id
        rollout.spread_seconds = _spread_of_many(rollout, spread, now=now).total_seconds()
    job = jobs.job_create(
        KIND,
        title=f"Bring version {version.number} of {flow.name} to {people:,} people",
        now=now,
        total=people,
        detail={"flow": flow.key, "version": version.number},
    )
    jobs.job_start(job.id, now=now)
    rollout.job_id = job.id
    rollout.save()
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_lanes_insert"], {"rollout": rollout.id})
    return rollout


def _spread_of_many(rollout: Rollout, spread: timedelta | None, *, now: datetime) -> timedelta:
    if spread is not None:
        return spread
    edition = _edition(rollout)
    places = inside_by_place(rollout.flow_id)
    landed = landings(edition, list(places), rollout.moves or {})
    return default_spread(due_at_once(edition, landed, places, now=now)[0])


def _members(segments: Sequence[str]) -> int:
    if not segments:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SQL["members_of_segments"], {"segments": list(segments)})
        return int((cursor.fetchone() or (0,))[0])


def _supersede(
    flow: Flow, version: FlowVersion, moves: Mapping[str, str | None], *, now: datetime
) -> Mapping[str, str | None]:
    """End the moves that are still under way: who has not been moved yet goes on from here.

    A node that an earlier move led elsewhere leads there still, and on by the new one.
    """
    merged = dict(moves)
    nodes = {node.id for node in Graph.model_validate(version.graph).nodes}
    for earlier in Rollout.objects.filter(flow=flow, finished_at=None, moves__isnull=False):
        for key, target in earlier.moves.items():
            onward = target if target is None or target in nodes else moves.get(target)
            merged.setdefault(key, onward)
        if earlier.entering:
            Rollout.objects.filter(id=earlier.id).update(moves=None)
        else:
            _finish(earlier, now=now, anyhow=True)
    flow.moving_to = None
    return merged


# ── lane by lane ────────────────────────────────────────────────────────────────────────────────


def rollout_step(*, now: datetime) -> bool:
    """Do some lanes of the oldest rollout that is under way. Returns whether anything was done."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollouts_open"])
        row = cursor.fetchone()
    if row is None:
        return False
    with transaction.atomic():
        done, key = _step(row[0], now=now)
    if key is not None:
        notify(f"flow.{key}", {}, at_once=True)
    return done


def _step(rollout_id: int, *, now: datetime) -> tuple[bool, str | None]:
    rollout = Rollout.objects.select_related("flow", "version").filter(id=rollout_id).first()
    if rollout is None or rollout.finished_at is not None:
        return False, None
    job = Job.objects.filter(id=rollout.job_id).first()
    total = job.total if job and job.total else ROWS_PER_STEP
    params: dict[str, Any] = {
        "rollout": rollout.id,
        "limit": max(1, min(LANES, LANES * ROWS_PER_STEP // total)),
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_lock_lanes"], params)
        locked = [row[0] for row in cursor.fetchall()]
        cursor.execute(SQL["rollout_lanes_left"], {**params, "lanes": locked})
        lanes = sorted(row[0] for row in cursor.fetchall())
    # Read under the lanes: whoever publishes anew holds them all, and may have ended this rollout.
    rollout.refresh_from_db()
    if rollout.finished_at is not None:
        return True, rollout.flow.key
    if not lanes:
        return _finish(rollout, now=now), rollout.flow.key
    _work(rollout, lanes, spread=timedelta(seconds=rollout.spread_seconds), now=now)
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_lanes_done"], {**params, "lanes": lanes})
        cursor.execute(SQL["rollout_lanes_left"], {**params, "lanes": ALL_LANES})
        left = cursor.rowcount
    goes_on = job is None or jobs.job_progress(job.id, done=total * (LANES - left) // LANES)
    if not left or not goes_on:
        _finish(rollout, now=now, anyhow=not goes_on)
    return True, rollout.flow.key


def _finish(rollout: Rollout, *, now: datetime, anyhow: bool = False) -> bool:
    """End a rollout whose lanes are all done, or `anyhow`: then the rest stay where they are."""
    params = {"rollout": rollout.id, "anyhow": anyhow, "now": now, "lanes": ALL_LANES}
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_finish"], params)
        over = cursor.fetchone() is not None
        if over:
            cursor.execute(SQL["rollout_lanes_done"], params)
    if over and rollout.job_id is not None:
        jobs.job_finish(rollout.job_id, now=now)
    return over


def _edition(rollout: Rollout) -> Edition:
    version = rollout.version
    suppress = version.settings.get("suppress", ())
    return Edition(rollout.flow, Graph.model_validate(version.graph), suppress, version.id)


def _work(
    rollout: Rollout, lanes: Sequence[int], *, spread: timedelta | None, now: datetime
) -> None:
    """All that a rollout does in some lanes; they are held."""
    if rollout.moves is not None:
        _move(rollout, lanes, spread=spread, now=now)
    details = [
        (SQL["enter_existing"], {"change": "add", "node": one["node"]}, one["segment"])
        for one in rollout.entering
    ]
    if rollout.moves is not None:
        details += [
            (
                SQL["suppress_inside"],
                {"change": "remove", "reason": f"suppressed by segment {key}"},
                key,
            )
            for key in rollout.version.settings.get("suppress", ())
        ]
    params: dict[str, Any] = {
        "flow": rollout.flow_id,
        "flow_key": rollout.flow.key,
        "version": rollout.version_id,
        "lanes": list(lanes),
        "began": rollout.began_at,
        "now": now,
    }
    with connection.cursor() as cursor:
        for statement, detail, segment in details:
            cursor.execute(statement, {**params, "detail": json.dumps(detail), "segment": segment})


def _move(
    rollout: Rollout, lanes: Sequence[int], *, spread: timedelta | None, now: datetime
) -> None:
    """Move everybody in some lanes: those who rest on, those who think anew, go, or leave."""
    flow, edition = rollout.flow, _edition(rollout)
    landed = landings(edition, list(inside_by_place(flow.id, lanes)), rollout.moves or {})
    leaving = [place for place, one in landed.items() if one.fate == "leaves"]
    if leaving:
        visits_end(flow, places=leaving, reason=REMOVED, lanes=lanes, now=now)
    staying = [place for place, one in landed.items() if one.fate == "stays"]
    if staying:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["move_staying"],
                {
                    "flow": flow.id,
                    "version": edition.version_id,
                    "versions": [version_id for version_id, _ in staying],
                    "nodes": [node for _, node in staying],
                    "lanes": list(lanes),
                },
            )
    asked = {place: one for place, one in landed.items() if one.fate in ("thinks_anew", "goes")}
    standers = _standers(flow.id, asked, lanes)
    if standers:
        counts_bump(flow, _counts_of_going(standers), lane=lanes[0])
        _land(standers, now=now)
        rests = _rests(
            compile_plan(edition.graph, fields=fields_known()), standers, now=now, lanes=lanes
        )
        if spread is None:
            spread = default_spread(_at_once(standers, rests, now))
        _write(rollout, standers, rests, lanes=lanes, over=spread, now=now)


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


def _write(
    rollout: Rollout,
    standers: Sequence[Stander],
    rests: Mapping[int, datetime | None],
    *,
    lanes: Sequence[int],
    over: timedelta,
    now: datetime,
) -> None:
    def due(one: Stander) -> datetime | None:
        if one.walker.parked:
            return None
        if one.walker.visit_id in rests:
            return rests[one.walker.visit_id]
        return spread_due(one.walker.visit_id, now, began=rollout.began_at, over=over, old=one.due)

    walkers = [one.walker for one in standers]
    gone = [one.walker for one in standers if one.landing.fate == "goes"]
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["move_visits"],
            {
                "version": rollout.version_id,
                "ids": int_array(walker.visit_id for walker in walkers),
                "visit_lanes": int_array(walker.lane for walker in walkers),
                "states": text_array("failed" if one.parked else "inside" for one in walkers),
                "nodes": text_array(walker.node for walker in walkers),
                "arrived": instant_array(walker.arrived_at for walker in walkers),
                "due": instant_array(due(one) for one in standers),
                "steps": int_array(walker.steps for walker in walkers),
                "lanes": list(lanes),
            },
        )
        cursor.execute(
            SQL["insert_moved_steps"],
            {
                "flow": rollout.flow_id,
                "step_lanes": int_array(walker.lane for walker in gone),
                "visits": int_array(walker.visit_id for walker in gone),
                "numbers": int_array(walker.steps - 1 for walker in gone),
                "nodes": text_array(walker.node for walker in gone),
                "now": now,
            },
        )


# ── what lives share ────────────────────────────────────────────────────────────────────────────


def visits_end(
    flow: Flow,
    *,
    places: Sequence[Place] | None,
    reason: str,
    now: datetime,
    lanes: Sequence[int] = ALL_LANES,
) -> int:
    """Everybody inside (at some places, or at all) leaves; the lanes must be held."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["end_visits"],
            {
                "flow": flow.id,
                "lanes": list(lanes),
                "everybody": places is None,
                "versions": [version_id for version_id, _ in places or ()],
                "nodes": [node for _, node in places or ()],
                "now": now,
                "reason": reason,
            },
        )
        rows = cursor.fetchall()
    counts: Counter[tuple[str, str]] = Counter()
    for _lane, _visit, _contact, at_node, had_failed in rows:
        counts["", "exited"] += 1
        counts[at_node, "out:"] += 1
        if had_failed:
            counts["", "failed"] -= 1
            counts[at_node, "failed"] -= 1
    counts_bump(flow, counts, lane=lanes[0])
    messages_cancel([(row[0], row[1]) for row in rows], reason=f"left the flow: {reason}", now=now)
    if f"flow:{flow.key}" in catalogue().by_mention:
        _touch_left(flow, [(row[0], row[2]) for row in rows], now=now)
    return len(rows)


def _touch_left(flow: Flow, contacts: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Segments that ask for the flow look again at who has left it."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["touch_flows"],
            {
                "contact_lanes": int_array(lane for lane, _ in contacts),
                "contacts": int_array(contact_id for _, contact_id in contacts),
                "flow": flow.key,
                "detail": '{"change": "moved"}',
                "now": now,
            },
        )


def counts_bump(flow: Flow, counts: Mapping[tuple[str, str], int], *, lane: int) -> None:
    """Add to the live counters, in the rows of a lane that is held."""
    rows = [(key, n) for key, n in sorted(counts.items()) if n]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["bump_counts"],
            {
                "lane": lane,
                "flows": [flow.id] * len(rows),
                "nodes": [key[0] for key, _ in rows],
                "whats": [key[1] for key, _ in rows],
                "ns": [n for _, n in rows],
            },
        )
