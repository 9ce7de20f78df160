"""The socket of a canvas: a snapshot, then absolute counts as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.db import OperationalError

from accounts.sockets import NOT_SIGNED_IN
from common.clock import utcnow
from common.live import listener
from flows.consumers import TRY_AGAIN, UNKNOWN_FLOW
from flows.models import Flow
from flows.services import flow_update
from tests.builders_flows import Stage, build_flow
from tests.doors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def open_socket(path: str, cookie: str | None = None) -> WebsocketCommunicator:
    """Prepare a socket as a browser opens it."""
    from config.asgi import application

    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    if cookie is not None:
        headers.append((b"cookie", f"millrace_session={cookie}".encode()))
    return WebsocketCommunicator(application, path, headers=headers)


def viewer() -> str:
    """The cookie of somebody who may look."""
    return str(signed_in("viewer").cookies["millrace_session"].value)


def talk(
    key: str, cookie: str | None, talking: Callable[[WebsocketCommunicator], Awaitable[None]]
) -> None:
    """Open the socket of a flow, talk, and close it."""

    async def whole() -> None:
        socket = open_socket(f"/ws/flows/{key}/", cookie)
        accepted, _ = await socket.connect(timeout=5)
        assert accepted
        try:
            await talking(socket)
        finally:
            await socket.disconnect(timeout=5)
            await listener.stop()

    async_to_sync(whole)()


async def received(socket: WebsocketCommunicator) -> dict[str, Any]:
    message: dict[str, Any] = await socket.receive_json_from(timeout=5)
    return message


async def news(key: str) -> None:
    """What the listener does when a notification arrives."""
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(f"flow.{key}", {"type": "live.news", "payload": {}})


def test_a_watcher_gets_a_snapshot_and_then_what_changes() -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    does = sync_to_async(stage.does)

    async def talking(socket: WebsocketCommunicator) -> None:
        snapshot = await received(socket)
        assert (snapshot["type"], snapshot["seq"], snapshot["status"]) == ("snapshot", 1, "live")
        hour = snapshot["nodes"]["hour"]
        assert (hour["here"], hour["next_due"]) == (1, "2026-05-01T13:00:00.000000Z")
        assert snapshot["totals"]["entered"] == 1
        await does("bob", "Product Added")
        await news("cart")
        counts = await received(socket)
        while counts["totals"]["entered"] < 2:  # news of ada may come after the snapshot
            counts = await received(socket)
        assert counts["type"] == "counts"
        assert counts["seq"] > snapshot["seq"]
        assert counts["nodes"]["hour"]["here"] == 2
        assert counts["nodes"]["cart"]["out"] == {"next": 2}

    talk("cart", viewer(), talking)


def test_news_travel_from_the_engine_to_the_watcher_by_the_database() -> None:
    stage = Stage()
    build_flow()
    does = sync_to_async(stage.does)

    async def talking(socket: WebsocketCommunicator) -> None:
        assert (await received(socket))["totals"]["entered"] == 0
        await asyncio.sleep(0.3)  # until the one connection of this process listens
        await does("ada", "Product Added")
        assert (await received(socket))["totals"]["entered"] == 1

    talk("cart", viewer(), talking)


def test_a_flood_of_news_becomes_at_most_four_messages_a_second() -> None:
    build_flow()

    async def talking(socket: WebsocketCommunicator) -> None:
        await received(socket)
        for _ in range(50):
            await news("cart")
            await asyncio.sleep(0.01)
        seen = 0
        while not await socket.receive_nothing(timeout=0.4):
            assert (await received(socket))["seq"] == seen + 2
            seen += 1
        assert 1 <= seen <= 5

    talk("cart", viewer(), talking)


def test_what_a_watcher_says_is_not_listened_to() -> None:
    build_flow()

    async def talking(socket: WebsocketCommunicator) -> None:
        await received(socket)
        await socket.send_to(text_data="no JSON {")
        await socket.send_to(bytes_data=b"\xff\x00")
        await news("cart")
        assert (await received(socket))["type"] == "counts"

    talk("cart", viewer(), talking)


def test_a_watcher_is_sent_away_while_the_database_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_flow()

    def away(*_args: Any, **_named: Any) -> None:
        raise OperationalError("the database is away")

    async def talking(socket: WebsocketCommunicator) -> None:
        await received(socket)
        monkeypatch.setattr("flows.consumers.flow_counts", away)
        await news("cart")
        assert (await socket.receive_output(timeout=5))["code"] == TRY_AGAIN

    talk("cart", viewer(), talking)


def test_a_flow_that_does_not_exist_closes_the_socket_with_a_code() -> None:
    async def talking(socket: WebsocketCommunicator) -> None:
        assert (await socket.receive_output(timeout=5))["code"] == UNKNOWN_FLOW

    talk("no-such-flow", viewer(), talking)


def test_a_flow_with_the_longest_key_has_a_socket() -> None:
    key = "k" * 90
    build_flow(key)

    async def talking(socket: WebsocketCommunicator) -> None:
        assert (await received(socket))["type"] == "snapshot"

    talk(key, viewer(), talking)


def test_an_address_too_long_for_any_flow_closes_the_socket_with_a_code() -> None:
    async def talking(socket: WebsocketCommunicator) -> None:
        assert (await socket.receive_output(timeout=5))["code"] == UNKNOWN_FLOW

    talk("k" * 300, viewer(), talking)


def test_nobody_watches_without_signing_in() -> None:
    build_flow()

    async def talking(socket: WebsocketCommunicator) -> None:
        assert (await socket.receive_output(timeout=5))["code"] == NOT_SIGNED_IN

    talk("cart", None, talking)


async def told(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    while (message := await received(socket))["type"] != kind:
        pass
    return message


def test_editors_see_each_other_and_what_the_other_saved() -> None:
    build_flow()
    first, second = viewer(), str(signed_in("editor").cookies["millrace_session"].value)
    save = sync_to_async(saved_by_bea)

    async def talking(socket: WebsocketCommunicator) -> None:
        await asyncio.sleep(0.5)  # until the one connection of this process listens
        other = open_socket("/ws/flows/cart/", second)
        await other.connect(timeout=5)
        await socket.send_json_to({"type": "here", "node": None, "editing": True})
        assert len((await told(socket, "presence"))["people"]) == 1
        await other.send_json_to({"type": "here", "node": "hour", "editing": True})
        seen = await told(socket, "presence")
        [they] = [each for each in seen["people"] if each["id"] != seen["you"]]
        assert (they["node"], they["editing"]) == ("hour", True)
        [we] = [each for each in seen["people"] if each["id"] == seen["you"]]
        assert not we["editing"]  # a viewer edits nothing, whatever the page says
        while len((await told(other, "presence"))["people"]) < 2:
            pass
        await save()
        news = await told(socket, "draft")
        assert news["by"] == "Bea"
        await other.disconnect(timeout=5)
        assert len((await told(socket, "presence"))["people"]) == 1

    talk("cart", first, talking)


def saved_by_bea() -> None:
    flow = Flow.objects.get(key="cart")
    flow_update(
        "cart",
        name=flow.name,
        graph=flow.graph,
        settings=flow.settings,
        revision=flow.revision,
        now=utcnow(),
        by="Bea",
    )
