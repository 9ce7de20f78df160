"""The demo shop: what its visitors do, as messages of the Segment spec, in time order. PURE.

A shop is made from a seed and an instant; the same two give the same messages, whoever asks and
whenever. Visitors come by the hour and the weekday, never quite nobody; each follows a script: they
look, search, fill a cart, register, start a trial, buy, come back for a cart they left, open the
e-mails that the product has sent them.

A script is a generator of (seconds until it happens, what happens); the shop keeps all scripts in a
heap by the instant of their next step, and so thousands of people act at once, in order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final

from common.clock import canonical
from demo.goods import PLAN_PRICES, PRODUCTS, SEARCHES, Product
from demo.people import Customer, make_customer

Message = dict[str, Any]
Step = tuple[float, Message | None]
Script = Iterator[Step]

HOUR: Final = 3600.0
MESSAGES_PER_VISIT: Final = 6.5
"""About so many messages come of one visit, with what follows from it."""

_BY_HOUR: Final = (
    0.45, 0.35, 0.30, 0.30, 0.35, 0.50, 0.75, 0.95, 1.10, 1.15, 1.20, 1.30,
    1.35, 1.20, 1.15, 1.15, 1.20, 1.30, 1.50, 1.70, 1.80, 1.60, 1.15, 0.75,
)  # fmt: skip
_BY_WEEKDAY: Final = (0.95, 0.90, 0.90, 0.95, 1.00, 1.15, 1.15)

POINTS: Final = {
    "Product Viewed": 3.0,
    "Products Searched": 3.0,
    "Signed Up": 5.0,
    "Trial Started": 14.0,
    "Payment Account Connected": 10.0,
    "Product Added": 10.0,
    "Checkout Started": 18.0,
    "Email Opened": 4.0,
    "Email Link Clicked": 10.0,
}
"""What makes the shop think that somebody is interested."""
KEPT_AFTER_ORDER: Final = 0.4
KEPT_BETWEEN_VISITS: Final = 0.9


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in the shop.

    Attributes
    ----------
    at
        When (UTC).
    message
        What the shop's website tells Millrace of it.
    external_id
        Whom it concerns, if the shop knows them.
    points
        By how much their score changes, and `reason` why: the shop's own scoring, told apart.
    subscribes
        The topic that they have subscribed to, if they have.
    """

    at: datetime
    message: Message
    external_id: str | None = None
    points: float = 0.0
    reason: str = ""
    subscribes: str | None = None


@dataclass(frozen=True, slots=True)
class ArrivedMail:
    """An e-mail that has reached a customer."""

    id: int
    external_id: str
    template: str | None
    flow: str | None
    node: str | None
    topic: str | None


def rhythm(at: datetime) -> float:
    """Return how busy the shop is at this instant: 1 on average over a week, never 0.

    Examples
    --------
    >>> from datetime import UTC
    >>> night, evening = (datetime(2026, 5, 2, hour, tzinfo=UTC) for hour in (3, 20))
    >>> rhythm(night) < 0.5 < 1.5 < rhythm(evening)
    True
    """
    return _BY_HOUR[at.hour] * _BY_WEEKDAY[at.weekday()]


