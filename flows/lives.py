"""The life of a flow: publish, pause, resume, archive. Each is one transaction.

What concerns a whole flow holds every lane still until it is answered, so that no pulse carries
anybody meanwhile. What has to be done to many people then is done lane by lane (`flows.rollouts`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.permissions import Actor
from accounts.services import audit
from common.durations import DurationRefused, parse_duration
from common.errors import Conflict, MillraceError, NotFound, Refused
from common.live import notify
from common.sql import queries
from flows.graph import Graph, PlanRefusedError, Problem, Settings, problems_of
from flows.graph.checks import is_group
from flows.graph.moving import LONGEST_SPREAD
from flows.models import Flow, FlowVersion, Rollout
from flows.moves import Edition
from flows.rollouts import (
    end_begin,
    is_ending,
    resume_begin,
    rollout_begin,
    rollouts_end,
    spread_of_many,
)
from flows.selectors import flow_by_key, known_now, version_of
from flows.services import draft_parts, plain
from flows.timers import timers_end, timers_follow, version_reopen

SQL = queries("flows", "editions")
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
    spread: str | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> FlowVersion:
    """Freeze the draft (or an earlier version) as the next version and let it live.

    Parameters
    ----------
    inside
        `stay`: who is inside goes on in their version; `move`: they go on in the new one.
    moves
        For `move`: where those at a removed node go; None (or nothing) means out of the flow.
    spread
        For `move`: over how long those are spread who become due at once; None for the usual.
    version
        The number of an earlier version to publish instead of the draft.

    Raises
    ------
    FlowHasProblemsError
        If what is to be published has problems.
    Conflict
        If the flow is archived, or that version is live already.
    """
    asked = asked_moves(inside, moves)
    over = spread_asked(spread)
    if over is None and asked is not None:
        over = _spread_usual(key, version, asked, now=now)
    flow = held_still(key)
    publishable(flow, version)
    drawn, chosen = edition_parts(flow, version)
    problems = problems_of(drawn, chosen, known_now())
    if problems:
        raise FlowHasProblemsError(problems)
    moves_check(drawn, asked)
    before = flow.live_version
    published = FlowVersion.objects.create(
        flow=flow,
        number=next_number(flow),
        graph=plain(drawn),
        settings=plain(chosen),
        published_at=now,
        published_by_id=actor.user_id,
    )
    was_paused = flow.status == Flow.Status.PAUSED
    flow.live_version = published
    flow.status = Flow.Status.LIVE
    flow.alert = ""
    flow.updated_at = now
    flow.save(update_fields=["live_version", "status", "alert", "updated_at"])
    timers_follow(flow, drawn, now=now)
    if before is not None:
        version_reopen(before.id)
    rollout_begin(
        flow,
        published,
        moves=asked,
        spread=over,
        entering=[] if version is not None else entering_now(drawn, before),
        now=now,
    )
    flow.save(update_fields=["moving_to"])
    if was_paused:
        resume_begin(flow, now=now)
    verb = "flow.published" if version is None else "flow.rolled_back"
    detail = {"version": published.number, "inside": inside}
    audit(actor, verb, f"flow:{key}", detail | ({"to": version} if version else {}), now=now)
    tell(flow)
    return published


def flow_rollback(
    key: str,
    *,
    version: int,
    inside: str = "stay",
    moves: Mapping[str, str | None] | None = None,
    spread: str | None = None,
    actor: Actor,
    now: datetime,
) -> FlowVersion:
    """Publish an earlier version's graph and settings as a new version; the draft stays.

    Raises
    ------
    As `flow_publish`.
    """
    return flow_publish(
        key, inside=inside, moves=moves, spread=spread, version=version, actor=actor, now=now
    )


def _spread_usual(
    key: str, version: int | None, moves: Mapping[str, str | None], *, now: datetime
) -> timedelta | None:
    """The usual spread of a move of many, worked out while the engine still runs."""
    flow = flow_by_key(key)
    if flow.live_version is None:
        return None
    drawn, chosen = edition_parts(flow, version)
    try:
        return spread_of_many(Edition(flow, drawn, chosen.goal), moves, now=now)
    except (PlanRefusedError, ValueError, KeyError):
        return None  # a graph with faults, which is refused presently


def asked_moves(
    inside: str, moves: Mapping[str, str | None] | None
) -> Mapping[str, str | None] | None:
    """Where those at removed nodes go; None if everybody stays."""
    if inside not in ("stay", "move"):
        raise Refused("Say “stay” or “move”.", attr="inside")
    return dict(moves or {}) if inside == "move" else None


def spread_asked(spread: str | None) -> timedelta | None:
    """Over how long to spread, if that is said.

    Raises
    ------
    Refused
        If it is no duration, or longer than a day.
    """
    if spread is None:
        return None
    try:
        over = parse_duration(spread)
    except DurationRefused as refused:
        raise Refused(str(refused), code="invalid", attr="spread") from None
    if over > LONGEST_SPREAD:
        raise Refused("Spread over a day at most.", code="invalid", attr="spread")
    return over


def publishable(flow: Flow, version: int | None) -> None:
    """Refuse what can't be published at all.

    Raises
    ------
    Conflict
        If the flow is archived, or the version is live already, or an earlier publishing is still
        being taken back.
    """
    if is_ending(flow) and flow.status != Flow.Status.ARCHIVED:
        raise Conflict(
            "An earlier publishing is still being taken back, and people are being taken out. "
            "Publish again once that job is done.",
            attr="status",
        )
    if flow.status == Flow.Status.ARCHIVED:
        raise Conflict(
            "This flow is archived, and that is for good. Copy its steps into a new flow.",
            attr="status",
        )
    live = flow.live_version
    if version is not None and live is not None and live.number == version:
        raise Conflict(f"Version {version} is live already.", attr="version")


def edition_parts(flow: Flow, version: int | None) -> tuple[Graph, Settings]:
    """What would be published: the draft, or an earlier version."""
    if version is None:
        return draft_parts(flow.graph, flow.settings)
    earlier = version_of(flow, version)
    return draft_parts(earlier.graph, earlier.settings)


def next_number(flow: Flow) -> int:
    """The number of the next version."""
    last = flow.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def moves_check(graph: Graph, moves: Mapping[str, str | None] | None) -> None:
    """Refuse moves to nodes that the graph has not.

    Raises
    ------
    Refused
        With the node.
    """
    nodes = {node.id: node for node in graph.nodes}
    for target in (moves or {}).values():
        if target is None:
            continue
        if target not in nodes:
            raise Refused(f"There is no step “{target}” to move people to.", attr="moves")
        if is_group(nodes[target], "trigger"):
            raise Refused("A trigger lets people in; choose a step after it.", attr="moves")


def entering_now(graph: Graph, before: FlowVersion | None) -> list[dict[str, str]]:
    """Whose members enter: `include_existing` counts once, when the trigger appears."""
    known: set[tuple[str, str]] = set()
    if before is not None:
        known = {*_including(Graph.model_validate(before.graph))}
    return [
        {"node": node, "segment": segment}
        for node, segment in _including(graph)
        if (node, segment) not in known
    ]


def _including(graph: Graph) -> list[tuple[str, str]]:
    return [
        (node.id, str(node.config.get("segment")))
        for node in graph.nodes
        if node.type == "segment_entered" and node.config.get("include_existing")
    ]


@transaction.atomic
def flow_pause(key: str, *, actor: Actor, now: datetime) -> Flow:
    """Let nobody in and move nobody until the flow is resumed.

    Who fulfils the goal or an exit still leaves: a purchase during a pause must not be followed
    by the reminder after it.
    """
    flow = _set_status(
        key,
        allowed={Flow.Status.LIVE},
        status=Flow.Status.PAUSED,
        verb="paused",
        actor=actor,
        now=now,
    )
    rollouts_end(flow, Rollout.Kind.RESUME, now=now)
    return flow


@transaction.atomic
def flow_resume(key: str, *, actor: Actor, now: datetime) -> Flow:
    """Go on; what fell due during the pause goes on at once, or lane by lane if many are inside."""
    flow = _set_status(
        key,
        allowed={Flow.Status.PAUSED},
        status=Flow.Status.LIVE,
        verb="resumed",
        actor=actor,
        now=now,
    )
    resume_begin(flow, now=now)
    return flow


@transaction.atomic
def flow_archive(key: str, *, actor: Actor, now: datetime) -> tuple[Flow, int]:
    """End the flow and every visit in it; returns the flow and how many were inside.

    Many leave lane by lane (`flows.rollouts`), but from now on nobody takes a step.
    """
    states = {Flow.Status.LIVE, Flow.Status.PAUSED, Flow.Status.DRAFT}
    flow = _set_status(
        key,
        allowed=states,
        status=Flow.Status.ARCHIVED,
        verb="archived",
        actor=actor,
        now=now,
    )
    timers_end(flow, now=now)
    ended = end_begin(flow, reason="archived", now=now)
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
    flow = held_still(key)
    if flow.status not in allowed:
        raise Conflict(f"This flow is {flow.status}, so it cannot be {verb}.", attr="status")
    flow.status = status
    flow.alert = ""
    flow.updated_at = now
    flow.save(update_fields=["status", "alert", "updated_at"])
    audit(actor, f"flow.{verb}", f"flow:{key}", now=now)
    tell(flow)
    return flow


def flows_stop(flow_ids: Collection[int], *, alert: str, now: datetime) -> None:
    """Pause flows that do harm, in the pulse that has seen it; `alert` says why."""
    flows = Flow.objects.filter(id__in=flow_ids, status=Flow.Status.LIVE)
    for flow in flows.select_for_update().order_by("id"):
        flow.status, flow.alert, flow.updated_at = Flow.Status.PAUSED, alert, now
        flow.save(update_fields=["status", "alert", "updated_at"])
        audit(ENGINE, "flow.paused", f"flow:{flow.key}", {"alert": alert}, now=now)
        tell(flow)


def held_still(key: str) -> Flow:
    """The flow, locked, with every lane held before it, as a pulse takes them too.

    So no pulse is under way, and the next one reads what this transaction has made of the flow.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_all_lanes"])
    flow = Flow.objects.select_for_update().filter(key=key).first()
    if flow is None:
        raise NotFound(f"There is no flow “{key}”.")
    return flow


def tell(flow: Flow) -> None:
    """Have the watchers of the flow look again, once this is committed."""
    transaction.on_commit(lambda: notify(f"flow.{flow.key}", {"status": flow.status}, at_once=True))
