"""Every page by axe, light and dark: nothing serious, and nothing on the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import ROOT
from tests.served import Json, Program, wait_until

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "flows": "/flows",
    "flow, design": "/flows/axe?tab=design",
    "flow, live": "/flows/axe?tab=live",
    "flow, a step": "/flows/axe?tab=live&node=rest",
    "flow, people": "/flows/axe?tab=people",
    "flow, versions": "/flows/axe?tab=versions",
    "flow, try": "/flows/axe?tab=try",
    "segments": "/segments",
    "a new segment": "/segments/new",
    "segment": "/segments/axe",
    "segment, people": "/segments/axe?tab=people",
    "segment, held": "/segments/axe?tab=held",
    "segment, history": "/segments/axe?tab=history",
    "segment, growth": "/segments/axe?tab=growth",
    "segment, overlap": "/segments/axe?tab=overlap",
    "segment, uses": "/segments/axe?tab=uses",
    "contacts": "/contacts",
    "imports": "/contacts/import",
    "contact": "/contacts/{contact}",
    "contact, segments": "/contacts/{contact}?tab=segments",
    "contact, score": "/contacts/{contact}?tab=score",
    "contact, flows": "/contacts/{contact}?tab=flows",
    "contact, messages": "/contacts/{contact}?tab=messages",
    "messages": "/messages",
    "templates": "/templates",
    "template": "/templates/axe",
    "settings": "/settings",
    "settings, scoring": "/settings?tab=scoring",
    "settings, workspace": "/settings?tab=workspace",
    "settings, names of segments": "/settings?tab=naming",
    "settings, sources": "/settings?tab=sources",
    "settings, fields": "/settings?tab=fields",
    "settings, people": "/settings?tab=people",
    "settings, keys": "/settings?tab=keys",
    "settings, jobs": "/settings?tab=jobs",
    "settings, sending": "/settings?tab=sending",
    "settings, keep": "/settings?tab=keep",
    "settings, rejected": "/settings?tab=rejected",
    "settings, topics": "/settings?tab=topics",
    "nowhere": "/there/is/no/such/page",
}
GRAPH: Json = {
    "nodes": [
        {"id": "came", "type": "event", "config": {"name": "Axe"}, "note": "Whoever comes."},
        {"id": "rest", "type": "wait", "config": {"for": "PT1H"}},
        {"id": "mail", "type": "send_email", "config": {"template": "axe"}},
    ],
    "edges": [{"source": "came", "target": "rest"}, {"source": "rest", "target": "mail"}],
}
RULE: Json = {"type": "all", "rules": [{"type": "event", "name": "Axe"}, {"type": "everyone"}]}


@pytest.fixture(scope="module")
def contact(program: Program) -> int:
    """Somebody in a segment and in a flow, so that no page is empty."""
    program.post(
        "/api/templates/",
        {"key": "axe", "name": "Axe", "subject": "Hello", "html": "<p>Hello</p>", "text": "Hello"},
    )
    program.post("/api/flows/", {"key": "axe", "name": "Axe", "graph": GRAPH, "settings": {}})
    program.post("/api/flows/axe/publish/", {"inside": "stay"})
    program.post("/api/segments/", {"key": "axe", "name": "Axe", "kind": "dynamic", "rule": RULE})
    traits = {"email": "gerda@example.com", "firstName": "Gerda"}
    program.batch([{"type": "identify", "userId": "axe-1", "traits": traits}, {"type": "bad"}])
    program.track("axe-1", "Axe", colour="green")
    wait_until(lambda: program.get("/api/flows/axe/counts/")["totals"]["inside"] == 1, 30)
    wait_until(lambda: program.get("/api/segments/axe/")["size"] == 1, 30)
    found: int = program.get("/api/contacts/?external_id=axe-1")["results"][0]["id"]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault(
    scheme: str, contact: int, page_of: Callable[..., Page]
) -> None:
    page = page_of("admin", color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    faults: list[str] = []
    for name, address in PAGES.items():
        page.goto(address.format(contact=contact))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        faults += [f"{name}: {fault}" for fault in serious(page)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_has_no_serious_fault(scheme: str, page_of: Callable[..., Page]) -> None:
    page = page_of("viewer", color_scheme=scheme, bypass_csp=True)
    page.goto("/login")
    expect(page.get_by_role("heading", name="Sign in to Millrace")).to_be_visible()
    assert serious(page) == []


def test_no_page_breaks_the_policy_or_writes_an_error(
    contact: int, page_of: Callable[..., Page]
) -> None:
    # The fixture `complaints` says no at the end; here the policy is in force.
    page = page_of("admin")
    for address in PAGES.values():
        page.goto(address.format(contact=contact))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or critical, each with where it is."""
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations'], iframes: false})",
        TAGS,
    )
    return [
        f"{fault['id']} ({fault['help']}): {where['target']} {where['failureSummary']}"
        for fault in result["violations"]
        if fault["impact"] in ("serious", "critical")
        for where in fault["nodes"][:3]
    ]
