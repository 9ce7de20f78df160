"""The workspace in which flow templates are used: fresh, on a clock of its own, with a sender."""

from datetime import datetime, timedelta

import pytest

from common.lanes import lane_of
from contacts import tracking
from contacts.services import NewEvent, events_record
from messaging.delivery import deliver_due
from messaging.transports import OutboxOnly
from tests.integration.stories.telling import Story


class Shop(Story):
    """A product in which flow templates are used and walked through."""

    flow_key: str
    """The flow that was made last."""

    def use(self, template: str, **answers: object) -> dict[str, object]:
        """Use a template with its defaults but for `answers`, and publish the flow."""
        used = self.call("post", f"gallery/{template}/use/", {"answers": answers}, status=201)
        self.settle()
        self.flow_key = used["flow"]
        assert self.get(f"flows/{self.flow_key}/")["problems"] == []
        self.call("post", f"flows/{self.flow_key}/publish/", {"inside": "stay"})
        self.settle()
        assert isinstance(used, dict)
        return used

    def at(self, instant: datetime) -> None:
        """Time passes, and the post goes out; nobody looks at segments less than once a day."""
        while self.now < instant:
            self.time.run_until(min(instant, self.now + timedelta(days=1)))
            self.settle()

    def settle(self) -> None:
        """Jobs, engine and post do what there is to do now."""
        super().settle()
        deliver_due(clock=lambda: self.now, transport=OutboxOnly())

    def was_sent_elsewhere(self, who: str, times: int) -> None:
        """Somebody was sent mails that have nothing to do with the flow."""
        contact = self.contact(who)["id"]
        event = NewEvent(lane_of(contact), contact, "Email Sent", self.now, {}, touch=True)
        events_record([event] * times, now=self.now)
        self.settle()

    def visit(self, who: str) -> dict[str, object]:
        """The last visit of somebody to the flow that was made last."""
        found = self.get(f"contacts/{self.contact(who)['id']}/visits/")["results"]
        visits = [one for one in found if one["flow"] == self.flow_key]
        assert visits, f"{who} has not entered {self.flow_key}"
        assert isinstance(visits[0], dict)
        return visits[0]

    def outcome(self, who: str) -> tuple[object, object]:
        """How the last visit of somebody stands, and why."""
        visit = self.visit(who)
        return visit["outcome"], visit["reason"]

    def inside(self, who: str) -> bool:
        """Whether somebody has ever entered the flow that was made last."""
        found = self.get(f"contacts/{self.contact(who)['id']}/visits/")["results"]
        return any(one["flow"] == self.flow_key for one in found)

    def sent(self, who: str) -> list[str]:
        """The templates of the mails somebody was sent by it, or will be, the first first."""
        contact = self.contact(who)["id"]
        rows = self.get(f"messages/?contact={contact}&flow={self.flow_key}")["results"]
        return [row["template"] for row in reversed(rows) if row["status"] in ("queued", "sent")]


@pytest.fixture
def shop(db: None) -> Shop:
    """A fresh product with two people in it; who is to be written to has an address."""
    tracking._SOURCES.clear()
    shop = Shop()
    shop.call("patch", "workspace/", {"from_email": "shop@example.com"})
    for who in ("ada", "bob"):
        shop.identify(who, email=f"{who}@example.org", firstName=who.title())
    return shop
