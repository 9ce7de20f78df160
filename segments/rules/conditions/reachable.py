"""Whether e-mail can reach the contact. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from segments.rules.base import Condition
from segments.rules.values import View, is_missing

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

SOFT_BOUNCES = 4
"""So many soft bounces since the last delivery count as a hard one."""


class ReachableCondition(Condition):
    """An address is there, and nothing stands in the way of sending to it."""

    type: Literal["reachable"]
    channel: Literal["email"]

    def sql(self, to: SqlWriter) -> str:
        return (
            "(coalesce(c.email, '') <> '' AND c.unsubscribed_at IS NULL "
            "AND c.complained_at IS NULL AND c.hard_bounced_at IS NULL "
            f"AND c.soft_bounces < {SOFT_BOUNCES})"
        )

    def holds(self, view: View) -> bool:
        return not any(self._obstacles(view))

    def _obstacles(self, view: View) -> Iterable[str]:
        reach = view.contact.reach
        if is_missing(view.contact.fields.get("email")):
            yield "has no address"
        if reach.unsubscribed:
            yield "has unsubscribed from everything"
        if reach.complained:
            yield "has complained"
        if reach.hard_bounced:
            yield "the address has bounced"
        if reach.soft_bounces >= SOFT_BOUNCES:
            yield f"the address has bounced softly {reach.soft_bounces} times"

    def words(self) -> str:
        return "can be reached by e-mail"

    def mentions(self) -> Iterable[str]:
        yield "reach:"
        yield "field:email"

    def saw(self, view: View) -> Mapping[str, Any]:
        return {"value": ", ".join(self._obstacles(view)) or "nothing stands in the way"}
