"""A schema of its own for a backtest: the structure of the real tables, and nothing of their rows.

The structure is read from the catalog, so the tables of every room follow by themselves. The
schema is named alone in `search_path` by whoever works in it: what is not there is an error, and
nothing falls through to the real tables. Its tables are unlogged: a crash of the server empties
them, which is what should become of a trial.

Whoever works in a trial's schema holds its advisory lock, so that the sweep knows the orphans.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

from common.sql import queries

SQL: Final = queries("flows", "trial")
PREFIX: Final = "trial_"
_NAME: Final = re.compile(r"trial_[a-z0-9_]{1,40}")
LEFT_OUT: Final = (
    "account_%",
    "auth_%",
    "django_%",
    "mfa_%",
    "procrastinate_%",
    "socialaccount_%",
    "usersessions_%",
)
"""Tables that no engine writes: those of the web's sessions, of the jobs, of signing in."""


def schema_make(name: str, *, source: str) -> None:
    """Make the schema with all tables, sequences, functions and collations, without indexes.

    Parameters
    ----------
    name
        Of the new schema; one of that name goes first.
    source
        The schema of the real tables.
    """
    _checked(name)
    with connection.cursor() as cursor:
        schema_drop(name)
        cursor.execute(f'CREATE SCHEMA "{name}"')
        _each(
            cursor, "collations", source, f'CREATE COLLATION "{name}".{{0}} FROM "{source}".{{0}}'
        )
        for (definition,) in _texts(cursor, "functions", source):
            cursor.execute(_moved(definition, source, name))
        tables = [table for (table,) in _texts(cursor, "tables", source)]
        for table in tables:
            cursor.execute(
                f'CREATE UNLOGGED TABLE "{name}"."{table}" (LIKE "{source}"."{table}" '
                "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE)"
            )
            cursor.execute(f'ALTER TABLE "{name}"."{table}" SET (autovacuum_enabled = false)')
        for sequence, table, column in _texts(cursor, "sequences", source):
            cursor.execute(f'CREATE SEQUENCE "{name}"."{sequence}"')
            cursor.execute(
                f'ALTER TABLE "{name}"."{table}" ALTER COLUMN "{column}" '
                f'SET DEFAULT nextval(\'"{name}"."{sequence}"\')'
            )
            cursor.execute(
                f'ALTER SEQUENCE "{name}"."{sequence}" OWNED BY "{name}"."{table}"."{column}"'
            )


def schema_index(name: str, *, source: str) -> None:
    """Give the tables their keys, checks, triggers and indexes, once the rows are there."""
    with connection.cursor() as cursor:
        for table, constraint, definition in _texts(cursor, "constraints", source):
            cursor.execute(
                f'ALTER TABLE "{name}"."{table}" ADD CONSTRAINT "{constraint}" '
                + _moved(definition, source, name)
            )
        for (definition,) in _texts(cursor, "indexes", source):
            cursor.execute(_moved(definition.replace(" ON ONLY ", " ON "), source, name))
        for (definition,) in _texts(cursor, "triggers", source):
            cursor.execute(_moved(definition, source, name))
        cursor.execute("ANALYZE")


def schema_hold(name: str) -> bool:
    """Hold the trial of this name for as long as the connection lasts; false if somebody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)])
        return bool(cursor.fetchone()[0])


def schema_drop(name: str) -> None:
    """Remove a trial's schema with all that is in it."""
    _checked(name)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')


def schemas_sweep() -> list[str]:
    """Remove the schemas whose trial nobody works at any more; returns their names."""
    swept: list[str] = []
    with connection.cursor() as cursor:
        for (name,) in _texts(cursor, "trials", ""):
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)])
            (free,) = cursor.fetchone()
            if not free:
                continue
            try:
                schema_drop(name)
                swept.append(name)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])
    return swept


def columns_of(table: str) -> list[str]:
    """The columns of a table that a row is written with, in the schema we work in."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["columns"], {"table": table})
        return [column for (column,) in cursor.fetchall()]


def sequences_follow(tables: Iterable[str]) -> None:
    """Let the sequences of these tables go on behind the rows that were copied."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(current_schema() || '.{table}', 'id'), "
                f'greatest(coalesce(max(id), 0), 1)) FROM "{table}"'
            )


def _checked(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a trial's schema")


def _number(name: str) -> int:
    return (0x7472696C << 32 | zlib.crc32(name.encode())) & 0x7FFFFFFFFFFFFFFF


def _texts(cursor: Any, query: str, source: str) -> Sequence[Sequence[str]]:
    """Read definitions as they are written inside the source, where its own names stand alone."""
    cursor.execute("SELECT current_setting('search_path')")
    (before,) = cursor.fetchone()
    if source:
        cursor.execute("SELECT set_config('search_path', %s, false)", [f'"{source}"'])
    try:
        cursor.execute(SQL[query], {"source": source, "left_out": list(LEFT_OUT)})
        found: Sequence[Sequence[str]] = cursor.fetchall()
    finally:
        cursor.execute("SELECT set_config('search_path', %s, false)", [before])
    return found


def _each(cursor: Any, query: str, source: str, statement: str) -> None:
    for row in _texts(cursor, query, source):
        cursor.execute(statement.format(*(f'"{text}"' for text in row)))


def _moved(definition: str, source: str, name: str) -> str:
    """The same definition in the other schema; other names are resolved by `search_path`."""
    for written in (f'"{source}".', f"{source}."):
        definition = definition.replace(f" {written}", f' "{name}".')
    return definition
