"""Rows of a CSV file, read as they come, each with its line and where it ends. PURE.

Promises that a broken row spoils no other: a quote that is opened and never closed costs its own
line, since reading goes on at the line after. Whoever keeps a row's `end` and `line` can go on
behind it later (`Reader(…, position=…, line=…)`), in another process.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

MAX_ROW: Final = 1024 * 1024
"""Bytes of one row, with its embedded line feeds; more is a quote that was never closed."""

MOST_BROKEN: Final = 100
"""So many rows may have no end; after that the file itself is at fault."""

DELIMITERS: Final = (",", ";", "\t", "|")

csv.field_size_limit(MAX_ROW)

ENDLESS = "A quote is opened on this line and never closed, or the row is longer than 1 MB."


class TooBroken(ValueError):
    """So many rows have no end that this can't be the right reading of the file."""

    def __init__(self) -> None:
        super().__init__(
            f"More than {MOST_BROKEN} rows have a quote that is never closed. Look at the file's "
            "quotes, or choose another delimiter."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, the line on which it begins (from 1), and the byte behind its end.

    `fault` says why it can't be read; then the cells are what stood on its first line.
    """

    line: int
    end: int
    cells: list[str]
    fault: str = ""


class _Endless(Exception):
    """The row at hand is larger than a row may be."""


class Reader:
    r"""Iterates over the rows of a file, without blank ones.

    Parameters
    ----------
    chunks
        The file's bytes from `position` on.
    encoding, delimiter
        How they are read.
    position, line, broken
        Where reading begins: bytes and lines that lie before, rows without an end so far.

    Examples
    --------
    >>> [row.cells for row in Reader([b'a,b\n"x\ny",', b"z\n"], encoding="utf-8", delimiter=",")]
    [['a', 'b'], ['x\ny', 'z']]
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        encoding: str,
        delimiter: str,
        position: int = 0,
        line: int = 0,
        broken: int = 0,
    ) -> None:
        self.position = position
        self.line = line
        self.broken = broken
        self._delimiter = delimiter
        self._lines = _Lines(chunks, encoding)
        self._csv = csv.reader(self._lines, delimiter=delimiter)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        lines = self._lines
        while True:
            lines.begin()
            first = self.line + 1
            try:
                cells = next(self._csv)
            except StopIteration:
                if not lines.taken:
                    raise
                continue
            except (_Endless, csv.Error):
                return self._broken_off(first)
            if lines.at_end and len(lines.taken) > 1 and lines.quotes_are_odd():
                return self._broken_off(first)
            self.position += lines.size
            self.line += len(lines.taken)
            if any(cells) and any(map(str.strip, cells)):
                return Row(first, self.position, cells)

    def _broken_off(self, first: int) -> Row:
        """Give up the row that begins here, and go on with the line after."""
        self.broken += 1
        if self.broken > MOST_BROKEN:
            raise TooBroken
        text = self._lines.back_to_second()
        self.position += self._lines.size
        self.line += 1
        return Row(first, self.position, text.strip().split(self._delimiter), ENDLESS)


class _Lines:
    """The lines of one row after another, remembered so that they can be given back."""

    def __init__(self, chunks: Iterable[bytes], encoding: str) -> None:
        self._fresh = lines_of(chunks)
        self._back: deque[bytes] = deque()
        self._encoding = encoding
        self.taken: list[bytes] = []
        self.size = 0
        self.at_end = False

    def begin(self) -> None:
        """A new row begins."""
        self.taken = []
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._fresh, None)
        if line is None:
            self.at_end = True
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        if self.size > MAX_ROW:
            raise _Endless
        return line.decode(self._encoding, "replace")

    def quotes_are_odd(self) -> bool:
        """Whether a quote of this row was never closed."""
        return bool(sum(line.count(b'"') for line in self.taken) % 2)

    def back_to_second(self) -> str:
        """Give back all lines of this row but the first, and return that."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.at_end = False
        del self.taken[1:]
        self.size = len(self.taken[0])
        return self.taken[0].decode(self._encoding, "replace")


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Cut bytes into lines with their ends (\n, \r\n or \r), whatever the borders of the chunks.

    A line that is longer than a row may be comes in parts.

    Examples
    --------
    >>> list(lines_of([b"a\r", b"\nb\rc", b"d"]))
    [b'a\r\n', b'b\r', b'cd']
    """
    rest = b""
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        lines = data.splitlines(keepends=True)
        # The last line may go on in the next chunk, and so may its \r\n.
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        yield from lines
        if len(rest) > MAX_ROW:
            yield rest
            rest = b""
    if rest:
        yield rest


def whole_rows(sample: bytes, *, is_all: bool) -> bytes:
    """Cut a sample of a file after its last line feed, unless it is all of it."""
    if is_all:
        return sample
    cut = max(sample.rfind(b"\n"), sample.rfind(b"\r"))
    return sample[: cut + 1] if cut >= 0 else sample
