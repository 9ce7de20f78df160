"""E-mails on paper: who wants one, when it may go, and how many may.

Part of `tests.flows_on_paper`. Asked when a step sends a mail, and again when it is about to go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from common.durations import parse_duration
from tests.people_on_paper import Mail

if TYPE_CHECKING:
    from tests.flows_on_paper import Paper
    from tests.people_on_paper import Person, Way


def queue(paper: Paper, person: Person, way: Way, config: Mapping[str, Any], now: datetime) -> None:
    """A step sends a mail: it waits to go, or it is written down why it does not."""
    paper.order += 1
    terms = way.version.settings
    mail = Mail(way.node, now, "queued", config.get("topic"), terms, paper.order)
    quiet = _quiet_until(paper, person, terms, now)
    if _is_refused(paper, person, mail):
        mail.status = "withheld"
    elif _is_too_many(person, mail, quiet or now):
        mail.status = "held_back"
    else:
        mail.waits_until = quiet
    way.mails.append(mail)


def deliver(paper: Paper, now: datetime) -> None:
    """What may go by now goes, each asked once more, in the order in which they were sent."""
    for person in paper.people.values():
        mails = [mail for way in person.ways for mail in way.mails if mail.status == "queued"]
        for mail in sorted(mails, key=lambda mail: mail.order):
            if mail.waits_until is not None and mail.waits_until > now:
                continue
            quiet = _quiet_until(paper, person, mail.terms, now)
            if quiet is not None:
                mail.waits_until = quiet
            elif _is_refused(paper, person, mail):
                mail.status = "withheld"
            elif _is_too_many(person, mail, now, only_sent=True):
                mail.status = "held_back"
            else:
                mail.status, mail.sent_at = "sent", now
        for mail in mails:
            if mail.sent_at == now:
                paper.happen(person, "Email Sent", {}, at=now)


def _is_refused(paper: Paper, person: Person, mail: Mail) -> bool:
    state = person.consents.get(mail.topic or "")
    refused = state == "unsubscribed" or (mail.topic in paper.opt_in and state != "subscribed")
    return refused or not person.is_reachable


def _is_too_many(person: Person, mail: Mail, when: datetime, *, only_sent: bool = False) -> bool:
    """Whether as many mails of all flows wait or have gone, in the time before, as may."""
    limit = mail.terms.get("email_limit")
    if not limit:
        return False
    since = when - parse_duration(limit["per"])
    counted = [
        one
        for way in person.ways
        for one in way.mails
        if one is not mail
        and ((one.status == "queued" and not only_sent) or (one.sent_at and one.sent_at > since))
    ]
    return len(counted) >= int(limit["count"])


def _quiet_until(
    paper: Paper, person: Person, terms: Mapping[str, Any], now: datetime
) -> datetime | None:
    """When the quiet hours end that it is now; None outside of them."""
    quiet = terms.get("quiet_hours")
    if not quiet:
        return None
    name = quiet.get("timezone", "contact")
    if name == "contact":
        name = person.fields.get("timezone")
    zone = ZoneInfo(name if name in available_timezones() else paper.zone)
    first, last = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    today = now.astimezone(zone).date()
    for begins_on in (today - timedelta(days=1), today):
        ends_on = begins_on if last > first else begins_on + timedelta(days=1)
        begins = datetime.combine(begins_on, first, zone).astimezone(UTC)
        ends = datetime.combine(ends_on, last, zone).astimezone(UTC)
        if begins <= now < ends:
            return ends
    return None
