"""The home page: what runs, who moves now, and what has come of the last days."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.served import Program

pytestmark = pytest.mark.slow

GRAPH: dict[str, Any] = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Home Came"}},
        {"id": "rest", "type": "wait", "config": {"for": "P1D"}},
    ],
    "edges": [{"source": "came", "target": "rest"}],
}


def test_the_home_page_follows_a_flow_that_runs(page: Page, program: Program, key: str) -> None:
    program.post("/api/flows/", {"key": key, "name": "Seen from home", "graph": GRAPH})
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})
    page.goto("/")
    runs = page.get_by_role("region", name="What runs")
    row = runs.get_by_role("link", name="Seen from home")
    expect(row).to_contain_text("Live")
    expect(row).to_contain_text("0inside")
    for name in ("ada", "bea"):
        traits = {"email": f"{name}-home@example.org"}
        program.batch([{"type": "identify", "userId": f"home-{name}", "traits": traits}])
        program.track(f"home-{name}", "Home Came")
    expect(row).to_contain_text("2inside")
    expect(row).to_contain_text("2entered today")
    row.click()
    expect(page.get_by_role("heading", level=1, name="Seen from home")).to_be_visible()
