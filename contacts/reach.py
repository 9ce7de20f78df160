"""What the e-mail events of Segment's spec say about a contact's reachability and consent. PURE.

`Email Delivered`, `Email Bounced` (`properties.type` is `hard`, if not given, or `soft`),
`Email Marked as Spam`, and `Unsubscribed`: with `properties.topic` from that topic, without it from
everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from contacts.state import ContactState

DELIVERED: Final = "Email Delivered"
BOUNCED: Final = "Email Bounced"
MARKED_AS_SPAM: Final = "Email Marked as Spam"
UNSUBSCRIBED: Final = "Unsubscribed"

TOLD_BY_MAIL_SERVERS: Final = frozenset({DELIVERED, BOUNCED, MARKED_AS_SPAM})
"""Events that a mail server reports: by them a contact has not been seen."""

TELLING: Final = TOLD_BY_MAIL_SERVERS | {UNSUBSCRIBED}
"""The events that `apply` does something with."""

MAX_TOPIC: Final = 200


def apply(
    state: ContactState, name: str, properties: Mapping[str, Any], at: datetime
) -> str | None:
    """Let an event change what is known of a contact's reachability.

    Returns
    -------
    str or None
        The topic from which the contact has unsubscribed by this event, if it is of one topic.
    """
    if name == UNSUBSCRIBED:
        topic = properties.get("topic")
        if isinstance(topic, str) and topic.strip():
            return topic.strip()[:MAX_TOPIC]
        if state.row["unsubscribed_at"] is None:
            state.set_reach(unsubscribed_at=at)
    elif name == MARKED_AS_SPAM:
        if state.row["complained_at"] is None:
            state.set_reach(complained_at=at)
    elif name in TOLD_BY_MAIL_SERVERS and _of_present_address(state, properties):
        if name == DELIVERED:
            state.set_reach(soft_bounces=0)
        elif str(properties.get("type", "hard")).lower() == "soft":
            state.set_reach(soft_bounces=state.row["soft_bounces"] + 1)
        elif state.row["hard_bounced_at"] is None:
            state.set_reach(hard_bounced_at=at)
    return None


def _of_present_address(state: ContactState, properties: Mapping[str, Any]) -> bool:
    """A report about an address that the contact no longer has says nothing of the present one."""
    address = properties.get("email")
    if not isinstance(address, str) or state.email is None:
        return True
    return address.strip().lower() == state.email.lower()
