"""Takes the inbox in: messages become contacts, fields, events and touches, in sets of thousands.

One taker at a time (an advisory lock of its transaction), in order of arrival, in one transaction:
if it dies anywhere, nothing has happened. A message that can't be taken in is set aside with the
reason, so it never holds up the others: a set that fails is cut in halves down to that message.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)

from contacts.intake.applying import set_apply
from contacts.intake.gathering import SetMovedOn
from contacts.intake.inbox import RejectedRow, set_aside
from contacts.intake.parsing import MessageRefused, Parsed, parse
from contacts.store import SQL

log = logging.getLogger(__name__)

TAKER_LOCK: Final = 0x1A7A_4E01
"""The advisory lock that lets one worker at a time take the inbox."""

TRIES: Final = 5
"""So often a set is taken anew that met a deadlock or a contact changed by another door."""


class _TakeAgain(Exception):
    """The transaction met what goes by when it is tried anew."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it lay in the inbox."""

    payload: Any
    received_at: datetime
    source_id: int | None


def take(now: datetime, limit: int = 5000) -> int:
    """Take in the oldest messages of the inbox.

    Parameters
    ----------
    now
        The instant of the touches that come of it.
    limit
        About how many messages at most; a batch is taken whole.

    Returns
    -------
    int
        How many messages left the inbox; 0 if it is empty or another worker is at it.
    """
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _take(now, limit, last_try=attempt == TRIES - 1)
        except _TakeAgain as again:
            log.info("the inbox is taken anew: %s", again.__cause__)
    return 0


def _take(now: datetime, limit: int, *, last_try: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TAKER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(SQL["inbox_sizes"], {"limit": limit})
        ids: list[int] = []
        total = 0
        for inbox_id, size in cursor.fetchall():
            if ids and total + size > limit:
                break
            ids.append(inbox_id)
            total += size
        if not ids:
            return 0
        cursor.execute(SQL["inbox_read"], {"ids": ids})
        messages = [
            Received(payload, received_at, source_id)
            for _, received_at, source_id, batch in cursor.fetchall()
            for payload in _loaded(batch)
        ]
        cursor.execute(SQL["inbox_remove"], {"ids": ids})
    parsed, rejected = _parsed(messages)
    rejected += _apply(parsed, now=now, last_try=last_try)
    set_aside(rejected)
    return total


def _loaded(batch: Any) -> list[Any]:
    """Django's connections hand jsonb over as text."""
    payload = json.loads(batch) if isinstance(batch, str) else batch
    return payload if isinstance(payload, list) else [payload]


def _parsed(
    messages: Sequence[Received],
) -> tuple[list[tuple[Received, Parsed]], list[RejectedRow]]:
    parsed: list[tuple[Received, Parsed]] = []
    rejected: list[RejectedRow] = []
    for message in messages:
        try:
            read = parse(
                message.payload, received_at=message.received_at, source_id=message.source_id
            )
        except MessageRefused as refusal:
            rejected.append(_rejected(message, refusal.code, refusal.reason))
        else:
            parsed.append((message, read))
    return parsed, rejected


def _apply(
    messages: Sequence[tuple[Received, Parsed]], *, now: datetime, last_try: bool
) -> list[RejectedRow]:
    """Apply messages in order; cut in halves what fails, and return what had to be set aside."""
    if not messages:
        return []
    try:
        with transaction.atomic():
            left_out = set_apply([parsed for _, parsed in messages], now=now)
    except Exception as error:
        if _goes_by(error, last_try=last_try):
            raise _TakeAgain from error
        if _is_no_message_fault(error):
            raise
        if len(messages) == 1:
            log.warning("a message was set aside", exc_info=error)
            return [_rejected(messages[0][0], "failed", _reason(error))]
        middle = len(messages) // 2
        return [
            *_apply(messages[:middle], now=now, last_try=last_try),
            *_apply(messages[middle:], now=now, last_try=last_try),
        ]
    return left_out


def _goes_by(error: BaseException, *, last_try: bool) -> bool:
    """Whether trying the whole anew will do: a deadlock, or somebody else was quicker."""
    if isinstance(error, SetMovedOn):
        return True
    if isinstance(error, IntegrityError):
        return not last_try
    cause = error.__cause__
    return isinstance(cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure)


def _is_no_message_fault(error: BaseException) -> bool:
    """Whether the database or the machine is at fault, so that no message must suffer for it."""
    if isinstance(error, MemoryError | InterfaceError):
        return True
    return isinstance(error, OperationalError) and not isinstance(
        error.__cause__, psycopg.errors.ProgramLimitExceeded
    )


def _reason(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    sentence = said[0] if said else type(error).__name__
    kind = "The database refused it" if isinstance(error, DatabaseError) else "It failed"
    return f"{kind}: {sentence[:300]}"


def _rejected(message: Received, code: str, reason: str) -> RejectedRow:
    return RejectedRow(message.received_at, message.source_id, message.payload, code, reason)
