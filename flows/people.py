"""What a person does to the people in a flow: retry, skip, go on now, move, take out.

One, many or all, in one shape: whom (`Chosen`), what (one of `ACTIONS`). A few thousand are done at
once, in the caller's request; more become a job of small pieces, each one transaction that holds
one lane, so that the engine works on in the others. Who comes to be meant after the asking (by
arriving or failing anew) is left alone, so that a job ends.

All is written as the pulse would write it: under the lane's lock, with the step numbered, the
counters kept, segments that look at the flow touched, and queued messages called back where a visit
ends. What a step then does is the pulse's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from accounts.permissions import Actor
from accounts.services import audit
from common import jobs
from common.arrays import int_array, text_array
from common.clock import canonical, parse_instant
from common.errors import Conflict, Refused
from common.lanes import LANES, lane_of
from common.live import notify
from common.models import Job
from common.sql import queries
from contacts.selectors import contacts_search
from flows.models import Flow
from flows.selectors import flow_by_key
from flows.series import counts_add
from flows.ways import Stand, Ways
from messaging.services import messages_cancel
from segments.catalogue import catalogue

SQL = queries("flows", "failures")
PULSE = queries("flows")

AT_ONCE: Final = 5_000
"""So many are done within the request; more are a job's."""
PIECE: Final = 5_000
"""So many one transaction of a job does, at most."""
MOST_NAMED: Final = 10_000
"""So many visits or contacts can be named one by one, or be found by a search."""
ALL_LANES: Final = list(range(LANES))

KIND: Final = "flow_people"
_NAMED: Final = ("visits", "contacts")

