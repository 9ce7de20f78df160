"""The stories' fixture: a fresh product, on a clock of its own."""

import pytest

from contacts import tracking
from tests.integration.stories.telling import Story


@pytest.fixture
def story(db: None) -> Story:
    """A product in which nothing has happened yet."""
    tracking._SOURCES.clear()
    return Story()
