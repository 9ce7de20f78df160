"""The live canvas over its socket: numbers as they are, also after the connection was lost."""

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Complaints
from tests.served import Json, Program, Served, wait_until

pytestmark = pytest.mark.slow


def published(program: Program, key: str, event: str, wait: str) -> None:
    """Publish a flow of an event, a wait and an exit."""
    graph: Json = {
        "nodes": [
            {"id": "came", "type": "event", "config": {"name": event}},
            {"id": "rest", "type": "wait", "config": {"for": wait}},
            {"id": "end", "type": "exit", "config": {"reason": "done"}},
        ],
        "edges": [{"source": "came", "target": "rest"}, {"source": "rest", "target": "end"}],
    }
    program.post("/api/flows/", {"key": key, "name": "Live", "graph": graph, "settings": {}})
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})


def test_the_page_comes_back_by_itself_and_shows_what_happened_meanwhile(
    page: Page, program: Program, served: Served, complaints: Complaints, key: str
) -> None:
    published(program, key, "Reconnect", "PT20S")
    for number in range(3):
        program.track(f"reconnect-{number}", "Reconnect")
    wait_until(lambda: program.get(f"/api/flows/{key}/counts/")["totals"]["inside"] == 3, 15)
    page.goto(f"/flows/{key}")
    waiting = page.locator(".react-flow__node[data-id=rest]")
    gone = page.locator(".react-flow__node[data-id=end]")
    expect(waiting).to_contain_text("3here")

    (web,) = served.children("web")
    os.kill(web, signal.SIGKILL)
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    # `serve` starts another; the engine has gone on all the while.
    expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=60_000)
    expect(waiting).to_contain_text("0here", timeout=60_000)
    expect(gone).to_contain_text("3left here")
    # What could not be reached is written down by Chromium itself.
    unexpected = [said for said in complaints if "ERR_" not in said and "WebSocket" not in said]
    assert [said for said in unexpected if "Failed to load" not in said] == []
    complaints.clear()


def test_a_page_loaded_anew_shows_the_same_numbers(page: Page, program: Program, key: str) -> None:
    published(program, key, "Reloaded", "PT1H")
    page.goto(f"/flows/{key}")
    waiting = page.locator(".react-flow__node[data-id=rest]")
    expect(waiting).to_contain_text("0here")
    program.track("reloaded-1", "Reloaded")
    expect(waiting).to_contain_text("1here")
    page.reload()
    expect(waiting).to_contain_text("1here")
    program.track("reloaded-2", "Reloaded")
    expect(waiting).to_contain_text("2here")


def test_the_numbers_of_a_period_and_the_heat_are_in_the_address(
    page: Page, program: Program, key: str
) -> None:
    published(program, key, "Warm", "PT1H")
    for number in range(2):
        program.track(f"warm-{number}", "Warm")
    page.goto(f"/flows/{key}")
    waiting = page.locator(".react-flow__node[data-id=rest]")
    expect(waiting).to_contain_text("2here")
    page.get_by_role("button", name="Numbers of: Since the beginning").click()
    page.get_by_role("menuitem", name="Last hour").click()
    page.get_by_role("button", name="Heat: off").click()
    page.get_by_role("menuitem", name="By people waiting").click()
    expect(waiting.locator("article")).to_have_attribute("data-heat", "5")
    expect(page.get_by_role("note")).to_contain_text("up to 2")
    page.reload()
    expect(page.get_by_role("button", name="Numbers of: Last hour")).to_be_visible()
    expect(waiting.locator("article")).to_have_attribute("data-heat", "5")
    program.track("warm-2", "Warm")
    expect(waiting).to_contain_text("3here")
    expect(waiting.get_by_title("Arrived in the last hour")).to_have_text("3")


def test_people_at_a_step_are_searched_and_sent_on_one_by_one_or_all(
    page: Page, program: Program, key: str
) -> None:
    published(program, key, "Crowd", "PT1H")
    for number in range(15):
        program.track(f"crowd-{number:02}", "Crowd")
    page.goto(f"/flows/{key}?node=rest")
    people = page.get_by_role("region", name="People here")
    expect(people.locator("h3")).to_contain_text("15")
    expect(people.get_by_role("listitem")).to_have_count(12)
    people.get_by_role("button", name="Show more").click()
    expect(people.get_by_role("listitem")).to_have_count(15)

    people.get_by_role("searchbox").fill("crowd-07")
    expect(people.get_by_role("listitem")).to_have_count(1)
    people.get_by_role("button", name="What to do for crowd-07").click()
    page.get_by_role("menuitem", name="Go on now").click()
    expect(people).to_contain_text("Nobody here whose name")
    people.get_by_role("searchbox").fill("")
    expect(people.locator("h3")).to_contain_text("14")

    people.get_by_role("checkbox", name="Choose crowd-03").check()
    people.get_by_role("checkbox", name="Choose crowd-04").check()
    people.get_by_role("button", name="Do for them").click()
    page.get_by_role("menuitem", name="Go on now").click()
    expect(people.locator("h3")).to_contain_text("12")

    people.get_by_role("button", name="Do for all").click()
    page.get_by_role("menuitem", name="Take out of the flow").click()
    expect(page.get_by_role("dialog")).to_contain_text("all 12 people here")
    page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    expect(page.locator(".react-flow__node[data-id=rest]")).to_contain_text("0here")
    expect(page.get_by_role("region", name="This step then and now")).to_contain_text(
        "The draft has this step as it is live."
    )


def test_pausing_says_what_it_means_and_what_came_of_it(
    page: Page, program: Program, key: str
) -> None:
    published(program, key, "Halt", "PT8S")
    page.goto(f"/flows/{key}")
    program.track("halt-1", "Halt")
    waiting = page.locator(".react-flow__node[data-id=rest]")
    expect(waiting).to_contain_text("1here")
    page.get_by_role("button", name="Pause", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 person inside stays in place.")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The flow is paused. 1 person stays in place.")).to_be_visible()
    expect(page.get_by_text("1 person fell due meanwhile")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_contain_text("1 person who fell due meanwhile goes on at once.")
    dialog.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("1 person who fell due meanwhile goes on now.")).to_be_visible()
    expect(waiting).to_contain_text("0here")
