"""How a flow of 500 steps opens, pans, zooms and drags: `python -m tests.bench.canvas URL EMAIL`.

The password is asked for. Prints, for each, the median and the 95th percentile of the time between
frames, by the page's own clock. Chromium draws in software here (no GPU), which is slower than any
desk's machine; nothing fails by time. The flow it makes is deleted at the end.
"""

import argparse
import getpass
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import chromium, opened, sign_in

KEY = "bench-canvas"
ACROSS = 5
MOVES = 60
FRAMES = (Path(__file__).parent / "frames.js").read_text()


def graph(steps: int) -> dict[str, Any]:
    """A trigger and under it columns of waits and scores, as large flows have them."""
    nodes: list[dict[str, Any]] = [{"id": "comes", "type": "manual", "config": {}}]
    edges = []
    for number in range(1, steps):
        column, row = number % ACROSS, number // ACROSS
        config = {"for": "PT1H"} if number % 2 else {"by": 1}
        kind = "wait" if number % 2 else "adjust_score"
        place = {"x": column * 300, "y": 150 + row * 150}
        nodes.append({"id": f"s{number}", "type": kind, "config": config, "position": place})
        edges.append({"source": f"s{number - ACROSS}" if row else "comes", "target": f"s{number}"})
    return {"nodes": nodes, "edges": edges[:1] + [e for e in edges[1:] if e["source"] != "comes"]}


def call(page: Page, method: str, path: str, body: Any = None) -> int:
    """Call the API as the page does; returns the status."""
    token = next((c["value"] for c in page.context.cookies() if "csrf" in c["name"]), "")
    url = page.url.split("/", 3)
    answer = page.request.fetch(
        path,
        method=method,
        data=body,
        headers={"X-CSRFToken": token, "Referer": "/".join(url[:3]) + "/"},
    )
    return int(answer.status)


def measured(page: Page, name: str, act: Callable[[], None]) -> None:
    """Do something and print how the frames came meanwhile."""
    page.evaluate(FRAMES)
    act()
    times = sorted(page.evaluate("window.__frames()"))
    p95 = times[int(len(times) * 0.95)]
    middle = statistics.median(times)
    print(f"{name:6} median {middle:5.1f} ms   p95 {p95:5.1f} ms   {len(times)} frames")


def pan(page: Page) -> None:
    for number in range(MOVES):
        page.mouse.wheel(0, 40 if number % 40 < 30 else -60)


def zoom(page: Page) -> None:
    page.keyboard.down("Control")
    for number in range(MOVES):
        page.mouse.wheel(0, 20 if number % 20 < 10 else -20)
    page.keyboard.up("Control")


def drag(page: Page) -> None:
    box = page.locator(".react-flow__node").nth(3).bounding_box()
    assert box is not None
    x, y = box["x"] + 60, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(MOVES):
        page.mouse.move(x + number * 3, y + number)
    page.mouse.up()


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("email")
    asked.add_argument("--steps", type=int, default=500)
    given = asked.parse_args()
    with chromium() as browser:
        page = opened(browser, given.url).new_page()
        page.goto("/login")
        sign_in(page, given.email, getpass.getpass())
        expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
        body = {"key": KEY, "name": "Bench", "graph": graph(given.steps), "settings": {}}
        print("made", call(page, "POST", "/api/flows/", body), f"with {given.steps} steps")
        try:
            began = time.perf_counter()
            page.goto(f"/flows/{KEY}?tab=design", wait_until="commit")
            page.locator(".react-flow__node").first.wait_for()
            print(f"opens in {time.perf_counter() - began:.2f} s (software rendering)")
            page.mouse.move(700, 450)
            measured(page, "rest", lambda: page.wait_for_timeout(1000))
            measured(page, "pan", lambda: pan(page))
            measured(page, "zoom", lambda: zoom(page))
            page.get_by_role("button", name="back to 100 %").click()
            measured(page, "drag", lambda: drag(page))
            page.get_by_role("status").filter(has_text="Saved").wait_for()
        finally:
            call(page, "DELETE", f"/api/flows/{KEY}/")


if __name__ == "__main__":
    main()
