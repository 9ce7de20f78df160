"""Whoever turns out to be the same contact: nothing is lost, nothing is there twice.

Random messages of few people are taken in in sets of random sizes. Whatever the sizes, the outcome
is that of taking them one by one; and it agrees with plain statements about identities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.intake import accept, take
from contacts.models import Consent, Contact, Event, Identity, ScoreChange, Touch
from contacts.services import ScoreDelta, contacts_merge, scores_adjust

pytestmark = pytest.mark.django_db

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
KNOWN = ("u1", "u2", "u3")
ANONYMOUS = ("a1", "a2", "a3", "a4")
EMAILS = ("One@x.io", "two@x.io", "three@x.io")

_ids = st.fixed_dictionaries(
    {}, optional={"userId": st.sampled_from(KNOWN), "anonymousId": st.sampled_from(ANONYMOUS)}
).filter(bool)
_traits = st.fixed_dictionaries(
    {},
    optional={
        "email": st.one_of(st.sampled_from(EMAILS), st.none()),
        "plan": st.one_of(st.sampled_from(["trial", "paid"]), st.none()),
        "age": st.integers(1, 3),
        "firstName": st.sampled_from(["Ada", "Bob"]),
    },
)
_track = st.builds(
    lambda ids, name: {**ids, "type": "track", "event": name},
    _ids,
    st.sampled_from(["Paid", "Email Bounced", "Unsubscribed", "Page Viewed"]),
)
_unsubscribe = st.builds(
    lambda ids, topic: {
        **ids,
        "type": "track",
        "event": "Unsubscribed",
        "properties": {"topic": topic},
    },
    _ids,
    st.sampled_from(["news", "offers"]),
)
_identify = st.builds(
    lambda ids, traits: {**ids, "type": "identify", "traits": traits}, _ids, _traits
)
_alias = st.builds(
    lambda to, previous: {"type": "alias", "userId": to, "previousId": previous},
    st.sampled_from(KNOWN),
    st.sampled_from(ANONYMOUS),
)
_alias_of_known = st.builds(
    lambda to, previous: {"type": "alias", "userId": to, "previousId": previous},
    st.sampled_from(KNOWN),
    st.sampled_from(KNOWN),
)
_messages = st.lists(st.one_of(_track, _identify, _alias, _unsubscribe), min_size=1, max_size=14)
_messages_joining_known = st.lists(
    st.one_of(_track, _identify, _alias, _alias_of_known), min_size=1, max_size=14
)
_cuts = st.lists(st.integers(1, 5), max_size=14)


def stamped(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **message,
            "messageId": f"m{i}",
            "timestamp": (START + timedelta(minutes=i)).isoformat(),
        }
        for i, message in enumerate(messages)
    ]


def outcome(
    messages: Sequence[dict[str, Any]], sizes: Sequence[int]
) -> dict[tuple[str, ...], dict[str, Any]]:
    """Take the messages in sets of these sizes (the rest in one) and say what came of it."""
    with transaction.atomic():
        rest = list(messages)
        for size in [*sizes, len(rest)]:
            part, rest = rest[:size], rest[size:]
            if part:
                accept(None, part, START + timedelta(days=1))
                assert take(START + timedelta(days=1)) == len(part)
        found = recounted()
        transaction.set_rollback(True)
    return found


def recounted() -> dict[tuple[str, ...], dict[str, Any]]:
    identities: dict[int, list[str]] = {}
    for identity in Identity.objects.order_by("kind", "value"):
        identities.setdefault(identity.contact_id, []).append(f"{identity.kind}:{identity.value}")
        assert identity.lane == identity.contact_id % 64
    contacts = {}
    for contact in Contact.objects.all():
        events = Event.objects.filter(lane=contact.lane, contact_id=contact.id).order_by("id")
        contacts[tuple(identities[contact.id])] = {
            "external_id": contact.external_id,
            "email": contact.email,
            "first_name": contact.first_name,
            "fields": contact.fields,
            "field_times": contact.field_times,
            "created_at": contact.created_at,
            "last_seen_at": contact.last_seen_at,
            "reach": (contact.unsubscribed_at, contact.hard_bounced_at, contact.soft_bounces),
            "events": [(event.message_id, event.name, event.at) for event in events],
            "consents": {
                (consent.topic, consent.state)
                for consent in Consent.objects.filter(lane=contact.lane, contact_id=contact.id)
            },
        }
    assert len(contacts) == Contact.objects.count()
    assert {*Touch.objects.values_list("contact_id", flat=True)} == {
        *Contact.objects.values_list("id", flat=True)
    }
    return contacts


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=_messages_joining_known, sizes=_cuts)
def test_the_size_of_the_sets_makes_no_difference(
    messages: list[dict[str, Any]], sizes: list[int]
) -> None:
    made = stamped(messages)
    one_by_one = outcome(made, [1] * len(made))
    assert outcome(made, []) == one_by_one
    assert outcome(made, sizes) == one_by_one


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=_messages, sizes=_cuts)
def test_every_event_is_there_once_and_identities_keep_their_promises(
    messages: list[dict[str, Any]], sizes: list[int]
) -> None:
    made = stamped(messages)
    contacts = outcome(made, sizes)
    events = Counter(event for contact in contacts.values() for event, *_ in contact["events"])
    assert events == Counter(m["messageId"] for m in made if m["type"] == "track")
    home = {key: identities for identities in contacts for key in identities}
    for message in made:
        if message["type"] == "track" and "userId" in message:
            owner = contacts[home[f"external_id:{message['userId']}"]]
            assert message["messageId"] in [event for event, *_ in owner["events"]]
    for identities, contact in contacts.items():
        known = [key for key in identities if key.startswith("external_id:")]
        assert len(known) <= 1, "two known contacts were joined though nobody said so"
        assert known == ([f"external_id:{contact['external_id']}"] if known else [])
        assert [time for *_, time in contact["events"]] == sorted(
            time for *_, time in contact["events"]
        ), "a contact's events are not in the order of arrival"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deltas=st.lists(
        st.tuples(st.sampled_from(KNOWN), st.integers(-20, 20)), min_size=1, max_size=12
    ),
    joins=st.lists(st.permutations(KNOWN), max_size=2),
)
def test_a_score_is_the_sum_of_its_ledger_after_any_joins(
    deltas: list[tuple[str, int]], joins: list[list[str]]
) -> None:
    with transaction.atomic():
        accept(None, [{"type": "identify", "userId": known} for known in KNOWN], START)
        take(START)
        for known, delta in deltas:
            contact_id = owner(known)
            scores_adjust([ScoreDelta(contact_id % 64, contact_id, delta, "test")], now=START)
        for kept, lost, _ in joins:
            if owner(kept) != owner(lost):
                contacts_merge(kept_id=owner(kept), lost_id=owner(lost), now=START)
        for contact in Contact.objects.all():
            ledger = ScoreChange.objects.filter(lane=contact.lane, contact_id=contact.id)
            assert contact.score == pytest.approx(sum(entry.delta for entry in ledger))
        assert sum(contact.score for contact in Contact.objects.all()) == pytest.approx(
            sum(delta for _, delta in deltas)
        )
        transaction.set_rollback(True)


def owner(external_id: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contact_id FROM identity WHERE kind = 'external_id' AND value = %s",
            [external_id],
        )
        return int(cursor.fetchone()[0])
