"""Mails to sales reps about their contacts: rows of the outbox that no choice or limit concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from common.arrays import int_array, text_array
from common.clock import canonical
from common.sql import queries
from messaging.keys import key_made
from messaging.tasks import wake_delivery

SQL = queries("messaging", "notices")

MAX_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A mail to the sales rep of a contact; `text` as it will be read."""

    lane: int
    contact_id: int
    flow: str
    visit_id: int
    step: int
    node: str
    text: str


def notices_queue(notices: Sequence[NewNotice], *, now: datetime) -> None:
    """Put mails to sales reps into the outbox by one statement: queued, or withheld with why.

    The rep is the contact's `owner`: an e-mail address, or the name of somebody who signs in here.
    """
    if not notices:
        return
    instant = canonical(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            SQL["notices_insert"],
            {
                "now": now,
                "lanes": int_array(notice.lane for notice in notices),
                "contact_ids": int_array(notice.contact_id for notice in notices),
                "flows": text_array(notice.flow for notice in notices),
                "visit_ids": int_array(notice.visit_id for notice in notices),
                "steps": int_array(notice.step for notice in notices),
                "nodes": text_array(notice.node for notice in notices),
                "subjects": text_array(_subject(notice.text) for notice in notices),
                "texts": text_array(_body(notice) for notice in notices),
                "keys": text_array(
                    key_made(notice.contact_id, notice.visit_id, notice.step, instant)
                    for notice in notices
                ),
            },
        )
        [queued] = cursor.fetchone()
        if queued:
            wake_delivery()


def _subject(text: str) -> str:
    first = " ".join(text.strip().partition("\n")[0].split())
    return first if len(first) <= MAX_SUBJECT else f"{first[: MAX_SUBJECT - 1]}…"


def _body(notice: NewNotice) -> str:
    page = f"{settings.PUBLIC_URL}/contacts/{notice.contact_id}"
    return f"{notice.text.strip()}\n\n{page}\n".replace("\0", "")
