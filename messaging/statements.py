"""The room's named queries, with the one reason-why fragment put in where it is shared."""

from collections.abc import Mapping

from common.sql import queries


def _composed() -> Mapping[str, str]:
    found = dict(queries("messaging"))
    why = found.pop("why_withheld")
    found |= queries("messaging", "terms")
    return {name: text.replace("{why_withheld}", why) for name, text in found.items()}


SQL = _composed()
"""Query name → statement."""
