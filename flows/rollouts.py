"""Rollouts: what a command does to everybody in a flow, at once or lane by lane.

What it does to few is done in the transaction that answers. To many it is done by the engine's
workers (`rollout_step`), some lanes at a time in a transaction of its own under their locks, with a
job that shows how far it has come. Until a lane's turn has come,

- of a move to another version, its visits rest at their old one: goals and exits apply to them, but
  they take no step of it any more (`Flow.moving_to`). So at every instant each visit walks one
  version, and nobody takes a step that an edit has changed;
- of a resumed flow, what was held stays held;
- of a flow that has ended, no visit takes a step, as the flow is in no book, and nothing that it
  queued goes out (`keys_ending`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from common import jobs
from common.lanes import LANES
from common.live import notify
from common.models import Job
from common.sql import queries
from flows.endings import ALL_LANES, visits_end
from flows.graph import Graph
from flows.graph.moving import default_spread
from flows.models import Flow, FlowVersion, Rollout
from flows.moves import Edition, due_at_once, inside_by_place, landings, people_move
from flows.resuming import visits_resume
from flows.selectors import counts_of
from flows.timers import version_reopen

SQL = queries("flows", "editions")

KIND: Final = "flow_rollout"
AT_ONCE: Final = 10_000
"""What concerns so many people is done by the transaction that answers; more, lane by lane."""
ROWS_PER_STEP: Final = 5_000
"""About so many people are moved while some lanes are held: so few that data hardly waits."""
WHOLE: Final = "This goes on to its end: stopped halfway it would leave people behind."

Kind = Rollout.Kind


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
    people = _people_inside(flow) if moves is not None else 0
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
        if spread is None:  # they have become many since that was asked
            spread = spread_of_many(_edition(rollout), moves, now=now)
        rollout.spread_seconds = (spread or timedelta(0)).total_seconds()
    title = f"Bring version {version.number} of {flow.name} to {people:,} people"
    _start(rollout, people, title=title, detail={"version": version.number}, now=now)
    return rollout


def resume_begin(flow: Flow, *, now: datetime) -> None:
    """Let those go on who were held while the flow was paused. Every lane must be held."""
    rollouts_end(flow, Kind.RESUME, now=now)
    people = _people_inside(flow)
    if people <= AT_ONCE or flow.live_version is None:
        visits_resume(flow, ALL_LANES, now=now)
        return
    rollout = Rollout(flow=flow, version=flow.live_version, kind=Kind.RESUME, began_at=now)
    title = f"Let {people:,} people in {flow.name} go on"
    _start(rollout, people, title=title, detail={jobs.WHOLE: WHOLE}, now=now)


def end_begin(flow: Flow, *, reason: str, now: datetime) -> int:
    """Have everybody inside leave a flow that has ended; what else was under way ends with it.

    Every lane must be held.

    Returns
    -------
    int
        How many leave; 0 while an earlier end still takes them out.
    """
    rollouts_end(flow, Kind.PUBLISH, Kind.RESUME, now=now)
    if is_ending(flow):
        return 0
    people = _people_inside(flow)
    if people <= AT_ONCE or flow.live_version is None:
        return visits_end(flow, places=None, reason=reason, now=now)
    rollout = Rollout(
        flow=flow, version=flow.live_version, kind=Kind.END, reason=reason, began_at=now
    )
    title = f"Take {people:,} people out of {flow.name}"
    _start(rollout, people, title=title, detail={jobs.WHOLE: WHOLE}, now=now)
    return people


def rollouts_end(flow: Flow, *kinds: Rollout.Kind, now: datetime) -> None:
    """End what is under way of some kinds. Every lane must be held."""
    for one in Rollout.objects.filter(flow=flow, finished_at=None, kind__in=kinds).order_by("id"):
        _finish(one, now=now, anyhow=True)
        if one.kind == Kind.PUBLISH and flow.moving_to == one.version_id:
            flow.moving_to = None


def is_ending(flow: Flow) -> bool:
    """Whether people are still being taken out, lane by lane."""
    return Rollout.objects.filter(flow=flow, finished_at=None, kind=Kind.END).exists()


def keys_ending() -> list[str]:
    """The flows out of which people are still being taken: nothing they queued may go out."""
    open_ends = Rollout.objects.filter(finished_at=None, kind=Kind.END)
    return list(open_ends.values_list("flow__key", flat=True))


def job_under_way(flow: Flow, kind: Rollout.Kind) -> UUID | None:
    """The job that shows how far this kind of rollout of a flow has come; None: all is done."""
    under_way = Rollout.objects.filter(flow=flow, finished_at=None, kind=kind).order_by("-id")
    return under_way.values_list("job_id", flat=True).first()


def _people_inside(flow: Flow) -> int:
    totals = counts_of([flow.id])[flow.id].totals
    return totals["inside"] + totals["failed"]


def _start(
    rollout: Rollout, people: int, *, title: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Put a rollout on record, to be done in every lane, with its job."""
    job = jobs.job_create(
        KIND, title=title, now=now, total=people, detail={"flow": rollout.flow.key, **detail}
    )
    jobs.job_start(job.id, now=now)
    rollout.job_id = job.id
    rollout.save()
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_lanes_insert"], {"rollout": rollout.id})


