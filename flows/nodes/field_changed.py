"""Trigger: a field of a contact takes a new value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from common.clock import parse_instant
from flows.nodes.base import Config, Names, Reference, Trigger
from segments.rules.values import folded, instant_of, is_missing, number_of

_NOUNS = {"number": "a number", "boolean": "yes or no", "datetime": "a date", "list": "a list"}


class FieldChangedConfig(Config):
    """`to`: only when the field now has this value."""

    field: str = Field(min_length=1)
    to: Any = None


class FieldChanged(Trigger[FieldChangedConfig]):
    type = "field_changed"
    icon = "pencil-bolt"
    title = "A field changes"
    description = "Lets a contact in when one of their fields takes a new value."
    Config = FieldChangedConfig

    def sentence(self, config: FieldChangedConfig, names: Names) -> str:
        field = names("field", config.field)
        return f"{_upper(field)} changes" + ("" if config.to is None else f" to {_said(config.to)}")

    def references(self, config: FieldChangedConfig) -> Iterable[Reference]:
        return (Reference("field", config.field, "field"),)

    def misfits(
        self, config: FieldChangedConfig, fields: Mapping[str, str]
    ) -> Iterable[tuple[str, str, str]]:
        kind = fields.get(config.field)
        if config.to is not None and kind is not None and not _fits(config.to, kind):
            noun = _NOUNS.get(kind, "a text")
            yield "to", "value", f"“{config.field}” is {noun}: it can't become {_said(config.to)}."


def lets_in(config: FieldChangedConfig, value: Any, fields: Mapping[str, str]) -> bool:
    """Whether a contact whose field has just become this is let in.

    Erasing a field gives it no new value: who has none now is not let in.

    Examples
    --------
    >>> config = FieldChangedConfig(field="plan", to="pro")
    >>> [lets_in(config, plan, {"plan": "string"}) for plan in ("Pro", "free", None)]
    [True, False, False]
    """
    if is_missing(value):
        return False
    return config.to is None or same_value(fields.get(config.field, ""), value, config.to)


def same_value(kind: str, value: Any, wanted: Any) -> bool:
    """Whether a field's value is another, as its type compares them; lists in any order.

    Examples
    --------
    >>> same_value("string", "Pro", "pro"), same_value("number", 1, 1.0)
    (True, True)
    >>> same_value("datetime", "2026-06-01T00:00:00.000000Z", "2026-06-01")
    True
    """
    if kind == "list":
        pair = [
            sorted(map(folded, one)) if isinstance(one, list) else None for one in (value, wanted)
        ]
        return pair[0] is not None and pair[0] == pair[1]
    if kind == "boolean":
        return value is wanted
    if kind == "number":
        return number_of(value) is not None and number_of(value) == number_of(wanted)
    if kind == "datetime":
        return instant_of(value) is not None and instant_of(value) == instant_of(wanted)
    return isinstance(value, str) and isinstance(wanted, str) and folded(value) == folded(wanted)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _fits(value: Any, kind: str) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "list":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not isinstance(value, str):
        return False
    if kind == "datetime":
        try:
            parse_instant(value)
        except ValueError:
            return False
    return True
