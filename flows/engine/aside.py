"""Setting aside: what cannot be processed leaves the engine's way, and everything else goes on.

Visits that fail are parked by `carry` and `reactions`. What fails before there is a visit to blame
(points, segments, the gate, an ending) is a touch's fault, or a whole stage's. In a careful pulse a
set of touches that fails is undone and halved until the touches at fault stand alone; these go to
the table `set_aside`, with the error, where a person sees and retries them. A stage of time that
fails (windows, goals, dates) is undone and left out, and named there as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from common.arrays import instant_array, int_array, json_array, text_array
from common.sql import queries
from flows.engine.codes import Taken
from flows.engine.ledger import Ledger

SQL = queries("flows", "failures")
log = logging.getLogger(__name__)

PATIENCE = 100
"""So many touches of one pulse are set aside one by one; what fails after them goes in sets."""


class Aside:
    """What a careful pulse sets aside.

    Parameters
    ----------
    ledger
        Keeps the pulse's counts, which are undone with what fails.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.patience = PATIENCE

    def work(self, touches: Sequence[Taken], do: Callable[[Sequence[Taken]], None]) -> None:
        """Do it to these touches; those for which it fails are set aside."""
        trouble = self._failing(lambda: do(touches))
        if trouble is None:
            return
        if len(touches) == 1 or not self.patience:
            self.patience = max(0, self.patience - 1)
            _put_aside(touches, trouble, now=self.ledger.now)
            return
        half = len(touches) // 2
        self.work(touches[:half], do)
        self.work(touches[half:], do)

    def stage(self, do: Callable[[], Any], name: str) -> None:
        """Do a stage of the pulse, or leave it out if it fails."""
        trouble = self._failing(do)
        if trouble is None:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["put_stage_aside"],
                {
                    "lane": self.ledger.lanes[0],
                    "stage": name,
                    "error": trouble,
                    "now": self.ledger.now,
                },
            )

    def _failing(self, do: Callable[[], Any]) -> str | None:
        """Do something in a savepoint; returns why it failed, and nothing of it is left then."""
        counts, changed = self.ledger.counts.copy(), dict(self.ledger.changed)
        try:
            with transaction.atomic():
                do()
        except (OperationalError, InterfaceError):
            raise  # the database is at fault, and nothing that was touched
        except Exception as trouble:
            log.warning("set aside what fails", exc_info=True)
            self.ledger.counts, self.ledger.changed = counts, changed
            return _storable(f"{type(trouble).__name__}: {trouble}")
        return None


def _put_aside(touches: Sequence[Taken], error: str, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["put_aside"],
            {
                "touch_lanes": int_array(touch.lane for touch in touches),
                "contacts": int_array(touch.contact_id for touch in touches),
                "kinds": text_array(touch.kind for touch in touches),
                "names": text_array(touch.name for touch in touches),
                "events": [touch.event_id for touch in touches],
                "details": json_array(touch.detail for touch in touches),
                "ats": instant_array(touch.touched_at for touch in touches),
                "error": error,
                "now": now,
            },
        )


def _storable(error: str) -> str:
    return error[:2000].replace("\0", "").encode("utf-8", "replace").decode()


def aside_retry(ids: Sequence[int] | None) -> int:
    """Put what was set aside into the engine's queue again: these, or (None) all."""
    with connection.cursor() as cursor:
        params = {"ids": None if ids is None else int_array(ids)}
        cursor.execute(SQL["take_back"], params)
        return int(cursor.rowcount)
