"""Field conditions: a built-in or custom field of the contact, compared by its type. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from common.clock import canonical, parse_instant
from common.durations import describe_duration, parse_duration
from segments.rules.base import Check, Condition, Duration, Name
from segments.rules.errors import Problem
from segments.rules.instants import shifted
from segments.rules.operators import (
    OPERATORS,
    RELATIVE,
    Operand,
    Operator,
    operator_holds,
    operator_sql,
    operator_words,
    value_fault,
)
from segments.rules.passing import relative_edges
from segments.rules.properties import Scalar, Values
from segments.rules.turning import Moment, day_said, relative_moments
from segments.rules.values import BUILTIN_FIELDS, View, field_type, is_missing

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

_NOUNS = {
    "string": "a text",
    "number": "a number",
    "boolean": "yes or no",
    "datetime": "a date and time",
    "list": "a list",
}


class FieldCondition(Condition):
    """A field compared with a value. With `for`, the value must have stood that long."""

    type: Literal["field"]
    field: Name
    op: Operator
    value: Scalar | Values | None = None
    for_: Duration | None = Field(default=None, alias="for")

    def faults(self, check: Check) -> Iterator[Problem]:
        kind = field_type(self.field, check.fields)
        if kind is None:
            yield Problem("field", "unknown_field", f"there is no field “{self.field}”")
        elif self.op not in OPERATORS.get(kind, ()):
            yield Problem(
                "op",
                "operator",
                f"“{self.field}” is {_NOUNS.get(kind, kind)}: “{self.op}” can't be asked of it",
            )
        else:
            fault = value_fault(kind, self.op, self.value)
            if fault:
                yield Problem("value", "value", f"“{self.field}” is {_NOUNS[kind]}: {fault}")

    def sql(self, to: SqlWriter) -> str:
        kind = field_type(self.field, to.fields) or ""
        true = operator_sql(self._operand(kind, to), self.op, self.value, to)
        if self.for_ is None:
            return true
        span = parse_duration(self.for_)
        edge = to.edge(lambda now, _zone: canonical(shifted(now, -span)), "text")
        created = to.edge(lambda now, _zone: shifted(now, -span))
        key = to.value(self.field, "text")
        # A field that was never set has had its (missing) value for as long as the contact exists.
        stood = (
            f"CASE WHEN c.field_times ? {key} "
            f'THEN (c.field_times->>{key}) COLLATE "C" <= {edge} ELSE c.created_at <= {created} END'
        )
        return f"({true} AND coalesce({stood}, false))"

    def _operand(self, kind: str, to: SqlWriter) -> Operand:
        if self.field in BUILTIN_FIELDS:
            cast = {"datetime": "timestamptz", "number": "double precision"}.get(kind, "text")
            return Operand(kind, f"c.{self.field}", cast=cast, column=True)
        key = to.value(self.field, "text")
        if kind == "string":
            return Operand(kind, f"(c.fields->>{key})")
        if kind == "datetime":
            return Operand(kind, f"(nullif(c.fields->>{key}, '') COLLATE \"C\")", cast="text")
        value = f"(c.fields->{key})"
        if kind == "number":
            number = f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN {value}::numeric END)"
            return Operand(kind, number, cast="numeric")
        return Operand(kind, value)

    def holds(self, view: View) -> bool:
        kind = field_type(self.field, view.fields) or ""
        value = view.contact.fields.get(self.field)
        if kind == "datetime" and not is_missing(value):
            value = parse_instant(value)
        if not operator_holds(kind, self.op, self.value, value, view.now):
            return False
        if self.for_ is None:
            return True
        since = self._since(view)
        return since is not None and since <= shifted(view.now, -parse_duration(self.for_))

    def _since(self, view: View) -> datetime | None:
        since = view.contact.field_times.get(self.field) or view.contact.fields.get("created_at")
        return parse_instant(since) if since else None

    def moments(self, view: View) -> Iterator[Moment]:
        value = view.contact.fields.get(self.field)
        if self.op in RELATIVE and not is_missing(value):
            instant = parse_instant(value)
            datum = f"{self.field} ({day_said(instant, now=view.now, zone=view.zone)})"
            yield from relative_moments(self.op, str(self.value), instant, datum)
        since = self._since(view)
        if self.for_ and since:
            span = parse_duration(self.for_)
            stood = f"{self.field} has stood for {describe_duration(span)}"
            yield Moment(shifted(since, span), stood)

    def words(self) -> str:
        stood = f" for at least {describe_duration(parse_duration(self.for_))}" if self.for_ else ""
        return f"{self.field} {operator_words(self.op, self.value)}{stood}"

    def mentions(self) -> Iterable[str]:
        yield f"field:{self.field}"
        if self.field == "score":
            yield "score:"
        if self.field == "last_seen_at":
            yield "event:*"

    def depends_on_time(self) -> bool:
        return self.op in RELATIVE or self.for_ is not None

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        if self.op in RELATIVE:
            yield from relative_edges(self.op, self.value, self._instant_sql(to), to)
        if self.for_:
            seconds = to.value(parse_duration(self.for_).total_seconds(), "double precision")
            key = to.value(self.field, "text")
            yield (
                f"coalesce((c.field_times->>{key})::timestamptz, c.created_at) "
                f"+ make_interval(secs => {seconds})"
            )

    def _instant_sql(self, to: SqlWriter) -> str:
        if self.field in BUILTIN_FIELDS:
            return f"c.{self.field}"
        return f"nullif(c.fields->>{to.value(self.field, 'text')}, '')::timestamptz"

    def saw(self, view: View) -> Mapping[str, Any]:
        value = view.contact.fields.get(self.field)
        return {"value": canonical(value) if isinstance(value, datetime) else value}
