"""On what terms a flow's e-mails go out: quiet hours, and a limit per contact. PURE.

The terms are kept with each message as the flow's settings say them in JSON, since they hold when
it is queued and again when it is about to be sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from common.durations import describe_duration, parse_duration

CONTACT = "contact"
"""As a time zone: the contact's own."""
WAITS = "waits for the end of the quiet hours"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From (included) to (not included), by the clock of `zone`; over midnight if to is earlier."""

    begin: time
    end: time
    zone: str = CONTACT

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the quiet hours end in which `now` lies (UTC); None if it lies in none.

        A clock time that daylight saving skips is taken as zoneinfo takes it, an hour later; one
        that comes twice is its first.

        Examples
        --------
        >>> night = QuietHours(time(22), time(7))
        >>> str(night.until(datetime(2026, 3, 28, 23, tzinfo=UTC), ZoneInfo("Europe/Berlin")))
        '2026-03-29 05:00:00+00:00'
        """
        today = now.astimezone(zone).date()
        for day in (today - _DAY, today):
            closing_day = day if self.end > self.begin else day + _DAY
            if (
                _instant(day, self.begin, zone)
                <= now
                < (closing := _instant(closing_day, self.end, zone))
            ):
                return closing
        return None

    def until_for(self, now: datetime, own_zone: object, *, workspace_zone: str) -> datetime | None:
        """As `until`, for a contact: by its own zone, the workspace's where it has none known."""
        wanted = own_zone if self.zone == CONTACT else self.zone
        zone = _zones().get(str(wanted)) or _zones().get(workspace_zone) or ZoneInfo("UTC")
        return self.until(now, zone)


@dataclass(frozen=True, slots=True)
class EmailLimit:
    """At most so many marketing e-mails to one contact in a duration, over all flows."""

    count: int
    per: timedelta

    def reason(self) -> str:
        """Why a mail is held back."""
        mails = "1 e-mail" if self.count == 1 else f"{self.count} e-mails"
        return f"the limit of {mails} in {describe_duration(self.per)} is reached"


@dataclass(frozen=True, slots=True)
class Terms:
    """Quiet hours and limit of one flow, either or both."""

    quiet: QuietHours | None = None
    limit: EmailLimit | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Terms":
        """Read a flow's settings, as they passed the checks.

        Examples
        --------
        >>> Terms.of({"email_limit": {"count": 2, "per": "P7D"}}).limit.reason()
        'the limit of 2 e-mails in 7 days is reached'
        """
        quiet, limit = said.get("quiet_hours"), said.get("email_limit")
        return cls(
            QuietHours(
                clock_time(quiet["from"]),
                clock_time(quiet["to"]),
                quiet.get("timezone") or CONTACT,
            )
            if quiet
            else None,
            EmailLimit(int(limit["count"]), parse_duration(limit["per"])) if limit else None,
        )


def clock_time(text: str) -> time:
    """Read a time of day.

    Raises
    ------
    ValueError
        With a sentence.

    Examples
    --------
    >>> clock_time("22:00")
    datetime.time(22, 0)
    """
    hours, _, minutes = text.partition(":")
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError(f"“{text}” is no time of day; write it like 22:00.") from None


@lru_cache(maxsize=256)
def quiet_ends(quiet: QuietHours, now: datetime) -> Mapping[str, datetime | None]:
    """When the quiet hours of each known time zone end, by its name: what a statement joins with.

    Zones are few and contacts many, so the instants are computed per zone, and no zone's name ever
    reaches PostgreSQL, which fails on one it does not know.
    """
    return {name: quiet.until(now, zone) for name, zone in _zones().items()}


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, ZoneInfo]:
    return {name: ZoneInfo(name) for name in sorted(available_timezones())}


def is_zone(name: str) -> bool:
    """Whether a time zone of this name is known."""
    return name in _zones()


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
