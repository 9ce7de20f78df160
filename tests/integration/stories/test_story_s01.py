"""S1, *Abandon Cart*: a cart without a purchase gets a sequence; a purchase ends it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders_flows import Nodes
from tests.integration.stories.telling import DAY, MOMENT, START, Story, event

HOUR = timedelta(hours=1)

ABANDONED = event(
    "Product Added",
    window={"older_than": "PT1H", "last": "P3D"},
    not_followed_by={"name": "Order Completed"},
)
PURCHASED = event("Order Completed", window={"last": "P7D"})

NODES: Nodes = {
    "in": ("segment_entered", {"segment": "abandoned-cart"}),
    "first": ("send_email", {"template": "first"}),
    "day": ("wait", {"for": "P1D"}),
    "second": ("send_email", {"template": "second"}),
    "two-days": ("wait", {"for": "P2D"}),
    "third": ("send_email", {"template": "third"}),
}
EDGES = [
    "in next first",
    "first next day",
    "day next second",
    "second next two-days",
    "two-days next third",
]
EXITS = [{"type": "segment_entered", "segment": "purchased"}]


@pytest.fixture
def shop(story: Story) -> Story:
    """The cart flow, made by a marketer through the API, and some customers."""
    story.segment("abandoned-cart", ABANDONED)
    story.segment("purchased", PURCHASED)
    for key, subject in (
        ("first", "You left something"),
        ("second", "Still there"),
        ("third", "Ten percent off"),
    ):
        story.template(key, subject)
    story.flow(
        "cart", NODES, EDGES, exit_when=EXITS, suppress=["purchased"],
        reentry={"type": "after_exit"},
    )  # fmt: skip
    for who in ("ada", "bob", "cyd"):
        story.identify(who, email=f"{who}@example.org", firstName=who.title())
    return story


def visits(story: Story, who: str) -> list[dict[str, Any]]:
    """A contact's visits to the cart flow, the newest first."""
    found: list[dict[str, Any]] = story.get(f"contacts/{story.contact(who)['id']}/visits/")[
        "results"
    ]
    return found


def path(story: Story, who: str) -> list[tuple[str, str]]:
    """The steps of a contact's last visit, with their instants."""
    return [(step["node"], step["at"]) for step in visits(story, who)[0]["path"]]


def messages(story: Story, who: str) -> list[tuple[str, str, str]]:
    """A contact's messages, the first first: subject, status, reason."""
    rows = story.get(f"messages/?contact={story.contact(who)['id']}&flow=cart")["results"]
    return [(row["subject"], row["status"], row["reason"]) for row in reversed(rows)]


def adds_up(story: Story) -> dict[str, int]:
    """The flow's totals; entered is the sum of the others."""
    totals: dict[str, int] = story.get("flows/cart/counts/")["totals"]
    assert totals["entered"] == sum(n for what, n in totals.items() if what != "entered")
    return totals


def test_who_leaves_a_cart_gets_the_sequence_in_its_time(shop: Story) -> None:
    shop.track("ada", "Product Added", product="lamp")
    shop.at(START + HOUR - MOMENT)
    assert visits(shop, "ada") == []
    shop.at(START + HOUR)
    assert [node for node, _ in path(shop, "ada")] == ["in", "first", "day"]
    assert [subject for subject, *_ in messages(shop, "ada")] == ["You left something"]
    shop.at(START + HOUR + DAY)
    shop.at(START + HOUR + 3 * DAY)
    assert [subject for subject, *_ in messages(shop, "ada")] == [
        "You left something", "Still there", "Ten percent off",
    ]  # fmt: skip
    (visit,) = visits(shop, "ada")
    assert visit["outcome"] == "completed"
    assert adds_up(shop) == {
        "entered": 1, "inside": 0, "completed": 1, "converted": 0, "exited": 0, "failed": 0,
    }  # fmt: skip


