"""The cases of `tests/cases/flows` in the simulation: the tables that the engine is held to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from common.clock import parse_instant
from contacts.values import type_of
from flows.trial import Scene, SceneContact, SceneFlow, SceneSegment, Simulation, simulate
from segments.rules import EventData

CASES = json.loads((Path(__file__).parent.parent / "cases" / "flows" / "named.json").read_text())


def test_there_are_all_cases() -> None:
    assert len(CASES) == 28


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    found = {contact["id"]: _simulated(case, contact) for contact in case["contacts"]}
    assert _visits(case, found) == case["expect"]["visits"]
    assert _messages(found) == sorted(map(tuple, case["expect"]["messages"]))
    assert _changes(found) == {
        key: {name: [tuple(change) for change in changes] for name, changes in by_name.items()}
        for key, by_name in case["expect"]["segments"].items()
        if by_name
    }


def _simulated(case: dict[str, Any], contact: dict[str, Any]) -> Simulation:
    start = parse_instant(case["start"])
    fields = {"email": f"{contact['id']}@example.com", **contact.get("fields", {})}
    events = [
        EventData(
            event["name"],
            parse_instant(event["at"]),
            event.get("properties", {}),
            event.get("touch", False),
            number,
        )
        for number, event in enumerate(contact.get("events", []), start=1)
    ]
    return simulate(
        Scene(
            segments=[
                SceneSegment(one["key"], one["kind"], one["rule"]) for one in case["segments"]
            ],
            flows=[
                SceneFlow(key, one["graph"], one.get("settings") or {})
                for key, one in case["flows"].items()
            ],
            fields=_fields_known(case),
            lenient=True,
        ),
        SceneContact(
            id=1 + [one["id"] for one in case["contacts"]].index(contact["id"]),
            fields={"external_id": contact["id"], "created_at": start, **fields},
            events=events,
            consents=contact.get("consents", {}),
        ),
        [one for one in case["timeline"] if one["contact"] == contact["id"]],
        start=start,
        end=parse_instant(case["end"]),
        deliver=False,
    )


def _fields_known(case: dict[str, Any]) -> dict[str, str]:
    rows = [*case["contacts"], *case["timeline"]]
    values = {key: value for row in rows for key, value in row.get("fields", {}).items()}
    return {key: type_of(value) or "string" for key, value in values.items()}


def _visits(case: dict[str, Any], found: Mapping[str, Simulation]) -> dict[str, Any]:
    rows: dict[str, Any] = {key: {} for key in case["expect"]["visits"]}
    for name, simulated in found.items():
        for key, visits in simulated.visits.items():
            for visit in visits:
                row: dict[str, Any] = {
                    "path": [[step.node, _text(step.at)] for step in visit.path],
                    "outcome": visit.outcome,
                }
                if visit.at is not None:
                    row["at"] = _text(visit.at)
                rows.setdefault(key, {}).setdefault(name, []).append(row)
    for by_contact in case["expect"]["visits"].values():
        for expected in by_contact.values():
            for one in expected:
                if one.get("at") is None:
                    one.pop("at", None)
    return rows


def _messages(found: Mapping[str, Simulation]) -> list[tuple[str, ...]]:
    return sorted(
        (_text(mail.at), mail.flow, name, mail.node)
        for name, simulated in found.items()
        for mail in simulated.messages
        if mail.status != "withheld"
    )


def _changes(found: Mapping[str, Simulation]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for name, simulated in found.items():
        for key, changes in simulated.segments.items():
            told = [(_text(change.at), change.change) for change in changes]
            rows.setdefault(key, {})[name] = told
    return rows


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
