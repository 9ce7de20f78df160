"""Delivery: claimed, rendered, checked once more, sent, marked; and what happens in between."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.lanes import lane_of
from common.models import Workspace
from contacts.models import Contact, Event
from contacts.services import FieldChange, NewEvent, contact_delete, events_record, fields_update
from messaging.delivery import CLAIM_LASTS, MAX_ATTEMPTS, deliver_due, messages_recover
from messaging.models import Message
from messaging.rendering import Parts
from messaging.services import messages_cancel, messages_queue, template_update
from messaging.transports import Mail, OutboxOnly, Result
from tests.builders import NOW
from tests.messaging import build_contacts, build_template, queue, statuses, wanted

pytestmark = pytest.mark.django_db


@dataclass
class Recorder:
    """A transport that keeps what it was given, and answers as told."""

    answer: Callable[[Mail], Result] = lambda mail: Result("sent")
    chunk: int = 10
    mails: list[Mail] = field(default_factory=list)

    def send(self, mails: Sequence[Mail]) -> Iterator[Result]:
        assert not connection.in_atomic_block or connection.savepoint_ids == []
        for mail in mails:
            self.mails.append(mail)
            yield self.answer(mail)


def run(transport: Recorder | OutboxOnly, *, now: datetime = NOW) -> bool:
    return deliver_due(clock=lambda: now, transport=transport)


def test_without_a_server_a_message_can_be_read_in_the_outbox() -> None:
    build_template()
    Workspace.objects.update(name="The Mill", postal_address="1 Race Road")
    queue(build_contacts(1))
    run(OutboxOnly())
    message = Message.objects.get()
    assert (message.status, message.subject) == ("sent", "Hello C0")
    assert message.sent_at == NOW
    assert "Hi C0" in message.html
    assert "1 Race Road" in message.body_text
    assert message.attempts == 1
    assert message.claim is None


def test_a_touch_is_recorded_at_the_contact() -> None:
    build_template()
    [contact] = build_contacts(1)
    queue([contact])
    run(OutboxOnly())
    event = Event.objects.get()
    assert (event.contact_id, event.name, event.touch, event.at) == (
        contact,
        "Email Sent",
        True,
        NOW,
    )
    assert event.properties == {
        "message": str(Message.objects.get().id),
        "template": "hello",
        "flow": "cart",
        "node": "remind",
    }


def test_a_thousand_messages_take_a_few_statements_per_chunk() -> None:
    build_template(html="<style>p{color:red}</style><p>Hi {{ first_name | default: 'you' }}</p>")
    rows = [
        Contact(id=i, lane=lane_of(i), email=f"c{i}@example.org", created_at=NOW)
        for i in range(100_000, 101_000)
    ]
    Contact.objects.bulk_create(rows)
    messages_queue([wanted(row.id, subject="Hi") for row in rows], now=NOW)
    with CaptureQueriesContext(connection) as seen:
        assert not run(OutboxOnly())
    assert statuses() == {"sent": 1000}
    assert Event.objects.count() == 1000
    assert len(seen.captured_queries) <= 3 * 20


def test_the_names_of_contact_trigger_and_workspace_are_known() -> None:
    build_template(
        subject="{{ contact.first_name }}",
        html="",
        text="{{ company.name }} {{ trigger.total }} {{ workspace.name }} {{ 'now' | date: '%Y' }}",
    )
    Workspace.objects.update(name="The Mill")
    queue(build_contacts(1, **{"company.name": "Race"}), trigger={"total": 7})
    run(OutboxOnly())
    message = Message.objects.get()
    assert message.error == ""
    assert message.body_text.startswith("Race 7 The Mill 2026")
    assert message.html == ""


def test_a_template_that_fails_for_one_contact_fails_that_message_alone() -> None:
    build_template(text="{% if first_name == 'C1' %}{{ oops }}{% endif %}Hi")
    queue(build_contacts(3))
    run(OutboxOnly())
    assert statuses() == {"sent": 2, "failed": 1}
    assert "'oops' is undefined" in Message.objects.get(status="failed").error


def test_who_unsubscribed_between_queueing_and_sending_gets_nothing() -> None:
    build_template()
    left, stays = build_contacts(2)
    queue([left, stays])
    events_record([NewEvent(lane_of(left), left, "Unsubscribed", NOW)], now=NOW)
    recorder = Recorder()
    run(recorder)
    assert [mail.to for mail in recorder.mails] == ["c1@example.org"]
    withheld = Message.objects.get(contact_id=left)
    assert (withheld.status, withheld.reason) == ("withheld", "unsubscribed from everything")
    assert (withheld.attempts, withheld.claim) == (0, None)


def test_what_was_called_back_between_queueing_and_sending_is_not_sent() -> None:
    build_template()
    gone, stays = build_contacts(2)
    queue([gone, stays])
    messages_cancel([(lane_of(gone), gone)], reason="left the flow: purchase", now=NOW)
    recorder = Recorder()
    run(recorder)
    assert [mail.to for mail in recorder.mails] == ["c1@example.org"]
    assert statuses() == {"cancelled": 1, "sent": 1}


def test_what_was_called_back_while_it_was_rendered_is_not_sent() -> None:
    build_template()
    gone, stays = build_contacts(2)
    queue([gone, stays])

    recorder = Recorder()
    called_back: list[int] = []

    def before_the_check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "messages_begin" in sql and not called_back:
            called_back.append(gone)
            assert statuses() == {"sending": 2}
            messages_cancel([(lane_of(gone), gone)], reason="left the flow: purchase", now=NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(before_the_check):
        run(recorder)
    assert [mail.to for mail in recorder.mails] == ["c1@example.org"]
    assert statuses() == {"cancelled": 1, "sent": 1}


def test_the_address_and_the_template_are_those_of_the_moment_of_sending() -> None:
    template = build_template()
    [contact] = build_contacts(1)
    queue([contact])
    change = FieldChange(lane_of(contact), contact, {"email": "new@example.org"})
    fields_update([change], now=NOW)
    template_update(template, name="x", parts=Parts(subject="Later", text="x"), now=NOW)
    recorder = Recorder()
    run(recorder)
    [mail] = recorder.mails
    assert (mail.to, mail.subject) == ("new@example.org", "Later")


def test_a_contact_deleted_between_is_no_error() -> None:
    build_template()
    gone, stays = build_contacts(2)
    queue([gone, stays])

    def delete_other(mail: Mail) -> Result:
        contact_delete(gone)
        return Result("sent")

    first = [Result("sent")]
    recorder = Recorder(lambda mail: first.pop() if first else delete_other(mail))
    run(recorder)
    assert statuses() == {"sent": 1}
    assert set(Event.objects.values_list("contact_id", flat=True)) == {stays}


def test_a_temporary_error_is_tried_again_with_growing_pauses_then_given_up() -> None:
    build_template()
    queue(build_contacts(1))
    recorder = Recorder(lambda mail: Result("later", "451 busy"))
    now = NOW
    pauses = []
    for _ in range(MAX_ATTEMPTS - 1):
        run(recorder, now=now)
        message = Message.objects.get()
        assert message.status == "queued"
        pauses.append(message.due_at - now)
        run(recorder, now=message.due_at - timedelta(seconds=1))
        now = message.due_at
    run(recorder, now=now)
    message.refresh_from_db()
    assert message.status == "failed"
    assert "451 busy" in message.error
    assert pauses == sorted(pauses)
    assert len(recorder.mails) == MAX_ATTEMPTS
    assert len({mail.key for mail in recorder.mails}) == 1
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=3)


def test_a_refusal_is_final() -> None:
    build_template()
    queue(build_contacts(2))
    refused = Result("refused", "550 no such box")
    recorder = Recorder(lambda mail: refused if mail.to.startswith("c0") else Result("sent"))
    run(recorder)
    run(recorder, now=NOW + timedelta(days=1))
    assert statuses() == {"failed": 1, "sent": 1}
    assert Message.objects.get(status="failed").error == "550 no such box"
    assert len(recorder.mails) == 2


def test_a_server_that_cannot_be_reached_costs_no_try_and_stops_the_job() -> None:
    build_template()
    queue(build_contacts(25))
    recorder = Recorder(lambda mail: Result("untried", "connection refused"))
    assert not run(recorder)
    assert statuses() == {"queued": 25}
    assert len(recorder.mails) == 10
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    assert Message.objects.filter(due_at__gt=NOW).count() == 10


def test_what_a_dead_worker_held_is_taken_back_and_sent_under_the_same_key() -> None:
    build_template()
    queue(build_contacts(3))

    class Killed(BaseException):
        """As by SIGKILL: nothing after it runs."""

    def die(mail: Mail) -> Result:
        raise Killed

    dying = Recorder(die)
    with pytest.raises(Killed):
        run(dying)
    assert statuses() == {"sending": 3}
    alive = Recorder()
    messages_recover(now=NOW + CLAIM_LASTS - timedelta(seconds=1))
    run(alive)
    assert not alive.mails
    later = NOW + CLAIM_LASTS + timedelta(seconds=1)
    assert messages_recover(now=later)
    run(alive, now=later)
    assert statuses() == {"sent": 3}
    assert dying.mails[0].key in {mail.key for mail in alive.mails}
    assert Event.objects.count() == 3


def test_a_message_that_kills_its_worker_each_time_is_given_up() -> None:
    build_template()
    queue(build_contacts(1))
    later = NOW + CLAIM_LASTS * 2
    Message.objects.update(status="sending", attempts=MAX_ATTEMPTS, claimed_at=NOW)
    assert not messages_recover(now=later)
    message = Message.objects.get()
    assert message.status == "failed"
    assert "Given up" in message.error


def test_a_job_stops_after_its_chunks_and_says_whether_there_is_more() -> None:
    build_template()
    queue(build_contacts(12))
    recorder = Recorder(chunk=5)
    assert deliver_due(clock=lambda: NOW, transport=recorder, chunks=2)
    assert statuses() == {"sent": 10, "queued": 2}
    assert not deliver_due(clock=lambda: NOW, transport=recorder, chunks=2)
    assert statuses() == {"sent": 12}


def test_an_outsider_who_settles_late_changes_nothing() -> None:
    build_template()
    queue(build_contacts(1))
    later = NOW + CLAIM_LASTS + timedelta(seconds=1)

    def be_slow(mail: Mail) -> Result:
        messages_recover(now=later)
        return Result("refused", "550")

    run(Recorder(be_slow))
    message = Message.objects.get()
    assert (message.status, message.error) == ("queued", "")


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        ("later", "cancelled", "left the flow: purchase"),
        ("untried", "cancelled", "left the flow: purchase"),
        ("sent", "sent", ""),
        ("refused", "failed", "left the flow: purchase"),
    ],
)
def test_what_is_being_sent_when_its_visit_ends_is_not_tried_again(
    outcome: Any, status: str, reason: str
) -> None:
    build_template()
    [contact] = build_contacts(1)
    queue([contact])

    def leave(mail: Mail) -> Result:
        messages_cancel([(lane_of(contact), contact)], reason="left the flow: purchase", now=NOW)
        return Result(outcome, "busy")

    run(Recorder(leave))
    message = Message.objects.get()
    assert (message.status, message.reason) == (status, reason)


def test_what_died_in_sending_after_its_visit_ended_is_not_sent_again() -> None:
    build_template()
    [contact] = build_contacts(1)
    queue([contact])

    class DiedError(Exception):
        pass

    def die(mail: Mail) -> Result:
        raise DiedError

    with pytest.raises(DiedError):
        run(Recorder(die))
    messages_cancel([(lane_of(contact), contact)], reason="left the flow: purchase", now=NOW)
    assert statuses() == {"sending": 1}
    assert not messages_recover(now=NOW + CLAIM_LASTS * 2)
    assert statuses() == {"cancelled": 1}
