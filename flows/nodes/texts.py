"""Texts with Liquid in configs: what is wrong in them, and what of them can be stored. PURE."""

from __future__ import annotations

from collections.abc import Iterator

from messaging.rendering import source_fault


def is_liquid(text: str) -> bool:
    """Whether a text has anything to be rendered."""
    return "{{" in text or "{%" in text


def liquid_fault(field: str, text: str, before: str = "") -> Iterator[tuple[str, str, str]]:
    """The fault of a text as it is written, as `NodeType.faults` says it.

    Examples
    --------
    >>> list(liquid_fault("text", "Hi {{ first_name"))
    [('text', 'liquid', "Line 1: '{{' is never closed")]
    """
    fault = source_fault(text) if is_liquid(text) else None
    if fault is not None:
        yield field, fault.code, f"{before}{fault.sentence}"


def storable(text: str) -> str:
    """A rendered text without what PostgreSQL refuses."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
