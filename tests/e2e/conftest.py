"""Fixtures of the browser tests: a real Millrace, a real Chromium, somebody signed in."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

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
            for role, email in EMAILS.items():
                run.made("create_user", email, "--role", role, "--password", PASSWORD)
            yield run
        finally:
            run.end()


@pytest.fixture(scope="session")
def program(served: Served) -> Program:
    """A program beside the browser: it sends events and reads the API."""
    return Program(
        served.url,
        api_key=served.made("create_api_key", "tests", "--role", "admin"),
        write_key=served.made("create_source", "Web shop"),
    )


# Not for the session: Playwright runs a loop in this thread, and Django's tests want none there.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """The cookies of each role, once it has signed in: the door lets in so many a minute."""
    return {}


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
    signed_in: dict[str, StorageState],
    complaints: Complaints,
) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody of a role; with `""` as nobody."""
    contexts = []

    def open_page(role: str, **options: object) -> Page:
        if role and role not in signed_in:
            first = opened(browser, served.url)
            page = first.new_page()
            page.goto("/login")
            sign_in(page, EMAILS[role], PASSWORD)
            expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
            signed_in[role] = first.storage_state()
            first.close()
        state = {"storage_state": signed_in[role]} if role else {}
        context = opened(browser, served.url, **state, **options)
        complaints.of(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
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