_STATES: Final[Mapping[str, str]] = {
    "retry": "v.state = 'failed'",
    "skip": "v.state = 'failed'",
    "go_on": "v.state = 'inside'",
    "move": "v.state IN ('inside', 'failed')",
    "remove": "v.state IN ('inside', 'failed')",
}
ACTIONS: Final = tuple(_STATES)
_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "retry": ("retried", "Retry"),
    "skip": ("skipped", "Skip"),
    "go_on": ("sent_on", "Send on"),
    "move": ("moved", "Move"),
    "remove": ("removed", "Take out"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a person means, of those in one flow: all that is given must hold.

    Attributes
    ----------
    visits, contacts
        These, by their ids.
    node
        Those at this step.
    kind
        Those whose failure is of this kind.
    search
        Those whom a search for contacts finds.
    everybody
        Said in so many words, where nothing else narrows it.
    failed
        Those who are parked with an error; those who are not.
    """

    visits: tuple[int, ...] | None = None
    contacts: tuple[int, ...] | None = None
    node: str | None = None
    kind: str | None = None
    search: str | None = None
    everybody: bool = False
    failed: bool | None = None

    def checked(self) -> Chosen:
        """The same, with the search's contacts.

        Raises
        ------
        Refused
            If it says nobody in particular: that must never mean everybody.
        """
        named = (self.visits, self.contacts, self.node, self.kind, self.search or None)
        if not self.everybody and all(one is None for one in named):
            raise Refused("Say whom you mean, or “all”.", code="required", attr="all")
        for attr, ids in (("visits", self.visits), ("contacts", self.contacts)):
            if ids is not None and len(ids) > MOST_NAMED:
                raise Refused(f"Name no more than {MOST_NAMED} at once.", attr=attr)
        if not self.search:
            return replace(self, search=None)
        rows = contacts_search(search=self.search).values_list("id", flat=True)
        found = set(rows[: MOST_NAMED + 1])
        if len(found) > MOST_NAMED:
            raise Refused("That search finds too many: narrow it.", attr="search")
        if self.contacts is not None:
            found &= set(self.contacts)
        return replace(self, search=None, contacts=tuple(sorted(found)))

    @classmethod
    def kept(cls, data: Mapping[str, Any]) -> Chosen:
        """As it was kept with a job."""
        kept: dict[str, Any] = dict(data)
        for name in _NAMED:
            kept[name] = None if kept[name] is None else tuple(kept[name])
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class Acted:
    """How many were meant, and the job that does it if they were many."""

    count: int
    job: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be done in one flow, to whom, on whose word."""

    flow: Flow
    action: str
    chosen: Chosen
    given: Mapping[str, Any]
    by: str
    asked_at: datetime
    ways: Ways = field(repr=False)

    def params(self, lanes: Sequence[int]) -> dict[str, Any]:
        """Whom it means, for the statements that hold `{chosen}`."""
        chosen = self.chosen
        return {
            "flow": self.flow.id,
            "lanes": list(lanes),
            "asked_at": self.asked_at,
            "visits": None if chosen.visits is None else int_array(chosen.visits),
            "contacts": None if chosen.contacts is None else int_array(chosen.contacts),
            "nodes": None if chosen.node is None else text_array([chosen.node]),
            "kind": chosen.kind,
            "but": self.given.get("to") if self.action == "move" else None,
        }

    def statement(self, name: str) -> str:
        """A statement about whom it means."""
        states = _STATES[self.action]
        if self.chosen.failed is not None:
            states += f" AND v.state {'=' if self.chosen.failed else '<>'} 'failed'"
        whom = SQL["chosen"].replace("{states}", states)
        return SQL[name].replace("{chosen}", whom)

    def possible_lanes(self) -> list[int]:
        """The lanes in which anybody can be whom it means."""
        contacts = self.chosen.contacts
        return ALL_LANES if contacts is None else sorted(set(map(lane_of, contacts)))


def people_act(
    key: str,
    action: str,
    chosen: Chosen,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Acted:
    """Do something to people in a flow: at once if they are few, else by a job.

    Parameters
    ----------
    action
        One of `ACTIONS`.
    given
        What the action needs to know: `branch` (skip, go_on), `to` (move), `live` (retry).

    Raises
    ------
    Refused
        If nobody is meant in particular, or the action cannot be done where they stand.
    Conflict
        If the flow does not run.
    """
    flow = flow_by_key(key)
    if flow.status not in (Flow.Status.LIVE, Flow.Status.PAUSED):
        raise Conflict(f"This flow is {flow.status}; nobody is inside.")
    task = _Task(flow, action, chosen.checked(), given, actor.label, now, Ways(flow))
    with transaction.atomic():
        places = _places(task)
        count = sum(places.values())
        for version_id, node in places:
            _check(task, version_id, node)
        said = {name: value for name, value in asdict(chosen).items() if value} | dict(given)
        for name in _NAMED:
            if name in said:
                said[name] = len(said[name])
        detail = {"n": count, **said}
        audit(actor, f"flow.people_{_DONE[action][0]}", f"flow:{key}", detail, now=now)
        if count > AT_ONCE:
            return Acted(count, _job(task, count, now=now).id)
        return Acted(_at_once(task, now=now) if count else 0)


def _places(task: _Task) -> dict[tuple[int, str], int]:
    """Where those who are meant stand, and how many: (version id, node) → n."""
    with connection.cursor() as cursor:
        cursor.execute(task.statement("count_chosen"), task.params(task.possible_lanes()))
        return {(version_id, node): n for version_id, node, n in cursor.fetchall()}


def _check(task: _Task, version_id: int, node: str) -> None:
    """Refuse what cannot be done to those at a step, before anybody is moved."""
    if task.action in ("skip", "go_on"):
        task.ways.out(version_id, node, task.given.get("branch"), resting=task.action == "go_on")
    elif task.action == "move":
        task.ways.to(version_id, str(task.given["to"]))


def _at_once(task: _Task, *, now: datetime) -> int:
    """All of them, in the caller's transaction, with their lanes held."""
    with connection.cursor() as cursor:
        cursor.execute(task.statement("lanes_chosen"), task.params(task.possible_lanes()))
        lanes = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(SQL["lock_some_lanes"], {"lanes": lanes})
    return _do(task, lanes, after=0, limit=2 * AT_ONCE, now=now)[0]


def _job(task: _Task, count: int, *, now: datetime) -> Job:
    from flows.tasks import act_on_people

    _, title = _DONE[task.action]
    job = jobs.job_create(
        KIND,
        title=f"{title} {count:,} people in the flow {task.flow.name}",
        now=now,
        total=count,
        detail={
            "flow": task.flow.key,
            "action": task.action,
            "chosen": asdict(task.chosen),
            "given": dict(task.given),
            "by": task.by,
            "asked_at": canonical(now),
            "lane": 0,
            "after": 0,
        },
    )
    act_on_people.configure(lock=f"flow:{task.flow.id}:people").defer(job_id=str(job.id))
    return job


def people_job(job_id: UUID | str, *, clock: Callable[[], datetime]) -> None:
    """Do a job's pieces, going on where an earlier try was stopped.

    Parameters
    ----------
    clock
        Gives the instant of each piece.
    """
    if jobs.job_start(job_id, now=clock()):
        job = Job.objects.get(id=job_id)
        while job.detail["lane"] < LANES and _piece(job, now=clock()):
            job.refresh_from_db()
    jobs.job_finish(job_id, now=clock())


@transaction.atomic
def _piece(job: Job, *, now: datetime) -> bool:
    """Do the next piece in one transaction; false if the job has been cancelled."""
    detail = dict(job.detail)
    flow = flow_by_key(detail["flow"])
    if flow.status not in (Flow.Status.LIVE, Flow.Status.PAUSED):
        return jobs.job_progress(job.id, done=job.done, detail={**detail, "lane": LANES})
    task = _Task(
        flow,
        detail["action"],
        Chosen.kept(detail["chosen"]),
        detail["given"],
        detail["by"],
        parse_instant(detail["asked_at"]),
        Ways(flow),
    )
    lane = detail["lane"]
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_some_lanes"], {"lanes": [lane]})
    done, last = _do(task, [lane], after=detail["after"], limit=PIECE, now=now)
    detail |= {"after": last} if last else {"lane": lane + 1, "after": 0}
    return jobs.job_progress(job.id, done=job.done + done, detail=detail)


def _do(
    task: _Task, lanes: Sequence[int], *, after: int, limit: int, now: datetime
) -> tuple[int, int]:
    """Act on the next of those who are meant; the lanes are held.

    Returns
    -------
    (int, int)
        On how many, and the id after which there are more; 0 if there are none.
    """
    with connection.cursor() as cursor:
        params = {**task.params(lanes), "after": after, "limit": limit}
        cursor.execute(task.statement("take_chosen"), params)
        stands = [Stand(*row) for row in cursor.fetchall()]
    done = _ACTS[task.action](task, stands, now) if stands else 0
    return done, stands[-1].visit_id if len(stands) == limit else 0


def _retry(task: _Task, stands: Sequence[Stand], now: datetime) -> int:
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


def _leave(task: _Task, stands: Sequence[Stand], now: datetime) -> int:
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


def _move(task: _Task, stands: Sequence[Stand], now: datetime) -> int:
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


def _remove(task: _Task, stands: Sequence[Stand], now: datetime) -> int:
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


_ACTS: Final[Mapping[str, Callable[[_Task, Sequence[Stand], datetime], int]]] = {
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
    task: _Task,
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
    task: _Task,
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
    task: _Task,
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
    task: _Task,
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


def _leave_suppressed(task: _Task, stands: Sequence[Stand], version_id: int, now: datetime) -> None:
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
