"""Reads of flows that span relations, for the API, the sockets and the services."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from common.errors import NotFound
from common.lanes import lane_of
from common.selectors import workspace
from common.sql import queries
from contacts.models import Topic
from flows.graph import Known
from flows.models import Flow, FlowVersion, Step, Visit
from flows.nodes.base import Names
from messaging.models import Template
from segments.models import Segment
from segments.selectors import fields_known
from segments.uses import Use

SQL = queries("flows")

ENDINGS = ("completed", "converted", "exited")


def flow_by_key(key: str) -> Flow:
    """The flow of this key.

    Raises
    ------
    NotFound
        If there is none.
    """
    flow = Flow.objects.select_related("live_version").filter(key=key).first()
    if flow is None:
        raise NotFound(f"There is no flow “{key}”.")
    return flow


def version_of(flow: Flow, number: int) -> FlowVersion:
    """One version of a flow, by its number."""
    version = flow.versions.select_related("published_by").filter(number=number).first()
    if version is None:
        raise NotFound(f"The flow “{flow.key}” has no version {number}.")
    return version


def known_now() -> Known:
    """The keys and fields that a graph may name today."""
    return Known(
        segments=set(Segment.objects.values_list("key", flat=True)),
        templates=set(Template.objects.values_list("key", flat=True)),
        topics=set(Topic.objects.values_list("key", flat=True)),
        flows=set(Flow.objects.exclude(status=Flow.Status.ARCHIVED).values_list("key", flat=True)),
        fields=fields_known(),
        settings=_settings_known(),
    )


def _settings_known() -> set[str]:
    """Which settings are set, of those that steps need."""
    known = {
        "slack_webhook": bool(workspace().slack_webhook),
        "private_webhooks": settings.ALLOW_PRIVATE_WEBHOOKS,
    }
    return {name for name, is_set in known.items() if is_set}


def names_now() -> Names:
    """The names by which people know segments, templates, topics, flows; the key where unknown."""
    known: dict[tuple[str, str], str] = {}
    for kind, model in (
        ("segment", Segment),
        ("template", Template),
        ("topic", Topic),
        ("flow", Flow),
    ):
        rows: Iterable[tuple[str, str]] = model.objects.values_list("key", "name")
        known.update({(kind, key): name for key, name in rows})
    return lambda kind, key: known.get((kind, key), key)


@dataclass(slots=True)
class NodeCounts:
    """The counts of one node: entered = here + left + failed."""

    entered: int = 0
    left: int = 0
    failed: int = 0
    out: dict[str, int] = field(default_factory=dict)
    next_due: datetime | None = None

    @property
    def here(self) -> int:
        """How many stand here now, those parked with an error not counted."""
        return self.entered - self.left - self.failed


@dataclass(slots=True)
class FlowCounts:
    """The counts of one flow: entered = inside + completed + converted + exited + failed."""

    totals: dict[str, int]
    nodes: dict[str, NodeCounts]


def counts_of(flow_ids: Sequence[int]) -> dict[int, FlowCounts]:
    """The live counters of some flows, by one statement."""
    rows: dict[int, list[tuple[str, str, int]]] = {flow_id: [] for flow_id in flow_ids}
    with connection.cursor() as cursor:
        cursor.execute(SQL["counts_of"], {"flows": list(flow_ids)})
        for flow_id, *counter in cursor.fetchall():
            rows[flow_id].append(tuple(counter))
    return {flow_id: counts_from(counters) for flow_id, counters in rows.items()}


def counts_from(counters: Iterable[tuple[str, str, int]]) -> FlowCounts:
    """The counts of a flow from its counters: node (none: of the flow), what, how many."""
    totals = dict.fromkeys(("entered", "inside", *ENDINGS, "failed"), 0)
    nodes: defaultdict[str, NodeCounts] = defaultdict(NodeCounts)
    for node, what, n in counters:
        if node == "":
            totals[what] = n
        elif what == "in":
            nodes[node].entered = n
        elif what == "failed":
            nodes[node].failed = n
        else:
            nodes[node].left += n
            nodes[node].out[what.removeprefix("out:")] = n
    gone = sum(totals[ending] for ending in ENDINGS) + totals["failed"]
    totals["inside"] = totals["entered"] - gone
    return FlowCounts(totals, dict(nodes))


def flow_counts(flow: Flow, *, now: datetime) -> dict[str, Any]:
    """The counts of a flow as the API and the socket give them: absolute, per node and in total."""
    counts = counts_of([flow.id])[flow.id]
    with connection.cursor() as cursor:
        cursor.execute(SQL["next_due"], {"flow": flow.id})
        for node, due_at in cursor.fetchall():
            counts.nodes.setdefault(node, NodeCounts()).next_due = due_at
    minute_ago = now - timedelta(minutes=1)
    per_minute = Visit.objects.filter(
        flow=flow, id__gt=_id_before(flow, 2000), entered_at__gt=minute_ago
    ).count()
    return {
        "version": flow.live_version.number if flow.live_version else None,
        "status": flow.status,
        "at": now,
        "nodes": {
            node: {
                "here": one.here,
                "entered": one.entered,
                "left": one.left,
                "failed": one.failed,
                "next_due": one.next_due,
                "out": {branch: n for branch, n in one.out.items() if branch},
            }
            for node, one in sorted(counts.nodes.items())
        },
        "totals": counts.totals,
        "rate": {"entered": per_minute},
        "held": _held(flow) if flow.status == Flow.Status.PAUSED else 0,
    }


def _held(flow: Flow) -> int:
    """How many fell due since a flow was paused: they go on when it is resumed."""
    return Visit.objects.filter(flow=flow, held_due_at__isnull=False).count()


def _id_before(flow: Flow, n: int) -> int:
    """The id of the flow's n-th newest visit: a rate is counted over no more than that many."""
    newest = Visit.objects.filter(flow=flow).order_by("-id").values_list("id", flat=True)
    found = list(newest[n : n + 1])
    return found[0] if found else 0


