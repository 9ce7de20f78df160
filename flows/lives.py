"""The life of a flow: publish, pause, resume, archive. Each is one transaction.

What concerns a whole flow holds every lane still for as long as it takes, so that no pulse carries
anybody meanwhile.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.permissions import Actor
from accounts.services import audit
from common.errors import Conflict, MillraceError, NotFound, Refused
from common.lanes import LANES
from common.live import notify
from common.sql import queries
from flows.graph import Graph, Node, Problem, problems_of
from flows.models import Flow, FlowVersion
from flows.nodes import NODE_TYPES
from flows.selectors import known_now
from flows.services import draft_parts, plain
from messaging.services import messages_cancel

SQL = queries("flows")
ALL_LANES = list(range(LANES))
ENGINE = Actor("engine")


class FlowHasProblemsError(MillraceError):
    """The draft has faults and cannot be published; `problems` says which."""

    default_code = "flow_has_problems"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"The flow cannot be published yet: {first.detail}{more}", attr="graph")
        self.problems = list(problems)


@transaction.atomic
def flow_publish(
    key: str,
    *,
    inside: str = "stay",
    moves: Mapping[str, str | None] | None = None,
    actor: Actor,
    now: datetime,
) -> FlowVersion:
    """Freeze the draft as the next version and let it live.

    Parameters
    ----------
    inside
        `stay`: who is inside goes on in their version; `move`: they go on in the new one.
    moves
        For `move`: where those at a removed node go; None (or nothing) means out of the flow.

    Raises
    ------
    FlowHasProblemsError
        If the draft has problems.
    Conflict
        If the flow is archived.
    """
    if inside not in ("stay", "move"):
        raise Refused("Say “stay” or “move”.", attr="inside")
    flow = _held_still(key)
    if flow.status == Flow.Status.ARCHIVED:
        raise Conflict(
            "This flow is archived, and that is for good. Copy its steps into a new flow.",
            attr="status",
        )
    drawn, chosen = draft_parts(flow.graph, flow.settings)
    problems = problems_of(drawn, chosen, known_now())
    if problems:
        raise FlowHasProblemsError(problems)
    before = flow.live_version
    last = flow.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = FlowVersion.objects.create(
        flow=flow,
        number=last + 1,
        graph=plain(drawn),
        settings=plain(chosen),
        published_at=now,
        published_by_id=actor.user_id,
    )
    flow.live_version = version
    flow.status = Flow.Status.LIVE
    flow.alert = ""
    flow.updated_at = now
    flow.save(update_fields=["live_version", "status", "alert", "updated_at"])
    if inside == "move":
        _move_inside(flow, version, drawn, dict(moves or {}), now=now)
    _resume_held(flow, now=now)
    _enter_existing(flow, drawn, before, now=now)
    audit(actor, "flow.published", f"flow:{key}", {"version": version.number}, now=now)
    _tell(flow)
    return version


def _enter_existing(flow: Flow, graph: Graph, before: FlowVersion | None, *, now: datetime) -> None:
    """Who is in the segment of a trigger that says so enters: once, when the trigger appears."""
    known: set[tuple[str, str]] = set()
    if before is not None:
        for node in Graph.model_validate(before.graph).nodes:
            if node.type == "segment_entered" and node.config.get("include_existing"):
                known.add((node.id, str(node.config.get("segment"))))
    with connection.cursor() as cursor:
        for node in graph.nodes:
            if node.type != "segment_entered" or not node.config.get("include_existing"):
                continue
            if (node.id, str(node.config.get("segment"))) in known:
                continue
            cursor.execute(
                SQL["enter_existing"],
                {
                    "flow": flow.key,
                    "detail": json.dumps({"change": "add", "node": node.id}),
                    "segment": node.config.get("segment"),
                    "lanes": ALL_LANES,
                    "now": now,
                },
            )


def _move_inside(
    flow: Flow,
    version: FlowVersion,
    graph: Graph,
    moves: Mapping[str, str | None],
    *,
    now: datetime,
) -> None:
    nodes = {node.id for node in graph.nodes}
    for target in moves.values():
        if target is not None and target not in nodes:
            raise Refused(f"There is no step “{target}” to move people to.", attr="moves")
    params: dict[str, Any] = {
        "flow": flow.id,
        "version": version.id,
        "lanes": ALL_LANES,
        "now": now,
    }
    counts: Counter[tuple[str, str]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(SQL["inside_by_node"], {"flow": flow.id})
        at_node: Counter[str] = Counter()
        for _version_id, node, n in cursor.fetchall():
            at_node[node] += n
        cursor.execute(SQL["move_staying"], {**params, "nodes": sorted(nodes)})
        for node, n in at_node.items():
            if node in nodes:
                continue
            target = moves.get(node)
            if target is None:
                _end_visits(flow, node=node, reason="removed by edit", now=now)
            else:
                cursor.execute(SQL["move_to_node"], {**params, "node": node, "target": target})
                counts[node, "out:moved"] += n
                counts[target, "in"] += n
        for key in version.settings.get("suppress", ()):
            reason = {"change": "remove", "reason": f"suppressed by segment {key}"}
            detail = {"flow_key": flow.key, "detail": json.dumps(reason), "segment": key}
            cursor.execute(SQL["suppress_inside"], {**params, **detail})
    _bump(flow, counts)


def flow_pause(key: str, *, actor: Actor, now: datetime) -> Flow:
    """Let nobody in and move nobody until the flow is resumed.

    Who fulfils the goal or an exit still leaves: a purchase during a pause must not be followed
    by the reminder after it.
    """
    return _set_status(
        key,
        allowed={Flow.Status.LIVE},
        status=Flow.Status.PAUSED,
        verb="paused",
        actor=actor,
        now=now,
    )


@transaction.atomic
def flow_resume(key: str, *, actor: Actor, now: datetime) -> Flow:
    """Go on; what fell due during the pause goes on at once."""
    flow = _set_status(
        key,
        allowed={Flow.Status.PAUSED},
        status=Flow.Status.LIVE,
        verb="resumed",
        actor=actor,
        now=now,
    )
    _resume_held(flow, now=now)
    return flow


@transaction.atomic
def flow_archive(key: str, *, actor: Actor, now: datetime) -> tuple[Flow, int]:
    """End the flow and every visit in it; returns the flow and how many were inside."""
    states = {Flow.Status.LIVE, Flow.Status.PAUSED, Flow.Status.DRAFT}
    flow = _set_status(
        key,
        allowed=states,
        status=Flow.Status.ARCHIVED,
        verb="archived",
        actor=actor,
        now=now,
    )
    ended = _end_visits(flow, node=None, reason="archived", now=now)
    return flow, ended


@transaction.atomic
def _set_status(
    key: str,
    *,
    allowed: set[Flow.Status],
    status: Flow.Status,
    verb: str,
    actor: Actor,
    now: datetime,
) -> Flow:
    flow = _held_still(key)
    if flow.status not in allowed:
        raise Conflict(f"This flow is {flow.status}, so it cannot be {verb}.", attr="status")
    flow.status = status
    flow.alert = ""
    flow.updated_at = now
    flow.save(update_fields=["status", "alert", "updated_at"])
    audit(actor, f"flow.{verb}", f"flow:{key}", now=now)
    _tell(flow)
    return flow


def flows_stop(flow_ids: Collection[int], *, alert: str, now: datetime) -> None:
    """Pause flows that do harm, in the pulse that has seen it; `alert` says why."""
    flows = Flow.objects.filter(id__in=flow_ids, status=Flow.Status.LIVE)
    for flow in flows.select_for_update().order_by("id"):
        flow.status, flow.alert, flow.updated_at = Flow.Status.PAUSED, alert, now
        flow.save(update_fields=["status", "alert", "updated_at"])
        audit(ENGINE, "flow.paused", f"flow:{flow.key}", {"alert": alert}, now=now)
        _tell(flow)


def _held_still(key: str) -> Flow:
    """The flow, locked, with every lane held before it, as a pulse takes them too.

    So no pulse is under way, and the next one reads what this transaction has made of the flow.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_all_lanes"])
    flow = Flow.objects.select_for_update().filter(key=key).first()
    if flow is None:
        raise NotFound(f"There is no flow “{key}”.")
    return flow


