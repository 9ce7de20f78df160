"""The cart flow from nothing by keyboard alone: no pointer is moved, nothing is clicked."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.building import ground_laid, moves
from tests.e2e.test_cart_flow import card, inspector
from tests.served import Program

pytestmark = pytest.mark.slow
FAR = 120
"""More presses of Tab than any page here needs."""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there."""
    expect(target).to_be_visible()
    for _ in range(FAR):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never came there")


def pressed(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def typed_and_chosen(page: Page, field: Locator, words: str) -> None:
    """Type into a list with search, and take what it finds."""
    tab_to(page, field)
    page.keyboard.type(words)
    expect(page.get_by_role("option", name=words)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def added(page: Page, kind: str) -> None:
    """A on the card: the menu of steps, its search, Enter."""
    page.keyboard.press("a")
    expect(page.get_by_role("dialog", name="Add a")).to_be_visible()
    page.keyboard.type(kind)
    chosen = page.get_by_role("listbox").get_by_role("option", selected=True)
    expect(chosen).to_contain_text(kind)
    page.keyboard.press("Enter")


def focused(page: Page, title: str) -> None:
    expect(card(page, title).and_(page.locator(":focus"))).to_be_visible()


def opened(page: Page) -> None:
    """Enter on a card: the focus goes to its fields."""
    page.keyboard.press("Enter")
    expect(inspector(page).locator(":focus")).to_be_visible()


def waited(page: Page, unit: str) -> None:
    """The wait that was just added lasts one of that unit."""
    focused(page, "Wait")
    opened(page)
    tab_to(page, inspector(page).get_by_role("textbox", name="Wait for"))
    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    tab_to(page, inspector(page).get_by_role("combobox", name="Unit of wait for"))
    page.keyboard.type(unit)
    expect(card(page, f"Wait 1 {unit}")).to_be_visible()
    page.keyboard.press("Escape")
    focused(page, f"Wait 1 {unit}")


def way_out_typed(page: Page) -> None:
    page.keyboard.press("Escape")
    pressed(page, page.get_by_role("button", name="Way out"))
    leaving = page.get_by_role("region", name="Leave the flow when")
    tab_to(page, leaving.get_by_placeholder("Order Completed"))
    page.keyboard.type("Order Completed")
    page.keyboard.press("Escape")


def test_a_person_builds_the_cart_flow_by_keyboard_alone(page: Page, program: Program) -> None:
    segment, template = ground_laid(program, "keys")
    page.goto("/flows")
    pressed(page, page.get_by_role("button", name="New flow").first)
    tab_to(page, page.get_by_role("textbox", name="Name"))
    page.keyboard.type("Cart by keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Who comes into this flow?")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement?.blur()")
    added(page, "Enters a segment")
    focused(page, "Enters")
    opened(page)
    field = inspector(page).get_by_role("combobox", name="Segment")
    typed_and_chosen(page, field, segment)
    page.keyboard.press("Escape")
    focused(page, segment)
    added(page, "Wait")
    waited(page, "hour")
    added(page, "Send an e-mail")
    focused(page, "Send")
    opened(page)
    typed_and_chosen(page, inspector(page).get_by_role("combobox", name="E-mail"), template)
    page.keyboard.press("Escape")
    focused(page, template)
    added(page, "Wait")
    waited(page, "day")
    added(page, "Exit")
    focused(page, "Exit")
    expect(page.locator(".react-flow__edge")).to_have_count(4)
    way_out_typed(page)
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    pressed(page, page.get_by_role("button", name="Publish…"))
    dialog = page.get_by_role("dialog", name="Publish version 1")
    pressed(page, dialog.get_by_role("button", name="Publish", exact=True))
    moves(page, program, "keys", "cart-by-keys")
