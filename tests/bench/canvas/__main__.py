"""How a flow of 500 steps opens, moves and is watched: `python -m tests.bench.canvas`.

Runs a Millrace and a Chromium of its own, for about a minute, and prints

- what the sign-in page and the home page load of script, compressed by gzip;
- how soon the flow is there, and the median and 95th percentile of the time between frames while it
  is panned, zoomed and while a step is dragged, by the page's own clock;
- how busy the page's main thread is while the flow is watched and 2,000 changes a second come to
  pass: four messages a second in the socket's own shape, each with news of 500 changes.

Chromium draws in software here (no GPU), which is slower than any desk's machine; nothing fails by
time.
"""

import argparse
import gzip
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Response, WebSocketRoute, expect

from tests.e2e.browsing import chromium, opened, sign_in

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from tests.served import Program, Served

KEY = "bench-canvas"
EMAIL, PASSWORD = "bench@example.org", "a mill by the river"
ACROSS = 5
MOVES = 60
RATE = 4
"""Messages of a socket a second, at most."""
FRAMES = (Path(__file__).parent / "frames.js").read_text()


def graph(steps: int) -> dict[str, Any]:
    """Columns of waits and scores, each below a trigger of its own, as large flows have them."""
    nodes: list[dict[str, Any]] = []
    edges = []
    for number in range(steps):
        column, row = number % ACROSS, number // ACROSS
        kind, config = (
            ("manual", {})
            if row == 0
            else ("wait", {"for": "PT1H"})
            if row % 2
            else ("adjust_score", {"by": 1})
        )
        place = {"x": column * 300, "y": row * 150}
        nodes.append({"id": f"s{number}", "type": kind, "config": config, "position": place})
        if row:
            edges.append({"source": f"s{number - ACROSS}", "target": f"s{number}"})
    return {"nodes": nodes, "edges": edges}


@contextmanager
def millrace() -> Iterator[tuple[Served, Program]]:
    """A Millrace without a demo, and a program that talks to it."""
    with tempfile.TemporaryDirectory(prefix="millrace-bench-", ignore_cleanup_errors=True) as place:
        run = Served(Path(place) / "var")
        try:
            run.start()
            run.made("create_user", EMAIL, "--role", "admin", "--password", PASSWORD)
            key = run.made("create_api_key", "bench", "--role", "admin")
            yield run, Program(run.url, api_key=key, write_key=run.made("create_source", "bench"))
        finally:
            run.end()


class Loaded(dict[str, int]):
    """The scripts that a page has loaded, by what they weigh compressed."""

    def __call__(self, response: Response) -> None:
        """Weigh what has come, if it is a script."""
        if response.request.resource_type == "script":
            self[response.url] = len(gzip.compress(response.body(), 6))

    def told(self, name: str) -> None:
        """Print the sum so far."""
        print(f"{name:8} {sum(self.values()) / 1024:5.0f} KB of script, {len(self)} files")