def test_a_purchase_takes_out_at_once_and_nothing_more_is_sent(shop: Story) -> None:
    for who in ("ada", "bob"):
        shop.track(who, "Product Added")
    shop.at(START + HOUR)
    assert adds_up(shop)["inside"] == 2
    shop.after(hours=5)
    shop.track("ada", "Order Completed", total=50)
    (visit,) = visits(shop, "ada")
    assert (visit["outcome"], visit["reason"]) == ("exited", "entered segment purchased")
    assert visit["left_at"] == shop.now.isoformat().replace("+00:00", "Z")
    shop.after(days=6)
    assert [subject for subject, *_ in messages(shop, "ada")] == ["You left something"]
    assert len(messages(shop, "bob")) == 3
    assert adds_up(shop) == {
        "entered": 2, "inside": 0, "completed": 1, "converted": 0, "exited": 1, "failed": 0,
    }  # fmt: skip


def test_a_message_still_queued_is_called_back_by_the_purchase(shop: Story) -> None:
    shop.track("ada", "Product Added")
    shop.at(START + HOUR)
    assert messages(shop, "ada") == [("You left something", "queued", "")]
    shop.track("ada", "Order Completed")
    assert messages(shop, "ada") == [
        ("You left something", "cancelled", "left the flow: entered segment purchased")
    ]


def test_a_purchase_accepted_before_the_wait_ends_wins_however_late_it_is_processed(
    shop: Story,
) -> None:
    shop.track("ada", "Product Added")
    shop.at(START + HOUR)
    end = START + HOUR + DAY
    shop.time.now = end - MOMENT
    shop.accept("track", {"userId": "ada", "event": "Order Completed", "properties": {}})
    shop.time.now = end + 2 * HOUR
    shop.settle()
    assert [step for step, _ in path(shop, "ada")] == ["in", "first", "day"]
    assert [subject for subject, *_ in messages(shop, "ada")] == ["You left something"]
    assert visits(shop, "ada")[0]["outcome"] == "exited"


def test_who_has_purchased_lately_does_not_enter_and_comes_in_later(shop: Story) -> None:
    shop.track("ada", "Order Completed")
    shop.after(hours=1)
    shop.track("ada", "Product Added")
    shop.after(hours=2)
    assert "ada" in shop.members("abandoned-cart")
    assert visits(shop, "ada") == []
    shop.at(START + 8 * DAY)
    shop.track("ada", "Product Added")
    shop.after(hours=1)
    assert len(visits(shop, "ada")) == 1
    assert adds_up(shop)["inside"] == 1


def test_a_second_cart_after_the_purchase_begins_anew(shop: Story) -> None:
    shop.track("ada", "Product Added")
    shop.at(START + HOUR)
    shop.track("ada", "Order Completed")
    shop.at(START + 8 * DAY)
    shop.track("ada", "Product Added")
    shop.after(hours=1)
    assert [visit["outcome"] for visit in visits(shop, "ada")] == ["inside", "exited"]
    assert adds_up(shop)["entered"] == 2


def test_a_reminder_that_fails_for_one_is_seen_mended_and_sent(shop: Story) -> None:
    """From the alert on the home page to the retried message, all by the API."""
    note = {"set": {"cart_share": "{{ score | divided_by: visits }}"}}
    nodes = {**NODES, "note": ("update_fields", note)}
    edges = ["in next note", "note next first", *EDGES[1:]]
    shop.flow("noted", nodes, edges, exit_when=EXITS)
    shop.identify("bob", visits=2)
    shop.identify("cyd", visits=0)
    for who in ("bob", "cyd"):
        shop.track(who, "Product Added")
    shop.at(START + HOUR)
    (alert,) = [row for row in shop.get("alerts/") if row["kind"] == "failed_visits"]
    assert (alert["flow"], alert["node"], alert["count"]) == ("noted", "note", 1)
    (group,) = shop.get("flows/noted/failures/")["groups"]
    assert (group["node"], group["count"]) == ("note", 1)
    (row,) = shop.get("flows/noted/visits/?outcome=failed")["results"]
    assert row["contact"]["external_id"] == "cyd"
    assert row["error"] == group["error"]
    assert row["failed_at"] == group["first_at"]
    shop.identify("cyd", visits=4)
    asked = shop.call("post", "flows/noted/failures/retry/", {"node": "note"}, status=202)
    assert asked == {"count": 1, "job": None}
    shop.settle()
    assert shop.get("flows/noted/failures/")["groups"] == []
    assert [row["kind"] for row in shop.get("alerts/")] == []
    noted = [one for one in visits(shop, "cyd") if one["flow"] == "noted"]
    assert [step["node"] for step in noted[0]["path"]] == ["in", "note", "first", "day"]
