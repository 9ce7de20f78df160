"""S4, *Freemium loop*: everyone on the free plan gets one offer after another until they pay."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders_flows import Nodes
from tests.integration.stories.telling import DAY, START, Story, event, field

FREE = field("plan", "eq", value="free")
EXPORTS = event("Exported", window={"last": "P30D"})
LOOKED = {"type": "flow_email", "node": "team", "op": "clicked"}

NODES: Nodes = {
    "free": ("segment_entered", {"segment": "free", "include_existing": True}),
    "which": (
        "switch",
        {"cases": [{"branch": "exporter", "rule": EXPORTS}, {"branch": "keen", "rule": LOOKED}]},
    ),
    "export": ("send_email", {"template": "export"}),
    "call": ("send_email", {"template": "call"}),
    "team": ("send_email", {"template": "team"}),
    "week": ("wait", {"for": "P7D"}),
}
EDGES = [
    "free next which",
    "which exporter export",
    "which keen call",
    "which else team",
    "export next week",
    "call next week",
    "team next week",
    "week next which",
]


@pytest.fixture
def freemium(story: Story) -> Story:
    """A product with a free plan, somebody on it, and the loop drawn and published."""
    story.identify("ada", plan="free", email="ada@x.io")
    story.identify("paying", plan="pro", email="paying@x.io")
    story.segment("free", FREE)
    for key, subject in (("export", "Export more"), ("call", "Talk to us"), ("team", "For teams")):
        story.template(key, subject)
    story.flow(
        "loop", NODES, EDGES,
        exit_when=[{"type": "segment_left", "segment": "free"}],
        reentry={"type": "after_exit", "gap": "P14D"},
    )  # fmt: skip
    return story


def visits(story: Story, who: str) -> list[Any]:
    """The visits of a contact, the newest first."""
    return list(story.get(f"contacts/{story.contact(who)['id']}/visits/")["results"])


def offers(story: Story, who: str) -> list[str]:
    """The offers in the order in which they were made."""
    (visit,) = visits(story, who)
    return [step["node"] for step in visit["path"] if step["node"] in ("export", "call", "team")]


def test_who_is_free_already_begins_at_publishing_and_is_offered_something_each_week(
    freemium: Story,
) -> None:
    assert freemium.mails("ada") == ["For teams"]
    assert visits(freemium, "paying") == []
    freemium.at(START + 8 * DAY)
    freemium.track("ada", "Exported", rows=10)
    freemium.at(START + 22 * DAY)
    assert offers(freemium, "ada") == ["team", "team", "export", "export"]
    freemium.at(START + 50 * DAY)
    assert offers(freemium, "ada")[-2:] == ["team", "team"]
    (visit,) = visits(freemium, "ada")
    assert (visit["outcome"], visit["rests_at"]) == ("inside", "week")


def test_a_click_on_an_offer_changes_the_next_one(freemium: Story) -> None:
    (mail,) = freemium.get(f"messages/?contact={freemium.contact('ada')['id']}")["results"]
    freemium.after(hours=1)
    freemium.track("ada", "Email Link Clicked", message=str(mail["id"]), link="https://x.io/team")
    freemium.at(START + 7 * DAY)
    assert offers(freemium, "ada") == ["team", "call"]


def test_who_pays_is_out_at_once_and_gets_nothing_more(freemium: Story) -> None:
    freemium.at(START + 10 * DAY)
    freemium.identify("ada", plan="pro")
    (visit,) = visits(freemium, "ada")
    assert (visit["outcome"], visit["reason"]) == ("exited", "left segment free")
    freemium.at(START + 40 * DAY)
    written = freemium.get(f"messages/?contact={freemium.contact('ada')['id']}")["results"]
    assert len(written) == 2


def test_who_falls_back_begins_again_but_not_too_soon(freemium: Story) -> None:
    freemium.at(START + 10 * DAY)
    freemium.identify("ada", plan="pro")
    freemium.at(START + 20 * DAY)
    freemium.identify("ada", plan="free")
    assert len(visits(freemium, "ada")) == 1
    freemium.at(START + 21 * DAY)
    freemium.identify("ada", plan="pro")
    freemium.at(START + 24 * DAY)
    freemium.identify("ada", plan="free")
    assert [visit["outcome"] for visit in visits(freemium, "ada")] == ["inside", "exited"]
