"""The engine's loop: take the inbox in, pulse, tell what changed, rest when nothing is to do."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from common.lanes import LANES
from common.live import flush, notify
from common.models import Workspace
from common.sql import queries
from contacts.intake import take
from flows.engine.book import Book
from flows.engine.codes import Tally
from flows.engine.pulse import DUE, pulse
from flows.rollouts import rollout_step

SQL = queries("flows")
log = logging.getLogger(__name__)

LOOK = timedelta(seconds=1)
"""How often what time has changed for segments is looked at, and triggers by the clock."""
TAKE = 5_000
"""How many messages of the inbox one turn takes."""
RETRIES = 5
DUE_MEANWHILE = 2_000
"""So many due visits a pulse carries while data come in; without, each twice as many as before."""
COUNT_EVERY = 2.0
"""How often, in seconds, the workers that share the lanes are counted."""


class Shares:
    """How many lanes this worker takes at once: all of them, or its part where there are several.

    Workers are counted by the names under which they are connected (`manage.py engine`), so one
    that comes or goes needs nobody to say so.
    """

    def __init__(self) -> None:
        self.first = 0
        """The lane to begin with."""
        self._share = LANES
        self._counted_at = -COUNT_EVERY

    def size(self) -> int:
        """How many lanes to take at most."""
        if time.monotonic() - self._counted_at >= COUNT_EVERY:
            self._counted_at = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(SQL["engines"])
                (engines,) = cursor.fetchone() or (0,)
            self._share = -(-LANES // max(1, engines))
        return self._share


class Engine:
    """One engine worker. It holds no state that could not be read anew.

    Parameters
    ----------
    clock
        Gives the instant of each turn (UTC); a test or a replay passes a virtual one.
    look
        How often what time has changed for segments is looked at, and triggers that go by the
        clock.
    """

    def __init__(self, *, clock: Callable[[], datetime], look: timedelta = LOOK) -> None:
        self.clock = clock
        self.look = look
        self.looked_at: datetime | None = None
        self.book: Book | None = None
        self.transitions = 0
        self.shares = Shares()
        self.due = DUE_MEANWHILE

    def turn(self) -> bool:
        """Take in, move some people, pulse once. Returns whether anything was done.

        A transaction that meets a deadlock with a merge, or loses the database, is done again:
        nothing of it was kept.
        """
        taken = _again(lambda: take(self.clock(), limit=TAKE))
        moved = _again(lambda: rollout_step(now=self.clock()))
        tally, changed = _again(self._pulse)
        for key in changed.values():
            notify(f"flow.{key}", {})
        flush()
        self.transitions += tally.transitions
        return bool(taken) or moved or not tally.idle

    def _pulse(self) -> tuple[Tally, dict[int, str]]:
        now, zone, before = self.clock(), _zone(), self.book
        share = self.shares.size()
        look = self.looked_at is None or now - self.looked_at >= self.look
        try:
            tally, changed, self.book = pulse(
                self.book,
                now=now,
                zone=zone,
                look=look,
                share=share,
                first=self.shares.first,
                due=self.due,
            )
            # A great many waits that are over must not keep waiting what comes in meanwhile.
            self.due = DUE_MEANWHILE if tally.touches else min(DUE, 2 * self.due)
            self.shares.first = (tally.last_lane + 1) % LANES
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a pulse failed; it is done again, and whom it fails for is parked")
            tally, changed, self.book = pulse(
                self.book, now=now, zone=zone, share=share, look=look, careful=True
            )
        if tally.early or self.book is not before:
            self.looked_at = None
        elif look and not tally.more:
            self.looked_at = now
        return tally, changed

    def until_idle(self, *, most: int = 10_000) -> int:
        """Turn until there is nothing to do at this instant; returns the number of turns.

        Raises
        ------
        RuntimeError
            If `most` turns do not bring it to rest.
        """
        for turns in range(most):
            if not self.turn():
                return turns
        raise RuntimeError(f"The engine is still busy after {most} turns.")

    def run(self, stopping: Callable[[], bool], *, rest: float = 0.05) -> None:
        """Turn until asked to stop; rest `rest` seconds when there was nothing to do."""
        seldom_collect()
        while not stopping():
            try:
                busy = self.turn()
            except (OperationalError, InterfaceError) as trouble:
                log.warning("the database is away, trying again: %s", trouble)
                connection.close()
                time.sleep(1)
                continue
            except Exception:
                log.exception("a turn failed, trying again")
                connection.close()
                time.sleep(1)
                continue
            if not busy:
                close_old_connections()
                time.sleep(rest)


def seldom_collect() -> None:
    """Collect garbage seldom: a pulse makes thousands of objects, and none of them in circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _again(work: Callable[[], Any]) -> Any:
    for attempt in range(RETRIES):
        try:
            return work()
        except OperationalError as trouble:
            is_deadlock = getattr(trouble.__cause__, "sqlstate", None) in ("40P01", "40001")
            if not is_deadlock or attempt == RETRIES - 1:
                raise
            log.info("met another transaction, doing it again: %s", trouble)
    return None


def _zone() -> str:
    zone = Workspace.objects.values_list("timezone", flat=True).first()
    return zone or "UTC"
