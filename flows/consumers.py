"""The socket on which a canvas is live: a snapshot, then absolute counts as they change.

However fast the engine runs, a watcher is sent at most four messages a second. Every message holds
absolute counts and a sequence number, so that one lost or doubled can do no harm, and a reconnect
starts with a snapshot.

The pages say which step somebody has chosen (`{"type": "here", "node": …, "editing": …}`), and
are told who else is there (`flows.presence`), and when the draft has been saved.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError

from accounts.roles import Role, role_suffices
from common.clock import canonical, utcnow
from common.errors import NotFound
from common.live import notify
from flows.models import LONGEST_KEY
from flows.presence import AGAIN_EVERY, Present, Roster, place_read
from flows.selectors import flow_by_key, flow_counts

UNKNOWN_FLOW = 4404
TRY_AGAIN = 1013
EVERY_SECONDS = 0.25
DRAFT_NEWS = ("draft", "by")
SAY_EVERY = 0.2
"""Seconds between two things that a page may say of where somebody is; the last of them counts."""


class FlowConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/flows/{key}/`."""

    key: str
    seq: int
    stale: asyncio.Event
    pushing: asyncio.Task[None] | None = None
    telling: asyncio.Task[None] | None = None
    roster: Roster
    person: Present | None = None
    moved: asyncio.Event

    async def connect(self) -> None:
        """Join the flow's group, send a snapshot, and from then on what changes."""
        self.key = self.scope["url_route"]["kwargs"]["key"]
        self.seq = 0
        self.stale = asyncio.Event()
        self.moved = asyncio.Event()
        self.roster = Roster(uuid.uuid4().hex)
        if len(self.key) > LONGEST_KEY:
            await self.accept()
            await self.close(code=UNKNOWN_FLOW)
            return
        for group in self._groups():
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        if await self._send("snapshot"):
            self.pushing = asyncio.create_task(self._push())

    async def disconnect(self, code: int) -> None:
        """Leave the group, stop pushing, and let the others know."""
        for task in (self.pushing, self.telling):
            if task is not None:
                task.cancel()
        if len(self.key) > LONGEST_KEY:
            return
        for group in self._groups():
            await self.channel_layer.group_discard(group, self.channel_name)
        if self.person is not None:
            await self._tell(None)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Hear where the page's person is; anything else a watcher says is not listened to."""
        try:
            place = place_read(json.loads(text_data or ""))
        except ValueError:
            return
        if place is None:
            return
        scope: Mapping[str, Any] = self.scope  # with what `accounts.sockets` has put in
        user = scope["user"]
        before = self.person or Present(self.roster.own, user.name or user.email, user.email)
        may_edit = role_suffices(scope["role"], Role.EDITOR)
        self.person = replace(before, node=place[0], editing=place[1] and may_edit)
        self.moved.set()
        if self.telling is None:
            self.telling = asyncio.create_task(self._keep_telling())

    async def live_news(self, message: dict[str, Any]) -> None:
        """Something has changed: of the flow, of the draft, or of who is there."""
        payload = message.get("payload") or {}
        heard = self.roster.hear(payload, at=time.monotonic())
        if heard.changed:
            await self._send_presence()
        if heard.greeted:
            self.moved.set()
        if "draft" in payload:
            await self.send_json(
                {"type": "draft", "revision": payload["draft"], "by": payload.get("by", "")}
            )
        if not payload or any(key not in DRAFT_NEWS and "." not in key for key in payload):
            self.stale.set()  # what is sent is read from the database

    def _groups(self) -> tuple[str, str]:
        return f"flow.{self.key}", f"editors.{self.key}"

    async def _keep_telling(self) -> None:
        """Tell where the person is: at first, when it changes, and from time to time."""
        greet = True
        while True:
            self.moved.clear()
            await self._tell(self.person, greet=greet)
            greet = False
            if self.roster.fade(at=time.monotonic()):
                await self._send_presence()
            await asyncio.sleep(SAY_EVERY)
            try:
                await asyncio.wait_for(self.moved.wait(), AGAIN_EVERY)
            except TimeoutError:
                continue

    async def _tell(self, person: Present | None, *, greet: bool = False) -> None:
        try:
            await _make_known(f"editors.{self.key}", self.roster.news(person, greet=greet))
        except DatabaseError:
            return  # whoever does not hear of it now will by the next time

    async def _send_presence(self) -> None:
        people = [asdict(each) for each in self.roster.people()]
        await self.send_json({"type": "presence", "you": self.roster.own, "people": people})

    async def _push(self) -> None:
        while True:
            await self.stale.wait()
            self.stale.clear()
            if not await self._send("counts"):
                return
            await asyncio.sleep(EVERY_SECONDS)

    async def _send(self, kind: str) -> bool:
        try:
            counts = await _read(self.key)
        except NotFound:
            await self.close(code=UNKNOWN_FLOW)
            return False
        except DatabaseError:
            await self.close(code=TRY_AGAIN)  # the browser comes back, and gets a snapshot
            return False
        self.seq += 1
        await self.send_json({"type": kind, "seq": self.seq, **counts})
        return True


@database_sync_to_async
def _make_known(group: str, news: dict[str, Any]) -> None:
    notify(group, news, at_once=True)


@database_sync_to_async
def _read(key: str) -> dict[str, Any]:
    counts = flow_counts(flow_by_key(key), now=utcnow())
    counts["at"] = canonical(counts["at"])
    for node in counts["nodes"].values():
        node["next_due"] = canonical(node["next_due"]) if node["next_due"] else None
    return counts
