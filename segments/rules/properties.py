"""Property conditions: what must hold of the properties of one event (`where`, `trigger`). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StrictBool, StrictFloat, StrictInt, ValidationError

from segments.rules.base import MOST_VALUES, Name, Part, Text
from segments.rules.errors import Problem
from segments.rules.operators import (
    RELATIVE,
    Operand,
    Operator,
    operator_holds,
    operator_sql,
    operator_words,
    value_fault,
)
from segments.rules.passing import relative_edges
from segments.rules.turning import Moment, day_said, relative_moments
from segments.rules.values import View, instant_of, is_missing

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

Scalar = StrictBool | StrictInt | StrictFloat | Text
Values = Annotated[tuple[Scalar, ...], Field(max_length=MOST_VALUES)]

DEEPEST = 10
"""Names in a dotted path."""

MOST_WHERE = 50
"""Property conditions on one event."""

_KIND_OF_OP: Mapping[str, str] = {
    **dict.fromkeys(("gt", "gte", "lt", "lte", "between"), "number"),
    **dict.fromkeys(("before", "after", *RELATIVE), "datetime"),
    **dict.fromkeys(("starts_with", "ends_with"), "string"),
    **dict.fromkeys(("contains_any", "contains_all"), "list"),
}


class PropertyCondition(Part):
    """One condition on a property, by a dotted path into nested objects (`cart.total`)."""

    property_: Name = Field(alias="property")
    op: Operator
    value: Scalar | Values | None = None

    @property
    def kind(self) -> str:
        """The type the operator needs of the property: by the operator, or else by the value."""
        by_op = _KIND_OF_OP.get(self.op)
        if by_op:
            return by_op
        sample = self.value[0] if isinstance(self.value, tuple) and self.value else self.value
        if isinstance(sample, bool):
            return "boolean"
        return "number" if isinstance(sample, int | float) else "string"

    def faults(self) -> Iterator[Problem]:
        """Yield what is wrong with the path or the value."""
        path = self.property_.split(".")
        if not all(path) or len(path) > DEEPEST:
            yield Problem(
                "property",
                "path",
                f"“{self.property_}” is no path: names with dots between, at most {DEEPEST}",
            )
        fault = value_fault(self.kind, self.op, self.value)
        if fault:
            yield Problem("value", "value", f"“{self.property_}”: {fault}")

    def sql(self, root: str, to: SqlWriter) -> str:
        """Return the boolean SQL over the jsonb expression `root`; never NULL."""
        found = "".join(f"->{to.value(name, 'text')}" for name in self.property_.split("."))
        value = f"({root}{found})"
        if self.op in ("set", "not_set"):
            there = f"coalesce({value} NOT IN ('null'::jsonb, '\"\"'::jsonb, '[]'::jsonb), false)"
            return there if self.op == "set" else f"NOT {there}"
        if self.op == "not_contains":
            return f"NOT {self._contains_sql(value, to)}"
        if self.op == "contains":
            return self._contains_sql(value, to)
        return operator_sql(_operand(value, self.kind), self.op, self.value, to)

    def _contains_sql(self, value: str, to: SqlWriter) -> str:
        either = (
            operator_sql(_operand(value, kind), "contains", self.value, to)
            for kind in ("string", "list")
        )
        return f"({' OR '.join(either)})"

    def holds(self, properties: Mapping[str, Any], now: datetime | None) -> bool:
        """Whether the condition is true of an event's properties."""
        value = property_at(properties, self.property_)
        if self.op in ("set", "not_set"):
            return is_missing(value) is (self.op == "not_set")
        if self.op in ("contains", "not_contains"):
            found = any(
                operator_holds(kind, "contains", self.value, value, now)
                for kind in ("string", "list")
            )
            return found is (self.op == "contains")
        return operator_holds(self.kind, self.op, self.value, value, now)

    def moments(self, properties: Mapping[str, Any], of: str, view: View) -> Iterator[Moment]:
        """Yield when time alone may change the answer about the event said as `of`."""
        if self.op in RELATIVE:
            instant = instant_of(property_at(properties, self.property_))
            if instant is not None:
                day = day_said(instant, now=view.now, zone=view.zone)
                datum = f"{self.property_} of {of} ({day})"
                yield from relative_moments(self.op, str(self.value), instant, datum)

    def words(self) -> str:
        """Return the condition in words."""
        return f"{self.property_} {operator_words(self.op, self.value)}"

    def depends_on_time(self) -> bool:
        """Whether the operator is relative to now."""
        return self.op in RELATIVE

    def next_edges(self, root: str, to: SqlWriter) -> Iterator[str]:
        """Yield, as SQL, the instants at which an operator relative to now changes its answer."""
        if self.op in RELATIVE:
            found = "".join(f"->{to.value(name, 'text')}" for name in self.property_.split("."))
            instant = _operand(f"({root}{found})", "datetime").text
            yield from relative_edges(self.op, self.value, instant, to)


def property_at(properties: Mapping[str, Any], path: str) -> Any:
    """Return what is at a dotted path of an event's properties; None for nothing."""
    value: Any = properties
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


Where = Annotated[tuple[PropertyCondition, ...], Field(max_length=MOST_WHERE)]


def _operand(value: str, kind: str) -> Operand:
    text = f"CASE WHEN jsonb_typeof({value}) = 'string' THEN {value} #>> '{{}}' END"
    if kind == "string":
        return Operand("string", f"({text})")
    if kind == "datetime":
        return Operand("datetime", f"instant_of({text})", cast="timestamptz")
    if kind == "number":
        number = f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN {value}::numeric END)"
        return Operand("number", number, cast="numeric")
    return Operand(kind, value)


def where_sql(where: Sequence[PropertyCondition], root: str, to: SqlWriter) -> str:
    """Return `AND …` for all of these conditions on one event; "" for none."""
    return "".join(f" AND {condition.sql(root, to)}" for condition in where)


def where_words(where: Sequence[PropertyCondition]) -> str:
    """Return ` where …` for all of these; "" for none."""
    said = " and ".join(condition.words() for condition in where)
    return f" where {said}" if said else ""


def where_faults(where: Sequence[PropertyCondition], place: str = "where") -> Iterator[Problem]:
    """Yield the faults of these conditions, with their places."""
    for index, condition in enumerate(where):
        for problem in condition.faults():
            yield Problem(f"{place}.{index}.{problem.path}", problem.code, problem.detail)


def matches_where(
    where: Iterable[PropertyCondition | Mapping[str, Any]],
    properties: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> bool:
    """Whether one event's properties fulfil all of these conditions.

    Parameters
    ----------
    where
        Property conditions, parsed or as JSON. A broken one is true of nothing.
    properties
        The properties of one event.
    now
        The instant, for the operators that are relative to it; without it they are false.

    Examples
    --------
    >>> matches_where([{"property": "total", "op": "gte", "value": 50}], {"total": 80})
    True
    """
    try:
        conditions = [
            one if isinstance(one, PropertyCondition) else PropertyCondition.model_validate(one)
            for one in where
        ]
    except ValidationError:
        return False
    return all(
        not any(condition.faults()) and condition.holds(properties, now) for condition in conditions
    )
