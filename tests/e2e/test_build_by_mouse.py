"""The cart flow from nothing by mouse: built, published, watched, and taken back."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.building import ground_laid, moves, taken_back
from tests.e2e.test_cart_flow import card, choose, inspector, steps, way_out_set
from tests.served import Program

pytestmark = pytest.mark.slow


def added(page: Page, after: str, kind: str) -> None:
    """Press the "+" under a step and take a kind of step."""
    card(page, after).get_by_role("button", name="Add a step after this").click()
    page.get_by_role("option", name=kind, exact=True).click()


def test_a_person_builds_the_cart_flow_by_mouse(page: Page, program: Program) -> None:
    segment, template = ground_laid(program, "mouse")
    page.goto("/flows")
    page.get_by_role("button", name="New flow").first.click()
    page.get_by_role("textbox", name="Name").fill("Cart by mouse")
    page.get_by_role("button", name="Create flow").click()
    welcome = page.get_by_role("region", name="Who comes into this flow?")
    steps(page).get_by_role("button", name="Enters a segment").drag_to(welcome)
    choose(page, inspector(page).get_by_role("combobox", name="Segment"), segment)
    added(page, segment, "Wait")
    inspector(page).get_by_role("textbox", name="Wait for").fill("1")
    inspector(page).get_by_role("combobox", name="Unit of wait for").select_option("hour")
    added(page, "Wait 1 hour", "Send an e-mail")
    choose(page, inspector(page).get_by_role("combobox", name="E-mail"), template)
    added(page, template, "Wait")
    inspector(page).get_by_role("textbox", name="Wait for").fill("1")
    inspector(page).get_by_role("combobox", name="Unit of wait for").select_option("day")
    added(page, "Wait 1 day", "Exit")
    expect(page.locator(".react-flow__edge")).to_have_count(4)
    way_out_set(page)
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    moves(page, program, "mouse", "cart-by-mouse")
    taken_back(page, program, "cart-by-mouse")
