"""The triggers of a simulation that go by the clock: dates of the contact's own, one-off sends.

No IO, no clock. The counterpart of `flows.engine.times` for one contact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.dates import next_instant
from flows.engine.book import BookFlow
from flows.trial.stand import Stand


@dataclass(slots=True)
class _Date:
    """A `date` trigger: the value it goes by, and when it lets the contact in next."""

    flow: BookFlow
    node: str
    config: Any
    value: Any = None
    next_at: datetime | None = None


@dataclass(slots=True)
class _Once:
    """A `once` trigger that has not gone off yet."""

    flow: BookFlow
    node: str
    config: Any
    at: datetime


class Timers:
    """All dates and one-off sends of the flows, as far as one contact is concerned."""

    def __init__(self, flows: Iterable[BookFlow], stand: Stand, *, start: datetime) -> None:
        self.stand = stand
        self.dates: list[_Date] = []
        self.once: list[_Once] = []
        for flow in flows:
            for node in flow.version.plan.nodes.values():
                if node.type.type == "date":
                    self.dates.append(_Date(flow, node.id, node.config))
                elif node.type.type == "once":
                    at = max(node.config.instant or start, start)
                    self.once.append(_Once(flow, node.id, node.config, at))
        self.follow(start)

    def follow(self, now: datetime) -> None:
        """A date that has changed, or has come, lets the contact in at its next instant."""
        values: Mapping[str, Any] = self.stand.values() if self.dates else {}
        for one in self.dates:
            value = values.get(one.config.field)
            if value != one.value or (one.next_at is not None and one.next_at <= now):
                one.value = value
                one.next_at = None
                if value is not None:
                    one.next_at = next_instant(
                        value, offset=one.config.shift, repeat=one.config.repeat, after=now
                    )

    def due(self, now: datetime, members: Collection[str]) -> list[tuple[BookFlow, str, str]]:
        """Who lets the contact in now: flow, trigger, and why."""
        changed = self.stand.values() if self.dates else {}
        found = [
            (one.flow, one.node, f"{one.config.field} has come")
            for one in self.dates
            if one.next_at is not None
            and one.next_at <= now
            and changed.get(one.config.field) == one.value
        ]
        self.follow(now)
        going = [one for one in self.once if one.at <= now]
        self.once = [one for one in self.once if one.at > now]
        found += [
            (one.flow, one.node, "was in the segments at the moment of sending")
            for one in going
            if any(key in members for key in one.config.segments)
            and not any(key in members for key in one.config.exclude)
        ]
        return found

    def next_moment(self) -> datetime | None:
        """When the next of them goes off."""
        moments = [one.next_at for one in self.dates] + [one.at for one in self.once]
        return min((at for at in moments if at is not None), default=None)
