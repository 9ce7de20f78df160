"""Failures: of what kind they are, what a flow has of them, retry and skip.

A step that fails for one contact parks that contact's visit as `failed` where it stands. The error
is kept as it was met; its *kind* is the error without what differs from contact to contact, so that
a thousand failures of one cause are one line for a person, and one click.

*Retry* has the step decided anew: it is no new step, the visit has arrived there already. *Skip*
leaves the step undone, by a branch. Both are writes under the visits' lanes (`flows.people`); what
follows from them is the next pulse's. In a paused flow that is the first one after resuming.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.permissions import Actor
from common.arrays import int_array, text_array
from common.lanes import LANES
from common.sql import queries
from flows.chosen import Chosen
from flows.models import Visit
from flows.nodes.base import Walker
from flows.people import Acted, people_act
from flows.selectors import flow_by_key

SQL = queries("flows", "failures")

MOST_GROUPS = 200
"""So many groups are shown, the largest first."""

_DIFFERING = re.compile(
    r"""
    [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}  # a UUID
    | [^\s"'“”<>()]+@[^\s"'“”<>()]+                               # an e-mail address
    | \b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b                          # a hash
    | \d+(?:[.,:T+-]\d+)*Z?                                       # a number, a date, a time
    """,
    re.VERBOSE | re.IGNORECASE,
)


def kind_of(error: str) -> str:
    r"""The kind of an error: its first line, with ids, addresses and numbers blanked.

    Examples
    --------
    >>> kind_of("undefined variable 'plan', line 3\nin the template")
    "undefined variable 'plan', line …"
    >>> kind_of("could not cast 2026-05-01T10:00:00Z for ada@example.org")
    'could not cast … for …'
    >>> kind_of("")
    'it failed'
    """
    lines = error.strip().splitlines()
    return _DIFFERING.sub("…", lines[0][:1000])[:200] if lines else "it failed"


def failures_note(
    failed: Sequence[tuple[Walker, str]], *, lanes: Sequence[int], now: datetime
) -> None:
    """Write down when these visits failed and of what kind; the pulse has parked them."""
    if not failed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["note_failures"],
            {
                "ids": int_array(walker.visit_id for walker, _ in failed),
                "visit_lanes": int_array(walker.lane for walker, _ in failed),
                "failures": text_array(kind_of(_plain(error)) for _, error in failed),
                "lanes": list(lanes),
                "now": now,
            },
        )


def _plain(error: str) -> str:
    """Without what PostgreSQL does not take as text."""
    return error.replace("\0", "").encode("utf-8", "replace").decode()


def failure_groups(key: str) -> list[dict[str, Any]]:
    """The failures of a flow by step and kind, the largest group first, by two statements."""
    flow = flow_by_key(key)
    params: dict[str, Any] = {"flow": flow.id, "lanes": list(range(LANES)), "limit": MOST_GROUPS}
    with connection.cursor() as cursor:
        cursor.execute(SQL["failure_groups"], params)
        rows = cursor.fetchall()
    last = Visit.objects.filter(flow=flow, id__in=[row[5] for row in rows])
    errors = dict(last.values_list("id", "error"))
    return [
        {
            "node": node,
            "kind": kind,
            "error": errors.get(visit_id, ""),
            "count": n,
            "first_at": first_at,
            "last_at": last_at,
        }
        for node, kind, n, first_at, last_at, visit_id in rows
    ]


def failures_retry(
    key: str, chosen: Chosen, *, live: bool = False, actor: Actor, now: datetime
) -> Acted:
    """Have the steps that failed decided anew.

    Parameters
    ----------
    live
        Whether visits of older versions go over to the live one where it has their step: for a
        step that has been mended in the drawing.
    """
    given = {"live": live} if live else {}
    return people_act(key, "retry", chosen, given, actor=actor, now=now)


def failures_skip(
    key: str, chosen: Chosen, *, branch: str | None = None, actor: Actor, now: datetime
) -> Acted:
    """Leave the steps that failed undone and go on by `next`, or by the branch given.

    Raises
    ------
    Refused
        If a step has not that branch, or has several and none is given.
    """
    given = {"branch": branch} if branch else {}
    return people_act(key, "skip", chosen, given, actor=actor, now=now)
