"""Puts the contacts of an imported file into a segment; registered with `contacts.importing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common.errors import Refused
from segments.models import Segment
from segments.services import members_change


class SegmentTarget:
    """A static or growing segment. A dynamic one holds those whom its rule chooses, nobody else."""

    def check(self, key: str) -> str:
        """Return the segment's name.

        Raises
        ------
        Refused
            If there is none, or it is dynamic.
        """
        segment = Segment.objects.filter(key=key).first()
        if segment is None:
            raise Refused(f"There is no segment “{key}”.", attr="segment")
        if segment.kind == Segment.Kind.DYNAMIC:
            raise Refused(
                f"“{segment.name}” is dynamic: its rule alone says who is in it. Choose a static "
                "or a growing segment.",
                code="dynamic",
                attr="segment",
            )
        return segment.name

    def join(self, key: str, contact_ids: Sequence[int], *, now: datetime) -> int:
        """Hold these contacts in; return how many were not members yet."""
        return len(members_change(key, contact_ids, change="add", cause="import", now=now))
