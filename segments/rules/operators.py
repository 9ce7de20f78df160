"""The operators of the language, once in SQL and once in Python, for each type of value.

Shared by field conditions, property conditions and the trigger's properties. Negative operators are
the plain negation of their positive twin, so that they are true of what is missing. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from common.clock import canonical, parse_instant
from common.durations import describe_duration, parse_duration
from segments.rules.instants import shifted
from segments.rules.values import folded, instant_of, is_missing, number_of

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter
    from segments.rules.passing import Edge

Operator = Literal[
    "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with",
    "gt", "gte", "lt", "lte", "between", "before", "after", "in_last", "older_than", "in_next",
    "beyond", "contains_any", "contains_all", "set", "not_set",
]  # fmt: skip

OPERATORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "string": (
            "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with",
            "set", "not_set",
        ),
        "number": (
            "eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between", "set", "not_set",
        ),
        "boolean": ("eq", "ne", "set", "not_set"),
        "datetime": (
            "before", "after", "in_last", "older_than", "in_next", "beyond", "set", "not_set",
        ),
        "list": (
            "contains", "not_contains", "contains_any", "contains_all", "set", "not_set",
        ),
    }
)  # fmt: skip
"""Which operators each type of field has."""

POSITIVE: Mapping[str, str] = MappingProxyType(
    {"ne": "eq", "not_in": "in", "not_contains": "contains", "not_set": "set"}
)
RELATIVE = frozenset({"in_last", "older_than", "in_next", "beyond"})
"""Operators whose answer the passing of time changes."""

COMPARE: Mapping[str, str] = MappingProxyType(
    {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
)
_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "eq": lambda a, b: bool(a == b),
        "ne": lambda a, b: bool(a != b),
        "gt": lambda a, b: bool(a > b),
        "gte": lambda a, b: bool(a >= b),
        "lt": lambda a, b: bool(a < b),
        "lte": lambda a, b: bool(a <= b),
    }
)


def compares(op: str, left: Any, right: Any) -> bool:
    """Whether two comparable values stand in this relation (`eq ne gt gte lt lte`)."""
    return _COMPARES[op](left, right)


# ── does a value fit ────────────────────────────────────────────────────────────────────────────

LARGEST = 10**18


def is_number(value: Any) -> bool:
    """Whether a rule's value is a number of sensible size (true and false are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def value_fault(kind: str, op: str, value: Any) -> str | None:
    """Return the sentence that says why a value does not fit the operator; None if it does."""
    if op in ("set", "not_set"):
        return None
    if op in ("in", "not_in", "contains_any", "contains_all"):
        noun = "numbers" if kind == "number" else "texts"
        fits = is_number if kind == "number" else _is_text
        if not isinstance(value, tuple) or not value:
            return f"give a list of {noun}, with at least one in it"
        return None if all(map(fits, value)) else f"the list must hold {noun} alone"
    if op == "between":
        if not isinstance(value, tuple) or len(value) != 2 or not all(map(is_number, value)):
            return "give two numbers, the lower and the higher"
        return None if value[0] <= value[1] else "the first number must not be above the second"
    return _single_fault(kind, op, value)


def _single_fault(kind: str, op: str, value: Any) -> str | None:
    if kind == "datetime":
        read, example = (
            (parse_duration, "a duration such as P7D or PT90M")
            if op in RELATIVE
            else (parse_instant, "a date and time such as 2026-06-15T12:00:00Z")
        )
        if not isinstance(value, str):
            return f"give {example}"
        try:
            read(value)
        except ValueError as refused:
            return str(refused)
        return None
    wanted = {"number": (is_number, "a number"), "boolean": (_is_flag, "true or false")}
    fits, noun = wanted.get(kind, (_is_text, "a text"))
    if kind == "number" and isinstance(value, int | float) and abs(value) > LARGEST:
        return "that number is too large"
    return None if fits(value) else f"give {noun}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


# ── in SQL ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Operand:
    """A value as SQL.

    Attributes
    ----------
    kind
        `string`, `number`, `boolean`, `datetime` or `list`.
    text
        The expression; NULL where the value is missing or of another type. For `boolean` and
        `list` it is jsonb, of any type.
    cast
        The type its comparands are cast to: `timestamptz`, or `text` for canonical instants;
        `numeric` or `double precision` for numbers.
    column
        Whether it is a column, which may be named twice at no cost (and so stays on an index).
    """

    kind: str
    text: str
    cast: str = "text"
    column: bool = False

    def sure(self, comparison: str) -> str:
        """Return a comparison that is false where the operand is NULL."""
        if self.column:
            return f"({self.text} IS NOT NULL AND {comparison})"
        return f"coalesce({comparison}, false)"


