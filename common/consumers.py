"""The socket on which a page follows one job."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from common.jobs import job_group, job_state
from common.models import Job

UNKNOWN_JOB = 4404


class JobConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/jobs/{id}/`: the job as it is, again whenever it changes, until it is over."""

    job_id: str

    async def connect(self) -> None:
        """Join the job's group and send the job as it is now."""
        self.job_id = str(self.scope["url_route"]["kwargs"]["job_id"])
        await self.channel_layer.group_add(job_group(self.job_id), self.channel_name)
        await self.accept()
        await self._tell("snapshot")

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(job_group(self.job_id), self.channel_name)

    async def live_news(self, message: dict[str, Any]) -> None:
        """Send the job as it is now: the news itself is a hint only."""
        await self._tell("job")

    async def _tell(self, kind: str) -> None:
        state = await _read(self.job_id)
        if state is None:
            await self.close(code=UNKNOWN_JOB)
            return
        await self.send_json({"type": kind, "job": state})


@database_sync_to_async
def _read(job_id: str) -> dict[str, Any] | None:
    job = Job.objects.filter(id=job_id).first()
    return None if job is None else job_state(job)
