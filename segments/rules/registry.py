"""The literal registry of condition types, and the way for a later room to add its own.

`flows` adds what only it knows (`flow`, `flow_email`) from its AppConfig.ready():

    class FlowCondition(Condition):
        type: Literal["flow"]
        ...
        def sql(self, to): ...       # a boolean over `c`, never NULL; every subquery names the lane
        def holds(self, view): ...   # looks at view.contact.others["flow"]
        def words(self): ...
        def mentions(self): ...

    registry.register(FlowCondition)
"""

from __future__ import annotations

from typing import get_args

from segments.rules.base import Condition
from segments.rules.conditions.consent import ConsentCondition
from segments.rules.conditions.event import EventCondition
from segments.rules.conditions.field import FieldCondition
from segments.rules.conditions.groups import All, Any_, Everyone, Not
from segments.rules.conditions.reachable import ReachableCondition
from segments.rules.conditions.sample import SampleCondition
from segments.rules.conditions.score_change import ScoreChangeCondition
from segments.rules.conditions.segment import SegmentCondition
from segments.rules.conditions.trigger import TriggerCondition

_TYPES: dict[str, type[Condition]] = {
    "all": All,
    "any": Any_,
    "not": Not,
    "everyone": Everyone,
    "field": FieldCondition,
    "event": EventCondition,
    "segment": SegmentCondition,
    "consent": ConsentCondition,
    "reachable": ReachableCondition,
    "sample": SampleCondition,
    "score_change": ScoreChangeCondition,
    "trigger": TriggerCondition,
}


class RegistryError(Exception):
    """A condition type was registered wrongly. A fault of the program, seen at start."""


def register(condition: type[Condition]) -> type[Condition]:
    """Add a condition type of another room. Registering the same class again changes nothing.

    Raises
    ------
    RegistryError
        If the class has no literal `type`, or another class has that type.
    """
    declared = condition.model_fields.get("type")
    names = get_args(declared.annotation) if declared else ()
    if len(names) != 1 or not isinstance(names[0], str):
        raise RegistryError(f"{condition.__name__} must declare `type: Literal['…']`")
    known = _TYPES.setdefault(names[0], condition)
    if known is not condition:
        raise RegistryError(f"there are two condition types {names[0]!r}")
    return condition


def type_of(name: object) -> type[Condition] | None:
    """Return the condition type of that name; None if there is none."""
    return _TYPES.get(name) if isinstance(name, str) else None


def types() -> dict[str, type[Condition]]:
    """Return all condition types by name, in the order of the registry."""
    return dict(_TYPES)
