"""Groups: all, any, not, everyone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SerializeAsAny, WithJsonSchema

from segments.rules.base import Condition, Group
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

Inner = Annotated[SerializeAsAny[Condition], WithJsonSchema({"title": "InnerRule"})]
"""An inner rule: `parse` builds it by its own type, and `schema` makes it refer to the union."""


class All(Group):
    """True when every inner rule is true."""

    type: Literal["all"]
    rules: Annotated[tuple[Inner, ...], Field(min_length=1)]

    def parts(self) -> tuple[tuple[str, Condition], ...]:
        return tuple((f"rules.{index}", rule) for index, rule in enumerate(self.rules))

    def sql(self, to: SqlWriter) -> str:
        return f"({' AND '.join(rule.sql(to) for rule in self.rules)})"

    def combined(self, answers: Iterable[bool]) -> bool:
        return all(answers)

    def without_events(self) -> bool | None:
        answers = {rule.without_events() for rule in self.rules}
        return False if False in answers else (None if None in answers else True)

    def words(self) -> str:
        return " and ".join(_held_together(rule) for rule in self.rules)


class Any_(Group):  # noqa: N801 - `Any` is typing's
    """True when at least one inner rule is true."""

    type: Literal["any"]
    rules: Annotated[tuple[Inner, ...], Field(min_length=1)]

    def parts(self) -> tuple[tuple[str, Condition], ...]:
        return tuple((f"rules.{index}", rule) for index, rule in enumerate(self.rules))

    def sql(self, to: SqlWriter) -> str:
        return f"({' OR '.join(rule.sql(to) for rule in self.rules)})"

    def combined(self, answers: Iterable[bool]) -> bool:
        return any(answers)

    def without_events(self) -> bool | None:
        answers = {rule.without_events() for rule in self.rules}
        return True if True in answers else (None if None in answers else False)

    def words(self) -> str:
        return " or ".join(_held_together(rule) for rule in self.rules)


class Not(Group):
    """True when the inner rule is false."""

    type: Literal["not"]
    rule: Inner

    def parts(self) -> tuple[tuple[str, Condition], ...]:
        return (("rule", self.rule),)

    def sql(self, to: SqlWriter) -> str:
        return f"NOT ({self.rule.sql(to)})"

    def combined(self, answers: Iterable[bool]) -> bool:
        return not all(answers)

    def without_events(self) -> bool | None:
        answer = self.rule.without_events()
        return None if answer is None else not answer

    def words(self) -> str:
        return f"not ({self.rule.words()})"


class Everyone(Condition):
    """Always true."""

    type: Literal["everyone"]

    def sql(self, to: SqlWriter) -> str:
        return "true"

    def holds(self, view: View) -> bool:
        return True

    def without_events(self) -> bool | None:
        return True

    def words(self) -> str:
        return "is anyone"


def _held_together(rule: Condition) -> str:
    """Put an inner group of several in brackets, so that "and" and "or" can't be mixed up."""
    several = isinstance(rule, All | Any_) and len(rule.rules) > 1
    return f"({rule.words()})" if several else rule.words()
