"""Reading JSON that a stranger sent. PURE: no Django, no IO.

Promises that what comes out can be stored in PostgreSQL and walked without surprise: bounded in
size, depth and keys, no NaN or Infinity, no NUL and no lone surrogate in any text (`text` and
`jsonb` refuse them), no whole number beyond `bigint`, no key twice in one object (which of the two
counts would depend on who reads it).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

MAX_DEPTH = 32
MAX_KEY = 1_000
MAX_INT = 2**63 - 1
_LONGEST_NUMBER = 400  # digits; more is never a number anybody means


class JSONRefused(ValueError):
    """The text is no JSON, or JSON that is not taken in; the message says why."""


def loads(text: str | bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Read one JSON document.

    Parameters
    ----------
    text : str or bytes
        The document; bytes are UTF-8. Whoever calls has bounded its length.
    max_depth : int
        How many arrays and objects may be nested in one another.

    Returns
    -------
    Any
        dict, list, str, int, float, bool or None.

    Raises
    ------
    JSONRefused
        With a sentence that can be shown to whoever sent it.

    Examples
    --------
    >>> loads('{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> loads("[" * 100 + "]" * 100)
    Traceback (most recent call last):
        ...
    common.safejson.JSONRefused: nested deeper than 32
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_fraction,
            object_pairs_hook=_object,
        )
    except JSONRefused:
        raise
    except UnicodeDecodeError:
        raise JSONRefused("not UTF-8") from None
    except RecursionError:
        raise JSONRefused(f"nested deeper than {max_depth}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise JSONRefused(f"not JSON: {error.msg} at {where}") from None
    fault = find_unsafe(value, max_depth=max_depth)
    if fault is not None:
        raise JSONRefused(fault)
    return value


def find_unsafe(value: Any, *, max_depth: int = MAX_DEPTH) -> str | None:
    r"""Say what in a JSON value can't be taken in, or None. Walks without recursion.

    Examples
    --------
    >>> find_unsafe({"a": ["fine"]}) is None
    True
    >>> find_unsafe({"a": "x\x00"})
    'a text contains NUL (\\u0000)'
    >>> find_unsafe(10**19)
    'a whole number is beyond 64 bits'
    """
    level: list[Any] = [value]
    depth = 0
    while level:
        below: list[Any] = []
        for item in level:
            fault = _fault_of(item)
            if fault is not None:
                return fault
            if isinstance(item, dict):
                fault = next((f for f in map(_fault_of_key, item) if f is not None), None)
                if fault is not None:
                    return fault
                below.append(item.values())
            elif isinstance(item, list):
                below.append(item)
        if below:
            depth += 1
            if depth > max_depth:
                return f"nested deeper than {max_depth}"
        level = [item for group in below for item in group]
    return None


def text_fault(text: str) -> str | None:
    r"""Say why PostgreSQL would refuse this text, or None.

    Examples
    --------
    >>> text_fault("grüße") is None
    True
    >>> text_fault("\ud800")
    'a text contains half of a surrogate pair'
    """
    if "\x00" in text:
        return "a text contains NUL (\\u0000)"
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "a text contains half of a surrogate pair"
    return None


def _fault_of(item: Any) -> str | None:
    if isinstance(item, str):
        return text_fault(item)
    if isinstance(item, bool):
        return None
    if isinstance(item, int) and not -MAX_INT - 1 <= item <= MAX_INT:
        return "a whole number is beyond 64 bits"
    if isinstance(item, float) and not math.isfinite(item):
        return "a number is not finite"
    return None


def _fault_of_key(key: str) -> str | None:
    if len(key) > MAX_KEY:
        return f"a key is longer than {MAX_KEY} characters"
    return text_fault(key)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise JSONRefused(f"the key {_twice(key for key, _ in pairs)!r} comes twice")
    return made


def _twice(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key[:50]
        seen.add(key)
    return ""


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise JSONRefused("a number has too many digits")
    return int(digits)


def _fraction(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER:
        raise JSONRefused("a number has too many digits")
    return float(digits)


def _refuse_constant(name: str) -> Any:
    raise JSONRefused(f"{name} is not JSON")
