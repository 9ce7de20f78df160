"""The services of contacts: what they write, what they refuse, and what they touch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.errors import Conflict, NotFound, Refused
from contacts.intake import accept, take
from contacts.merging import _DELETES, _MERGES, register_delete, register_merge
from contacts.models import Consent, Contact, Event, Field, Identity, ScoreChange, Touch
from contacts.services import (
    ConsentChange,
    FieldChange,
    NewEvent,
    ScoreDelta,
    consents_set,
    contact_create,
    contact_delete,
    contact_update,
    contacts_merge,
    events_record,
    fields_update,
    scores_adjust,
    source_create,
)
from tests.builders import NOW

pytestmark = pytest.mark.django_db


def make(**given: Any) -> Contact:
    contact = Contact.objects.get(id=contact_create(now=NOW, **given))
    Touch.objects.all().delete()
    return contact


def touches() -> set[tuple[str, str]]:
    return {*Touch.objects.values_list("kind", "name")}


def test_fields_of_thousands_cost_a_fixed_number_of_statements(
    django_assert_max_num_queries: Any,
) -> None:
    contacts = [make(external_id=f"u{i}") for i in range(40)]
    with django_assert_max_num_queries(12):
        fields_update(
            [FieldChange(c.lane, c.id, {"plan": "paid", "city": "Ulm"}) for c in contacts],
            now=NOW,
        )
    assert Contact.objects.filter(fields__plan="paid", city="Ulm").count() == 40
    assert touches() == {("field", "plan"), ("field", "city")}


def test_a_value_that_does_not_fit_is_left_out_and_reported() -> None:
    contact = make(fields={"age": 3})
    left_out = fields_update(
        [FieldChange(contact.lane, contact.id, {"age": "old", "plan": "x", "email": "no"})],
        now=NOW,
    )
    assert [(one.key, one.contact_id) for one in left_out] == [
        ("age", contact.id),
        ("email", contact.id),
    ]
    contact.refresh_from_db()
    assert contact.fields == {"age": 3, "plan": "x"}
    assert Field.objects.get(key="age").warnings == 1


def test_an_address_changed_by_a_flow_moves_its_identity() -> None:
    contact = make(email="a@x.io")
    fields_update([FieldChange(contact.lane, contact.id, {"email": "B@x.io"})], now=NOW)
    assert list(Identity.objects.values_list("kind", "value")) == [("email", "b@x.io")]
    fields_update([FieldChange(contact.lane, contact.id, unset=["email"])], now=NOW)
    assert not Identity.objects.exists()
    assert {("field", "email"), ("reach", "")} <= touches()


def test_changes_of_contacts_that_are_gone_are_left_out() -> None:
    assert fields_update([FieldChange(1, 999_937, {"plan": "x"})], now=NOW) == []
    assert events_record([NewEvent(1, 999_937, "Paid", NOW)], now=NOW) == []
    scores_adjust([ScoreDelta(1, 999_937, 3, "")], now=NOW)
    consents_set([ConsentChange(1, 999_937, "news", "subscribed")], now=NOW)
    assert not Touch.objects.exists()


def test_recorded_events_touch_and_tell_of_reachability() -> None:
    contact = make(email="a@x.io")
    ids = events_record(
        [
            NewEvent(contact.lane, contact.id, "Email Sent", NOW, {"n": 1}, touch=True),
            NewEvent(contact.lane, contact.id, "Email Bounced", NOW),
        ],
        now=NOW,
    )
    assert ids == sorted(ids)
    contact.refresh_from_db()
    assert contact.hard_bounced_at == NOW
    assert contact.last_seen_at is None
    assert touches() == {("event", "Email Sent"), ("event", "Email Bounced"), ("reach", "")}
    assert Event.objects.get(name="Email Sent").touch


def test_a_score_is_kept_with_its_ledger() -> None:
    contact = make()
    scores_adjust([ScoreDelta(contact.lane, contact.id, 5, "a")] * 2, now=NOW)
    scores_adjust([ScoreDelta(contact.lane, contact.id, -2.5, "b")], now=NOW)
    contact.refresh_from_db()
    assert contact.score == 7.5
    assert ScoreChange.objects.count() == 3
    assert touches() == {("score", ""), ("field", "score")}


def test_the_last_choice_counts_and_the_same_again_touches_nothing() -> None:
    contact = make()
    consents_set(
        [
            ConsentChange(contact.lane, contact.id, "news", "subscribed"),
            ConsentChange(contact.lane, contact.id, "news", "unsubscribed"),
        ],
        now=NOW,
    )
    assert Consent.objects.get().state == "unsubscribed"
    assert touches() == {("consent", "news")}
    Touch.objects.all().delete()
    consents_set([ConsentChange(contact.lane, contact.id, "news", "unsubscribed")], now=NOW)
    assert touches() == set()
    with pytest.raises(Refused):
        consents_set([ConsentChange(contact.lane, contact.id, "news", "maybe")], now=NOW)


def test_two_contacts_can_not_be_made_of_one_id_or_address() -> None:
    make(external_id="u1", email="a@x.io")
    with pytest.raises(Conflict):
        contact_create(external_id="u1", now=NOW)
    with pytest.raises(Conflict):
        contact_create(email="A@x.io", now=NOW)
    other = make(external_id="u2")
    with pytest.raises(Conflict):
        contact_update(other.id, set={"email": "a@X.io"}, now=NOW)
    with pytest.raises(Conflict):
        contact_update(other.id, external_id="u1", now=NOW)
    assert Contact.objects.count() == 2


def test_a_change_by_hand_is_all_or_nothing() -> None:
    contact = make(fields={"age": 3})
    with pytest.raises(Refused) as refused:
        contact_update(contact.id, set={"plan": "x", "age": "old"}, now=NOW)
    assert refused.value.attr == "age"
    contact.refresh_from_db()
    assert contact.fields == {"age": 3}
    with pytest.raises(NotFound):
        contact_update(999_937, set={}, now=NOW)


def test_a_deleted_contact_leaves_nothing_behind() -> None:
    contact = make(external_id="u1", email="a@x.io")
    events_record([NewEvent(contact.lane, contact.id, "Paid", NOW)], now=NOW)
    scores_adjust([ScoreDelta(contact.lane, contact.id, 1, "")], now=NOW)
    consents_set([ConsentChange(contact.lane, contact.id, "news", "subscribed")], now=NOW)
    seen: list[int] = []

    def also(_cursor: Any, *, lane: int, contact_id: int) -> None:
        assert lane == contact_id % 64
        seen.append(contact_id)

    register_delete(also)
    try:
        contact_delete(contact.id)
    finally:
        _DELETES.remove(also)
    assert seen == [contact.id]
    for model in (Contact, Identity, Event, ScoreChange, Consent, Touch):
        assert not model.objects.exists()
    with pytest.raises(NotFound):
        contact_delete(contact.id)


def test_joining_by_hand_moves_every_rooms_rows() -> None:
    kept = make(external_id="u1", fields={"plan": "paid"})
    lost = make(external_id="u2", email="b@x.io", fields={"plan": "trial", "age": 3})
    for contact in (kept, lost):
        scores_adjust([ScoreDelta(contact.lane, contact.id, 2, "")], now=NOW)
    consents_set([ConsentChange(kept.lane, kept.id, "news", "subscribed")], now=NOW)
    later = NOW + timedelta(hours=1)
    consents_set([ConsentChange(lost.lane, lost.id, "news", "unsubscribed")], now=later)
    calls: list[dict[str, Any]] = []

    def also(_cursor: Any, /, **given: Any) -> None:
        calls.append(given)

    register_merge(also)
    try:
        contacts_merge(kept_id=kept.id, lost_id=lost.id, now=later)
    finally:
        _MERGES.remove(also)
    assert calls == [
        {
            "kept_lane": kept.lane,
            "kept_id": kept.id,
            "lost_lane": lost.lane,
            "lost_id": lost.id,
            "now": later,
        }
    ]
    contact = Contact.objects.get()
    assert (contact.id, contact.email, contact.score) == (kept.id, "b@x.io", 4)
    assert contact.fields == {"plan": "paid", "age": 3}
    assert Consent.objects.get().state == "unsubscribed"
    assert {*Identity.objects.values_list("value", flat=True)} == {"u1", "u2", "b@x.io"}
    accept(None, [{"type": "track", "userId": "u2", "event": "Paid"}], later)
    take(later)
    assert Event.objects.get().contact_id == kept.id
    with pytest.raises(Refused):
        contacts_merge(kept_id=kept.id, lost_id=kept.id, now=later)


def test_sources_of_one_name_have_different_keys() -> None:
    first, key = source_create("Web shop", now=NOW)
    second, other = source_create("Web shop", now=NOW)
    assert (first.key, second.key) == ("web-shop", "web-shop-2")
    assert key != other
    assert key not in (first.digest, first.prefix)
    assert source_create("商店", now=NOW)[0].key == "source"
    with pytest.raises(Refused):
        source_create("  ", now=NOW)
