"""The sockets: which page may open one, who may listen, and until when."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from accounts import sockets
from accounts.models import User
from tests.doors import http_routes, signed_in, socket_routes

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "http://localhost"


def application() -> Any:
    """Return what daphne serves."""
    from config.asgi import application as served

    return served


def open_socket(
    path: str, client: Client | None = None, origin: str | None = OURS
) -> WebsocketCommunicator:
    """Prepare a socket as a browser opens it, with the cookies of `client`."""
    headers = [(b"host", b"localhost")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if client is not None:
        cookie = f"millrace_session={client.cookies['millrace_session'].value}"
        headers.append((b"cookie", cookie.encode()))
    return WebsocketCommunicator(application(), path, headers=headers)


async def outcome(socket: WebsocketCommunicator) -> tuple[bool, Any]:
    """Return whether the socket was accepted, and the code with which it was closed if it was."""
    accepted, code = await socket.connect(timeout=5)
    if accepted:
        message = await socket.receive_output(timeout=5)
        code = message["code"] if message["type"] == "websocket.close" else None
    await socket.disconnect(timeout=5)
    return accepted, code


def routes() -> list[str]:
    """Return every route of the sockets."""
    return socket_routes(application())


def test_the_walk_finds_the_sockets() -> None:
    assert any(path.startswith("/ws/jobs/") for path in routes())
    assert any(path.startswith("/ws/flows/") for path in routes())
    assert len(http_routes()) > len(routes())


def test_nobody_listens_without_signing_in() -> None:
    for path in routes():
        found = async_to_sync(outcome)(open_socket(path))
        assert found == (True, sockets.NOT_SIGNED_IN), path


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://localhost.evil.example", "http://["]
)
def test_no_page_of_another_site_opens_a_socket(origin: str | None) -> None:
    client = signed_in("admin")
    for path in routes():
        accepted, _ = async_to_sync(outcome)(open_socket(path, client, origin))
        assert not accepted, path


def test_a_viewer_may_listen_everywhere() -> None:
    client = signed_in("viewer")
    for path in routes():
        accepted, code = async_to_sync(outcome)(open_socket(path, client))
        assert accepted, path
        assert code not in (sockets.NOT_SIGNED_IN, sockets.ROLE_TOO_LOW), path


def test_a_forged_session_is_nobodys() -> None:
    client = Client()
    client.cookies["millrace_session"] = "0" * 32
    for path in routes():
        found = async_to_sync(outcome)(open_socket(path, client))
        assert found == (True, sockets.NOT_SIGNED_IN), path


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Accept, say which role listens, and say back what is said."""
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": f"{scope['role']}: {message['text']}"})


def open_echo(client: Client, inner: Any = echo) -> WebsocketCommunicator:
    """Prepare a socket to `echo`, behind the guard."""
    socket = open_socket("/ws/echo/", client)
    return WebsocketCommunicator(
        sockets.guard_sockets(inner), "/ws/echo/", headers=socket.scope["headers"]
    )


def test_a_consumer_finds_the_role() -> None:
    async def talk(socket: WebsocketCommunicator) -> str:
        assert (await socket.connect())[0]
        await socket.send_to(text_data="hello")
        heard = await socket.receive_from()
        await socket.disconnect()
        return str(heard)

    assert async_to_sync(talk)(open_echo(signed_in("editor"))) == "editor: hello"


def test_a_message_that_is_too_large_ends_the_socket() -> None:
    async def talk(socket: WebsocketCommunicator) -> Any:
        assert (await socket.connect())[0]
        await socket.send_to(text_data="x" * (sockets.LARGEST_MESSAGE + 1))
        return await socket.receive_output()

    ended = async_to_sync(talk)(open_echo(signed_in("viewer")))
    assert ended == {"type": "websocket.close", "code": sockets.TOO_LARGE}


def test_a_socket_for_editors_is_closed_to_viewers() -> None:
    for role, code in (("viewer", sockets.ROLE_TOO_LOW), ("editor", None)):
        gate = sockets.RoleGate(say_hello, role="editor")
        found = async_to_sync(outcome)(open_echo(signed_in(role), gate))
        assert found == (True, code)


async def say_hello(scope: Any, receive: Any, send: Any) -> None:
    """Accept, say a word, and wait for the end."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.mark.parametrize("happens", ["deactivated", "signed out", "password"])
def test_who_is_no_longer_welcome_is_shown_out(
    happens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "LOOK_AGAIN_EVERY", 0.05)
    client = signed_in("viewer")

    async def talk(socket: WebsocketCommunicator) -> Any:
        assert (await socket.connect())[0]
        await database_sync_to_async(change)()
        return await socket.receive_output(timeout=5)

    def change() -> None:
        if happens == "deactivated":
            User.objects.update(is_active=False)
        elif happens == "signed out":
            client.session.flush()
        else:
            user = User.objects.get()
            user.set_password("another mill")
            user.save()

    ended = async_to_sync(talk)(open_echo(client))
    assert ended == {"type": "websocket.close", "code": sockets.NOT_SIGNED_IN}
