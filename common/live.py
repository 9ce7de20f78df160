"""News for whoever watches: from the engine and the workers to the web processes and their sockets.

`notify` says "something about this group has changed"; the sockets of that group then read what is
true now from the database and push it. So news may be lost, doubled or merged without harm, and a
payload is a hint and never the only copy of anything.

Between processes news travels by PostgreSQL's NOTIFY, one connection LISTENing per web process, or
by Redis where the channel layer is Redis. NOTIFY makes commits wait for one another, so news of
one group goes out at most every quarter second; what came in between is merged into the next.
A loop that calls `notify` therefore also calls `flush` on every turn, idle ones too.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import connection

CHANNEL = "millrace_live"
EVERY_SECONDS = 0.25
LARGEST_PAYLOAD = 7000
"""Bytes; PostgreSQL refuses a NOTIFY of 8,000 or more."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Any
"""An ASGI application. The stubs of channels and of asgiref each have a type for it, at odds."""

log = logging.getLogger(__name__)


class Coalescer:
    """Holds news back so that each group speaks at most once per interval.

    Pure but for nothing: the caller passes the time, and sends what it is given.

    Examples
    --------
    >>> news = Coalescer(every_seconds=1)
    >>> news.add("flow.a", {"n": 1})
    >>> news.due(0.0)
    [('flow.a', {'n': 1})]
    >>> news.add("flow.a", {"n": 2})
    >>> news.add("flow.a", {"m": 3})
    >>> news.due(0.5), news.due(1.0)
    ([], [('flow.a', {'n': 2, 'm': 3})])
    """

    def __init__(self, *, every_seconds: float) -> None:
        self._every = every_seconds
        self._muted = False
        self._pending: dict[str, dict[str, Any]] = {}
        self._sent_at: dict[str, float] = {}

    def mute(self) -> None:
        """Keep nothing from now on."""
        self._muted = True
        self._pending.clear()

    def add(self, group: str, payload: Mapping[str, Any]) -> None:
        """Keep news of a group; keys of later news replace those of earlier news."""
        if self._muted:
            return
        self._pending.setdefault(group, {}).update(payload)

    def due(self, at: float) -> list[tuple[str, dict[str, Any]]]:
        """Take out the news that may go at this time (seconds on a clock that never goes back)."""
        ready = [
            group
            for group in self._pending
            if at - self._sent_at.get(group, float("-inf")) >= self._every
        ]
        self._sent_at = {
            group: sent for group, sent in self._sent_at.items() if at - sent < self._every
        } | dict.fromkeys(ready, at)
        return [(group, self._pending.pop(group)) for group in ready]

    def take(self, group: str, at: float) -> list[tuple[str, dict[str, Any]]]:
        """Take out the news of one group now, however lately it spoke."""
        self._sent_at[group] = at
        return [(group, self._pending.pop(group))] if group in self._pending else []


_news = Coalescer(every_seconds=EVERY_SECONDS)


def notify(group: str, payload: Mapping[str, Any], *, at_once: bool = False) -> None:
    """Tell the watchers of a group that something has changed.

    Parameters
    ----------
    group
        `<kind>.<key>`, such as `flow.abandon-cart`: letters, digits, `-`, `_` and `.` only.
    payload
        A small hint, JSON. In a transaction, the news goes out with the commit.
    at_once
        For the last news of its kind (a job is over), which nobody will flush.
    """
    _news.add(group, payload)
    at = time.monotonic()
    _send(_news.take(group, at) if at_once else _news.due(at))


def mute() -> None:
    """Say nothing from this process any more: what it does is a trial, and concerns nobody."""
    _news.mute()


def flush() -> None:
    """Send the news that was held back and may go by now."""
    _send(_news.due(time.monotonic()))


def _send(news: list[tuple[str, dict[str, Any]]]) -> None:
    if not news:
        return
    layer = get_channel_layer()
    if layer is not None and not isinstance(layer, InMemoryChannelLayer):
        for group, payload in news:
            async_to_sync(layer.group_send)(group, {"type": "live.news", "payload": payload})
        return
    texts = [json.dumps({"group": group, "payload": payload}) for group, payload in news]
    for text in texts:
        if len(text.encode()) > LARGEST_PAYLOAD:
            raise ValueError("news is a hint of at most 7,000 bytes: put the data in the database")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(%s, text) FROM unnest(%s::text[]) AS text", [CHANNEL, texts]
        )


class Listener:
    """The one connection of a web process on which news arrives, fanned out to its own sockets.

    Started by the first socket, because the ASGI server has no moment of its own for it.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def ensure(self) -> None:
        """Start listening if that is needed here and has not been done."""
        if not isinstance(get_channel_layer(), InMemoryChannelLayer):
            return
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _listen(self) -> None:
        pause = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **_connection_parameters(), autocommit=True
                ) as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    pause = 0.5
                    async for note in listening.notifies():
                        await _fan_out(note.payload)
            except psycopg.Error as error:
                log.warning("live news interrupted, trying again: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)


def _connection_parameters() -> dict[str, Any]:
    """Return how Django connects, without what is its own (pool, cursor classes)."""
    parameters = dict(connection.get_connection_params())
    for own in ("pool", "cursor_factory", "context", "prepare_threshold"):
        parameters.pop(own, None)
    return parameters


async def _fan_out(text: str) -> None:
    layer = get_channel_layer()
    try:
        news = json.loads(text)
        group, payload = news["group"], news["payload"]
    except (ValueError, KeyError, TypeError):
        log.warning("live news that can't be read was left out")
        return
    if layer is not None:
        await layer.group_send(group, {"type": "live.news", "payload": payload})


listener = Listener()


def listening(inner: Application) -> Application:
    """Wrap the sockets so that the first of them makes this process listen for news."""

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await listener.ensure()
        await inner(scope, receive, send)

    return application
