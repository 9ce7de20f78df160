"""What Liquid may say about a contact. PURE: no Django, no IO, no clock.

The names are `contact.<field>` or, for short, `<field>`; a dotted field (`company.name`) is nested.
`trigger`, `workspace`, `unsubscribe_url` and `now` are never hidden by a field so called. A field
that is known and that the contact has not is empty; only what no field is called is an error.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


def contact_values(values: Mapping[str, Any], *, known: Iterable[str]) -> dict[str, Any]:
    """Nest a contact's fields by their dots, those that are missing as None.

    Where both `company` and `company.name` are fields, the nested one is seen.

    Examples
    --------
    >>> contact_values({"plan": "pro", "company.name": "Mill"}, known=["company.size"])
    {'company': {'size': None, 'name': 'Mill'}, 'plan': 'pro'}
    """
    nested: dict[str, Any] = {}
    for key in sorted({*known, *values}, key=lambda key: (key not in known, key)):
        *path, last = key.split(".")
        place = nested
        for name in path:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = place[name] = {}
            place = inner
        if not isinstance(place.get(last), dict):
            value = values.get(key)
            place[last] = int(value) if isinstance(value, float) and value.is_integer() else value
    return nested


def context_of(
    *,
    contact: Mapping[str, Any],
    trigger: Mapping[str, Any] | None,
    now: datetime | None,
    workspace: Mapping[str, str] | None = None,
    unsubscribe_url: str = "",
) -> dict[str, Any]:
    """Return all that a template may name for one contact at one instant.

    Parameters
    ----------
    contact
        Its fields, nested (`contact_values`).
    trigger
        The properties of the event that let the visit in, if one did.
    now
        The instant that `"now" | date` speaks of.
    workspace
        `name` and `postal_address`.
    """
    return {
        **contact,
        "contact": contact,
        "trigger": trigger or {},
        "workspace": workspace or {},
        "unsubscribe_url": unsubscribe_url,
        "now": now,
    }
