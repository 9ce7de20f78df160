"""The segments of one contact in memory: who joins, who leaves, and when time alone will do it.

No IO, no clock. The counterpart of `segments.refresh` for one contact, on the
evaluator instead of SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import networkx as nx

from flows.trial.shapes import SceneSegment
from flows.trial.stand import Stand
from segments.rules import (
    ContactData,
    Rule,
    RuleRefused,
    depends_on_time,
    evaluate,
    mentions,
    parse,
    segments_needed,
    until,
)

See = Callable[[], ContactData]


@dataclass(frozen=True, slots=True)
class _Sheet:
    key: str
    kind: str
    rule: Rule | None
    follows: bool
    mentions: frozenset[str] = frozenset()
    by_time: bool = False


class Segments:
    """All segments, as far as one contact is concerned.

    Parameters
    ----------
    stand
        The contact; memberships are kept there.
    see
        Gives the contact as rules see them now.
    zone
        The workspace's time zone.
    """

    def __init__(self, given: Sequence[SceneSegment], stand: Stand, see: See, *, zone: str) -> None:
        self.stand = stand
        self.see = see
        self.zone = zone
        sheets = {one.key: self._sheet(one) for one in given}
        self.order = _ordered(sheets)
        self.sheets = {key: sheets[key] for key in self.order}
        self.by_mention: dict[str, list[str]] = defaultdict(list)
        for sheet in self.sheets.values():
            if sheet.follows:
                for key in sheet.mentions | {f"segment:{sheet.key}"}:
                    self.by_mention[key].append(sheet.key)
        self.ranked = {one.key for one in given if one.top is not None}
        self.broken = [one.key for one in given if one.key not in self.sheets]
        self._turns: dict[str, datetime | None] = {}

    def _sheet(self, given: SceneSegment) -> _Sheet:
        """A rule that can't be put to use selects nobody."""
        try:
            rule = None if given.rule is None else parse(given.rule, fields=self.stand.fields)
        except RuleRefused:
            rule = None
        if rule is None:
            return _Sheet(given.key, given.kind, None, follows=False)
        follows = given.kind != "static" and given.top is None
        return _Sheet(given.key, given.kind, rule, follows, mentions(rule), depends_on_time(rule))

    @property
    def watched(self) -> frozenset[str]:
        """Keys of the flows that segments' rules ask for."""
        return frozenset(
            key.removeprefix("flow:") for key in self.by_mention if key.startswith("flow:")
        )

    def build(self, now: datetime) -> None:
        """Put the contact into the segments whose rules are true; that sets nothing off."""
        for sheet in self.sheets.values():
            if sheet.key not in self.ranked and self._is_true(sheet, now):
                self.stand.members.setdefault(sheet.key, False)
                self.stand.changed()

    def concerned(self, keys: Iterable[str]) -> set[str]:
        """The segments that touches of these keys concern."""
        found: set[str] = set()
        for key in keys:
            if key == "new:":
                return {sheet.key for sheet in self.sheets.values() if sheet.follows}
            found.update(self.by_mention.get(key, ()))
            if key.startswith("event:"):
                found.update(self.by_mention.get("event:*", ()))
        return found

    def refresh(self, concerned: set[str], now: datetime) -> list[tuple[str, str]]:
        """Ask these segments, and those that need them; returns (segment, `entered` or `left`)."""
        changes: list[tuple[str, str]] = []
        for key in self.order if concerned else ():
            if key not in concerned:
                continue
            change = self._ask(self.sheets[key], now)
            self._turns.pop(key, None)
            if change is not None:
                changes.append((key, change))
                concerned |= set(self.by_mention.get(f"segment:{key}", ()))
        return changes

    def refresh_time(self, now: datetime) -> list[tuple[str, str]]:
        """Ask the segments that the passing of time has come to."""
        passed = {key for key in self._by_time() if (at := self._turn(key, now)) and at <= now}
        return self.refresh(passed, now)

    def next_turn(self, now: datetime) -> datetime | None:
        """When time alone next changes a membership."""
        turns = [self._turn(key, now) for key in self._by_time()]
        return min((at for at in turns if at is not None), default=None)

    def by_hand(self, key: str, change: str, now: datetime) -> None:
        """Add or remove by hand: who is added is held in; who is removed is held out.

        Raises
        ------
        ValueError
            If there is no such segment.
        """
        sheet = self.sheets.get(key)
        if sheet is None:
            raise ValueError(f"there is no segment “{key}”")
        stand = self.stand
        if change == "add":
            joins = key not in stand.members
            stand.members[key] = True
            stand.held_out.discard(key)
            told = "entered" if joins else None
        else:
            told = "left" if stand.members.pop(key, None) is not None else None
            if told and sheet.kind != "static" and self._is_true(sheet, now):
                stand.held_out.add(key)
        stand.changed()
        if told is not None:
            stand.put(key, told, now)

    def _by_time(self) -> Iterable[str]:
        return (key for key, sheet in self.sheets.items() if sheet.follows and sheet.by_time)

    def _turn(self, key: str, now: datetime) -> datetime | None:
        if key not in self._turns:
            rule = self.sheets[key].rule
            assert rule is not None
            self._turns[key] = until(
                rule, self.see(), now=now, zone=self.zone, fields=self.stand.fields
            )
        return self._turns[key]

    def _ask(self, sheet: _Sheet, now: datetime) -> str | None:
        stand = self.stand
        is_true = self._is_true(sheet, now)
        member = sheet.key in stand.members
        if not is_true:
            stand.held_out.discard(sheet.key)
        if is_true and not member and sheet.key not in stand.held_out:
            stand.members[sheet.key] = False
            stand.changed()
            return "entered"
        if member and not is_true and sheet.kind == "dynamic" and not stand.members[sheet.key]:
            del stand.members[sheet.key]
            stand.changed()
            return "left"
        return None

    def _is_true(self, sheet: _Sheet, now: datetime) -> bool:
        return sheet.rule is not None and evaluate(
            sheet.rule, self.see(), now=now, zone=self.zone, fields=self.stand.fields
        )


def _ordered(sheets: Mapping[str, _Sheet]) -> list[str]:
    """The segments, each after those that it needs; those in circles select nobody."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sheets)
    for key, sheet in sheets.items():
        needed = () if sheet.rule is None else segments_needed(sheet.rule)
        graph.add_edges_from((one, key) for one in needed if one in sheets)
    circles = [part for part in nx.strongly_connected_components(graph) if len(part) > 1]
    graph.remove_nodes_from([key for part in circles for key in part])
    graph.remove_nodes_from([key for key in list(graph) if graph.has_edge(key, key)])
    return list(nx.lexicographical_topological_sort(graph))
