"""What failed is seen and mended on the live canvas; versions are compared and gone back to."""

import pytest
from playwright.sync_api import Page, expect

from tests.served import Json, Program, wait_until

pytestmark = pytest.mark.slow


def graph(wait: str, *, value: str = "{{ 1 | divided_by: trigger.by }}") -> Json:
    """An event, a field set by Liquid that can fail, a wait, and an exit."""
    return {
        "nodes": [
            {"id": "came", "type": "event", "config": {"name": "Sum Asked"}},
            {"id": "sum", "type": "update_fields", "config": {"set": {"sum": value}}},
            {"id": "rest", "type": "wait", "config": {"for": wait}},
        ],
        "edges": [{"source": "came", "target": "sum"}, {"source": "sum", "target": "rest"}],
    }


def made(program: Program, key: str, drawing: Json) -> None:
    program.post("/api/flows/", {"key": key, "name": key, "graph": drawing, "settings": {}})
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})


def totals(program: Program, key: str) -> Json:
    found: Json = program.get(f"/api/flows/{key}/counts/")["totals"]
    return found


def test_who_failed_is_shown_by_the_reason_and_skips_the_step(
    page: Page, program: Program, key: str
) -> None:
    made(program, key, graph("PT1H"))
    for number in range(2):
        program.track(f"sums-{number}", "Sum Asked", by=0)
    program.track("sums-well", "Sum Asked", by=2)
    wait_until(lambda: totals(program, key)["failed"] == 2, 20)

    page.goto(f"/flows/{key}?tab=live")
    failed = page.get_by_role("region", name="Failed", exact=True)
    expect(failed).to_contain_text("2 people")
    failed.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("2 people try the step again.")).to_be_visible()
    # The sum has not become one that can be done.
    wait_until(lambda: totals(program, key)["failed"] == 2, 20)

    expect(failed.get_by_role("button", name="Skip")).to_be_visible()
    failed.get_by_role("button", name="Skip").click()
    dialog = page.get_by_role("dialog", name="Let 2 people go on without this step?")
    dialog.get_by_role("button", name="Skip").click()
    expect(page.get_by_text("2 people go on without the step.")).to_be_visible()
    expect(failed).to_be_hidden()
    expect(page.locator(".react-flow__node[data-id=rest]")).to_contain_text("3here")


def test_a_person_goes_on_before_their_time(page: Page, program: Program, key: str) -> None:
    made(program, key, graph("P3D", value="1"))
    program.track("hurried", "Sum Asked")
    wait_until(lambda: totals(program, key)["inside"] == 1, 20)
    page.goto(f"/flows/{key}?tab=live&node=rest")
    page.get_by_role("button", name="What to do for hurried").click()
    page.get_by_role("menuitem", name="Go on now").click()
    expect(page.get_by_text("hurried goes on now.")).to_be_visible()
    wait_until(lambda: totals(program, key)["completed"] == 1, 20)


def test_versions_are_compared_and_an_earlier_one_is_live_again(
    page: Page, program: Program, key: str
) -> None:
    made(program, key, graph("PT1H", value="1"))
    flow = program.get(f"/api/flows/{key}/")
    second = graph("PT2H", value="1")
    second["nodes"].append({"id": "note", "type": "exit", "config": {"reason": "rested"}})
    second["edges"].append({"source": "rest", "target": "note"})
    draft = {"name": key, "graph": second, "settings": {}, "revision": flow["revision"]}
    program.put(f"/api/flows/{key}/", draft)

    page.goto(f"/flows/{key}?tab=design")
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish version 2")
    expect(dialog.get_by_role("heading", name="Against version 1")).to_be_visible()
    expect(dialog.get_by_text("“Wait 1 hour” is now “Wait 2 hours”.")).to_be_visible()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Live · version 2")).to_be_visible()

    page.get_by_role("tab", name="Versions").click()
    differs = page.get_by_role("region", name="What differs")
    expect(differs).to_contain_text("1 step added, 1 changed")
    marked = page.locator(".react-flow__node[data-id=rest] [data-mark=changed]")
    expect(marked).to_be_visible()
    expect(page.locator(".react-flow__node[data-id=note] [data-mark=added]")).to_be_visible()

    page.get_by_role("button", name="Version 1", exact=False).click()
    expect(page.locator(".react-flow__node[data-id=note]")).to_be_hidden()
    page.get_by_role("button", name="Use version 1").click()
    page.get_by_role("menuitem", name="Live again at once").click()
    back = page.get_by_role("dialog", name="Go back to version 1")
    back.get_by_role("button", name="Go back").click()
    expect(page.get_by_text("Live · version 3")).to_be_visible()
    expect(page.locator(".react-flow__node[data-id=rest]")).to_contain_text("Wait 1 hour")
