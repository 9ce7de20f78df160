"""Every write of flows that a person or a program asks for; the engine's own are in `engine`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify
from pydantic import BaseModel, ValidationError

from accounts.permissions import Actor
from accounts.services import audit
from common.arrays import int_array
from common.errors import Conflict, Refused
from common.lanes import lane_of
from common.live import notify
from common.sql import queries
from flows.graph import Graph, Problem, Settings, problems_of
from flows.models import LONGEST_KEY, Flow
from flows.selectors import flow_by_key, known_now, version_of

SQL = queries("flows")
RESERVED = frozenset({"validate", "sentences", "new", "templates"})
"""Addresses of their own under `/api/flows/`, and in the browser."""
Shape = TypeVar("Shape", bound=BaseModel)


def draft_parts(graph: Any, settings: Any) -> tuple[Graph, Settings]:
    """The draft as models.

    Raises
    ------
    Refused
        If the JSON has not the shape of a graph or of settings. Faults inside that shape are no
        matter here: a draft may hold any (`draft_problems` lists them).
    """
    return _shaped(Graph, graph, "graph"), _shaped(Settings, settings, "settings")


def _shaped(model: type[Shape], data: Any, attr: str) -> Shape:
    try:
        return model.model_validate(data if data is not None else {})
    except ValidationError as refused:
        error = refused.errors(include_url=False)[0]
        where = ".".join(str(part) for part in (attr, *error["loc"]))
        raise Refused(f"{where}: {error['msg']}", code="invalid", attr=where) from refused


def draft_problems(graph: Any, settings: Any) -> list[Problem]:
    """All that keeps this draft from being published."""
    return problems_of(*draft_parts(graph, settings), known_now())


@transaction.atomic
def flow_create(
    *, key: str | None, name: str, graph: Any, settings: Any, actor: Actor, now: datetime
) -> Flow:
    """Add a flow as a draft.

    Raises
    ------
    Refused
        For a key that is no slug, or the wrong shape of graph or settings.
    Conflict
        If the key is taken.
    """
    drawn, chosen = draft_parts(graph, settings)
    key = key or _free_key(name)
    if key in RESERVED:
        raise Refused(f"“{key}” cannot be a key: choose another.", code="invalid", attr="key")
    if slugify(key) != key or len(key) > LONGEST_KEY:
        raise Refused("A key holds small letters, digits, “-” and “_”.", code="invalid", attr="key")
    try:
        with transaction.atomic():
            flow = Flow.objects.create(
                key=key,
                name=name,
                graph=plain(drawn),
                settings=plain(chosen),
                created_at=now,
                updated_at=now,
            )
    except IntegrityError as taken:
        raise Conflict(f"There is a flow with the key {key} already.", attr="key") from taken
    audit(actor, "flow.created", f"flow:{key}", now=now)
    return flow


def _free_key(name: str) -> str:
    base = slugify(name)[: LONGEST_KEY - 10].strip("-_") or "flow"
    taken = set(Flow.objects.filter(key__startswith=base).values_list("key", flat=True)) | RESERVED
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)


@transaction.atomic
def flow_update(
    key: str,
    *,
    name: str,
    graph: Any,
    settings: Any,
    revision: int,
    now: datetime,
    by: str = "",
) -> Flow:
    """Save the draft, if nobody has saved it since `revision`; other editors are told, and by whom.

    Raises
    ------
    Conflict
        If somebody has; nothing is changed then.
    """
    drawn, chosen = draft_parts(graph, settings)
    saved = Flow.objects.filter(key=key, revision=revision).update(
        name=name,
        graph=plain(drawn),
        settings=plain(chosen),
        revision=revision + 1,
        updated_at=now,
    )
    flow = flow_by_key(key)
    if not saved:
        raise Conflict(
            "Somebody has changed this flow since you opened it. Load it anew, or save your "
            f"version over it by sending revision {flow.revision}.",
            code="stale_revision",
            attr="revision",
        )
    news = {"draft": flow.revision, "by": by[:200]}
    transaction.on_commit(lambda: notify(f"editors.{key}", news, at_once=True))
    return flow


@transaction.atomic
def version_restore(key: str, number: int, *, revision: int, actor: Actor, now: datetime) -> Flow:
    """Make the draft what a version was, if nobody has saved it since `revision`.

    Raises
    ------
    NotFound
        If there is no such version.
    Conflict
        If somebody has saved the draft, or the flow is archived.
    """
    flow = flow_by_key(key)
    if flow.status == Flow.Status.ARCHIVED:
        raise Conflict("This flow is archived, and that is for good.", attr="status")
    version = version_of(flow, number)
    restored = flow_update(
        key,
        name=flow.name,
        graph=version.graph,
        settings=version.settings,
        revision=revision,
        now=now,
        by=actor.label,
    )
    audit(actor, "flow.version_restored", f"flow:{key}", {"version": number}, now=now)
    return restored


@transaction.atomic
def flow_delete(key: str, *, actor: Actor, now: datetime) -> None:
    """Delete a draft that was never published; a published flow is archived instead."""
    flow = flow_by_key(key)
    if flow.versions.exists():
        raise Conflict("This flow has been published, so it keeps its history: archive it.")
    flow.delete()
    audit(actor, "flow.deleted", f"flow:{key}", now=now)


def contacts_add(key: str, contact_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """Ask the engine to let contacts in by hand, as the flow's settings allow."""
    flow = flow_by_key(key)
    if flow.status != Flow.Status.LIVE:
        raise Conflict(f"This flow is {flow.status}; only a live flow lets people in.")
    _touch(flow, contact_ids, {"change": "add"}, now=now)
    audit(actor, "flow.contacts_added", f"flow:{key}", {"n": len(contact_ids)}, now=now)


def contacts_remove(key: str, contact_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """Ask the engine to take contacts out, wherever they rest."""
    flow = flow_by_key(key)
    if flow.status not in (Flow.Status.LIVE, Flow.Status.PAUSED):
        raise Conflict(f"This flow is {flow.status}; nobody is inside.")
    _touch(flow, contact_ids, {"change": "remove", "reason": f"removed by {actor.label}"}, now=now)
    audit(actor, "flow.contacts_removed", f"flow:{key}", {"n": len(contact_ids)}, now=now)


def _touch(
    flow: Flow, contact_ids: Sequence[int], detail: Mapping[str, Any], *, now: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["touch_flows"],
            {
                "contact_lanes": int_array(map(lane_of, contact_ids)),
                "contacts": int_array(contact_ids),
                "flow": flow.key,
                "detail": json.dumps(detail),
                "now": now,
            },
        )


def plain(model: BaseModel) -> Any:
    """A graph or settings as the JSON that is stored."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