def spread_of_many(
    edition: Edition, moves: Mapping[str, str | None], *, now: datetime
) -> timedelta | None:
    """Over how long to spread those who become due at once; None while there are few inside.

    Asked before the lanes are held, as it reads everybody inside.
    """
    if _people_inside(edition.flow) <= AT_ONCE:
        return None
    places = inside_by_place(edition.flow.id)
    landed = landings(edition, list(places), moves)
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
        for key, target in (earlier.moves or {}).items():
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
    job = Job.objects.filter(id=rollout.job_id).first() if rollout.job_id else None
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
    rollout = Rollout.objects.select_related("flow", "version").get(id=rollout_id)
    if rollout.finished_at is not None:
        return True, rollout.flow.key
    if rollout.kind == Kind.RESUME and not rollout.flow.is_running:
        return _finish(rollout, now=now, anyhow=True), rollout.flow.key  # paused by the engine
    if not lanes:
        return _finish(rollout, now=now), rollout.flow.key
    _work(rollout, lanes, spread=timedelta(seconds=rollout.spread_seconds), now=now)
    with connection.cursor() as cursor:
        cursor.execute(SQL["rollout_lanes_done"], {**params, "lanes": lanes})
        cursor.execute(SQL["rollout_lanes_left"], {**params, "lanes": ALL_LANES})
        left = cursor.rowcount
    goes_on = job is None or jobs.job_progress(job.id, done=total * (LANES - left) // LANES)
    goes_on |= rollout.kind != Kind.PUBLISH  # what would be left could never go on
    if not left or not goes_on:
        _finish(rollout, now=now, anyhow=not goes_on)
    return True, rollout.flow.key


def _finish(rollout: Rollout, *, now: datetime, anyhow: bool = False) -> bool:
    """End a rollout whose lanes are all done, or `anyhow`: then the rest stay where they are."""
    params: dict[str, Any] = {
        "rollout": rollout.id,
        "anyhow": anyhow,
        "now": now,
        "lanes": ALL_LANES,
    }
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
    goal = version.settings.get("goal")
    return Edition(rollout.flow, Graph.model_validate(version.graph), goal, version.id)


def _work(
    rollout: Rollout, lanes: Sequence[int], *, spread: timedelta | None, now: datetime
) -> None:
    """All that a rollout does in some lanes; they are held."""
    if rollout.kind == Kind.RESUME:
        visits_resume(rollout.flow, lanes, now=now)
    elif rollout.kind == Kind.END:
        flow, began = rollout.flow, rollout.began_at
        visits_end(flow, places=None, reason=rollout.reason, lanes=lanes, now=began)
    else:
        _publish(rollout, lanes, spread=spread, now=now)


def _publish(
    rollout: Rollout, lanes: Sequence[int], *, spread: timedelta | None, now: datetime
) -> None:
    if rollout.moves is not None:
        version_reopen(rollout.version_id)
        people_move(
            _edition(rollout),
            lanes,
            moves=rollout.moves,
            spread=spread,
            began=rollout.began_at,
            now=now,
            is_late=rollout.pk is not None,
        )
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
