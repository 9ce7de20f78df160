"""Figures over a contact's rows, asked of everybody in one pass. Pure."""

from __future__ import annotations


def grouped_sql(groups: str, having: str, *, of_none: bool) -> str:
    """Return the condition that a figure over a contact's rows fulfils, for everybody at once.

    Parameters
    ----------
    groups
        `SELECT contact_id … GROUP BY contact_id` over the rows that matter.
    having
        The condition on the figure.
    of_none
        Whether it is true of who has no such rows: then those others are asked for, and negated.
    """
    if of_none:
        return f"(c.id NOT IN ({groups} HAVING NOT coalesce({having}, false)))"
    return f"(c.id IN ({groups} HAVING coalesce({having}, false)))"
