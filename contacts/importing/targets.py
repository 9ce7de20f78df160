"""What the contacts of a file may be put into, besides having their fields set.

A room downstream registers it from its AppConfig.ready(); nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from common.errors import Refused


class Target(Protocol):
    """A place that contacts can be put into by its key."""

    def check(self, key: str) -> str:
        """Return the place's name.

        Raises
        ------
        Refused
            With a sentence, if nobody can be put into it.
        """

    def join(self, key: str, contact_ids: Sequence[int], *, now: datetime) -> int:
        """Put contacts into it, in the transaction at hand; return how many were not in it yet."""


_targets: dict[str, Target] = {}


def register_target(kind: str, target: Target) -> None:
    """Make a kind of place known, such as `segment`."""
    _targets[kind] = target


def target_of(kind: str) -> Target:
    """Return what was registered for this kind.

    Raises
    ------
    Refused
        If nothing was.
    """
    found = _targets.get(kind)
    if found is None:
        raise Refused(f"Contacts can't be put into a {kind} here.", attr=kind)
    return found
