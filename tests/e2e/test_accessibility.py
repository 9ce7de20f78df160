"""Every place of the product by axe, light and dark: no violation, and nothing on the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import COLOURS, TAGS, violations
from tests.e2e.places import PLACES, SCHEMES, Place, Tour, in_scheme, routes, tabs
from tests.served import Json, Program, wait_until

GRAPH: Json = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Axe"}, "note": "Whoever comes."},
        {"id": "sum", "type": "update_fields", "config": {"set": {"sum": "{{ trigger.sum }}"}}},
        {"id": "rest", "type": "wait", "config": {"for": "PT1H"}},
        {"id": "mail", "type": "send_email", "config": {"template": "axe"}},
    ],
    "edges": [
        {"source": "came", "target": "sum"},
        {"source": "sum", "target": "rest"},
        {"source": "rest", "target": "mail"},
    ],
}
SETTINGS: Json = {"goal": {"type": "event", "name": "Axe Bought"}}
RULE: Json = {"type": "all", "rules": [{"type": "event", "name": "Axe"}, {"type": "everyone"}]}
FILE = "E-mail;First name\naxe.2@example.org;Ada\nnobody;Nobody\n"


@pytest.fixture(scope="module")
def found(program: Program) -> dict[str, str | int]:
    """Somebody in a segment and in a flow, so that no page is empty."""
    program.post(
        "/api/templates/",
        {"key": "axe", "name": "Axe", "subject": "Hello", "html": "<p>Hello</p>", "text": "Hello"},
    )
    flow = {"name": "Axe", "graph": GRAPH, "settings": SETTINGS}
    program.post("/api/flows/", {"key": "axe", **flow})
    program.post("/api/flows/", {"key": "axe-draft", **flow})
    program.post("/api/flows/axe/publish/", {"inside": "stay"})
    program.post("/api/segments/", {"key": "axe", "name": "Axe", "kind": "dynamic", "rule": RULE})
    traits = {"email": "gerda@example.com", "firstName": "Gerda"}
    program.batch([{"type": "identify", "userId": "axe-1", "traits": traits}, {"type": "bad"}])
    program.track("axe-1", "Axe", sum=12)
    wait_until(lambda: program.get("/api/flows/axe/counts/")["totals"]["inside"] == 1, 30)
    wait_until(lambda: program.get("/api/segments/axe/")["size"] == 1, 30)
    return {
        "flow": "axe",
        "draft": "axe-draft",
        "step": "rest",
        "segment": "axe",
        "template": "axe",
        "gallery": program.get("/api/gallery/")[0]["key"],
        "contact": program.get("/api/contacts/?external_id=axe-1")["results"][0]["id"],
    }


def imported(page: Page) -> int:
    """Send a file as the page for it does; the number of its import."""
    page.goto("/contacts/import")
    page.get_by_label("Choose a CSV file").set_input_files(
        {"name": "axe.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    expect(page.get_by_role("heading", level=1, name="axe.csv")).to_be_visible()
    return int(page.url.rpartition("/")[2])


def test_every_route_and_tab_has_a_place() -> None:
    assert {place.route for place in PLACES} | {"/login"} == routes()
    for route, names in tabs().items():
        shown = {
            place.address.partition("tab=")[2].partition("&")[0]
            for place in PLACES
            if place.route == route
        }
        assert shown - {""} == names, route


# The policy is in force, and the fixture `complaints` says at the end that no page wrote an error.
def test_no_place_has_a_fault(page_of: Callable[..., Page], found: dict[str, str | int]) -> None:
    page = page_of("admin", reduced_motion="reduce")
    tour = Tour(page, {**found, "import": imported(page)})
    faults: list[str] = []
    for place in PLACES:
        tour.to(place)
        faults += faults_of(page, place)
    assert not faults, "\n".join(faults)


def test_signing_in_has_no_fault(unsigned: Page, complaints: list[str]) -> None:
    unsigned.goto("/login")
    expect(unsigned.get_by_role("heading", name="Sign in to Millrace")).to_be_visible()
    faults = faults_of(unsigned, Place(name="login", address="/login"))
    assert not faults, "\n".join(faults)
    complaints.clear()  # who is not signed in is told so with a 401, and Chromium writes it down


def faults_of(page: Page, place: Place) -> list[str]:
    """Return what axe finds there; the schemes differ in their colours alone."""
    faults: list[str] = []
    for scheme in SCHEMES:
        in_scheme(page, scheme)
        found = violations(page, COLOURS if scheme == "dark" else TAGS)
        faults += [f"{place.name}, {scheme}: {fault}" for fault in found]
    return faults
