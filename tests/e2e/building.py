"""The cart flow that a person builds from nothing, and what it must do once it is published.

Who joins the segment waits an hour, gets a mail, waits a day and is through; an order takes them
out wherever they are.
"""

from playwright.sync_api import Page, expect

from tests.e2e.test_cart_flow import card
from tests.served import Program


def ground_laid(program: Program, by: str) -> tuple[str, str]:
    """Make the segment and the mail; returns their names, which are the test's own."""
    segment, template = f"Abandoned cart {by}", f"Come back {by}"
    rule = {"type": "event", "name": f"Product Added {by}"}
    key = f"abandoned-cart-{by}"
    body = {"key": key, "name": segment, "kind": "dynamic", "rule": rule}
    program.post("/api/segments/", body)
    mail = {"key": f"come-back-{by}", "name": template, "subject": "Come back", "html": "<p>Hi</p>"}
    program.post("/api/templates/", mail)
    return segment, template


def moves(page: Page, program: Program, by: str, key: str) -> None:
    """Two people leave a cart, one of them buys: the counts follow, on the page and in the API."""
    expect(page.get_by_text("Live · version 1")).to_be_visible()
    for name in ("ada", "bea"):
        traits = {"email": f"{name}-{by}@example.com"}
        program.batch([{"type": "identify", "userId": f"{by}-{name}", "traits": traits}])
        program.track(f"{by}-{name}", f"Product Added {by}")
    expect(card(page, "Wait 1 hour")).to_contain_text("2here")
    program.track(f"{by}-bea", "Order Completed", total=49)
    expect(card(page, "Wait 1 hour")).to_contain_text("1here")
    totals = program.get(f"/api/flows/{key}/counts/")["totals"]
    assert (totals["entered"], totals["inside"], totals["exited"]) == (2, 1, 1)


def taken_back(page: Page, program: Program, key: str) -> None:
    """Publishing is undone from the toast: the flow is a draft again, and empty."""
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.get_by_text("The flow is a draft again")).to_be_visible()
    flow = program.get(f"/api/flows/{key}/")
    assert (flow["status"], flow["version"]) == ("draft", None)
    assert program.get(f"/api/flows/{key}/counts/")["totals"]["inside"] == 0
