"""A flow as one document of a file, and back. No database: what is stored is plain JSON.

The document reads along the flow: each node with the ways that leave it. Written and read again it
is the same; applied and exported again, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.yamltext import Document, InLine, Path, as_text, documents, first_fault, in_order
from flows.graph import NOTE_WIDTH, Edge, Graph, Node, Note, Position, Settings, branches_of
from flows.nodes.base import NEXT

KIND: Final = "flow"
Shape = TypeVar("Shape", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeInFile(_Strict):
    """A node with the ways that leave it: `next` where there is one, `ways` by branch."""

    id: str
    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    next: str | None = None
    ways: dict[str, str] = Field(default_factory=dict)
    note: str = ""
    position: tuple[float, float] = (0.0, 0.0)


class NoteInFile(_Strict):
    """A note lying on the canvas."""

    id: str
    text: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    width: float = NOTE_WIDTH


class FlowInFile(_Strict):
    """A flow; `revision` makes applying refuse if the draft has been saved since."""

    flow: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=200)
    revision: int | None = Field(default=None, ge=1)
    settings: Settings = Field(default_factory=Settings)
    nodes: list[NodeInFile] = Field(default_factory=list)
    edges: list[Edge] = Field(default_factory=list)
    """Ways that no node can carry: two on one branch, or from nowhere. A draft may hold such."""
    notes: list[NoteInFile] = Field(default_factory=list)
    tests: list[Any] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow as read from a file."""

    key: str
    name: str
    graph: Graph
    settings: Settings
    revision: int | None
    document: Document
    tests: list[Any] = field(default_factory=list)

    def place_of(self, node: str | None) -> Path:
        """Where a node stands in the document."""
        for place, one in enumerate(self.graph.nodes):
            if one.id == node:
                return ("nodes", place)
        return ("settings",) if node is None else ()


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def flow_text(
    key: str, name: str, graph: Graph, settings: Settings, tests: Sequence[Any] = ()
) -> str:
    """A flow as the text of a file: what is not chosen is left out."""
    ways, loose = _ways(graph)
    document: dict[str, Any] = {KIND: key, "name": name}
    chosen = settings.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    if chosen:
        document["settings"] = {key: in_order(value) for key, value in chosen.items()}
    seen: set[str] = set()
    document["nodes"] = []
    for node in graph.nodes:
        document["nodes"].append(_node(node, ways.get(node.id, {}) if node.id not in seen else {}))
        seen.add(node.id)
    if loose:
        document["edges"] = [edge.model_dump() for edge in loose]
    if graph.notes:
        document["notes"] = [_note(note) for note in graph.notes]
    if tests:
        document["tests"] = [in_order(test) for test in tests]
    return as_text([document])


def _ways(graph: Graph) -> tuple[dict[str, dict[str, str]], list[Edge]]:
    """The ways by node and branch, in the order of the branches; and those that fit nowhere."""
    nodes = {node.id: node for node in reversed(graph.nodes)}
    found: dict[str, dict[str, str]] = {}
    loose: list[Edge] = []
    for edge in graph.edges:
        of_node = found.setdefault(edge.source, {})
        if edge.source not in nodes or edge.branch in of_node:
            loose.append(edge)
        else:
            of_node[edge.branch] = edge.target
    for key, of_node in found.items():
        known = branches_of(nodes[key]) or () if key in nodes else ()
        order = {branch: place for place, branch in enumerate(known)}
        found[key] = dict(
            sorted(of_node.items(), key=lambda way: (order.get(way[0], len(order)), way[0]))
        )
    return found, loose


def _node(node: Node, ways: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": node.id, "type": node.type}
    if node.config:
        row["config"] = in_order(node.config)
    if set(ways) == {NEXT}:
        row["next"] = ways[NEXT]
    elif ways:
        row["ways"] = dict(ways)
    if node.note:
        row["note"] = node.note
    if node.position != Position():
        row["position"] = _place(node.position)
    return row


def _note(note: Note) -> dict[str, Any]:
    row: dict[str, Any] = {"id": note.id, "text": note.text}
    if note.position != Position():
        row["position"] = _place(note.position)
    if note.width != NOTE_WIDTH:
        row["width"] = _short(note.width)
    return row


def _place(at: Position) -> InLine:
    return InLine(_short(number) for number in (at.x, at.y))


def _short(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def flow_files(text: str, *, file: str) -> list[FlowFile]:
    """The flows in the text of a file.

    Raises
    ------
    TextRefused
        With file, line and what to do, if there is anything in it that is no flow.
    """
    return [flow_of(document) for document in documents(text, file=file)]


def flow_of(document: Document) -> FlowFile:
    """The flow that a document speaks of.

    Raises
    ------
    TextRefused
        As `flow_files`.
    """
    data = document.data
    if not isinstance(data, dict) or KIND not in data:
        other = next(iter(data)) if isinstance(data, dict) and data else "nothing"
        raise document.refuse(f"a flow begins with `flow: <its key>`; this begins with {other}")
    given = shaped(FlowInFile, document)
    for place, node in enumerate(given.nodes):
        if node.next is not None and node.ways:
            raise document.refuse(
                "say `next` or `ways`, not both: put `next` among the `ways`",
                ("nodes", place, "ways"),
            )
    nodes = [_drawn(node, document, place) for place, node in enumerate(given.nodes)]
    notes = [_written(note, document, place) for place, note in enumerate(given.notes)]
    try:
        graph = Graph(nodes=nodes, edges=_edges(given), notes=notes)
    except ValidationError as refused:
        error = refused.errors(include_url=False)[0]
        raise document.refuse(_said(error), error["loc"][:1]) from None
    return FlowFile(
        given.flow, given.name, graph, given.settings, given.revision, document, given.tests
    )


def shaped(model: type[Shape], document: Document, path: Path = ()) -> Shape:
    """A part of a document as a model.

    Raises
    ------
    TextRefused
        With the line of the first fault.
    """
    data = document.data
    for step in path:
        data = data[step]
    try:
        return model.model_validate(data)
    except ValidationError as refused:
        error = first_fault(refused.errors(include_url=False))
        where = (*path, *error["loc"])
        raise document.refuse(_said(error), where) from None


def _said(error: Any) -> str:
    """A fault in a sentence that says what to do."""
    last = error["loc"][-1] if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"“{last}” is not known here: leave it out, or mend its spelling"
    if error["type"] == "missing":
        return f"“{last}” is missing: add it"
    where = ".".join(str(part) for part in error["loc"])
    detail = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {detail[:1].lower()}{detail[1:]}" if where else detail


def _drawn(node: NodeInFile, document: Document, place: int) -> Node:
    x, y = node.position
    try:
        return Node(
            id=node.id,
            type=node.type,
            config=node.config,
            note=node.note,
            position=Position(x=x, y=y),
        )
    except ValidationError as refused:
        error = refused.errors(include_url=False)[0]
        raise document.refuse(_said(error), ("nodes", place, *error["loc"])) from None


def _written(note: NoteInFile, document: Document, place: int) -> Note:
    x, y = note.position
    try:
        return Note(id=note.id, text=note.text, position=Position(x=x, y=y), width=note.width)
    except ValidationError as refused:
        error = refused.errors(include_url=False)[0]
        raise document.refuse(_said(error), ("notes", place, *error["loc"])) from None


def _edges(given: FlowInFile) -> list[Edge]:
    edges: list[Edge] = []
    for node in given.nodes:
        ways = {NEXT: node.next} if node.next is not None else node.ways
        edges += [
            Edge(source=node.id, target=target, branch=branch) for branch, target in ways.items()
        ]
    return [*edges, *given.edges]
