"""What retrying, skipping, going on, moving and taking out write, for people whose lanes are held.

All is written as the pulse would write it: the step numbered, the counters kept, segments that look
at the flow touched, and queued messages called back where a visit ends. What a step then does is
the pulse's. Who is meant, and how the work is shared out, is `flows.people`'s.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from common.arrays import int_array, text_array
from common.errors import Refused
from common.live import notify
from common.sql import queries
from flows.chosen import Task
from flows.models import Flow
from flows.series import counts_add
from flows.ways import Stand
from messaging.services import messages_cancel
from segments.catalogue import catalogue

SQL = queries("flows", "failures")
PULSE = queries("flows")


def _retry(task: Task, stands: Sequence[Stand], now: datetime) -> int:
    """The step is decided anew."""
    live = bool(task.given.get("live"))
    versions = [
        task.ways.live_or_own(stand.version_id, stand.node) if live else stand.version_id
        for stand in stands
    ]
    counts: Counter[tuple[str, str]] = Counter()
    _run_again(task, stands, versions, counts, now)
    _written(task, stands, counts, now, going_over=versions)
    return len(stands)


def _leave(task: Task, stands: Sequence[Stand], now: datetime) -> int:
    """The step is left by a branch; where none leads on, the visit is completed."""
    on: list[tuple[Stand, int, str, str]] = []
    out: list[tuple[Stand, str]] = []
    again: list[Stand] = []
    for stand in stands:
        try:
            way = task.ways.out(
                stand.version_id,
                stand.node,
                task.given.get("branch"),
                resting=task.action == "go_on",
            )
        except Refused:
            continue  # come to another step since it was asked for: left as they are
        if way.again:
            again.append(stand)
        elif way.target is None:
            out.append((stand, way.branch))
        else:
            on.append((stand, stand.version_id, way.target, way.branch))
    counts: Counter[tuple[str, str]] = Counter()
    _run_again(task, again, [stand.version_id for stand in again], counts, now)
    _send_on(task, on, counts, now)
    _end(task, out, counts, state="completed", reason="came to the end", now=now)
    acted = [*again, *(row[0] for row in on), *(row[0] for row in out)]
    _written(task, acted, counts, now)
    return len(acted)


def _move(task: Task, stands: Sequence[Stand], now: datetime) -> int:
    """To another step, in the visit's own version if it has it, else in the live one."""
    target = str(task.given["to"])
    on: list[tuple[Stand, int, str, str]] = []
    for stand in stands:
        try:
            on.append((stand, task.ways.to(stand.version_id, target), target, "moved"))
        except Refused:
            continue  # the flow was published anew since it was asked for
    counts: Counter[tuple[str, str]] = Counter()
    _send_on(task, on, counts, now)
    acted = [row[0] for row in on]
    _written(task, acted, counts, now, going_over=[row[1] for row in on])
    return len(acted)


def _remove(task: Task, stands: Sequence[Stand], now: datetime) -> int:
    """Out of the flow; what is still queued for them is called back."""
    counts: Counter[tuple[str, str]] = Counter()
    reason = f"removed by {task.by}"
    _end(task, [(stand, "") for stand in stands], counts, state="exited", reason=reason, now=now)
    messages_cancel(
        [(stand.lane, stand.visit_id) for stand in stands],
        reason=f"left the flow: {reason}",
        now=now,
    )
    _written(task, stands, counts, now)
    return len(stands)


ACTS: Final[Mapping[str, Callable[[Task, Sequence[Stand], datetime], int]]] = {
    "retry": _retry,
    "skip": _leave,
    "go_on": _leave,
    "move": _move,
    "remove": _remove,
}


def _of(stands: Sequence[Stand], now: datetime) -> dict[str, Any]:
    return {
        "ids": int_array(stand.visit_id for stand in stands),
        "visit_lanes": int_array(stand.lane for stand in stands),
        "lanes": sorted({stand.lane for stand in stands}),
        "now": now,
    }


