"""The pages of a segment: an edit looked at before it is saved, its people, growth and overlap."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.served import Program, wait_until

EVENT = "Segment Pages Bought"


def _rule(least: int) -> dict[str, object]:
    where = [{"property": "total", "op": "gte", "value": least}]
    return {"type": "all", "rules": [{"type": "event", "name": EVENT, "where": where}]}


@pytest.fixture(autouse=True)
def _orders(program: Program) -> None:
    """Orders of four people, from a small one to a large one."""
    for name, total in (("Gita", 10), ("Hugo", 60), ("Ines", 120), ("Jari", 700)):
        program.batch(
            [
                {
                    "type": "identify",
                    "userId": f"pages-{name}",
                    "traits": {"firstName": name, "email": f"{name}@pages.example.org"},
                },
                {
                    "type": "track",
                    "userId": f"pages-{name}",
                    "event": EVENT,
                    "messageId": f"pages-order-{name}",
                    "properties": {"total": total},
                },
            ]
        )
    wait_until(
        lambda: program.post("/api/segments/preview/", {"rule": _rule(0)})["count"] == 4, seconds=60
    )


@pytest.fixture
def segment(program: Program, key: str) -> str:
    """A segment of the two people with large orders, built."""
    body = {"key": key, "name": f"Large {key}", "kind": "dynamic", "rule": _rule(100)}
    program.post("/api/segments/", body)
    wait_until(lambda: _size(program, key) == 2, seconds=60)
    return key


def _size(program: Program, key: str) -> int | None:
    found = program.get(f"/api/segments/{key}/")
    return int(found["size"]) if found["status"] == "ready" else None


def test_an_edit_shows_who_would_join_and_leave_and_the_people_follow(
    page: Page, program: Program, segment: str
) -> None:
    page.goto(f"/segments/{segment}")
    aside = page.get_by_role("complementary", name="Who this rule chooses")
    expect(aside).to_contain_text("2 people")
    page.get_by_role("button", name="Where: 100").click()
    page.get_by_role("dialog").get_by_label("Value").fill("50")
    expect(aside).to_contain_text("3 people")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Save…").click()
    look = page.get_by_role("dialog", name="Save the changes")
    expect(look).to_contain_text("+ 1")
    expect(look).to_contain_text("− 0")
    expect(look.get_by_text("Hugo", exact=True)).to_be_visible()
    assert _size(program, segment) == 2, "nothing is changed by looking"

    look.get_by_role("button", name="Save", exact=True).click()
    expect(look).to_be_hidden()
    wait_until(lambda: _size(program, segment) == 3, seconds=60)
    page.get_by_role("tab", name="People").click()
    people = page.get_by_role("table")
    for name in ("Hugo", "Ines", "Jari"):
        expect(people.get_by_role("row").filter(has_text=name)).to_be_visible()
    expect(people.get_by_role("row").filter(has_text="Gita")).to_have_count(0)


def test_going_on_editing_saves_nothing(page: Page, program: Program, segment: str) -> None:
    page.goto(f"/segments/{segment}")
    page.get_by_role("radio", name="Growing").click()
    page.get_by_role("button", name="Save…").click()
    look = page.get_by_role("dialog", name="growing?")
    expect(look).to_contain_text("in it now")
    look.get_by_role("button", name="Go on editing").click()
    expect(look).to_be_hidden()
    assert program.get(f"/api/segments/{segment}/")["kind"] == "dynamic"
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("radio", name="Dynamic")).to_be_checked()


def test_a_pasted_list_is_held_in_and_can_be_taken_back(
    page: Page, program: Program, segment: str
) -> None:
    page.goto(f"/segments/{segment}?tab=people")
    page.get_by_role("button", name="Add people").click()
    dialog = page.get_by_role("dialog", name="Add people by hand")
    dialog.get_by_text("Paste a list").click()
    dialog.get_by_role("textbox").fill("GITA@pages.example.org\npages-Hugo, nobody@nowhere.org")
    dialog.get_by_role("button", name="Look them up").click()
    expect(dialog).to_contain_text("2 people found, 1 not")
    expect(dialog).to_contain_text("nobody@nowhere.org")
    dialog.get_by_role("button", name="Add 2 people").click()
    people = page.get_by_role("table")
    row = people.get_by_role("row").filter(has_text="Gita")
    expect(row).to_contain_text("held in")
    assert _size(program, segment) == 4

    page.get_by_role("tab", name="Held").click()
    expect(
        page.get_by_role("table", name="Held in").get_by_text("Gita", exact=True)
    ).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Nobody is held in")).to_be_visible()
    assert _size(program, segment) == 2


def test_chosen_people_are_taken_out_and_held_out(
    page: Page, program: Program, segment: str
) -> None:
    page.goto(f"/segments/{segment}?tab=people")
    page.get_by_role("checkbox", name="Choose Jari").check()
    page.get_by_role("button", name="Take out…").click()
    page.get_by_role("dialog", name="Take Jari out?").get_by_role("button", name="Take out").click()
    expect(page.get_by_role("row").filter(has_text="Jari")).to_have_count(0)
    page.get_by_role("tab", name="Held").click()
    held = page.get_by_role("table", name="Held out")
    expect(held.get_by_text("Jari", exact=True)).to_be_visible()
    held.get_by_role("button", name="Let in: Jari").click()
    expect(page.get_by_text("Nobody is held out")).to_be_visible()
    assert _size(program, segment) == 2


def test_growth_and_overlap_are_read_by_keyboard(
    page: Page, program: Program, segment: str, key: str
) -> None:
    other = {"key": f"{key}-all", "name": "All buyers", "kind": "dynamic", "rule": _rule(0)}
    program.post("/api/segments/", other)
    wait_until(lambda: _size(program, f"{key}-all") == 4, seconds=60)
    page.goto(f"/segments/{segment}?tab=growth")
    chart = page.get_by_role("slider", name="Size by day: day")
    chart.focus()
    page.keyboard.press("End")
    expect(chart).to_have_attribute("aria-valuetext", _contains(": 2 people, 2 joined, 0 left"))
    expect(page.get_by_text("Not enough history yet")).to_be_visible()

    page.get_by_role("tab", name="Overlap").click()
    columns = page.get_by_role("group", name="Combinations, the largest first")
    expect(columns.get_by_role("button").first).to_have_attribute(
        "aria-label", _contains(f"in “Large {segment}”")
    )
    expect(page.get_by_role("link", name="All buyers")).to_be_visible()


def test_the_list_is_filtered_and_ordered_by_its_address(page: Page, segment: str) -> None:
    page.goto("/segments")
    page.get_by_role("searchbox", name="Search segments").fill(segment)
    table = page.get_by_role("table", name="Segments")
    expect(table.get_by_role("link", name=f"Large {segment}")).to_be_visible()
    _choice(page, "Kind").click()
    page.get_by_role("option", name="Static").click()
    expect(page.get_by_text("No segment fits")).to_be_visible()
    page.get_by_role("button", name="Show all segments").click()
    table.get_by_role("button", name="People").click()
    expect(page).to_have_url(_contains("ordering=-size"))
    expect(table.get_by_role("columnheader", name="People")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_a_name_is_built_from_the_agreed_parts(
    page_of: Callable[..., Page], program: Program
) -> None:
    before = program.get("/api/segments/naming/")
    parts = [
        {"key": "team", "label": "Team", "kind": "choice", "choices": ["Sales", "Growth"]},
        {"key": "what", "label": "Campaign", "kind": "text"},
    ]
    program.put("/api/segments/naming/", {"parts": parts, "separator": " / ", "enforce": "warn"})
    try:
        page = page_of("editor")
        page.goto("/segments/new")
        page.get_by_label("Name of the segment").fill("Whoever")
        expect(page.get_by_text("This name breaks the convention.")).to_be_visible()
        page.get_by_role("button", name="Mend the name").click()
        dialog = page.get_by_role("dialog", name="Build a name")
        _choice(dialog, "Team").click()
        page.get_by_role("option", name="Growth").click()
        dialog.get_by_label("Campaign").fill("Spring")
        expect(dialog).to_contain_text("Growth / Spring")
        dialog.get_by_role("button", name="Use this name").click()
        expect(page.get_by_label("Name of the segment")).to_have_value("Growth / Spring")
        expect(page.get_by_text("This name breaks the convention.")).to_be_hidden()
    finally:
        program.put("/api/segments/naming/", before)


def _choice(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("combobox", name=name).or_(place.get_by_role("textbox", name=name))


def _contains(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))
