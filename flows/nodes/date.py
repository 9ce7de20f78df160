"""Trigger: a date of the contact's own comes, or some time before or after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from pydantic import Field, field_validator

from common.durations import describe_duration, parse_offset
from flows.dates import Repeat
from flows.nodes.base import Config, Names, Reference, Trigger


class DateConfig(Config):
    """`field`: a datetime field; `offset`: e.g. `-P3D`; `repeat`: every year, or not again."""

    field: str = Field(min_length=1)
    offset: str | None = None
    repeat: Repeat = "never"

    @field_validator("offset")
    @classmethod
    def _is_offset(cls, value: str | None) -> str | None:
        if value is not None:
            parse_offset(value)
        return value

    @property
    def shift(self) -> timedelta:
        """The offset as a duration."""
        return parse_offset(self.offset) if self.offset is not None else timedelta(0)


class Date(Trigger[DateConfig]):
    type = "date"
    icon = "calendar-event"
    title = "A date comes"
    description = "Lets a contact in on a date of their own, such as a birthday or a trial's end."
    Config = DateConfig

    def sentence(self, config: DateConfig, names: Names) -> str:
        field = names("field", config.field)
        when = f"Reaches {field}"
        if config.shift:
            side = "before" if config.shift < timedelta(0) else "after"
            when = f"Reaches {describe_duration(abs(config.shift))} {side} {field}"
        return f"{when}, every year" if config.repeat == "yearly" else when

    def references(self, config: DateConfig) -> Iterable[Reference]:
        return (Reference("field", config.field, "field"),)

    def misfits(
        self, config: DateConfig, fields: Mapping[str, str]
    ) -> Iterable[tuple[str, str, str]]:
        if fields.get(config.field, "datetime") != "datetime":
            yield "field", "value", f"“{config.field}” holds no date. Choose a date field."
