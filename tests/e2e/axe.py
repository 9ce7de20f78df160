"""What axe finds on a page: of any impact, each with where it is."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.e2e.browsing import ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
RUN = """(only) => axe.run(document, {
  runOnly: only, resultTypes: ['violations'], iframes: false,
})"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS: Any = {"type": "rule", "values": ["color-contrast"]}


def violations(page: Page, only: Any = TAGS) -> list[str]:
    """Return what axe finds by the rules of some tags, or by `COLOURS` alone."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(RUN, only)
    return [
        f"{fault['impact']} {fault['id']} ({fault['help']}): "
        f"{where['target']} {where['failureSummary']}"
        for fault in result["violations"]
        for where in fault["nodes"][:3]
    ]


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or critical."""
    return [fault for fault in violations(page) if fault.startswith(("serious", "critical"))]
