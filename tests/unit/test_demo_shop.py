"""The demo's visitors: repeatable, in order, plausible, and nobody real."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from common.clock import parse_instant
from contacts.intake.parsing import parse
from demo.mails import MAILS
from demo.people import Customer
from demo.shop import ArrivedMail, Happening, Shop

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def happenings_of(seed: str = "one", *, hours: float = 24, visits: float = 60) -> list[Happening]:
    shop = Shop(seed, since=NOON, visits_per_hour=visits)
    return list(shop.run(NOON + timedelta(hours=hours)))


def counted(happenings: list[Happening]) -> Counter[str]:
    return Counter(str(one.message.get("event", one.message["type"])) for one in happenings)


def test_the_same_seed_and_instant_give_the_same_messages() -> None:
    first, second = (json.dumps([one.message for one in happenings_of()]) for _ in range(2))
    assert first == second


def test_another_seed_gives_others() -> None:
    one, other = (
        {happening.message["messageId"] for happening in happenings_of(seed, hours=2)}
        for seed in ("one", "two")
    )
    assert one
    assert not one & other


def test_running_in_pieces_gives_what_running_at_once_gives() -> None:
    shop = Shop("one", since=NOON, visits_per_hour=60)
    pieces = [
        one for minute in range(24 * 60) for one in shop.run(NOON + timedelta(minutes=minute + 1))
    ]
    assert [one.message for one in pieces] == [one.message for one in happenings_of()]


def test_everything_happens_in_order_and_in_its_time() -> None:
    instants = [one.at for one in happenings_of()]
    assert instants == sorted(instants)
    assert instants[0] >= NOON
    assert instants[-1] < NOON + timedelta(hours=24)


def test_every_message_is_one_of_the_spec_and_counts_once() -> None:
    happenings = happenings_of()
    for one in happenings:
        parsed = parse(one.message, received_at=one.at)
        assert parsed.at == one.at == parse_instant(one.message["timestamp"])
    assert len({one.message["messageId"] for one in happenings}) == len(happenings)


def test_visitors_behave_as_in_a_shop() -> None:
    seen = counted(happenings_of(hours=24 * 7))
    assert seen["Product Viewed"] > 2 * seen["Product Added"] > 2 * seen["Order Completed"] > 0
    assert 0.1 < seen["Order Completed"] / seen["Product Added"] < 0.6
    assert seen["Checkout Started"] >= seen["Order Completed"]
    assert seen["Trial Started"] > seen["Subscription Started"] > 0
    assert seen["Trial Ended"] > 0


def test_an_order_holds_what_was_put_into_the_cart() -> None:
    for one in happenings_of():
        if one.message.get("event") == "Order Completed":
            properties = one.message["properties"]
            prices = [line["price"] for line in properties["products"]]
            assert prices
            assert properties["total"] == pytest.approx(sum(prices))


def test_evenings_are_busier_than_nights_but_no_hour_is_empty() -> None:
    by_hour = Counter(one.at.hour for one in happenings_of(hours=24 * 7, visits=30))
    assert len(by_hour) == 24
    assert by_hour[20] > 2 * by_hour[3]


def test_a_steady_shop_always_has_somebody() -> None:
    shop = Shop("one", since=NOON, visits_per_hour=1_600, pace=60, swing=0.3)
    list(shop.run(NOON + timedelta(minutes=3)))
    for second in range(180, 600, 10):
        assert list(shop.run(NOON + timedelta(seconds=second + 10)))


def test_all_addresses_are_at_example_com() -> None:
    everything = json.dumps([one.message for one in happenings_of()]) + "".join(
        mail.html for mail in MAILS
    )
    addresses = re.findall(r"[\w.+-]+@([\w.-]+)", everything)
    hosts = re.findall(r"https?://([\w.-]+)", everything)
    assert addresses
    assert set(addresses) == {"example.com"}
    assert {host.rpartition("shop.")[2] for host in hosts} == {"example.com"}


def test_who_registers_has_browsed_before_and_keeps_one_address() -> None:
    addresses: dict[str, str] = {}
    seen_anonymous: set[str] = set()
    for one in happenings_of():
        message = one.message
        if message["type"] == "identify" and "email" in message["traits"]:
            assert message["anonymousId"] in seen_anonymous
            assert message["userId"] not in addresses
            addresses[message["userId"]] = message["traits"]["email"]
        seen_anonymous.add(message.get("anonymousId", ""))
    assert len(set(addresses.values())) == len(addresses) > 0


def test_customers_read_the_mails_they_get() -> None:
    reader = Customer(
        "shop-1", "", "a@example.com", "Ada", "Okafor", "Lagos", "NG", "Africa/Lagos", "en", None,
        is_known=True,
    )  # fmt: skip
    shop = Shop("one", since=NOON, visits_per_hour=0.001, customers=[reader])
    for number in range(200):
        shop.mail_arrived(ArrivedMail(number, "shop-1", "hello", "welcome", "mail", "offers"))
    shop.mail_arrived(ArrivedMail(999, "somebody else", None, None, None, None))
    happenings = list(shop.run(NOON + timedelta(minutes=2)))
    seen = counted(happenings)
    assert 200 > seen["Email Opened"] > seen["Email Link Clicked"] > 20
    assert seen["Unsubscribed"] < 20
    opened = {one.message["properties"].get("message") for one in happenings}
    assert "999" not in opened
    assert all(one.message["userId"] == "shop-1" for one in happenings)


def test_the_score_follows_interest_and_falls_with_an_order() -> None:
    happenings = happenings_of(hours=24 * 3)
    assert all(one.external_id for one in happenings if one.points)
    added = [one for one in happenings if one.reason == "product added"]
    bought = [one for one in happenings if one.reason == "bought"]
    assert added
    assert all(one.points > 0 for one in added)
    assert bought
    assert all(one.points <= 0 for one in bought)
