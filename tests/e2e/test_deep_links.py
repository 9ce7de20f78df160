"""What one sees has an address: given to somebody else, it shows the same; and back goes back."""

import re
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.served import Json, Program, wait_until

GRAPH: Json = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Linked"}},
        {"id": "rest", "type": "wait", "config": {"for": "PT1H"}},
    ],
    "edges": [{"source": "came", "target": "rest"}],
}


@pytest.fixture(autouse=True)
def _there(program: Program) -> None:
    """A flow with one person in it, a segment and a template, each of a name of its own."""
    if program.get("/api/contacts/?external_id=links-lea")["results"]:
        return
    program.post("/api/flows/", {"key": "links", "name": "Links", "graph": GRAPH, "settings": {}})
    program.post("/api/flows/links/publish/", {"inside": "stay"})
    rule = {"type": "event", "name": "Linked", "window": {"last": "P7D"}}
    program.post(
        "/api/segments/",
        {"key": "linked", "name": "Linked lately", "kind": "dynamic", "rule": rule},
    )
    program.post(
        "/api/templates/", {"key": "links", "name": "Links mail", "subject": "Hi", "text": "Hi"}
    )
    traits = {"email": "lea@example.com", "firstName": "Lea", "lastName": "Links"}
    program.batch(
        [
            {"type": "identify", "userId": "links-lea", "traits": traits},
            {"type": "track", "userId": "links-lea", "event": "Linked"},
        ]
    )
    wait_until(
        lambda: program.get("/api/flows/links/visits/?outcome=inside")["results"], seconds=30
    )


ADDRESSES: dict[str, str] = {
    "/flows?search=Links": "row:Links",
    "/flows/templates?search=birthday": "text:Birthday",
    "/flows/links?tab=design&node=rest": "heading:Wait 1 hour",
    "/flows/links?tab=live&range=24h": "text:24 hours",
    "/flows/links?tab=live&heat=here": "button:Heat",
    "/flows/links?tab=live&node=rest": "text:Lea Links",
    "/flows/links?tab=people&outcome=inside": "row:Lea Links",
    "/flows/links?tab=people&find=lea@example.com": "row:Lea Links",
    "/flows/links?tab=people&find=nobody-of-that-name": "text:Nobody fits",
    "/flows/links?tab=results&days=7": "text:How far people came",
    "/flows/links?tab=versions&version=1": "text:Version 1",
    "/flows/links?tab=try&way=backtest": "button:Begin",
    "/flows/links?tab=design#publish": "dialog:Publish",
    "/flows/links?tab=live#pause": "dialog:Pause",
    "/flows#new": "dialog:New flow",
    "/segments?search=Linked": "row:Linked lately",
    "/segments/linked?tab=people": "row:Lea Links",
    "/segments/linked?tab=history": "row:Lea Links",
    "/segments/linked?tab=uses": "text:Not used yet",
    "/contacts?search=lea@example.com": "row:Lea Links",
    "/contacts?search=" + quote('"40408"'): "text:Nobody is found",
    "/contacts?search=40408": "text:Nobody is found",
    "/contacts#new": "dialog:New contact",
    "/messages?search=nobody-of-that-name": "text:No message like that",
    "/messages?status=failed&search=nobody": "text:No message like that",
    "/templates?search=Links": "row:Links mail",
    "/templates?search=nobody-of-that-name": "text:No template is called",
    "/templates#new": "dialog:New template",
    "/settings?tab=jobs": "text:Long work goes on",
}
"""Address → what is seen there: what it is, and its words."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_shows_what_it_was_copied_from(page: Page, address: str) -> None:
    role, words = ADDRESSES[address].split(":")
    page.goto(address)
    place = page.get_by_text(words) if role == "text" else page.locator(f"role={role}")
    expect(place.filter(has_text=words).first).to_be_visible()
    parts = urlsplit(address)
    expect(page).to_have_url(re.compile(f"{re.escape(parts.path)}([?#]|$)"))
    if parts.fragment:
        expect(page).to_have_url(re.compile(f"#{parts.fragment}$"))


def test_back_leads_from_a_row_to_the_search_that_found_it(page: Page) -> None:
    page.goto("/contacts")
    page.get_by_role("searchbox", name="Name, e-mail or id").fill("lea@example.com")
    row = page.get_by_role("row").filter(has_text="Lea Links")
    expect(page).to_have_url(re.compile("search=lea"))
    row.click()
    expect(page.get_by_role("heading", level=1, name="Lea Links")).to_be_attached()
    page.go_back()
    expect(page.get_by_role("searchbox", name="Name, e-mail or id")).to_have_value(
        "lea@example.com"
    )
    expect(row).to_be_visible()
