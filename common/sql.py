"""Named queries: the set work of a room, kept as SQL in `<room>/sql/`.

`queries.sql` is the room's own; where that grows too long, there is a file per part of the room.

Each entry is a name, then comment lines (its purpose, the index it needs), then one statement with
psycopg placeholders:

    -- name: take_touches
    -- The oldest touched contacts of some lanes. Index: touch (lane, id).
    SELECT … WHERE lane = ANY(%(lanes)s) …
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name:[ \t]*(?P<name>[a-z][a-z0-9_]*)[ \t]*$", re.MULTILINE)
_ROOT = Path(__file__).resolve().parent.parent


class QueriesBroken(Exception):
    """A queries file can't be read as named queries. A fault of the program, seen at import."""


def parse_queries(text: str) -> dict[str, str]:
    r"""Cut a queries file into its named statements.

    Lines that are comments alone are left out. Each statement begins with `/* name */`, so that
    PostgreSQL's own logs and statistics tell which query they speak of.

    Raises
    ------
    QueriesBroken
        If a name comes twice, a name has no statement, or SQL stands before the first name.

    Examples
    --------
    >>> parse_queries("-- name: one\n-- The number one.\nSELECT 1;\n")
    {'one': '/* one */ SELECT 1'}
    """
    pieces = _NAME.split(text)
    if _statement(pieces[0]):
        raise QueriesBroken("there is SQL before the first '-- name:'")
    found: dict[str, str] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        statement = _statement(body)
        if name in found:
            raise QueriesBroken(f"the query {name!r} is there twice")
        if not statement:
            raise QueriesBroken(f"the query {name!r} has no statement")
        found[name] = f"/* {name} */ {statement}"
    return found


def _statement(body: str) -> str:
    """Leave out lines that are comments alone: a `%` in prose is no placeholder."""
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().removesuffix(";").rstrip()


@cache
def queries(room: str, part: str = "queries") -> Mapping[str, str]:
    """Return the named queries of one of a room's files, read once.

    Parameters
    ----------
    room
        The room's folder name, such as `flows`.
    part
        The file's name without `.sql`, where a room has more than one.

    Raises
    ------
    QueriesBroken
        If the file is missing or malformed.
    """
    path = _ROOT / room / "sql" / f"{part}.sql"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise QueriesBroken(f"the room {room!r} has no sql/{part}.sql") from None
    return MappingProxyType(parse_queries(text))
