"""Takes a picture of every place and state of a Millrace that runs: light and dark, wide to narrow.

It is a program, not a test: its pictures are for people to look at. Their names are
`<page>[.<state>]-<width>-<scheme>.png`. Besides the places there is, each list is seen with
nothing in it, while it loads, and when it cannot be loaded.

    python -m tests.e2e.screenshots OUT --url http://localhost:8000 --email … --password …
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, Route, expect

from tests.e2e.browsing import SECONDS, Complaints, chromium, opened, sign_in
from tests.e2e.places import PLACES, SCHEMES, Place, Tour, in_scheme, settled

HEIGHTS = {1440: 900, 1024: 768, 390: 844}
Found = dict[str, str | int]

LISTS = {
    "home": ("/", "/api/home/"),
    "flows": ("/flows", "/api/flows/"),
    "gallery": ("/flows/templates", "/api/gallery/"),
    "segments": ("/segments", "/api/segments/"),
    "segment-people": ("/segments/{segment}?tab=people", "/api/segments/{segment}/members/"),
    "segment-history": ("/segments/{segment}?tab=history", "/api/segments/{segment}/history/"),
    "contacts": ("/contacts", "/api/contacts/"),
    "contact-timeline": ("/contacts/{contact}", "/api/contacts/{contact}/timeline/"),
    "contact-flows": ("/contacts/{contact}?tab=flows", "/api/contacts/{contact}/visits/"),
    "imports": ("/contacts/import", "/api/contacts/import/"),
    "messages": ("/messages", "/api/messages/"),
    "templates": ("/templates", "/api/templates/"),
    "flow-people": ("/flows/{flow}?tab=people", "/api/flows/{flow}/visits/"),
    "flow-results": ("/flows/{flow}?tab=results", "/api/flows/{flow}/results/"),
    "settings-sources": ("/settings?tab=sources", "/api/sources/"),
    "settings-rejected": ("/settings?tab=rejected", "/api/rejected/"),
    "settings-jobs": ("/settings?tab=jobs", "/api/jobs/"),
}
"""Pages and what they read, by which they are shown empty, loading and refused."""


def found_there(page: Page) -> Found:
    """Return the first of each kind of thing there is, the one with most to show."""
    found: Found = {}
    flows = _results(page, "/api/flows/?limit=200")
    if flows:
        busiest = max(flows, key=lambda flow: cast(int, flow["totals"]["inside"]))
        found["flow"] = busiest["key"]
        for visit in _results(page, f"/api/flows/{busiest['key']}/visits/?outcome=inside")[:1]:
            found |= {"step": visit["node"], "contact": visit["contact"]["id"]}
    for flow in flows:
        if flow["version"] is None:
            found["draft"] = flow["key"]
    segments = _results(page, "/api/segments/?limit=200")
    if segments:
        found["segment"] = max(segments, key=lambda each: len(each["sentence"]))["key"]
    for name, path, key in (
        ("template", "/api/templates/", "key"),
        ("import", "/api/contacts/import/", "id"),
        ("gallery", "/api/gallery/", "key"),
    ):
        for first in _results(page, path)[:1]:
            found[name] = first[key]
    return found


def _results(page: Page, path: str) -> list[dict[str, Any]]:
    answer = page.request.get(path)
    if not answer.ok:
        message = f"{path} answered {answer.status}"
        raise SystemExit(message)
    body = answer.json()
    return cast(list[dict[str, Any]], body if isinstance(body, list) else body["results"])


def _empty(route: Route) -> None:
    whole = route.fetch()
    body = whole.json()
    if isinstance(body, list):
        route.fulfill(json=[])
    elif "results" in body:
        route.fulfill(json={**body, "results": [], "next": None, "previous": None})
    else:
        route.fulfill(response=whole)


def _refused(route: Route) -> None:
    route.fulfill(
        status=503,
        json={"errors": [{"code": "error", "detail": "The database is being restarted."}]},
    )


def _never(_route: Route) -> None:
    """Leave the page waiting."""


STATES: dict[str, Callable[[Route], None]] = {
    "empty": _empty,
    "loading": _never,
    "refused": _refused,
}


@contextmanager
def answering(page: Page, path: str, handle: Callable[[Route], None]) -> Iterator[None]:
    """Have reads of a path answered by `handle`."""

    def matches(url: str) -> bool:
        return urlsplit(url).path == path

    page.route(matches, handle)
    yield
    page.unroute(matches, handle)


def looks(found: Found) -> Iterator[Place]:
    """Yield the places that can be shown with what there is; tells of the others."""
    for place in PLACES:
        if place.needs <= found.keys():
            yield place
        else:
            sys.stdout.write(f"{place.name}: there is no {', '.join(place.needs - found.keys())}\n")


class Pictures:
    """Takes them, at one width."""

    def __init__(self, page: Page, given: argparse.Namespace, width: int) -> None:
        self.page = page
        self.given = given
        self.width = width

    def wanted(self, name: str) -> bool:
        """Whether it was asked for."""
        return any(part in name for part in self.given.only or [""])

    def take(self, name: str) -> None:
        """Take what is shown, in both schemes."""
        for scheme in SCHEMES:
            in_scheme(self.page, scheme)
            self.page.screenshot(path=self.given.out / f"{name}-{self.width}-{scheme}.png")

    def places(self, found: Found) -> None:
        """All places with what is there."""
        tour = Tour(self.page, found)
        for place in looks(found):
            if not self.wanted(place.name):
                continue
            try:
                # Anew: a canvas fits itself to the window it is opened in.
                tour.to(place, fresh=True)
            except (AssertionError, Error) as error:
                sys.stdout.write(f"{place.name} at {self.width}: {error}\n")
            self.take(place.name)

    def states(self, found: Found) -> None:
        """All lists with nothing in them, while they load, and refused."""
        for name, (address, path) in LISTS.items():
            try:
                at, read = address.format_map(found), path.format_map(found)
            except KeyError:
                continue
            for state, handle in STATES.items():
                if self.wanted(f"{name}.{state}"):
                    with answering(self.page, read, handle):
                        self._state(at, state)
                        self.take(f"{name}.{state}")

    def _state(self, address: str, state: str) -> None:
        self.page.goto(address)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        # A server that fails is asked twice more before the page says so.
        self.page.wait_for_timeout(4_000 if state == "refused" else 800)
        if state != "loading":
            settled(self.page)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--email", default="demo@example.org")
    parser.add_argument("--password", required=True)
    parser.add_argument("--only", nargs="*", help="only what has one of these in its name")
    parser.add_argument("--width", nargs="*", type=int, choices=list(HEIGHTS), default=[*HEIGHTS])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=SECONDS * 1000)
    with chromium() as browser:
        context = opened(browser, given.url, device_scale_factor=1, reduced_motion="reduce")
        complaints = Complaints().of(context)
        page = context.new_page()
        for width in given.width:
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            pictures = Pictures(page, given, width)
            if width == given.width[0]:
                page.goto("/login")
                expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
                sign_in(page, given.email, given.password)
                expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
                found = found_there(page)
            pictures.places(found)
            pictures.states(found)
        context.clear_cookies()
        for width in given.width:
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            page.goto("/login")
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            Pictures(page, given, width).take("login")
        for complaint in dict.fromkeys(complaints):
            sys.stdout.write(f"{complaint}\n")


if __name__ == "__main__":
    main()
