"""The real `segment-analytics-python`, unmodified, over HTTP against a live server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer
from segment.analytics.client import Client

from common.clock import utcnow
from contacts import tracking
from contacts.intake import take
from contacts.models import Contact, Event, Identity, Inbox
from contacts.services import source_create

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_keys_remembered() -> None:
    tracking._SOURCES.clear()


@pytest.fixture
def key() -> str:
    return source_create("Python", now=utcnow())[1]


@pytest.fixture
def failures() -> list[Any]:
    return []


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def client(
    request: pytest.FixtureRequest, live_server: LiveServer, key: str, failures: list[Any]
) -> Iterator[Client]:
    made = Client(
        key,
        host=live_server.url,
        gzip=request.param,
        max_retries=2,
        on_error=lambda error, items: failures.append((error, items)),
    )
    yield made
    made.shutdown()


def test_what_the_library_sends_arrives(client: Client, failures: list[Any]) -> None:
    when = utcnow() - timedelta(days=3)
    client.track(anonymous_id="a1", event="Product Added", properties={"price": 9.5})
    client.identify(
        "u1", {"email": "ada@x.io", "firstName": "Ada", "plan": "trial"}, anonymous_id="a1"
    )
    client.track("u1", "Order Completed", {"total": 50}, timestamp=when)
    client.page("u1", "Docs", "Pricing", {"url": "https://x.io/pricing"})
    client.screen("u1", "App", "Home")
    client.group("u1", "g1", {"name": "Acme"})
    client.alias("a9", "u1")
    client.flush()
    assert not failures
    assert Inbox.objects.exists()
    now = utcnow()
    assert take(now) == 7
    contact = Contact.objects.get()
    assert (contact.external_id, contact.email, contact.first_name) == ("u1", "ada@x.io", "Ada")
    assert contact.fields == {"plan": "trial", "group_id": "g1", "group.name": "Acme"}
    assert {*Identity.objects.values_list("kind", "value")} == {
        ("external_id", "u1"),
        ("anonymous_id", "a1"),
        ("anonymous_id", "a9"),
        ("email", "ada@x.io"),
    }
    events = {event.name: event for event in Event.objects.all()}
    assert set(events) == {"Product Added", "Order Completed", "Page Viewed", "Screen Viewed"}
    assert events["Page Viewed"].properties == {
        "url": "https://x.io/pricing",
        "name": "Pricing",
        "category": "Docs",
    }
    assert abs(events["Order Completed"].at - when) < timedelta(seconds=5)
    assert all(event.at <= event.received_at for event in events.values())


def test_many_messages_arrive_once_each(client: Client, failures: list[Any]) -> None:
    for i in range(500):
        client.track(f"u{i % 20}", "Paid", {"n": i})
    client.flush()
    assert not failures
    while take(utcnow()):
        pass
    assert Event.objects.count() == 500
    assert Contact.objects.count() == 20


def test_a_wrong_key_is_told(live_server: LiveServer, failures: list[Any]) -> None:
    client = Client(
        "mr_wrong",
        host=live_server.url,
        max_retries=0,
        on_error=lambda error, items: failures.append(error),
    )
    client.track("u1", "Paid")
    client.flush()
    client.shutdown()
    assert len(failures) == 1
    assert "401" in str(failures[0])
    assert not Inbox.objects.exists()


def events_file(path: Path) -> Path:
    lines = [
        {"type": "track", "userId": f"u{i % 3}", "event": "Paid", "timestamp": f"2026-04-0{i + 1}"}
        for i in range(9)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_file_is_replayed_and_sent_again_counts_once(
    tmp_path: Path, live_server: LiveServer, key: str
) -> None:
    path = events_file(tmp_path / "events.jsonl")
    for _ in range(2):
        call_command("replay", path, fast=True, url=live_server.url, write_key=key)
        take(utcnow())
    assert Event.objects.count() == 9
    assert Event.objects.earliest("at").at.isoformat() == "2026-04-01T00:00:00+00:00"


def test_a_csv_is_replayed_by_its_columns_in_order_of_time(
    tmp_path: Path, live_server: LiveServer
) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(
        "user,what,when,price\n"
        "u1,purchase,2026-04-02 10:00:00,9.5\n"
        "u1,add_to_cart,2026-04-01 10:00:00,7\n",
        encoding="utf-8",
    )
    call_command(
        "replay",
        path,
        "--fast",
        "--sort",
        "--map=userId=user",
        "--map=event=what",
        "--map=timestamp=when",
        "--rename=purchase=Order Completed",
        "--rename=add_to_cart=Product Added",
        f"--url={live_server.url}",
    )
    take(utcnow())
    events = Event.objects.order_by("id").values_list("name", "properties")
    assert list(events) == [("Product Added", {"price": 7}), ("Order Completed", {"price": 9.5})]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("{", [], "line 1 is not JSON"),
        ("[]", [], "not a JSON object"),
        ("{}", ["--map=event"], "KEY=VALUE"),
        ("{}", ["--url=ftp://x"], "not an address"),
        ('{"type":"track","event":"x"}', [], "400"),
    ],
)
def test_what_can_not_be_replayed_says_why(
    tmp_path: Path, live_server: LiveServer, content: str, options: list[str], said: str
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        call_command("replay", path, "--fast", f"--url={live_server.url}", *options)


def test_a_source_is_made_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_source", "Web shop")
    key = capsys.readouterr().out.strip()
    assert tracking.source_of(key, utcnow()) is not None
