"""Two takers at once, a taker killed in mid-set, other doors open meanwhile: on real commits."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from contacts.intake import accept, applying, take
from contacts.models import Contact, Event, Identity, Inbox, RejectedMessage
from contacts.services import FieldChange, contact_delete, fields_update
from tests.builders import NOW

pytestmark = pytest.mark.django_db(transaction=True)

N = 600


def messages(n: int = N) -> list[dict[str, Any]]:
    return [
        {"type": "track", "userId": f"u{i % 50}", "event": "Paid", "messageId": f"m{i}"}
        for i in range(n)
    ]


def in_threads(*works: Callable[[], None]) -> None:
    """Run at once, each on a connection of its own; the first failure is raised here."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def take_all() -> None:
    deadline = time.monotonic() + 30
    while Inbox.objects.exists() and time.monotonic() < deadline:
        if not take(NOW, limit=50):
            time.sleep(0.005)


def everything_is_there_once() -> None:
    assert not Inbox.objects.exists()
    assert not RejectedMessage.objects.exists()
    assert Event.objects.count() == N
    assert Event.objects.values("message_id").distinct().count() == N
    assert Contact.objects.count() == 50
    for contact in Contact.objects.all():
        ids = Event.objects.filter(lane=contact.lane, contact_id=contact.id).order_by("id")
        numbers = [int((event.message_id or "m0")[1:]) for event in ids]
        assert numbers == sorted(numbers)


def test_two_takers_take_everything_once_and_in_order() -> None:
    for start in range(0, N, 20):
        accept(None, messages()[start : start + 20], NOW)
    in_threads(take_all, take_all)
    everything_is_there_once()


def _take_and_hang(settings_dict: dict[str, Any], reached: Any) -> None:
    """In a process of its own: take, and stop in the middle of writing."""
    connections["default"].settings_dict.update(settings_dict)
    connection.connect()

    def hang(*_args: Any, **_named: Any) -> list[int]:
        reached.set()
        time.sleep(60)
        return []

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(applying, "touches_insert", hang)
        take(NOW)


def test_a_taker_killed_in_mid_set_leaves_nothing_lost_or_doubled() -> None:
    accept(None, messages(), NOW)
    settings_dict = dict(connection.settings_dict)
    connections.close_all()
    context = multiprocessing.get_context("fork")
    reached = context.Event()
    taker = context.Process(target=_take_and_hang, args=(settings_dict, reached))
    taker.start()
    assert reached.wait(30)
    assert take(NOW) == 0, "another is at it"
    assert not Event.objects.exists()
    os.kill(taker.pid or 0, signal.SIGKILL)
    taker.join(10)
    deadline = time.monotonic() + 20
    while not take(NOW) and time.monotonic() < deadline:
        time.sleep(0.05)
    everything_is_there_once()


def test_contacts_deleted_and_changed_by_other_doors_meanwhile_do_no_harm() -> None:
    accept(None, [{"type": "identify", "userId": f"u{i}"} for i in range(50)], NOW)
    take(NOW)
    ids = list(Contact.objects.order_by("id").values_list("id", flat=True))
    for start in range(0, N, 20):
        accept(None, messages()[start : start + 20], NOW)

    def change() -> None:
        for _ in range(10):
            fields_update(
                [FieldChange(i % 64, i, {"plan": "x", "n": 1}) for i in reversed(ids)], now=NOW
            )

    def delete() -> None:
        for contact_id in ids[:10]:
            contact_delete(contact_id)

    in_threads(take_all, change, delete)
    assert not Inbox.objects.exists()
    assert not RejectedMessage.objects.exists()
    # Of the ten who were deleted, those who came again are new contacts.
    gone = N - Event.objects.count()
    assert 0 <= gone <= 10 * N // 50
    kept = Contact.objects.filter(id__in=ids[10:])
    assert kept.count() == 40
    for contact in kept:
        events = Event.objects.filter(lane=contact.lane, contact_id=contact.id)
        assert events.count() == N // 50


def test_joining_waits_for_whoever_works_the_lanes() -> None:
    accept(
        None,
        [
            {"type": "identify", "userId": "u1"},
            {"type": "track", "anonymousId": "a1", "event": "Seen"},
        ],
        NOW,
    )
    take(NOW)
    lanes = sorted(Contact.objects.values_list("lane", flat=True))
    accept(None, [{"type": "identify", "userId": "u1", "anonymousId": "a1"}], NOW)
    locked, release = threading.Event(), threading.Event()
    order: list[str] = []

    def work_the_lanes() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT lane FROM lane WHERE lane = ANY(%s) ORDER BY lane FOR UPDATE", [lanes]
            )
            locked.set()
            assert release.wait(20)
            order.append("lanes free")

    def join() -> None:
        assert locked.wait(20)
        threading.Timer(0.3, release.set).start()
        assert take(NOW) == 1
        order.append("joined")

    in_threads(work_the_lanes, join)
    assert order == ["lanes free", "joined"]
    assert Contact.objects.count() == 1
    assert Identity.objects.count() == 2
