"""The inbox: accepted batches, durable before anybody is told so, in order of arrival."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from common.errors import MillraceError
from common.safejson import MAX_DEPTH, find_unsafe
from contacts.models import Source
from contacts.store import SQL


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A message to be set aside."""

    received_at: datetime
    source_id: int | None
    payload: Any
    code: str
    reason: str


class SourceGone(MillraceError):
    """The source that a batch came from has been removed, and its write key with it."""

    status = 401
    default_code = "invalid_write_key"


def accept(
    source: Source | int | None,
    messages: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    kind: str = "batch",
) -> None:
    """Make messages durable; they will be taken in in this order.

    Parameters
    ----------
    source
        Where they came from, if from a source.
    messages
        Messages of the Segment spec, each with its `type`. They are not looked into here.
    now
        When they were received: no message is later than that.
    kind
        By what call they came, for whoever looks into the inbox.

    Raises
    ------
    SourceGone
        If the source has been removed.
    ValueError
        If a message holds what PostgreSQL can't (a door sets such a message aside instead).
    """
    if not messages:
        return
    payload = list(messages)
    fault = find_unsafe(payload, max_depth=100)
    if fault is not None:
        raise ValueError(f"A message can't be stored: {fault}.")
    append(
        source.id if isinstance(source, Source) else source,
        json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        size=len(payload),
        kind=kind,
        now=now,
    )


def append(source_id: int | None, payload: str, *, size: int, kind: str, now: datetime) -> None:
    """Append messages that are already written as a JSON array of `size`.

    Raises
    ------
    SourceGone
        If the source has been removed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["inbox_append"],
            {
                "received_at": now,
                "source_id": source_id,
                "kind": kind,
                "size": size,
                "payload": payload,
            },
        )
        if cursor.fetchone() is None:
            raise SourceGone("The source has been removed.")


def set_aside(rejected: Sequence[RejectedRow]) -> None:
    """Keep messages that can't be taken in where a person sees them."""
    if not rejected:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["set_aside"],
            {
                "received": [row.received_at for row in rejected],
                "sources": [row.source_id for row in rejected],
                "payloads": [storable(row.payload) for row in rejected],
                "codes": [row.code for row in rejected],
                "reasons": [row.reason for row in rejected],
            },
        )


def watermark(now: datetime) -> datetime:
    """Return the instant up to which everything accepted has been taken in; `now` if all has."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["inbox_oldest"])
        (oldest,) = cursor.fetchone()
    return now if oldest is None else min(oldest, now)


def storable(payload: Any) -> str:
    """Write a message as JSON that PostgreSQL can hold, whatever is in it."""
    return json.dumps(_cleaned(payload), ensure_ascii=False)


def _cleaned(value: Any, depth: int = 0) -> Any:
    """Put marks in place of what `find_unsafe` finds."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, depth + 1) for item in value]
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if find_unsafe(value) is not None:
        return str(value)
    return value
