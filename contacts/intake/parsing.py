"""Messages of the Segment tracking spec, read into what is to be done. PURE.

Promises that a parsed message can be carried out: its identities and names are bounded texts, its
instant is real, corrected for the client's clock and not later than its receipt. What can't be
carried out is refused with a sentence. Imports no Django.

Spec: https://segment.com/docs/connections/spec/common/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from common.clock import parse_instant
from contacts.values import email_of, traits_flat

KINDS: Final = ("identify", "track", "page", "screen", "group", "alias")
MAX_IDENTITY: Final = 500
MAX_NAME: Final = 200
MAX_MESSAGE_ID: Final = 255

_PAGE_PROPERTIES: Final = ("path", "referrer", "search", "title", "url")
_MAIL_EVENTS: Final = ("Email ", "Unsubscribed")
_VIEWED: Final[Mapping[str, str]] = {"page": "Page Viewed", "screen": "Screen Viewed"}


class MessageRefused(ValueError):
    """A message can't be taken in; `code` for programs, the message a sentence for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one message says.

    `email` is the address by which the message recognises its contact. `traits` are field keys with
    their raw values. `event` is the name of the event to record, or None.
    """

    kind: str
    at: datetime
    received_at: datetime
    source_id: int | None
    message_id: str | None
    external_id: str | None
    anonymous_id: str | None
    email: str | None = None
    previous_id: str | None = None
    traits: tuple[tuple[str, Any], ...] = ()
    event: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    def identities(self) -> list[tuple[str, str]]:
        """Return every (kind, value) by which a contact may be found through this message."""
        found = [
            (kind, value)
            for kind, value in (
                ("external_id", self.external_id),
                ("anonymous_id", self.anonymous_id),
                ("email", self.email.lower() if self.email else None),
            )
            if value is not None
        ]
        if self.previous_id is not None:
            found += [("anonymous_id", self.previous_id), ("external_id", self.previous_id)]
        return found


def parse(message: object, *, received_at: datetime, source_id: int | None = None) -> Parsed:
    """Read one message.

    Parameters
    ----------
    message
        The message as decoded JSON. Its `type` says its kind.
    received_at
        When it was received; no message is later than that.
    source_id
        Where it came from.

    Raises
    ------
    MessageRefused
        If it is no message of the spec, or says nothing of whom it is about.

    Examples
    --------
    >>> from datetime import UTC
    >>> parsed = parse({"type": "track", "userId": 7, "event": "Paid"},
    ...                received_at=datetime(2026, 5, 1, tzinfo=UTC))
    >>> parsed.external_id, parsed.event
    ('7', 'Paid')
    """
    if not isinstance(message, dict):
        raise MessageRefused("not_a_message", "A message must be a JSON object.")
    kind = message.get("type")
    if kind not in KINDS:
        raise MessageRefused("unknown_type", f"The type must be one of {', '.join(KINDS)}.")
    traits = _mapping(message, "traits") if kind in ("identify", "group") else {}
    properties = _mapping(message, "properties") if kind in ("track", "page", "screen") else {}
    context = message.get("context")
    external_id = _text(message, "userId", MAX_IDENTITY)
    anonymous_id = _text(message, "anonymousId", MAX_IDENTITY)
    event = _event(kind, message)
    if kind == "identify":
        email = email_of(traits.get("email"))
    else:
        email = None if external_id or anonymous_id else _email(event, properties, context)
    parsed = Parsed(
        kind=kind,
        at=_instant(message, received_at),
        received_at=received_at,
        source_id=source_id,
        message_id=_text(message, "messageId", MAX_MESSAGE_ID),
        external_id=external_id,
        anonymous_id=anonymous_id,
        email=email,
        previous_id=_text(message, "previousId", MAX_IDENTITY) if kind == "alias" else None,
        traits=_fields(kind, message, traits),
        event=event,
        properties=_properties(kind, message, properties, context),
    )
    _check_identity(parsed)
    return parsed


def corrected(timestamp: datetime, sent_at: datetime | None, received_at: datetime) -> datetime:
    """Put an instant of a client's clock on ours: `received_at - (sent_at - timestamp)`.

    Never later than the receipt; without `sent_at` the client's clock is believed.

    Examples
    --------
    >>> from datetime import UTC
    >>> nine, ten, noon = (datetime(2026, 5, 1, hour, tzinfo=UTC) for hour in (9, 10, 12))
    >>> corrected(nine, ten, noon).hour
    11
    """
    if sent_at is None:
        return min(timestamp, received_at)
    try:
        return min(received_at - (sent_at - timestamp), received_at)
    except OverflowError:
        return min(timestamp, received_at)


def _check_identity(parsed: Parsed) -> None:
    if parsed.external_id or parsed.anonymous_id or parsed.email:
        if parsed.kind == "alias" and not parsed.external_id:
            raise MessageRefused("no_identity", "An alias needs a userId.")
        if parsed.kind == "alias" and not (parsed.previous_id or parsed.anonymous_id):
            raise MessageRefused("no_identity", "An alias needs a previousId.")
        return
    raise MessageRefused(
        "no_identity", "The message needs a userId, an anonymousId or an e-mail address."
    )


def _text(message: Mapping[str, Any], key: str, longest: int) -> str | None:
    value = message.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    elif isinstance(value, float) and value.is_integer():
        value = str(int(value))
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MessageRefused("invalid", f"{key} must be a text.")
    if not value.strip():
        return None
    if len(value) > longest or len(value.encode()) > 2_000:
        raise MessageRefused("too_long", f"{key} is longer than {longest} characters.")
    return value


def _mapping(message: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MessageRefused("invalid", f"{key} must be an object.")
    return value


def _instant(message: Mapping[str, Any], received_at: datetime) -> datetime:
    timestamp = message.get("timestamp")
    if timestamp is None:
        return received_at
    try:
        at = parse_instant(timestamp)
    except ValueError as error:
        raise MessageRefused("invalid", f"timestamp: {error}.") from None
    try:
        sent_at = parse_instant(message.get("sentAt"))
    except ValueError:
        sent_at = None
    return corrected(at, sent_at, received_at)


def _email(event: str | None, properties: Mapping[str, Any], context: object) -> str | None:
    """Return the address that stands in where a message has no id.

    `properties.email` counts with the e-mail events alone: in others it may be a friend's.
    """
    traits = context.get("traits") if isinstance(context, dict) else None
    address = email_of(traits.get("email")) if isinstance(traits, dict) else None
    if address is None and event is not None and event.startswith(_MAIL_EVENTS):
        address = email_of(properties.get("email"))
    return address


def _fields(
    kind: str, message: Mapping[str, Any], traits: Mapping[str, Any]
) -> tuple[tuple[str, Any], ...]:
    if kind == "identify":
        return tuple(traits_flat(traits))
    if kind == "group":
        group_id = _text(message, "groupId", MAX_IDENTITY)
        if group_id is None:
            raise MessageRefused("no_group", "A group call needs a groupId.")
        return (("group_id", group_id), *traits_flat({"group": dict(traits)}))
    return ()


def _event(kind: str, message: Mapping[str, Any]) -> str | None:
    if kind != "track":
        return _VIEWED.get(kind)
    name = message.get("event")
    if not isinstance(name, str) or not name.strip():
        raise MessageRefused("no_event", "A track call needs the name of its event.")
    if len(name) > MAX_NAME:
        raise MessageRefused("too_long", f"The event's name is longer than {MAX_NAME} characters.")
    return name.strip()


def _properties(
    kind: str, message: Mapping[str, Any], properties: Mapping[str, Any], context: object
) -> Mapping[str, Any]:
    if kind not in _VIEWED:
        return properties
    seen = dict(properties)
    for key in ("name", "category"):
        if isinstance(message.get(key), str):
            seen.setdefault(key, message[key])
    page = context.get("page") if isinstance(context, dict) else None
    if kind == "page" and isinstance(page, dict):
        for key in _PAGE_PROPERTIES:
            if isinstance(page.get(key), str):
                seen.setdefault(key, page[key])
    return seen
