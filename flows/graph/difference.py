"""What differs between two editions of a flow: as data for the canvas, and in words.

PURE: no Django, no IO. "The same step" means the same id (`flows.graph.model.Node`). Where a node
is drawn is no difference of meaning: such nodes are `moved`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from flows.graph.checks import as_digraph
from flows.graph.describing import in_words, quoted, quoted_text, setting_words
from flows.graph.model import Edge, Graph, Node, Note, Settings
from flows.graph.sentences import config_of, sentence_of
from flows.nodes import NODE_TYPES
from flows.nodes.base import NEXT, Names, plain_names

Ways = defaultdict[tuple[str, str], list[str]]
"""Source and branch → where they lead."""
HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs: a field of a node or a setting. None is what is not there."""

    field: str
    before: Any
    after: Any
    words: str


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that is in both and does not say the same. `moved`: it is drawn elsewhere, too."""

    id: str
    type: str
    before: str
    after: str
    fields: tuple[Change, ...]
    moved: bool


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A note on the canvas that is in both and reads otherwise."""

    id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All that leads from one edition to another.

    Attributes
    ----------
    added, removed
        Nodes, in the order in which contacts come to them.
    changed
        Nodes whose type, config or note differs.
    moved
        Ids of nodes that are drawn elsewhere and say the same.
    edges_added, edges_removed
        Ways that are there only after, only before.
    settings
        What differs of the settings.
    notes_added, notes_removed, notes_changed
        Notes on the canvas; one that only lies elsewhere is no difference.
    words
        All of it (but for what is only drawn elsewhere) in sentences.
    """

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()
    changed: tuple[NodeChange, ...] = ()
    moved: tuple[str, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    settings: tuple[Change, ...] = ()
    notes_added: tuple[Note, ...] = ()
    notes_removed: tuple[Note, ...] = ()
    notes_changed: tuple[NoteChange, ...] = ()
    words: tuple[str, ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)
    """The sentences of the added and removed nodes, by id."""

    @property
    def same(self) -> bool:
        """Whether nothing differs but where nodes are drawn."""
        parts = (self.added, self.removed, self.changed, self.edges_added, self.edges_removed)
        notes = (self.notes_added, self.notes_removed, self.notes_changed)
        return not (any(parts) or any(notes) or self.settings)


def difference(
    before: Graph,
    after: Graph,
    before_settings: Settings | None = None,
    after_settings: Settings | None = None,
    *,
    names: Names = plain_names,
) -> Difference:
    """What leads from one edition of a flow to another.

    Parameters
    ----------
    before, after
        Graphs; a draft may hold any fault.
    before_settings, after_settings
        The settings that go with them.
    names
        The names by which a person knows segments, templates and flows.

    Examples
    --------
    >>> hour = Node(id="w", type="wait", config={"for": "PT1H"})
    >>> day = Node(id="w", type="wait", config={"for": "P1D"})
    >>> difference(Graph(nodes=[hour]), Graph(nodes=[day])).words
    ('“Wait 1 hour” is now “Wait 1 day”.',)
    """
    old, new = _by_id(before), _by_id(after)
    gone = tuple(old[key] for key in _in_order(before) if key not in new)
    come = tuple(new[key] for key in _in_order(after) if key not in old)
    both = [(old[key], new[key]) for key in _in_order(after) if key in old]
    changed = tuple(
        NodeChange(
            now.id,
            now.type,
            sentence_of(was, names),
            sentence_of(now, names),
            fields,
            was.position != now.position,
        )
        for was, now in both
        if (fields := tuple(_fields(was, now)))
    )
    differing = {one.id for one in changed}
    edges_before, edges_after = _ways(before), _ways(after)
    settings = tuple(
        _settings(before_settings or Settings(), after_settings or Settings(), names=names)
    )
    said = _Said(before, after, names)
    ways_gone = tuple(edge for key, edge in edges_before.items() if key not in edges_after)
    ways_come = tuple(edge for key, edge in edges_after.items() if key not in edges_before)
    notes_gone, notes_come, notes_changed = _notes(before, after)
    words = (
        *(said.removed(node) for node in gone),
        *(said.added(node) for node in come),
        *(sentence for change in changed for sentence in said.changed(change)),
        *said.rewired(ways_gone, ways_come, {node.id for node in (*gone, *come)}),
        *(change.words for change in settings),
        *(f"The note {quoted_text(note.text)} is removed." for note in notes_gone),
        *(f"The note {quoted_text(note.text)} is new." for note in notes_come),
        *(
            f"The note {quoted_text(one.before)} now reads {quoted_text(one.after)}."
            for one in notes_changed
        ),
    )
    return Difference(
        added=come,
        removed=gone,
        changed=changed,
        moved=tuple(
            now.id for was, now in both if was.position != now.position and now.id not in differing
        ),
        edges_added=ways_come,
        edges_removed=ways_gone,
        settings=settings,
        notes_added=notes_come,
        notes_removed=notes_gone,
        notes_changed=notes_changed,
        words=words,
        sentences={node.id: sentence_of(node, names) for node in (*gone, *come)},
    )


def _notes(
    before: Graph, after: Graph
) -> tuple[tuple[Note, ...], tuple[Note, ...], tuple[NoteChange, ...]]:
    """The notes that are gone, that are new, and that read otherwise."""
    old = {note.id: note for note in before.notes}
    new = {note.id: note for note in after.notes}
    return (
        tuple(note for note in before.notes if note.id not in new),
        tuple(note for note in after.notes if note.id not in old),
        tuple(
            NoteChange(note.id, old[note.id].text, note.text)
            for note in after.notes
            if note.id in old and old[note.id].text != note.text
        ),
    )


def _by_id(graph: Graph) -> dict[str, Node]:
    """The nodes by id; of two that share one, the first."""
    return {node.id: node for node in reversed(graph.nodes)}


def _in_order(graph: Graph) -> list[str]:
    """The ids in the order in which contacts come to them; nodes of one loop as they are drawn."""
    place = {node.id: number for number, node in enumerate(graph.nodes)}
    whole = nx.condensation(as_digraph(graph))
    members: dict[int, set[str]] = nx.get_node_attributes(whole, "members")
    order = nx.lexicographical_topological_sort(
        whole, key=lambda knot: min(place[member] for member in members[knot])
    )
    return [key for knot in order for key in sorted(members[knot], key=place.__getitem__)]


def _ways(graph: Graph) -> dict[tuple[str, str, str], Edge]:
    return {(edge.source, edge.branch, edge.target): edge for edge in graph.edges}


def _ways_into(graph: Graph, key: str) -> int:
    return sum(edge.target == key for edge in graph.edges)


def _fields(was: Node, now: Node) -> Iterator[Change]:
    if was.type != now.type:
        yield _change("type", was.type, now.type)
    old, new = config_of(was), config_of(now)
    for key in dict.fromkeys((*new, *old)):
        if old.get(key) != new.get(key):
            yield _change(key, _shown(was, key, old.get(key)), _shown(now, key, new.get(key)))
    if was.note != now.note:
        yield _change("note", was.note or None, now.note or None)


def _shown(node: Node, key: str, value: Any) -> Any:
    """A value as everybody may see it: of secrets only what they are called."""
    node_type = NODE_TYPES.get(node.type)
    if node_type is None or key not in node_type.secrets or not isinstance(value, dict):
        return value
    return dict.fromkeys(value, HIDDEN)


def _change(key: str, before: Any, after: Any) -> Change:
    if before is None:
        words = f"{key}: {in_words(after)}, which was not there"
    elif after is None:
        words = f"{key}: no longer {in_words(before)}"
    elif before == after:
        words = f"{key}: another secret"
    else:
        words = f"{key}: {in_words(before)} → {in_words(after)}"
    return Change(key, before, after, words)


class _Said:
    """The sentences of a difference."""

    def __init__(self, before: Graph, after: Graph, names: Names) -> None:
        self.before, self.after, self.names = before, after, names
        self.was, self.now = _by_id(before), _by_id(after)

    def called(self, key: str, nodes: Mapping[str, Node]) -> str:
        """A step as a person knows it: its sentence."""
        node = nodes.get(key)
        return quoted(sentence_of(node, self.names) if node else key)

    def removed(self, node: Node) -> str:
        return f"{self.called(node.id, self.was)} is removed{self._between(node, self.before)}."

    def added(self, node: Node) -> str:
        return f"{self.called(node.id, self.now)} is new{self._between(node, self.after)}."

    def _between(self, node: Node, graph: Graph) -> str:
        nodes = _by_id(graph)
        before = [edge.source for edge in graph.edges if edge.target == node.id]
        after = [edge.target for edge in graph.edges if edge.source == node.id]
        if len(before) == len(after) == 1:
            return f", between {self.called(before[0], nodes)} and {self.called(after[0], nodes)}"
        if len(before) == 1:
            return f", after {self.called(before[0], nodes)}"
        if not before and after:
            return f", before {self.called(after[0], nodes)}"
        return ""

    def changed(self, change: NodeChange) -> Iterator[str]:
        """What the sentence says, if it does; else the fields."""
        rest = [one for one in change.fields if one.field != "type"]
        noted = [one for one in rest if one.field == "note"]
        values = [one for one in rest if one.field != "note"]
        if change.before != change.after:
            yield f"{quoted(change.before)} is now {quoted(change.after)}."
        elif values or len(rest) < len(change.fields):
            said = "; ".join(one.words for one in values or change.fields)
            yield f"{quoted(change.after)} is changed: {said}."
        for one in noted:
            yield f"{quoted(change.after)} has another {one.words}."

    def rewired(self, gone: Iterable[Edge], come: Iterable[Edge], known: set[str]) -> Iterator[str]:
        """The ways between steps that are in both; those of new and removed steps go with these."""
        old: Ways = defaultdict(list)
        new: Ways = defaultdict(list)
        for edges, ways in ((gone, old), (come, new)):
            for edge in edges:
                ways[edge.source, edge.branch].append(edge.target)
        for source, branch in dict.fromkeys((*old, *new)):
            left, leads = old[source, branch], new[source, branch]
            if source in known or self._is_told(left, leads):
                continue
            if left and leads:
                yield (
                    f"{self._way(source, branch)} leads to {self._all(leads, self.now)} instead of "
                    f"{self._all(left, self.was)}."
                )
            elif leads:
                yield f"{self._way(source, branch)} leads to {self._all(leads, self.now)}."
            else:
                yield f"{self._way(source, branch)} no longer leads to {self._all(left, self.was)}."

    def _is_told(self, left: Sequence[str], leads: Sequence[str]) -> bool:
        """Whether the place of a step tells it: one put in between, or at an end."""
        if not leads:
            return (
                len(left) == 1
                and left[0] in self.was
                and left[0] not in self.now
                and _ways_into(self.before, left[0]) == 1
            )
        if (
            len(leads) > 1
            or leads[0] not in self.now
            or leads[0] in self.was
            or _ways_into(self.after, leads[0]) > 1
        ):
            return False
        flow = as_digraph(self.after)
        return all(target in flow and nx.has_path(flow, leads[0], target) for target in left)

    def _way(self, source: str, branch: str) -> str:
        start = self.called(source, self.now if source in self.now else self.was)
        return start if branch == NEXT else f"{start}, by “{branch}”,"

    def _all(self, keys: Iterable[str], nodes: Mapping[str, Node]) -> str:
        return " and ".join(self.called(key, nodes) for key in keys)


def _settings(before: Settings, after: Settings, *, names: Names) -> Iterator[Change]:
    old, new = (
        one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in (before, after)
    )
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Change(key, old.get(key), new.get(key), setting_words(key, old, new, names))
