"""S16, *Naming*: a convention builds segments' names and checks them, so they stay findable."""

from typing import Any

import pytest

from tests.integration.stories.telling import Story

PARTS = [
    {"key": "date", "label": "Date", "kind": "date", "format": "YYYY-MM", "required": True},
    {"key": "department", "label": "Department", "kind": "choice", "choices": ["Sales", "Shop"],
     "required": True},
    {"key": "campaign", "label": "Campaign", "kind": "text", "required": True},
    {"key": "region", "label": "Region", "kind": "choice", "choices": ["AT", "DE"],
     "required": False},
]  # fmt: skip
GOOD = "2026-05 · Shop · Spring sale · AT"


def agree(story: Story, enforce: str) -> None:
    convention = {"parts": PARTS, "separator": " · ", "enforce": enforce}
    story.call("put", "segments/naming/", convention)
    assert story.get("segments/naming/")["enforce"] == enforce


def make(story: Story, name: str, status: int) -> Any:
    body = {"name": name, "kind": "static", "rule": None}
    return story.call("post", "segments/", body, status=status)


def test_a_name_is_built_of_its_parts_and_read_again(story: Story) -> None:
    agree(story, "warn")
    values = {"date": "2026-05", "department": "Shop", "campaign": "Spring sale", "region": "AT"}
    built = story.call("post", "segments/naming/build/", {"values": values})
    assert (built["name"], built["problems"]) == (GOOD, [])
    checked = story.call("post", "segments/naming/check/", {"name": built["name"]})
    assert checked["ok"] is True
    assert checked["values"]["department"] == "Shop"
    assert checked["values"]["campaign"] == "Spring sale"


@pytest.mark.parametrize(
    "name", ["Spring sale", "2026-05 · Marketing · Spring sale", "05/2026 · Shop · Spring sale"]
)
def test_a_name_that_breaks_it_is_said_to(story: Story, name: str) -> None:
    agree(story, "refuse")
    checked = story.call("post", "segments/naming/check/", {"name": name})
    assert checked["ok"] is False
    assert checked["problems"]
    assert all(sentence.strip() for sentence in checked["problems"])
    refused = make(story, name, 400)
    assert refused["errors"][0]["attr"] == "name"
    assert make(story, GOOD, 201)["name"] == GOOD


def test_where_it_only_warns_the_list_shows_what_is_wrong(story: Story) -> None:
    make(story, "Old times", 201)
    agree(story, "warn")
    make(story, "Spring sale", 201)
    make(story, GOOD, 201)
    rows = {row["name"]: row["naming"] for row in story.get("segments/")["results"]}
    assert rows[GOOD] == []
    assert rows["Old times"]
    assert rows["Spring sale"]
    agree(story, "off")
    assert not any(row["naming"] for row in story.get("segments/")["results"])


def test_what_is_named_well_is_found(story: Story) -> None:
    agree(story, "refuse")
    for name in (GOOD, "2026-05 · Sales · Spring sale", "2026-06 · Shop · Summer · DE"):
        make(story, name, 201)
    found = story.get("segments/?search=spring sale")["results"]
    assert {row["name"] for row in found} == {GOOD, "2026-05 · Sales · Spring sale"}
