"""The demo in a real database: filled once, alive at once, and sending by the front door."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from common.clock import parse_instant
from contacts.intake import accept, take
from contacts.models import Contact, Event, RejectedMessage, Source, Touch
from demo import keys
from demo.filling import fill, is_empty
from demo.live import Running, front_door
from demo.sending import DoorShut, FrontDoor, KeyRefused
from flows.engine.worker import Engine
from flows.models import Flow, Visit
from messaging.models import Message, Template
from segments.models import Membership, Segment
from tests.builders import NOW

Messages = list[dict[str, Any]]


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Fill once for all tests of this file; each of them goes on from a savepoint."""
    var = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), override_settings(VAR_DIR=var), transaction.atomic():
        assert fill(now=NOW, days=2)
        yield var
        transaction.set_rollback(True)


@pytest.fixture
def shop(filled: Path, db: None, settings: Settings) -> None:
    settings.VAR_DIR = filled


class Ear:
    """A door that keeps what it is handed, and takes it in as the tracking API would."""

    def __init__(self) -> None:
        self.heard: Messages = []
        self.is_shut = False
        self.keys: list[str] = []

    def __call__(self, key: str) -> "Ear":
        self.keys.append(key)
        return self

    def send(self, messages: Messages) -> None:
        if self.is_shut:
            raise DoorShut("nobody there")
        self.heard += messages


def test_an_empty_database_is_filled(shop: None) -> None:
    assert Contact.objects.count() > 100
    assert Event.objects.filter(at__lt=NOW - timedelta(days=1)).count() > 1_000
    assert RejectedMessage.objects.count() == 0
    assert Template.objects.count() == 10
    assert {flow.status for flow in Flow.objects.exclude(key="win-back")} == {"live"}
    assert {segment.status for segment in Segment.objects.all()} == {"ready"}
    filled = set(Membership.objects.values_list("segment__key", flat=True))
    assert {"abandoned-cart", "bought-7-days", "trial-users", "newsletter"} <= filled
    assert not Contact.objects.exclude(email=None).exclude(email__endswith="@example.com").exists()


def test_people_are_on_their_way_at_once_and_nobody_for_what_is_long_past(shop: None) -> None:
    inside = Visit.objects.filter(flow__key="abandon-cart", state="inside")
    assert inside.count() > 5
    assert inside.values("node").distinct().count() > 1
    assert not Visit.objects.filter(entered_at__lt=NOW - timedelta(minutes=5)).exists()
    assert Visit.objects.count() < Contact.objects.count() / 2
    assert not Visit.objects.filter(state="failed").exists()
    assert Message.objects.filter(status="sent").exists()
    assert not Message.objects.filter(status="failed").exists()
    assert Touch.objects.count() == 0


def test_filling_again_does_nothing(shop: None) -> None:
    before = Contact.objects.count(), Event.objects.count(), Source.objects.count()
    assert not fill(now=NOW, days=2)
    call_command("demo", verbosity=0)
    assert before == (Contact.objects.count(), Event.objects.count(), Source.objects.count())


def test_a_database_with_a_segment_is_left_alone(shop: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE flow, segment, template CASCADE")
    assert is_empty()
    Segment.objects.create(
        key="mine", name="Mine", kind="static", status="ready", created_at=NOW, updated_at=NOW
    )
    assert not fill(now=NOW, days=2)
    assert not Flow.objects.exists()


def test_the_running_shop_sends_and_its_people_move(shop: None) -> None:
    ear = Ear()
    running = Running(now=NOW, door=ear, rate=5.0)
    source = Source.objects.get()
    before = Visit.objects.count()
    now = NOW
    engine = Engine(clock=lambda: now)
    while now < NOW + timedelta(minutes=3):
        now += timedelta(seconds=10)
        heard = len(ear.heard)
        running.tick(now)
        accept(source, ear.heard[heard:], now)
        engine.turn()
    engine.until_idle()
    assert 3 * 60 * 2 < len(ear.heard) < 3 * 60 * 8
    assert Visit.objects.count() > before
    assert ear.keys == [keys.key_kept()]
    assert RejectedMessage.objects.count() == 0
    instants = [message["timestamp"] for message in ear.heard]
    assert instants == sorted(instants)


def test_scores_and_choices_arrive_once_their_contacts_exist(shop: None) -> None:
    ear = Ear()
    running = Running(now=NOW, door=ear, rate=8.0)
    source = Source.objects.get()
    for number in range(1, 13):
        now = NOW + timedelta(seconds=10 * number)
        heard = len(ear.heard)
        running.tick(now)
        accept(source, ear.heard[heard:], now)
        take(now)
    registered = [
        message["userId"]
        for message in ear.heard
        if message.get("event") == "Signed Up"
        and parse_instant(message["timestamp"]) < NOW + timedelta(seconds=90)
    ]
    scores = Contact.objects.filter(external_id__in=registered).values_list("score", flat=True)
    assert len(scores) == len(registered) > 0
    assert all(score > 0 for score in scores)


def test_what_could_not_be_sent_is_sent_later(shop: None) -> None:
    ear = Ear()
    running = Running(now=NOW, door=ear)
    ear.is_shut = True
    assert running.tick(NOW + timedelta(seconds=30)) == 0
    ear.is_shut = False
    assert running.tick(NOW + timedelta(seconds=31)) == len(ear.heard) > 0
    ids = [message["messageId"] for message in ear.heard]
    assert len(set(ids)) == len(ids)


def test_a_removed_source_is_replaced(shop: None) -> None:
    refused: list[str] = []

    class Picky(Ear):
        def send(self, messages: Messages) -> None:
            if len(self.keys) == 1:
                refused.append(self.keys[0])
                raise KeyRefused("unknown")
            super().send(messages)

    ear = Picky()
    running = Running(now=NOW, door=ear)
    running.tick(NOW + timedelta(seconds=30))
    running.tick(NOW + timedelta(seconds=31))
    assert refused
    assert ear.keys[1] == keys.key_kept() != ear.keys[0]
    assert ear.heard


def test_the_write_key_is_readable_by_its_owner_only(filled: Path) -> None:
    assert (filled / "secrets" / "demo_write_key").stat().st_mode & 0o077 == 0


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, Messages]]]]:
    heard: list[tuple[str, Messages]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = self.headers["Authorization"] == "Basic a2V5Og=="
            if known:
                heard.append((self.path, body["batch"]))
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its own name)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", heard
        listening.shutdown()
        thread.join()


def test_the_front_door_is_real_http(server: tuple[str, list[tuple[str, Messages]]]) -> None:
    address, heard = server
    door = FrontDoor(address, key="key")
    messages = [{"type": "track", "event": "A", "userId": str(number)} for number in range(450)]
    door.send(messages)
    door.close()
    assert [path for path, _ in heard] == ["/v1/batch"] * 3
    assert [message for _, batch in heard for message in batch] == messages
    stranger = FrontDoor(address, key="other")
    with pytest.raises(KeyRefused):
        stranger.send(messages[:1])
    stranger.close()


def test_a_server_that_is_away_is_a_shut_door() -> None:
    with pytest.raises(DoorShut):
        FrontDoor("http://127.0.0.1:9", key="key").send([{}])


def test_the_way_to_this_machine_follows_the_settings(settings: Settings) -> None:
    settings.BIND, settings.PORT, settings.ALLOWED_HOSTS = "0.0.0.0", 8123, ["flows.example.com"]
    door = front_door("key")
    assert door._connection.host == "127.0.0.1"
    assert door._connection.port == 8123
    assert door._headers["Host"] == "flows.example.com"
