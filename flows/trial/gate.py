"""The gate of a simulation: at which doors the contact comes, and whether they are let in. No IO.

The counterpart of `flows.engine.gate`, and of what looks for doors in `flows.engine.reactions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from flows.engine.book import BookFlow
from flows.engine.codes import Entry, Match, Taken
from flows.nodes.base import Walker
from flows.nodes.field_changed import lets_in
from flows.trial.run import Run
from flows.trial.visits import Visit
from segments.rules import matches_where

MOST_A_DAY = 100
FOREVER = 2**63 - 1


class Gate:
    """The doors of all flows of a simulation."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def entries_of(self, touch: Taken) -> list[tuple[Entry, str]]:
        """The doors that one occurrence leads to, each with the reason in words."""
        if touch.kind == "flow":
            return self._entries_by_hand(touch)
        return [
            (
                Entry(
                    flow.id,
                    touch.lane,
                    touch.contact_id,
                    node,
                    touch.at or self.run.now,
                    touch.properties or {},
                    touch.event_id or FOREVER,
                ),
                f"did {touch.name}",
            )
            for key in (touch.key, "event:*")
            for flow, node, match in self.run.book.entries.get(key, ())
            if matches(match, touch)
        ]

    def _entries_by_hand(self, touch: Taken) -> list[tuple[Entry, str]]:
        flow = self.run.book.by_key.get(touch.name)
        detail = touch.detail or {}
        if flow is None or detail.get("change") != "add":
            return []
        plan = flow.version.plan
        node = plan.nodes.get(str(detail.get("node") or plan.door))
        if node is None or node.type.group != "trigger":
            return []
        why = "was there at the start" if detail.get("node") else "was added to the flow"
        return [(self.entry(flow, node.id), why)]

    def entries_of_fields(self, keys: Iterable[str]) -> list[tuple[Entry, str]]:
        """The doors that changed fields lead to."""
        values = self.run.stand.values()
        return [
            (self.entry(flow, node_id), f"{node.config.field} changed")
            for key in sorted(keys)
            if key.startswith("field:")
            for flow, node_id, _match in self.run.book.entries.get(key, ())
            for node in [flow.version.plan.nodes[node_id]]
            if lets_in(node.config, values.get(node.config.field), self.run.stand.fields)
        ]

    def entry(self, flow: BookFlow, node: str) -> Entry:
        """Coming to a door now, by no event."""
        return Entry(
            flow.id, self.run.stand.lane, self.run.stand.id, node, self.run.now, None, FOREVER
        )

    def entries_of_moves(self, moved: Sequence[tuple[str, str]]) -> list[tuple[Entry, str]]:
        """The doors that joins and leaves of segments lead to."""
        return [
            (self.entry(flow, node), f"{change} segment {segment}")
            for segment, change in moved
            for flow, node, _match in self.run.book.entries.get(f"segment_{change}:{segment}", ())
        ]

    def admit(self, entries: Iterable[tuple[Entry, str]]) -> list[tuple[Visit, Walker]]:
        """The gate (`flows.engine.gate`) for one contact."""
        first: dict[int, tuple[Entry, str]] = {}
        for entry, why in entries:
            if entry.flow_id not in self.run.stopped:
                first.setdefault(entry.flow_id, (entry, why))
        admitted: list[tuple[Visit, Walker]] = []
        for entry, why in first.values():
            flow = self.run.book.flows[entry.flow_id]
            if not self._may_enter(flow):
                continue
            walker = Walker(
                visit_id=self._next_id(admitted),
                lane=entry.lane,
                contact_id=entry.contact_id,
                entry_at=entry.entry_at,
                entered_at=self.run.now,
                arrived_at=self.run.now,
                node=entry.node,
                trigger=entry.trigger,
                upto=entry.upto,
                fresh=True,
                version_id=flow.version.id,
                flow_id=flow.id,
            )
            goal = flow.version.settings.goal
            if goal is None or not self.run.world.fulfils(goal, [walker]):
                admitted.append((Visit(walker.visit_id, flow, flow.version, walker, why), walker))
        return admitted

    def _next_id(self, admitted: Sequence[Any]) -> int:
        return len(self.run.visits) + len(admitted) + 1

    def _may_enter(self, flow: BookFlow) -> bool:
        before = [visit for visit in self.run.visits if visit.flow.id == flow.id]
        gap = flow.gap_seconds
        if before:
            last = before[-1]
            if last.is_open or gap is None:
                return False
            if last.left_at is not None and last.left_at + timedelta(seconds=gap) > self.run.now:
                return False
        if len(before) >= MOST_A_DAY:
            since = self.run.now - timedelta(days=1)
            if before[-MOST_A_DAY].walker.entered_at > since:
                self.run.stopped.add(flow.id)
                note = f"The flow {flow.key} would be paused: it goes in circles."
                self.run.stand.notes[note] = None
                return False
        return not any(key in self.run.stand.members for key in flow.version.settings.suppress)


def matches(match: Match, touch: Taken | None) -> bool:
    """Whether an occurrence is what a trigger or an exit waits for."""
    if not match:
        return True
    return touch is not None and matches_where(list(match), touch.properties or {})
