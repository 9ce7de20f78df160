"""What a person does to the people in a flow: retry, skip, go on now, move, take out.

One, many or all, in one shape: whom (`Chosen`), what (one of `flows.acts.ACTS`). A few thousand are
done at once, in the caller's request; more become a job of small pieces, each one transaction that
holds one lane, so that the engine works on in the others. Who comes to be meant after the asking
(by arriving or failing anew) is left alone, so that a job ends.

Who is meant is `flows.chosen`; what each action writes, under the lanes' locks, `flows.acts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from accounts.permissions import Actor
from accounts.services import audit
from common import jobs
from common.clock import canonical, parse_instant
from common.errors import Conflict
from common.lanes import LANES
from common.models import Job
from common.sql import queries
from flows.acts import ACTS
from flows.chosen import NAMED, Chosen, Task
from flows.models import Flow
from flows.selectors import flow_by_key
from flows.ways import Stand, Ways

SQL = queries("flows", "failures")

AT_ONCE: Final = 5_000
"""So many are done within the request; more are a job's."""
PIECE: Final = 5_000
"""So many one transaction of a job does, at most."""

KIND: Final = "flow_people"

_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "retry": ("retried", "Retry"),
    "skip": ("skipped", "Skip"),
    "go_on": ("sent_on", "Send on"),
    "move": ("moved", "Move"),
    "remove": ("removed", "Take out"),
}


@dataclass(frozen=True, slots=True)
class Acted:
    """How many were meant, and the job that does it if they were many."""

    count: int
    job: UUID | None = None


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
        One of `flows.acts.ACTS`.
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
    task = Task(flow, action, chosen.checked(), given, actor.label, now, Ways(flow))
    with transaction.atomic():
        places = _places(task)
        count = sum(places.values())
        for version_id, node in places:
            _check(task, version_id, node)
        said = {name: value for name, value in asdict(chosen).items() if value} | dict(given)
        for name in NAMED:
            if name in said:
                said[name] = len(said[name])
        detail = {"n": count, **said}
        audit(actor, f"flow.people_{_DONE[action][0]}", f"flow:{key}", detail, now=now)
        if count > AT_ONCE:
            return Acted(count, _job(task, count, now=now).id)
        return Acted(_at_once(task, now=now) if count else 0)


def _places(task: Task) -> dict[tuple[int, str], int]:
    """Where those who are meant stand, and how many: (version id, node) → n."""
    with connection.cursor() as cursor:
        cursor.execute(task.statement("count_chosen"), task.params(task.possible_lanes()))
        return {(version_id, node): n for version_id, node, n in cursor.fetchall()}


def _check(task: Task, version_id: int, node: str) -> None:
    """Refuse what cannot be done to those at a step, before anybody is moved."""
    if task.action in ("skip", "go_on"):
        task.ways.out(version_id, node, task.given.get("branch"), resting=task.action == "go_on")
    elif task.action == "move":
        task.ways.to(version_id, str(task.given["to"]))


def _at_once(task: Task, *, now: datetime) -> int:
    """All of them, in the caller's transaction, with their lanes held."""
    with connection.cursor() as cursor:
        cursor.execute(task.statement("lanes_chosen"), task.params(task.possible_lanes()))
        lanes = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(SQL["lock_some_lanes"], {"lanes": lanes})
    return _do(task, lanes, after=0, limit=2 * AT_ONCE, now=now)[0]


def _job(task: Task, count: int, *, now: datetime) -> Job:
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
    task = Task(
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
    task: Task, lanes: Sequence[int], *, after: int, limit: int, now: datetime
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
    done = ACTS[task.action](task, stands, now) if stands else 0
    return done, stands[-1].visit_id if len(stands) == limit else 0
