"""The catalogue: every segment compiled, with an index of which rule mentions what.

Made anew only when a segment or a field has changed; the state is one small read. Circles are
refused when a segment is saved; should there be one all the same, its segments select nobody.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx
from django.db import connection

from common.sql import queries
from contacts.store import IMPORTED
from segments.models import Segment
from segments.rules import (
    NOBODY,
    Compiled,
    RuleRefused,
    awaits_events,
    compile_rule,
    depends_on_time,
    mentions,
    parse,
    segments_needed,
)

SQL = queries("segments")

NEW_IMPORTED = f"new:{IMPORTED}"
"""The key of the touch of a contact that an import has created."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveSegment:
    """A segment with its rule compiled; its parameters are named after its id."""

    id: int
    key: str
    edition: str
    kind: str
    compiled: Compiled
    mentions: frozenset[str] = frozenset()
    by_time: bool = False
    awaits_events: bool = False
    """Whether nobody fulfils the rule who has no event (`segments.rules.awaits_events`)."""
    top: Mapping[str, Any] | None = None
    building: bool = False
    """Whether a build is under way (`segments.builds`)."""

    @property
    def follows_rule(self) -> bool:
        """Whether the rule is asked again when something changes; not of a ranked segment."""
        return self.kind != Segment.Kind.STATIC and self.top is None

    @property
    def holds_out(self) -> bool:
        """Whether who is removed by hand is kept out while the rule is true."""
        return self.kind != Segment.Kind.STATIC

    @property
    def leaves(self) -> bool:
        """Whether the rule takes contacts out."""
        return self.kind == Segment.Kind.DYNAMIC


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All segments.

    Attributes
    ----------
    generations
        Ids of the segments that follow their rules; each generation needs only earlier ones.
    keys
        The keys of all segments.
    by_mention
        Touch key → ids of the segments to ask again. A segment's own key is among its own.
    """

    zone: str = "UTC"
    fields: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[int, LiveSegment] = field(default_factory=dict)
    generations: Sequence[Sequence[int]] = ()
    by_mention: Mapping[str, Sequence[int]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    def concerned(self, key: str) -> Sequence[int]:
        """Return the ids of the segments that a touch of this key concerns."""
        if key in ("new:", NEW_IMPORTED):
            everything = [one for generation in self.generations for one in generation]
            if key == "new:":
                return everything
            # Whoever an import has created has no event, and each that comes is a touch of its own.
            return [one for one in everything if not self.segments[one].awaits_events]
        found = self.by_mention.get(key, ())
        if key.startswith("event:") and key != "event:*":
            return [*found, *self.by_mention.get("event:*", ())]
        return found

    def moved_by_time(self) -> list[LiveSegment]:
        """Return the segments that time alone can change."""
        return [one for one in self.segments.values() if one.by_time and one.follows_rule]

    def by_key(self, key: str) -> LiveSegment | None:
        """Return a segment by its key; None if there is none."""
        return next((one for one in self.segments.values() if one.key == key), None)


_kept: tuple[tuple[Any, ...], Catalogue] = ((), Catalogue())


def catalogue() -> Catalogue:
    """Return the catalogue as of now, compiled anew if anything in it has changed."""
    global _kept  # noqa: PLW0603 - one immutable value per process, replaced as a whole
    with connection.cursor() as cursor:
        cursor.execute(SQL["state"])
        zone, fields, editions = cursor.fetchone() or ("UTC", {}, [])
        fields = json.loads(fields) if isinstance(fields, str) else fields
        state = (zone, tuple(sorted(fields.items())), tuple(editions))
        if _kept[0] != state:
            cursor.execute(SQL["all_segments"])
            _kept = (state, _compiled(zone or "UTC", fields, cursor.fetchall(), _kept[1]))
    return _kept[1]


def _compiled(
    zone: str,
    fields: Mapping[str, str],
    rows: Sequence[tuple[int, str, str, str, bool, Any, Any]],
    known: Catalogue,
) -> Catalogue:
    """Compile what has been edited; what has not is taken over from the catalogue known so far."""
    segments = {}
    for segment_id, key, edition, kind, building, rule, top in rows:
        live = known.segments.get(segment_id)
        if live is None or live.edition != edition or known.fields != fields:
            live = _live(segment_id, key, edition, _loaded(rule), fields)
        segments[segment_id] = replace(live, kind=kind, building=building, top=_loaded(top))
    order = _order(segments.values())
    by_mention: dict[str, list[int]] = defaultdict(list)
    for generation in order:
        for one in generation:
            for key in segments[one].mentions | {f"segment:{segments[one].key}"}:
                by_mention[key].append(one)
    keys = frozenset(one.key for one in segments.values())
    return Catalogue(zone, fields, segments, order, dict(by_mention), keys)


def _loaded(column: Any) -> Any:
    return json.loads(column) if isinstance(column, str) else column


def _live(
    segment_id: int, key: str, edition: str, rule: Any, fields: Mapping[str, str]
) -> LiveSegment:
    """A rule that can't be put to use (any more) selects nobody (law 2)."""
    try:
        parsed = None if rule is None else parse(rule, fields=fields)
    except RuleRefused:
        parsed = None
    if parsed is None:
        return LiveSegment(segment_id, key, edition, Segment.Kind.STATIC, NOBODY)
    compiled = compile_rule(parsed, fields=fields, prefix=f"s{segment_id}")
    return LiveSegment(
        segment_id,
        key,
        edition,
        Segment.Kind.STATIC,
        compiled,
        mentions(parsed),
        depends_on_time(parsed),
        awaits_events(parsed),
    )


def _order(segments: Any) -> list[list[int]]:
    live = {one.key: one for one in segments if one.follows_rule}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(live)
    graph.add_edges_from(
        (needed, key)
        for key, one in live.items()
        for needed in (m.removeprefix("segment:") for m in one.mentions)
        if needed in live
    )
    circles = [part for part in nx.strongly_connected_components(graph) if len(part) > 1]
    graph.remove_nodes_from([key for part in circles for key in part])
    graph.remove_nodes_from([key for key in list(graph) if graph.has_edge(key, key)])
    return [[live[key].id for key in sorted(part)] for part in nx.topological_generations(graph)]


def circle_closed_by(key: str, rule: Any, others: Mapping[str, Any]) -> list[str]:
    """Return the keys on a circle that this segment's rule would close; [] if there is none.

    Parameters
    ----------
    key
        The segment that is being saved.
    rule
        Its parsed rule.
    others
        The parsed rules of all other segments by key.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, parsed in {**others, key: rule}.items():
        graph.add_edges_from((name, needed) for needed in segments_needed(parsed))
    if key not in graph:
        return []
    try:
        return [edge[0] for edge in nx.find_cycle(graph, key)]
    except nx.NetworkXNoCycle:
        return []
