"""In a flow: a property of the event that let this visit in. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from segments.rules.base import Check, Condition, Name
from segments.rules.errors import Problem
from segments.rules.operators import Operator
from segments.rules.properties import PropertyCondition, Scalar, Values
from segments.rules.turning import Moment
from segments.rules.values import NOTHING, View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter


class TriggerCondition(Condition):
    """A property condition on the trigger event; without such an event, all is missing."""

    in_flow_only: ClassVar[bool] = True

    type: Literal["trigger"]
    property_: Name = Field(alias="property")
    op: Operator
    value: Scalar | Values | None = None

    def _asked(self) -> PropertyCondition:
        return PropertyCondition(property=self.property_, op=self.op, value=self.value)

    def faults(self, check: Check) -> Iterator[Problem]:
        yield from self._asked().faults()

    def sql(self, to: SqlWriter) -> str:
        return self._asked().sql("w.trigger", to)

    def holds(self, view: View) -> bool:
        return self._asked().holds(self._properties(view), view.now)

    @staticmethod
    def _properties(view: View) -> Mapping[str, Any]:
        return (view.visit.trigger if view.visit else None) or NOTHING

    def words(self) -> str:
        return f"the triggering event's {self._asked().words()}"

    def depends_on_time(self) -> bool:
        return self._asked().depends_on_time()

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        yield from self._asked().next_edges("w.trigger", to)

    def moments(self, view: View) -> Iterator[Moment]:
        yield from self._asked().moments(self._properties(view), "the triggering event", view)

    def saw(self, view: View) -> Mapping[str, Any]:
        return {"value": dict(self._properties(view))}
