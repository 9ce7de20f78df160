"""Wait: until a date of the contact's own, or some time before or after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field, field_validator

from common.clock import parse_instant
from common.durations import describe_duration, parse_offset
from flows.nodes.base import NEXT, Config, Names, Outcome, Reference, Wait, Walker, World

PASSED = "passed"


class WaitDateConfig(Config):
    """`field`: a datetime field; `offset`: e.g. `-P3D`, three days before it."""

    field: str = Field(min_length=1)
    offset: str | None = None

    @field_validator("offset")
    @classmethod
    def _is_offset(cls, value: str | None) -> str | None:
        if value is not None:
            parse_offset(value)
        return value


class WaitDate(Wait[WaitDateConfig]):
    type = "wait_date"
    icon = "calendar-time"
    title = "Wait for a date"
    description = "Holds a contact until a date of their own, such as the end of a trial."
    Config = WaitDateConfig

    def branches(self, config: WaitDateConfig) -> tuple[str, ...]:
        return (NEXT, PASSED)

    def sentence(self, config: WaitDateConfig, names: Names) -> str:
        field = names("field", config.field)
        if config.offset is None:
            return f"Wait until {field}"
        offset = parse_offset(config.offset)
        side = "before" if config.offset.startswith("-") else "after"
        return f"Wait until {describe_duration(abs(offset))} {side} {field}"

    def references(self, config: WaitDateConfig) -> Iterable[Reference]:
        return (Reference("field", config.field, "field"),)

    def misfits(
        self, config: WaitDateConfig, fields: Mapping[str, str]
    ) -> Iterable[tuple[str, str, str]]:
        if fields.get(config.field, "datetime") != "datetime":
            yield "field", "value", f"“{config.field}” holds no date. Choose a date field."

    def asks_fields(self, config: WaitDateConfig) -> tuple[str, ...]:
        return (config.field,)

    def run(self, config: WaitDateConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        values = world.field_values((config.field,), walkers)
        offset = parse_offset(config.offset) if config.offset is not None else None
        outcome = Outcome(leave={NEXT: [], PASSED: []})
        for walker in walkers:
            value = values.get(walker.contact_id, {}).get(config.field)
            if not isinstance(value, str):
                outcome.leave[PASSED].append(walker)
                continue
            date = parse_instant(value)
            deadline = date if offset is None else date + offset
            if deadline <= walker.arrived_at:
                outcome.leave[PASSED].append(walker)
            elif deadline <= world.now:
                outcome.leave[NEXT].append(walker)
            else:
                outcome.rest.append((walker, deadline))
        return outcome
