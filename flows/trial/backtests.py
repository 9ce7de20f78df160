"""Backtests: asked for, done by a job in processes of their own, kept with their results.

The job starts one process for the draft and one for the live version. Each works in a schema of its
own, `search_path` naming nothing else, so nothing it does can reach the real tables; each ends when
the job's worker does. The job alone writes progress and result. A job whose worker died begins
anew; what it left behind is swept away.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings as django_settings
from django.db import connection, transaction

from common import jobs
from common.clock import canonical
from common.errors import Conflict, NotFound
from common.models import Job, Workspace
from flows.lives import FlowHasProblemsError
from flows.models import Backtest, Flow
from flows.services import draft_problems
from flows.trial.schema import schema_drop, schemas_sweep
from flows.trial.shapes import TrialRefused
from segments.models import Segment

log = logging.getLogger(__name__)

KIND: Final = "backtest"
MOST_DAYS: Final = 730
KEPT: Final = 50
"""So many results are kept for each flow."""
LOOK_SECONDS: Final = 1.0
"""How often a job looks whether it is to stop."""


class BacktestFailed(Exception):
    """A replay came to no end; the sentence says why."""


@transaction.atomic
def backtest_create(
    flow: Flow,
    *,
    days: int,
    segment: str | None = None,
    resolution: str | None = None,
    now: datetime,
) -> Backtest:
    """Have the draft tried on the last days, and the live version beside it.

    Raises
    ------
    FlowHasProblemsError
        If the draft could not be published.
    NotFound
        If there is no such segment.
    Conflict
        If this flow's last backtest is still running.
    """
    problems = draft_problems(flow.graph, flow.settings)
    if problems:
        raise FlowHasProblemsError(problems)
    if not 0 < days <= MOST_DAYS:
        raise TrialRefused(f"Choose from 1 to {MOST_DAYS} days.", attr="days")
    if segment is not None and not Segment.objects.filter(key=segment).exists():
        raise NotFound(f"There is no segment “{segment}”.", attr="segment")
    Flow.objects.select_for_update().get(id=flow.id)
    last = Backtest.objects.filter(flow=flow).order_by("-id").first()
    if (
        last is not None
        and last.job_id is not None
        and Job.objects.filter(id=last.job_id, status__in=_OPEN).exists()
    ):
        raise Conflict("A backtest of this flow is still running.")
    job = jobs.job_create(
        KIND,
        title=f"Backtest of {flow.name} on {days} days",
        now=now,
        total=100,
        detail={"flow": flow.key},
    )
    made = Backtest.objects.create(
        flow=flow,
        job_id=job.id,
        days=days,
        segment=segment,
        resolution=resolution,
        begins_at=now - timedelta(days=days),
        ends_at=now,
        created_at=now,
        graph=flow.graph,
        settings=flow.settings,
        live_version=flow.live_version,
    )
    Job.objects.filter(id=job.id).update(detail={"flow": flow.key, "backtest": made.id})
    from flows.tasks import backtest

    backtest.configure(lock=f"backtest:{flow.id}").defer(job_id=str(job.id), backtest_id=made.id)
    return made


_OPEN = (Job.Status.QUEUED, Job.Status.RUNNING)


def backtest_run(job_id: UUID | str, backtest_id: int, *, clock: Callable[[], datetime]) -> None:
    """Do a backtest from its beginning, as a job does it."""
    if not jobs.job_start(job_id, now=clock()):
        return
    made = Backtest.objects.select_related("flow", "live_version").get(id=backtest_id)
    schemas_sweep()
    asked = {"draft": (made.graph, made.settings)}
    if made.live_version is not None:
        asked["live"] = (made.live_version.graph, made.live_version.settings)
    replays: dict[str, _Child] = {}
    try:
        for name, (graph, settings) in asked.items():
            replays[name] = _Child(_line(made, name, graph, settings))
        goes_on = _watch(job_id, replays)
    finally:
        for child in replays.values():
            child.end()
        for name in asked:
            schema_drop(_schema(made, name))
    if goes_on:
        found = {name: child.outcome or {} for name, child in replays.items()}
        _keep(made, found)
    jobs.job_finish(job_id, now=clock())


def _watch(job_id: UUID | str, replays: Mapping[str, _Child]) -> bool:
    """Follow the replays to their end; false if the job is to stop."""
    while any(child.outcome is None for child in replays.values()):
        waiting = [child for child in replays.values() if child.outcome is None]
        ready, _, _ = select.select([child.output for child in waiting], [], [], LOOK_SECONDS)
        for child in waiting:
            if child.output in ready:
                child.hear()
        part = sum(child.progress for child in replays.values()) / len(replays)
        if not jobs.job_progress(job_id, done=min(99, int(100 * part))):
            return False
    return True


class _Child:
    """A process that replays a period."""

    def __init__(self, line: Mapping[str, Any]) -> None:
        self.progress = 0.0
        self.outcome: dict[str, Any] | None = None
        # A file and no pipe: nobody reads while the process lives, and a full pipe would stop it.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - `end` closes it
        self.process = subprocess.Popen(
            [sys.executable, str(django_settings.BASE_DIR / "manage.py"), "backtest_replay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, "DATABASE_URL": _address(line["schema"]), "DATABASE_POOL": "0"},
            cwd=django_settings.BASE_DIR,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.output = self.process.stdout.fileno()
        self._rest = b""
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> None:
        """Take what the process has said.

        Raises
        ------
        BacktestFailed
            If it ended without a result.
        """
        said = os.read(self.output, 1 << 20)
        if not said:
            raise BacktestFailed(self._why())
        *lines, self._rest = (self._rest + said).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "progress" in told:
                self.progress = told["progress"]
            else:
                self.progress, self.outcome = 1.0, told

    def _why(self) -> str:
        self.process.wait()
        self.errors.seek(0)
        text = self.errors.read().decode("utf-8", "replace").strip()
        log.error("a backtest's replay failed:\n%s", text)
        return text.splitlines()[-1][:500] if text else "its process was ended"

    def end(self) -> None:
        """Have it ended, whatever it does."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def _line(
    made: Backtest, name: str, graph: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (source,) = cursor.fetchone()
    return {
        "schema": _schema(made, name),
        "source": source,
        "begins": canonical(made.begins_at),
        "ends": canonical(made.ends_at),
        "segment": made.segment,
        "resolution": made.resolution,
        "flow": {"id": made.flow_id, "key": made.flow.key, "name": made.flow.name},
        "graph": graph,
        "settings": settings,
        "zone": Workspace.objects.values_list("timezone", flat=True).first() or "UTC",
    }