class Shop:
    """A shop with its visitors, from one instant on.

    Parameters
    ----------
    seed
        Decides everything.
    since
        When the shop opens (UTC).
    visits_per_hour
        How many come, on average.
    customers
        Who has been here before.
    pace
        How much faster than life people take their decisions: with 60, who would come back after an
        hour does so after a minute. How long they look at a page stays as it is.
    swing
        How much hour and weekday matter: 1 as in life, 0 not at all.
    newcomers
        The share of visits by people who have never been here.
    prefix
        Begins the numbers of those who are new; another for each shop that shares a database.
    """

    def __init__(
        self,
        seed: str,
        *,
        since: datetime,
        visits_per_hour: float,
        customers: Iterable[Customer] = (),
        pace: float = 1.0,
        swing: float = 1.0,
        newcomers: float = 0.5,
        prefix: str = "",
    ) -> None:
        self.now = since
        self.customers: dict[str, Customer] = {one.external_id: one for one in customers}
        self._regulars = [one for one in self.customers.values() if one.is_known]
        # Repeatable on purpose, and nothing here is a secret.
        self._dice = Random(f"{seed}/{canonical(since)}/people")  # noqa: S311
        self._ids = Random(f"{seed}/{canonical(since)}/ids")  # noqa: S311
        self._prefix = prefix
        self._numbers = count(1)
        self._per_second = visits_per_hour / HOUR
        self._pace = pace
        self._swing = swing
        self._newcomers = newcomers
        self._order = count()
        self._steps: list[tuple[datetime, int, Message | None, Script]] = []
        self._start(self._arrivals())
        for one in list(self.customers.values()):
            if one.plan == "trial":
                begun = self._dice.uniform(0, 96) * HOUR / pace
                self._start(self._trial(one, "club", after=begun))
            if one.cart:
                self._start(self._come_back(one))

    def run(self, until: datetime) -> Iterator[Happening]:
        """Yield what happens from where the shop stands up to `until`, in time order."""
        while self._steps and self._steps[0][0] < until:
            at, _, message, script = heapq.heappop(self._steps)
            self.now = at
            if message is not None:
                yield self._happening(message)
            self._start(script)
        self.now = max(self.now, until)

    def mail_arrived(self, mail: ArrivedMail) -> None:
        """Let a customer find an e-mail; what they do with it will happen in time."""
        customer = self.customers.get(mail.external_id)
        if customer is not None:
            self._start(self._reading(customer, mail))

    # ── how scripts are played ──────────────────────────────────────────────────────────────────

    def _start(self, script: Script) -> None:
        """Put a script's next step into its place in time; a script that is over is forgotten."""
        step = next(script, None)
        if step is not None:
            seconds, message = step
            at = self.now + timedelta(seconds=seconds)
            heapq.heappush(self._steps, (at, next(self._order), message, script))

    def _happening(self, message: Message) -> Happening:
        """Date and number a message, and tell what the shop makes of it."""
        customer: Customer | None = message.pop("customer", None)
        subscribes: str | None = message.pop("subscribes", None)
        message["messageId"] = f"demo-{self._ids.getrandbits(96):024x}"
        message["timestamp"] = canonical(self.now)
        if customer is None or not customer.is_known:
            return Happening(self.now, message)
        points, reason = self._scored(customer, message)
        return Happening(self.now, message, customer.external_id, points, reason, subscribes)

    def _scored(self, customer: Customer, message: Message) -> tuple[float, str]:
        event = str(message.get("event", ""))
        if event == "Order Completed":
            points, reason = customer.score * (KEPT_AFTER_ORDER - 1), "bought"
        elif message["type"] == "page" and message.get("name") == "Home":
            points, reason = customer.score * (KEPT_BETWEEN_VISITS - 1), "time has passed"
        else:
            points, reason = POINTS.get(event, 0.0), event.lower()
        points = round(points, 1)
        customer.score += points
        return points, reason

    def _hours(self, mean: float) -> float:
        """Return seconds that last about so many hours of the customer's life."""
        return self._dice.expovariate(1.0) * mean * HOUR / self._pace

    def _chance(self, probability: float) -> bool:
        return self._dice.random() < probability

    # ── who comes ───────────────────────────────────────────────────────────────────────────────

    def _arrivals(self) -> Script:
        while True:
            busy = 1 + self._swing * (rhythm(self.now) - 1)
            yield self._dice.expovariate(self._per_second * busy), None
            if not self._regulars or self._chance(self._newcomers):
                number = f"{self._prefix}{next(self._numbers)}"
                self._start(self._visit(make_customer(self._dice, number=number)))
            else:
                # Squared, so that some come often and many seldom.
                place = int(len(self._regulars) * self._dice.random() ** 2)
                self._start(self._visit(self._regulars[place]))

    # ── what they do ────────────────────────────────────────────────────────────────────────────

    def _visit(self, customer: Customer) -> Script:
        """Come in, look around, perhaps register, perhaps fill a cart, perhaps buy."""
        if self._chance(0.7):
            customer.cart = []
        yield 0.0, _page(customer, "Home", "/")
        yield from self._browse(customer)
        if not customer.is_known and self._chance(0.68):
            yield from self._register(customer)
        elif customer.is_known and customer.plan == "free" and self._chance(0.12):
            yield from self._start_trial(customer)
        if self._chance(0.46):
            yield from self._fill_cart(customer)
            yield from self._decide(customer, buys=0.22)

    def _browse(self, customer: Customer) -> Script:
        if self._chance(0.25):
            query = self._dice.choice(SEARCHES)
            yield self._dice.uniform(3, 12), _track(customer, "Products Searched", query=query)
        for product in self._dice.sample(PRODUCTS, self._dice.choice((1, 1, 2, 2, 3, 4))):
            yield (
                self._dice.uniform(4, 25),
                _track(customer, "Product Viewed", **product.properties()),
            )
        if self._chance(0.15):
            yield self._dice.uniform(5, 20), _page(customer, "Membership", "/membership")

    def _register(self, customer: Customer) -> Script:
        yield self._dice.uniform(10, 40), None
        customer.is_known = True
        self.customers[customer.external_id] = customer
        self._regulars.append(customer)
        yield (
            0.0,
            {
                "type": "identify",
                "userId": customer.external_id,
                "anonymousId": customer.anonymous_id,
                "traits": customer.traits(),
                "customer": customer,
                "subscribes": "news" if self._chance(0.55) else None,
            },
        )
        yield 0.2, _track(customer, "Signed Up", plan=customer.plan)
        if self._chance(0.35):
            yield from self._start_trial(customer)

    def _start_trial(self, customer: Customer) -> Script:
        plan = self._dice.choice(sorted(PLAN_PRICES))
        yield self._dice.uniform(4, 15), None
        customer.plan = "trial"
        ends = self.now + timedelta(seconds=24 * HOUR * 14 / self._pace)
        yield 0.0, _identify(customer, plan="trial", trial_of=plan, trial_ends_at=canonical(ends))
        yield 0.2, _track(customer, "Trial Started", plan=plan, price=PLAN_PRICES[plan])
        self._start(self._trial(customer, plan, after=0.0))

    def _trial(self, customer: Customer, plan: str, *, after: float) -> Script:
        """Connect an account or forget to; stay or go."""
        yield after, None
        connects = self._chance(0.55)
        if connects:
            yield self._hours(1.5), _track(customer, "Payment Account Connected", plan=plan)
        if self._chance(0.7 if connects else 0.1):
            yield self._hours(2.0), _identify(customer, plan="paid")
            customer.plan = "paid"
            yield 0.2, _track(customer, "Subscription Started", plan=plan, price=PLAN_PRICES[plan])
        else:
            yield HOUR * 4 / self._pace + self._hours(2.0), _identify(customer, plan="free")
            customer.plan = "free"
            yield 0.2, _track(customer, "Trial Ended", plan=plan)

    def _fill_cart(self, customer: Customer) -> Script:
        for product in self._dice.sample(PRODUCTS, self._dice.choice((1, 1, 1, 2, 3))):
            customer.cart.append(product)
            yield (
                self._dice.uniform(4, 20),
                _track(customer, "Product Added", **product.properties(), quantity=1),
            )

    def _decide(self, customer: Customer, *, buys: float) -> Script:
        """Check out and buy, or leave the cart, to come back for it another time or never."""
        if self._chance(buys):
            yield from self._buy(customer)
            return
        if self._chance(0.3):
            yield self._dice.uniform(5, 30), _checkout(customer)
        if self._chance(0.35):
            self._start(self._come_back(customer))

    def _buy(self, customer: Customer) -> Script:
        if not customer.cart:
            return
        yield self._dice.uniform(5, 30), _checkout(customer)
        if not customer.is_known:
            yield from self._register(customer)
        order = _order(customer)
        customer.cart = []
        yield (
            self._dice.uniform(8, 45),
            _track(
                customer, "Order Completed", order_id=f"o-{self._ids.getrandbits(40):x}", **order
            ),
        )

    def _come_back(self, customer: Customer) -> Script:
        yield self._hours(1.4), _page(customer, "Cart", "/cart")
        if self._chance(0.6):
            yield from self._buy(customer)

    def _reading(self, customer: Customer, mail: ArrivedMail) -> Script:
        """Open an e-mail or not, follow its link or not, buy or not; seldom, have enough of it."""
        if not self._chance(0.6):
            return
        about = {
            "message": str(mail.id),
            "template": mail.template,
            "flow": mail.flow,
            "node": mail.node,
        }
        yield self._dice.uniform(3, 35), _track(customer, "Email Opened", **about)
        if self._chance(0.02):
            topic = {"topic": mail.topic} if mail.topic else {}
            yield self._dice.uniform(4, 20), _track(customer, "Unsubscribed", **about, **topic)
        elif self._chance(0.55):
            link = "/cart" if customer.cart else "/membership"
            yield (
                self._dice.uniform(2, 15),
                _track(customer, "Email Link Clicked", **about, link=link),
            )
            yield 0.5, _page(customer, "Cart" if customer.cart else "Membership", link)
            if self._chance(0.25):
                yield from self._buy(customer)


def _page(customer: Customer, name: str, path: str) -> Message:
    return {
        "type": "page",
        "name": name,
        "properties": {"path": path, "url": f"https://shop.example.com{path}"},
        "customer": customer,
        **customer.identity(),
    }


def _track(customer: Customer, event: str, **properties: Any) -> Message:
    return {
        "type": "track",
        "event": event,
        "properties": properties,
        "customer": customer,
        **customer.identity(),
    }


def _identify(customer: Customer, **traits: Any) -> Message:
    return {"type": "identify", "traits": traits, "customer": customer, **customer.identity()}


def _checkout(customer: Customer) -> Message:
    return _track(customer, "Checkout Started", **_order(customer))


def _order(customer: Customer) -> dict[str, Any]:
    return {
        "total": round(sum(product.price for product in customer.cart), 2),
        "currency": "EUR",
        "products": [_line(product) for product in customer.cart],
    }


def _line(product: Product) -> dict[str, Any]:
    return {"product_id": product.sku, "name": product.name, "price": product.price, "quantity": 1}


__all__ = ["MESSAGES_PER_VISIT", "ArrivedMail", "Happening", "Message", "Shop", "rhythm"]
