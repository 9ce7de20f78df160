"""The outbox: what is queued, what is withheld and why, what is called back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.lanes import lane_of
from contacts.models import Contact
from contacts.services import (
    ConsentChange,
    NewEvent,
    consents_set,
    contact_create,
    contact_delete,
    contacts_merge,
    events_record,
    topic_create,
)
from messaging.models import Message
from messaging.services import messages_cancel, messages_queue
from tests.builders import NOW
from tests.messaging import build_contacts, build_template, queue, statuses, wanted

pytestmark = pytest.mark.django_db


def record(contact_id: int, name: str, **properties: Any) -> None:
    events_record([NewEvent(lane_of(contact_id), contact_id, name, NOW, properties)], now=NOW)


def choose(contact_id: int, topic: str, state: str) -> None:
    consents_set([ConsentChange(lane_of(contact_id), contact_id, topic, state)], now=NOW)


@pytest.fixture(autouse=True)
def no_jobs(db: None) -> None:
    """Begin without jobs: Django does not empty tables it does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'messaging.deliver'"
        )
        [n] = cursor.fetchone()
    return int(n)


def test_a_reachable_contact_is_queued() -> None:
    build_template()
    [message] = queue(build_contacts(1), trigger={"total": 5}, from_email="shop@example.org")
    assert (message.status, message.reason, message.to) == ("queued", "", "c0@example.org")
    assert message.trigger == {"total": 5}
    assert message.from_email == "shop@example.org"
    assert jobs() == 1


def test_each_reason_is_said_in_words() -> None:
    build_template()
    topic_create(key="news", name="Our news", opt_in=False)
    topic_create(key="offers", name="Offers", opt_in=True)
    nobody = contact_create(now=NOW, external_id="7")
    left, spam, hard, soft, news, offers, fine = build_contacts(7)
    record(left, "Unsubscribed")
    record(spam, "Email Marked as Spam")
    record(hard, "Email Bounced")
    for _ in range(4):
        record(soft, "Email Bounced", type="soft")
    choose(news, "news", "unsubscribed")
    choose(fine, "offers", "subscribed")
    messages_queue(
        [
            *(wanted(one, topic="news") for one in (nobody, left, spam, hard, soft, news)),
            wanted(offers, topic="offers"),
            wanted(fine, topic="offers"),
        ],
        now=NOW,
    )
    reasons = dict(Message.objects.values_list("contact_id", "reason"))
    assert reasons == {
        nobody: "no e-mail address",
        left: "unsubscribed from everything",
        spam: "complained about an earlier message",
        hard: "the address bounced",
        soft: "the address bounced softly four times or more",
        news: "unsubscribed from Our news",
        offers: "has not subscribed to Offers",
        fine: "",
    }
    assert statuses() == {"withheld": 7, "queued": 1}


def test_nothing_to_send_wakes_nobody() -> None:
    build_template()
    queue([contact_create(now=NOW, external_id="7")])
    messages_queue([], now=NOW)
    assert statuses() == {"withheld": 1}
    assert jobs() == 0


def test_a_template_that_is_gone_fails_the_message() -> None:
    [message] = queue(build_contacts(1), template="gone")
    assert message.status == "failed"
    assert "gone" in message.error


def test_a_message_is_there_once_per_visit_and_step() -> None:
    build_template()
    contacts = build_contacts(2)
    first = queue(contacts)
    again = queue(contacts, now=NOW + timedelta(hours=1))
    assert [m.idempotency_key for m in again] == [m.idempotency_key for m in first]
    assert len(queue(contacts, step=2)) == 4


def test_messages_without_a_visit_are_all_kept() -> None:
    build_template()
    [contact] = build_contacts(1)
    queue([contact], visit_id=None, step=None)
    rows = queue([contact], visit_id=None, step=None)
    assert len({row.idempotency_key for row in rows}) == 2


def test_a_visit_that_ended_has_its_messages_called_back() -> None:
    build_template()
    gone, stays = build_contacts(2)
    queue([gone, stays])
    messages_cancel([(lane_of(gone), gone)], reason="left the flow: purchase", now=NOW)
    messages_cancel([], reason="nobody", now=NOW)
    rows = {row.contact_id: (row.status, row.reason) for row in Message.objects.all()}
    assert rows == {gone: ("cancelled", "left the flow: purchase"), stays: ("queued", "")}


@pytest.mark.parametrize(
    ("status", "begun", "after"),
    [("sending", False, "cancelled"), ("sending", True, "sending"), ("sent", True, "sent")],
)
def test_what_has_begun_is_not_called_back(status: str, begun: bool, after: str) -> None:
    build_template()
    [message] = queue(build_contacts(1))
    Message.objects.update(status=status, begun_at=NOW if begun else None)
    messages_cancel([(message.lane, message.contact_id)], reason="left", now=NOW)
    message.refresh_from_db()
    assert message.status == after


def test_a_thousand_messages_take_two_statements() -> None:
    build_template()
    rows = [
        Contact(id=i, lane=lane_of(i), email=f"c{i}@example.org", created_at=NOW)
        for i in range(100_000, 101_000)
    ]
    Contact.objects.bulk_create(rows)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        messages_queue([wanted(row.id) for row in rows], now=NOW)
    said = [q["sql"] for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(said) == 2
    with CaptureQueriesContext(connection) as seen:
        messages_cancel([(row.lane, row.id) for row in rows], reason="left", now=NOW)
    assert len(seen.captured_queries) == 2, "one for messages, one for calls"
    assert statuses() == {"cancelled": 1000}


def test_messages_follow_a_merged_contact_and_go_with_a_deleted_one() -> None:
    build_template()
    kept, lost = build_contacts(2)
    queue([lost])
    contacts_merge(kept_id=kept, lost_id=lost, now=NOW)
    [message] = Message.objects.all()
    assert (message.contact_id, message.lane) == (kept, lane_of(kept))
    contact_delete(kept)
    assert not Message.objects.exists()
