"""Two people edit one flow: they see each other, and neither overwrites the other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Complaints
from tests.e2e.test_cart_flow import card, inspector
from tests.served import Program

pytestmark = pytest.mark.slow

GRAPH = {
    "nodes": [
        {"id": "comes", "type": "manual", "config": {}, "position": {"x": 0, "y": 0}},
        {"id": "hour", "type": "wait", "config": {"for": "PT1H"}, "position": {"x": 0, "y": 150}},
        {"id": "day", "type": "wait", "config": {"for": "P1D"}, "position": {"x": 0, "y": 300}},
    ],
    "edges": [{"source": "comes", "target": "hour"}, {"source": "hour", "target": "day"}],
}


def made(program: Program, key: str) -> str:
    """A flow of three steps; the address of its canvas."""
    program.post("/api/flows/", {"key": key, "name": key, "graph": GRAPH, "settings": {}})
    return f"/flows/{key}?tab=design"


def wait_set(page: Page, was: str, hours: int) -> None:
    card(page, was).click()
    inspector(page).get_by_role("textbox", name="Wait for").fill(str(hours))


def waits(program: Program, key: str) -> dict[str, str]:
    graph = program.get(f"/api/flows/{key}/")["graph"]
    return {node["id"]: node["config"].get("for", "") for node in graph["nodes"]}


def test_editors_see_each_other_and_their_changes_are_merged(
    page_of: Callable[..., Page], program: Program, key: str, complaints: Complaints
) -> None:
    address = made(program, key)
    ours, theirs = page_of("editor"), page_of("admin")
    ours.goto(address)
    expect(card(ours, "Wait 1 hour")).to_be_visible()
    theirs.goto(address)
    expect(ours.get_by_role("list", name="Also here")).to_be_visible()
    card(theirs, "Wait 1 day").click()
    expect(card(ours, "Wait 1 day")).to_contain_text("admin@example.org")
    wait_set(theirs, "Wait 1 day", 2)
    expect(card(ours, "Wait 2 days")).to_be_visible()

    # Both at once: ours is not on the server yet when theirs arrives there.
    ours.context.set_offline(True)
    wait_set(ours, "Wait 1 hour", 3)
    wait_set(theirs, "Wait 2 days", 5)
    expect(theirs.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    ours.context.set_offline(False)
    expect(card(ours, "Wait 5 days")).to_be_visible()
    expect(card(theirs, "Wait 3 hours")).to_be_visible()
    assert waits(program, key) == {"comes": "", "hour": "PT3H", "day": "P5D"}
    theirs.close()
    expect(ours.get_by_role("list", name="Also here")).to_be_hidden()
    complaints.clear()  # the browser tells of what failed while it was offline


def test_where_both_changed_the_same_somebody_chooses(
    page_of: Callable[..., Page], program: Program, key: str, complaints: Complaints
) -> None:
    page = page_of("editor")
    page.goto(made(program, key))
    expect(card(page, "Wait 1 hour")).to_be_visible()
    page.context.set_offline(True)
    wait_set(page, "Wait 1 hour", 3)
    flow = program.get(f"/api/flows/{key}/")
    flow["graph"]["nodes"][1]["config"]["for"] = "PT4H"
    program.put(f"/api/flows/{key}/", {**flow, "name": "Cart by night"})
    page.context.set_offline(False)
    dialog = page.get_by_role("dialog", name="Somebody else changed the same")
    expect(dialog).to_contain_text("Wait 3 hours")
    expect(dialog).to_contain_text("Wait 4 hours")
    dialog.get_by_text("Theirs", exact=True).first.click()
    dialog.get_by_role("button", name="Go on with these").click()
    expect(card(page, "Wait 4 hours")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cart by night")
    assert waits(program, key)["hour"] == "PT4H"
    complaints.clear()  # the browser tells of what failed while it was offline
