"""Trigger: everybody who is in some segments at one moment, each person once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field, field_validator

from common.clock import parse_instant
from flows.nodes.base import Config, Names, Reference, Trigger

MOST_SEGMENTS = 100
"""Segments that one audience may be made of."""


class OnceConfig(Config):
    """Who is in any of `segments` and none of `exclude`, at an instant or at publishing."""

    segments: list[str] = Field(default_factory=list, max_length=MOST_SEGMENTS)
    exclude: list[str] = Field(default_factory=list, max_length=MOST_SEGMENTS)
    at: str | None = None

    @field_validator("at")
    @classmethod
    def _is_instant(cls, value: str | None) -> str | None:
        if value is not None:
            parse_instant(value)
        return value

    @property
    def instant(self) -> datetime | None:
        """The moment (UTC); None for the moment of publishing."""
        return None if self.at is None else parse_instant(self.at)


class Once(Trigger[OnceConfig]):
    type = "once"
    icon = "speakerphone"
    title = "Everybody in segments, once"
    description = "Lets in everybody who is in some segments at one moment, each person once."
    Config = OnceConfig

    def sentence(self, config: OnceConfig, names: Names) -> str:
        who = _listed([names("segment", key) for key in config.segments], "or")
        without = _listed([names("segment", key) for key in config.exclude], "or")
        at = config.instant
        when = "at publishing" if at is None else f"on {at.day} {at:%B %Y at %H:%M} UTC"
        return f"Is in {who}{f' but not in {without}' if without else ''}, once, {when}"

    def references(self, config: OnceConfig) -> Iterable[Reference]:
        for field, keys in (("segments", config.segments), ("exclude", config.exclude)):
            yield from (Reference("segment", key, field) for key in keys)

    def faults(self, config: OnceConfig) -> Iterable[tuple[str, str, str]]:
        if not config.segments:
            yield "segments", "required", "Choose at least one segment."


def _listed(names: list[str], joint: str) -> str:
    return f"{', '.join(names[:-1])} {joint} {names[-1]}" if len(names) > 1 else "".join(names)
