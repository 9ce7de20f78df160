"""Fixtures for all tests: a real PostgreSQL, and in it what the migrations put there.

The tests use the server at `DATABASE_URL` if that is set, else an embedded one of their own in
`var/tests`; each xdist worker has a database of its own there. Time is a parameter everywhere, or
`time_machine` with `tick=False`.
"""

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from config import embedded
from tests import standing
from tests.processes import processes

if TYPE_CHECKING:
    from tests.builders_flows import Stage

__all__ = ["processes"]

# A password hash is slow on purpose; no test is about how slow.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Servers of this machine stand in for other systems; a test about refusing them says so.
settings.ALLOW_PRIVATE_WEBHOOKS = True

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    """Have a server for the tests, quick because nobody will miss its data."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    place = Path(settings.VAR_DIR) / "tests"
    with embedded.running(place, extra=embedded.FOR_TESTS):
        connections["default"].settings_dict["HOST"] = str(embedded.place(place).socket)
        yield
        connections.close_all()


@pytest.fixture(scope="session")
def django_db_setup(
    postgres: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Make the tests' database, and keep a copy of the rows that migrations put into it."""
    with django_db_blocker.unblock():
        standing.keep()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """See that no transaction is left open, and put back rows of migrations if they are gone."""
    outcome = yield
    if nextitem is None or nextitem.getparent(pytest.Module) is not item.getparent(pytest.Module):
        # Whoever leaves one open spoils the tests of others.
        assert not connections["default"].in_atomic_block, "a transaction was left open"
    if nextitem is not None and _emptied_tables(item):
        with item.config.stash[blocking_manager_key].unblock():
            standing.put_back()
    return outcome


def _emptied_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(
        (marker and marker.kwargs.get("transaction"))
        or fixtures & {"transactional_db", "live_server", "django_db_reset_sequences"}
    )


@pytest.fixture
def stage(db: None) -> Iterator["Stage"]:
    """A stage for flows; whatever a test does, all numbers must add up at its end."""
    from tests.builders_flows import Stage, everything_adds_up

    stage = Stage()
    yield stage
    everything_adds_up()


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A `VAR_DIR` of the test's own.

    Not in pytest's folder, which every run of pytest closes to other users: under root,
    PostgreSQL runs as one of those.
    """
    with tempfile.TemporaryDirectory(prefix="millrace-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The address of this test's database, for processes that the test starts."""
    parts = connections["default"].settings_dict
    user, password = quote(parts["USER"], safe=""), quote(parts["PASSWORD"], safe="")
    host, port = quote(parts["HOST"], safe=""), parts["PORT"]
    login = f"{user}:{password}@" if password else f"{user}@"
    query = f"?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{login}/{parts['NAME']}{query}"
