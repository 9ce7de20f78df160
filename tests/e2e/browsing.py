"""A Chromium for the browser tests and the screenshots, and what it complains about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    WebError,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREEN = {"width": 1440, "height": 900}
SECONDS = 20
"""So long the page may take to show what is waited for; machines are slow at times."""

_TELLS_OF_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI || 'inline'}`);
});
"""


def chromium_path() -> str | None:
    """Return the program: `CHROMIUM`, or what is on the PATH, or what `tools/chromium` unpacked."""
    unpacked = ROOT / ".make" / "chromium" / "run"
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return str(unpacked) if os.access(unpacked, os.X_OK) else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Have a Chromium run while the block does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


class Complaints(list[str]):
    """What pages complained about: errors on the console, uncaught errors, refusals by the CSP."""

    def of(self, context: BrowserContext) -> "Complaints":
        """Listen to all pages of a context."""
        context.on("console", self._said)
        context.on("weberror", self._failed)
        return self

    def no_more_of(self, context: BrowserContext) -> None:
        """Listen to them no more."""
        context.remove_listener("console", self._said)
        context.remove_listener("weberror", self._failed)

    def _failed(self, error: WebError) -> None:
        self.append(f"uncaught: {error.error}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.append(f"{message.type}: {message.text} ({where})")


def opened(browser: Browser, url: str, **options: Any) -> BrowserContext:
    """Open a context in which addresses are relative to `url`, and nothing is waited for long."""
    context = browser.new_context(base_url=url, viewport=options.pop("viewport", SCREEN), **options)
    context.set_default_timeout(SECONDS * 1000)
    context.add_init_script(_TELLS_OF_VIOLATIONS)
    return context


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in by the form, wherever the page then leads."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
