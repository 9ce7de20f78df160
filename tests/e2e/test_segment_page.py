"""The page of a segment: a rule built by mouse, its count while building, its people."""

import pytest
from playwright.sync_api import Page, expect

from tests.served import Program, wait_until

RULE = {"type": "event", "name": "Segment Page Bought"}


@pytest.fixture(autouse=True)
def _orders(program: Program) -> None:
    """Orders of three people: two of them large."""
    for name, total in (("Cleo", 20), ("Dora", 150), ("Edda", 400)):
        program.batch(
            [
                {"type": "identify", "userId": f"buyer-{name}", "traits": {"firstName": name}},
                {
                    "type": "track",
                    "userId": f"buyer-{name}",
                    "event": RULE["name"],
                    "messageId": f"order-{name}",
                    "properties": {"total": total},
                },
            ]
        )
    wait_until(
        lambda: program.post("/api/segments/preview/", {"rule": RULE})["count"] == 3, seconds=30
    )


def test_a_rule_is_built_counted_saved_and_its_people_are_listed(page: Page) -> None:
    page.goto("/segments")
    page.get_by_role("button", name="New segment").first.click()
    page.get_by_label("Name of the segment").fill("Big spenders")
    expect(page.get_by_role("button", name="Create segment")).to_have_attribute(
        "aria-disabled", "true"
    )

    page.get_by_role("button", name="Condition", exact=True).click()
    page.get_by_role("textbox", name="What about them?").fill("Segment Page")
    page.get_by_role("option", name=RULE["name"]).click()
    count = page.get_by_role("complementary", name="Who this rule chooses")
    expect(count).to_contain_text("3 people")

    page.get_by_role("button", name="Say more about this condition").click()
    page.get_by_role("menuitem", name="Where…").click()
    where = page.get_by_role("dialog", name="Where")
    where.get_by_role("option", name="total").click()
    where.get_by_role("combobox", name="How to compare").select_option("is at least")
    where.get_by_label("Value").fill("100")
    expect(count).to_contain_text("2 people")
    expect(count.get_by_role("link", name="Edda")).to_be_visible()
    expect(count.get_by_role("link", name="Cleo")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(where).to_be_hidden()

    page.get_by_role("button", name="Create segment").click()
    expect(page.get_by_text("“Big spenders” is there.")).to_be_visible()
    page.get_by_role("tab", name="People").click()
    people = page.get_by_role("table")
    expect(people.get_by_role("row").filter(has_text="Dora")).to_be_visible()
    expect(people.get_by_role("row").filter(has_text="Edda")).to_be_visible()
    expect(people.get_by_role("row").filter(has_text="Cleo")).to_have_count(0)


def test_a_changed_rule_shows_what_would_change_and_can_be_taken_back(
    page: Page, program: Program, key: str
) -> None:
    program.post("/api/segments/", {"key": key, "name": "Buyers", "kind": "dynamic", "rule": RULE})
    wait_until(lambda: program.get(f"/api/segments/{key}/")["status"] == "ready", seconds=30)
    page.goto(f"/segments/{key}")
    aside = page.get_by_role("complementary", name="Who this rule chooses")
    expect(aside).to_contain_text("3 people")
    page.get_by_role("button", name="How often or how much: at least once").click()
    page.get_by_role("dialog").get_by_role("spinbutton").or_(
        page.get_by_role("dialog").get_by_role("textbox")
    ).first.fill("2")
    expect(aside).to_contain_text("0 people")
    expect(aside).to_contain_text("in it now")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel").click()
    expect(aside).to_contain_text("3 people")
