"""Bodies of the tracking API, read with bounds. PURE: no Django, no IO.

Promises that no body, however it is packed, takes more memory than `MAX_BATCH` asks for, and that
one bad message does not spoil the batch it is in: what PostgreSQL or the spec's limits refuse is
handed back apart.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from common.safejson import find_unsafe

MAX_BATCH: Final = 500 * 1024
MAX_MESSAGE: Final = 32 * 1024
MAX_MESSAGES: Final = 5_000
_LONGEST_NUMBER: Final = 400

CALLS: Final[Mapping[str, str]] = {
    **{name: name for name in ("identify", "track", "page", "screen", "group", "alias", "batch")},
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": "batch",
    "import": "batch",
}
"""The calls by the names they have in addresses."""


class BodyRefused(ValueError):
    """The whole body is refused; `code` for programs, the message a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Batch:
    """The messages of a body: those to be stored, already written as JSON, and the bad ones.

    `bad` holds (message, code, reason).
    """

    written: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    bad: list[tuple[Any, str, str]] = field(default_factory=list)

    @property
    def payload(self) -> str:
        """The good messages as one JSON array."""
        return f"[{','.join(self.written)}]"


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return a body without its Content-Encoding (`gzip`, or none).

    Raises
    ------
    BodyRefused
        If it is larger than a batch may be, packed or unpacked, or is not what it says.

    Examples
    --------
    >>> unpacked(b"{}", "")
    b'{}'
    """
    if len(body) > MAX_BATCH:
        raise _too_large()
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise BodyRefused("unknown_encoding", "The Content-Encoding must be gzip or none.")
    packed = zlib.decompressobj(wbits=31)
    try:
        plain = packed.decompress(body, MAX_BATCH + 1)
    except zlib.error:
        raise BodyRefused("not_gzip", "The body is not gzip.") from None
    if len(plain) > MAX_BATCH:
        raise _too_large()
    if not packed.eof or packed.unused_data:
        raise BodyRefused("not_gzip", "The gzip body is cut off or followed by something.")
    return plain


def document(body: bytes) -> dict[str, Any]:
    """Read the JSON object that a body is.

    Raises
    ------
    BodyRefused
        With the reason.
    """
    try:
        read = json.loads(
            body.decode("utf-8-sig"), parse_int=_whole, parse_constant=lambda _: float("nan")
        )
    except UnicodeDecodeError:
        raise BodyRefused("not_json", "The body is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        said = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise BodyRefused("not_json", f"The body is not JSON{said}.") from None
    if not isinstance(read, dict):
        raise BodyRefused("not_json", "The body must be a JSON object.")
    return read


def batch_of(read: dict[str, Any], call: str) -> Batch:
    """Return the messages of a decoded body of this call (a value of `CALLS`).

    Raises
    ------
    BodyRefused
        If there is no good message in it at all, or the one message of a single call is bad.
    """
    batch = Batch()
    for message in _messages(read, call):
        fault = _take_in(batch, message)
        if fault is not None:
            batch.bad.append((message, *fault))
    if batch.bad and call != "batch":
        _, code, reason = batch.bad[0]
        raise BodyRefused(code, reason)
    if batch.bad and not batch.written and all(code == "too_large" for _, code, _ in batch.bad):
        raise BodyRefused("too_large", f"A message is larger than {MAX_MESSAGE // 1024} KB.")
    return batch


def _messages(read: dict[str, Any], call: str) -> list[Any]:
    if call != "batch":
        single = {key: value for key, value in read.items() if key != "writeKey"}
        single["type"] = call
        return [single]
    messages = read.get("batch")
    if not isinstance(messages, list):
        raise BodyRefused("invalid", "The body needs `batch`, a list of messages.")
    if len(messages) > MAX_MESSAGES:
        raise BodyRefused("too_large", f"A batch holds at most {MAX_MESSAGES:,} messages.")
    sent_at = read.get("sentAt")
    for message in messages:
        if isinstance(message, dict):
            message.pop("writeKey", None)
            if sent_at is not None:
                message.setdefault("sentAt", sent_at)
    if messages and not any(_names_somebody(message) for message in messages):
        raise BodyRefused(
            "no_identity",
            "No message of the batch has a userId, an anonymousId or an e-mail address.",
        )
    return messages


def _take_in(batch: Batch, message: Any) -> tuple[str, str] | None:
    """Add a message to the good ones, or say (code, reason) why it is none."""
    if not isinstance(message, dict):
        return "not_a_message", "A message must be a JSON object."
    fault = find_unsafe(message)
    if fault is not None:
        return "unsafe", f"The message can't be stored: {fault}."
    written = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    if len(written) > MAX_MESSAGE or len(written.encode()) > MAX_MESSAGE:
        return "too_large", f"The message is larger than {MAX_MESSAGE // 1024} KB."
    batch.messages.append(message)
    batch.written.append(written)
    return None


def _names_somebody(message: Any) -> bool:
    if not isinstance(message, dict):
        return False
    return any(message.get(key) for key in ("userId", "anonymousId", "traits", "context")) or bool(
        message.get("properties")
    )


def _whole(digits: str) -> int:
    # Python refuses to read numbers of thousands of digits; `find_unsafe` refuses this one.
    return int(digits) if len(digits) <= _LONGEST_NUMBER else 10**_LONGEST_NUMBER


def _too_large() -> BodyRefused:
    return BodyRefused("too_large", f"A body is at most {MAX_BATCH // 1024} KB.")
