"""Sources, topics, and the messages that were set aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.keys import key_make
from common.errors import Conflict, Refused
from contacts.intake.inbox import append, storable
from contacts.models import Field, RejectedMessage, Source, Topic


def source_create(name: str, *, now: datetime) -> tuple[Source, str]:
    """Create a source and return it with its write key, which is shown this once.

    Raises
    ------
    Refused
        If the name is empty.
    """
    name = name.strip()
    if not name:
        raise Refused("A source needs a name.", attr="name")
    key = key_make()
    base = _slug(name) or "source"
    with transaction.atomic():
        taken = {*Source.objects.filter(key__startswith=base).values_list("key", flat=True)}
        slug = next(s for s in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if s not in taken)
        source = Source.objects.create(
            key=slug, name=name, prefix=key.prefix, digest=key.digest, created_at=now
        )
    return source, key.plain


def source_delete(source: Source) -> None:
    """Remove a source: its write key is refused from now on, what it sent stays."""
    source.delete()


@transaction.atomic
def rejected_retry(rejected: Iterable[RejectedMessage]) -> int:
    """Put messages that were set aside back into the inbox; return how many."""
    rows = list(rejected)
    sources = {*Source.objects.values_list("id", flat=True)}
    for row in rows:
        # A source that has been removed since must not keep its messages from being taken in.
        known = row.source_id if row.source_id in sources else None
        append(known, f"[{storable(row.payload)}]", size=1, kind="retry", now=row.received_at)
    RejectedMessage.objects.filter(id__in=[row.id for row in rows]).delete()
    return len(rows)


def topic_create(*, key: str, name: str, opt_in: bool) -> Topic:
    """Create a topic.

    Raises
    ------
    Conflict
        If there is one of this key.
    """
    try:
        with transaction.atomic():
            return Topic.objects.create(key=key, name=name, opt_in=opt_in)
    except IntegrityError:
        raise Conflict("There is a topic of this key already.", attr="key") from None


def field_create(*, key: str, kind: str, now: datetime) -> bool:
    """Make a field known before its first value comes; say whether it was not known.

    A field that is known stays as it is, whatever its type.
    """
    said = {"name": key, "type": kind, "builtin": False, "created_at": now}
    return Field.objects.get_or_create(key=key, defaults=said)[1]


def _slug(name: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60]
