"""Delivery: takes due messages in chunks, renders, checks once more, sends, marks each.

Every step is one short transaction of its own, and none is open while anything is sent. A worker
may die on any line: what it held is taken back by the sweep, and at worst a mail that had gone out
goes out again, under the same Message-ID.
"""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from common.models import Workspace
from contacts.services import NewEvent, events_record
from messaging.contexts import context_of
from messaging.holding import flows_held
from messaging.models import Message, Template
from messaging.rendering import Rendered, RenderingError, render
from messaging.selectors import contacts_as_said, parts_of, workspace_said
from messaging.statements import SQL
from messaging.terms import WAITS, Terms
from messaging.transports import Mail, Result, Transport
from messaging.unsubscribing import unsubscribe_url

MAX_ATTEMPTS = 12
"""Tries of one message; with the pauses below these are spread over about two days."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
CLAIM_LASTS = timedelta(minutes=15)
"""How long a worker may hold messages before it is taken for dead: longer than any chunk takes."""


@dataclass(frozen=True, slots=True)
class _Settled:
    message_id: int
    status: str
    error: str = ""
    due_at: datetime | None = None
    attempts: int | None = None
    rendered: Rendered | None = None


def deliver_due(
    *, clock: Callable[[], datetime], transport: Transport, chunks: int | None = None
) -> bool:
    """Deliver what is due, chunk after chunk.

    Parameters
    ----------
    clock
        Asked once per chunk.
    chunks
        Stop after so many; None: when nothing is due any more.

    Returns
    -------
    bool
        Whether there may be more to do at once.
    """
    done = 0
    while chunks is None or done < chunks:
        taken, is_reachable = _deliver_chunk(clock=clock, transport=transport)
        if taken < transport.chunk or not is_reachable:
            return False
        done += 1
    return True


def messages_recover(*, now: datetime) -> bool:
    """Take back what workers claimed and never settled; returns whether any message is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["messages_recover"],
            {
                "before": now - CLAIM_LASTS,
                "max_attempts": MAX_ATTEMPTS,
                "given_up": "Given up: the worker died each time this was sent.",
            },
        )
        cursor.execute(SQL["messages_due"], {"now": now})
        [is_due] = cursor.fetchone()
    return bool(is_due)


def _deliver_chunk(*, clock: Callable[[], datetime], transport: Transport) -> tuple[int, bool]:
    """Deliver one chunk; returns how many were taken, and whether the server could be reached."""
    claim = uuid.uuid4()
    now = clock()
    claimed = _claim(claim, now=now, limit=transport.chunk)
    if not claimed:
        return 0, True
    workspace = Workspace.objects.get()
    contacts = contacts_as_said(row["contact_id"] for row in claimed)
    taken = _keep_quiet(claim, claimed, contacts, zone=workspace.timezone, now=now)
    rendered, settled = _render(taken, contacts, workspace=workspace, now=now)
    begun = _begin(claim, [row for row in taken if row["id"] in rendered], now=now)
    results: list[Result] = []
    if begun:
        mails = _mails(taken, rendered, begun)
        results = list(transport.send(mails))
        now = clock()
        settled += [
            _judged(mail, result, rendered[mail.message_id], begun[mail.message_id][1], now=now)
            for mail, result in zip(mails, results, strict=True)
        ]
    _settle(claim, settled, about=_about(taken), now=now)
    return len(claimed), all(result.outcome != "untried" for result in results)


def _claim(claim: uuid.UUID, *, now: datetime, limit: int) -> Sequence[Mapping[str, Any]]:
    with connection.cursor() as cursor:
        params: dict[str, Any] = {"claim": claim, "now": now, "limit": limit, "held": flows_held()}
        cursor.execute(SQL["messages_claim"], params)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["terms"] = row["terms"] and Terms.of(json.loads(row["terms"]))
    return rows


def _keep_quiet(
    claim: uuid.UUID,
    claimed: Sequence[Mapping[str, Any]],
    contacts: Mapping[int, Mapping[str, Any]],
    *,
    zone: str,
    now: datetime,
) -> list[Mapping[str, Any]]:
    """Put back what has come into quiet hours meanwhile, until these end; returns the others."""
    untils: dict[int, datetime] = {}
    for row in claimed:
        quiet = row["terms"].quiet if row["terms"] else None
        own = contacts.get(row["contact_id"], {}).get("timezone")
        until = quiet and quiet.until_for(now, own, workspace_zone=zone)
        if until:
            untils[row["id"]] = until
    if untils:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["messages_wait"],
                {
                    "claim": claim,
                    "ids": list(untils),
                    "untils": list(untils.values()),
                    "waits": WAITS,
                },
            )
    return [row for row in claimed if row["id"] not in untils]


def _render(
    taken: Sequence[Mapping[str, Any]],
    contacts: Mapping[int, Mapping[str, Any]],
    *,
    workspace: Workspace,
    now: datetime,
) -> tuple[dict[int, Rendered], list[_Settled]]:
    """Render each message; a template that fails for one contact fails that message alone."""
    said = workspace_said(workspace)
    templates = Template.objects.in_bulk({row["template_id"] for row in taken} - {None})
    rendered: dict[int, Rendered] = {}
    failed: list[_Settled] = []
    for row in taken:
        if row["purpose"] == Message.Purpose.NOTICE:
            rendered[row["id"]] = Rendered(row["subject"], "", row["body_text"])
            continue
        template = templates.get(row["template_id"])
        contact = contacts.get(row["contact_id"])
        if template is None or contact is None:
            lost = "template" if template is None else "contact"
            failed.append(_Settled(row["id"], "failed", f"The {lost} no longer exists."))
            continue
        parts = parts_of(template, subject=row["subject_override"])
        try:
            rendered[row["id"]] = render(
                parts,
                context_of(
                    contact=contact,
                    trigger=json.loads(row["trigger"]),
                    workspace=said,
                    unsubscribe_url=unsubscribe_url(row["id"]),
                    now=now,
                ),
            )
        except RenderingError as failure:
            place = f"{failure.fault.part}: {failure}"
            failed.append(_Settled(row["id"], "failed", place))
        except Exception as trouble:  # noqa: BLE001 - kept with the message; the others go on
            words = f"{type(trouble).__name__}: {trouble}"[:500].replace("\0", "")
            failed.append(_Settled(row["id"], "failed", words))
    return rendered, failed


