"""Filters of the list of contacts that rooms downstream register, from their AppConfig.ready().

So `segments` lets `/api/contacts/?segment=vip` be asked, and nothing here knows of segments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from contacts.models import Contact

Narrow = Callable[[QuerySet[Contact], str], QuerySet[Contact]]
"""Contacts, and what is asked for: those of them that fit."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: how it narrows the list, and what it says of itself in the API's document."""

    narrow: Narrow
    description: str


FILTERS: Final[dict[str, Filter]] = {}
"""By the name of the query's parameter."""


def register_filter(name: str, narrow: Narrow, *, description: str) -> None:
    """Let the list of contacts be narrowed by a parameter."""
    FILTERS[name] = Filter(narrow, description)


def filtered(contacts: QuerySet[Contact], wanted: Mapping[str, str]) -> QuerySet[Contact]:
    """Narrow contacts by registered filters; an empty wish narrows nothing."""
    for name, value in wanted.items():
        if value:
            contacts = FILTERS[name].narrow(contacts, value)
    return contacts
