"""The conditions that only flows know: being in a flow, and what became of a visit's own e-mail.

They join the rule language through its registry (`FlowsConfig.ready`). PURE but for that: SQL as
text and a look at plain data, as every condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from segments.rules.base import Check, Condition, Name
from segments.rules.errors import Problem
from segments.rules.turning import Moment, day_said
from segments.rules.values import View
from segments.rules.windows import EVER, Window

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

MAIL_EVENTS: Mapping[str, str] = {
    "delivered": "Email Delivered",
    "opened": "Email Opened",
    "clicked": "Email Link Clicked",
    "bounced": "Email Bounced",
    "replied": "Email Replied",
}
"""What became of a message → the event by which it comes back; its property `message` names it."""


class FlowCondition(Condition):
    """Whether the contact is in a flow, or ever entered, completed, converted in or exited it."""

    type: Literal["flow"]
    flow: Name
    op: Literal["inside", "entered", "completed", "converted", "exited"]
    window: Window = EVER

    def faults(self, check: Check) -> Iterator[Problem]:
        """A window has no meaning for being inside now."""
        yield from self.window.faults(check)
        if self.op == "inside" and self.window != EVER:
            yield Problem(
                "window", "value", "being inside a flow is asked for now, without a window"
            )

    def sql(self, to: SqlWriter) -> str:
        """An EXISTS over the contact's visits.

        In a flow also the very visit that asks: on its first pass it is not stored yet.
        """
        visit, flow = to.alias("v"), to.alias("f")
        key = to.value(self.flow, "text")
        which = f"{visit}.state = 'inside'"
        if self.op != "inside":
            at = f"{visit}.entered_at" if self.op == "entered" else f"{visit}.left_at"
            state = "true" if self.op == "entered" else f"{visit}.state = '{self.op}'"
            which = f"{state} AND {at} <= {to.now()}{self.window.sql(at, to)}"
        stored = to.exists(
            f"SELECT FROM visit {visit} WHERE {visit}.lane = c.lane "
            f"AND {visit}.contact_id = c.id AND {visit}.flow_id = "
            f"(SELECT {flow}.id FROM flow {flow} WHERE {flow}.key = {key}) AND {which}"
        )
        if not to.in_flow or self.op not in ("inside", "entered"):
            return stored
        own = f"w.flow = {key}"
        if self.op == "entered":
            own += self.window.sql("w.entered_at", to)
        return f"(({own}) OR {stored})"

    def holds(self, view: View) -> bool:
        """Look at `contact.others["flow"]`: visits with flow, state, entered_at, left_at."""
        for visit in view.contact.others.get("flow", ()):
            if visit["flow"] != self.flow:
                continue
            if self.op == "inside":
                if visit["state"] == "inside":
                    return True
                continue
            at = visit["entered_at"] if self.op == "entered" else visit["left_at"]
            fits = self.op in ("entered", visit["state"])
            if fits and at is not None and at <= view.now and self.window.holds(at, view):
                return True
        return False

    def words(self) -> str:
        """Say it."""
        verb = {"inside": "is inside", "converted": "converted in"}.get(self.op, self.op)
        return f"{verb} flow {self.flow}{self.window.words()}"

    def mentions(self) -> Iterable[str]:
        """Entering and leaving the flow touch it."""
        yield f"flow:{self.flow}"

    def depends_on_time(self) -> bool:
        """Only by its window."""
        return self.window.depends_on_time()

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        """When the window's edge next passes one of the contact's visits."""
        if self.window.depends_on_time():
            visit, flow = to.alias("v"), to.alias("f")
            at = f"{visit}.entered_at" if self.op == "entered" else f"{visit}.left_at"
            edges = to.after_now(self.window.next_edges(at, to))
            yield (
                f"(SELECT min({edges}) FROM visit {visit} WHERE {visit}.lane = c.lane "
                f"AND {visit}.contact_id = c.id AND {visit}.flow_id = (SELECT {flow}.id "
                f"FROM flow {flow} WHERE {flow}.key = {to.value(self.flow, 'text')}))"
            )
            if to.in_flow and self.op == "entered":
                own = to.after_now(self.window.next_edges("w.entered_at", to))
                yield f"(CASE WHEN w.flow = {to.value(self.flow, 'text')} THEN {own} END)"

    def moments(self, view: View) -> Iterator[Moment]:
        """When a visit's beginning or end passes an edge of the window."""
        for visit in view.contact.others.get("flow", ()):
            at = visit["entered_at"] if self.op == "entered" else visit["left_at"]
            if visit["flow"] == self.flow and at is not None:
                day = day_said(at, now=view.now, zone=view.zone)
                yield from self.window.moments(at, f"what happened in {self.flow} on {day}", view)

    def saw(self, view: View) -> Mapping[str, Any]:
        """How many visits of this flow there are."""
        visits = view.contact.others.get("flow", ())
        return {"value": sum(visit["flow"] == self.flow for visit in visits)}


class FlowEmailCondition(Condition):
    """What became of the message that this very visit sent at a node."""

    in_flow_only: ClassVar[bool] = True

    type: Literal["flow_email"]
    node: Name
    op: Literal["sent", "delivered", "opened", "clicked", "bounced", "replied"]

    def sql(self, to: SqlWriter) -> str:
        """An EXISTS over the visit's messages, and the events that speak of them."""
        message = to.alias("m")
        node = to.value(self.node, "text")
        of_visit = (
            f"SELECT FROM message {message} WHERE {message}.lane = c.lane "
            f"AND {message}.visit_id = w.visit_id AND {message}.node = {node}"
        )
        if self.op == "sent":
            return f"EXISTS ({of_visit} AND {message}.status = 'sent')"
        event = to.alias("e")
        name = to.value(MAIL_EVENTS[self.op], "text")
        return (
            f"EXISTS ({of_visit} AND EXISTS (SELECT FROM event {event} "
            f"WHERE {event}.lane = c.lane AND {event}.contact_id = c.id "
            f"AND {event}.name = {name} AND {event}.at <= {to.now()} AND {event}.id <= w.upto "
            f"AND {event}.properties ->> 'message' = {message}.id::text))"
        )

    def holds(self, view: View) -> bool:
        """Look at `visit.others["messages"]`: messages with id, node, status."""
        if view.visit is None:
            return False
        ids = {
            str(message["id"])
            for message in view.visit.others.get("messages", ())
            if message["node"] == self.node and (self.op != "sent" or message["status"] == "sent")
        }
        if self.op == "sent":
            return bool(ids)
        return any(
            event.name == MAIL_EVENTS[self.op] and str(event.properties.get("message")) in ids
            for event in view.events()
        )

    def words(self) -> str:
        """Say it."""
        return f"{self.op} the e-mail of step {self.node}"

    def mentions(self) -> Iterable[str]:
        """The events that speak of messages, and the sending itself."""
        if self.op == "sent":
            yield "event:Email Sent"
        else:
            yield f"event:{MAIL_EVENTS[self.op]}"

    def next_edges(self, to: SqlWriter) -> Iterator[str]:
        """Events that are still to come: the clocks of mail servers differ."""
        if self.op != "sent":
            event = to.alias("e")
            yield (
                f"(SELECT min({event}.at) FROM event {event} WHERE {event}.lane = c.lane "
                f"AND {event}.contact_id = c.id AND {event}.at > {to.now()} "
                f"AND {event}.name = {to.value(MAIL_EVENTS[self.op], 'text')})"
            )
