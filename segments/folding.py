"""The collation by which rules fold case: chosen from what a PostgreSQL has, whatever its locale.

PostgreSQL 17 has its own Unicode tables (`builtin`); before that, libc's C.UTF-8 folds letter by
letter in the same way; ICU is the last resort. All three sort by code point or not at all: rules
compare for equality alone, so an index on `folded(…)` serves each.
"""

from __future__ import annotations

from typing import Protocol

CHOICES = (
    "provider = builtin, locale = 'C.UTF-8'",
    "provider = libc, locale = 'C.utf8'",
    "provider = libc, locale = 'C.UTF-8'",
    "provider = libc, locale = 'en_US.utf8'",
    "provider = icu, locale = 'und'",
)

PROBE = "SELECT lower('ÜNÏTED ΩЖ' COLLATE folding)"
PROBED = "ünïted ωж"


class Cursor(Protocol):
    """What is needed of a cursor."""

    def execute(self, sql: str) -> object:
        """Run a statement."""

    def fetchone(self) -> tuple[object, ...] | None:
        """Return the next row."""


class NoCollationError(Exception):
    """The server has no collation that folds case beyond ASCII."""


def collation_create(cursor: Cursor, *, refused: type[Exception]) -> None:
    """Create the collation `folding`, from the first choice that this server takes.

    Parameters
    ----------
    cursor
        In a transaction: each try is undone by a savepoint.
    refused
        The database's exception for what it does not know.

    Raises
    ------
    NoCollationError
        If none will do.
    """
    for choice in CHOICES:
        cursor.execute("SAVEPOINT collation_choice")
        try:
            cursor.execute(f"CREATE COLLATION folding ({choice})")
            cursor.execute(PROBE)
            if cursor.fetchone() == (PROBED,):
                cursor.execute("RELEASE SAVEPOINT collation_choice")
                return
        except refused:
            pass
        cursor.execute("ROLLBACK TO SAVEPOINT collation_choice")
    raise NoCollationError(
        "this PostgreSQL folds no case beyond ASCII: create its database with encoding UTF8"
    )
