"""Action: set or erase fields of the contact; later steps of the same pass see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    UpdateFields,
    Walker,
    World,
)


class UpdateFieldsConfig(Config):
    """`set`: field → value (a text may hold Liquid over the contact); `unset`: fields to erase."""

    set: dict[str, Any] = Field(default_factory=dict)
    unset: list[str] = Field(default_factory=list)


def _is_liquid(value: Any) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


class UpdateFieldsNode(NodeType[UpdateFieldsConfig]):
    type = "update_fields"
    group = "action"
    icon = "pencil"
    title = "Update fields"
    description = "Sets or erases fields of the contact."
    Config = UpdateFieldsConfig

    def sentence(self, config: UpdateFieldsConfig, names: Names) -> str:
        parts = [f"set {names('field', key)} to {value!s}" for key, value in config.set.items()]
        if config.unset:
            parts.append("erase " + ", ".join(names("field", key) for key in config.unset))
        text = " and ".join(parts)
        return text[:1].upper() + text[1:] if text else "Update fields"

    def references(self, config: UpdateFieldsConfig) -> Iterable[Reference]:
        return (Reference("field", key, "unset") for key in config.unset)

    def faults(self, config: UpdateFieldsConfig) -> Iterable[tuple[str, str, str]]:
        if not config.set and not config.unset:
            yield "set", "required", "Choose at least one field to set or to erase."
        for key in config.set:
            if not key.strip():
                yield "set", "required", "A field to set has no name."

    def run(self, config: UpdateFieldsConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        unset = tuple(config.unset)
        liquid = {key: value for key, value in config.set.items() if _is_liquid(value)}
        if not liquid:
            return Outcome.all_by(NEXT, walkers, UpdateFields(config.set, unset))
        outcome = Outcome(leave={NEXT: []})
        rendered = world.render(liquid, walkers)
        for walker in walkers:
            texts = rendered[walker.visit_id]
            if isinstance(texts, Exception):
                outcome.failed.append((walker, str(texts) or type(texts).__name__))
                continue
            outcome.leave[NEXT].append(walker)
            outcome.effects.append((UpdateFields({**config.set, **texts}, unset), [walker]))
        return outcome
