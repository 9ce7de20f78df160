"""One contact followed on the live canvas: the way so far, where it is, where it will be next."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.browsing import Complaints
from tests.served import Json, Program, wait_until

pytestmark = pytest.mark.slow


def published(program: Program, key: str, event: str, wait: str) -> None:
    """Publish a flow of an event, a wait, a condition, a longer wait and an exit."""
    rule = {"type": "event", "name": f"Bought after {event}"}
    graph: Json = {
        "nodes": [
            {"id": "came", "type": "event", "config": {"name": event}},
            {"id": "short", "type": "wait", "config": {"for": wait}},
            {"id": "ask", "type": "condition", "config": {"rule": rule}},
            {"id": "long", "type": "wait", "config": {"for": "P1D"}},
            {"id": "end", "type": "exit", "config": {"reason": "is a customer"}},
        ],
        "edges": [
            {"source": "came", "target": "short"},
            {"source": "short", "target": "ask"},
            {"source": "ask", "branch": "no", "target": "long"},
            {"source": "ask", "branch": "yes", "target": "end"},
            {"source": "long", "target": "end"},
        ],
    }
    program.post("/api/flows/", {"key": key, "name": "Follow", "graph": graph, "settings": {}})
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})


def entered(program: Program, key: str, event: str, who: str) -> int:
    """Let somebody in by an event; their visit."""
    program.track(who, event)
    found: list[Json] = []

    def came() -> bool:
        path = f"/api/flows/{key}/visits/?search={who}"
        found[:] = program.get(path)["results"]
        return bool(found)

    wait_until(came, 15)
    return int(found[0]["id"])


def test_a_step_taken_while_one_watches_is_lit_and_told(
    page: Page, program: Program, key: str
) -> None:
    published(program, key, "Followed", "PT12S")
    page.goto(f"/flows/{key}?tab=live&node=short")
    visit = entered(program, key, "Followed", "follow-1")
    page.get_by_role("link", name="Follow follow-1 on the canvas").click()
    expect(page).to_have_url(re.compile(rf"visit={visit}"))
    panel = page.get_by_role("complementary", name="Who is followed")
    expect(panel.get_by_role("heading", name="Following follow-1")).to_be_visible()
    steps = panel.get_by_role("region", name="Steps").get_by_role("list").first
    expect(steps.get_by_role("listitem")).to_have_count(2)
    for node in ("came", "short"):
        expect(page.locator(f".react-flow__node[data-id={node}] article")).to_have_attribute(
            "data-mark", "walked"
        )
    ask = page.locator(".react-flow__node[data-id=ask] article")
    assert ask.get_attribute("data-mark") is None
    expect(page.get_by_text(re.compile("^next at "))).to_be_visible()

    # She goes on by herself, and the page hears of it by itself.
    expect(steps.get_by_role("listitem")).to_have_count(4, timeout=40_000)
    expect(ask).to_have_attribute("data-mark", "walked")
    expect(page.locator(".react-flow__edge.walked")).to_have_count(3)
    expect(steps).to_contain_text("No, not:")
    expect(panel.get_by_role("status")).to_contain_text("follow-1 is now at “Wait 1 day”.")
    assert violations(page) == []

    page.reload()
    expect(steps.get_by_role("listitem")).to_have_count(4)
    panel.get_by_role("button", name=re.compile("^Wait 12 seconds")).click()
    expect(page).to_have_url(re.compile("node=short"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("visit="))
    expect(page.locator(".react-flow__edge.walked")).to_have_count(0)


def test_somebody_is_found_followed_and_taken_out(page: Page, program: Program, key: str) -> None:
    published(program, key, "Found", "PT1H")
    visit = entered(program, key, "Found", "found-1")
    entered(program, key, "Found", "found-2")
    page.goto(f"/flows/{key}?tab=live")
    page.get_by_role("button", name="Follow someone…").click()
    page.get_by_role("searchbox", name="Name, e-mail or id").fill("found-1")
    page.get_by_role("button", name=re.compile("found-1.*Inside")).click()
    expect(page).to_have_url(re.compile(rf"visit={visit}"))
    panel = page.get_by_role("complementary", name="Who is followed")
    panel.get_by_role("button", name="Do for found-1").click()
    page.get_by_role("menuitem", name="Take out of the flow").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    now = panel.get_by_role("region", name="Now")
    expect(now).to_contain_text("Left")
    expect(now).to_contain_text("Ended")
    page.go_back()
    expect(page).not_to_have_url(re.compile("visit="))


def test_what_cannot_be_followed_is_said(
    page: Page, program: Program, complaints: Complaints, key: str
) -> None:
    other = f"{key}-other"
    published(program, key, "Here", "PT1H")
    published(program, other, "There", "PT1H")
    visit = entered(program, other, "There", "there-1")
    page.goto(f"/flows/{key}?tab=live&visit={visit}")
    panel = page.get_by_role("complementary", name="Who is followed")
    expect(panel).to_contain_text("It is a visit of the flow “Follow”.")
    panel.get_by_role("link", name="Follow it there").click()
    expect(panel.get_by_role("heading", name="Following there-1")).to_be_visible()
    page.goto(f"/flows/{other}?tab=live&visit={2**40}")
    expect(panel).to_contain_text("There is no such visit.")
    panel.get_by_role("button", name="Stop following").click()
    expect(page).not_to_have_url(re.compile("visit="))
    # That there is none, Chromium writes down by itself.
    assert [said for said in complaints if "404" not in said] == []
    complaints.clear()
