"""A file of contacts that is imported while something else is measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Self

from tests.served import Program, wait_until

COLUMNS = ("id", "email", "first name", "city", "plan", "seats")
PARTS = ("target", "type", "format")


class Importing:
    """Imports so many new contacts; on leaving it waits until all are in.

    Attributes
    ----------
    seconds
        How long the import took.
    """

    def __init__(self, program: Program, rows: int) -> None:
        self.program = program
        self.rows = rows
        self.seconds = 0.0

    def __enter__(self) -> Self:
        """Send the file and begin."""
        one = self._sent()
        mapping = [
            {"column": column["index"]} | {part: column["guess"][part] for part in PARTS}
            for column in one["columns"]
        ]
        self._address = f"/api/contacts/import/{one['id']}/"
        self._began = time.monotonic()
        self.program.post(f"{self._address}start/", {"mapping": mapping})
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the end."""
        wait_until(self._is_done, seconds=600, every=0.5)
        self.seconds = time.monotonic() - self._began

    def rows_in(self) -> int:
        """How many rows are in by now."""
        return int(self._state()["counts"].get("rows", 0))

    def _is_done(self) -> bool:
        return bool(self._state()["status"] == "done")

    def _state(self) -> Any:
        return self.program.get(self._address)

    def _sent(self) -> Any:
        text = "\n".join([",".join(COLUMNS), *self._lines()])
        return self.program.upload("/api/contacts/import/", "people.csv", text)

    def _lines(self) -> Iterator[str]:
        stamp = time.time_ns()
        for number in range(self.rows):
            name = f"row{stamp}-{number}"
            yield f"{name},{name}@example.com,Ada,Wien,pro,{number % 50}"
