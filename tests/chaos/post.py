"""A mail server that has bad days: busy, asleep, not there, or taking a mail and dying."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter, defaultdict
from email.parser import BytesHeaderParser
from types import TracebackType
from typing import Final, Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Mood = Literal["well", "busy", "hangs", "takes and dies", "gone"]
MOODS: Final[tuple[Mood, ...]] = ("well", "busy", "hangs", "takes and dies", "gone")
HANGS_SECONDS = 5.0

logging.getLogger("mail.log").setLevel(logging.ERROR)


class PostOffice:
    """Keeps the Message-ID and the recipient of every mail it took, however it answered."""

    def __init__(self) -> None:
        self.taken: dict[str, Counter[str]] = defaultdict(Counter)
        self.moods: Counter[str] = Counter()
        self._mood: Mood = "well"
        self._controller: Controller | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        """Open."""
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self._close()

    def become(self, mood: Mood) -> None:
        """Have a day like this from now on."""
        self.moods[mood] += 1
        self._mood = mood
        if mood == "gone":
            self._close()
        else:
            self._open()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer a mail by the mood of the day."""
        if self._mood == "hangs":
            await asyncio.sleep(HANGS_SECONDS)
            return "451 4.3.0 asleep"
        if self._mood == "busy":
            return "451 4.3.0 busy"
        content = envelope.content or b""
        assert isinstance(content, bytes)
        key = str(BytesHeaderParser().parsebytes(content)["Message-ID"])
        self.taken[key][envelope.rcpt_tos[0]] += 1
        if self._mood == "takes and dies":
            transport = server.transport
            assert isinstance(transport, asyncio.WriteTransport)
            transport.abort()
        return "250 taken"

    def _open(self) -> None:
        if self._controller is None:
            controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
            controller.start()
            self._controller = controller

    def _close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
