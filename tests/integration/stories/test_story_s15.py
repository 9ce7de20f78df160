"""S15, *One mail per person*: who is in several chosen lists gets one e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.builders_flows import Nodes
from tests.integration.stories.telling import DAY, START, Story

LISTS = ["webinar", "customers", "fair"]
NODES: Nodes = {
    "send": ("once", {"segments": LISTS, "exclude": ["do-not-mail"]}),
    "mail": ("send_email", {"template": "spring"}),
}
EDGES = ["send next mail"]


@pytest.fixture
def lists(story: Story) -> Story:
    """Three lists and one of those who get nothing; some people are known twice."""
    for who, email in (
        ("crm-1", "ada@x.io"),
        ("crm-2", "bob@x.io"),
        ("crm-3", "Ada@X.io"),
        ("crm-4", "eve@x.io"),
        ("crm-5", "eve@x.io"),
        ("crm-6", None),
        ("crm-7", "zoe@x.io"),
    ):
        story.identify(who, {} if email is None else {"email": email})
    for key in [*LISTS, "do-not-mail"]:
        story.segment(key, None, "static")
    story.by_hand("webinar", "add", "crm-1", "crm-2", "crm-4")
    story.by_hand("customers", "add", "crm-1", "crm-2", "crm-3")
    story.by_hand("fair", "add", "crm-2", "crm-6")
    story.by_hand("do-not-mail", "add", "crm-5")
    story.template("spring", "Spring is here")
    return story


def mailed(story: Story, *who: str) -> dict[str, int]:
    """How many mails each of these contacts got."""
    return {one: n for one in who for n in [len(story.mails(one))] if n}


EVERYBODY = [f"crm-{n}" for n in range(1, 8)]


def test_each_address_gets_one_mail_however_many_lists_and_contacts_it_is_in(lists: Story) -> None:
    counted = lists.call(
        "post", "segments/audience/", {"include": LISTS, "exclude": ["do-not-mail"]}
    )
    lists.flow("spring", NODES, EDGES)
    assert mailed(lists, *EVERYBODY) in ({"crm-1": 1, "crm-2": 1}, {"crm-2": 1, "crm-3": 1})
    assert counted["people"] == 2
    inside = lists.get("flows/spring/visits/")["results"]
    assert len(inside) == 3, "who has no address counts as one, and the message is withheld"
    lists.after(days=3)
    lists.by_hand("webinar", "add", "crm-7")
    lists.after(days=3)
    assert sum(mailed(lists, *EVERYBODY).values()) == 2


def test_the_key_may_be_the_crm_id(lists: Story) -> None:
    lists.call("patch", "workspace/", {"dedupe_key": "external_id"})
    lists.flow("spring", NODES, EDGES)
    assert mailed(lists, *EVERYBODY) == {"crm-1": 1, "crm-2": 1, "crm-3": 1, "crm-4": 1}


def test_a_send_at_a_set_time_counts_who_is_there_then(lists: Story) -> None:
    at = START + 2 * DAY
    kind, config = NODES["send"]
    nodes: dict[str, Any] = {**NODES, "send": (kind, {**config, "at": at.isoformat()})}
    lists.flow("spring", nodes, EDGES)
    lists.after(days=1)
    assert mailed(lists, *EVERYBODY) == {}
    lists.by_hand("fair", "add", "crm-7")
    lists.by_hand("webinar", "remove", "crm-2")
    lists.by_hand("customers", "remove", "crm-2")
    lists.by_hand("fair", "remove", "crm-2")
    lists.at(at + DAY)
    assert mailed(lists, "crm-2", "crm-7") == {"crm-7": 1}
    (message,) = lists.get(f"messages/?contact={lists.contact('crm-7')['id']}")["results"]
    assert datetime.fromisoformat(message["created_at"]) == at


def test_publishing_again_sends_to_nobody_twice(lists: Story) -> None:
    lists.flow("spring", NODES, EDGES, reentry={"type": "after_exit"})
    before = mailed(lists, *EVERYBODY)
    lists.call("post", "flows/spring/publish/", {"inside": "stay"})
    lists.settle()
    assert mailed(lists, *EVERYBODY) == before
