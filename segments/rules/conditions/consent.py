"""What the contact chose for a topic. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from segments.rules.base import Condition, Name
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

_WORDS = {
    "subscribed": "is subscribed to",
    "unsubscribed": "has unsubscribed from",
    "unknown": "has not chosen about",
}


class ConsentCondition(Condition):
    """Whether the contact is subscribed, unsubscribed, or has never said."""

    type: Literal["consent"]
    topic: Name
    op: Literal["subscribed", "unsubscribed", "unknown"]

    def sql(self, to: SqlWriter) -> str:
        consent = to.alias("o")
        chosen = (
            f"SELECT FROM consent {consent} WHERE {consent}.lane = c.lane "
            f"AND {consent}.contact_id = c.id AND {consent}.topic = {to.value(self.topic, 'text')}"
        )
        if self.op == "unknown":
            return f"NOT {to.exists(chosen)}"
        return to.exists(f"{chosen} AND {consent}.state = '{self.op}'")

    def holds(self, view: View) -> bool:
        return view.contact.consents.get(self.topic, "unknown") == self.op

    def words(self) -> str:
        return f"{_WORDS[self.op]} {self.topic}"

    def mentions(self) -> Iterable[str]:
        yield f"consent:{self.topic}"

    def saw(self, view: View) -> Mapping[str, Any]:
        return {"value": view.contact.consents.get(self.topic, "unknown")}
