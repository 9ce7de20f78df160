"""Who may only look: sees everything, and is offered nothing that the server would refuse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.served import Program


@pytest.fixture
def viewer(page_of: Callable[..., Page]) -> Page:
    """A page in which a viewer is signed in."""
    return page_of("viewer")


def test_a_viewer_sees_the_canvas_and_cannot_change_it(
    viewer: Page, program: Program, key: str
) -> None:
    graph = {
        "nodes": [{"id": "in", "type": "manual", "config": {}, "position": {"x": 0, "y": 0}}],
        "edges": [],
    }
    program.post("/api/flows/", {"key": key, "name": "To look at", "graph": graph, "settings": {}})
    viewer.goto(f"/flows/{key}?tab=design")
    step = viewer.locator(".react-flow__node")
    expect(step).to_be_visible()
    expect(viewer.get_by_role("region", name="Steps")).to_be_hidden()
    expect(viewer.get_by_role("button", name="Publish…")).to_be_hidden()
    expect(step.get_by_role("button")).to_have_count(0)
    step.click()
    inspector = viewer.get_by_role("complementary", name="The chosen step")
    expect(inspector.get_by_label("Note")).not_to_be_editable()
    viewer.keyboard.press("Delete")
    expect(step).to_have_count(1)
    viewer.get_by_role("tab", name="Live").click()
    expect(viewer.get_by_text("Nothing is live yet")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("/segments/new", "Create segment"),
        ("/contacts", "New contact"),
        ("/templates", "New template"),
    ],
)
def test_what_a_viewer_may_not_do_is_disabled_and_says_why(
    viewer: Page, address: str, button: str
) -> None:
    viewer.goto(address)
    refused = viewer.get_by_role("button", name=button).first
    expect(refused).to_have_attribute("aria-disabled", "true")
    refused.hover()
    expect(viewer.get_by_role("tooltip")).to_contain_text("an editor can change it")


def test_a_viewer_is_not_offered_a_new_flow(viewer: Page) -> None:
    viewer.goto("/flows")
    expect(viewer.get_by_role("heading", level=1, name="Flows")).to_be_visible()
    expect(viewer.get_by_role("button", name="New flow")).to_have_count(0)
