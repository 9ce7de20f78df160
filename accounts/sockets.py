"""The door of every WebSocket: `guard_sockets` stands before the routes, so none can forget it.

In order: the page that opens the socket must be ours (a browser sends our cookies with a socket
that anybody's page opens, and there is no CSRF token to ask for); the session must belong to
somebody active with a sufficient role; what is sent must be small. While the socket is open the
session is looked at again every minute: signed out, deactivated or demoted means closed.

A consumer finds `scope["user"]` and `scope["role"]`. Close codes: 4401 not signed in, 4403 the
role does not suffice, 1009 message too large. The socket is accepted before it is closed with one
of these, because a browser shows no code of a socket that was never open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils.module_loading import import_string

from accounts.permissions import role_of
from accounts.roles import Role, role_suffices

NOT_SIGNED_IN = 4401
ROLE_TOO_LOW = 4403
TOO_LARGE = 1009
LOOK_AGAIN_EVERY = 60.0
"""Seconds between two looks at the session of an open socket."""
LARGEST_MESSAGE = 64 * 1024
"""Bytes. Sockets carry news to the browser; what comes the other way is a word or two."""

_LOCALHOST = [".localhost", "127.0.0.1", "[::1]"]  # what Django allows itself in DEBUG

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Any
"""An ASGI application. The stubs of channels and of asgiref each have a type for it, at odds."""


def guard_sockets(inner: Application) -> Application:
    """Put all of this module before the routes of the sockets."""
    return SameOrigin(AuthMiddlewareStack(RoleGate(inner)))


class SameOrigin:
    """Refuses, with 403, a socket that was opened by a page of another site, or by no page."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Let the connection through or deny it."""
        headers = scope["headers"]
        if origin_allowed(_header(headers, b"origin"), _header(headers, b"host")):
            await self.inner(scope, receive, send)
        else:
            denier: Application = WebsocketDenier()
            await denier(scope, receive, send)


class RoleGate:
    """Closes the socket of whoever is not signed in, or whose role is below `role`."""

    def __init__(self, inner: Application, role: str = Role.VIEWER) -> None:
        self.inner = inner
        self.role = role

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Run the consumer for as long as its user may be here."""
        role = role_of(scope.get("user"))
        if not role_suffices(role, self.role):
            await _accept_and_close(send, ROLE_TOO_LOW if role else NOT_SIGNED_IN)
            return
        consumer = asyncio.ensure_future(
            self.inner(scope | {"role": role}, _bounded(receive, send), send)
        )
        watch = asyncio.ensure_future(self._until_no_longer_allowed(scope, send))
        try:
            done, _ = await asyncio.wait({consumer, watch}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (consumer, watch):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _until_no_longer_allowed(self, scope: dict[str, Any], send: Send) -> None:
        session_key = scope["session"].session_key
        while True:
            await asyncio.sleep(LOOK_AGAIN_EVERY)
            role = await _role_now(session_key)
            if not role_suffices(role, self.role):
                code = ROLE_TOO_LOW if role else NOT_SIGNED_IN
                await send({"type": "websocket.close", "code": code})
                return


def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Say whether a page of `origin` may open a socket on `host`.

    It may if it was served by this very host (which must be one of ours: else a name that an
    attacker points at us would do), or if it is trusted by name (`CSRF_TRUSTED_ORIGINS`).

    Parameters
    ----------
    origin : str or None
        The header, such as `https://millrace.example.org`; None or `null` is nobody's page.
    host : str or None
        The header, such as `millrace.example.org`.
    """
    if not origin or not host:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    allowed = settings.ALLOWED_HOSTS or (_LOCALHOST if settings.DEBUG else [])
    domain, _ = split_domain_port(host)
    return (
        page.scheme in ("http", "https")
        and page.netloc.lower() == host.lower()
        and validate_host(domain, allowed)
    )


@database_sync_to_async
def _role_now(session_key: str) -> str | None:
    """Read the session and its user afresh: both may have gone since the socket was opened."""
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    return role_of(get_user(request))


def _bounded(receive: Receive, send: Send) -> Receive:
    """Wrap `receive` so that a message that is too large ends the socket instead of arriving."""

    async def receive_bounded() -> Message:
        message = await receive()
        size = len(message.get("text") or "") + len(message.get("bytes") or b"")
        if message["type"] == "websocket.receive" and size > LARGEST_MESSAGE:
            await send({"type": "websocket.close", "code": TOO_LARGE})
            return {"type": "websocket.disconnect", "code": TOO_LARGE}
        return message

    return receive_bounded


async def _accept_and_close(send: Send, code: int) -> None:
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code})


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key == name), None)
