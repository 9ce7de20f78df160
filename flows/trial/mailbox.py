"""What becomes of an e-mail that a simulation has sent: opened, clicked, bounced. No IO.

In life the tracking API and mail servers report it as events (`contacts.reach`); the simulation has
the same events happen, each about the e-mail that it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contacts import reach
from flows.trial.outbox import Mail, Outbox
from flows.trial.shapes import TrialRefused
from flows.trial.stand import Stand

DEEDS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "delivered": (reach.DELIVERED, {}),
    "opened": ("Email Opened", {}),
    "clicked": ("Email Link Clicked", {}),
    "replied": ("Email Replied", {}),
    "bounced": (reach.BOUNCED, {"type": "hard"}),
    "soft_bounced": (reach.BOUNCED, {"type": "soft"}),
    "complained": (reach.MARKED_AS_SPAM, {}),
    "unsubscribed": (reach.UNSUBSCRIBED, {}),
}
"""Each with the event that tells of it, and the properties of that event."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with an e-mail: `of` is a node, a number in order of sending, or None."""

    kind: str
    of: str | int | None
    link: str | None


def happening_of(row: Mapping[str, Any], where: str) -> Deed:
    """Read a happening of the kind `mail`.

    Raises
    ------
    TrialRefused
        If it can't be read.

    Examples
    --------
    >>> happening_of({"mail": "opened", "message_of": 1}, "timeline.0")
    Deed(kind='opened', of=1, link=None)
    """
    kind, of, link = row["mail"], row.get("message_of"), row.get("link")
    if kind not in DEEDS:
        raise TrialRefused(f"An e-mail can be {', '.join(DEEDS)}.", attr=f"{where}.mail")
    numbered = isinstance(of, int) and not isinstance(of, bool) and of >= 1
    if not (of is None or isinstance(of, str) or numbered):
        raise TrialRefused(
            "An e-mail is meant by its node, or by its number from 1 on.",
            attr=f"{where}.message_of",
        )
    if not (link is None or isinstance(link, str)):
        raise TrialRefused("A link is a text.", attr=f"{where}.link")
    return Deed(kind, of or None, link)


def happens(deed: Deed, outbox: Outbox, stand: Stand, now: datetime) -> None:
    """Have it happen; where no such e-mail has been sent, nothing happens, and a note says so."""
    mail = _meant(deed.of, outbox)
    if mail is None or mail.effect is None:
        which = "" if deed.of is None else f" {deed.of}"
        done = deed.kind.replace("_", " ")
        stand.notes[f"No e-mail{which} had been sent by then that could be {done}."] = None
        return
    name, said = DEEDS[deed.kind]
    about: dict[str, Any] = {
        **said,
        "message": str(mail.id),
        "template": mail.effect.template,
        "flow": mail.flow,
        "node": mail.node,
        "email": mail.to,
    }
    if deed.link is not None:
        about["link"] = deed.link
    if deed.kind == "unsubscribed" and mail.effect.topic:
        about["topic"] = mail.effect.topic
    stand.does(name, now, about)


def _meant(of: str | int | None, outbox: Outbox) -> Mail | None:
    """The e-mail that is spoken of, among those that have been sent."""
    sent = [mail for mail in outbox.mails if mail.sent_at is not None]
    if isinstance(of, int):
        return sent[of - 1] if of <= len(sent) else None
    return next((mail for mail in reversed(sent) if of in (None, mail.node)), None)
