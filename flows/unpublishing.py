"""Taking a first publishing back, while hardly anybody has noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.permissions import Actor
from accounts.services import audit
from common.errors import Conflict
from flows.lives import held_still, tell
from flows.models import Flow, Visit
from flows.rollouts import end_begin
from flows.timers import timers_end

GRACE = timedelta(minutes=2)
"""So long after publishing it can be taken back; a page offers it for 20 seconds."""


@transaction.atomic
def flow_unpublish(key: str, *, version: int, actor: Actor, now: datetime) -> tuple[Flow, int]:
    """Make the flow a draft again; whoever came in leaves, and messages not sent are cancelled.

    The version stays in the list. Where an earlier version was live before, its people have a way
    back that takes nobody out: `flow_rollback`.

    Returns
    -------
    tuple of Flow and int
        The flow, and how many were taken out, or will be presently: many leave lane by lane.

    Raises
    ------
    Conflict
        If that version is not live, was published long ago, or people are in an earlier one.
    """
    flow = held_still(key)
    live = flow.live_version
    if live is None or live.number != version or flow.status == Flow.Status.ARCHIVED:
        raise Conflict(f"Version {version} of this flow is not live.", attr="version")
    if now - live.published_at > GRACE:
        raise Conflict("That was too long ago to take it back. Pause the flow.", attr="version")
    inside = Visit.objects.filter(flow=flow, state__in=(Visit.State.INSIDE, Visit.State.FAILED))
    if inside.exclude(version=live).exists():
        raise Conflict("People are in an earlier version: go back to that.", attr="version")
    timers_end(flow, now=now)
    ended = end_begin(flow, reason="unpublished", now=now)
    flow.status = Flow.Status.DRAFT
    flow.live_version = flow.moving_to = None
    flow.updated_at = now
    flow.save(update_fields=["status", "live_version", "moving_to", "updated_at"])
    audit(actor, "flow.unpublished", f"flow:{key}", {"version": version, "ended": ended}, now=now)
    tell(flow)
    return flow, ended
