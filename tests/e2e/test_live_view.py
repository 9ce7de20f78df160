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
