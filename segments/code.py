"""Segments as code: files that live in git, exported, applied and compared.

One document per segment. Files are applied all or none; segments that others need come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import networkx as nx
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.errors import MillraceError, NotFound
from common.yamltext import Document, Path, TextRefused, as_text, documents, first_fault, in_order
from segments.models import Segment
from segments.rules import RuleRefused, describe, segments_needed
from segments.rules.parsing import parse_shape
from segments.services import RuleInvalid, segment_create, segment_update

KIND: Final = "segment"
_SAID: Final = ("name", "kind", "description", "rule", "top")


class SegmentInFile(BaseModel):
    """A segment as one document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment: str = Field(min_length=1)
    name: str = Field(min_length=1)
    kind: str
    description: str = ""
    rule: Any = None
    top: Any = None


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A segment as read from a file."""

    key: str
    given: SegmentInFile
    document: Document

    @property
    def said(self) -> dict[str, Any]:
        """What the file says of the segment, by the names of its columns."""
        return {name: getattr(self.given, name) for name in _SAID}


@dataclass(frozen=True, slots=True)
class Compared:
    """How a file differs from the product: `made`, `changed` or `left`, and in words."""

    key: str
    what: str
    words: Sequence[str] = ()


def segments_export(keys: Iterable[str] = ()) -> dict[str, str]:
    """Each segment's text by its key; all of them if none is named.

    Raises
    ------
    NotFound
        If there is no segment of a key that is named.
    """
    wanted = set(keys)
    segments = Segment.objects.order_by("key")
    found = list(segments.filter(key__in=wanted) if wanted else segments)
    if missing := wanted - {segment.key for segment in found}:
        raise NotFound(f"there is no segment “{min(missing)}”")
    return {segment.key: _text(segment) for segment in found}


def _text(segment: Segment) -> str:
    document: dict[str, Any] = {KIND: segment.key, "name": segment.name, "kind": segment.kind}
    for name in ("description", "rule", "top"):
        value = getattr(segment, name)
        if value not in ("", None):
            document[name] = in_order(value)
    return as_text([document])


def segments_read(texts: Mapping[str, str]) -> list[SegmentFile]:
    """The segments in some files, by the names of these.

    Raises
    ------
    TextRefused
        With file and line, if one can't be read, or two speak of the same segment.
    """
    found: dict[str, SegmentFile] = {}
    for file, text in texts.items():
        for document in documents(text, file=file):
            one = _segment_of(document)
            if one.key in found:
                first = found[one.key].document
                raise document.refuse(
                    f"the segment “{one.key}” is in {first.file} already (line {first.line()}): "
                    "keep one"
                )
            found[one.key] = one
    return list(found.values())


def _segment_of(document: Document) -> SegmentFile:
    data = document.data
    if not isinstance(data, dict) or KIND not in data:
        other = next(iter(data)) if isinstance(data, dict) and data else "nothing"
        detail = f"a segment begins with `segment: <its key>`; this begins with {other}"
        raise document.refuse(detail)
    try:
        given = SegmentInFile.model_validate(data)
    except ValidationError as refused:
        error = first_fault(refused.errors(include_url=False))
        last = error["loc"][-1] if error["loc"] else ""
        said = {
            "extra_forbidden": f"“{last}” is not known here: leave it out, or mend its spelling",
            "missing": f"“{last}” is missing: add it",
        }.get(error["type"], f"{last}: {error['msg']}")
        raise document.refuse(said, error["loc"]) from None
    return SegmentFile(given.segment, given, document)


def segments_apply(
    files: Sequence[SegmentFile], *, dry_run: bool = False, now: datetime
) -> list[Compared]:
    """Make or change the segments in files, all or none; others are left as they are.

    Parameters
    ----------
    dry_run
        Say what would be done, and do nothing.

    Raises
    ------
    TextRefused
        With file and line, if one can't be used.
    """
    with transaction.atomic():
        done = [_apply(file, now=now) for file in _in_order(files)]
        if dry_run:
            transaction.set_rollback(True)
    return done


def segments_compare(files: Sequence[SegmentFile]) -> list[Compared]:
    """What applying the files would change, in words; nothing is done."""
    segments = Segment.objects.filter(key__in=[file.key for file in files])
    known = {segment.key: segment for segment in segments}
    return [_compare(file, known.get(file.key)) for file in files]


def _compare(file: SegmentFile, segment: Segment | None) -> Compared:
    if segment is None:
        return Compared(file.key, "made", ("There is no such segment yet: applying makes it.",))
    words: list[str] = []
    for name, value in file.said.items():
        was = getattr(segment, name)
        if was != value:
            words.append(_in_words(name, was, value))
    return Compared(file.key, "changed" if words else "left", words)


def _in_words(name: str, was: Any, now: Any) -> str:
    if name == "rule":
        said, before = (
            describe(one) if one is not None else "filled by hand" for one in (now, was)
        )
        if said == before:
            return "The rule is written otherwise and reads the same."
        return f"The rule is now: {said} (was: {before})."
    if name == "top":
        return f"Ranked: {now or 'no longer'} (was: {was or 'not'})."
    return f"The {name} is now “{now}” (was: “{was}”)."


def _apply(file: SegmentFile, *, now: datetime) -> Compared:
    segment = Segment.objects.filter(key=file.key).first()
    compared = _compare(file, segment)
    try:
        if segment is None:
            segment_create(key=file.key, now=now, **file.said)
            return Compared(file.key, "made")
        if compared.words:
            segment_update(file.key, now=now, **file.said)
    except TextRefused:
        raise
    except MillraceError as error:
        raise file.document.refuse(error.detail, _place_of(error)) from error
    return compared


def _place_of(error: MillraceError) -> Path:
    """Where in the document a refusal points to."""
    path = error.attr or ""
    if isinstance(error, RuleInvalid):
        path = ".".join(filter(None, ("rule", error.problems[0].path)))
    parts = tuple(int(part) if part.isdigit() else part for part in path.split(".") if part)
    return (KIND,) if parts == ("key",) else parts


def _in_order(files: Sequence[SegmentFile]) -> list[SegmentFile]:
    """Those that others need come first; a circle is refused when its first is saved."""
    by_key = {file.key: file for file in files}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(by_key)
    graph.add_edges_from(
        (needed, key) for key, file in by_key.items() for needed in _needed(file) & by_key.keys()
    )
    try:
        return [by_key[key] for key in nx.lexicographical_topological_sort(graph)]
    except nx.NetworkXUnfeasible:
        return list(files)


def _needed(file: SegmentFile) -> frozenset[str]:
    try:
        return segments_needed(parse_shape(file.given.rule))
    except RuleRefused:
        return frozenset()
