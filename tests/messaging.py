"""Helpers for the tests of messaging: contacts with an address, a template, messages, a server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import get_connection

from common.lanes import lane_of
from contacts.services import contact_create
from messaging.models import Message, Template
from messaging.rendering import Parts
from messaging.services import NewMessage, messages_queue, template_create
from messaging.transports import Smtp
from tests.builders import NOW


def build_contacts(n: int, **fields: Any) -> list[int]:
    """Make contacts `c0@example.org`, `c1@example.org`, …"""
    return [
        contact_create(now=NOW, email=f"c{i}@example.org", fields={"first_name": f"C{i}", **fields})
        for i in range(n)
    ]


def build_template(key: str = "hello", **parts: str) -> Template:
    """Make a template that greets by name."""
    said = {"subject": "Hello {{ first_name }}", "html": "<p>Hi {{ first_name }}</p>", **parts}
    return template_create(key=key, name=key.title(), parts=Parts(**said), now=NOW)


def wanted(contact_id: int, **given: Any) -> NewMessage:
    """Return a message as a flow wants it; the visit has the contact's number."""
    return NewMessage(
        **{
            "lane": lane_of(contact_id),
            "contact_id": contact_id,
            "flow": "cart",
            "visit_id": contact_id,
            "step": 1,
            "node": "remind",
            "template": "hello",
            **given,
        }
    )


def queue(contact_ids: list[int], *, now: datetime = NOW, **given: Any) -> list[Message]:
    """Queue a message to each contact and return the rows."""
    messages_queue([wanted(contact_id, **given) for contact_id in contact_ids], now=now)
    return list(Message.objects.order_by("id"))


def statuses() -> dict[str, int]:
    """Return how many messages there are of each status."""
    found: dict[str, int] = {}
    for status in Message.objects.values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


Answer = Callable[[str], str | None]
"""What the server says to a mail for this address: None takes it, `hang` never answers, `die` takes
it and is gone before it says so."""


class MailServer:
    """Takes mails, and answers as it is told to."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.answer(address)
        if said is not None and said.startswith("RCPT "):
            return said.removeprefix("RCPT ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.answer(envelope.rcpt_tos[0])
        if said == "hang":
            await asyncio.sleep(30)
        if said not in (None, "die"):
            return str(said)
        content = envelope.content or b""
        assert isinstance(content, bytes)
        parsed = BytesParser(policy=default).parsebytes(content)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        if said == "die":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 taken"

    def transport(self, timeout: float = 5) -> Smtp:
        """Return a transport that leads here."""
        return Smtp(
            lambda: get_connection(
                "django.core.mail.backends.smtp.EmailBackend",
                host="127.0.0.1",
                port=self.port,
                timeout=timeout,
                use_tls=False,
                username="",
                password="",
            )
        )


@contextmanager
def mail_server(answer: Answer = lambda address: None) -> Iterator[MailServer]:
    """Run a mail server on a port of its own."""
    server = MailServer(answer)
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ready_timeout=10)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
