"""Segments as text that lives in git: exported as YAML, applied from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import networkx as nx
import yaml
from django.db import transaction

from common.errors import NotFound, Refused
from segments.models import Segment
from segments.rules import RuleRefused, segments_needed
from segments.rules.parsing import parse_shape
from segments.services import segment_create, segment_update

_KEYS = ("key", "name", "kind", "description", "rule", "top")


def segments_export(keys: Iterable[str] = ()) -> str:
    """Return segments as YAML, all of them if none is named.

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
    rows = [{name: getattr(segment, name) for name in _KEYS} for segment in found]
    return yaml.safe_dump({"segments": rows}, sort_keys=False, allow_unicode=True)


@transaction.atomic
def segments_apply(text: str, *, now: datetime) -> dict[str, str]:
    """Make or change the segments in a YAML text, all or none; others are left as they are.

    Returns
    -------
    dict
        By key, what was done: `made`, `changed` or `left`.

    Raises
    ------
    Refused
        If the text can't be read, or a segment can't be used.
    """
    return {row["key"]: _apply(row, now=now) for row in _in_order(_read(text))}


def _read(text: str) -> list[dict[str, Any]]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refused(f"this is not YAML: {error}") from None
    rows = data.get("segments") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise Refused("there is no list `segments` in this")
    for row in rows:
        if not isinstance(row, dict) or not {"key", "name", "kind"} <= row.keys() <= set(_KEYS):
            raise Refused(f"a segment has {', '.join(_KEYS)}; this has not: {row!r:.200}")
    return rows


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that others need come first; a circle is refused when its first is saved."""
    by_key = {row["key"]: row for row in rows}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(by_key)
    graph.add_edges_from(
        (needed, key) for key, row in by_key.items() for needed in _needed(row) & by_key.keys()
    )
    try:
        return [by_key[key] for key in nx.lexicographical_topological_sort(graph)]
    except nx.NetworkXUnfeasible:
        return rows


def _needed(row: dict[str, Any]) -> frozenset[str]:
    try:
        return segments_needed(parse_shape(row.get("rule")))
    except RuleRefused:
        return frozenset()


def _apply(row: dict[str, Any], *, now: datetime) -> str:
    given = {"description": "", "rule": None, "top": None, **row}
    key = given.pop("key")
    segment = Segment.objects.filter(key=key).first()
    if segment is None:
        segment_create(key=key, now=now, **given)
        return "made"
    if all(getattr(segment, name) == value for name, value in given.items()):
        return "left"
    segment_update(key, now=now, **given)
    return "changed"
