"""The running demo: the shop's visitors, in real time, through the real front door."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import OperationalError, connection

from demo.filling import RATE, SEED, shop_now
from demo.keys import key_kept, key_renew
from demo.office import MailBox, Office, customers_known
from demo.sending import DoorShut, FrontDoor, KeyRefused
from demo.shop import Happening

TICK_SECONDS: Final = 0.5
HEAD_START: Final = timedelta(seconds=90)
"""So long the shop has been open when it starts: carts are being filled from the first tick on."""
MAIL_EVERY: Final = timedelta(seconds=2)
MOST_KEPT: Final = 2_000
"""So many messages wait for a server that is away; older ones are forgotten."""

log = logging.getLogger(__name__)


class Door(Protocol):
    """What the running demo hands its messages to."""

    def send(self, messages: list[dict[str, Any]]) -> None:
        """Hand them over, or raise `DoorShut` or `KeyRefused`."""


class Running:
    """The shop as it runs: each tick sends what has happened since the last.

    Parameters
    ----------
    now
        When it starts (UTC).
    door
        Makes the way to the tracking API, given a write key.
    rate
        Messages a second, about.
    seed
        Decides, with `now`, who comes and what they do.
    """

    def __init__(
        self,
        *,
        now: datetime,
        door: Callable[[str], Door],
        rate: float = RATE,
        seed: str = SEED,
    ) -> None:
        self._make_door = door
        self._door = door(key_kept() or key_renew(now=now)[1])
        customers = customers_known(now=now)
        self._shop = shop_now(seed, since=now - HEAD_START, rate=rate, customers=customers)
        self._office = Office()
        self._mail_box = MailBox(since=now)
        self._looked_at = now
        self._unsent: deque[Happening] = deque(maxlen=MOST_KEPT)

    def tick(self, now: datetime) -> int:
        """Send what has happened up to `now`; returns how many messages were taken."""
        self._unsent.extend(self._shop.run(now))
        sent = self._send(now=now)
        self._office.tell(sent, now=now)
        if now - self._looked_at >= MAIL_EVERY:
            self._looked_at = now
            for mail in self._mail_box.look(now=now):
                self._shop.mail_arrived(mail)
        return len(sent)

    def _send(self, *, now: datetime) -> list[Happening]:
        if not self._unsent:
            return []
        try:
            self._door.send([one.message for one in self._unsent])
        except KeyRefused:
            log.warning("the demo's source has been removed; it gets a new one")
            self._door = self._make_door(key_renew(now=now)[1])
            return []
        except DoorShut as shut:
            log.info("the demo waits for the web process: %s", shut)
            return []
        sent = list(self._unsent)
        self._unsent.clear()
        return sent


def front_door(key: str) -> FrontDoor:
    """Return the way to the web process of this machine."""
    where = "127.0.0.1" if settings.BIND in ("", "0.0.0.0", "::") else settings.BIND  # noqa: S104
    allowed = list(settings.ALLOWED_HOSTS)
    named = where in allowed or "*" in allowed or not allowed
    host = None if named else allowed[0].lstrip(".")
    return FrontDoor(f"http://{where}:{settings.PORT}", key=key, host=host)


def run(
    wait: Callable[[float], bool],
    *,
    clock: Callable[[], datetime],
    door: Callable[[str], Door] = front_door,
    rate: float = RATE,
) -> None:
    """Run until `wait(seconds)` says to stop. A database that is away is waited for."""
    running: Running | None = None
    while not wait(TICK_SECONDS):
        try:
            running = running or Running(now=clock(), door=door, rate=rate)
            running.tick(clock())
        except OperationalError as trouble:
            log.warning("the database is away, trying again: %s", trouble)
            connection.close()
