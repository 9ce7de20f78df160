"""How fields are set, erased and refused, and what the e-mail events say. Without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.clock import canonical
from contacts import reach
from contacts.state import ContactState
from contacts.store import FieldBook
from contacts.values import DoesNotFit, fit, type_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AT = canonical(NOW)


def contact(**row: Any) -> ContactState:
    state = ContactState.new(1, created_at=NOW)
    state.row.update(row)
    state.touched.clear()
    return state


def book() -> FieldBook:
    return FieldBook(
        {
            "plan": "string",
            "age": "number",
            "vip": "boolean",
            "trial_ends": "datetime",
            "tags": "list",
            "company.name": "string",
            "email": "string",
            "city": "string",
            "country": "string",
            "created_at": "datetime",
            "score": "number",
        }
    )


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("plan", "2026-06-15", "2026-06-15"),
        ("age", 3.5, 3.5),
        ("vip", False, False),
        ("trial_ends", "2026-06-15T14:00:00+02:00", "2026-06-15T12:00:00.000000Z"),
        ("tags", ["a", 2, None, True], ["a", "2", "true"]),
    ],
)
def test_a_value_that_fits_is_kept_as_rules_expect_it(key: str, value: Any, stored: Any) -> None:
    state = contact()
    assert book().change(state, key, value, AT) is None
    assert state.fields == {key: stored}
    assert state.field_times == {key: AT}
    assert list(state.touched) == [("field", key)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plan", 7),
        ("plan", True),
        ("plan", {"a": 1}),
        ("plan", "x" * 40_000),
        ("age", "seven"),
        ("age", True),
        ("age", 10**400),
        ("vip", "yes"),
        ("vip", 1),
        ("trial_ends", "soon"),
        ("trial_ends", 1746100000),
        ("tags", "a"),
        ("tags", [{"a": 1}]),
        ("tags", [["a"]]),
        ("score", 5),
        ("created_at", None),
    ],
)
def test_a_value_that_does_not_fit_leaves_the_field_as_it_was_and_warns(
    key: str, value: Any
) -> None:
    state = contact()
    state.fields.update(plan="trial", age=1, vip=True)
    before = dict(state.fields)
    fields = book()
    assert fields.change(state, key, value, AT) is not None
    assert state.fields == before
    assert not state.touched
    assert fields.warnings == {key: 1}


@pytest.mark.parametrize("missing", [None, "", []])
def test_what_says_nothing_erases(missing: Any) -> None:
    state = contact()
    state.fields.update(plan="trial")
    state.field_times.update(plan=AT)
    assert book().change(state, "plan", missing, AT) is None
    assert (state.fields, state.field_times) == ({}, {})
    assert list(state.touched) == [("field", "plan")]
    assert book().change(state, "plan", missing, AT) is None
    assert list(state.touched) == [("field", "plan")]


def test_null_for_an_object_erases_what_is_nested_in_it() -> None:
    state = contact(city="Ulm", country="DE")
    state.fields.update({"company.name": "Acme", "company_size": 3})
    book().change(state, "company", None, AT)
    book().change(state, "address", None, AT)
    assert state.fields == {"company_size": 3}
    assert state.row["city"] is state.row["country"] is None


def test_the_same_value_again_changes_nothing_not_even_its_time() -> None:
    state = contact()
    fields = book()
    fields.change(state, "plan", "trial", AT)
    state.touched.clear()
    fields.change(state, "plan", "trial", canonical(NOW + timedelta(days=1)))
    assert not state.touched
    assert state.field_times == {"plan": AT}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-06-15T12:00:00Z", "datetime"),
        ("2026-06-15", "datetime"),
        ("2026-13-45", "string"),
        ("20260615", "string"),
        ("+49 151", "string"),
        (0, "number"),
        (False, "boolean"),
        ([], "list"),
        ({}, None),
        (None, None),
    ],
)
def test_the_first_value_gives_the_type(value: Any, found: str | None) -> None:
    assert type_of(value) == found


def test_an_unknown_type_fits_nothing() -> None:
    with pytest.raises(DoesNotFit):
        fit("x", "colour")


def test_mail_events_change_what_is_known_of_reachability() -> None:
    state = contact(email="a@x.io")
    for _ in range(3):
        reach.apply(state, "Email Bounced", {"type": "soft"}, NOW)
    assert state.row["soft_bounces"] == 3
    reach.apply(state, "Email Delivered", {}, NOW)
    assert state.row["soft_bounces"] == 0
    reach.apply(state, "Email Bounced", {"type": "hard", "email": "other@x.io"}, NOW)
    assert state.row["hard_bounced_at"] is None
    reach.apply(state, "Email Bounced", {"type": "hard", "email": "A@X.io"}, NOW)
    assert state.row["hard_bounced_at"] == NOW
    reach.apply(state, "Email Marked as Spam", {}, NOW)
    reach.apply(state, "Unsubscribed", {}, NOW)
    assert state.row["complained_at"] == state.row["unsubscribed_at"] == NOW
    assert list(state.touched) == [("reach", "")]
    assert reach.apply(state, "Unsubscribed", {"topic": "news"}, NOW) == "news"


def test_a_report_that_changes_nothing_touches_nothing() -> None:
    state = contact(email="a@x.io")
    reach.apply(state, "Email Delivered", {}, NOW)
    assert not state.touched


def test_a_new_address_has_not_bounced() -> None:
    state = contact(email="old@x.io", hard_bounced_at=NOW, soft_bounces=4, complained_at=NOW)
    state.assign("email", "new@x.io", AT)
    assert (state.row["hard_bounced_at"], state.row["soft_bounces"]) == (None, 0)
    assert state.row["complained_at"] == NOW
    assert ("reach", "") in state.touched


def test_the_known_ones_values_win_and_missing_ones_are_filled() -> None:
    kept = contact(email=None, first_name="Ada", score=3.0)
    kept.fields.update(plan="paid")
    lost = contact(
        email="a@x.io",
        first_name="Bob",
        city="Ulm",
        score=4.0,
        soft_bounces=2,
        created_at=NOW - timedelta(days=2),
        last_seen_at=NOW,
        unsubscribed_at=NOW,
    )
    lost.fields.update(plan="trial", age=7)
    lost.field_times.update(age=AT)
    kept.absorb(lost)
    assert kept.row["first_name"] == "Ada"
    assert (kept.row["email"], kept.row["city"], kept.row["score"]) == ("a@x.io", "Ulm", 7.0)
    assert kept.row["created_at"] == NOW - timedelta(days=2)
    assert (kept.row["soft_bounces"], kept.row["unsubscribed_at"]) == (2, NOW)
    assert kept.fields == {"plan": "paid", "age": 7}
    assert kept.field_times == {"age": AT}
    assert ("field", "plan") not in kept.touched
    assert {("field", "age"), ("field", "city"), ("reach", ""), ("score", "")} <= set(kept.touched)
