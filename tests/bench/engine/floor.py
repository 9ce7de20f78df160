"""The floor: the rows that a run has left, written once more by hand-made SQL and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from tests.bench.engine.flows import NOW
from tests.bench.engine.spent import Spent, spending

TABLES = ("visit", "step", "message", "contact")
HOUR = NOW + timedelta(hours=1)
DAY = HOUR + timedelta(days=1)


def floor() -> Spent:
    """Write what `TWELVE` has left: visits in, moved twice and ended, steps, messages, fields.

    Into tables with the same indexes, checks, foreign keys and fill; each part in the order and in
    the transactions in which a set-based engine could not do with fewer.
    """
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT reloptions FROM pg_class WHERE relname = %s AND reloptions IS NOT NULL",
                [table],
            )
            for (options,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE floor_{table} SET ({', '.join(options)})")
            cursor.execute(f"CREATE TABLE final_{table} AS TABLE {table}")
        cursor.execute("INSERT INTO floor_contact SELECT * FROM final_contact")
        # `LIKE` takes over indexes and checks, but no foreign keys.
        cursor.execute(
            "SELECT c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c"
            " WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)",
            [list(TABLES)],
        )
        for table, constraint in cursor.fetchall():
            definition = constraint.replace("REFERENCES contact(", "REFERENCES floor_contact(")
            cursor.execute(f"ALTER TABLE floor_{table} ADD {definition}")
        cursor.execute("VACUUM ANALYZE floor_contact")
        with spending() as spent:
            _entering(cursor)
            _moving(cursor)
            _ending(cursor)
        for table in reversed(TABLES):
            cursor.execute(f"DROP TABLE floor_{table}, final_{table} CASCADE")
    return spent


def _stage(cursor: Any, value: str) -> None:
    """A field set for everybody, with the instant at which it was."""
    cursor.execute(
        "UPDATE floor_contact SET fields = fields || jsonb_build_object('stage', %s::text),"
        " field_times = field_times || jsonb_build_object('stage', %s::text)",
        [value, "2026-05-01T12:00:00.000000Z"],
    )


def _entering(cursor: Any) -> None:
    execute = cursor.execute
    execute(
        "INSERT INTO floor_visit (id, lane, flow_id, version_id, contact_id, state, node,"
        " arrived_at, due_at, entered_at, entry_at, steps)"
        " SELECT id, lane, flow_id, version_id, contact_id, 'inside', 'hour', entered_at,"
        " entered_at + interval '1 hour', entered_at, entry_at, 5 FROM final_visit"
    )
    execute("INSERT INTO floor_step SELECT * FROM final_step WHERE number < 5")
    execute("INSERT INTO floor_message SELECT * FROM final_message WHERE node = 'first'")
    _stage(cursor, "begun")


def _moving(cursor: Any) -> None:
    execute = cursor.execute
    execute(
        "UPDATE floor_visit SET node = 'day', arrived_at = due_at,"
        " due_at = due_at + interval '1 day', steps = 9 WHERE due_at <= %s",
        [HOUR],
    )
    execute("INSERT INTO floor_step SELECT * FROM final_step WHERE number BETWEEN 5 AND 8")
    execute("INSERT INTO floor_message SELECT * FROM final_message WHERE node = 'second'")


def _ending(cursor: Any) -> None:
    execute = cursor.execute
    execute(
        "UPDATE floor_visit SET state = 'exited', node = 'end', left_at = due_at, due_at = NULL,"
        " arrived_at = due_at, steps = 12, reason = 'done' WHERE due_at <= %s",
        [DAY],
    )
    execute("INSERT INTO floor_step SELECT * FROM final_step WHERE number > 8")
    _stage(cursor, "done")