def _begin(
    claim: uuid.UUID, rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> dict[int, tuple[str, int]]:
    """Check each once more; returns the address and the number of tries of those to be sent."""
    if not rows:
        return {}
    limits = {row["id"]: row["terms"].limit for row in rows if row["terms"] and row["terms"].limit}
    begun: dict[int, tuple[str, int]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        if limits:
            cursor.execute(SQL["contacts_of_limited"], {"claim": claim, "ids": list(limits)})
        held = flows_held()
        for ids in _one_after_another(rows, limits):
            cursor.execute(
                SQL["messages_begin"],
                {
                    "claim": claim,
                    "ids": ids,
                    "now": now,
                    "limited": list(limits),
                    "mosts": [limit.count for limit in limits.values()],
                    "sinces": [now - limit.per for limit in limits.values()],
                    "reasons": [limit.reason() for limit in limits.values()],
                    "held": held,
                },
            )
            begun |= {
                message_id: (to, attempts)
                for message_id, status, to, attempts in cursor.fetchall()
                if status == "sending"
            }
    return begun


def _one_after_another(
    rows: Sequence[Mapping[str, Any]], limited: Collection[int]
) -> list[list[int]]:
    """The k-th messages of all contacts: what goes of the earlier ones counts for the limit."""
    counting = {row["contact_id"] for row in rows if row["id"] in limited}
    sets: list[list[int]] = [[]]
    seen: Counter[int] = Counter()
    for row in sorted(rows, key=lambda row: row["id"]):
        place = seen[row["contact_id"]]
        if row["contact_id"] in counting:
            seen[row["contact_id"]] += 1
        if place == len(sets):
            sets.append([])
        sets[place].append(row["id"])
    return sets


def _mails(
    taken: Sequence[Mapping[str, Any]],
    rendered: Mapping[int, Rendered],
    begun: Mapping[int, tuple[str, int]],
) -> list[Mail]:
    sender = Workspace.objects.get().from_email or settings.DEFAULT_FROM_EMAIL
    return [
        Mail(
            message_id=row["id"],
            to=begun[row["id"]][0],
            from_email=row["from_email"] or sender,
            subject=rendered[row["id"]].subject,
            html=rendered[row["id"]].html,
            text=rendered[row["id"]].text,
            key=row["idempotency_key"],
            unsubscribe_url=""
            if row["purpose"] == Message.Purpose.NOTICE
            else unsubscribe_url(row["id"]),
        )
        for row in taken
        if row["id"] in begun
    ]


def _judged(
    mail: Mail, result: Result, rendered: Rendered, attempts: int, *, now: datetime
) -> _Settled:
    match result.outcome:
        case "sent":
            return _Settled(mail.message_id, "sent", "", None, attempts, rendered)
        case "refused":
            return _Settled(mail.message_id, "failed", result.error, None, attempts, rendered)
        case "untried":
            return _Settled(
                mail.message_id, "queued", result.error, now + FIRST_PAUSE, attempts - 1
            )
        case "later":
            if attempts >= MAX_ATTEMPTS:
                error = f"Given up after {attempts} tries: {result.error}"
                return _Settled(mail.message_id, "failed", error, None, attempts, rendered)
            pause = min(FIRST_PAUSE * 2 ** (attempts - 1) * 2, LONGEST_PAUSE)
            return _Settled(mail.message_id, "queued", result.error, now + pause, attempts)


def _settle(
    claim: uuid.UUID,
    settled: Sequence[_Settled],
    *,
    about: Mapping[int, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Mark each message, and record at the contacts what was sent, as one commit."""
    if not settled:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SQL["messages_hold"], {"claim": claim})
            cursor.execute(
                SQL["messages_settle"],
                {
                    "claim": claim,
                    "now": now,
                    "ids": [one.message_id for one in settled],
                    "statuses": [one.status for one in settled],
                    "errors": [one.error for one in settled],
                    "due_ats": [one.due_at or now for one in settled],
                    "attempts": [one.attempts for one in settled],
                    "subjects": [one.rendered and one.rendered.subject for one in settled],
                    "htmls": [one.rendered and one.rendered.html for one in settled],
                    "texts": [one.rendered and one.rendered.text for one in settled],
                },
            )
            marked = cursor.fetchall()
        sent = [
            NewEvent(
                lane=lane,
                contact_id=contact_id,
                name="Email Sent",
                at=now,
                properties=about[message_id],
                touch=True,
            )
            for message_id, lane, contact_id, status in marked
            if status == "sent" and message_id in about
        ]
        if sent:
            events_record(sent, now=now)


def _about(taken: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """What the event `Email Sent` says about each message; a sales rep's mail is no such event."""
    templates = Template.objects.in_bulk({row["template_id"] for row in taken} - {None})
    return {
        row["id"]: {
            "message": str(row["id"]),
            "template": templates[row["template_id"]].key
            if row["template_id"] in templates
            else None,
            "flow": row["flow"],
            "node": row["node"],
        }
        for row in taken
        if row["purpose"] == Message.Purpose.MARKETING
    }
