"""The templates of relations, sales and upkeep, each used with its defaults and walked through."""

from typing import Any

from tests.integration.gallery.conftest import Shop


def test_who_signs_up_is_welcomed_and_a_first_purchase_ends_it(shop: Shop) -> None:
    shop.use("welcome")
    for who in ("ada", "bob"):
        shop.track(who, "Signed Up")
    assert shop.sent("ada") == ["welcome-hello"]
    shop.after(days=2)
    shop.track("ada", "Order Completed")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=14)
    assert shop.sent("bob") == ["welcome-hello", "welcome-first-steps", "welcome-question"]
    assert shop.outcome("bob") == ("exited", "greeted")


def opened(shop: Shop, who: str, node: str, name: str = "Email Opened") -> None:
    """Somebody opened the mail of a node, or clicked in it."""
    contact = shop.contact(who)["id"]
    [message] = [
        row
        for row in shop.get(f"messages/?contact={contact}&flow={shop.flow_key}")["results"]
        if row["node"] == node
    ]
    shop.track(who, name, message=str(message["id"]), flow=shop.flow_key, node=node)


def test_the_quiet_are_called_back_and_coming_back_ends_it(shop: Shop) -> None:
    for who in ("ada", "bob", "cyd"):
        shop.identify(who, email=f"{who}@example.org")
        shop.track(who, "Page Viewed")
    shop.use("re-engagement", back="https://shop.example.com/")
    shop.after(days=29)
    assert not shop.inside("ada")
    shop.after(days=5)
    assert shop.sent("ada") == ["quiet-hello"]
    opened(shop, "bob", "hello")
    shop.track("ada", "Page Viewed")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=6)
    assert shop.sent("bob") == ["quiet-hello", "quiet-hand"]
    assert shop.sent("cyd") == ["quiet-hello", "quiet-short"]
    shop.after(days=14)
    assert shop.outcome("bob") == ("exited", "read and did not come back")
    assert shop.outcome("cyd") == ("exited", "did not open")


def test_the_quiet_of_one_status_alone(shop: Shop) -> None:
    shop.identify("ada", stripe_status="trial")
    shop.identify("bob", stripe_status="active")
    for who in ("ada", "bob"):
        shop.track(who, "Page Viewed")
    shop.use("re-engagement", plan="stripe_status", status="trial")
    shop.after(days=34)
    assert shop.inside("ada")
    assert not shop.inside("bob")


def test_interest_makes_a_growing_segment_and_brings_more(shop: Shop) -> None:
    shop.use("topic-interest", topic="lamps", word="lamp")
    shop.track("ada", "Email Link Clicked", link="https://shop.example.com/lamps/desk")
    shop.page("bob", "/Lamps/floor")
    assert shop.members("interest-lamp") == {"ada", "bob"}
    shop.after(hours=2)
    assert shop.mails("ada") == ["More on lamps"]
    opened(shop, "ada", "more", "Email Link Clicked")
    shop.after(days=3)
    assert shop.sent("ada") == ["interest-more", "interest-choose"]
    shop.track("ada", "Order Completed")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=4)
    assert shop.outcome("bob") == ("exited", "did not click")
    assert shop.members("interest-lamp") == {"ada", "bob"}


def notices(shop: Shop) -> list[dict[str, Any]]:
    """What sales was told by the flow, the first first."""
    rows = shop.get(f"messages/?flow={shop.flow_key}")["results"]
    return [row for row in reversed(rows) if row["purpose"] == "notice"]


def test_sales_hear_of_a_hot_lead_at_once_and_are_reminded(shop: Shop) -> None:
    rule = {"name": "Price", "kind": "event", "event": "Pricing Viewed", "points": 30}
    shop.call("post", "score-rules/", rule, status=201)
    shop.settle()
    shop.identify("bob", owner="rep@example.com")
    shop.use("hot-lead", rep="lead@example.com")
    for _ in range(3):
        shop.track("ada", "Pricing Viewed")
        shop.track("bob", "Pricing Viewed")
    assert [row["to"] for row in notices(shop)] == ["lead@example.com", "rep@example.com"]
    assert "Ada" in notices(shop)[0]["subject"]
    assert shop.contact("ada")["fields"]["lead_stage"] == "hot"
    shop.identify("bob", lead_stage="talking")
    shop.after(days=1)
    assert shop.outcome("bob") == ("exited", "taken up by sales")
    assert [row["to"] for row in notices(shop)][2:] == ["lead@example.com"]
    shop.track("ada", "Meeting Booked")
    assert shop.outcome("ada")[0] == "converted"


def test_slack_is_told_where_it_is_connected(shop: Shop) -> None:
    shop.call("patch", "workspace/", {"slack_webhook": "https://hooks.slack.example.com/x"})
    shop.use("hot-lead")
    types = {node["type"] for node in shop.get(f"flows/{shop.flow_key}/")["graph"]["nodes"]}
    assert "slack" in types


def test_bounces_and_sleepers_go_to_a_list_that_others_keep_out(shop: Shop) -> None:
    shop.identify("cyd", email="cyd@example.org")
    shop.use("list-cleaning")
    shop.track("cyd", "Email Bounced", type="hard")
    assert shop.members("do-not-mail") == {"cyd"}
    assert shop.outcome("cyd") == ("exited", "the address bounces")
    for who in ("ada", "bob"):
        shop.was_sent_elsewhere(who, 6)
    shop.after(hours=20)
    assert shop.sent("ada") == shop.sent("bob") == ["asleep-still-interested"]
    opened(shop, "ada", "ask", "Email Link Clicked")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=15)
    assert shop.outcome("bob") == ("exited", "never reacted")
    assert shop.members("do-not-mail") == {"bob", "cyd"}
    shop.after(days=60)
    assert shop.sent("bob") == ["asleep-still-interested"], "who is on the list is asked no more"
