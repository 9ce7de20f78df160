"""The shared cases (`tests/cases`) as data for every implementation: plain, and as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from common.clock import canonical, parse_instant
from common.lanes import lane_of
from contacts.models import BUILTIN_FIELDS
from segments.rules import ContactData, EventData, ScoreData

CASES = Path(__file__).parent / "cases"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RuleCase:
    """One rule over some contacts, and for whom it is true."""

    name: str
    now: datetime
    fields: Mapping[str, str]
    contacts: Sequence[Mapping[str, Any]]
    rule: Any
    expect: Sequence[str]


@cache
def rule_cases() -> list[RuleCase]:
    """All cases of `cases/rules`."""
    named = json.loads((CASES / "rules" / "named.json").read_text(encoding="utf-8"))
    random = json.loads((CASES / "rules" / "random.json").read_text(encoding="utf-8"))
    cases = [RuleCase(**{**case, "now": parse_instant(case["now"])}) for case in named]
    shared = {key: random[key] for key in ("fields", "contacts")}
    cases += [
        RuleCase(name=f"random {number}", now=parse_instant(random["now"]), **shared, **case)
        for number, case in enumerate(random["cases"])
    ]
    return cases


def as_data(contact: Mapping[str, Any], fields: Mapping[str, str]) -> ContactData:
    """Return a case's contact as plain data."""
    return ContactData(
        id=contact["id"],
        fields=contact.get("fields", {}),
        events=[
            EventData(
                event["name"],
                parse_instant(event["at"]),
                event.get("properties", {}),
                event.get("touch", False),
                number,
            )
            for number, event in enumerate(contact.get("events", ()), start=1)
        ],
        consents=contact.get("consents", {}),
        scores=[
            ScoreData(parse_instant(score["at"]), score["delta"])
            for score in contact.get("scores", ())
        ],
        segments=contact.get("segments", ()),
    )


def fields_insert(fields: Mapping[str, str]) -> None:
    """Register custom fields."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO field (key, name, type, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (key) DO UPDATE SET type = excluded.type",
            [(key, key, kind, LONG_AGO) for key, kind in fields.items()],
        )


def contacts_insert(
    contacts: Iterable[Mapping[str, Any]],
    fields: Mapping[str, str],
    *,
    created_at: datetime = LONG_AGO,
) -> dict[str, int]:
    """Write a case's contacts as rows, without any touch; returns their ids by the case's ids."""
    ids: dict[str, int] = {}
    with connection.cursor() as cursor:
        for contact in contacts:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('contact', 'id'))")
            ids[contact["id"]] = cursor.fetchone()[0]
            _contact_insert(cursor, ids[contact["id"]], contact, fields, created_at)
    return ids


def segments_insert(keys: Iterable[str]) -> dict[str, int]:
    """Make static segments without a rule; returns their ids by key."""
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(
                "INSERT INTO segment (key, name, kind, status, edition, created_at, updated_at)"
                " VALUES (%(key)s, %(key)s, 'static', 'ready', gen_random_uuid(), %(at)s, %(at)s)"
                " ON CONFLICT DO NOTHING",
                {"key": key, "at": LONG_AGO},
            )
        cursor.execute("SELECT key, id FROM segment")
        return dict(cursor.fetchall())


def _contact_insert(
    cursor: Any,
    contact_id: int,
    contact: Mapping[str, Any],
    fields: Mapping[str, str],
    created_at: datetime,
) -> None:
    lane = lane_of(contact_id)
    given = {
        key: canonical(parse_instant(value)) if fields.get(key) == "datetime" else value
        for key, value in contact.get("fields", {}).items()
        if value not in (None, "")
    }
    columns = {"created_at": created_at} | {k: v for k, v in given.items() if k in BUILTIN_FIELDS}
    custom = {key: value for key, value in given.items() if key not in BUILTIN_FIELDS}
    names = list(columns)
    cursor.execute(
        f"INSERT INTO contact (id, lane, fields, {', '.join(names)})"
        f" VALUES (%s, %s, %s, {', '.join(['%s'] * len(names))})",
        [contact_id, lane, json.dumps(custom), *columns.values()],
    )
    for event in contact.get("events", ()):
        cursor.execute(
            "INSERT INTO event (lane, contact_id, name, at, properties, touch, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                lane, contact_id, event["name"], parse_instant(event["at"]),
                json.dumps(event.get("properties", {})), event.get("touch", False),
                parse_instant(event["at"]),
            ],
        )  # fmt: skip
    for topic, state in contact.get("consents", {}).items():
        cursor.execute(
            "INSERT INTO consent (lane, contact_id, topic, state, at) VALUES (%s, %s, %s, %s, %s)",
            [lane, contact_id, topic, state, created_at],
        )
    for score in contact.get("scores", ()):
        cursor.execute(
            "INSERT INTO score_change (lane, contact_id, delta, at) VALUES (%s, %s, %s, %s)",
            [lane, contact_id, score["delta"], parse_instant(score["at"])],
        )
    if contact.get("segments"):
        for segment_id in (
            segments_insert(contact["segments"])[key] for key in contact["segments"]
        ):
            cursor.execute(
                "INSERT INTO membership (lane, segment_id, contact_id, since)"
                " VALUES (%s, %s, %s, %s)",
                [lane, segment_id, contact_id, created_at],
            )
