"""Flow templates by the browser: each is found, used and opens without faults; one is published."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from flows.gallery.files import flow_templates
from tests.e2e.axe import serious
from tests.e2e.browsing import Complaints
from tests.served import Program, wait_until

TEMPLATES = {key: template.head.name for key, template in flow_templates().items()}
GALLERY = "/flows/templates"


@pytest.fixture(scope="module", autouse=True)
def seen(program: Program) -> None:
    """Somebody has visited a page, so that the address of the site is known."""
    program.batch(
        [{"type": "page", "userId": "visitor", "properties": {"url": "https://shop.example.com/a"}}]
    )
    wait_until(
        lambda: any(
            one["default"] == "https://shop.example.com/cart"
            for template in program.get("/api/gallery/")
            for one in template["asks"]
        ),
        30,
    )


def use(page: Page, name: str) -> None:
    """Open a template from the gallery, and use it with the answers that stand there."""
    page.goto(GALLERY)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    rep = page.get_by_label("Who takes leads that nobody has")
    if name == TEMPLATES["hot-lead"] and rep.input_value() == "":
        rep.fill("rep@example.com")
    page.get_by_role("button", name="Use this template").click()
    expect(page.get_by_role("tab", name="Design")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_becomes_a_draft_without_faults(key: str, page: Page, program: Program) -> None:
    use(page, TEMPLATES[key])
    expect(page.get_by_text(f"“{TEMPLATES[key]}” is yours now")).to_be_visible()
    flow = page.url.split("/flows/")[1].split("?")[0]
    made = program.get(f"/api/flows/{flow}/")
    expect(page.locator(".react-flow__node")).to_have_count(len(made["graph"]["nodes"]))
    assert made["problems"] == []
    expect(page.get_by_role("button", name="Publish…")).to_be_enabled()


def test_a_template_used_is_published_and_lets_people_in(page: Page, program: Program) -> None:
    use(page, "Welcome")
    expect(page.get_by_text("is yours now")).to_be_visible()
    flow = page.url.split("/flows/")[1].split("?")[0]
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    wait_until(lambda: program.get(f"/api/flows/{flow}/")["status"] == "live", 30)
    program.batch(
        [{"type": "identify", "userId": "newcomer", "traits": {"email": "new@example.com"}}]
    )
    program.track("newcomer", "Signed Up")
    wait_until(lambda: program.get(f"/api/flows/{flow}/counts/")["totals"]["inside"] == 1, 30)
    wait_until(lambda: len(program.get(f"/api/messages/?flow={flow}")["results"]) == 1, 30)


def test_the_gallery_is_searched_and_narrowed_and_the_address_says_so(page: Page) -> None:
    page.goto("/flows")
    page.get_by_role("link", name="Flow templates").click()
    cards = page.get_by_role("list", name="Flow templates").get_by_role("listitem")
    expect(cards).to_have_count(len(TEMPLATES))
    page.get_by_role("button", name="Shop").click()
    expect(cards).to_have_count(4)
    page.get_by_label("Search flow templates").fill("birthday")
    expect(cards).to_have_count(1)
    expect(page).to_have_url(re.compile("group=Shop&search=birthday$"))
    page.get_by_label("Search flow templates").fill("nothing of the kind")
    expect(page.get_by_text("No template like that")).to_be_visible()
    page.get_by_role("button", name="Show all templates").click()
    expect(cards).to_have_count(len(TEMPLATES))


def test_the_sentences_follow_the_answers_and_a_bad_one_is_told_at_its_place(
    page: Page, complaints: Complaints
) -> None:
    page.goto(f"{GALLERY}/abandon-cart")
    panel = page.get_by_role("form", name="Use this template")
    expect(panel.get_by_text("have not bought for 1 hour")).to_be_visible()
    panel.get_by_label("Event of a purchase").fill("Paid")
    expect(panel.get_by_text("Buying (Paid) while they are in the flow.")).to_be_visible()
    panel.get_by_label("Address of the cart").fill("nowhere")
    panel.get_by_role("button", name="Use this template").click()
    expect(panel.get_by_text("Write a whole address")).to_be_visible()
    expect(page).to_have_url(re.compile("/flows/templates/abandon-cart$"))
    complaints.clear()


def test_a_template_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto(GALLERY)
    page.get_by_role("link", name="Birthday", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Birthday")).to_be_visible()
    name = page.get_by_label("Name of the flow")
    name.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Birthdays of friends")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/flows/birthdays-of-friends"))


def test_a_viewer_looks_and_is_told_why_not_more(page_of: Callable[..., Page]) -> None:
    viewer = page_of("viewer")
    viewer.goto(f"{GALLERY}/welcome")
    button = viewer.get_by_role("button", name="Use this template")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(viewer.get_by_label("Name of the flow")).not_to_be_editable()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_gallery_has_no_serious_fault(scheme: str, page_of: Callable[..., Page]) -> None:
    page = page_of("admin", color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    faults: list[str] = []
    some = ("abandon-cart", "freemium-loop", "list-cleaning")
    for address in (GALLERY, f"{GALLERY}?search=xyz", *(f"{GALLERY}/{key}" for key in some)):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        faults += [f"{address}: {fault}" for fault in serious(page)]
    assert not faults, "\n".join(faults)
