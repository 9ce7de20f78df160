"""The flows on paper do what the shared cases say, so they may be the measure of the engine."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from common.clock import canonical, parse_instant
from segments.rules import EventData
from tests.flows_on_paper import Paper
from tests.people_on_paper import Flow, Person, Segment, Version
from tests.virtual import durations_in, edges, instants_in

CASES = json.loads((Path(__file__).parent.parent / "cases" / "flows" / "named.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    start, end = parse_instant(case["start"]), parse_instant(case["end"])
    paper = Paper(fields=_types(case))
    people = {
        contact["id"]: _person(paper, number, contact, start)
        for number, contact in enumerate(case["contacts"], start=1)
    }
    _segments(paper, case, start)
    for number, (key, drawn) in enumerate(case["flows"].items(), start=1):
        paper.flows[key] = Flow(number, key, [version_of(1, drawn)], "live")
    spans = durations_in([case["segments"], case["flows"]])
    moments = edges(instants_in([case["contacts"], case["timeline"]]), spans)
    by_instant: dict[datetime, list[dict[str, Any]]] = defaultdict(list)
    for one in case["timeline"]:
        by_instant[parse_instant(one["at"])].append(one)
    ahead = sorted(at for at in {*moments, *by_instant, end} if start < at <= end)
    now = start
    while ahead:
        dues = [way.due for one in people.values() for way in one.open() if way.due]
        now = min([ahead[0], *(due for due in dues if due > now)])
        ahead = ahead[1:] if now == ahead[0] else ahead
        for one in by_instant[now]:
            _happen(paper, people[one["contact"]], one, now)
        for person in people.values():
            paper.look(person, now)
    assert _visits(case, people) == case["expect"]["visits"]
    mails = [
        (_text(mail.at), way.flow.key, name, mail.node)
        for name, person in people.items()
        for way in person.ways
        for mail in way.mails
        if mail.status != "withheld"
    ]
    assert sorted(mails) == sorted(map(tuple, case["expect"]["messages"]))
    changes: dict[str, Any] = defaultdict(dict)
    for name, person in people.items():
        for key, made in person.changes.items():
            changes[key][name] = [[_text(at), change] for at, change in made]
    assert changes == {key: made for key, made in case["expect"]["segments"].items() if made}


def version_of(number: int, drawn: dict[str, Any]) -> Version:
    graph = drawn["graph"]
    return Version(
        number,
        {node["id"]: (node["type"], node["config"]) for node in graph["nodes"]},
        {(edge["source"], edge.get("branch", "next")): edge["target"] for edge in graph["edges"]},
        drawn.get("settings") or {},
    )


def _types(case: dict[str, Any]) -> dict[str, str]:
    values: dict[str, Any] = {}
    for row in [*case["contacts"], *case["timeline"]]:
        values |= row.get("fields", {})
    for flow in case["flows"].values():
        for node in flow["graph"]["nodes"]:
            values |= node["config"].get("set", {})
    return {key: _type_of(value) for key, value in values.items()}


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "datetime" if instants_in(value) else "string"


def _person(paper: Paper, number: int, contact: dict[str, Any], start: datetime) -> Person:
    fields = _stored(contact.get("fields", {}))
    person = paper.person(number, start, email=f"{contact['id']}@example.com", **fields)
    for topic, state in contact.get("consents", {}).items():
        paper.set_consent(person, topic, state)
    for event in contact.get("events", []):
        at, touch = parse_instant(event["at"]), event.get("touch", False)
        paper.order += 1
        person.events.append(
            EventData(event["name"], at, event.get("properties", {}), touch, paper.order)
        )
    person.happenings.clear()
    return person


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: canonical(parse_instant(value)) if instants_in(value) else value
        for key, value in fields.items()
    }


def _segments(paper: Paper, case: dict[str, Any], start: datetime) -> None:
    for one in case["segments"]:
        paper.segments[one["key"]] = Segment(one["key"], one["kind"], one["rule"])
    for segment in paper.in_order():
        for person in paper.people.values():
            person.stand(segment.key).member = paper.is_true(segment.rule, person, start)


def _happen(paper: Paper, person: Person, one: dict[str, Any], now: datetime) -> None:
    if "event" in one:
        paper.happen(person, one["event"], one["properties"], at=now)
    elif "fields" in one:
        fields = _stored(one["fields"])
        score = fields.pop("score", None)
        if score is not None:
            paper.adjust_score(person, score - person.fields["score"], now=now)
        paper.set_fields(person, fields, now=now)
    elif "add_to_segment" in one:
        paper.by_hand(person, one["add_to_segment"], "add", now=now)
    else:
        paper.by_hand(person, one["remove_from_segment"], "remove", now=now)


def _visits(case: dict[str, Any], people: dict[str, Person]) -> dict[str, Any]:
    found: dict[str, Any] = {key: {} for key in case["expect"]["visits"]}
    for name, person in people.items():
        for way in person.ways:
            row: dict[str, Any] = {
                "path": [[node, _text(at)] for node, at in way.path],
                "outcome": way.state,
            }
            if way.left_at is not None:
                row["at"] = _text(way.left_at)
            found.setdefault(way.flow.key, {}).setdefault(name, []).append(row)
    for by_contact in case["expect"]["visits"].values():
        for rows in by_contact.values():
            for row in rows:
                if row.get("at") is None:
                    row.pop("at", None)
    return found


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
