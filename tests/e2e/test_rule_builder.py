"""The rule builder: one nested rule built by mouse and once more by keyboard alone; and why."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import serious
from tests.served import Program, wait_until

BOUGHT = "Rule Builder Bought"
PLAN = "rule_builder_plan"
MANY = 200

WANTED = {
    "type": "all",
    "rules": [
        {
            "type": "any",
            "rules": [
                {"type": "field", "field": PLAN, "op": "eq", "value": "gold"},
                {
                    "type": "event",
                    "name": BOUGHT,
                    "window": {"last": "P1DT12H"},
                    "measure": "count",
                    "op": "gte",
                    "value": 1,
                },
            ],
        },
        {"type": "reachable", "channel": "email"},
    ],
}
"""What both hands build: two conditions in a group, and one beside it."""


@pytest.fixture(autouse=True, scope="module")
def _people(program: Program) -> None:
    """Three contacts: one of the plan, one who bought, one of neither."""
    for name, plan in (("Gold", "gold"), ("Tin", "tin"), ("Zinc", "zinc")):
        traits = {"firstName": name, "email": f"{name}@example.com".lower(), PLAN: plan}
        program.batch([{"type": "identify", "userId": f"built-{name}", "traits": traits}])
    program.track("built-Tin", BOUGHT, total=5)
    rule = {"type": "event", "name": BOUGHT}
    wait_until(lambda: program.post("/api/segments/preview/", {"rule": rule})["count"] == 1, 30)


@pytest.fixture
def new(page: Page) -> Page:
    """The page of a new segment."""
    page.goto("/segments/new")
    expect(page.get_by_role("region", name="Rule")).to_be_visible()
    return page


def rows(page: Page) -> Locator:
    return page.locator("li[data-rule-path]")


def row(page: Page, words: str) -> Locator:
    """Return the row of a condition that reads so."""
    return page.get_by_role("listitem", name=re.compile(words)).last


def chosen(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Who this rule chooses")


def saved(page: Page, program: Program, key: str) -> Any:
    """Save the new segment under a name that makes its key, and return its rule."""
    page.get_by_label("Name of the segment").fill(key)
    page.get_by_role("button", name="Create segment").click()
    expect(page.get_by_text(f"“{key}” is there.")).to_be_visible()
    return program.get(f"/api/segments/{key}/")["rule"]


def add_by_mouse(page: Page, search: str, option: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name="Condition", exact=True).last.click()
    page.get_by_role("textbox", name="What about them?").fill(search)
    page.get_by_role("option", name=option).first.click()


def test_a_nested_rule_is_built_by_mouse(new: Page, program: Program, key: str) -> None:
    page = new
    add_by_mouse(page, "reached", "Can be reached by e-mail")
    add_by_mouse(page, PLAN, re.compile(PLAN.replace("_", "."), re.IGNORECASE))
    page.get_by_role("combobox", name="Value").fill("gold")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    add_by_mouse(page, BOUGHT, BOUGHT)
    page.get_by_role("button", name="When: in the last 30 days").click()
    when = page.get_by_role("dialog", name="When")
    when.get_by_role("button", name="1 day", exact=True).click()
    when.get_by_role("button", name="and hours").click()
    when.get_by_label("how many hours").fill("12")
    page.keyboard.press("Escape")
    expect(row(page, BOUGHT)).to_contain_text("in the last 1 day 12 hours")

    # the plan goes into a group of its own, and the event is dragged into it
    row(page, "gold").hover()
    row(page, "gold").get_by_role("button", name=re.compile("^More for")).click()
    page.get_by_role("menuitem", name="Put in a group").click()
    group = page.get_by_role("listitem", name="Any of these is true")
    drag(page, row(page, BOUGHT), group, below=0.62)
    expect(group.get_by_role("listitem")).to_have_count(2)
    # and the whole group to the top
    drag(page, group, row(page, "reachable"), below=0.1)
    expect(rows(page).first).to_have_attribute("aria-label", "Any of these is true")
    expect(chosen(page)).to_contain_text("2 people")
    assert saved(page, program, key) == WANTED


def drag(page: Page, what: Locator, to: Locator, *, below: float) -> None:
    """Drag by the handle to a height within another row."""
    what.hover(position={"x": 30, "y": 8})
    start = what.locator("[data-grip]").first.bounding_box()
    end = to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=6)
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] * below, steps=4)
    expect(page.locator("[data-drop]")).not_to_have_count(0)
    page.mouse.up()
    expect(page.locator("[data-dragged]")).to_have_count(0)


def test_the_same_rule_is_built_by_keyboard_alone(new: Page, program: Program, key: str) -> None:
    page, press = new, new.keyboard.press
    page.get_by_role("button", name="Condition", exact=True).focus()
    press("Enter")
    expect(page.locator("input[data-autofocus]")).to_be_focused()
    page.keyboard.type("reached by")
    press("Enter")
    expect(page.get_by_role("button", name="Move: E-mail reachable", exact=True)).to_be_focused()

    page.get_by_role("button", name="Condition", exact=True).focus()
    press("Enter")
    expect(page.locator("input[data-autofocus]")).to_be_focused()
    page.keyboard.type(BOUGHT)
    press("Enter")
    event = page.get_by_role("button", name=re.compile(f"^Move: did {BOUGHT}"))
    expect(event).to_be_focused()
    for _ in range(3):
        press("ArrowRight")
    expect(page.get_by_role("button", name="When: in the last 30 days")).to_be_focused()
    press("Enter")
    when = page.get_by_role("dialog", name="When")
    when.get_by_role("button", name="1 day", exact=True).focus()
    press("Enter")
    when.get_by_role("button", name="and hours").focus()
    press("Enter")
    when.get_by_label("how many hours").focus()
    press("ControlOrMeta+a")
    page.keyboard.type("12")
    press("Escape")
    expect(page.get_by_role("button", name="When: in the last 1 day 12 hours")).to_be_focused()

    # a group of its own, up to the top; then the plan into it, before the event
    press("Control+g")
    expect(page.get_by_role("button", name=re.compile(f"^Move: did {BOUGHT}"))).to_be_focused()
    press("ArrowUp")
    expect(page.get_by_role("button", name=re.compile("^Move: the group"))).to_be_focused()
    press("Alt+ArrowUp")
    heard = page.get_by_role("region", name="Rule").get_by_role("status")
    expect(heard).to_contain_text("1 of 2 in “all of these are true”, level 1")
    page.get_by_role("button", name="Condition", exact=True).last.focus()
    press("Enter")
    expect(page.locator("input[data-autofocus]")).to_be_focused()
    page.keyboard.type(PLAN)
    press("Enter")
    expect(page.get_by_role("combobox", name="Value")).to_be_focused()
    page.keyboard.type("gold")
    press("Escape")
    press("Escape")
    expect(page.get_by_role("button", name="Value: gold", exact=True)).to_be_visible()
    row(page, "gold").get_by_role("button", name=re.compile("^Move: ")).focus()
    press("Alt+ArrowUp")
    press("Alt+ArrowRight")
    expect(heard).to_contain_text("2 of 2 in “any of these is true”, level 2")
    press("Alt+ArrowUp")
    expect(heard).to_contain_text("1 of 2 in “any of these is true”, level 2")

    # what is removed comes back
    press("Delete")
    expect(row(page, "gold")).to_have_count(0)
    press("Control+z")
    expect(row(page, "gold")).to_be_visible()
    expect(chosen(page)).to_contain_text("2 people")
    assert saved(page, program, key) == WANTED


def test_why_somebody_is_in_a_segment_and_somebody_else_is_not(
    page: Page, program: Program, key: str
) -> None:
    program.post("/api/segments/", {"key": key, "name": key, "kind": "dynamic", "rule": WANTED})
    wait_until(lambda: program.get(f"/api/segments/{key}/")["size"] == 2, 30)
    page.goto(f"/segments/{key}?tab=people")
    page.get_by_role("button", name=re.compile("^Why is .*Tin.* in it")).click()
    why = page.get_by_role("dialog")
    expect(why).to_contain_text("is in it")
    expect(why).to_contain_text("2 of 3 conditions are true")
    expect(why).to_contain_text(f"saw once, last {BOUGHT}")
    expect(why).to_contain_text(re.compile(r"leaves in 1 day 1[12] hours?.* passes 1 day 12 hours"))
    page.keyboard.press("Escape")

    zinc = program.get("/api/contacts/?external_id=built-Zinc")["results"][0]["id"]
    page.goto(f"/contacts/{zinc}?tab=segments")
    page.get_by_role("combobox", name="Why are they in a segment, or not?").fill(key)
    page.get_by_role("option", name=key).click()
    expect(why).to_contain_text("is not in it")
    expect(why).to_contain_text("saw “zinc”")
    why.get_by_label("Only what decides").check(force=True)
    expect(why).to_contain_text("1 more does not matter here")


def test_a_rule_that_is_not_saved_is_tried_on_somebody(new: Page) -> None:
    page = new
    add_by_mouse(page, BOUGHT, BOUGHT)
    chosen(page).get_by_role("button", name="Test a person").click()
    page.get_by_role("dialog").get_by_label("Name, e-mail or id").fill("built-Zinc")
    page.get_by_role("dialog").get_by_role("button", name="Zinc").click()
    expect(page.get_by_role("dialog")).to_contain_text("the rule is not true")
    expect(page.get_by_role("dialog")).to_contain_text("saw never")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_builder_has_no_serious_fault_in_any_state(
    scheme: str, page_of: Callable[..., Page], program: Program, key: str
) -> None:
    rule = {**WANTED, "rules": [*WANTED["rules"], {"type": "not", "rule": WANTED}]}
    key = f"{key}-{scheme}"
    program.post("/api/segments/", {"key": key, "name": key, "kind": "static", "rule": rule})
    page = page_of("editor", color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.goto(f"/segments/{key}")
    expect(rows(page)).to_have_count(9)
    faults = serious(page)
    for name in ("When: in the last 1 day 12 hours", "Value: gold", "Any of these is true"):
        page.get_by_role("button", name=name).first.click()
        faults += serious(page)
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Fold all groups").click()
    faults += serious(page)
    page.get_by_role("button", name="Test a person").click()
    page.get_by_role("dialog").get_by_role("button", name="Zinc").click()
    expect(page.get_by_role("dialog")).to_contain_text("is not in it")
    faults += serious(page)
    assert not faults, "\n".join(faults)


def test_a_rule_of_two_hundred_conditions_says_so_and_takes_no_more(
    page: Page, program: Program, key: str
) -> None:
    inner = [{"type": "sample", "percent": 10, "salt": f"s{i}"} for i in range(MANY)]
    rule = {"type": "any", "rules": inner}
    program.post("/api/segments/", {"key": key, "name": key, "kind": "static", "rule": rule})
    page.goto(f"/segments/{key}")
    expect(rows(page)).to_have_count(MANY)
    section = page.get_by_role("region", name="Rule")
    expect(section).to_contain_text("200 of 200 conditions")
    more = page.get_by_role("button", name="Condition", exact=True)
    expect(more).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Move: is in the fixed 10 % sample s7", exact=True).focus()
    page.keyboard.press("Control+d")
    expect(section.get_by_role("status")).to_contain_text("A rule may have 200 conditions at most")
    expect(rows(page)).to_have_count(MANY)
