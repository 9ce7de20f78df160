"""Failed messages, tried again: one, all of a template, all of a flow or of one of its steps.

A message fails where it is delivered: its template cannot be rendered for this contact, or the
server refuses it for good. The visit that wanted it has gone on meanwhile, and the message waits
here, with its error, for a person. A retry puts it back into the outbox under its old key, so that
a message exists at most once per visit and step, however often it is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from accounts.permissions import Actor
from accounts.services import audit
from common.arrays import int_array
from common.errors import NotFound, Refused
from common.sql import queries
from messaging.models import Template
from messaging.tasks import wake_delivery

SQL = queries("messaging", "retrying")

MOST: Final = 20_000
"""So many go back into the outbox at once; whoever has more asks again."""


@dataclass(frozen=True, slots=True)
class Retried:
    """How many were put back, how many called off as their contacts had left; may be there more."""

    queued: int
    cancelled: int
    more: bool


@transaction.atomic
def messages_retry(
    *,
    ids: Sequence[int] | None = None,
    template: str | None = None,
    flow: str | None = None,
    node: str | None = None,
    using: str | None = None,
    actor: Actor,
    now: datetime,
) -> Retried:
    """Put failed messages back into the outbox: those for which all that is given holds.

    Parameters
    ----------
    template
        Made from this template, by its key.
    using
        The key of the template to make them from now, if that of then is no more.

    Raises
    ------
    Refused
        If nothing says which: that must never mean all.
    NotFound
        If there is no such template.
    """
    if ids is None and template is None and flow is None:
        raise Refused("Say which messages: a template or a flow.", code="required", attr="template")
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["messages_again"],
            {
                "ids": None if ids is None else int_array(ids),
                "template": _id_of(template, "template"),
                "flow": flow,
                "node": node,
                "using": _id_of(using, "using"),
                "limit": MOST,
                "now": now,
            },
        )
        statuses = [row[0] for row in cursor.fetchall()]
    queued = statuses.count("queued")
    if queued:
        wake_delivery()
    said = {"template": template, "flow": flow, "node": node, "n": len(statuses)}
    detail = {name: value for name, value in said.items() if value is not None}
    about = f"template:{template}" if template else f"flow:{flow}" if flow else "messages"
    audit(actor, "message.retried", about, detail, now=now)
    return Retried(queued, len(statuses) - queued, len(statuses) == MOST)


def _id_of(key: str | None, attr: str) -> int | None:
    if key is None:
        return None
    found = Template.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no template “{key}”.", attr=attr)
    return found
