"""Notes on the canvas: laid down, written, kept with the flow and its versions, taken back."""

from playwright.sync_api import Page, expect

from tests.e2e.test_two_editors import made
from tests.served import Program


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def test_a_note_is_written_kept_and_compared(page: Page, program: Program, key: str) -> None:
    page.goto(made(program, key))
    expect(page.locator(".react-flow__node-step")).to_have_count(3)
    program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})

    page.keyboard.press("n")
    page.get_by_role("textbox", name="Text of the note").fill("Ask Ada\nbefore Christmas")
    page.keyboard.press("Escape")
    note = page.get_by_role("note", name="Note: Ask Ada")
    expect(note).to_contain_text("before Christmas")
    expect(page.locator(".react-flow__node-note:focus")).to_be_visible()
    page.keyboard.press("Alt+ArrowRight")
    saved(page)
    (kept,) = program.get(f"/api/flows/{key}/")["graph"]["notes"]
    assert kept["text"] == "Ask Ada\nbefore Christmas"

    page.reload()
    note.dblclick()
    page.get_by_role("textbox", name="Text of the note").fill("Ask Bea")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+d")
    expect(page.get_by_role("note")).to_have_count(2)
    page.keyboard.press("Delete")
    expect(page.get_by_role("note")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("note")).to_have_count(2)
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_role("note")).to_have_count(1)
    saved(page)

    page.goto(f"/flows/{key}?tab=versions&version=0")
    page.get_by_role("button", name="The note “Ask Bea” is new.").click()
    expect(page.get_by_role("note", name="Note: Ask Bea")).to_be_in_viewport()
    page.goto(f"/flows/{key}?tab=live")
    expect(page.locator(".react-flow__node-step")).to_have_count(3)
    expect(page.get_by_role("note")).to_have_count(0)


def test_a_note_without_a_word_goes_away(page: Page, program: Program, key: str) -> None:
    page.goto(made(program, key))
    page.get_by_role("button", name="Note", exact=True).click()
    page.get_by_role("textbox", name="Text of the note").press("Escape")
    expect(page.get_by_role("note")).to_have_count(0)
    expect(page.locator(".react-flow__node-step")).to_have_count(3)
