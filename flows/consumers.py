"""The socket on which a canvas is live: a snapshot, then absolute counts as they change.

However fast the engine runs, a watcher is sent at most four messages a second. Every message holds
absolute counts and a sequence number, so that one lost or doubled can do no harm, and a reconnect
starts with a snapshot.
"""

from __future__ import annotations

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError

from common.clock import canonical, utcnow
from common.errors import NotFound
from flows.models import LONGEST_KEY
from flows.selectors import flow_by_key, flow_counts

UNKNOWN_FLOW = 4404
TRY_AGAIN = 1013
EVERY_SECONDS = 0.25


class FlowConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/flows/{key}/`."""

    key: str
    seq: int
    stale: asyncio.Event
    pushing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Join the flow's group, send a snapshot, and from then on what changes."""
        self.key = self.scope["url_route"]["kwargs"]["key"]
        self.seq = 0
        self.stale = asyncio.Event()
        if len(self.key) > LONGEST_KEY:
            await self.accept()
            await self.close(code=UNKNOWN_FLOW)
            return
        await self.channel_layer.group_add(f"flow.{self.key}", self.channel_name)
        await self.accept()
        if await self._send("snapshot"):
            self.pushing = asyncio.create_task(self._push())

    async def disconnect(self, code: int) -> None:
        """Leave the group and stop pushing."""
        if self.pushing is not None:
            self.pushing.cancel()
        if len(self.key) <= LONGEST_KEY:
            await self.channel_layer.group_discard(f"flow.{self.key}", self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Listen to nothing that a watcher says, be it JSON or not."""

    async def live_news(self, message: dict[str, Any]) -> None:
        """Something about the flow has changed: what is sent is read from the database."""
        self.stale.set()

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
def _read(key: str) -> dict[str, Any]:
    counts = flow_counts(flow_by_key(key), now=utcnow())
    counts["at"] = canonical(counts["at"])
    for node in counts["nodes"].values():
        node["next_due"] = canonical(node["next_due"]) if node["next_due"] else None
    return counts
