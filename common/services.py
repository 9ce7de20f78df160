"""Writes of the common tables (long work has its own module, `common.jobs`)."""

from typing import Any

from common.models import Workspace


def workspace_update(**changes: Any) -> Workspace:
    """Change the one workspace; returns it as it is then."""
    Workspace.objects.filter(id=1).update(**changes)
    return Workspace.objects.get(id=1)
