"""How fast messages are queued, delivered to the outbox page, and called back."""

import sys
import time
from collections.abc import Callable

import pytest

from common.lanes import lane_of
from contacts.models import Contact
from messaging.delivery import deliver_due
from messaging.services import messages_cancel, messages_queue
from messaging.transports import OutboxOnly
from tests.builders import NOW
from tests.messaging import build_template, wanted

CONTACTS = 10_000


def measured(what: str, work: Callable[[], object]) -> None:
    """Do the work and print its rate."""
    began = time.perf_counter()
    work()
    rate = CONTACTS / (time.perf_counter() - began)
    sys.stdout.write(f"\n{what}: {rate:,.0f} messages a second\n")


@pytest.mark.django_db
def test_messages_per_second() -> None:
    build_template()
    ids = range(100_000, 100_000 + CONTACTS)
    Contact.objects.bulk_create(
        Contact(id=i, lane=lane_of(i), email=f"c{i}@example.org", first_name="Ada", created_at=NOW)
        for i in ids
    )
    first = [wanted(i) for i in ids]
    second = [wanted(i, step=2) for i in ids]
    visits = [(lane_of(i), i) for i in ids]
    measured("queued", lambda: messages_queue(first, now=NOW))
    measured("delivered", lambda: deliver_due(clock=lambda: NOW, transport=OutboxOnly()))
    messages_queue(second, now=NOW)
    measured("called back", lambda: messages_cancel(visits, reason="left", now=NOW))