def operator_sql(operand: Operand, op: str, value: Any, to: SqlWriter) -> str:
    """Return the boolean SQL of an operator applied to an operand; never NULL."""
    positive = POSITIVE.get(op)
    if positive is not None:
        return f"NOT {operator_sql(operand, positive, value, to)}"
    return _SQL[operand.kind](operand, op, value, to)


def _string_sql(operand: Operand, op: str, value: Any, to: SqlWriter) -> str:
    text = operand.text
    if op == "set" or (op != "in" and value == ""):
        # A text that is there begins with, ends with and contains the empty text; none is equal.
        return "false" if op == "eq" else operand.sure(f"{text} <> ''")
    if op == "in":
        wanted = [one for one in value if one != ""]
        many = f"ARRAY(SELECT folded(v) FROM unnest({to.value(wanted, 'text[]')}) v)"
        return operand.sure(f"folded({text}) = ANY({many})")
    one = f"folded({to.value(value, 'text')})"
    return operand.sure(
        {
            "eq": f"folded({text}) = {one}",
            "contains": f"strpos(folded({text}), {one}) > 0",
            "starts_with": f"starts_with(folded({text}), {one})",
            "ends_with": f"right(folded({text}), length({one})) = {one}",
        }[op]
    )


def _number_sql(operand: Operand, op: str, value: Any, to: SqlWriter) -> str:
    number, cast = operand.text, operand.cast
    if op == "set":
        return f"({number} IS NOT NULL)"
    exact = float if cast == "double precision" else _decimal
    if op == "in":
        return operand.sure(f"{number} = ANY({to.value(list(map(exact, value)), f'{cast}[]')})")
    if op == "between":
        low, high = (to.value(exact(bound), cast) for bound in value)
        return operand.sure(f"{number} BETWEEN {low} AND {high}")
    return operand.sure(f"{number} {COMPARE[op]} {to.value(exact(value), cast)}")


def _decimal(number: float) -> Decimal:
    """A number exactly as its text says; and lists of one type, which is all psycopg takes."""
    return Decimal(str(number))


def _boolean_sql(operand: Operand, op: str, value: Any, _to: SqlWriter) -> str:
    if op == "set":
        return f"coalesce(jsonb_typeof({operand.text}) = 'boolean', false)"
    literal = "true" if value else "false"
    return operand.sure(f"{operand.text} = '{literal}'::jsonb")


def _datetime_sql(operand: Operand, op: str, value: Any, to: SqlWriter) -> str:
    instant = operand.text

    def at(edge: Edge) -> str:
        if operand.cast == "text":
            return to.edge(lambda now, zone: canonical(edge(now, zone)), "text")
        return to.edge(edge)

    if op == "set":
        return (
            operand.sure(f"{instant} <> ''")
            if operand.cast == "text"
            else (f"({instant} IS NOT NULL)")
        )
    edges = _edges(op, value)
    return operand.sure(" AND ".join(f"{instant} {sign} {at(edge)}" for sign, edge in edges))


def _edges(op: str, value: str) -> tuple[tuple[str, Edge], ...]:
    """The comparisons that make a datetime operator, each with its edge as a function of now."""
    if op in ("before", "after"):
        fixed = parse_instant(value)
        return (("<" if op == "before" else ">", lambda _now, _zone: fixed),)
    span = parse_duration(value)

    def present(now: datetime, _zone: ZoneInfo) -> datetime:
        return now

    def past(now: datetime, _zone: ZoneInfo) -> datetime:
        return shifted(now, -span)

    def future(now: datetime, _zone: ZoneInfo) -> datetime:
        return shifted(now, span)

    return {
        "in_last": ((">", past), ("<=", present)),
        "older_than": (("<=", past),),
        "in_next": ((">", present), ("<=", future)),
        "beyond": ((">", future),),
    }[op]


def _list_sql(operand: Operand, op: str, value: Any, to: SqlWriter) -> str:
    is_list = f"jsonb_typeof({operand.text}) = 'array'"
    if op == "set":
        return (
            f"coalesce(CASE WHEN {is_list} THEN jsonb_array_length({operand.text}) > 0 END, false)"
        )
    item = to.alias("i")
    items = (
        f"jsonb_array_elements(CASE WHEN {is_list} THEN {operand.text} ELSE '[]'::jsonb END) "
        f"{item} (v) WHERE jsonb_typeof({item}.v) = 'string' AND folded({item}.v #>> '{{}}')"
    )
    if op == "contains":
        return f"EXISTS (SELECT FROM {items} = folded({to.value(value, 'text')}))"
    wanted = to.value(list(value), "text[]")
    if op == "contains_any":
        many = f"ARRAY(SELECT folded(v) FROM unnest({wanted}) v)"
        return f"EXISTS (SELECT FROM {items} = ANY({many}))"
    one = to.alias("n")
    return (
        f"NOT EXISTS (SELECT FROM unnest({wanted}) {one} (v) "
        f"WHERE NOT EXISTS (SELECT FROM {items} = folded({one}.v)))"
    )


