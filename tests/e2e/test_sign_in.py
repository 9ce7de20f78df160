"""Signing in and out, as a person does it."""

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Complaints, sign_in
from tests.e2e.conftest import EMAILS, PASSWORD


def test_a_wrong_password_says_so_and_the_right_one_leads_home(
    unsigned: Page, complaints: Complaints
) -> None:
    unsigned.goto("/")
    expect(unsigned.get_by_role("heading", name="Sign in to Millrace")).to_be_visible()
    sign_in(unsigned, EMAILS["viewer"], "not the password")
    expect(unsigned.get_by_role("alert")).to_contain_text("password", ignore_case=True)
    # Chromium itself writes down every answer that is not good, the one about who one is too.
    assert [said for said in complaints if "400" not in said and "401" not in said] == []
    complaints.clear()

    unsigned.get_by_label("Password", exact=True).fill(PASSWORD)
    unsigned.get_by_role("button", name="Sign in").click()
    expect(unsigned.get_by_role("heading", level=1, name="Home")).to_be_visible()


def test_whoever_is_not_signed_in_comes_back_to_where_they_wanted(
    unsigned: Page, complaints: Complaints
) -> None:
    unsigned.goto("/segments?search=x")
    sign_in(unsigned, EMAILS["viewer"], PASSWORD)
    expect(unsigned.get_by_role("heading", level=1, name="Segments")).to_be_visible()
    assert all("401" in said or "403" in said for said in complaints)
    complaints.clear()


def test_signing_out_ends_it(unsigned: Page, complaints: Complaints) -> None:
    unsigned.goto("/login")
    sign_in(unsigned, EMAILS["viewer"], PASSWORD)
    unsigned.get_by_role("button", name="Account and appearance").click()
    unsigned.get_by_role("menuitem", name="Sign out").click()
    expect(unsigned.get_by_role("heading", name="Sign in to Millrace")).to_be_visible()
    unsigned.goto("/contacts")
    expect(unsigned.get_by_role("heading", name="Sign in to Millrace")).to_be_visible()
    complaints.clear()
