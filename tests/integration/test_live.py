"""News travels from any process to the sockets of those who watch, and only with its commit."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connection, transaction

from common import live
from common.jobs import job_cancel, job_finish, job_progress, job_start
from common.routing import websocket_urlpatterns
from tests.builders import NOW, build_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_news", live.Coalescer(every_seconds=0.05))
    monkeypatch.setattr(live, "listener", live.Listener())


async def heard(group: str, happens: Any, *, number: int) -> list[dict[str, Any]]:
    """Return what a watcher of a group hears while something happens."""
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    await live.listener.ensure()
    await listening()
    try:
        await database_sync_to_async(happens)()
        news = [
            (await asyncio.wait_for(layer.receive(channel), 10))["payload"] for _ in range(number)
        ]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(layer.receive(channel), 0.2)
        return news
    finally:
        await live.listener.stop()
        await layer.group_discard(group, channel)


@database_sync_to_async
def _is_listened_to() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = %s AND state = 'idle'",
            [f"LISTEN {live.CHANNEL}"],
        )
        return bool(cursor.fetchone() == (1,))


async def listening() -> None:
    for _ in range(200):
        if await _is_listened_to():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


async def test_news_arrives_merged_and_the_last_is_not_lost() -> None:
    def happens() -> None:
        for number in range(50):
            live.notify("flow.cart", {"n": number})
        time.sleep(0.06)
        live.flush()

    assert await heard("flow.cart", happens, number=2) == [{"n": 0}, {"n": 49}]


async def test_news_of_what_was_rolled_back_is_not_told() -> None:
    def happens() -> None:
        with transaction.atomic():
            live.notify("flow.cart", {"n": 1})
            transaction.set_rollback(True)
        live.notify("flow.cart", {"n": 2}, at_once=True)

    assert await heard("flow.cart", happens, number=1) == [{"n": 2}]


async def test_other_groups_hear_nothing() -> None:
    assert await heard("flow.cart", lambda: live.notify("flow.other", {}), number=0) == []


def test_news_is_a_hint_and_no_freight() -> None:
    with pytest.raises(ValueError, match="put the data in the database"):
        live.notify("flow.cart", {"all": "x" * 8_000})


async def test_a_page_follows_a_job_to_its_end() -> None:
    job = await database_sync_to_async(build_job)(total=10)
    socket = await watch(job.id)
    assert await told(socket) == ("snapshot", "queued", 0)
    await database_sync_to_async(job_start)(job.id, now=NOW)
    assert await told(socket) == ("job", "running", 0)
    await asyncio.sleep(0.06)
    await database_sync_to_async(job_progress)(job.id, done=7)
    assert await told(socket) == ("job", "running", 7)
    await database_sync_to_async(job_finish)(job.id, now=NOW)
    assert await told(socket) == ("job", "done", 7)
    await socket.disconnect()
    await live.listener.stop()


async def test_a_page_hears_of_a_cancelling() -> None:
    job = await database_sync_to_async(build_job)()
    socket = await watch(job.id)
    assert await told(socket) == ("snapshot", "queued", 0)
    await database_sync_to_async(job_cancel)(job.id, now=NOW)
    assert await told(socket) == ("job", "cancelled", 0)
    await socket.disconnect()
    await live.listener.stop()


async def test_there_is_nothing_to_watch_at_an_unknown_job() -> None:
    socket = WebsocketCommunicator(application(), f"/ws/jobs/{UUID(int=1)}/")
    connected, _ = await socket.connect()
    assert connected
    assert (await socket.receive_output(5))["code"] == 4404
    await listening()  # one that is stopped while it connects leaves its session behind
    await live.listener.stop()


def application() -> Any:
    return live.listening(URLRouter(websocket_urlpatterns))


async def watch(job_id: UUID) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(application(), f"/ws/jobs/{job_id}/")
    connected, _ = await socket.connect()
    assert connected
    await listening()
    return socket


async def told(socket: WebsocketCommunicator) -> tuple[str, str, int]:
    message = await socket.receive_json_from(10)
    return message["type"], message["job"]["status"], message["job"]["done"]
