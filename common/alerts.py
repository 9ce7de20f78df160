"""What needs a person's attention now, in every room: the rows of `GET /api/alerts/`.

Each room registers from its AppConfig.ready() a function that finds its own. It is asked whenever
somebody looks at the home page, so it must be cheap: a few statements, each on an index or on a
small table, whatever the number of contacts, visits and messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from common.models import Job

Severity = Literal["error", "warning"]

KINDS: Final = (
    "failed_visits",
    "flow_paused",
    "flow_broken",
    "webhook_failing",
    "circuit_open",
    "mail_failing",
    "engine_lag",
    "jobs_failed",
    "set_aside",
)
JOBS_PAGE: Final = "/settings?tab=jobs"
JOBS_SINCE: Final = timedelta(days=2)
"""A job that failed longer ago than this needs nobody any more."""
MOST: Final = 200
"""So many are shown; whoever has more has one trouble, not many."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs a person.

    Attributes
    ----------
    kind
        One of `KINDS`.
    severity
        `error`: somebody does not get what they should; `warning`: look at it when you can.
    title, detail
        What is the matter, in a line and in a sentence or two.
    to
        The page of the browser where it is seen and mended.
    count
        Of how many visits, messages, calls, jobs.
    since
        The instant from which on it has been so.
    flow, node
        Of which flow (key) and step, if of one.
    """

    kind: str
    severity: Severity
    title: str
    detail: str
    to: str
    since: datetime | None
    count: int = 1
    flow: str | None = None
    node: str | None = None


FindAlerts = Callable[[datetime], Iterable[Alert]]
"""From the instant of asking to what is the matter then."""

_FINDERS: Final[list[FindAlerts]] = []


def register_alerts(find: FindAlerts) -> None:
    """Have a room asked what is the matter in it."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def alerts_now(now: datetime) -> list[Alert]:
    """Return what needs attention, errors first, in each the longest first."""
    found = [alert for find in (_jobs_failed, *_FINDERS) for alert in find(now)]
    found.sort(key=lambda alert: (alert.severity != "error", alert.since or now, alert.title))
    return found[:MOST]


def _jobs_failed(now: datetime) -> Iterable[Alert]:
    """Jobs that ended with an error lately: one line for all of a kind."""
    failed = Job.objects.filter(status=Job.Status.FAILED, created_at__gt=now - JOBS_SINCE)
    by_kind: dict[str, list[Job]] = {}
    for job in failed.order_by("-created_at", "-id")[:MOST]:
        by_kind.setdefault(job.kind, []).append(job)
    for jobs in by_kind.values():
        last = jobs[0]
        more = f" (and {len(jobs) - 1} more of its kind)" if len(jobs) > 1 else ""
        yield Alert(
            kind="jobs_failed",
            severity="error",
            title=f"{last.title} failed{more}",
            detail=last.error or "It ended with an error.",
            to=_page_of(last),
            since=min(job.finished_at or job.created_at for job in jobs),
            count=len(jobs),
        )


def _page_of(job: Job) -> str:
    """The page on which a job can be begun anew."""
    detail: dict[str, Any] = job.detail or {}
    for name, page in (
        ("flow", "/flows"),
        ("segment", "/segments"),
        ("import", "/contacts/import"),
    ):
        if detail.get(name):
            return f"{page}/{detail[name]}"
    return "/contacts/import" if "import" in job.kind else JOBS_PAGE
