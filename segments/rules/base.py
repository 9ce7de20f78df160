"""The base of every condition: what a file in `conditions/` has to say about its kind.

A condition is a frozen pydantic model with a literal `type`, and knows how to check itself, how to
be SQL, how to be true of plain data, and how to be said. Pure: no Django, no IO.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from common.clock import parse_instant
from common.durations import parse_duration
from segments.rules.errors import Problem
from segments.rules.passing import Slice
from segments.rules.turning import Moment, Turn, turns_asked
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter

LONGEST_TEXT = 1_000
"""Characters in one text of a rule."""

MOST_VALUES = 1_000
"""Values in one list of a rule."""


def _storable(text: str) -> str:
    """Refuse what PostgreSQL can't hold in a text: NUL and halves of surrogate pairs."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("this text has a character that can't be stored")
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _instant(text: str) -> str:
    parse_instant(text)
    return text


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_storable)]
ANY_ACTIVITY = "*"
"""Stands for the name of any event that is an activity of the contact's own."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_storable)]
Duration = Annotated[str, StringConstraints(max_length=60), AfterValidator(_duration)]
Instant = Annotated[str, StringConstraints(max_length=60), AfterValidator(_instant)]


class Part(BaseModel):
    """A piece of a rule: frozen, and nothing in it that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Check:
    """What a condition is checked against: the fields there are, and whether it is in a flow."""

    fields: Mapping[str, str]
    in_flow: bool = False


class Condition(Part):
    """One condition or group. Subclasses declare `type: Literal["…"]` and register themselves."""

    in_flow_only: ClassVar[bool] = False
    """Whether the condition has a meaning only for a visit of a flow."""

    def parts(self) -> tuple[tuple[str, Condition], ...]:
        """Return the inner rules, each with its place (`rules.0`); a condition has none."""
        return ()

    def faults(self, check: Check) -> Iterator[Problem]:
        """Yield what the shape alone can't tell: unknown fields, values of the wrong type."""
        yield from ()

    @abstractmethod
    def sql(self, to: SqlWriter) -> str:
        """Return a boolean SQL expression over `c` (and `w` in a flow) that is never NULL."""

    @abstractmethod
    def holds(self, view: View) -> bool:
        """Whether the condition is true of this contact now."""

    @abstractmethod
    def words(self) -> str:
        """Return the condition as part of a sentence that begins with the contact: "did …"."""

    def mentions(self) -> Iterable[str]:
        """Return the touch keys that may change the answer."""
        return ()

    def depends_on_time(self) -> bool:
        """Whether the passing of time alone may change the answer."""
        return False

    def without_events(self) -> bool | None:
        """Return the answer for whoever has no event; None if other data decide it."""
        return None

    def slices(self) -> Iterable[Slice]:
        """Return the moving ends of windows over rows that an index keeps in time's order."""
        return ()

    def next_edges(self, to: SqlWriter) -> Iterable[str]:
        """Return, as SQL over `c`, instants at which time alone may change the answer.

        For what `slices` does not tell. Each is a timestamptz or NULL; what is not after now is
        left out by whoever asks, so a subquery of several rows must choose by `after_now`.
        """
        return ()

    def moments(self, view: View) -> Iterable[Moment]:
        """Return the instants, in any order, at which time alone may change the answer."""
        return ()

    def turns(self, view: View) -> Iterator[Turn]:
        """Yield, in order, the instants after now at which time alone does change the answer."""
        return turns_asked(self.holds, self.moments(view), view)

    def saw(self, view: View) -> Mapping[str, Any]:
        """Return the data the condition looked at, for a person to read."""
        return {}


class Group(Condition):
    """A condition whose answer is made of those of its parts alone."""

    @abstractmethod
    def combined(self, answers: Iterable[bool]) -> bool:
        """Return the answer, given those of `parts` in their order."""

    def holds(self, view: View) -> bool:
        """Ask the parts, no more of them than it takes."""
        return self.combined(rule.holds(view) for _, rule in self.parts())


Rule = Condition
"""A rule is a condition: a group, or a single one."""
