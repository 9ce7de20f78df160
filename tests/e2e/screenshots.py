"""Takes a picture of every page, light and dark, of a Millrace that runs.

It is a program, not a test: its pictures are for people to look at.

    python -m tests.e2e.screenshots OUTDIR --url http://localhost:8000 --email … --password …
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browsing import Complaints, chromium, opened, sign_in

SCHEMES = ("light", "dark")
SIZES = {"": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
PLAIN_PAGES = {
    "home": "/",
    "flows": "/flows",
    "segments": "/segments",
    "segment-new": "/segments/new",
    "contacts": "/contacts",
    "imports": "/contacts/import",
    "messages": "/messages",
    "templates": "/templates",
    "settings": "/settings",
    "not-found": "/nowhere",
}
SETTINGS = (
    "sources",
    "fields",
    "topics",
    "scoring",
    "rejected",
    "sending",
    "keep",
    "naming",
    "people",
    "keys",
    "jobs",
)
Found = dict[str, str]


def addresses(page: Page) -> Found:
    """Return the address of every page, with the first of each kind of thing there is."""
    found = dict(PLAIN_PAGES)
    found |= {f"settings-{tab}": f"/settings?tab={tab}" for tab in SETTINGS}
    flows = _results(page, "/api/flows/")
    if flows:
        busiest = max(flows, key=lambda flow: cast(int, flow["totals"]["inside"]))
        for tab in ("live", "design", "try", "people", "versions"):
            found[f"flow-{tab}"] = f"/flows/{busiest['key']}?tab={tab}"
        version = _results(page, f"/api/flows/{busiest['key']}/visits/?outcome=inside")
        if version and version[0]["node"]:
            found["flow-live-step"] = f"/flows/{busiest['key']}?tab=live&node={version[0]['node']}"
        drafts = [flow["key"] for flow in flows if flow["version"] is None]
        if drafts:
            found["flow-draft"] = f"/flows/{drafts[0]}"
        for number, flow in enumerate(flows[:6]):
            found[f"flow-{number}-{flow['key']}"] = f"/flows/{flow['key']}"
        contacts = _results(page, f"/api/flows/{busiest['key']}/visits/?outcome=inside")
        if contacts:
            number = contacts[0]["contact"]["id"]
            found["contact"] = f"/contacts/{number}"
            for tab in ("segments", "score", "flows", "messages"):
                found[f"contact-{tab}"] = f"/contacts/{number}?tab={tab}"
    segments = _results(page, "/api/segments/")
    if segments:
        key = max(segments, key=lambda segment: len(segment["sentence"]))["key"]
        found["segment"] = f"/segments/{key}"
        for tab in ("people", "held", "history", "growth", "overlap", "uses"):
            found[f"segment-{tab}"] = f"/segments/{key}?tab={tab}"
    templates = _results(page, "/api/templates/")
    if templates:
        found["template"] = f"/templates/{templates[0]['key']}"
    return found


def _results(page: Page, path: str) -> list[dict[str, Any]]:
    answer = page.request.get(path)
    if not answer.ok:
        message = f"{path} answered {answer.status}"
        raise SystemExit(message)
    return cast(list[dict[str, Any]], answer.json()["results"])


def settled(page: Page, address: str) -> None:
    """Go there and wait until it shows what it has."""
    page.goto(address)
    expect(page.get_by_role("heading").first).to_be_visible(timeout=20_000)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_timeout(900)


def _doings() -> Iterator[tuple[str, str, Callable[[Page], None]]]:
    """Pictures of what opens by a click."""
    yield "flows-new", "/flows", lambda page: page.get_by_role("button", name="New flow").click()
    yield "command-palette", "/", lambda page: page.keyboard.press("Control+k")
    yield (
        "account-menu",
        "/",
        lambda page: page.get_by_label("Account and appearance").click(),
    )
    yield (
        "segments-add-people",
        "/segments/newsletter?tab=people",
        lambda page: page.get_by_role("button", name="Add people").click(),
    )
    yield "segments-change", "/segments/newsletter", _looked_at
    yield (
        "contacts-new",
        "/contacts",
        lambda page: page.get_by_role("button", name="New contact").click(),
    )


def _looked_at(page: Page) -> None:
    """Ask what another kind of segment would change."""
    page.get_by_role("radio", name="Static").click()
    page.get_by_role("button", name="Save …").click()
    expect(page.get_by_role("dialog").get_by_text("in it then")).to_be_visible()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--email", default="demo@example.org")
    parser.add_argument("--password", required=True)
    parser.add_argument("--only", default="", help="only pages whose name has this in it")
    parser.add_argument("--size", choices=[size or "desktop" for size in SIZES], default="desktop")
    given = parser.parse_args()
    given.outdir.mkdir(parents=True, exist_ok=True)
    size = "" if given.size == "desktop" else given.size
    width, height = SIZES[size]
    with chromium() as browser:
        for scheme in SCHEMES:
            context = opened(
                browser,
                given.url,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                device_scale_factor=1,
            )
            complaints = Complaints().of(context)
            pictures(context, given, "-".join(filter(None, (size, scheme))))
            context.close()
            for complaint in dict.fromkeys(complaints):
                sys.stdout.write(f"{scheme}: {complaint}\n")


def pictures(context: BrowserContext, given: argparse.Namespace, suffix: str) -> None:
    """Take all pictures in one scheme."""
    page = context.new_page()

    def take(name: str) -> None:
        page.screenshot(path=given.outdir / f"{name}-{suffix}.png")

    page.goto("/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    take("login")
    sign_in(page, given.email, given.password)
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    for name, address in addresses(page).items():
        if given.only in name:
            settled(page, address)
            take(name)
    for name, address, do in _doings():
        if given.only in name:
            settled(page, address)
            do(page)
            page.wait_for_timeout(400)
            take(name)


if __name__ == "__main__":
    main()
