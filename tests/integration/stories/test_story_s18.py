"""S18, *Custom fields* made automatically from what Stripe, a form or the API sends."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.stories.telling import Story, every, field, some

TRIAL_END = datetime(2026, 5, 15, 12, 0, tzinfo=UTC)


def subscription(status: str, *, amount: int = 2000) -> dict[str, Any]:
    """What a webhook of Stripe says of a customer and their subscription, sent on as traits."""
    return {
        "email": "ada@x.io",
        "name": None,
        "stripe": {
            "id": "cus_QXg1o8vcGmoR32",
            "delinquent": False,
            "currency": "usd",
            "balance": 0,
            "preferred_locales": ["de", "en"],
            "address": {"city": "Graz", "country": None},
            "subscription": {
                "status": status,
                "trial_end": TRIAL_END.isoformat(),
                "cancel_at_period_end": False,
                "plan": {"amount": amount, "interval": "month"},
            },
        },
    }


def test_the_fields_of_a_subscription_appear_with_their_types_and_serve_in_rules(
    story: Story,
) -> None:
    story.identify("ada", subscription("trialing"))
    types = {one["key"]: one["type"] for one in story.get("fields/?limit=200")["results"]}
    assert {key: kind for key, kind in types.items() if key.startswith("stripe.")} == {
        "stripe.id": "string", "stripe.delinquent": "boolean", "stripe.currency": "string",
        "stripe.balance": "number", "stripe.preferred_locales": "list",
        "stripe.address.city": "string",
        "stripe.subscription.status": "string", "stripe.subscription.trial_end": "datetime",
        "stripe.subscription.cancel_at_period_end": "boolean",
        "stripe.subscription.plan.amount": "number",
        "stripe.subscription.plan.interval": "string",
    }  # fmt: skip
    story.segment(
        "ending",
        every(
            field("stripe.subscription.status", "eq", "trialing"),
            field("stripe.subscription.trial_end", "in_next", "P3D"),
            field("stripe.preferred_locales", "contains_any", ["de", "fr"]),
        ),
    )
    story.segment("large", field("stripe.subscription.plan.amount", "gte", 10_000))
    assert story.members("ending") == set()
    story.at(TRIAL_END - timedelta(days=3))
    assert story.members("ending") == {"ada"}
    story.identify("ada", subscription("active", amount=20_000))
    assert (story.members("ending"), story.members("large")) == (set(), {"ada"})


def test_a_value_that_does_not_fit_is_left_out_and_shown(story: Story) -> None:
    story.identify("ada", subscription("trialing"))
    story.segment("cheap", field("stripe.subscription.plan.amount", "lt", 5_000))
    broken = {"stripe": {"subscription": {"plan": {"amount": "much"}, "status": "past_due"}}}
    story.identify("ada", broken)
    assert story.members("cheap") == {"ada"}
    assert story.contact("ada")["fields"]["stripe.subscription.status"] == "past_due"
    (amount,) = (
        one
        for one in story.get("fields/?limit=200")["results"]
        if one["key"] == "stripe.subscription.plan.amount"
    )
    assert amount["warnings"] == 1
    assert "much" in amount["last_warning"]


def test_a_form_and_the_api_make_fields_too_and_null_erases(story: Story) -> None:
    story.send(
        "identify", {"anonymousId": "form-1", "traits": {"Team size": 12, "newsletter": True}}
    )
    made = story.call("post", "contacts/", {"external_id": "bob", "fields": {"Team size": 3}})
    assert made["external_id"] == "bob"
    story.segment("teams", some(field("Team size", "gte", 10), field("newsletter", "eq", True)))
    assert story.get("segments/teams/")["size"] == 1
    story.send("identify", {"anonymousId": "form-1", "userId": "ada"})
    assert story.members("teams") == {"ada"}
    story.identify("ada", {"newsletter": None, "Team size": 9})
    assert story.members("teams") == set()
    story.call("patch", f"contacts/{made['id']}/", {"fields": {"Team size": 40}})
    story.settle()
    assert story.members("teams") == {"bob"}
