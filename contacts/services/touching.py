"""Touches written for what rooms downstream know: the engine looks again at these contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from common.arrays import int_array, json_array, text_array
from common.sql import queries

SQL = queries("contacts", "touching")


@dataclass(frozen=True, slots=True)
class NewTouch:
    """Something about a contact that the engine is to look at."""

    lane: int
    contact_id: int
    kind: str
    name: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def touches_write(touches: Sequence[NewTouch], *, now: datetime) -> None:
    """Put touches into the engine's queue, in the order given; contacts that are gone are left out.

    One statement, within the caller's transaction.
    """
    if not touches:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["write_touches"],
            {
                "lanes": int_array(touch.lane for touch in touches),
                "contacts": int_array(touch.contact_id for touch in touches),
                "kinds": text_array(touch.kind for touch in touches),
                "names": text_array(touch.name for touch in touches),
                "details": json_array(dict(touch.detail) for touch in touches),
                "now": now,
            },
        )
