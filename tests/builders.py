"""Rows for tests, each builder with every default it needs: `build_job(status="running")`.

A builder writes through the room's own services where there is one, so that a test's rows are rows
as the product would have written them.
"""

from datetime import UTC, datetime
from typing import Any

from common.models import Job

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
"""The instant at which tests take place unless they say otherwise: a Friday at noon."""


def build_job(**given: Any) -> Job:
    """Make a queued job."""
    return Job.objects.create(
        **{"kind": "import", "title": "Import people.csv", "created_at": NOW, **given}
    )
