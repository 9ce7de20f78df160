"""Many contacts by what a pasted list calls them."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from contacts.lookup import contacts_looked_up
from contacts.services import contact_create
from tests.builders import NOW
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> int:
    return contact_create(external_id="shop-1", email="Ada@Example.org", fields={}, now=NOW)


def test_an_external_id_an_address_in_any_case_and_an_id_name_a_contact(ada: int) -> None:
    values = ["shop-1", "ADA@example.org", str(ada)]
    assert contacts_looked_up(values) == dict.fromkeys(values, ada)


def test_an_external_id_goes_before_the_id_it_looks_like(ada: int) -> None:
    other = contact_create(external_id=str(ada), email=None, fields={}, now=NOW)
    assert contacts_looked_up([str(ada)]) == {str(ada): other}


def test_who_is_not_known_is_not_found(ada: int) -> None:
    values = ["shop-2", "nobody@example.org", "0", "-1", "9" * 30, "²", str(ada + 1)]
    assert contacts_looked_up(values) == {}


def test_a_long_list_costs_as_many_statements_as_a_short_one(
    ada: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        contacts_looked_up([str(ada), *(f"shop-{n}" for n in range(2_000))])


def test_the_door_answers_each_contact_once_and_says_who_is_missing(ada: int) -> None:
    answer = _asked(["shop-1", "ada@example.org", "nobody", "nobody"])
    assert answer.status_code == 200
    assert answer.json() == {"contacts": [ada], "missing": ["nobody"]}


@pytest.mark.parametrize("values", [[], ["x"] * 10_001, [""], ["a\x00b"], "shop-1", None])
def test_the_door_refuses_what_is_no_list_of_names(values: object) -> None:
    assert _asked(values).status_code == 400


def _asked(values: object) -> Any:
    return signed_in("viewer").post(
        "/api/contacts/lookup/", {"values": values}, content_type="application/json"
    )
