"""What came of a flow: funnel, goal and drop-off, over a period, narrowed to a segment."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.served import Json, Program, wait_until

pytestmark = pytest.mark.slow


def published(program: Program, key: str) -> None:
    """Publish a flow of an event, a condition and two ends, with a goal."""
    graph: Json = {
        "nodes": [
            {"id": "came", "type": "event", "config": {"name": "Results Came"}},
            {"id": "rest", "type": "wait", "config": {"for": "PT1S"}},
            {"id": "end", "type": "exit", "config": {"reason": "done"}},
        ],
        "edges": [{"source": "came", "target": "rest"}, {"source": "rest", "target": "end"}],
    }
    settings: Json = {"goal": {"type": "event", "name": "Results Bought"}}
    program.post("/api/flows/", {"key": key, "name": "Told", "graph": graph, "settings": settings})
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})


def test_results_are_told_by_step_over_a_period_and_for_a_segment(
    page: Page, program: Program, key: str
) -> None:
    published(program, key)
    rule = {"type": "field", "field": "email", "op": "eq", "value": "results-1@example.org"}
    program.post(
        "/api/segments/", {"key": key, "name": "Only one", "kind": "dynamic", "rule": rule}
    )
    for number in range(3):
        traits = {"email": f"results-{number}@example.org"}
        program.batch([{"type": "identify", "userId": f"results-{number}", "traits": traits}])
        program.track(f"results-{number}", "Results Came")
    wait_until(lambda: program.get(f"/api/flows/{key}/counts/")["totals"]["exited"] == 3, 60)

    page.goto(f"/flows/{key}?tab=results")
    funnel = page.get_by_role("region", name="How far people came")
    expect(funnel.get_by_role("listitem")).to_have_count(3)
    # As on the card, not by the kind of step.
    expect(funnel.get_by_role("listitem").nth(1)).to_contain_text("Wait 1 second")
    expect(funnel.get_by_role("listitem").nth(1)).to_contain_text("3 100 %")
    expect(page.get_by_role("region", name="Goal", exact=True)).to_contain_text("0 % reached it")
    ended = page.get_by_role("region", name="Where people ended without the goal")
    expect(ended.get_by_role("listitem")).to_have_count(1)

    page.locator("input[aria-label=Segment]").click()
    page.get_by_role("option", name="Only one").click()
    expect(funnel.get_by_role("listitem").nth(1)).to_contain_text("1 100 %")
    expect(page).to_have_url(re.compile(f"segment={key}"))

    page.get_by_text("From … to").click()
    page.get_by_label("Entered from").fill("2020-01-01")
    page.get_by_label("Entered up to and with").fill("2020-01-31")
    expect(page.get_by_text("Nobody entered in this period")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Entered from")).to_have_value("2020-01-01")
    page.get_by_text("7 days", exact=True).click()
    expect(funnel.get_by_role("listitem").nth(1)).to_contain_text("1 100 %")
