"""The main job, by mouse: a cart flow from nothing, published, watched, and the mail it sends."""

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.served import Program

pytestmark = pytest.mark.slow
WAIT_SECONDS = 20
"""Long enough for a slow machine to see two people waiting and one of them buying."""


def card(page: Page, title: str) -> Locator:
    """The card of a step on the canvas."""
    return page.locator(".react-flow__node").filter(has_text=title)


def canvas(page: Page) -> Locator:
    return page.locator(".react-flow__pane")


def steps(page: Page) -> Locator:
    """The palette."""
    return page.get_by_role("region", name="Steps")


def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="The chosen step")


def choose(page: Page, field: Locator, option: str | re.Pattern[str]) -> None:
    """Open a list by a click and take an option."""
    field.click()
    page.get_by_role("option", name=option).click()


def pull(page: Page, start: Locator, end: Locator) -> None:
    """Drag from the middle of one thing to the middle of another, as a hand does."""
    first, second = start.bounding_box(), end.bounding_box()
    assert first is not None
    assert second is not None
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(second["x"] + second["width"] / 2, second["y"] - 20, steps=8)
    page.mouse.move(second["x"] + second["width"] / 2, second["y"] + second["height"] / 2, steps=4)
    page.mouse.up()


def template_made(page: Page) -> None:
    page.goto("/templates")
    page.get_by_role("button", name="New template").first.click()
    page.get_by_role("textbox", name="Name").fill("Come back")
    page.get_by_role("button", name="Create").click()
    subject = page.get_by_label("Subject")
    subject.fill("{{ first_name }}, you left something")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Flows use it from now on.")).to_be_visible()
    preview = page.get_by_role("heading", name="as read by").or_(page.get_by_text("as read by"))
    expect(preview).to_be_visible()


def flow_drawn(page: Page) -> None:
    page.goto("/flows")
    page.get_by_role("button", name="New flow").first.click()
    page.get_by_role("textbox", name="Name").fill("Abandoned cart")
    expect(page.get_by_role("textbox", name="Key")).to_have_value("abandoned-cart")
    page.get_by_role("button", name="Create flow").click()
    # In the middle of the canvas, where the words of welcome are.
    welcome = page.get_by_role("region", name="Who comes into this flow?")
    steps(page).get_by_role("button", name="Does something").drag_to(welcome)
    expect(welcome).to_be_hidden()
    card(page, "Does something").click()
    inspector(page).get_by_label("Event", exact=True).fill("Product Added")
    page.keyboard.press("Escape")
    expect(card(page, "Does “Product Added”")).to_be_visible()


def wait_dragged_and_connected(page: Page) -> None:
    steps(page).get_by_role("button", name="Wait", exact=True).drag_to(
        canvas(page), target_position={"x": 120, "y": 560}
    )
    wait = page.locator(".react-flow__node").filter(has_text="Wait")
    expect(wait).to_contain_text("Say how long to wait. And 1 more fault.")
    expect(inspector(page)).to_contain_text("No trigger leads to this step.")
    plus = card(page, "Does “Product Added”").get_by_role("button", name="Add a step after this")
    pull(page, plus, wait)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    expect(wait).not_to_contain_text("more fault")
    wait.click()
    inspector(page).get_by_role("textbox", name="Wait for").fill(str(WAIT_SECONDS))
    inspector(page).get_by_role("combobox", name="Unit of wait for").select_option("second")
    expect(card(page, f"Wait {WAIT_SECONDS} seconds")).to_be_visible()


def mail_added(page: Page) -> None:
    waiting = card(page, f"Wait {WAIT_SECONDS} seconds")
    waiting.get_by_role("button", name="Add a step after this").click()
    page.get_by_role("option", name="Send an e-mail").click()
    expect(card(page, "Send an e-mail")).to_contain_text("template", ignore_case=True)
    choose(page, inspector(page).get_by_role("combobox", name="E-mail"), re.compile("^Come back$"))
    expect(card(page, "Send “Come back”")).to_be_visible()


def way_out_set(page: Page) -> None:
    page.get_by_role("button", name="Flow settings").click()
    page.get_by_role("button", name="Way out").click()
    leaving = page.get_by_role("region", name="Leave the flow when")
    leaving.get_by_placeholder("Order Completed").fill("Order Completed")
    page.keyboard.press("Escape")


def published(page: Page) -> None:
    expect(page.get_by_role("button", name="Publish…")).to_have_text("Publish…")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_contain_text("does “Product Added”")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("tab", name="Live")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Live · version 1")).to_be_visible()


def read_mail(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title='The message as it looks']")


def test_a_person_draws_the_cart_flow_by_mouse_and_watches_it_work(
    page: Page, program: Program
) -> None:
    template_made(page)
    flow_drawn(page)
    wait_dragged_and_connected(page)
    mail_added(page)
    way_out_set(page)
    published(page)

    for name in ("Ada", "Bea"):
        traits = {"email": f"{name.lower()}@example.com", "firstName": name}
        program.batch([{"type": "identify", "userId": f"cart-{name}", "traits": traits}])
        program.track(f"cart-{name}", "Product Added", price=49)
    waiting = card(page, f"Wait {WAIT_SECONDS} seconds")
    expect(waiting).to_contain_text("2here")
    program.track("cart-Bea", "Order Completed", total=49)
    expect(waiting).to_contain_text("1here")

    waiting.click()
    here = page.get_by_role("complementary", name="The chosen step")
    expect(here.get_by_role("listitem")).to_have_count(1)
    expect(here.get_by_role("listitem")).to_contain_text("Ada")
    expect(card(page, "Send “Come back”")).to_contain_text("1", timeout=40_000)
    expect(waiting).to_contain_text("0here", timeout=40_000)

    page.get_by_role("link", name="Messages").click()
    page.get_by_role("row").filter(has_text="Ada, you left something").click()
    expect(page.get_by_role("article").get_by_text("Sent", exact=True)).to_be_visible()
    expect(read_mail(page).locator("body")).to_contain_text("Ada")
    messages = program.get("/api/messages/?flow=abandoned-cart")["results"]
    assert [message["to"] for message in messages] == ["ada@example.com"]
    counts = program.get("/api/flows/abandoned-cart/counts/")["totals"]
    assert (counts["entered"], counts["exited"], counts["inside"]) == (2, 1, 0)
