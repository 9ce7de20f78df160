"""What a rule looks at, as plain data: a contact, its events, a visit; and how values compare.

Everything here must agree with the SQL that `compiling.py` writes, to the letter: one folding of
case, one meaning of "missing", exact numbers. Pure: no Django, no IO.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from math import isfinite
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from common.clock import parse_instant

BUILTIN_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "email": "string",
        "external_id": "string",
        "first_name": "string",
        "last_name": "string",
        "phone": "string",
        "city": "string",
        "country": "string",
        "timezone": "string",
        "language": "string",
        "created_at": "datetime",
        "last_seen_at": "datetime",
        "score": "number",
        "lead_stage": "string",
        "opportunity_stage": "string",
        "owner": "string",
    }
)
"""The fields that every contact has (columns of `contact`), with their types."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EventData:
    """Something a contact did; `touch` marks what the product itself recorded about a message."""

    name: str
    at: datetime
    properties: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    touch: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class ScoreData:
    """One change of a contact's score."""

    at: datetime
    delta: float


@dataclass(frozen=True, slots=True)
class ReachData:
    """What stands in the way of e-mail."""

    unsubscribed: bool = False
    complained: bool = False
    hard_bounced: bool = False
    soft_bounces: int = 0


Ahead = tuple[datetime, bool | None, str]


@dataclass(frozen=True, slots=True)
class ContactData:
    """All that a rule may look at of one contact.

    Parameters
    ----------
    id
        The contact's id; the fixed random samples are made of it.
    fields
        Built-in and custom fields by key. Instants are aware datetimes or ISO 8601 text.
    field_times
        When the present value of a field was set; `created_at` is taken for a field without one.
    segments
        Keys of the segments the contact is a member of.
    others
        What other rooms' conditions look at, by the condition's type.
    ahead
        By segment, when time alone changes the membership: the instant, whether the contact is a
        member from then on (None: not known from there on), and what happens then, in words.
    """

    id: int | str
    fields: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    events: Sequence[EventData] = ()
    consents: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    scores: Sequence[ScoreData] = ()
    segments: Collection[str] = ()
    reach: ReachData = ReachData()
    field_times: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    others: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    ahead: Mapping[str, Sequence[Ahead]] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class VisitData:
    """The visit of a flow for which a rule is asked.

    Parameters
    ----------
    entry_at, step_at
        What `since: entry` and `since: step` count from, both strictly.
    trigger
        The properties of the event that let the visit in, if an event did.
    upto
        Only events with an id up to this one are seen; None: all.
    """

    entry_at: datetime
    step_at: datetime
    trigger: Mapping[str, Any] | None = None
    upto: int | None = None
    visit_id: int = 0
    others: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class View:
    """One contact at one instant: all that a condition's `holds` is given."""

    contact: ContactData
    now: datetime
    zone: ZoneInfo
    fields: Mapping[str, str]
    visit: VisitData | None = None

    def events(self) -> Sequence[EventData]:
        """The events that may be seen: none of a later instant, none after `visit.upto`."""
        return [event for event in self.known() if event.at <= self.now]

    def known(self) -> Sequence[EventData]:
        """The events that may be seen at some time, of whatever instant."""
        upto = self.visit.upto if self.visit else None
        return [event for event in self.contact.events if upto is None or event.id <= upto]


def field_type(key: str, fields: Mapping[str, str]) -> str | None:
    """Return the type of a field; None if there is no such field."""
    return BUILTIN_FIELDS.get(key) or fields.get(key)


_FOLD = str.maketrans({"İ": "i", "Σ": "σ", "ς": "σ"})


def folded(text: str) -> str:
    """Fold case as SQL's `folded` does: letter by letter, accents kept.

    The three letters whose lower case depends on their neighbours or is two letters long are taken
    first, so that every PostgreSQL collation and Python say the same of all the others.

    Examples
    --------
    >>> folded("ÜNÏTED Straße ΑΣ")
    'ünïted straße ασ'
    """
    return text.translate(_FOLD).lower()


def is_missing(value: Any) -> bool:
    """Whether a value counts as not there: absent, null, `""` or `[]`."""
    return value is None or value in ("", [])


def number_of(value: Any) -> Fraction | None:
    """Return a JSON number exactly as its decimal text says; None for everything else.

    Examples
    --------
    >>> number_of(0.1) + number_of(0.2) == number_of(0.3)
    True
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return Fraction(str(value))


_INSTANT = re.compile(
    r"(1[6-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
    r"(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?)?"
)


def instant_of(value: Any) -> datetime | None:
    """Read the instant in an event's property, as SQL's `instant_of` does; None if it is none.

    Examples
    --------
    >>> instant_of("2026-06-15")
    datetime.datetime(2026, 6, 15, 0, 0, tzinfo=datetime.timezone.utc)
    >>> instant_of("2026-02-31") is None
    True
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return parse_instant(value)
    except ValueError:
        return None


def zone_of(zone: str | ZoneInfo) -> ZoneInfo:
    """Return a time zone by name; UTC for an unknown one."""
    if isinstance(zone, ZoneInfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
