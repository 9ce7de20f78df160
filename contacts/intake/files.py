"""Files of events, read as messages of the Segment spec. PURE but for the file it reads.

`.jsonl` (one message a line) and `.csv`, each plain or `.gz`. Lines are read one at a time, so a
file of any size takes little memory. A message without a `messageId` gets one from the file's name,
its line and its content, so that sending a file twice counts once.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO


class FileRefused(ValueError):
    """A file, or a line of it, can't be read as messages; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the columns of a CSV file become messages.

    `columns` says which column holds `userId`, `anonymousId`, `event`, `timestamp`, `type`; all
    other columns become properties (or traits, of an identify). `events` renames events.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)


def messages_of(path: Path, mapped: Mapped) -> Iterator[dict[str, Any]]:
    """Yield the messages of a file in its order.

    Raises
    ------
    FileRefused
        At the first line that can't be read.
    """
    names = path.name.lower().removesuffix(".gz")
    with _open(path) as file:
        rows = _csv(file, mapped) if names.endswith(".csv") else _jsonl(file)
        for line, message in rows:
            name = message.get("event")
            if isinstance(name, str):
                message["event"] = mapped.events.get(name, name)
            if not message.get("messageId"):
                message["messageId"] = _message_id(path.name, line, message)
            yield message


def _open(path: Path) -> TextIO:
    if path.name.lower().endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _jsonl(file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            message = json.loads(text)
        except ValueError as error:
            raise FileRefused(f"line {line} is not JSON: {error}") from None
        if not isinstance(message, dict):
            raise FileRefused(f"line {line} is not a JSON object")
        yield line, message


def _csv(file: TextIO, mapped: Mapped) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(file)
    header = reader.fieldnames or []
    missing = sorted(set(mapped.columns.values()) - set(header))
    if missing:
        raise FileRefused(f"the file has no column {', '.join(missing)}; it has {header}")
    taken = set(mapped.columns.values())
    for row in reader:
        message: dict[str, Any] = {"type": "track"}
        message.update({key: row[column] for key, column in mapped.columns.items() if row[column]})
        others = {
            column: _value(text)
            for column, text in row.items()
            if column is not None and column not in taken and text
        }
        message["traits" if message["type"] == "identify" else "properties"] = others
        yield reader.line_num, message


def _value(text: str) -> Any:
    """Read a cell as the number it looks like, else as text."""
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else float(text)
    except ValueError:
        return text


def _message_id(name: str, line: int, message: Mapping[str, Any]) -> str:
    content = json.dumps(message, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(f"{name}\n{line}\n{content}".encode("utf-8", "replace"))
    return f"replay-{digest.hexdigest()[:40]}"
