"""Liquid's filters under guard: whatever a template says, one rendering stays small and quick.

The limits that python-liquid has (loops, output, nesting) do not see one chain of filters, in which
`replace` and its like can multiply a text at each link. So every filter's arguments and result are
measured here and charged to a budget per rendering. PURE: no Django, no IO, no clock.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from liquid.builtin.filters.misc import date as plain_date
from liquid.context import RenderContext
from liquid.exceptions import FilterError, LiquidError
from liquid.filter import with_context

MAX_TEXT = 100_000
"""Characters that one argument or result of a filter may have."""
MAX_ITEMS = 2_000
"""Items that one list may have."""
MAX_DIGITS = 40
"""Decimal digits that one whole number may have."""
BUDGET = 2_000_000
"""Characters and items that all filters of one rendering may handle together."""

_budget: ContextVar[list[int] | None] = ContextVar("liquid_filter_budget", default=None)

ODD = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What odd data can make Liquid raise besides its own errors."""

REMOVED = frozenset({"safe", "escapejs", "base64_decode", "base64_url_safe_decode"})
"""Not offered: they undo escaping, or yield what is no text."""


@contextmanager
def rendering_budget() -> Iterator[None]:
    """Give one rendering its budget; filters used outside of one have none of their own."""
    token = _budget.set([BUDGET])
    try:
        yield
    finally:
        _budget.reset(token)


def guarded(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return the filters a template may use, each under guard."""
    kept = {name: f for name, f in filters.items() if name not in REMOVED}
    kept["date"] = _date
    return {name: _guard(name, f) for name, f in kept.items()}


def _guard(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    foresee = _FORESEEN.get(name)

    @wraps(plain)
    def measured(value: Any, *args: Any, **kwargs: Any) -> Any:
        _charge(name, value)
        for arg in args:
            _charge(name, arg)
        if foresee is not None and foresee(value, *args) > MAX_TEXT:
            raise FilterError(f"the result of {name!r} is too long", token=None)
        try:
            result = plain(value, *args, **kwargs)
        except LiquidError:
            raise
        except ODD as error:
            # Odd data (a date of the year 99999, say) must fail one message, not the program.
            raise FilterError(f"{name!r} can't work on this value: {error}", token=None) from error
        _charge(name, result)
        return result

    return measured


def _charge(name: str, value: Any) -> None:
    size = _measure(name, value)
    budget = _budget.get()
    if budget is not None:
        budget[0] -= size
        if budget[0] < 0:
            raise FilterError("the template's filters handle too much text", token=None)


def _measure(name: str, value: Any) -> int:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise FilterError(f"a text given to or made by {name!r} is too long", token=None)
        return len(value)
    if isinstance(value, int):
        if value.bit_length() > MAX_DIGITS * 10 // 3:
            raise FilterError(f"a number given to or made by {name!r} is too large", token=None)
        return 1
    if isinstance(value, range | list | tuple | dict):
        if len(value) > MAX_ITEMS:
            raise FilterError(f"a list given to or made by {name!r} is too long", token=None)
        if isinstance(value, range):
            return len(value)
        items = value.values() if isinstance(value, dict) else value
        return sum(
            len(item) if isinstance(item, str | list | tuple | dict) else 1 for item in items
        )
    return 1


def _replaced(value: Any, old: Any = "", new: Any = "", *_: Any) -> int:
    text, old, new = str(value), str(old), str(new)
    return len(text) + (text.count(old) if old else len(text) + 1) * len(new)


def _joined(value: Any, separator: Any = " ", *_: Any) -> int:
    if not isinstance(value, list | tuple | range):
        return 0
    return sum(len(str(item)) for item in value) + len(value) * len(str(separator))


_FORESEEN: Mapping[str, Callable[..., int]] = {"replace": _replaced, "join": _joined}


@with_context
def _date(value: Any, pattern: Any, *, context: RenderContext) -> Any:
    """`date`, for which `now` and `today` are the instant of the rendering, not the wall clock."""
    if value in ("now", "today"):
        value = context.globals.get("now")
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        # Seconds since 1970 are read in UTC; the plain filter would take the machine's own zone.
        value = dt.datetime.fromtimestamp(value, dt.UTC)
    if value is None or value == "":
        return ""
    return plain_date(value, pattern, environment=context.env)
