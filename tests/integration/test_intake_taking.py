"""From the inbox into the tables: order, once each, and nothing that holds the others up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from contacts.intake import accept, applying, take, watermark
from contacts.models import (
    Consent,
    Contact,
    Event,
    EventMessage,
    Field,
    Identity,
    Inbox,
    RejectedMessage,
    Topic,
    Touch,
)
from contacts.services import rejected_retry
from contacts.store import events_insert
from tests.builders import NOW

pytestmark = pytest.mark.django_db


def track(event: str = "Paid", **more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": "u1", "event": event, **more}


def identify(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": "u1", "traits": traits}


def take_in(*messages: Any) -> int:
    accept(None, messages, NOW)
    return take(NOW)


def touches() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("id").values_list("kind", "name"))


def test_a_message_id_counts_once_in_one_set_and_in_two() -> None:
    take_in(track(messageId="m1"), track(messageId="m1"), track(messageId="m2"))
    take_in(track(messageId="m1"), identify(plan="x") | {"messageId": "m2"})
    assert list(Event.objects.order_by("id").values_list("message_id", flat=True)) == ["m1", "m2"]
    assert not Field.objects.filter(key="plan").exists()
    assert EventMessage.objects.count() == 2


def test_event_ids_ascend_in_order_of_arrival_whatever_their_instants() -> None:
    names = [f"e{i}" for i in range(10)]
    accept(None, [track(n, timestamp="2026-04-01T00:00:00Z") for n in names[:5]], NOW)
    accept(None, [track(n, timestamp="2026-03-01T00:00:00Z") for n in names[5:]], NOW)
    take(NOW)
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == names


def test_messages_of_one_contact_are_applied_in_order_of_arrival() -> None:
    take_in(identify(plan="trial"), identify(plan="paid"), identify(plan=None, age=3))
    assert Contact.objects.get().fields == {"age": 3}


def test_a_new_contact_is_touched_by_all_that_came_with_it() -> None:
    take_in(identify(plan="trial", email="a@x.io"), track())
    assert touches()[:2] == [("new", ""), ("event", "Paid")]
    assert {*touches()[2:]} == {
        ("field", "external_id"),
        ("field", "plan"),
        ("field", "email"),
        ("field", "last_seen_at"),
        ("reach", ""),
    }
    touch = Touch.objects.get(kind="event")
    assert touch.event_id == Event.objects.get().id
    assert touch.lane == touch.contact_id % 64


def test_only_what_really_changed_is_touched() -> None:
    take_in(identify(plan="trial", age=3), track())
    Touch.objects.all().delete()
    take_in(identify(plan="trial", age=4))
    assert touches() == [("field", "age")]
    Touch.objects.all().delete()
    take_in(identify(plan="trial", age=4))
    assert touches() == []


def test_an_earlier_instant_does_not_move_last_seen() -> None:
    take_in(track(timestamp="2026-04-02T00:00:00Z"))
    Touch.objects.all().delete()
    take_in(track(timestamp="2026-04-01T00:00:00Z"))
    assert touches() == [("event", "Paid")]


def test_field_times_say_since_when_the_present_value_holds() -> None:
    take_in(identify(plan="trial") | {"timestamp": "2026-04-01T00:00:00Z"})
    take_in(identify(plan="trial") | {"timestamp": "2026-04-02T00:00:00Z"})
    assert Contact.objects.get().field_times["plan"] == "2026-04-01T00:00:00.000000Z"


def test_a_field_registers_with_the_type_of_its_first_value() -> None:
    take_in(
        identify(plan="trial", seats=3, vip=True, tags=["a"], trialEnds="2026-06-15", none=None)
    )
    take_in(identify(plan=7, seats="many"))
    found = {f.key: (f.type, f.warnings) for f in Field.objects.filter(builtin=False)}
    assert found == {
        "plan": ("string", 1),
        "seats": ("number", 1),
        "vip": ("boolean", 0),
        "tags": ("list", 0),
        "trialEnds": ("datetime", 0),
    }
    assert Field.objects.get(key="seats").last_warning == '"many" is not a number'
    assert Contact.objects.get().fields["plan"] == "trial"


def test_traits_that_no_field_can_hold_are_set_aside_and_the_rest_is_taken_in() -> None:
    deep: Any = "x"
    for _ in range(8):
        deep = {"in": deep}
    take_in(identify(plan="trial", deep=deep, **{"k" * 300: 1}))
    assert Contact.objects.get().fields == {"plan": "trial"}
    rejected = RejectedMessage.objects.get()
    assert rejected.code == "no_field"
    assert len(rejected.payload["traits"]) == 2


def test_there_is_an_end_to_fields_that_a_program_makes_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("contacts.store.MOST_FIELDS", 3)
    take_in(identify(**{f"f{i}": i for i in range(10)}))
    assert Field.objects.filter(builtin=False).count() == 3
    assert RejectedMessage.objects.get().code == "no_field"


def test_mail_events_change_reachability_and_consent() -> None:
    take_in(
        identify(email="a@x.io"),
        track("Email Bounced", properties={"type": "soft"}),
        track("Unsubscribed", properties={"topic": "news"}),
    )
    contact = Contact.objects.get()
    assert (contact.soft_bounces, contact.unsubscribed_at) == (1, None)
    assert Consent.objects.get().state == "unsubscribed"
    assert Topic.objects.get().key == "news"
    assert ("consent", "news") in touches()
    Touch.objects.all().delete()
    take_in(track("Unsubscribed", properties={"topic": "news"}))
    assert ("consent", "news") not in touches()
    take_in(track("Unsubscribed"))
    contact.refresh_from_db()
    assert contact.unsubscribed_at == NOW


def test_an_address_belongs_to_who_had_it_first() -> None:
    take_in(
        identify(email="a@x.io"),
        {"type": "identify", "userId": "u2", "traits": {"email": "A@X.io"}},
    )
    assert Contact.objects.filter(email__iexact="a@x.io").count() == 2
    first = Contact.objects.get(external_id="u1")
    assert Identity.objects.get(kind="email").contact_id == first.id
    assert Field.objects.get(key="email").warnings == 1


def test_an_address_that_is_given_up_can_be_anothers() -> None:
    take_in(identify(email="a@x.io"), identify(email="b@x.io"))
    take_in({"type": "identify", "userId": "u2", "traits": {"email": "a@x.io"}})
    owners = dict(Identity.objects.filter(kind="email").values_list("value", "contact_id"))
    assert owners == {
        "a@x.io": Contact.objects.get(external_id="u2").id,
        "b@x.io": Contact.objects.get(external_id="u1").id,
    }


def test_an_anonymous_contact_becomes_the_known_one() -> None:
    take_in({"type": "track", "anonymousId": "a1", "event": "Seen"})
    before = Contact.objects.get().id
    take_in({"type": "identify", "anonymousId": "a1", "userId": "u1"})
    contact = Contact.objects.get()
    assert (contact.id, contact.external_id) == (before, "u1")


def test_joining_moves_everything_to_the_known_contact() -> None:
    take_in(identify(plan="paid"), track())
    take_in(
        {"type": "track", "anonymousId": "a1", "event": "Seen"},
        {
            "type": "track",
            "anonymousId": "a1",
            "event": "Unsubscribed",
            "properties": {"topic": "news"},
        },
    )
    Touch.objects.all().delete()
    take_in({"type": "identify", "userId": "u1", "anonymousId": "a1"})
    contact = Contact.objects.get()
    assert contact.external_id == "u1"
    assert {*Event.objects.values_list("contact_id", "lane")} == {(contact.id, contact.lane)}
    assert Consent.objects.get().contact_id == contact.id
    assert ("consent", "news") in touches()
    # Segments are to look at these events again, but no flow is to be entered by them again.
    assert list(Touch.objects.filter(kind="event").values_list("name", "event_id")) == [
        ("Seen", None),
        ("Unsubscribed", None),
    ]


def test_touches_not_yet_looked_at_go_with_the_contact() -> None:
    take_in(identify())
    Touch.objects.all().delete()
    take_in({"type": "track", "anonymousId": "a1", "event": "Seen"})
    seen = Touch.objects.get(kind="event").id
    take_in({"type": "identify", "userId": "u1", "anonymousId": "a1"})
    moved = Touch.objects.get(id=seen)
    assert moved.contact_id == Contact.objects.get().id
    assert moved.event_id == Event.objects.get().id
    assert not Touch.objects.filter(kind="new").exists()


def test_the_watermark_is_the_oldest_receipt_in_the_inbox() -> None:
    assert watermark(NOW) == NOW
    accept(None, [track()], NOW - timedelta(minutes=5))
    accept(None, [track()], NOW - timedelta(minutes=1))
    assert watermark(NOW) == NOW - timedelta(minutes=5)
    assert take(NOW, limit=1) == 1
    assert watermark(NOW) == NOW - timedelta(minutes=1)
    take(NOW)
    assert watermark(NOW) == NOW


def test_a_set_is_bounded_but_a_batch_is_taken_whole() -> None:
    accept(None, [track()] * 7, NOW)
    accept(None, [track()] * 3, NOW)
    assert take(NOW, limit=5) == 7
    assert take(NOW, limit=5) == 3
    assert take(NOW, limit=5) == 0


def test_a_message_that_breaks_is_set_aside_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apply = applying._apply

    def break_on(outcome: Any, message: Any) -> None:
        if message.event == "Poison":
            raise ZeroDivisionError("poisonous")
        apply(outcome, message)

    monkeypatch.setattr(applying, "_apply", break_on)
    messages = [track(f"e{i}", messageId=f"m{i}") for i in range(20)]
    messages[7] = track("Poison", messageId="p1")
    messages[13] = track("Poison", messageId="p2")
    assert take_in(*messages) == 20
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        f"e{i}" for i in range(20) if i not in (7, 13)
    ]
    assert [(r.code, r.payload["messageId"]) for r in RejectedMessage.objects.order_by("id")] == [
        ("failed", "p1"),
        ("failed", "p2"),
    ]
    assert "poisonous" in RejectedMessage.objects.all()[0].reason
    assert not Inbox.objects.exists()

    monkeypatch.setattr(applying, "_apply", apply)
    assert rejected_retry(RejectedMessage.objects.order_by("id")) == 2
    take(NOW)
    assert Event.objects.filter(name="Poison").count() == 2


def test_a_message_that_the_database_refuses_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def refuse(cursor: Any, events: Sequence[Any]) -> list[int]:
        if any(event.name == "Poison" for event in events):
            with connection.cursor() as other:
                other.execute("SELECT 'x'::integer")
        return events_insert(cursor, events)

    monkeypatch.setattr(applying, "events_insert", refuse)
    take_in(track("Good"), track("Poison"), track("Better"))
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == ["Good", "Better"]
    assert "invalid input syntax" in RejectedMessage.objects.get().reason


def test_a_database_in_trouble_makes_no_message_suffer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> list[int]:
        raise OperationalError("no space left on device")

    accept(None, [track()], NOW)
    monkeypatch.setattr(applying, "events_insert", fail)
    with pytest.raises(OperationalError):
        take(NOW)
    assert Inbox.objects.count() == 1
    assert not RejectedMessage.objects.exists()


def test_taking_costs_the_same_number_of_statements_however_many_messages(
    django_assert_max_num_queries: Any,
) -> None:
    messages = [
        {"type": "identify", "userId": f"u{i}", "traits": {"plan": "x", "email": f"{i}@x.io"}}
        for i in range(300)
    ] + [track(userId=f"u{i}") for i in range(300)]
    accept(None, messages, NOW)
    with django_assert_max_num_queries(20):
        take(NOW)
    assert Contact.objects.count() == 300


def test_new_contacts_are_spread_evenly_over_the_lanes() -> None:
    take_in(*(track(userId=f"u{i}") for i in range(128)))
    take_in(*(track(userId=f"v{i}") for i in range(128)))
    lanes = [lane for (lane,) in Contact.objects.values_list("lane")]
    assert {lanes.count(lane) for lane in range(64)} == {4}


def test_what_can_not_be_stored_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="NUL"):
        accept(None, [track(properties={"x": "\x00"})], NOW)
