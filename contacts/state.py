"""A contact's own row as it is worked on in memory: fields, reachability, joining two. PURE.

Intake and the services load rows into `ContactState`s, change these in the order in which things
happened, and write them back in one statement; what changed is remembered as touch keys. Imports no
Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from common.clock import parse_instant
from contacts.values import KEPT_BY_PRODUCT, NEVER_MISSING

TEXT_COLUMNS: Final = (
    "external_id",
    "email",
    "first_name",
    "last_name",
    "phone",
    "city",
    "country",
    "timezone",
    "language",
    "lead_stage",
    "opportunity_stage",
    "owner",
)
REACH_COLUMNS: Final = (
    "unsubscribed_at",
    "complained_at",
    "hard_bounced_at",
    "soft_bounces",
)
COLUMNS: Final = (*TEXT_COLUMNS, "created_at", "last_seen_at", "score", *REACH_COLUMNS)
"""Every column of `contact` but its id, its lane and the two JSON ones."""

SOFT_BOUNCES_UNTIL_UNREACHABLE: Final = 4

TouchKey = tuple[str, str]
"""Kind and name of a touch, such as ("field", "plan")."""


@dataclass(slots=True)
class ContactState:
    """One contact's row. A contact not yet in the database has a negative id."""

    id: int
    row: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    field_times: dict[str, str] = field(default_factory=dict)
    touched: dict[TouchKey, None] = field(default_factory=dict)
    dirty: bool = False

    @classmethod
    def new(cls, contact_id: int, *, created_at: datetime) -> ContactState:
        """Return a contact that knows nothing but when it came."""
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row.update(created_at=created_at, score=0.0, soft_bounces=0)
        return cls(contact_id, row, touched={("new", ""): None}, dirty=True)

    @property
    def external_id(self) -> str | None:
        """The contact's external id, if it is known by one."""
        value: str | None = self.row["external_id"]
        return value

    @property
    def email(self) -> str | None:
        """The contact's e-mail address, as it was given."""
        value: str | None = self.row["email"]
        return value

    def value(self, key: str) -> Any:
        """Return a field's present value, built-in or custom; None if it is missing."""
        return self.row[key] if key in self.row else self.fields.get(key)

    def touch(self, kind: str, name: str = "") -> None:
        """Remember that this changed."""
        self.touched[kind, name] = None
        self.dirty = True

    def assign(self, key: str, stored: Any, at: str) -> bool:
        """Set a field to a value that fits it (see `values.fit`); tell whether that changed it.

        `at` is the canonical instant at which the value came to be. A new e-mail address has not
        bounced yet, so the bounces of the old one are forgotten.
        """
        if key in _DATETIME_COLUMNS:
            stored = parse_instant(stored)
        if self.value(key) == stored:
            return False
        if key == "email" and (self.email or "").lower() != stored.lower():
            self._address_is_new()
        if key in self.row:
            self.row[key] = stored
        else:
            self.fields[key] = stored
        self.field_times[key] = at
        self.touch("field", key)
        return True

    def erase(self, key: str) -> bool:
        """Make a field, and those nested under it, missing; tell whether that changed anything."""
        erased = False
        for name in [key, *self._nested_under(key)]:
            if name in KEPT_BY_PRODUCT or name in NEVER_MISSING or self.value(name) is None:
                continue
            if name == "email":
                self._address_is_new()
            if name in self.row:
                self.row[name] = None
            else:
                del self.fields[name]
            self.field_times.pop(name, None)
            self.touch("field", name)
            erased = True
        return erased

    def see(self, at: datetime) -> None:
        """The contact did something at this instant."""
        last = self.row["last_seen_at"]
        if last is None or at > last:
            self.row["last_seen_at"] = at
            self.touch("field", "last_seen_at")

    def set_reach(self, **columns: Any) -> bool:
        """Set columns on which reachability depends; tell whether that changed any."""
        changed = {name: value for name, value in columns.items() if self.row[name] != value}
        if changed:
            self.row.update(changed)
            self.touch("reach")
        return bool(changed)

    def absorb(self, lost: ContactState) -> None:
        """Take over what `lost` knew: this contact's own values win, missing ones are filled."""
        self._absorb_reach(lost)
        for key in TEXT_COLUMNS:
            if self.row[key] is None and lost.row[key] is not None:
                self._take(self.row, key, lost.row[key], lost.field_times)
        for key, stored in lost.fields.items():
            if key not in self.fields:
                self._take(self.fields, key, stored, lost.field_times)
        if lost.row["created_at"] < self.row["created_at"]:
            self._take(self.row, "created_at", lost.row["created_at"], lost.field_times)
        if lost.row["last_seen_at"] is not None:
            self.see(lost.row["last_seen_at"])
        if lost.row["score"]:
            self._take(
                self.row,
                "score",
                self.row["score"] + lost.row["score"],
                lost.field_times,
            )
            self.touch("score")
        for kind, name in lost.touched:
            # Of the fields, those that were taken over have changed, and no others.
            if kind not in ("new", "field"):
                self.touch(kind, name)

    def _take(self, into: dict[str, Any], key: str, value: Any, times: Mapping[str, str]) -> None:
        into[key] = value
        if key in times:
            self.field_times[key] = max(times[key], self.field_times.get(key, ""))
        self.touch("field", key)

    def _absorb_reach(self, lost: ContactState) -> None:
        both: dict[str, Any] = {
            name: _earliest(self.row[name], lost.row[name])
            for name in ("unsubscribed_at", "complained_at")
        }
        if self.email is None:
            both["hard_bounced_at"] = lost.row["hard_bounced_at"]
            both["soft_bounces"] = lost.row["soft_bounces"]
        elif lost.email is not None and lost.email.lower() == self.email.lower():
            both["hard_bounced_at"] = _earliest(
                self.row["hard_bounced_at"], lost.row["hard_bounced_at"]
            )
            both["soft_bounces"] = max(self.row["soft_bounces"], lost.row["soft_bounces"])
        self.set_reach(**both)
        if self.email is None and lost.email is not None:
            self.touch("reach")

    def _address_is_new(self) -> None:
        self.row.update(hard_bounced_at=None, soft_bounces=0)
        self.touch("reach")

    def _nested_under(self, key: str) -> list[str]:
        nested = [name for name in self.fields if name.startswith(f"{key}.")]
        return [*nested, "city", "country"] if key == "address" else nested


_DATETIME_COLUMNS: Final = frozenset({"created_at", "last_seen_at"})


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def all_dirty(states: Iterable[ContactState]) -> list[ContactState]:
    """Return those to be written, by ascending id: the order in which rows are locked."""
    return sorted((state for state in states if state.dirty), key=lambda state: state.id)
