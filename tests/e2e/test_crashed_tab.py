"""A tab dies with unsaved work; the next one offers it, beside what was saved since."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.browsing import Complaints
from tests.e2e.test_cart_flow import card
from tests.e2e.test_two_editors import made, wait_set, waits
from tests.served import Program

pytestmark = pytest.mark.slow


def test_unsaved_work_survives_a_tab_that_dies(
    page_of: Callable[..., Page], program: Program, key: str, complaints: Complaints
) -> None:
    first = page_of("editor", fresh=True)
    address = made(program, key)
    first.goto(address)
    expect(card(first, "Wait 1 hour")).to_be_visible()
    first.route("**/api/flows/*/", lambda route: route.abort())
    wait_set(first, "Wait 1 hour", 7)
    expect(card(first, "Wait 7 hours")).to_be_visible()
    expect(first.get_by_role("status").filter(has_text="Not saved")).to_be_visible()
    second = first.context.new_page()
    # The renderer is killed: no handler of the page runs.
    with first.expect_event("crash"), suppress(Error):
        first.goto("chrome://crash")
    flow = program.get(f"/api/flows/{key}/")
    flow["graph"]["nodes"][2]["config"]["for"] = "P2D"
    program.put(f"/api/flows/{key}/", flow)

    second.goto(address)
    second.get_by_role("button", name="Bring them back").click()
    expect(card(second, "Wait 7 hours")).to_be_visible()
    expect(card(second, "Wait 2 days")).to_be_visible()
    expect(second.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert waits(program, key) == {"comes": "", "hour": "PT7H", "day": "P2D"}
    complaints.clear()  # what was not saved failed on purpose