def _parked_no_more(stand: Stand, counts: Counter[tuple[str, str]]) -> None:
    if stand.failed:
        counts["", "failed"] -= 1
        counts[stand.node, "failed"] -= 1


def _run_again(
    task: Task,
    stands: Sequence[Stand],
    versions: Sequence[int],
    counts: Counter[tuple[str, str]],
    now: datetime,
) -> None:
    if not stands:
        return
    with connection.cursor() as cursor:
        cursor.execute(SQL["run_again"], {**_of(stands, now), "versions": int_array(versions)})
    for stand in stands:
        _parked_no_more(stand, counts)


def _send_on(
    task: Task,
    rows: Sequence[tuple[Stand, int, str, str]],
    counts: Counter[tuple[str, str]],
    now: datetime,
) -> None:
    """(visit, version, target, branch): a step at the target, which is decided at once."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["send_on"],
            {
                **_of([row[0] for row in rows], now),
                "flow": task.flow.id,
                "versions": int_array(row[1] for row in rows),
                "targets": text_array(row[2] for row in rows),
                "branches": text_array(row[3] for row in rows),
            },
        )
    for stand, _version, target, branch in rows:
        _parked_no_more(stand, counts)
        counts[stand.node, f"out:{branch}"] += 1
        counts[target, "in"] += 1


def _end(
    task: Task,
    rows: Sequence[tuple[Stand, str]],
    counts: Counter[tuple[str, str]],
    *,
    state: str,
    reason: str,
    now: datetime,
) -> None:
    """(visit, branch): the visit ends where it stands."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["end_chosen"],
            {
                **_of([row[0] for row in rows], now),
                "branches": text_array(row[1] for row in rows),
                "state": state,
                "reason": reason,
            },
        )
    for stand, branch in rows:
        _parked_no_more(stand, counts)
        counts[stand.node, f"out:{branch}"] += 1
        counts["", state] += 1


def _written(
    task: Task,
    stands: Sequence[Stand],
    counts: Mapping[tuple[str, str], int],
    now: datetime,
    *,
    going_over: Sequence[int] = (),
) -> None:
    """After the visits: counters, segments that look at the flow, who watches the canvas."""
    flow = task.flow
    grown = (((flow.id, *place), n) for place, n in counts.items())
    counts_add(grown, lane=min(stand.lane for stand in stands), at=now)
    if f"flow:{flow.key}" in catalogue().by_mention:
        _touch(flow, [(stand.lane, stand.contact_id) for stand in stands], {"change": "moved"}, now)
    over = [
        (stand, version_id)
        for stand, version_id in zip(stands, going_over, strict=False)
        if version_id != stand.version_id
    ]
    if over:
        _leave_suppressed(task, [stand for stand, _ in over], over[0][1], now)
    transaction.on_commit(lambda: notify(f"flow.{flow.key}", {}))


def _leave_suppressed(task: Task, stands: Sequence[Stand], version_id: int, now: datetime) -> None:
    """Who has gone over to a version that suppresses a segment they are in is asked to leave."""
    suppress = task.ways.suppress(version_id)
    if not suppress:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["suppressed_among"],
            {
                "contact_lanes": int_array(stand.lane for stand in stands),
                "contacts": int_array(stand.contact_id for stand in stands),
                "segments": suppress,
            },
        )
        found = cursor.fetchall()
    for key in sorted({row[2] for row in found}):
        whom = [(row[0], row[1]) for row in found if row[2] == key]
        detail = {"change": "remove", "reason": f"suppressed by segment {key}"}
        _touch(task.flow, whom, detail, now)


def _touch(
    flow: Flow, whom: Sequence[tuple[int, int]], detail: Mapping[str, Any], now: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            PULSE["touch_flows"],
            {
                "contact_lanes": int_array(lane for lane, _ in whom),
                "contacts": int_array(contact_id for _, contact_id in whom),
                "flow": flow.key,
                "detail": json.dumps(detail),
                "now": now,
            },
        )
