"""What the demo shop tells Millrace beside its website's messages, and what it learns from it.

The website's messages go in by the tracking API. Scores and newsletter choices come from the shop's
own office, by the services of contacts; which e-mails have arrived is read from the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from common.lanes import LANES
from contacts.models import Contact, Event
from contacts.services import ConsentChange, ScoreDelta, consents_set, scores_adjust
from demo.goods import PRODUCTS, Product
from demo.people import Customer
from demo.shop import ArrivedMail, Happening
from messaging.models import Message

PREFIX: Final = "shop-"
PATIENCE: Final = timedelta(seconds=30)
"""So long the office waits for a contact that the tracking API has not made yet."""
MAIL_IS_NEWS: Final = timedelta(minutes=3)
MOST_CUSTOMERS: Final = 5_000
CART_LASTS: Final = timedelta(minutes=15)


def customers_known(*, now: datetime) -> list[Customer]:
    """Return the shop's customers as Millrace knows them, the oldest first, with their carts."""
    carts = _carts(now=now)
    contacts = Contact.objects.filter(external_id__startswith=PREFIX, email__isnull=False)
    return [
        Customer(
            external_id=contact.external_id or "",
            anonymous_id="",
            email=contact.email or "",
            first_name=contact.first_name or "",
            last_name=contact.last_name or "",
            city=contact.city or "",
            country=contact.country or "",
            timezone=contact.timezone or "UTC",
            language=contact.language or "en",
            company=contact.fields.get("company.name"),
            is_known=True,
            plan=str(contact.fields.get("plan", "free")),
            score=contact.score,
            cart=carts.get(contact.id, []),
        )
        for contact in contacts.order_by("id")[:MOST_CUSTOMERS]
    ]


def _carts(*, now: datetime) -> dict[int, list[Product]]:
    """Return what lies in carts that were filled a short while ago."""
    by_sku = {product.sku: product for product in PRODUCTS}
    carts: dict[int, list[Product]] = {}
    events = Event.objects.filter(
        lane__in=range(LANES),
        name__in=("Product Added", "Order Completed"),
        at__gt=now - CART_LASTS,
    )
    for contact_id, name, properties in events.order_by("at").values_list(
        "contact_id", "name", "properties"
    ):
        product = by_sku.get(str(properties.get("product_id")))
        if name == "Order Completed":
            carts.pop(contact_id, None)
        elif product is not None:
            carts.setdefault(contact_id, []).append(product)
    return carts


class Office:
    """Passes on scores and choices, once the contacts they are about exist."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, Happening]] = []
        self._places: dict[str, tuple[int, int]] = {}

    def tell(self, happenings: Iterable[Happening], *, now: datetime) -> None:
        """Write what these happenings, and those still waiting, come to: a few statements."""
        todo = [(told, one) for told, one in self._waiting if told > now - PATIENCE]
        todo += [(now, one) for one in happenings if one.points or one.subscribes]
        places = self._places_of({one.external_id for _, one in todo if one.external_id})
        self._waiting = [(told, one) for told, one in todo if one.external_id not in places]
        ready = [
            (places[one.external_id], one)
            for _, one in todo
            if one.external_id is not None and one.external_id in places
        ]
        points: dict[tuple[int, int], float] = defaultdict(float)
        reasons: dict[tuple[int, int], str] = {}
        for place, one in ready:
            if one.points:
                points[place] += one.points
                reasons[place] = one.reason
        if points:
            deltas = [
                ScoreDelta(*place, round(delta, 1), reasons[place])
                for place, delta in points.items()
            ]
            scores_adjust(deltas, now=now)
        choices = [
            ConsentChange(*place, one.subscribes, "subscribed")
            for place, one in ready
            if one.subscribes
        ]
        if choices:
            consents_set(choices, now=now)

    def _places_of(self, external_ids: set[str]) -> dict[str, tuple[int, int]]:
        unknown = external_ids - self._places.keys()
        if unknown:
            found = Contact.objects.filter(external_id__in=unknown)
            for external_id, lane, contact_id in found.values_list("external_id", "lane", "id"):
                if external_id is not None:
                    self._places[external_id] = (lane, contact_id)
        return {key: self._places[key] for key in external_ids & self._places.keys()}


class MailBox:
    """Finds e-mails that have newly been sent to the shop's customers.

    Parameters
    ----------
    since
        Messages made before this instant are not looked at.
    """

    def __init__(self, *, since: datetime) -> None:
        self._since = since
        self._seen: dict[int, datetime] = {}
        last = Message.objects.filter(created_at__lt=since).order_by("-id").values_list("id")
        self._after = next(iter(last[:1]), (0,))[0]

    def look(self, *, now: datetime) -> Sequence[ArrivedMail]:
        """Return what has arrived since the last look; a mail is found once."""
        old = [key for key, made in self._seen.items() if made < now - MAIL_IS_NEWS]
        if old:
            self._after = max(self._after, *old)
        self._seen = {key: made for key, made in self._seen.items() if key > self._after}
        return list(self._arrived())

    def _arrived(self) -> Iterator[ArrivedMail]:
        sent = Message.objects.filter(
            id__gt=self._after, status=Message.Status.SENT, created_at__gte=self._since
        ).exclude(id__in=list(self._seen))
        rows = sent.order_by("id").values_list(
            "id", "created_at", "contact__external_id", "template__key", "flow", "node", "topic"
        )
        for key, made, external_id, template, flow, node, topic in rows[:1_000]:
            self._seen[key] = made
            if external_id is not None:
                yield ArrivedMail(key, external_id, template, flow, node, topic)