def first_load(browser: Browser, url: str) -> Page:
    """Sign in as somebody who was never here; the page it leads to."""
    page = opened(browser, url).new_page()
    loaded = Loaded()
    page.on("response", loaded)
    page.goto("/login", wait_until="networkidle")
    loaded.told("sign-in")
    sign_in(page, EMAIL, PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    page.wait_for_load_state("networkidle")
    loaded.told("home")
    page.remove_listener("response", loaded)
    return page


def measured(page: Page, name: str, act: Callable[[], None]) -> None:
    """Do something and print how the frames came meanwhile."""
    page.evaluate(FRAMES)
    act()
    found = page.evaluate("window.__frames()")
    times = sorted(found["times"])
    p95 = times[int(len(times) * 0.95)]
    middle = statistics.median(times)
    print(
        f"{name:8} median {middle:5.1f} ms   p95 {p95:5.1f} ms   {len(times)} frames"
        f"   longest task {max(found['long'], default=0):.0f} ms"
    )


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


def drawn(page: Page) -> None:
    """Measure the flow while it is drawn."""
    for turn in ("opens", "again"):
        began = time.perf_counter()
        page.goto(f"/flows/{KEY}?tab=design", wait_until="commit")
        page.locator(".react-flow__node").first.wait_for()
        print(f"{turn:8} {time.perf_counter() - began:.2f} s")
    page.mouse.move(700, 450)
    measured(page, "rest", lambda: page.wait_for_timeout(1000))
    measured(page, "pan", lambda: pan(page))
    measured(page, "zoom", lambda: zoom(page))
    page.get_by_role("button", name="back to 100 %").click()
    page.wait_for_timeout(400)
    measured(page, "drag", lambda: drag(page))
    page.get_by_role("status").filter(has_text="Saved").wait_for()


class News:
    """What the socket of a flow says when as many people move as may."""

    def __init__(self, page: Page, changes: int) -> None:
        self.page = page
        self.changes = changes // RATE
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/flows/**", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self.sockets.append(socket)

    def told(self, counts: dict[str, Any], seconds: float) -> None:
        """Send news in the real shape for so long."""
        nodes = list(counts["nodes"])
        turns = itertools.cycle(nodes)
        began = time.perf_counter()
        for number in itertools.count(1):
            wait = began + number / RATE - time.perf_counter()
            if number / RATE > seconds:
                return
            self.page.wait_for_timeout(max(0.0, wait) * 1000)
            for node in itertools.islice(turns, self.changes):
                one = counts["nodes"][node]
                for field in ("entered", "left"):
                    one[field] += 1
                one["out"] = dict.fromkeys(one["out"] or {"next": 0}, one["left"])
            counts["seq"] += 1
            counts["totals"]["entered"] += self.changes
            moved = dict(list(counts["nodes"].items())[: self.changes])
            message = {**counts, "type": "counts", "nodes": moved}
            for socket in self.sockets[-1:]:
                socket.send(json.dumps(message))


def busy(page: Page, name: str, act: Callable[[], None]) -> None:
    """Do something and print which part of the time the main thread was at work."""
    tracing = page.context.new_cdp_session(page)
    # What the thread itself computes, however many others want the processor.
    tracing.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    tracing.send("Performance.enable")

    def spent() -> dict[str, float]:
        found = tracing.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found}

    before, began = spent(), time.perf_counter()
    page.evaluate(FRAMES)
    act()
    long = page.evaluate("window.__frames()")["long"]
    after, passed = spent(), time.perf_counter() - began

    def part(metric: str) -> float:
        return 100 * (after[metric] - before[metric]) / passed

    print(
        f"{name:8} busy {part('TaskDuration'):3.0f} % (script {part('ScriptDuration'):.0f} %, "
        f"layout and style {part('LayoutDuration') + part('RecalcStyleDuration'):.0f} %)   "
        f"{len(long)} long tasks, the longest {max(long, default=0):.0f} ms"
    )
    tracing.detach()


def watched(page: Page, program: Program, changes: int) -> None:
    """Measure the flow while it is watched."""
    program.post(f"/api/flows/{KEY}/publish/", {"inside": "stay"})
    news = News(page, changes)
    page.goto(f"/flows/{KEY}?tab=live")
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(1000)
    counts = {"seq": 1_000_000, **program.get(f"/api/flows/{KEY}/counts/")}
    counts["seq"] = max(counts["seq"], 1_000_000)
    none: dict[str, Any] = {
        "here": 0,
        "entered": 0,
        "left": 0,
        "failed": 0,
        "next_due": None,
        "out": {},
    }
    steps = program.get(f"/api/flows/{KEY}/")["graph"]["nodes"]
    counts["nodes"] = {
        step["id"]: {**none, **counts["nodes"].get(step["id"], {})} for step in steps
    }
    busy(page, "still", lambda: page.wait_for_timeout(3000))
    busy(page, "watched", lambda: news.told(counts, 6))
    page.get_by_role("button", name="Show the whole flow").click()
    page.wait_for_timeout(1000)
    busy(page, "whole", lambda: news.told(counts, 6))


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=500)
    asked.add_argument("--changes", type=int, default=2000, help="a second, while it is watched")
    given = asked.parse_args()
    with millrace() as (run, program), chromium() as browser:
        page = first_load(browser, run.url)
        body = {"key": KEY, "name": "Bench", "graph": graph(given.steps), "settings": {}}
        program.post("/api/flows/", body)
        print(f"{given.steps} steps; drawn in software")
        drawn(page)
        watched(page, program, given.changes)


if __name__ == "__main__":
    main()
