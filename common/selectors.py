"""Reads of the common tables."""

from common.models import Workspace


def workspace() -> Workspace:
    """Return the one workspace."""
    return Workspace.objects.get(id=1)
