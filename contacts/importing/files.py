"""The bytes of a file in the database: written as they come, read from any position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection

from contacts.importing.applying import SQL
from contacts.importing.decoding import read_as
from contacts.importing.models import ContactImport
from contacts.importing.reading import Reader

CHUNK: Final = 1024 * 1024
"""Bytes of a chunk. All but the last are this long, so that the chunk of any byte is known."""


class ChunkWriter:
    """Cuts what comes into chunks and stores each as soon as it is full."""

    def __init__(self, import_id: int) -> None:
        self.size = 0
        self._import_id = import_id
        self._number = 0
        self._held = bytearray()

    def write(self, data: bytes) -> None:
        """Take some bytes."""
        self._held += data
        while len(self._held) >= CHUNK:
            self._store(bytes(self._held[:CHUNK]))
            del self._held[:CHUNK]

    def finish(self) -> None:
        """Store what is left."""
        if self._held:
            self._store(bytes(self._held))
            self._held.clear()

    def _store(self, chunk: bytes) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["add_chunk"],
                {"import": self._import_id, "number": self._number, "data": chunk},
            )
        self._number += 1
        self.size += len(chunk)


def chunks_of(import_id: int, position: int = 0) -> Iterator[bytes]:
    """Yield the file's bytes from a position on, one chunk in memory at a time."""
    number, skipped = divmod(position, CHUNK)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(SQL["read_chunk"], {"import": import_id, "number": number})
            found = cursor.fetchone()
        if found is None:
            return
        yield bytes(found[0])[skipped:]
        number, skipped = number + 1, 0


def reader_of(one: ContactImport) -> Reader:
    """Return a reader that goes on where an import stands."""
    return Reader(
        chunks_of(one.id, one.position),
        encoding=read_as(one.encoding),
        delimiter=one.delimiter,
        position=one.position,
        line=one.line,
        broken=one.broken,
    )
