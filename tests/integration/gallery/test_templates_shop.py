"""The templates of the shop, each used with its defaults and walked through."""

from tests.integration.gallery.conftest import Shop
from tests.integration.stories.telling import DAY, START


def test_abandon_cart_reminds_and_a_purchase_ends_it_at_once(shop: Shop) -> None:
    shop.use("abandon-cart")
    for who in ("ada", "bob"):
        shop.track(who, "Product Added", product="lamp")
    shop.after(minutes=59)
    assert not shop.inside("ada")
    shop.after(minutes=1)
    assert shop.sent("ada") == ["cart-left-behind"]
    shop.after(hours=3)
    shop.track("ada", "Order Completed", total=40)
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=6)
    assert shop.sent("ada") == ["cart-left-behind"]
    assert shop.sent("bob") == ["cart-left-behind", "cart-second-look", "cart-last-call"]
    assert shop.outcome("bob") == ("exited", "did not buy")


def test_who_clicked_the_reminder_is_offered_help_instead(shop: Shop) -> None:
    shop.use("abandon-cart")
    shop.track("ada", "Product Added")
    shop.after(hours=1)
    [message] = shop.get(f"messages/?flow={shop.flow_key}")["results"]
    shop.after(hours=2)
    shop.track("ada", "Email Link Clicked", message=str(message["id"]), flow=shop.flow_key,
               node="remind")  # fmt: skip
    shop.after(days=4)
    assert shop.sent("ada") == ["cart-left-behind", "cart-questions"]
    assert shop.outcome("ada") == ("exited", "still undecided")


def test_who_bought_lately_is_not_reminded_of_a_cart(shop: Shop) -> None:
    shop.use("abandon-cart")
    shop.track("ada", "Order Completed")
    shop.after(hours=1)
    shop.track("ada", "Product Added")
    shop.after(hours=2)
    assert not shop.inside("ada")


def test_win_back_writes_to_lapsed_customers_until_they_buy(shop: Shop) -> None:
    for who in ("ada", "bob"):
        shop.track(who, "Order Completed", at=START - 61 * DAY)
    shop.use("win-back")
    assert shop.sent("ada") == ["back-miss-you"]
    shop.after(days=8)
    assert shop.sent("bob") == ["back-miss-you", "back-offer"]
    shop.track("ada", "Order Completed")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=8)
    assert shop.outcome("bob") == ("exited", "did not come back")


def test_win_back_leaves_new_customers_alone(shop: Shop) -> None:
    shop.track("ada", "Order Completed", at=START - 100 * DAY)
    shop.track("ada", "Order Completed", at=START - 10 * DAY)
    shop.use("win-back")
    assert not shop.inside("ada")
    shop.after(days=51)
    assert shop.sent("ada") == ["back-miss-you"]


def test_a_birthday_is_greeted_in_the_morning_and_every_year(shop: Shop) -> None:
    shop.use("birthday")
    shop.identify("ada", birthday="1990-05-03T00:00:00Z", timezone="Europe/Vienna")
    shop.at(START + DAY)
    assert not shop.inside("ada")
    shop.after(days=1)
    assert shop.sent("ada") == ["birthday-greeting"]
    (step,) = [step for step in shop.visit("ada")["path"] if step["node"] == "greet"]  # type: ignore[attr-defined]
    assert step["at"] == "2026-05-03T07:00:00Z"
    shop.after(days=20)
    assert shop.sent("ada") == ["birthday-greeting", "birthday-reminder"]
    assert shop.outcome("ada") == ("exited", "did not use the present")
    shop.after(days=350)
    assert shop.sent("ada").count("birthday-greeting") == 2
    shop.track("ada", "Order Completed")
    assert shop.outcome("ada")[0] == "converted"


def test_a_review_is_asked_for_once_more_until_it_is_written(shop: Shop) -> None:
    shop.use("review-request")
    for who in ("ada", "bob"):
        shop.track(who, "Order Completed")
    shop.after(days=14)
    assert shop.sent("ada") == []
    shop.after(hours=6)
    assert shop.sent("ada") == ["review-ask"]
    shop.track("ada", "Product Reviewed", stars=5)
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=14)
    assert shop.sent("bob") == ["review-ask", "review-remind"]
    assert shop.outcome("bob") == ("exited", "wrote no review")


def test_who_sends_the_order_back_is_not_asked_for_a_review(shop: Shop) -> None:
    shop.use("review-request")
    shop.track("ada", "Order Completed")
    shop.after(days=3)
    shop.track("ada", "Order Refunded")
    assert shop.outcome("ada")[0] == "exited"
    shop.after(days=20)
    assert shop.sent("ada") == []