def _schema(made: Backtest, name: str) -> str:
    return f"trial_{made.id}_{name}"


def _address(schema: str) -> str:
    """The address of our database, for a connection that sees one schema alone."""
    known = connection.settings_dict
    login = quote(known["USER"] or "", safe="")
    if known["PASSWORD"]:
        login += f":{quote(known['PASSWORD'], safe='')}"
    kept = {
        name: str(value)
        for name, value in (known.get("OPTIONS") or {}).items()
        if isinstance(value, str | int) and not isinstance(value, bool) and name != "pool"
    }
    own = f"-c search_path={schema} -c synchronous_commit=off -c jit=off -c work_mem=64MB"
    kept["options"] = f"{kept.get('options', '')} {own}".strip()
    for name in ("HOST", "PORT"):
        if known[name]:
            kept[name.lower()] = str(known[name])
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())
    return f"postgresql://{login}{'@' if login else ''}/{quote(known['NAME'], safe='')}?{query}"


@transaction.atomic
def _keep(made: Backtest, found: Mapping[str, Mapping[str, Any]]) -> None:
    notes = dict.fromkeys(note for one in found.values() for note in one["notes"])
    Backtest.objects.filter(id=made.id).update(
        result={"draft": found["draft"]["result"], "live": found.get("live", {}).get("result")},
        notes=list(notes),
        figures={name: one["figures"] for name, one in found.items()},
    )
    kept = Backtest.objects.filter(flow_id=made.flow_id).order_by("-id")
    old = list(kept.values_list("id", flat=True)[KEPT:])
    Backtest.objects.filter(id__in=old).delete()


def backtests_of(flow: Flow) -> list[dict[str, Any]]:
    """A flow's backtests, the newest first, with how far their jobs are."""
    rows = list(Backtest.objects.filter(flow=flow).order_by("-id")[:KEPT])
    known = Job.objects.in_bulk([one.job_id for one in rows if one.job_id])
    return [_shown(one, known.get(one.job_id)) for one in rows]


def _shown(one: Backtest, job: Job | None) -> dict[str, Any]:
    over = "done" if one.result is not None else "failed"
    status = over if job is None else job.status
    return {
        "id": one.id,
        "job": one.job_id,
        "status": status,
        "days": one.days,
        "segment": one.segment,
        "from": canonical(one.begins_at),
        "to": canonical(one.ends_at),
        "created_at": canonical(one.created_at),
        "percent": 100 if status == "done" or job is None else job.done,
        "error": "" if job is None else job.error,
        "result": one.result,
        "notes": one.notes,
    }
