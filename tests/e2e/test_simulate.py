"""Trying a flow out: one person on a timeline, played on the canvas, and a past period."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.served import Program

GRAPH: dict[str, Any] = {
    "nodes": [
        {"id": "cart", "type": "event", "config": {"name": "Product Added"}},
        {"id": "hour", "type": "wait", "config": {"for": "PT1H"}},
        {"id": "gone", "type": "exit", "config": {"reason": "did not buy"}},
    ],
    "edges": [{"source": "cart", "target": "hour"}, {"source": "hour", "target": "gone"}],
}
SETTINGS = {"exit_when": [{"type": "event", "name": "Order Completed"}]}


def _flow(program: Program, key: str) -> None:
    body = {"key": key, "name": key, "graph": GRAPH, "settings": SETTINGS}
    program.post("/api/flows/", body)


def test_somebody_made_up_walks_and_leaves_by_a_purchase(
    page: Page, program: Program, key: str
) -> None:
    _flow(program, key)
    page.goto(f"/flows/{key}?tab=try")
    journal = page.get_by_role("list", name="Journal")
    expect(journal).to_contain_text("Wait 1 hour")
    expect(journal).to_contain_text("Did not buy.")

    page.get_by_role("button", name="Add to the timeline").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Event", exact=True).first.fill("Order Completed")
    form.get_by_role("button", name="Close").click()
    pin = page.get_by_role("button", name=re.compile("^Order Completed,"))
    axis = page.get_by_title("Click where something should happen").bounding_box()
    at = pin.bounding_box()
    assert axis is not None
    assert at is not None
    page.mouse.move(at["x"] + 20, at["y"] + 10)
    page.mouse.down()
    page.mouse.move(at["x"] + 20 + axis["width"] / 5, at["y"] + 10, steps=5)
    page.mouse.up()
    expect(journal).to_contain_text("Left the flow")
    expect(journal).not_to_contain_text("Did not buy.")

    page.get_by_role("button", name="Play", exact=True).click()
    waits = page.locator(".react-flow__node[data-id=hour] [data-mark=walked]")
    expect(waits).to_be_visible()
    expect(journal.locator("[data-now]")).to_contain_text("Left the flow")
    expect(page.locator(".react-flow__node[data-id=gone] [data-mark=walked]")).to_have_count(0)
    expect(page.locator(".react-flow__edge.walked")).to_have_count(1)

    page.get_by_role("slider", name="Playhead").focus()
    page.keyboard.press("Home")
    expect(waits).to_have_count(0)
    page.keyboard.press("End")
    expect(waits).to_be_visible()

    page.reload()
    expect(journal).to_contain_text("Left the flow")


def test_a_past_period_is_drawn_on_the_canvas_and_found_again(
    page: Page, program: Program, key: str
) -> None:
    _flow(program, key)
    page.goto(f"/flows/{key}?tab=try")
    page.get_by_text("A past period").click()
    expect(page).to_have_url(re.compile("way=backtest"))
    expect(page.get_by_text("Nothing was tried yet")).to_be_visible()
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.locator(".react-flow__node[data-id=hour]")).to_contain_text(
        "came here", timeout=60_000
    )
    expect(page.get_by_role("heading", name="What would have come of it")).to_be_visible()
    page.get_by_role("region", name="Backtests").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile("backtest="))
    page.reload()
    expect(page.locator(".react-flow__node[data-id=cart]")).to_contain_text("came here")
