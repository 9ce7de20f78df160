"""S3, *Trial onboarding*: who tries the product is led to connect their payment account."""

from __future__ import annotations

from typing import Any

import pytest

from common.clock import canonical
from tests.builders_flows import Nodes
from tests.integration.stories.telling import DAY, MOMENT, START, Story, field

CONNECTED = field("payment_connected", "eq", value=True)

NODES: Nodes = {
    "trial": ("field_changed", {"field": "plan", "to": "trial"}),
    "welcome": ("send_email", {"template": "welcome"}),
    "first": ("wait_for", {"rule": CONNECTED, "timeout": "P2D"}),
    "how": ("send_email", {"template": "how"}),
    "eve": ("wait_date", {"field": "trial_ends_at", "offset": "-P1D"}),
    "last": ("send_email", {"template": "last"}),
}
EDGES = [
    "trial next welcome",
    "welcome next first",
    "first timeout how",
    "how next eve",
    "eve next last",
]
ENDS = START + 14 * DAY


@pytest.fixture
def product(story: Story) -> Story:
    """A product on trial, with its onboarding drawn and published."""
    story.identify("old", plan="trial", payment_connected=False, trial_ends_at=canonical(ENDS))
    for key, subject in (
        ("welcome", "Welcome"),
        ("how", "How to connect"),
        ("last", "Your last day"),
    ):
        story.template(key, subject)
    story.flow("onboarding", NODES, EDGES, goal=CONNECTED)
    return story


def signs_up(story: Story, who: str, **traits: Any) -> None:
    """A program says that somebody has begun a trial."""
    story.identify(who, plan="trial", email=f"{who}@x.io", trial_ends_at=canonical(ENDS), **traits)


def visit(story: Story, who: str) -> Any:
    """The one visit of a contact, as the API shows it."""
    (found,) = story.get(f"contacts/{story.contact(who)['id']}/visits/")["results"]
    return found


def written(story: Story, who: str) -> set[str]:
    """What was written to a contact, called back or not."""
    found = story.get(f"messages/?contact={story.contact(who)['id']}")["results"]
    return {one["subject"] for one in found}


def path(story: Story, who: str) -> list[str]:
    """Which steps a contact has come to."""
    return [step["node"] for step in visit(story, who)["path"]]


def test_who_never_connects_is_led_step_by_step_until_the_trial_ends(product: Story) -> None:
    signs_up(product, "ada")
    assert product.mails("ada") == ["Welcome"]
    product.at(START + 2 * DAY - MOMENT)
    assert path(product, "ada") == ["trial", "welcome", "first"]
    product.at(START + 2 * DAY)
    assert set(product.mails("ada")) == {"Welcome", "How to connect"}
    assert visit(product, "ada")["until"] == "2026-05-14T12:00:00Z"
    product.at(ENDS - DAY)
    assert set(product.mails("ada")) == {"Welcome", "How to connect", "Your last day"}
    assert visit(product, "ada")["outcome"] == "completed"
    assert product.get(f"contacts/{product.contact('old')['id']}/visits/")["results"] == []


def test_who_connects_is_out_at_once_wherever_they_are(product: Story) -> None:
    for who in ("ada", "bob"):
        signs_up(product, who)
    product.after(hours=3)
    product.identify("ada", payment_connected=True)
    assert visit(product, "ada")["outcome"] == "converted"
    assert visit(product, "ada")["left_at"] == "2026-05-01T15:00:00Z"
    product.at(START + 5 * DAY)
    product.identify("bob", payment_connected=True)
    assert visit(product, "bob")["outcome"] == "converted"
    product.at(ENDS + DAY)
    assert written(product, "ada") == {"Welcome"}
    assert written(product, "bob") == {"Welcome", "How to connect"}


def test_who_has_connected_before_the_trial_is_not_led(product: Story) -> None:
    signs_up(product, "cyd", payment_connected=True)
    assert product.get(f"contacts/{product.contact('cyd')['id']}/visits/")["results"] == []
    assert product.mails("cyd") == []


def test_an_extended_trial_moves_its_last_day(product: Story) -> None:
    signs_up(product, "ada")
    product.at(START + 3 * DAY)
    product.identify("ada", trial_ends_at=canonical(ENDS + 7 * DAY))
    assert visit(product, "ada")["until"] == "2026-05-21T12:00:00Z"
    product.at(ENDS)
    assert "Your last day" not in product.mails("ada")
    product.at(ENDS + 6 * DAY)
    assert "Your last day" in product.mails("ada")


def test_saying_the_same_again_does_not_begin_anew(product: Story) -> None:
    signs_up(product, "ada")
    product.after(days=1)
    signs_up(product, "ada")
    assert product.mails("ada") == ["Welcome"]
