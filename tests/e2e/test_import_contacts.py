"""Importing a file by mouse: dropped, mapped, started, its outcome and its report."""

from pathlib import Path

from playwright.sync_api import Page, expect

PEOPLE = (
    "E-Mail;Vorname;Favourite mill;Signed up\n"
    + "".join(f"miller.{n}@example.org;Mia {n};Wind;{n % 28 + 1:02}.06.2026\n" for n in range(40))
    + "nobody;Nobody;Water;01.06.2026\n"
    + "late@example.org;Late;Water;some day\n"
)


def test_a_file_is_mapped_imported_and_its_report_fetched(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "millers.csv"
    file.write_text(PEOPLE, encoding="windows-1252")
    page.goto("/contacts")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Import")).to_be_visible()
    page.get_by_label("Choose a CSV file").set_input_files(file)

    expect(page.get_by_role("heading", level=1, name="millers.csv")).to_be_visible()
    expect(page.get_by_role("button", name="E-Mail becomes E-mail address")).to_be_visible()
    expect(page.get_by_role("button", name="Vorname becomes First name")).to_be_visible()
    mill = page.get_by_role("button", name="Favourite mill becomes the new field Favourite mill")
    mill.click()
    page.get_by_role("textbox", name="What Favourite mill becomes").fill("Mill")
    page.get_by_role("option", name="New field Mill").click()
    expect(page.get_by_role("button", name="Signed up becomes Created")).to_be_visible()
    expect(page.get_by_label("How Signed up is written")).to_have_value("dmy")
    expect(page.get_by_role("region", name="As it will be read")).to_contain_text(
        "1 row refused, 1 cell left out"
    )

    page.get_by_role("button", name="Next: options").click()
    page.get_by_role("button", name="New segment").click()
    page.get_by_label("Name of the new static segment").fill("Millers")
    page.keyboard.press("Enter")
    segment = page.get_by_role("combobox", name="Everybody in the file joins a segment")
    expect(segment).to_have_value("Millers")
    page.get_by_role("button", name="Next: review").click()
    review = page.get_by_role("region", name="What will happen")
    expect(review).to_contain_text("About 42 rows")
    expect(review).to_contain_text("joins the segment “Millers”")
    page.get_by_role("button", name="Start the import").click()

    expect(page.get_by_role("heading", name="The import is done")).to_be_visible()
    expect(page.get_by_text("41 people joined the segment")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the report").click()
    report = downloading.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert report[0] == "Line;What happened;E-Mail;Vorname;Favourite mill;Signed up"
    assert report[1].startswith("42;“nobody” is not an e-mail address.")
    assert report[2].startswith("43;Left out: Signed up: “some day” is not a date")

    page.goto("/contacts/import")
    row = page.get_by_role("row").filter(has_text="millers.csv")
    expect(row).to_contain_text("41 new, 1 refused")
    page.goto("/segments/millers?tab=people")
    expect(page.get_by_text("miller.39@example.org").first).to_be_visible()
