"""The same values for many contacts come to what one by one comes to, touches and all."""

from __future__ import annotations

from typing import Any

import pytest

from common.lanes import lane_of
from contacts.models import Contact, Field, Touch
from contacts.services import FieldChange, contact_create, fields_update
from tests.builders import NOW

pytestmark = pytest.mark.django_db
KNOWN = {"plan": "trial", "seats": 3, "tags": ["a"], "since": "2026-01-01", "ok": True}

VALUES: list[dict[str, Any]] = [
    {"plan": "pro"},
    {"plan": "trial"},
    {"city": "Graz", "plan": "pro"},
    {"seats": 3.0},
    {"seats": 4, "tags": ["a", "b"]},
    {"since": "2026-01-01T00:00:00Z"},
    {"since": "2027-01-01", "ok": False},
    {"seats": "seven", "plan": "pro"},
    {"seats": "seven"},
    {"unheard of": "x", "plan": "pro"},
    {"language": "de", "owner": "Ada", "plan": 'with "quotes" and \\ and %'},
    {"company.name": {"no": "field"}},
    {"score": 5},
    {"email": "new@example.org"},
    {"plan": None},
]


def made(n: int) -> list[int]:
    ids = []
    for number in range(n):
        fields = KNOWN if number % 2 == 0 else {**KNOWN, "plan": "pro", "city": "Graz"}
        ids.append(contact_create(now=NOW, external_id=f"c{number}", email=None, fields=fields))
    Touch.objects.all().delete()
    return ids


def stand(ids: list[int]) -> Any:
    """What is known of contacts and told of them, whoever they are."""
    rows = {one.id: one for one in Contact.objects.filter(id__in=ids)}
    touches: dict[int, set[tuple[str, str]]] = {one: set() for one in ids}
    for touch in Touch.objects.filter(contact_id__in=ids):
        touches[touch.contact_id].add((touch.kind, touch.name))
    return [
        (
            rows[one].fields,
            rows[one].field_times,
            rows[one].city,
            rows[one].language,
            rows[one].owner,
            touches[one],
        )
        for one in ids
    ]


@pytest.mark.parametrize("values", VALUES, ids="+".join)
def test_at_once_comes_to_the_same_as_one_by_one(values: dict[str, Any]) -> None:
    ids = made(8)
    at_once, one_by_one = ids[:4], ids[4:]
    left_out = fields_update([FieldChange(lane_of(one), one, values) for one in at_once], now=NOW)
    warnings = dict(Field.objects.values_list("key", "warnings"))
    # Equal, but not the very same: nothing tells that they are alike.
    slowly = fields_update(
        [FieldChange(lane_of(one), one, dict(values)) for one in one_by_one], now=NOW
    )
    assert stand(at_once) == stand(one_by_one)
    assert [(one.key, one.reason) for one in left_out] == [(one.key, one.reason) for one in slowly]
    assert {key: n for key, n in Field.objects.values_list("key", "warnings") if n} == {
        key: 2 * n for key, n in warnings.items() if n
    }


def test_what_nobody_follows_is_written_and_not_told() -> None:
    ids = made(2)
    values = {"plan": "gold", "city": "Wien"}
    changes = [FieldChange(lane_of(one), one, values) for one in ids]
    fields_update(changes, now=NOW, heard=lambda key: key == "city")
    assert {one.fields["plan"] for one in Contact.objects.all()} == {"gold"}
    assert set(Touch.objects.values_list("contact_id", "name")) == {(one, "city") for one in ids}


def test_a_contact_that_is_gone_is_left_out() -> None:
    ids = made(2)
    Contact.objects.filter(id=ids[0]).delete()
    values = {"plan": "gold"}
    fields_update([FieldChange(lane_of(one), one, values) for one in ids], now=NOW)
    assert list(Touch.objects.values_list("contact_id", flat=True)) == [ids[1]]
