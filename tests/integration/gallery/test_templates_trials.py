"""The templates of trials and plans, each used with its defaults and walked through."""

from common.clock import canonical
from tests.integration.gallery.conftest import Shop
from tests.integration.stories.telling import DAY, START


def test_onboarding_leads_to_the_step_and_ends_with_it(shop: Shop) -> None:
    shop.use("trial-onboarding")
    for who in ("ada", "bob"):
        shop.identify(who, plan="trial")
    assert shop.sent("ada") == ["onboarding-start"]
    shop.after(days=1)
    shop.track("ada", "Payment Account Connected")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=3)
    assert shop.sent("bob") == ["onboarding-start", "onboarding-how", "onboarding-last"]
    shop.identify("bob", plan="free")
    assert shop.outcome("bob") == ("exited", "left segment trial-users")


def test_who_has_taken_the_step_is_not_led_to_it(shop: Shop) -> None:
    shop.use("trial-onboarding")
    shop.track("ada", "Payment Account Connected")
    shop.identify("ada", plan="trial")
    assert not shop.inside("ada")


def test_the_end_of_a_trial_is_told_of_in_time_and_moves_with_the_date(shop: Shop) -> None:
    shop.identify("ada", trial_ends_at=canonical(START + 10 * DAY))
    shop.identify("bob", trial_ends_at=canonical(START + 2 * DAY))
    shop.use("trial-ending")
    assert not shop.inside("ada")
    assert shop.sent("bob") == ["trial-ends-soon"], "whose trial ends soon already, comes in too"
    shop.after(hours=12)
    shop.identify("bob", trial_ends_at=canonical(START + 5 * DAY))
    shop.at(START + 4 * DAY - DAY / 24)
    assert shop.sent("bob") == ["trial-ends-soon"]
    shop.at(START + 4 * DAY)
    assert shop.sent("bob") == ["trial-ends-soon", "trial-last-day-today"]
    shop.track("bob", "Subscription Started")
    assert shop.outcome("bob")[0] == "converted"
    shop.at(START + 7 * DAY)
    assert shop.sent("ada") == ["trial-ends-soon"]
    shop.at(START + 17 * DAY)
    assert shop.sent("ada") == ["trial-ends-soon", "trial-last-day-today", "trial-has-ended"]
    assert shop.outcome("ada") == ("exited", "the trial has ended")


def test_the_freemium_loop_goes_round_until_somebody_pays(shop: Shop) -> None:
    shop.identify("ada", plan="free")
    shop.use("freemium-loop")
    shop.identify("bob", plan="free")
    shop.after(days=4)
    assert shop.sent("ada") == ["free-idea"], "who has been quiet gets an idea"
    assert shop.inside("bob")
    shop.after(days=14)
    assert shop.sent("ada") == ["free-idea", "free-story"]
    shop.after(days=12)
    shop.track("ada", "Report Opened")
    shop.after(days=3)
    assert shop.sent("ada") == ["free-idea", "free-story", "free-next-step"]
    shop.track("ada", "Subscription Started")
    assert shop.outcome("ada")[0] == "converted"
    shop.after(days=60)
    assert len(shop.sent("ada")) == 3
    assert len(shop.sent("bob")) > 4
    shop.identify("bob", plan="paid")
    assert shop.outcome("bob") == ("exited", "left segment free-plan")