def _resume_held(flow: Flow, *, now: datetime) -> None:
    """What fell due goes on; who waits for data is looked at anew: it may have come meanwhile."""
    waiting = {
        node.id
        for graph in flow.versions.values_list("graph", flat=True)
        for node in Graph.model_validate(graph).nodes
        if _waits_for_data(node)
    }
    params: dict[str, Any] = {
        "flow": flow.id,
        "lanes": ALL_LANES,
        "nodes": sorted(waiting),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["resume_held"], params)
        if waiting:
            cursor.execute(SQL["look_anew"], params)


def _waits_for_data(node: Node) -> bool:
    node_type = NODE_TYPES.get(node.type)
    if node_type is None or node_type.group != "wait":
        return False
    config = node_type.Config.model_validate(node.config)
    return bool(node_type.asks_fields(config)) or node_type.listens_to_rule(config) is not None


def _end_visits(flow: Flow, *, node: str | None, reason: str, now: datetime) -> int:
    """Everybody inside (at one node, or at all) leaves; lanes must be locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["end_visits"],
            {
                "flow": flow.id,
                "lanes": ALL_LANES,
                "node": node,
                "now": now,
                "reason": reason,
                "states": ["inside", "failed"],
            },
        )
        rows = cursor.fetchall()
    counts: Counter[tuple[str, str]] = Counter()
    for _lane, _visit, at_node, had_failed in rows:
        counts["", "exited"] += 1
        counts[at_node, "out:"] += 1
        if had_failed:
            counts["", "failed"] -= 1
            counts[at_node, "failed"] -= 1
    _bump(flow, counts)
    messages_cancel([(row[0], row[1]) for row in rows], reason=f"left the flow: {reason}", now=now)
    return len(rows)


def _bump(flow: Flow, counts: Mapping[tuple[str, str], int]) -> None:
    rows = [(key, n) for key, n in sorted(counts.items()) if n]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["bump_counts"],
            {
                "lane": 0,
                "flows": [flow.id] * len(rows),
                "nodes": [key[0] for key, _ in rows],
                "whats": [key[1] for key, _ in rows],
                "ns": [n for _, n in rows],
            },
        )


def _tell(flow: Flow) -> None:
    transaction.on_commit(lambda: notify(f"flow.{flow.key}", {"status": flow.status}, at_once=True))
