"""Calls to other systems, as rows: wanted by the pulse, called off, tried again by a person.

`calls_queue` and `calls_cancel` run inside the pulse's transaction: a statement for thousands of
contacts, and no network. The calls themselves are made by `messaging.calling`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import connection, transaction

from common.arrays import int_array, json_array, text_array
from common.clock import canonical
from common.errors import Conflict, NotFound
from common.models import Workspace
from common.sql import queries
from messaging.keys import key_made
from messaging.models import Call
from messaging.sealing import Sealer
from messaging.tasks import wake_calls

SQL = queries("messaging", "calls")

NO_SLACK = "No Slack webhook is set for this workspace."


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that a flow wants made, once for this visit and step.

    `request` holds method, url, headers, body and timeout (seconds) of a webhook; text of a Slack
    message.
    """

    lane: int
    contact_id: int
    flow: str
    visit_id: int
    step: int
    node: str
    kind: Literal["webhook", "slack"]
    request: Mapping[str, Any]


def calls_queue(calls: Sequence[NewCall], *, now: datetime) -> None:
    """Put calls into the log to be made, by one statement, and wake who makes them.

    A call that is there already (same visit and step) is left as it is.
    """
    if not calls:
        return
    slack = ""
    if any(call.kind == "slack" for call in calls):
        slack = host_of(Workspace.objects.get().slack_webhook)
    instant, sealer = canonical(now), Sealer()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            SQL["calls_insert"],
            {
                "now": now,
                "unreachable": NO_SLACK,
                "lanes": int_array(call.lane for call in calls),
                "contact_ids": int_array(call.contact_id for call in calls),
                "flows": text_array(call.flow for call in calls),
                "visit_ids": int_array(call.visit_id for call in calls),
                "steps": int_array(call.step for call in calls),
                "nodes": text_array(call.node for call in calls),
                "kinds": text_array(call.kind for call in calls),
                "hosts": text_array(
                    slack if call.kind == "slack" else host_of(str(call.request["url"]))
                    for call in calls
                ),
                "requests": json_array(sealer.request(call.request) for call in calls),
                "keys": text_array(
                    "msg_" + key_made("call", call.contact_id, call.visit_id, call.step, instant)
                    for call in calls
                ),
            },
        )
        [queued] = cursor.fetchone()
        if queued:
            wake_calls()


def calls_cancel(visits: Sequence[tuple[int, int]], *, reason: str, now: datetime) -> None:
    """Call off what visits, `(lane, visit_id)`, have not had called yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["calls_cancel"],
            {
                "lanes": int_array(lane for lane, _ in visits),
                "visit_ids": int_array(visit_id for _, visit_id in visits),
                "reason": reason,
                "now": now,
            },
        )


def calls_stand(steps: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    """Return how calls stand, by visit; asked for by `(lane, visit_id, step)`."""
    if not steps:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["calls_stand"],
            {
                "lanes": int_array(lane for lane, _, _ in steps),
                "visit_ids": int_array(visit_id for _, visit_id, _ in steps),
                "steps": int_array(step for _, _, step in steps),
            },
        )
        return dict(cursor.fetchall())


@transaction.atomic
def call_retry(call_id: int, *, now: datetime) -> Call:
    """Have a call that finally failed tried again, with all its tries and under the same key.

    Where its visit has gone on by `failed`, the call is made all the same, and the visit stays
    where it is.

    Raises
    ------
    NotFound, Conflict
        If there is no such call, or it has not failed.
    """
    call = Call.objects.select_for_update().filter(id=call_id).first()
    if call is None:
        raise NotFound("There is no such call.")
    if call.status != Call.Status.FAILED:
        raise Conflict(f"Only a call that failed can be tried again; this one is {call.status}.")
    if call.kind == Call.Kind.SLACK:
        call.host = host_of(Workspace.objects.get().slack_webhook)
        if not call.host:
            raise Conflict(NO_SLACK)
    call.status, call.tries, call.next_try_at, call.finished_at = Call.Status.QUEUED, 0, now, None
    call.save(update_fields=["host", "status", "tries", "next_try_at", "finished_at"])
    wake_calls()
    return call


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """A host that is not called at present, because it kept failing."""

    host: str
    since: datetime
    retry_at: datetime
    error: str
    waiting: int


def circuits_open() -> list[OpenCircuit]:
    """Return the hosts whose circuit is open, with how many calls wait for each: for alerts."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["circuits_open"])
        return [OpenCircuit(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class FailingCalls:
    """Calls of one step of a flow that finally failed."""

    flow: str | None
    node: str | None
    count: int
    first_at: datetime
    last_at: datetime


def calls_failing(*, now: datetime, within: timedelta = timedelta(days=1)) -> list[FailingCalls]:
    """Return what finally failed lately, by flow and step: for alerts."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["calls_failing"], {"since": now - within})
        return [FailingCalls(*row) for row in cursor.fetchall()]


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """Return whom an address calls, with the port if it names one; "" where it is no address.

    Examples
    --------
    >>> host_of("https://Hooks.Example.com/a"), host_of("http://10.0.0.1:8080"), host_of("")
    ('hooks.example.com', '10.0.0.1:8080', '')
    """
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()[:300]
    except ValueError:
        return ""