_SQL: Mapping[str, Callable[[Operand, str, Any, SqlWriter], str]] = MappingProxyType(
    {
        "string": _string_sql,
        "number": _number_sql,
        "boolean": _boolean_sql,
        "datetime": _datetime_sql,
        "list": _list_sql,
    }
)

# ── in memory ───────────────────────────────────────────────────────────────────────────────────


def operator_holds(kind: str, op: str, wanted: Any, value: Any, now: datetime | None) -> bool:
    """Whether a value fulfils an operator of a type; a value of another type is missing.

    Without `now`, the operators that are relative to it are false.
    """
    positive = POSITIVE.get(op)
    if positive is not None:
        return not operator_holds(kind, positive, wanted, value, now)
    value = None if is_missing(value) else _READ[kind](value)
    if value is None:
        return False
    return op == "set" or _HOLDS[kind](op, wanted, value, now)


def _string_holds(op: str, wanted: Any, value: str, _now: datetime | None) -> bool:
    text = folded(value)
    if op == "in":
        return any(text == folded(one) for one in wanted)
    one = folded(wanted)
    return {
        "eq": text == one,
        "contains": one in text,
        "starts_with": text.startswith(one),
        "ends_with": text.endswith(one),
    }[op]


def _number_holds(op: str, wanted: Any, value: Any, _now: datetime | None) -> bool:
    if op == "in":
        return any(value == number_of(one) for one in wanted)
    if op == "between":
        low, high = map(number_of, wanted)
        return bool(low <= value <= high)
    return compares(op, value, number_of(wanted))


def _boolean_holds(_op: str, wanted: Any, value: bool, _now: datetime | None) -> bool:
    return value is wanted


def _datetime_holds(op: str, wanted: Any, value: datetime, now: datetime | None) -> bool:
    if now is None and op in RELATIVE:
        return False
    present = now or value
    return all(
        compares(
            "gt" if sign == ">" else "lt" if sign == "<" else "lte", value, edge(present, _UTC)
        )
        for sign, edge in _edges(op, wanted)
    )


def _list_holds(op: str, wanted: Any, value: list[Any], _now: datetime | None) -> bool:
    there = {folded(item) for item in value if isinstance(item, str)}
    if op == "contains":
        return folded(wanted) in there
    several = {folded(one) for one in wanted}
    return bool(several & there) if op == "contains_any" else several <= there


_UTC = ZoneInfo("UTC")
_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "string": lambda value: value if isinstance(value, str) else None,
        "number": number_of,
        "boolean": lambda value: value if isinstance(value, bool) else None,
        "datetime": instant_of,
        "list": lambda value: list(value) if isinstance(value, list | tuple) else None,
    }
)
_HOLDS: Mapping[str, Callable[[str, Any, Any, datetime | None], bool]] = MappingProxyType(
    {
        "string": _string_holds,
        "number": _number_holds,
        "boolean": _boolean_holds,
        "datetime": _datetime_holds,
        "list": _list_holds,
    }
)

# ── in words ────────────────────────────────────────────────────────────────────────────────────

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "eq": "is", "ne": "is not", "in": "is one of", "not_in": "is none of",
        "contains": "contains", "not_contains": "does not contain", "starts_with": "begins with",
        "ends_with": "ends with", "gt": "is above", "gte": "is at least", "lt": "is below",
        "lte": "is at most", "between": "is between", "before": "is before", "after": "is after",
        "in_last": "was in the last", "older_than": "was more than", "in_next": "is in the next",
        "beyond": "is more than", "contains_any": "contains any of",
        "contains_all": "contains all of", "set": "is known", "not_set": "is not known",
    }
)  # fmt: skip


def operator_words(op: str, value: Any) -> str:
    """Say an operator and its value.

    Examples
    --------
    >>> operator_words("between", (5, 10))
    'is between 5 and 10'
    >>> operator_words("older_than", "P7D")
    'was more than 7 days ago'
    """
    words = _WORDS[op]
    if op in ("set", "not_set"):
        return words
    if op in RELATIVE:
        span = describe_duration(parse_duration(value))
        after = {"older_than": " ago", "beyond": " ahead"}.get(op, "")
        return f"{words} {span}{after}"
    if op == "between":
        return f"{words} {said(value[0])} and {said(value[1])}"
    return f"{words} {said(value)}"


def said(value: Any) -> str:
    """Say a value: texts in quotes, numbers plain, lists with commas and "or".

    Examples
    --------
    >>> said(("trial", "free"))
    '“trial” or “free”'
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        parts = [said(one) for one in value]
        return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"“{value}”"
