"""Delivery over SMTP, to a real server: what it takes, refuses, puts off, and never answers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test import Client

from contacts.models import Event
from messaging.delivery import CLAIM_LASTS, deliver_due, messages_recover
from messaging.models import Message
from messaging.rendering import Parts, Rendered, render
from messaging.transports import OutboxOnly, Smtp, transport
from tests.builders import NOW
from tests.messaging import build_contacts, build_template, mail_server, queue, statuses

ROOT = Path(__file__).resolve().parents[2]


def run(smtp: Smtp) -> None:
    deliver_due(clock=lambda: NOW, transport=smtp)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.django_db
def test_a_mail_arrives_whole() -> None:
    build_template(subject="Grüße {{ first_name }}", html="<p>Zoë &amp; {{ first_name }}</p>")
    queue(build_contacts(1), from_email="The Mill <mill@example.org>")
    with mail_server() as server:
        run(server.transport())
    [mail] = server.mails
    message = Message.objects.get()
    assert message.status == "sent"
    assert mail["Subject"] == "Grüße C0"
    assert mail["To"] == "c0@example.org"
    assert mail["From"] == "The Mill <mill@example.org>"
    assert mail["Message-ID"] == f"<{message.idempotency_key}@example.org>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Zoë & C0" in part(mail, "plain")
    assert "<p>Zoë &amp; C0</p>" in part(mail, "html")


@pytest.mark.django_db
def test_the_address_in_list_unsubscribe_unsubscribes_by_one_post(settings: LazySettings) -> None:
    build_template()
    queue(build_contacts(1))
    with mail_server() as server:
        run(server.transport())
    header = " ".join(str(server.mails[0]["List-Unsubscribe"]).split())
    path = header.strip("<>").removeprefix(settings.PUBLIC_URL)
    client = Client(enforce_csrf_checks=True)
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Message.objects.get().contact.unsubscribed_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        ("RCPT 550 5.1.1 no such box", "failed", "550 5.1.1 no such box"),
        ("554 5.7.1 looks like spam", "failed", "554 5.7.1 looks like spam"),
        ("RCPT 451 4.3.0 busy", "queued", "451 4.3.0 busy"),
        ("452 4.2.2 box full", "queued", "452 4.2.2 box full"),
    ],
)
def test_an_answer_concerns_its_mail_alone(answer: str, status: str, error: str) -> None:
    build_template()
    queue(build_contacts(3))
    with mail_server(lambda to: answer if to.startswith("c1@") else None) as server:
        run(server.transport())
    assert [str(mail["To"]) for mail in server.mails] == ["c0@example.org", "c2@example.org"]
    message = Message.objects.get(to="c1@example.org")
    assert (message.status, message.error, message.attempts) == (status, error, 1)


@pytest.mark.django_db
def test_a_server_that_never_answers_stops_the_chunk_and_all_is_tried_again() -> None:
    build_template()
    queue(build_contacts(4))
    with mail_server(lambda to: "hang") as server:
        run(server.transport(timeout=0.3))
    assert statuses() == {"queued": 4}
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 0, 1]
    assert Message.objects.filter(due_at__lte=NOW).count() == 0


@pytest.mark.django_db
def test_a_server_that_hangs_up_now_and_then_gets_the_rest_over_a_new_connection() -> None:
    build_template()
    queue(build_contacts(4))
    with mail_server(lambda to: "421 4.7.0 enough" if to.startswith("c1@") else None) as server:
        run(server.transport())
    assert len(server.mails) == 3
    assert statuses() == {"sent": 3, "queued": 1}


@pytest.mark.django_db
def test_a_server_that_takes_a_mail_and_dies_gets_it_again_under_the_same_id() -> None:
    build_template()
    queue(build_contacts(3))
    dies = {"c1@example.org"}
    with mail_server(lambda to: "die" if to in dies else None) as server:
        run(server.transport())
        assert statuses() == {"sent": 2, "queued": 1}
        lost = Message.objects.get(status="queued")
        assert (lost.attempts, lost.sent_at) == (1, None)
        dies.clear()
        deliver_due(clock=lambda: lost.due_at, transport=server.transport())
    assert statuses() == {"sent": 3}
    ids = [str(mail["Message-ID"]) for mail in server.mails]
    assert (len(ids), len(set(ids))) == (4, 3), "at least once, and recognisable"
    assert Event.objects.filter(name="Email Sent").count() == 3


@pytest.mark.django_db
def test_trouble_with_one_contact_in_rendering_stops_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_template()
    queue(build_contacts(3))

    def broken(parts: Parts, context: Mapping[str, Any]) -> Rendered:
        if context["first_name"] == "C1":
            raise MemoryError("too much")
        return render(parts, context)

    monkeypatch.setattr("messaging.delivery.render", broken)
    with mail_server() as server:
        run(server.transport())
    assert statuses() == {"sent": 2, "failed": 1}
    assert Message.objects.get(status="failed").error == "MemoryError: too much"


@pytest.mark.django_db
def test_a_server_that_is_not_there_costs_nobody_a_try() -> None:
    build_template()
    queue(build_contacts(2))
    with mail_server() as server:
        gone = server.transport()
    run(gone)
    assert statuses() == {"queued": 2}
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["a@b@c.example", "a\nb@example.org", "<>", "@"])
def test_an_address_no_mail_can_go_to_fails_its_message_alone(address: str) -> None:
    build_template()
    contacts = build_contacts(2)
    queue(contacts)
    first = Message.objects.order_by("id")[0]
    first.contact.email = address
    first.contact.save(update_fields=["email"])
    with mail_server() as server:
        run(server.transport())
    assert statuses() == {"sent": 1, "failed": 1}


def test_the_settings_say_how_mails_leave(settings: LazySettings) -> None:
    settings.EMAIL_CONFIGURED = False
    assert isinstance(transport(), OutboxOnly)
    settings.EMAIL_CONFIGURED = True
    assert isinstance(transport(), Smtp)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once() -> None:
    build_template()
    queue(build_contacts(60))

    def work() -> None:
        run(server.transport())
        connections.close_all()

    with mail_server() as server:
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)
    assert statuses() == {"sent": 60}
    assert len({str(mail["Message-ID"]) for mail in server.mails}) == len(server.mails) == 60


KILLED = """
import django
django.setup()
from common.clock import utcnow
from messaging.delivery import deliver_due
from messaging.transports import transport
print("ready", flush=True)
deliver_due(clock=utcnow, transport=transport())
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_chunk_sends_again_under_the_same_message_id(
    database_url: str,
) -> None:
    """SIGKILL between the sending and the marking: at least once, and recognisable."""
    build_template()
    queue(build_contacts(3))
    with mail_server(lambda to: "hang" if to.startswith("c1@") else None) as server:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        }
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        deadline = time.monotonic() + 30
        while not server.mails and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=10)
        assert worker.stdout is not None
        worker.stdout.close()
        assert len(server.mails) == 1
        assert statuses() == {"sending": 3}
        server.answer = lambda to: None
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            [later] = cursor.fetchone()
        later = later + CLAIM_LASTS * 2
        assert messages_recover(now=later)
        deliver_due(clock=lambda: later, transport=server.transport())
    assert statuses() == {"sent": 3}
    ids = [str(mail["Message-ID"]) for mail in server.mails]
    assert len(ids) == 4
    assert len(set(ids)) == 3
    assert ids[0] in ids[1:]
