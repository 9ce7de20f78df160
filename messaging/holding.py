"""Flows of which nothing may go out for now: whoever is inside is being taken out of them.

Their messages and calls stay as they are until each has been called off with its visit, or may go
out again because its visit had ended before. `flows` says which these are.
"""

from collections.abc import Callable

_sources: list[Callable[[], list[str]]] = []


def register_holding(source: Callable[[], list[str]]) -> None:
    """Add a function that gives the keys of such flows."""
    _sources.append(source)


def flows_held() -> list[str]:
    """The keys of all such flows now."""
    return [key for source in _sources for key in source()]
