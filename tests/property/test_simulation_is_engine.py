"""The simulation and the engine are two implementations of one pulse: what one does, both do.

Random flows that feed one another, random segments, a random quarter of an hour of one contact. All
instants are whole minutes, and the engine looks at time in every one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.clock import canonical
from common.lanes import lane_of
from contacts import services as contacts
from contacts.intake import accept, take
from contacts.models import Contact, Topic
from flows.lives import flow_publish
from flows.models import Visit
from flows.selectors import paths_of
from flows.services import flow_create
from flows.trial import (
    Scene,
    SceneContact,
    SceneFlow,
    SceneSegment,
    SceneTopic,
    Simulation,
    simulate,
)
from messaging.models import Message
from segments.builds import segment_build
from segments.models import MembershipChange
from segments.selectors import builds_open
from segments.services import members_change, segment_create
from tests.builders_flows import build_graph, build_template
from tests.casebook import fields_insert
from tests.flow_strategies import (
    FIELDS,
    FLOWS,
    SEGMENTS,
    Drawing,
    drawings,
    events,
    plans,
    segment_rules,
    segments,
)
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 28, 23, 56, tzinfo=UTC)
"""Four minutes before midnight, in the night in which Europe puts its clocks forward."""
LENGTH = 12
TOPICS = ("news", "offers")
MINUTE = timedelta(minutes=1)

happenings = st.one_of(
    st.builds(lambda name, n: {"event": name, "properties": {"n": n}}, events, st.integers(1, 2)),
    st.builds(lambda name, n: {"event": name, "properties": {"n": n}}, events, st.integers(1, 2)),
    plans.map(lambda plan: {"fields": {"plan": plan}}),
    st.integers(0, LENGTH).map(lambda n: {"fields": {"ends": canonical(START + n * MINUTE)}}),
    st.sampled_from(["subscribed", "unsubscribed"]).map(lambda one: {"consents": {"news": one}}),
    st.builds(
        lambda kind, key: {kind: key},
        st.sampled_from(["add_to_segment", "remove_from_segment"]),
        segments,
    ),
)
days = st.lists(st.tuples(st.integers(1, LENGTH - 1), happenings), max_size=8)

Kinds = Sequence[tuple[str, str, Any]]


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(drawings(), min_size=3, max_size=3),
    st.lists(segment_rules, min_size=2, max_size=2),
    st.sampled_from(["dynamic", "growing"]),
    days,
)
def test_the_simulation_does_what_the_engine_does(
    drawn: list[Drawing], rules: list[Any], kind: str, day: list[tuple[int, dict[str, Any]]]
) -> None:
    needs = {"type": "any", "rules": [rules[1], {"type": "segment", "segment": "s0", "op": "in"}]}
    by_plan = {"type": "field", "field": "plan", "op": "eq", "value": "b"}
    made_of = list(
        zip(SEGMENTS, (kind, "dynamic", "static"), (rules[0], needs, by_plan), strict=True)
    )
    timeline = [
        {"at": START + minute * MINUTE, **what} for minute, what in sorted(day, key=lambda x: x[0])
    ]
    with transaction.atomic():
        contact_id, flow_ids = _begun(made_of, drawn)
        _lived(contact_id, timeline)
        lived = _as_lived(contact_id)
        transaction.set_rollback(True)
    found = simulate(
        Scene(
            segments=[SceneSegment(key, kind, rule) for key, kind, rule in made_of],
            flows=[
                SceneFlow(key, build_graph(one.nodes, one.edges), one.settings, flow_ids[key])
                for key, one in zip(FLOWS, drawn, strict=True)
            ],
            fields=FIELDS,
            topics={key: SceneTopic(key) for key in TOPICS},
            lenient=True,
        ),
        SceneContact(
            id=contact_id,
            fields={"external_id": "ada", "email": "ada@example.org", "plan": "a"},
        ),
        timeline,
        start=START,
        end=START + LENGTH * MINUTE,
        deliver=False,
    )
    assert _as_simulated(found) == lived


def _begun(made_of: Kinds, drawn: Sequence[Drawing]) -> tuple[int, Mapping[str, int]]:
    """The contact, the segments and the flows, as everything stands at the start."""
    fields_insert(FIELDS)
    build_template()
    for key in TOPICS:
        if not Topic.objects.filter(key=key).exists():
            contacts.topic_create(key=key, name=key, opt_in=False)
    made = contacts.contact_create(
        now=START, external_id="ada", email="ada@example.org", fields={"plan": "a"}
    )
    time = VirtualTime(START)
    time.settle()
    for key, kind, rule in made_of:
        made_one = segment_create(key=key, name=key, kind=kind, rule=rule, now=START)
        segment_build(builds_open([key])[key], made_one.id, clock=lambda: START)
    time.settle()
    MembershipChange.objects.all().delete()
    ids: dict[str, int] = {}
    for key, one in zip(FLOWS, drawn, strict=True):
        flow = flow_create(key=key, name=key, graph={}, settings={}, actor=COMMAND, now=START)
        flow.graph, flow.settings = build_graph(one.nodes, one.edges), one.settings
        flow.save()
        ids[key] = flow.id
    for key in FLOWS:
        flow_publish(key, actor=COMMAND, now=START)
    time.settle()
    return made, ids


def _lived(contact_id: int, timeline: Sequence[Mapping[str, Any]]) -> None:
    time = VirtualTime(START)
    for minute in range(1, LENGTH + 1):
        time.now = START + minute * MINUTE
        for one in timeline:
            if one["at"] == time.now:
                _happen(contact_id, one, time.now)
        time.settle()


def _happen(contact_id: int, one: Mapping[str, Any], now: datetime) -> None:
    lane = lane_of(contact_id)
    if "event" in one:
        message = {
            "type": "track",
            "userId": "ada",
            "event": one["event"],
            "properties": one["properties"],
            "timestamp": canonical(now),
        }
        accept(None, [message], now)
        return
    take(now)
    if "fields" in one:
        contacts.fields_update([contacts.FieldChange(lane, contact_id, one["fields"])], now=now)
    elif "consents" in one:
        ((topic, state),) = one["consents"].items()
        contacts.consents_set([contacts.ConsentChange(lane, contact_id, topic, state)], now=now)
    else:
        ((kind, key),) = ((kind, key) for kind, key in one.items() if kind != "at")
        change: Any = kind.partition("_")[0]
        members_change(key, [contact_id], change=change, cause="manual", now=now)


def _as_lived(contact_id: int) -> dict[str, Any]:
    visits = list(Visit.objects.select_related("flow").order_by("id"))
    paths = paths_of(visits)
    found: dict[str, Any] = {key: [] for key in FLOWS}
    for visit in visits:
        path = [(step["node"], step["at"]) for step in paths[visit.id]]
        found[visit.flow.key].append((path, visit.state, visit.left_at))
    messages = Message.objects.values_list("flow", "node", "created_at", "status")
    changes = MembershipChange.objects.order_by("id").select_related("segment")
    contact = Contact.objects.get(id=contact_id)
    return {
        **found,
        "messages": Counter(tuple(row) for row in messages),
        "segments": Counter((one.segment.key, one.at, one.change) for one in changes),
        "plan": contact.fields.get("plan"),
        "score": contact.score,
    }


def _as_simulated(found: Simulation) -> dict[str, Any]:
    return {
        **{
            key: [
                ([(step.node, step.at) for step in visit.path], visit.outcome, visit.at)
                for visit in found.visits[key]
            ]
            for key in FLOWS
        },
        "messages": Counter((one.flow, one.node, one.at, one.status) for one in found.messages),
        "segments": Counter(
            (key, one.at, one.change) for key, changes in found.segments.items() for one in changes
        ),
        "plan": found.fields.get("plan"),
        "score": found.fields.get("score", 0.0),
    }
