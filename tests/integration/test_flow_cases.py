"""The cases of `tests/cases/flows` on the real engine, with a virtual clock.

The tables were computed by a slow, obvious evaluator that shares no code with the product. Cases
that use a node type which is not there yet are left out by name of the type, and a test says how
many run, so that none can be lost unseen.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.permissions import COMMAND
from common.clock import parse_instant
from common.lanes import lane_of
from contacts import services as contacts
from contacts.intake import accept, take
from contacts.models import Contact, Field, Topic
from flows.graph import Graph
from flows.lives import flow_publish
from flows.models import Flow, Visit
from flows.nodes import NODE_TYPES
from flows.recount import differences
from flows.selectors import paths_of
from flows.services import flow_create
from messaging.models import Message
from messaging.rendering import Parts
from messaging.services import template_create
from segments.builds import segment_build
from segments.models import MembershipChange, Segment
from segments.selectors import builds_open
from segments.services import members_change, segment_create
from tests.virtual import VirtualTime, durations_in, edges, instants_in

CASES = json.loads((Path(__file__).parent.parent / "cases" / "flows" / "named.json").read_text())
pytestmark = pytest.mark.django_db


def _types_used(case: dict[str, Any]) -> set[str]:
    return {node["type"] for flow in case["flows"].values() for node in flow["graph"]["nodes"]}


RUNNABLE = [case for case in CASES if _types_used(case) <= NODE_TYPES.keys()]


def test_every_case_of_the_node_types_there_are_is_run() -> None:
    assert len(RUNNABLE) == len(CASES) == 28


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    start, end = parse_instant(case["start"]), parse_instant(case["end"])
    ids = _contacts_made(case, start)
    _segments_made(case, start)
    _flows_made(case, start)
    spans = durations_in([case["segments"], case["flows"]])
    moments = edges(instants_in([case["contacts"], case["timeline"]]), spans)
    time = VirtualTime(start)
    time.settle()
    by_instant: dict[datetime, list[dict[str, Any]]] = defaultdict(list)
    for happening in case["timeline"]:
        by_instant[parse_instant(happening["at"])].append(happening)
    for instant in sorted(by_instant):
        time.run_until(instant, moments=moments, through=False)
        time.now = instant
        for happening in by_instant[instant]:
            _happen(happening, ids, instant)
        time.settle()
    time.run_until(end, moments=moments)
    names = {contact_id: name for name, contact_id in ids.items()}
    assert _visits(case, names) == case["expect"]["visits"]
    assert _messages(names) == sorted(map(tuple, case["expect"]["messages"]))
    assert _changes(start, names) == {
        key: {name: [tuple(change) for change in changes] for name, changes in by_name.items()}
        for key, by_name in case["expect"]["segments"].items()
        if by_name
    }
    assert differences() == []


def _fields_known(case: dict[str, Any], start: datetime) -> None:
    values: dict[str, Any] = {}
    for row in [*case["contacts"], *case["timeline"]]:
        values |= row.get("fields", {})
    for flow in case["flows"].values():
        for node in flow["graph"]["nodes"]:
            values |= node["config"].get("set", {})
    known = set(Field.objects.values_list("key", flat=True))
    for key, value in values.items():
        if key not in known:
            Field.objects.create(key=key, name=key, type=_type_of(value), created_at=start)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "datetime" if instants_in(value) else "string"


def _contacts_made(case: dict[str, Any], start: datetime) -> dict[str, int]:
    _fields_known(case, start)
    ids: dict[str, int] = {}
    for contact in case["contacts"]:
        fields = dict(contact.get("fields", {}))
        score = fields.pop("score", None)
        made = contacts.contact_create(
            now=start,
            external_id=contact["id"],
            email=f"{contact['id']}@example.com",
            fields=fields,
        )
        ids[contact["id"]] = made
        if score is not None:
            _score_set(made, score, start)
        contacts.consents_set(
            [
                contacts.ConsentChange(lane_of(made), made, topic, state)
                for topic, state in contact.get("consents", {}).items()
            ],
            now=start,
        )
        contacts.events_record(
            [
                contacts.NewEvent(
                    lane_of(made),
                    made,
                    event["name"],
                    parse_instant(event["at"]),
                    event.get("properties", {}),
                    event.get("touch", False),
                )
                for event in contact.get("events", [])
            ],
            now=start,
        )
    VirtualTime(start).settle()
    return ids


def _score_set(contact_id: int, score: float, now: datetime) -> None:
    """The score is the sum of its ledger: it is set by the change that leads there."""
    before = Contact.objects.get(id=contact_id).score
    change = contacts.ScoreDelta(lane_of(contact_id), contact_id, score - before, "case")
    contacts.scores_adjust([change], now=now)


def _segments_made(case: dict[str, Any], start: datetime) -> None:
    for segment in case["segments"]:
        made = segment_create(
            key=segment["key"],
            name=segment["key"],
            kind=segment["kind"],
            rule=segment["rule"],
            now=start,
        )
        segment_build(builds_open([made.key])[made.key], made.id, clock=lambda: start)
    VirtualTime(start).settle()


def _flows_made(case: dict[str, Any], start: datetime) -> None:
    templates = set()
    topics = set()
    for flow in case["flows"].values():
        for node in flow["graph"]["nodes"]:
            templates |= {node["config"]["template"]} if "template" in node["config"] else set()
            topics |= {node["config"]["topic"]} if "topic" in node["config"] else set()
    for key in sorted(templates):
        template_create(key=key, name=key, now=start, parts=Parts(subject=key, text=key))
    for key in sorted(topics):
        if not Topic.objects.filter(key=key).exists():
            contacts.topic_create(key=key, name=key, opt_in=False)
    for key, flow in case["flows"].items():
        flow_create(
            key=key,
            name=key,
            graph=flow["graph"],
            settings=flow.get("settings"),
            actor=COMMAND,
            now=start,
        )
    for key in case["flows"]:
        flow_publish(key, actor=COMMAND, now=start)


def _happen(happening: dict[str, Any], ids: dict[str, int], now: datetime) -> None:
    contact_id = ids[happening["contact"]]
    if "event" in happening:
        message = {
            "type": "track",
            "userId": happening["contact"],
            "event": happening["event"],
            "properties": happening["properties"],
            "timestamp": happening["at"],
        }
        accept(None, [message], now)
    elif "fields" in happening:
        take(now)
        fields = dict(happening["fields"])
        if "score" in fields:
            _score_set(contact_id, fields.pop("score"), now)
        contacts.fields_update(
            [contacts.FieldChange(lane_of(contact_id), contact_id, fields)], now=now
        )
    else:
        take(now)
        if "add_to_segment" in happening:
            key = happening["add_to_segment"]
            members_change(key, [contact_id], change="add", cause="manual", now=now)
        else:
            key = happening["remove_from_segment"]
            members_change(key, [contact_id], change="remove", cause="manual", now=now)


def _visits(case: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: {} for key in case["expect"]["visits"]}
    visits = list(Visit.objects.select_related("flow").order_by("id"))
    paths = paths_of(visits)
    for visit in visits:
        path = [[step["node"], _text(step["at"])] for step in paths[visit.id]]
        row: dict[str, Any] = {"path": path, "outcome": visit.state}
        if visit.left_at is not None:
            row["at"] = _text(visit.left_at)
        by_contact = found.setdefault(visit.flow.key, {})
        by_contact.setdefault(names[visit.contact_id], []).append(row)
    for by_contact in case["expect"]["visits"].values():
        for rows in by_contact.values():
            for row in rows:
                if row.get("at") is None:
                    row.pop("at", None)
    return found


def _messages(names: dict[int, str]) -> list[tuple[str, ...]]:
    return sorted(
        (_text(message.created_at), str(message.flow), names[message.contact_id], str(message.node))
        for message in Message.objects.exclude(status="withheld")
    )


def _changes(start: datetime, names: dict[int, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keys = dict(Segment.objects.values_list("id", "key"))
    for change in MembershipChange.objects.filter(at__gt=start).order_by("id"):
        by_name = found.setdefault(keys[change.segment_id], {})
        rows = by_name.setdefault(names[change.contact_id], [])
        rows.append((_text(change.at), change.change))
    return found


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_graphs_of_the_cases_have_no_shape_the_model_refuses() -> None:
    for case in CASES:
        for flow in case["flows"].values():
            assert Graph.model_validate(flow["graph"]).nodes
    assert Flow.objects.count() == 0
