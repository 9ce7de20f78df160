"""Membership in another segment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from segments.rules.base import Condition, Name
from segments.rules.turning import Turn
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter


class SegmentCondition(Condition):
    """Whether the contact is a member of a segment now."""

    type: Literal["segment"]
    segment: Name
    op: Literal["in", "not_in"]

    def sql(self, to: SqlWriter) -> str:
        member, segment = to.alias("m"), to.alias("s")
        key = to.value(self.segment, "text")
        there = to.exists(
            f"SELECT FROM membership {member} WHERE {member}.lane = c.lane "
            f"AND {member}.contact_id = c.id AND {member}.segment_id = "
            f"(SELECT {segment}.id FROM segment {segment} WHERE {segment}.key = {key})"
        )
        return there if self.op == "in" else f"NOT {there}"

    def holds(self, view: View) -> bool:
        return (self.segment in view.contact.segments) is (self.op == "in")

    def words(self) -> str:
        return f"is {'in' if self.op == 'in' else 'not in'} segment {self.segment}"

    def mentions(self) -> Iterable[str]:
        yield f"segment:{self.segment}"

    def turns(self, view: View) -> Iterator[Turn]:
        for at, member, said in view.contact.ahead.get(self.segment, ()):
            if member is None:
                yield Turn(at, None, "")
            else:
                verb = "join" if member else "leave"
                is_true = member is (self.op == "in")
                yield Turn(at, is_true, f"they {verb} {self.segment}, as {said}")

    def saw(self, view: View) -> Mapping[str, Any]:
        return {"value": self.segment in view.contact.segments}
