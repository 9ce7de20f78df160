"""Ctrl K: going anywhere by a few letters, doing things, and finding again where one was."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.served import Json, Program

GRAPH: Json = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Palette Used"}},
        {"id": "rest", "type": "wait", "config": {"for": "PT1H"}},
    ],
    "edges": [{"source": "came", "target": "rest"}],
}


@pytest.fixture(autouse=True)
def _flow(program: Program) -> None:
    """A live flow of a name that nothing else has."""
    found = program.get("/api/flows/?search=Quiet+otters")["results"]
    if not found:
        program.post(
            "/api/flows/", {"key": "otters", "name": "Quiet otters", "graph": GRAPH, "settings": {}}
        )
        program.post("/api/flows/otters/publish/", {"inside": "stay"})


def palette(page: Page) -> Locator:
    """Open it by its keys, once the page is there to hear them."""
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to")
    expect(box).to_be_focused()
    return box


def chosen(page: Page) -> Locator:
    """What Enter would take."""
    return page.get_by_role("option", selected=True)


def test_a_thing_is_found_by_a_part_of_its_name_and_found_again_among_the_last(
    page: Page,
) -> None:
    page.goto("/")
    palette(page).fill("ott")
    expect(chosen(page)).to_contain_text("Quiet otters")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/flows/otters"))
    expect(page).to_have_title(re.compile("Quiet otters"))
    page.goto("/segments")
    expect(page.get_by_role("heading", level=1, name="Segments")).to_be_visible()
    palette(page)
    expect(chosen(page)).to_contain_text("Quiet otters")


def test_something_is_done_by_its_initials(page: Page) -> None:
    page.goto("/segments")
    palette(page).fill("nf")
    expect(chosen(page)).to_contain_text("New flow")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New flow")
    expect(dialog).to_be_visible()
    expect(page).to_have_url(re.compile("/flows#new$"))
    page.reload()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("/flows$"))


def test_on_the_page_of_a_flow_it_pauses_the_flow(page: Page) -> None:
    page.goto("/flows/otters")
    expect(page.get_by_role("heading", level=1, name="Quiet otters")).to_be_attached()
    palette(page).fill("pause")
    expect(chosen(page)).to_contain_text("Pause or resume it…")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("Pause “Quiet otters”"))
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()


def test_nothing_of_that_name_says_what_to_try(page: Page) -> None:
    page.goto("/")
    palette(page).fill("zebra quagga")
    expect(page.get_by_text("Nothing of that name. Try a part of it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Go to")).to_be_hidden()


def test_a_viewer_is_offered_nothing_that_changes(page_of: Callable[[str], Page]) -> None:
    page = page_of("viewer")
    page.goto("/flows/otters")
    palette(page).fill("out")
    expect(page.get_by_role("option", name="Sign out")).to_be_visible()
    page.get_by_role("combobox", name="Go to").fill("new flow")
    expect(page.get_by_role("option", name="Sign out")).to_be_hidden()
    expect(page.get_by_role("option", name="New flow")).to_have_count(0)
    page.get_by_role("combobox", name="Go to").fill("its results")
    expect(chosen(page)).to_contain_text("Its results")
