"""The outbox of a simulation: e-mails as they would look, and why some would not go. No IO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts.state import SOFT_BOUNCES_UNTIL_UNREACHABLE
from flows.nodes.base import NotifyOwner, SendEmail, Walker
from flows.trial.shapes import Scene, WrittenMessage
from flows.trial.stand import Stand
from messaging.contexts import contact_values, context_of
from messaging.rendering import Parts, Rendered, RenderingError, render
from messaging.terms import WAITS, Terms

NOTHING = Rendered("", "", "")


@dataclass(slots=True)
class Mail:
    """A message on its way."""

    id: int
    at: datetime
    flow: str
    node: str
    visit_id: int
    effect: SendEmail | None
    """What was wanted; None for a notice to the owner."""
    trigger: Mapping[str, Any] | None
    to: str
    status: str = "queued"
    reason: str = ""
    send_at: datetime | None = None
    sent_at: datetime | None = None
    terms: Terms = field(default_factory=Terms)
    rendered: Rendered = NOTHING

    def shown(self) -> WrittenMessage:
        """The message as the simulation answers it."""
        return WrittenMessage(
            self.at,
            self.flow,
            self.node,
            self.to,
            self.rendered.subject,
            self.rendered.html,
            self.rendered.text,
            self.status,
            self.reason,
            self.sent_at,
        )


class Outbox:
    """Everything that flows wanted sent.

    Parameters
    ----------
    scene
        Templates, topics, the workspace.
    stand
        The contact.
    way_out
        The address of the page for unsubscribing.
    """

    def __init__(self, scene: Scene, stand: Stand, *, way_out: str) -> None:
        self.scene = scene
        self.stand = stand
        self.way_out = way_out
        self.mails: list[Mail] = []

    def put(
        self,
        flow: str,
        effect: SendEmail,
        walker: Walker,
        node: str,
        now: datetime,
        *,
        terms: Terms,
    ) -> None:
        """Queue an e-mail, or withhold it or hold it back with the reason."""
        mail = Mail(
            len(self.mails) + 1,
            now,
            flow,
            node,
            walker.visit_id,
            effect,
            walker.trigger,
            self.stand.state.email or "",
            terms=terms,
        )
        self.mails.append(mail)
        if self._parts(effect) is None:
            mail.status = "failed"
            mail.reason = f"the template {effect.template} does not exist"
            return
        mail.reason = self._why_withheld(effect.topic)
        mail.status = "withheld" if mail.reason else "queued"
        if mail.status == "queued":
            self._put_on_terms(mail, now)
        self._render(mail, now)

    def notify(
        self, flow: str, notice: NotifyOwner, walker: Walker, node: str, now: datetime
    ) -> None:
        """Write to the contact's sales rep."""
        owner = str(self.stand.state.row["owner"] or "")
        mail = Mail(
            len(self.mails) + 1, now, flow, node, walker.visit_id, None, walker.trigger, owner
        )
        mail.rendered = Rendered("", "", notice.text)
        mail.status = "sent" if owner else "withheld"
        mail.reason = "to the owner" if owner else "the contact has no owner"
        self.mails.append(mail)

    def cancel(self, visit_id: int, reason: str) -> None:
        """Call back what a visit has in the outbox."""
        for mail in self.mails:
            if mail.visit_id == visit_id and mail.status == "queued":
                mail.status, mail.reason = "cancelled", reason

    def deliver(self, now: datetime) -> list[Mail]:
        """Send what is due; returns it."""
        due = [mail for mail in self.mails if mail.status == "queued" and _is_due(mail, now)]
        for mail in due:
            refused = self._why_withheld(mail.effect.topic) if mail.effect else ""
            if refused:
                mail.status, mail.reason = "withheld", refused
                continue
            if self._quiet_until(mail, now) or self._is_over(mail, now, waiting=False):
                self._put_on_terms(mail, now, waiting=False)
                continue
            self._render(mail, now)
            if mail.status == "queued":
                mail.status, mail.reason, mail.sent_at = "sent", "", now
        return [mail for mail in due if mail.status == "sent"]

    def _put_on_terms(self, mail: Mail, now: datetime, *, waiting: bool = True) -> None:
        """As `messages_insert_on_terms`: beyond the limit held back, in quiet hours put off."""
        mail.send_at = self._quiet_until(mail, now)
        if mail.terms.limit and self._is_over(mail, mail.send_at or now, waiting=waiting):
            mail.status, mail.reason = "held_back", mail.terms.limit.reason()
            mail.send_at = None
        elif mail.send_at:
            mail.reason = WAITS

    def _quiet_until(self, mail: Mail, now: datetime) -> datetime | None:
        quiet, own = mail.terms.quiet, self.stand.state.row["timezone"]
        return quiet.until_for(now, own, workspace_zone=self.scene.zone) if quiet else None

    def _is_over(self, mail: Mail, at: datetime, *, waiting: bool) -> bool:
        """Whether other e-mails (those that wait, too, or not) have used up the limit."""
        limit = mail.terms.limit
        if limit is None:
            return False
        others = [one for one in self.mails if one is not mail and one.effect is not None]
        used = [
            one
            for one in others
            if (one.sent_at is not None and one.sent_at > at - limit.per)
            or (waiting and one.status == "queued")
        ]
        return len(used) >= limit.count

    def next_due(self) -> datetime | None:
        """When the next message that waits for its time is sent."""
        waiting = [mail.send_at for mail in self.mails if mail.status == "queued" and mail.send_at]
        return min(waiting, default=None)

    def of_visit(self, visit_id: int) -> list[dict[str, Any]]:
        """What the condition `flow_email` looks at."""
        return [
            {"id": mail.id, "node": mail.node, "status": mail.status}
            for mail in self.mails
            if mail.visit_id == visit_id
        ]

    def last_of(self, node: str) -> Mail | None:
        """The latest message of a node."""
        return next((mail for mail in reversed(self.mails) if mail.node == node), None)

    def _parts(self, effect: SendEmail) -> Parts | None:
        parts = self.scene.templates.get(effect.template)
        if parts is None and self.scene.lenient:
            parts = Parts(subject=effect.template, text=effect.template)
        if parts is None or effect.subject is None:
            return parts
        return Parts(effect.subject, parts.preheader, parts.html, parts.text)

    def _why_withheld(self, topic: str | None) -> str:
        """The reasons of `messages_insert`, in its order; "" for none."""
        row = self.stand.state.row
        known = None if topic is None else self.scene.topics.get(topic)
        choice = None if topic is None else self.stand.consents.get(topic)
        name = known.name if known else topic
        reasons = {
            "no e-mail address": not row["email"],
            "unsubscribed from everything": row["unsubscribed_at"] is not None,
            "complained about an earlier message": row["complained_at"] is not None,
            "the address bounced": row["hard_bounced_at"] is not None,
            "the address bounced softly four times or more": row["soft_bounces"]
            >= SOFT_BOUNCES_UNTIL_UNREACHABLE,
            f"unsubscribed from {name}": choice == "unsubscribed",
            f"has not subscribed to {name}": known is not None
            and known.opt_in
            and choice != "subscribed",
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _render(self, mail: Mail, now: datetime) -> None:
        parts = None if mail.effect is None else self._parts(mail.effect)
        if parts is None:
            return
        said = context_of(
            contact=contact_values(self.stand.values(), known=self.stand.fields),
            trigger=mail.trigger,
            workspace=dict(self.scene.workspace),
            unsubscribe_url=self.way_out,
            now=now,
        )
        try:
            mail.rendered = render(parts, said)
        except RenderingError as failed:
            if mail.status == "queued":
                mail.status, mail.reason = "failed", failed.fault.sentence


def _is_due(mail: Mail, now: datetime) -> bool:
    return mail.send_at is None or mail.send_at <= now
