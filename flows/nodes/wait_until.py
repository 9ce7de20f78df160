"""Wait: until a time of day, or until a window of the day is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, field_validator

from flows.nodes.base import Config, Names, Outcome, Wait, Walker, World, rest_or_leave
from flows.nodes.moments import WEEKDAYS, clock_time, next_opening, next_time, zone_named

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class WaitUntilConfig(Config):
    """`time` or `between` (which may cross midnight); `timezone`: `contact`, or a zone's name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"time": "09:00", "timezone": "contact"}]}
    )

    time: str | None = None
    between: tuple[str, str] | None = None
    weekdays: list[Weekday] | None = Field(default=None)
    timezone: str = "contact"

    @field_validator("time")
    @classmethod
    def _is_time(cls, value: str | None) -> str | None:
        if value is not None:
            clock_time(value)
        return value

    @field_validator("between")
    @classmethod
    def _are_times(cls, value: tuple[str, str] | None) -> tuple[str, str] | None:
        for text in value or ():
            clock_time(text)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value != "contact":
            try:
                ZoneInfo(value)
            except (KeyError, ValueError, OSError):
                raise ValueError(f"There is no time zone “{value}”.") from None
        return value


DAYS_IN_WORDS: Mapping[str, str] = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def _days_said(weekdays: Sequence[str] | None) -> str:
    """Say on which days, in the order of the week."""
    if not weekdays or set(weekdays) == set(WEEKDAYS):
        return ""
    if set(weekdays) == {"mon", "tue", "wed", "thu", "fri"}:
        return ", Monday to Friday"
    *others, last = [DAYS_IN_WORDS[day] for day in WEEKDAYS if day in weekdays]
    return f" on {', '.join(others)} or {last}" if others else f" on {last}"


class WaitUntil(Wait[WaitUntilConfig]):
    type = "wait_until"
    icon = "clock-hour-9"
    title = "Wait until a time of day"
    description = "Holds a contact until a time of day, on chosen weekdays, in their own time zone."
    Config = WaitUntilConfig

    def sentence(self, config: WaitUntilConfig, names: Names) -> str:
        window = config.between
        when = f"it is between {' and '.join(window)}" if window else str(config.time)
        return f"Wait until {when}{_days_said(config.weekdays)}"

    def faults(self, config: WaitUntilConfig) -> Iterable[tuple[str, str, str]]:
        if (config.time is None) == (config.between is None):
            yield "time", "required", "Choose either a time of day or a window."
        if config.weekdays is not None and not config.weekdays:
            yield "weekdays", "required", "Choose at least one weekday."

    def asks_fields(self, config: WaitUntilConfig) -> tuple[str, ...]:
        return ("timezone",) if config.timezone == "contact" else ()

    def run(self, config: WaitUntilConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        fields = world.field_values(self.asks_fields(config), walkers)
        weekdays = WEEKDAYS if config.weekdays is None else tuple(config.weekdays)
        window = tuple(map(clock_time, config.between)) if config.between else None
        at = clock_time(config.time or "00:00")

        def deadline(walker: Walker) -> datetime:
            own = fields.get(walker.contact_id, {}).get("timezone")
            name = own if config.timezone == "contact" else config.timezone
            zone = zone_named(name, world.zone)
            if window is not None:
                span = (window[0], window[1])
                return next_opening(walker.arrived_at, span, zone=zone, weekdays=weekdays)
            return next_time(walker.arrived_at, at, zone=zone, weekdays=weekdays)

        return rest_or_leave(walkers, deadline, world.now)
