"""The list of contacts and the page of one: timeline, segments, the path through a flow."""

import pytest
from playwright.sync_api import Page, expect

from tests.served import Json, Program, wait_until

GRAPH: Json = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Contact Page Visited"}},
        {"id": "rest", "type": "wait", "config": {"for": "PT1H"}},
        {"id": "end", "type": "exit", "config": {"reason": "done"}},
    ],
    "edges": [{"source": "came", "target": "rest"}, {"source": "rest", "target": "end"}],
}


@pytest.fixture(autouse=True)
def _fina(program: Program) -> None:
    """Fina, who is in a flow and in a segment."""
    if program.get("/api/contacts/?external_id=fina")["results"]:
        return
    rule = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}
    program.batch(
        [
            {
                "type": "identify",
                "userId": "fina",
                "traits": {"email": "fina@example.com", "firstName": "Fina", "plan": "trial"},
            }
        ]
    )
    wait_until(lambda: program.get("/api/contacts/?external_id=fina")["results"], seconds=30)
    program.post(
        "/api/segments/", {"key": "on-trial", "name": "On trial", "kind": "dynamic", "rule": rule}
    )
    program.post(
        "/api/flows/", {"key": "visitors", "name": "Visitors", "graph": GRAPH, "settings": {}}
    )
    program.post("/api/flows/visitors/publish/", {"inside": "stay"})
    program.track("fina", "Contact Page Visited", page="pricing")
    wait_until(
        lambda: program.get("/api/flows/visitors/counts/")["totals"]["inside"] == 1, seconds=30
    )


def test_a_contact_is_found_and_opened(page: Page) -> None:
    page.goto("/contacts")
    page.get_by_role("searchbox", name="Name, e-mail or id").fill("fina@")
    row = page.get_by_role("row").filter(has_text="Fina")
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_role("heading", level=1, name="Fina")).to_be_visible()
    fields = page.get_by_role("complementary", name="Fields")
    expect(fields).to_contain_text("trial")
    expect(page.get_by_text("Reachable by e-mail")).to_be_visible()


def test_a_search_that_finds_nobody_says_so(page: Page) -> None:
    page.goto("/contacts?search=nobody-of-that-name")
    expect(page.get_by_text("Nobody is found")).to_be_visible()


def test_timeline_segments_and_path_of_a_contact(page: Page, program: Program) -> None:
    number = program.get("/api/contacts/?external_id=fina")["results"][0]["id"]
    page.goto(f"/contacts/{number}")
    expect(page.locator("main")).to_contain_text("Contact Page Visited")
    expect(page.locator("main")).to_contain_text("pricing")

    page.get_by_role("tab", name="Segments").click()
    expect(page.locator("main")).to_contain_text("On trial")

    page.get_by_role("tab", name="Flows").click()
    path = page.locator("main").get_by_role("list")
    expect(page.locator("main")).to_contain_text("Visitors")
    expect(path.get_by_role("listitem").last).to_contain_text("Wait 1 hour")
    expect(path.get_by_role("listitem").last).to_contain_text("here, goes on")
