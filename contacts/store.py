"""Rows of contacts between PostgreSQL and memory, in sets. Used by intake and the services.

Every function takes an open cursor and runs in the caller's transaction, in a fixed number of
statements however many contacts there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from common.lanes import lane_of
from common.sql import queries
from contacts.models import BUILTIN_FIELDS
from contacts.state import COLUMNS, TEXT_COLUMNS, ContactState
from contacts.values import (
    KEPT_BY_PRODUCT,
    MAX_KEY,
    NEVER_MISSING,
    DoesNotFit,
    fit,
    is_missing,
    type_of,
)

SQL: Final = queries("contacts")
MOST_FIELDS: Final = 2_000
"""So many custom fields a workspace may have; a program that makes up names can't make more."""
MOST_TOPICS: Final = 500

_ROW: Final = (
    *TEXT_COLUMNS,
    "created_at",
    "last_seen_at",
    "score",
    "unsubscribed_at",
    "complained_at",
    "hard_bounced_at",
    "soft_bounces",
)
assert set(_ROW) == set(COLUMNS)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event to be inserted."""

    contact_id: int
    name: str
    at: datetime
    properties: Mapping[str, Any]
    received_at: datetime
    touch: bool = False
    message_id: str | None = None
    source_id: int | None = None


IMPORTED = "imported"
"""The name of the touch `new` of a contact that an import has created: it stands for all fields."""


@dataclass(frozen=True, slots=True)
class TouchRow:
    """A touch to be inserted."""

    contact_id: int
    kind: str
    name: str = ""
    event_id: int | None = None


@dataclass(slots=True)
class FieldBook:
    """The registry of fields as one set of changes knows it, with the warnings that came up."""

    types: dict[str, str]
    warnings: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def warn(self, key: str, reason: str, *, times: int = 1) -> None:
        """Count values of this field that were left out."""
        self.warnings[key] += times
        self.reasons[key] = reason

    def change(self, state: ContactState, key: str, value: Any, at: str) -> str | None:
        """Set or erase a field of a contact; return why not, if the value is left out."""
        reason = self._refusal(key, value)
        if reason is None and is_missing(value):
            state.erase(key)
        elif reason is None:
            try:
                state.assign(key, fit(value, self.types[key]), at)
            except DoesNotFit as error:
                reason = str(error)
        if reason is not None and key in self.types:
            self.warn(key, reason)
        return reason

    def _refusal(self, key: str, value: Any) -> str | None:
        if key in KEPT_BY_PRODUCT:
            return f"{key} is kept by the product and can't be set"
        if is_missing(value):
            return f"{key} can't be erased" if key in NEVER_MISSING else None
        if key not in self.types:
            return refusal_of_key(key) or "no field can hold this value"
        return None


def refusal_of_key(key: str) -> str | None:
    """Say why there can be no field of this key, or None."""
    if not key.strip():
        return "a field needs a key"
    if len(key) > MAX_KEY:
        return f"a field's key is at most {MAX_KEY} characters long"
    return None


def field_book(
    cursor: CursorWrapper, values: Iterable[tuple[str, Any]], *, now: datetime
) -> FieldBook:
    """Read the registry of fields, registering first those that these values make known."""
    types = _field_types(cursor)
    fresh: dict[str, str] = {}
    for key, value in values:
        if key not in types and key not in fresh and not is_missing(value):
            found = type_of(value)
            if found is not None and refusal_of_key(key) is None:
                fresh[key] = found
    room = MOST_FIELDS + len(BUILTIN_FIELDS) - len(types)
    keys = list(fresh)[: max(room, 0)]
    if keys:
        cursor.execute(
            SQL["register_fields"],
            {
                "keys": keys,
                "names": [field_name(key) for key in keys],
                "types": [fresh[key] for key in keys],
                "now": now,
            },
        )
        types = _field_types(cursor)
    return FieldBook(types)


def field_name(key: str) -> str:
    """Make a name to show out of a field's key.

    Examples
    --------
    >>> field_name("company.plan_name"), field_name("trialEndsAt")
    ('Company plan name', 'Trial ends at')
    """
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in key)
    words = spaced.replace("_", " ").replace(".", " ").replace("-", " ").split()
    joined = " ".join(words) or key
    return joined[0].upper() + joined[1:]


def _field_types(cursor: CursorWrapper) -> dict[str, str]:
    cursor.execute("SELECT key, type FROM field")
    return dict(cursor.fetchall())


def fields_warn(cursor: CursorWrapper, book: FieldBook) -> None:
    """Write the warnings that came up, in the order of keys, so that two writers don't die."""
    if not book.warnings:
        return
    keys = sorted(book.warnings)
    cursor.execute(
        SQL["warn_fields"],
        {
            "keys": keys,
            "counts": [book.warnings[key] for key in keys],
            "reasons": [book.reasons[key] for key in keys],
        },
    )


def lock_lanes(cursor: CursorWrapper, contact_ids: Iterable[int]) -> None:
    """Keep everybody else out of these contacts' lanes until the transaction ends."""
    lanes = sorted({lane_of(contact_id) for contact_id in contact_ids})
    if lanes:
        cursor.execute(SQL["lock_lanes"], {"lanes": lanes})


