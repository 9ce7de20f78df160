"""Messages of the Segment spec, read into what is to be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.intake.parsing import MessageRefused, Parsed, parse

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(**message: Any) -> Parsed:
    return parse({"type": "track", "event": "Paid", "userId": "u1", **message}, received_at=NOW)


def test_a_page_is_the_event_page_viewed_with_the_pages_properties() -> None:
    parsed = read(
        type="page",
        name="Pricing",
        properties={"title": "Prices"},
        context={"page": {"url": "https://x.io/p", "title": "Not this"}},
    )
    assert parsed.event == "Page Viewed"
    assert parsed.properties == {"title": "Prices", "name": "Pricing", "url": "https://x.io/p"}


def test_a_screen_is_the_event_screen_viewed() -> None:
    assert read(type="screen", name="Home").event == "Screen Viewed"


def test_traits_become_fields() -> None:
    parsed = read(
        type="identify",
        traits={
            "firstName": "Ada",
            "address": {"city": "Ulm", "street": "Main"},
            "createdAt": "2026-01-01",
            "company": {"name": "Acme"},
            "locale": "de",
        },
    )
    assert dict(parsed.traits) == {
        "first_name": "Ada",
        "city": "Ulm",
        "address.street": "Main",
        "created_at": "2026-01-01",
        "company.name": "Acme",
        "language": "de",
    }


def test_a_group_sets_its_id_and_its_traits_under_group() -> None:
    parsed = read(type="group", groupId="g1", traits={"name": "Acme", "seats": 5})
    assert dict(parsed.traits) == {"group_id": "g1", "group.name": "Acme", "group.seats": 5}


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "at"),
    [
        (None, None, NOW),
        ("2026-05-01T11:00:00Z", None, NOW - timedelta(hours=1)),
        # The client's clock is an hour behind; ten minutes passed between event and sending.
        ("2026-05-01T10:50:00Z", "2026-05-01T11:00:00Z", NOW - timedelta(minutes=10)),
        # Its clock is a day ahead.
        ("2026-05-02T11:59:00Z", "2026-05-02T12:00:00Z", NOW - timedelta(minutes=1)),
        # Never later than the receipt.
        ("2026-05-01T13:00:00Z", None, NOW),
        ("2026-05-01T12:00:10Z", "2026-05-01T12:00:00Z", NOW),
        # A sentAt that is none is as if it were not there.
        ("2026-05-01T11:00:00Z", "yesterday", NOW - timedelta(hours=1)),
        ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("2026-05-01T11:00:00", None, NOW - timedelta(hours=1)),
        ("2026-05-01T13:00:00+02:00", None, NOW - timedelta(hours=1)),
    ],
)
def test_the_clients_clock_is_corrected(
    timestamp: str | None, sent_at: str | None, at: datetime
) -> None:
    assert read(timestamp=timestamp, sentAt=sent_at).at == at


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not an object", "not_a_message"),
        ([], "not_a_message"),
        ({}, "unknown_type"),
        ({"type": "delete", "userId": "u"}, "unknown_type"),
        ({"type": ["track"], "userId": "u"}, "unknown_type"),
        ({"type": "track", "event": "Paid"}, "no_identity"),
        ({"type": "track", "event": "Paid", "userId": "  "}, "no_identity"),
        ({"type": "track", "event": "Paid", "userId": None, "anonymousId": ""}, "no_identity"),
        ({"type": "identify", "traits": {"email": "nobody"}}, "no_identity"),
        # In an event that is not about mail, the address may be a friend's.
        ({"type": "track", "event": "Invited", "properties": {"email": "f@x.io"}}, "no_identity"),
        ({"type": "track", "userId": "u"}, "no_event"),
        ({"type": "track", "userId": "u", "event": " "}, "no_event"),
        ({"type": "track", "userId": "u", "event": 7}, "no_event"),
        ({"type": "track", "userId": "u", "event": "x" * 201}, "too_long"),
        ({"type": "track", "userId": "u" * 501, "event": "Paid"}, "too_long"),
        ({"type": "track", "userId": "u", "event": "Paid", "messageId": "m" * 300}, "too_long"),
        ({"type": "track", "userId": {"id": 1}, "event": "Paid"}, "invalid"),
        ({"type": "track", "userId": True, "event": "Paid"}, "invalid"),
        ({"type": "track", "userId": "u", "event": "Paid", "properties": []}, "invalid"),
        ({"type": "identify", "userId": "u", "traits": "x"}, "invalid"),
        ({"type": "track", "userId": "u", "event": "Paid", "timestamp": "soon"}, "invalid"),
        ({"type": "track", "userId": "u", "event": "Paid", "timestamp": 1746100000}, "invalid"),
        ({"type": "group", "userId": "u"}, "no_group"),
        ({"type": "alias", "userId": "u"}, "no_identity"),
        ({"type": "alias", "previousId": "a"}, "no_identity"),
    ],
)
def test_what_can_not_be_carried_out_is_refused(message: Any, code: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        parse(message, received_at=NOW)
    assert refused.value.code == code
    assert refused.value.reason.endswith(".")


def test_ids_that_are_numbers_are_texts() -> None:
    assert read(userId=42).external_id == "42"
    assert read(userId=42.0).external_id == "42"


def test_an_address_stands_in_where_there_is_no_id() -> None:
    bounced = parse(
        {"type": "track", "event": "Email Bounced", "properties": {"email": "A@x.io"}},
        received_at=NOW,
    )
    assert bounced.email == "A@x.io"
    assert bounced.identities() == [("email", "a@x.io")]
    in_context = {
        "type": "track",
        "event": "Paid",
        "context": {"traits": {"email": "b@x.io"}},
    }
    assert parse(in_context, received_at=NOW).email == "b@x.io"
    assert read(context={"traits": {"email": "b@x.io"}}).email is None
