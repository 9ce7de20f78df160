"""Usual values of fields and properties, and the list of contacts narrowed to a segment's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from contacts import usual
from contacts.models import Event
from contacts.usual import event_values, field_values
from tests.builders import NOW
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in
from tests.segment_making import make

pytestmark = pytest.mark.django_db

FIELDS = {"plan": "string", "seats": "number", "paying": "boolean", "tags": "list"}


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer")


@pytest.fixture(autouse=True)
def _everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at everybody: what PostgreSQL reckons may be left over from a test that had many."""
    monkeypatch.setattr(usual, "CONTACTS_SAMPLED", 10**9)


def people(*fields: dict[str, Any]) -> list[int]:
    fields_insert(FIELDS)
    rows = [{"id": str(n), "fields": one} for n, one in enumerate(fields)]
    return list(contacts_insert(rows, FIELDS).values())


def values(found: usual.UsualValues) -> list[tuple[Any, int]]:
    return [(one.value, one.count) for one in found.values]


def test_the_commonest_values_come_first_each_of_its_type() -> None:
    people(
        {"plan": "trial", "seats": 5, "paying": True, "tags": ["a", "b"], "city": "Zürich"},
        {"plan": "pro", "seats": 5, "paying": False, "tags": ["b"], "city": "Bern"},
        {"plan": "trial", "seats": 2.5},
        {},
    )
    assert values(field_values("plan")) == [("trial", 2), ("pro", 1)]
    assert values(field_values("seats")) == [(5, 2), (2.5, 1)]
    assert values(field_values("paying")) == [(False, 1), (True, 1)]
    assert values(field_values("tags")) == [("b", 2), ("a", 1)]
    assert values(field_values("city")) == [("Bern", 1), ("Zürich", 1)]
    assert values(field_values("city", search=" ZÜ ")) == [("Zürich", 1)]
    assert field_values("plan").of == 4
    assert values(field_values("plan", search="%")) == []
    assert field_values("plan", search="nothing").of == 4


def test_no_more_than_so_many_are_offered() -> None:
    people(*[{"plan": f"plan {n:02}"} for n in range(30)])
    assert len(field_values("plan").values) == usual.MOST_VALUES


def test_properties_are_read_from_the_latest_events(monkeypatch: pytest.MonkeyPatch) -> None:
    (contact,) = people({})
    for n, total in enumerate([1, 1, 20, 30]):
        Event.objects.create(
            lane=contact % 64, contact_id=contact, name="Order", at=NOW + timedelta(hours=n),
            received_at=NOW, properties={"total": total, "cart": {"kind": "gift"}, "tags": ["x"]},
        )  # fmt: skip
    assert values(event_values("Order", "total")) == [(1, 2), (20, 1), (30, 1)]
    assert values(event_values("Order", "cart.kind")) == [("gift", 4)]
    assert values(event_values("Order", "tags")) == [("x", 4)]
    assert values(event_values("Order", "cart")) == []
    assert event_values("Nothing", "total").of == 0
    monkeypatch.setattr(usual, "EVENTS_PER_LANE", 2)
    assert values(event_values("Order", "total")) == [(20, 1), (30, 1)]


def test_they_are_asked_for_over_http(viewer: Client) -> None:
    people({"plan": "trial"})
    found = viewer.get("/api/fields/values/?field=plan&search=TR").json()
    assert found == {"values": [{"value": "trial", "count": 1}], "of": 1}
    assert viewer.get("/api/fields/values/?field=nope").status_code == 404
    assert viewer.get("/api/fields/values/").status_code == 400
    found = viewer.get("/api/fields/event-values/?name=Order&property=total").json()
    assert found == {"values": [], "of": 0}
    assert viewer.get("/api/fields/event-values/?name=Order").status_code == 400
    assert viewer.get("/api/fields/values/?field=plan&search=%00").status_code == 400


def test_contacts_are_narrowed_to_a_segments_members(viewer: Client) -> None:
    ids = people({"plan": "pro"}, {"plan": "trial"}, {"plan": "pro"})
    make("pros", {"type": "field", "field": "plan", "op": "eq", "value": "pro"}, now=NOW)
    found = viewer.get("/api/contacts/?segment=pros&limit=1").json()
    assert [one["id"] for one in found["results"]] == [ids[2]]
    assert [one["id"] for one in viewer.get(found["next"]).json()["results"]] == [ids[0]]
    assert len(viewer.get("/api/contacts/?segment=").json()["results"]) == 3
    assert viewer.get("/api/contacts/?segment=nope").status_code == 404