def lock_contacts(cursor: CursorWrapper, contact_ids: Iterable[int]) -> dict[int, ContactState]:
    """Lock and read contacts; those that do not exist are left out."""
    ids = sorted(set(contact_ids))
    if not ids:
        return {}
    cursor.execute(
        SQL["lock_contacts"], {"ids": ids, "lanes": [lane_of(contact_id) for contact_id in ids]}
    )
    return {
        row[0]: ContactState(
            row[0],
            dict(zip(_ROW, row[1:-2], strict=True)),
            _json(row[-2]),
            _json(row[-1]),
        )
        for row in cursor.fetchall()
    }


def owners_of(
    cursor: CursorWrapper, identities: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return to which contacts identities lead."""
    keys = sorted(set(identities))
    if not keys:
        return {}
    cursor.execute(
        SQL["identities_owners"],
        {"kinds": [kind for kind, _ in keys], "values": [value for _, value in keys]},
    )
    return {(kind, value): contact_id for kind, value, contact_id in cursor.fetchall()}


def identities_write(
    cursor: CursorWrapper, query: str, identities: Iterable[tuple[tuple[str, str], int]]
) -> None:
    """Run an identity query (`claim_…`, `release_…`) for identities and their contacts."""
    rows = sorted(identities)
    if not rows:
        return
    cursor.execute(
        SQL[query],
        {
            "kinds": [kind for (kind, _), _ in rows],
            "values": [value for (_, value), _ in rows],
            "lanes": [lane_of(contact_id) for _, contact_id in rows],
            "ids": [contact_id for _, contact_id in rows],
        },
    )


def contact_ids(cursor: CursorWrapper, n: int) -> list[int]:
    """Return ids for `n` new contacts."""
    if not n:
        return []
    cursor.execute(SQL["contact_ids"], {"n": n})
    return [row[0] for row in cursor.fetchall()]


def contacts_insert(cursor: CursorWrapper, states: Iterable[ContactState]) -> None:
    """Insert new contacts."""
    with cursor.copy(SQL["insert_contacts"]) as copy:
        for state in states:
            copy.write_row(
                (
                    state.id,
                    lane_of(state.id),
                    *(state.row[name] for name in _ROW),
                    json.dumps(state.fields),
                    json.dumps(state.field_times),
                )
            )


def contacts_update(cursor: CursorWrapper, states: Sequence[ContactState]) -> None:
    """Write back contacts that `lock_contacts` has locked and that have changed."""
    seen_alone = [state for state in states if state.touched.keys() == {("field", "last_seen_at")}]
    others = [state for state in states if state.touched.keys() != {("field", "last_seen_at")}]
    if seen_alone:
        cursor.execute(
            SQL["see_contacts"],
            {
                "id": [state.id for state in seen_alone],
                "lane": [lane_of(state.id) for state in seen_alone],
                "last_seen_at": [state.row["last_seen_at"] for state in seen_alone],
            },
        )
    if others:
        columns: dict[str, list[Any]] = {
            name: [state.row[name] for state in others] for name in _ROW
        }
        cursor.execute(
            SQL["update_contacts"],
            {
                **columns,
                "id": [state.id for state in others],
                "lane": [lane_of(state.id) for state in others],
                "fields": [json.dumps(state.fields) for state in others],
                "field_times": [json.dumps(state.field_times) for state in others],
            },
        )


def events_insert(cursor: CursorWrapper, events: Sequence[EventRow]) -> list[int]:
    """Insert events and return their ids, which ascend in the order given."""
    if not events:
        return []
    cursor.execute(SQL["event_ids"], {"n": len(events)})
    ids = sorted(row[0] for row in cursor.fetchall())
    with cursor.copy(SQL["insert_events"]) as copy:
        for event_id, event in zip(ids, events, strict=True):
            copy.write_row(
                (
                    event_id,
                    lane_of(event.contact_id),
                    event.contact_id,
                    event.name,
                    event.at,
                    json.dumps(event.properties),
                    event.touch,
                    event.message_id,
                    event.received_at,
                    event.source_id,
                )
            )
    return ids


def touches_insert(cursor: CursorWrapper, touches: Iterable[TouchRow], *, now: datetime) -> None:
    """Insert touches in the order given; the same one twice is written once."""
    with cursor.copy(SQL["insert_touches"]) as copy:
        for touch in dict.fromkeys(touches):
            copy.write_row(
                (
                    lane_of(touch.contact_id),
                    touch.contact_id,
                    touch.kind,
                    touch.name,
                    touch.event_id,
                    now,
                )
            )


def consents_write(
    cursor: CursorWrapper, consents: Mapping[tuple[int, str], tuple[str, datetime]]
) -> list[TouchRow]:
    """Write choices, {(contact, topic): (state, instant)}; return touches for what changed."""
    if not consents:
        return []
    keys = sorted(consents)
    topics = sorted({topic for _, topic in keys})
    cursor.execute(SQL["register_topics"], {"keys": topics, "most": MOST_TOPICS})
    cursor.execute(
        SQL["set_consents"],
        {
            "lanes": [lane_of(contact_id) for contact_id, _ in keys],
            "ids": [contact_id for contact_id, _ in keys],
            "topics": [topic for _, topic in keys],
            "states": [consents[key][0] for key in keys],
            "ats": [consents[key][1] for key in keys],
        },
    )
    return [TouchRow(contact_id, "consent", topic) for contact_id, topic in cursor.fetchall()]


def _json(value: Any) -> dict[str, Any]:
    """Django's connections hand jsonb over as text."""
    loaded: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded
