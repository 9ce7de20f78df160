"""What a simulation needs of the workspace, read in a handful of statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.durations import parse_duration
from common.errors import NotFound
from common.lanes import lane_of
from common.models import Workspace
from contacts.models import BUILTIN_FIELDS, Topic
from contacts.selectors import fields_known
from flows.models import Flow
from flows.trial.points import Award, PointsRule
from flows.trial.shapes import (
    Scene,
    SceneContact,
    SceneFlow,
    SceneSegment,
    SceneTopic,
    TrialRefused,
)
from messaging.models import Template
from messaging.selectors import parts_of, workspace_said
from segments.loading import contacts_load
from segments.models import HeldOut, Membership, Segment
from segments.rules import RuleRefused, parse
from segments.rules.asking import mentions
from segments.rules.properties import PropertyCondition
from segments.scoring.models import ScoreAward, ScoreRule

UNSAVED = 2**40
"""Ids from here on are those of flows that are not stored."""


def scene_now(
    flow: Flow,
    *,
    graph: Mapping[str, Any],
    settings: Mapping[str, Any],
    others: bool = True,
) -> Scene:
    """The workspace as it stands, with one flow as it is drawn.

    Parameters
    ----------
    flow
        The flow that is tried.
    graph, settings
        What it is to be in the trial.
    others
        Whether the other live flows run beside it.
    """
    flows = [SceneFlow(flow.key, graph, settings, flow.id)]
    if others:
        live = Flow.objects.filter(status=Flow.Status.LIVE).exclude(id=flow.id)
        flows += [
            SceneFlow(one.key, one.live_version.graph, one.live_version.settings, one.id)
            for one in live.select_related("live_version").order_by("id")
            if one.live_version is not None
        ]
    workspace = Workspace.objects.get()
    wanted = {key for one in flows for key in _templates_in(one.graph)}
    return Scene(
        segments=[
            SceneSegment(one.key, one.kind, one.rule, one.top)
            for one in Segment.every.only("key", "kind", "rule", "top")
        ],
        flows=flows,
        fields={key: kind for key, kind in fields_known().items() if key not in BUILTIN_FIELDS},
        templates={one.key: parts_of(one) for one in Template.objects.filter(key__in=wanted)},
        topics={one.key: SceneTopic(one.name, one.opt_in) for one in Topic.objects.all()},
        score_rules=_score_rules(),
        zone=workspace.timezone or "UTC",
        workspace=workspace_said(workspace),
    )


def _templates_in(graph: Mapping[str, Any]) -> Iterable[str]:
    for node in graph.get("nodes", ()):
        key = (node.get("config") or {}).get("template")
        if isinstance(key, str):
            yield key


def _score_rules() -> list[PointsRule]:
    found: list[PointsRule] = []
    for rule in ScoreRule.objects.filter(status=ScoreRule.Status.ACTIVE).order_by("id"):
        try:
            where = tuple(PropertyCondition.model_validate(one) for one in rule.conditions)
        except ValueError:
            continue  # broken conditions, which no event fulfils
        found.append(
            PointsRule(
                rule.id,
                rule.points,
                rule.event if rule.kind == ScoreRule.Kind.EVENT else None,
                where,
                rule.decay_per_week,
                rule.limit_times,
                parse_duration(rule.limit_per) if rule.limit_per else None,
            )
        )
    return found


def contact_now(contact_id: int, scene: Scene, *, now: datetime) -> tuple[SceneContact, list[str]]:
    """A contact as they stand, and what is to be noted about that.

    Only events that some rule of the scene asks for are read.

    Raises
    ------
    NotFound
        If there is no such contact.
    """
    names = _events_asked(scene)
    found = contacts_load([contact_id], event_names=names).get(contact_id)
    if found is None:
        raise NotFound("There is no such contact.", attr="contact_id")
    of = {"lane": lane_of(contact_id), "contact_id": contact_id}
    members = Membership.objects.filter(**of).values_list("segment__key", "by_hand")
    held_out = HeldOut.objects.filter(**of).values_list("segment__key", flat=True)
    visits = list(found.others.get("flow", ()))
    inside = sorted({visit["flow"] for visit in visits if visit["state"] in ("inside", "failed")})
    notes = [f"The contact is in {', '.join(inside)} now; the trial begins outside."]
    return (
        SceneContact(
            id=contact_id,
            fields=found.fields,
            field_times=found.field_times,
            events=[event for event in found.events if event.at <= now],
            consents=found.consents,
            scores=found.scores,
            reach=found.reach,
            segments=dict(members),
            as_rules_say=False,
            held_out=list(held_out),
            visits=[visit for visit in visits if visit["state"] not in ("inside", "failed")],
            awards=_awards(of),
        ),
        notes if inside else [],
    )


def _awards(of: Mapping[str, int]) -> list[Award]:
    return [
        Award(
            one.rule_id,
            one.remaining,
            one.event_id is not None,
            one.decay_per_week,
            one.next_decay_at,
            one.span,
        )
        for one in ScoreAward.objects.filter(**of, surplus=False)
    ]


def _events_asked(scene: Scene) -> Sequence[str] | None:
    """The names of the events that rules ask for; None for any.

    Rules within flows are many and deep: an event that their text names is asked for.
    """
    keys: set[str] = set()
    for segment in scene.segments:
        if segment.rule is not None:
            try:
                keys |= mentions(parse(segment.rule, fields=scene.fields))
            except RuleRefused:
                continue
    names = {key.removeprefix("event:") for key in keys if key.startswith("event:")}
    for flow in scene.flows:
        names |= set(_texts(flow.graph)) | set(_texts(flow.settings))
    return None if "*" in names else sorted(names)


def _texts(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def drawn(flow: Flow, *, draft: bool) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The graph and the settings that are to be tried: the draft's or the live version's.

    Raises
    ------
    TrialRefused
        If the flow was never published, and its live version is asked for.
    """
    if draft:
        return _loaded(flow.graph), _loaded(flow.settings)
    if flow.live_version is None:
        raise TrialRefused("This flow has no live version.", attr="draft")
    return _loaded(flow.live_version.graph), _loaded(flow.live_version.settings)


def _loaded(column: Any) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads(column) if isinstance(column, str) else column
    return value