def visits_of_contact(contact_id: int, lane: int) -> list[dict[str, Any]]:
    """Every visit of a contact with its path, newest first, by three statements."""
    visits = list(
        Visit.objects.filter(lane=lane, contact_id=contact_id)
        .select_related("flow", "version")
        .order_by("-id")[:200]
    )
    paths = paths_of(visits)
    return [
        {
            "id": visit.id,
            "flow": visit.flow.key,
            "flow_name": visit.flow.name,
            "version": visit.version.number,
            "outcome": visit.state,
            "entered_at": visit.entered_at,
            "left_at": visit.left_at,
            "reason": visit.reason,
            "error": visit.error,
            "path": paths[visit.id],
            "rests_at": visit.node if visit.left_at is None else None,
            "until": visit.due_at,
        }
        for visit in visits
    ]


def paths_of(visits: Sequence[Visit]) -> Mapping[int, list[dict[str, Any]]]:
    """The paths of some visits: each step's node, instant of arrival and branch of leaving."""
    paths: dict[int, list[dict[str, Any]]] = {visit.id: [] for visit in visits}
    steps = Step.objects.filter(
        lane__in={visit.lane for visit in visits}, visit_id__in=list(paths)
    ).order_by("visit_id", "number")
    for step in steps:
        path = paths[step.visit_id]
        if path:
            path[-1]["branch"] = step.came_by
        path.append({"node": step.node, "at": step.at, "branch": None})
    for visit in visits:
        if paths[visit.id] and visit.left_by:
            paths[visit.id][-1]["branch"] = visit.left_by
    return paths


USES_OF_SEGMENTS: Final[Mapping[str, str]] = {
    "segment_entered": "lets contacts in when they enter",
    "segment_left": "lets contacts in when they leave",
    "add_to_segment": "adds contacts",
    "remove_from_segment": "removes contacts",
    "exit_segment_entered": "takes contacts out when they enter",
    "exit_segment_left": "takes contacts out when they leave",
    "suppress": "keeps contacts out",
    "once": "lets its members in once",
    "once_without": "keeps its members out of a one-off send",
    "goal": "its goal",
    "rule": "a condition",
}
"""By what a flow names a segment (`flows_using_segments`), and how a person would say it."""


def flows_follow_segment(key: str) -> bool:
    """Whether any version of a running flow may name this segment: then its changes are told."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["flows_follow_segment"], {"quoted": json.dumps(key)})
        return bool((cursor.fetchone() or (False,))[0])


def flows_using_segments(_keys: Collection[str] | None = None) -> list[tuple[str, Use]]:
    """Which segments flows name, in their drafts or their live versions: one statement for all."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["flows_using_segments"])
        return [
            (segment, Use("flow", key, name, USES_OF_SEGMENTS.get(by, "a step")))
            for segment, key, name, by in cursor.fetchall()
        ]


def visits_for_rules(contact_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """What the condition `flow` looks at, by contact: every visit with its state and instants."""
    rows = Visit.objects.filter(
        lane__in={lane_of(contact_id) for contact_id in contact_ids},
        contact_id__in=list(contact_ids),
    ).select_related("flow")
    found: dict[int, list[dict[str, Any]]] = {contact_id: [] for contact_id in contact_ids}
    for visit in rows:
        found[visit.contact_id].append(
            {
                "flow": visit.flow.key,
                "state": visit.state,
                "entered_at": visit.entered_at,
                "left_at": visit.left_at,
            }
        )
    return found
