"""The real `@segment/analytics-node`, unmodified, without a browser, against a live server."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from common.clock import utcnow
from contacts import tracking
from contacts.intake import take
from contacts.models import Contact, Event, Identity
from contacts.services import source_create

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).resolve().parent / "node" / "intake.mjs"
NODE = shutil.which("node")
INSTALLED = (ROOT / "frontend/node_modules/@segment/analytics-node").is_dir()

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not NODE, reason="there is no node on the PATH (see tools/node)"),
    pytest.mark.skipif(not INSTALLED, reason="frontend/node_modules is not installed"),
]


def test_what_the_node_library_sends_arrives(live_server: LiveServer) -> None:
    tracking._SOURCES.clear()
    _, key = source_create("Node", now=utcnow())
    done = subprocess.run(
        [NODE or "node", str(SCRIPT), live_server.url, key],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert take(utcnow()) == 7
    contact = Contact.objects.get()
    assert (contact.external_id, contact.email, contact.first_name) == ("u1", "ada@x.io", "Ada")
    assert contact.fields == {
        "company.name": "Acme",
        "seats": 3,
        "group_id": "g1",
        "group.name": "Acme",
    }
    assert {*Identity.objects.values_list("value", flat=True)} == {"u1", "a1", "a9", "ada@x.io"}
    events = {event.name: event for event in Event.objects.all()}
    assert set(events) == {"Product Added", "Order Completed", "Page Viewed", "Screen Viewed"}
    assert events["Page Viewed"].properties["name"] == "Pricing"
    age = events["Order Completed"].received_at - events["Order Completed"].at
    assert timedelta(hours=23, minutes=59) < age < timedelta(days=1, minutes=1)
