"""S15, one mail per person: several segments together, without others, every person once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.errors import Refused
from common.models import Workspace
from contacts.models import Contact
from segments.audience import audience, audience_by_lane, audience_counts
from segments.services import members_change
from tests.casebook import contacts_insert
from tests.doors import signed_in
from tests.segment_making import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def people(**fields: dict[str, Any]) -> dict[str, int]:
    rows = [{"id": name, "fields": one} for name, one in fields.items()]
    return contacts_insert(rows, {}, created_at=NOW)


def segment(key: str, *contact_ids: int) -> None:
    make(key, None, kind="static", now=NOW)
    members_change(key, contact_ids, change="add", cause="manual", now=NOW)


def chosen(*include: str, without: tuple[str, ...] = (), key: str | None = None) -> set[int]:
    by_lane = audience_by_lane(audience(include, without, key=key))
    assert all(one % 64 == lane for lane, ids in by_lane.items() for one in ids)
    return {one for ids in by_lane.values() for one in ids}


def test_a_person_in_several_segments_is_chosen_once() -> None:
    made = people(
        ada={"email": "ada@example.org"},
        ada_twice={"email": "ADA@Example.org"},
        bob={"email": "bob@example.org"},
    )
    segment("news", made["ada"], made["bob"])
    segment("buyers", made["ada_twice"], made["bob"])
    assert chosen("news", "buyers") == {made["ada"], made["bob"]}
    found = audience_counts(audience(["news", "buyers"]))
    assert (found.contacts, found.people, found.duplicates, found.without_key) == (3, 2, 1, 0)
    assert set(found.sample) == {made["ada"], made["bob"]}


def test_the_key_is_the_workspaces_or_the_one_asked_for() -> None:
    made = people(
        desk={"email": "ada@example.org", "external_id": "7"},
        phone={"email": "ada@example.org", "external_id": "8"},
        anonymous={"email": "ada@example.org"},
    )
    segment("news", *made.values())
    assert chosen("news") == {made["desk"]}
    by_id = {made["desk"], made["phone"]}
    assert chosen("news", key="external_id") == by_id
    Workspace.objects.update(dedupe_key="external_id")
    assert chosen("news") == by_id
    found = audience_counts(audience(["news"]))
    assert (found.contacts, found.people, found.duplicates, found.without_key) == (3, 2, 0, 1)


def test_who_can_be_reached_stands_for_the_person_then_who_was_seen_last_then_the_older() -> None:
    made = people(
        old={"email": "a@example.org"}, seen={"email": "a@example.org"},
        bounced={"email": "a@example.org"}, older={"email": "b@example.org"},
        younger={"email": "b@example.org"},
    )  # fmt: skip
    contacts = Contact.objects
    contacts.filter(id=made["bounced"]).update(last_seen_at=NOW, hard_bounced_at=NOW)
    contacts.filter(id=made["seen"]).update(last_seen_at=NOW - timedelta(days=1))
    contacts.filter(id__in=(made["old"], made["older"])).update(created_at=NOW - timedelta(days=9))
    contacts.filter(id=made["younger"]).update(created_at=NOW - timedelta(days=1))
    segment("news", *made.values())
    assert chosen("news") == {made["seen"], made["older"]}
    contacts.filter(id=made["seen"]).update(unsubscribed_at=NOW)
    assert chosen("news") == {made["old"], made["older"]}


def test_who_is_excluded_is_so_as_a_person() -> None:
    made = people(
        ada={"email": "ada@example.org"}, ada_twice={"email": "ada@example.org"},
        bob={"email": "bob@example.org"}, nobody={},
    )  # fmt: skip
    segment("news", made["ada"], made["bob"], made["nobody"])
    segment("quiet", made["ada_twice"])
    assert chosen("news", without=("quiet",)) == {made["bob"]}
    found = audience_counts(audience(["news"], ["quiet"]))
    assert (found.contacts, found.people, found.duplicates, found.without_key) == (2, 1, 0, 1)
    segment("all", *made.values())
    assert chosen("news", without=("all",)) == set()


def test_it_costs_the_same_for_any_number(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    made = people(**{f"p{n}": {"email": f"p{n % 30}@example.org"} for n in range(60)})
    segment("news", *made.values())
    asked = audience(["news"])
    with django_assert_max_num_queries(1):
        assert audience_counts(asked).people == 30


def test_the_statement_can_stand_in_another() -> None:
    made = people(ada={"email": "ada@example.org"}, ada_twice={"email": "ada@example.org"})
    segment("news", *made.values())
    people_of, params = audience(["news"]).people()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.lane, p.contact_id FROM ({people_of}) p", params)
        assert cursor.fetchall() == [(made["ada"] % 64, made["ada"])]


@pytest.mark.parametrize(
    ("include", "exclude", "key", "attr"),
    [
        ([], [], None, "include"),
        (["nowhere"], [], None, "include"),
        (["news"], ["nowhere"], None, "exclude"),
        (["news"], [], "phone", "key"),
        ([f"s{n}" for n in range(101)], [], None, "include"),
    ],
)
def test_what_is_no_audience_is_refused(
    include: list[str], exclude: list[str], key: str | None, attr: str
) -> None:
    segment("news")
    with pytest.raises(Refused) as refused:
        audience(include, exclude, key=key)
    assert refused.value.attr == attr


# ── over HTTP ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer")


def test_an_audience_is_counted_over_http(viewer: Client) -> None:
    made = people(ada={"email": "ada@example.org"}, ada_twice={"email": "Ada@example.org"})
    segment("news", *made.values())
    body = {"include": ["news"], "exclude": []}
    said = viewer.post("/api/segments/audience/", body, "application/json").json()
    (sample,) = said.pop("sample")
    assert said == {"contacts": 2, "people": 1, "duplicates": 1, "without_key": 0}
    assert (sample["id"], sample["email"]) == (made["ada"], "ada@example.org")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"include": []}, "include"),
        ({"include": ["nowhere"]}, "include"),
        ({"include": ["news"], "key": "phone"}, "key"),
        ({"include": "news"}, "include"),
    ],
)
def test_a_wrong_audience_is_refused_over_http(viewer: Client, body: Any, attr: str) -> None:
    segment("news")
    answer = viewer.post("/api/segments/audience/", body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].startswith(attr)


def test_the_workspace_keeps_the_key() -> None:
    admin = signed_in("admin")
    assert admin.get("/api/workspace/").json()["dedupe_key"] == "email"
    body = {"dedupe_key": "external_id"}
    changed = admin.patch("/api/workspace/", body, "application/json")
    assert changed.json()["dedupe_key"] == "external_id"
    bad = admin.patch("/api/workspace/", {"dedupe_key": "phone"}, "application/json")
    assert bad.status_code == 400
