"""Fixtures of the browser tests: a real Millrace, a real Chromium, somebody signed in."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browsing import SECONDS, Complaints, chromium, opened, sign_in
from tests.served import Program, Served

PASSWORD = "a mill by the river"
EMAILS = {role: f"{role}@example.org" for role in ("admin", "editor", "viewer")}

expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A Millrace that runs for all browser tests, with somebody of each role."""
    # Not in pytest's folder: see `var_dir` in tests/conftest.py.
    with tempfile.TemporaryDirectory(prefix="millrace-e2e-", ignore_cleanup_errors=True) as folder:
        run = Served(Path(folder) / "var")
        try:
            run.start()
            with ThreadPoolExecutor() as beside:
                people = [
                    beside.submit(
                        run.made, "create_user", email, "--role", role, "--password", PASSWORD
                    )
                    for role, email in EMAILS.items()
                ]
            for person in people:
                person.result()
            yield run
        finally:
            run.end()


@pytest.fixture(scope="session")
def program(served: Served) -> Program:
    """A program beside the browser: it sends events and reads the API."""
    with ThreadPoolExecutor() as beside:
        api_key = beside.submit(served.made, "create_api_key", "tests", "--role", "admin")
        write_key = beside.submit(served.made, "create_source", "Web shop")
    return Program(served.url, api_key=api_key.result(), write_key=write_key.result())


# Not for the session: Playwright runs a loop in this thread, and Django's tests want none there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def rooms(browser: Browser, served: Served) -> Iterator[Callable[[str], BrowserContext]]:
    """The browsing context of each role, signed in once and used by one test after the other.

    The door lets in so many a minute; and what a context has loaded of the product it does not
    load again.
    """
    kept: dict[str, BrowserContext] = {}

    def room_of(role: str) -> BrowserContext:
        if role not in kept:
            kept[role] = opened(browser, served.url)
            page = kept[role].new_page()
            page.goto("/login")
            sign_in(page, EMAILS[role], PASSWORD)
            expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
            page.close()
        return kept[role]

    yield room_of
    for context in kept.values():
        context.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of a test complained about: nothing, unless the test has cleared it."""
    heard = Complaints()
    yield heard
    assert heard == []


@pytest.fixture
def page_of(
    browser: Browser,
    served: Served,
    rooms: Callable[[str], BrowserContext],
    complaints: Complaints,
) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody of a role; with `""` as nobody.

    With options, or `fresh`, it is in a context that no other test has used or will use.
    """
    own: list[BrowserContext] = []
    shared: list[BrowserContext] = []

    def open_page(role: str, *, fresh: bool = False, **options: object) -> Page:
        if role and not fresh and not options:
            context = rooms(role)
            if context not in shared:
                shared.append(context)
                complaints.of(context)
            return context.new_page()
        state = {"storage_state": rooms(role).storage_state()} if role else {}
        context = opened(browser, served.url, **state, **options)
        complaints.of(context)
        own.append(context)
        return context.new_page()

    yield open_page
    for context in shared:
        complaints.no_more_of(context)
        for page in context.pages:
            page.close()
        context.set_offline(False)
    for context in own:
        context.close()


@pytest.fixture
def page(page_of: Callable[..., Page]) -> Page:
    """A page in which an editor is signed in."""
    return page_of("editor")


@pytest.fixture
def unsigned(page_of: Callable[..., Page]) -> Page:
    """A page in which nobody is signed in."""
    return page_of("")


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key of the test's own, since all tests share one Millrace."""
    name = cast(str, request.node.name)
    return name.removeprefix("test_").split("[")[0].replace("_", "-")[:40].strip("-")
